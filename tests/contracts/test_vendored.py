"""The committed front-end files are those vendor.toml names, byte for byte, under licences we may pass on."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.tree import ROOT, SOURCE

pytestmark = pytest.mark.one_database

FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Apache-2.0", "OFL-1.1", "MPL-2.0"}


def vendored_faults(root: Path, listed: Mapping[str, Any]) -> list[str]:
    """Packages under another licence, files missing, changed, or committed without being listed."""
    wrong, known = [], set()
    for package in listed["package"]:
        if package["licence"].removesuffix(" (test only)") not in FREE:
            wrong.append(f"{package['name']}: licence {package['licence']}")
        for item in (*package.get("file", []), *package.get("sprite", [])):
            known.add(path := root / item["to"])
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != item["sha256"]:
                wrong.append(f"{item['to']}: missing or not the recorded bytes")
    made = {root / ".venv", root / "data"}  # what installing and running leave behind is no part of the tree
    there = {path for folder in root.glob("**/vendor") if not made & {*folder.parents} for path in folder.iterdir() if path.is_file()}
    return wrong + [f"{path.relative_to(root)}: not listed in vendor.toml" for path in sorted(there - known)]


def test_vendored_files_are_the_recorded_ones() -> None:
    assert vendored_faults(ROOT, tomllib.loads((ROOT / "vendor.toml").read_text())) == []


def test_what_a_running_demo_collects_is_not_the_trees(tmp_path: Path) -> None:
    (tmp_path / "data/static/kernel/vendor").mkdir(parents=True)
    (tmp_path / "data/static/kernel/vendor/a.js").write_text("collected")
    assert vendored_faults(tmp_path, {"package": []}) == []


def test_a_planted_change_a_planted_file_and_a_planted_licence_are_named(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.js").write_text("changed")
    (tmp_path / "vendor" / "b.js").write_text("strange")
    listed = {"package": [{"name": "a", "licence": "GPL-3.0", "file": [{"to": "vendor/a.js", "sha256": "0" * 64}]}]}
    assert vendored_faults(tmp_path, listed) == [
        "a: licence GPL-3.0", "vendor/a.js: missing or not the recorded bytes", "vendor/b.js: not listed in vendor.toml"]


FETCHED = re.compile(r"""url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)|sourceMappingURL=(\S+)""")


def fetched_from_outside(root: Path) -> list[str]:
    """What our style sheets and scripts would have a browser fetch from another house, or that is not there."""
    wrong = []
    for path in sorted((*root.rglob("static/**/*.css"), *root.rglob("static/**/*.js"))):
        for found in FETCHED.finditer(path.read_text(encoding="utf-8")):
            target = next(filter(None, found.groups()))
            if not target.startswith(("data:", "#")) and not (path.parent / target).exists():
                wrong.append(f"{path.relative_to(root).as_posix()}: {target}")
    return wrong


def test_style_sheets_and_scripts_fetch_nothing_from_outside() -> None:
    assert fetched_from_outside(SOURCE) == []


def test_a_planted_font_from_elsewhere_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "kernel/static/kernel"
    folder.mkdir(parents=True)
    (folder / "app.css").write_text('@import url("here.css");\n@font-face {src: url(//fonts.example/a.woff2)}\np {fill: url(#dg); mask: url("data:x")}\n')
    (folder / "here.css").write_text('@import "https://cdn.example/b.css";\n/*# sourceMappingURL=here.css.map */\n')
    assert fetched_from_outside(tmp_path) == [
        "kernel/static/kernel/app.css: //fonts.example/a.woff2", "kernel/static/kernel/here.css: https://cdn.example/b.css",
        "kernel/static/kernel/here.css: here.css.map"]
