"""A paper of the demo: one page that any reader opens, with one line that says it is synthetic."""

from __future__ import annotations


def pdf(words: str) -> bytes:
    """A PDF of one page with a line of Latin letters.

    >>> pdf("Notice")[:8], pdf("Notice").endswith(b"%%EOF")
    (b'%PDF-1.4', True)
    """
    text = f"BT /F 14 Tf 72 770 Td ({''.join(letter if 32 <= ord(letter) < 127 and letter not in '()' else ' ' for letter in words)}) Tj ET"
    parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F 4 0 R >> >> >>",
             b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", f"<< /Length {len(text)} >>\nstream\n{text}\nendstream".encode()]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return body + f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF".encode()
