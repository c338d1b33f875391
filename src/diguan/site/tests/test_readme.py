"""What both READMEs say of the demo's accounts is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diguan.site.demo.accounts import ACCOUNTS

ROOT = Path(__file__).resolve().parents[4]
WORDS = {20: ("all twenty", "二十个账号")}
"""How many there are, in words: a new account is to be written here and into both."""


@pytest.mark.parametrize(("file", "at"), [("README.md", 0), ("README.zh.md", 1)])
def test_every_account_is_named_and_they_are_counted(file: str, at: int) -> None:
    text = (ROOT / file).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([a-z0-9]+)`", "\n".join(rows))) == sorted(ACCOUNTS)
    assert WORDS[len(ACCOUNTS)][at] in text
