"""Check, or rebuild, the committed front-end files that vendor.toml lists.

``python scripts/vendor.py``            every file has its recorded sha256, or a list of those that do not (exit 1)
``python scripts/vendor.py --rebuild``  pack each npm package at its version, write the files and the hashes
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "vendor.toml"
# The mark of the house stands in the same sprite, so a page asks for one file.
LOGO = (
    '<symbol id="logo" viewBox="0 0 24 24"><path class="dg-drop" d="M12 2c3.6 4.3 6.6 7.8 6.6 12a6.6 6.6 0 0 1-13.2 0'
    'C5.4 9.8 8.4 6.3 12 2z"/><path class="dg-leaf" fill="none" stroke-width="1.6" stroke-linecap="round" '
    'd="M12 9v9.5M8.3 12h7.400M8.3 15.200h7.400"/></symbol>'
)


def outputs() -> list[dict[str, Any]]:
    """Every committed file of the list, with its package beside it."""
    packages = tomllib.loads(LIST.read_text(encoding="utf-8"))["package"]
    return [
        {**item, "package": package}
        for package in packages
        for item in [*package.get("file", []), *package.get("sprite", [])]
    ]


def wrong_files() -> list[str]:
    """Files that are missing or whose bytes are not those that were recorded."""
    found = []
    for item in outputs():
        path = ROOT / item["to"]
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != item["sha256"]:
            found.append(item["to"])
    return found


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """Unpack one npm package at its exact version with the machine's own npm client."""
    name = f"{package['name']}@{package['version']}"
    packed = subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True)
    target = folder / re.sub(r"\W+", "-", name)
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(folder: Path, icons: list[str]) -> bytes:
    """One SVG of symbols; strokes come from the style sheet, so both themes share it."""
    symbols = [LOGO]
    for name in sorted(icons):
        body = re.search(r"<svg[^>]*>(.*)</svg>", (folder / f"{name}.svg").read_text(encoding="utf-8"), re.S)
        if body is None:
            raise SystemExit(f"{name}: not an icon")
        paths = re.sub(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "", body.group(1))
        inner = re.sub(r"\s*\n\s*", "", paths).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def rebuild() -> None:
    """Write every file of the list from its package, then its hash into the list."""
    text = LIST.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        unpacked: dict[str, Path] = {}
        for item in outputs():
            package = item["package"]
            source = unpacked.setdefault(package["name"], Path()) or Path()
            if source == Path():
                source = unpacked[package["name"]] = fetch(package, Path(temporary))
            path = source / item["from"]
            content = sprite(path, item["icons"]) if "icons" in item else path.read_bytes()
            content = content.replace(item.get("drop", "").encode() or b"\0", b"")
            target = ROOT / item["to"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            recorded = re.compile(rf'(to = "{re.escape(item["to"])}"\n(?:drop = .*\n)?sha256 = )"[0-9a-f]*"')
            text = recorded.sub(rf'\g<1>"{hashlib.sha256(content).hexdigest()}"', text)
    LIST.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--rebuild" in sys.argv[1:]:
        rebuild()
    wrong = wrong_files()
    for name in wrong:
        print(f"{name}: not the recorded file 与记录的不是同一个文件")
    sys.exit(1 if wrong else 0)
