"""Files brought as proof: what they are by their first bytes, how large they may be, what they may be called."""

from __future__ import annotations

import unicodedata

from diguan.kernel.messages import Message

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def file_type(content: bytes) -> str:
    """The type of a proof by its first bytes; empty where it is none of those taken.

    >>> file_type(b"%PDF-1.7 ..."), file_type(b"<html>")
    ('application/pdf', '')
    """
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), "")


def proof_problem(content: bytes) -> Message | None:
    """What is wrong with a file brought as proof."""
    if not content:
        return Message("凭证文件是空的", "the file is empty")
    if len(content) > MOST_BYTES:
        return Message(f"凭证文件太大：最多 {MOST_BYTES // MEGABYTE} 兆", f"the file is too large: at most {MOST_BYTES // MEGABYTE} MB")
    if not file_type(content):
        return Message("凭证只收 PDF、JPG、PNG 文件", "proof is a PDF, JPG or PNG file")
    return None


def tidy_file_name(name: str) -> str:
    """The last part of a file's name, without what no name should hold."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in plain if letter.isprintable() and letter not in '"<>|:*?')[-120:] or "proof"
