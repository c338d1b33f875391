"""The committed front-end files are those vendor.toml names, byte for byte, under licences we may pass on."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.tree import ROOT

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
    there = {path for folder in root.glob("**/vendor") if ".venv" not in folder.parts for path in folder.iterdir() if path.is_file()}
    return wrong + [f"{path.relative_to(root)}: not listed in vendor.toml" for path in sorted(there - known)]


def test_vendored_files_are_the_recorded_ones() -> None:
    assert vendored_faults(ROOT, tomllib.loads((ROOT / "vendor.toml").read_text())) == []


def test_a_planted_change_a_planted_file_and_a_planted_licence_are_named(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.js").write_text("changed")
    (tmp_path / "vendor" / "b.js").write_text("strange")
    listed = {"package": [{"name": "a", "licence": "GPL-3.0", "file": [{"to": "vendor/a.js", "sha256": "0" * 64}]}]}
    assert vendored_faults(tmp_path, listed) == [
        "a: licence GPL-3.0", "vendor/a.js: missing or not the recorded bytes", "vendor/b.js: not listed in vendor.toml"]
