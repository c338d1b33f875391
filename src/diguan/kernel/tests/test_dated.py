"""Dated terms: which holds on a day, and what cannot be used is named with file and line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from diguan.kernel import dated, packs
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError

GOOD: dict[str, Any] = {"effective_from": dt.date(2026, 1, 1), "source": {"zh": "文", "en": "text"}}


def read(where: str, entry: Entry) -> Dated:
    return Dated(*dated.span(where, entry, ("days",)))


def test_of_several_the_one_that_began_last_holds_and_before_the_first_none() -> None:
    old = Dated(dt.date(2024, 1, 1), dt.date(2024, 12, 31), Message("", ""), True)
    new = Dated(dt.date(2025, 1, 1), None, Message("", ""), True)
    assert dated.in_force([old, new], dt.date(2024, 6, 1)) is old
    assert dated.in_force([old, new], dt.date(2025, 6, 1)) is new
    assert dated.in_force([old, new], dt.date(2023, 6, 1)) is None


@pytest.mark.parametrize(("wrong", "says"), [({"day": 3}, "days"), ({"effective_from": "soon"}, "effective_from"), ({"effective_to": dt.date(2025, 1, 1)}, "effective_to"), ({"source": {"zh": "文"}}, "source")])
def test_an_entry_that_cannot_be_used_says_where_and_what(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(PackError) as refused:
        read("terms.yaml:7", GOOD | wrong)
    assert "terms.yaml:7" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize("wrong", [0, 11, True, "5", None, 1.5])
def test_a_number_is_whole_and_within_bounds(wrong: object) -> None:
    assert dated.number("a.yaml:1", {"days": 5}, "days", 1, 10) == 5
    with pytest.raises(PackError, match="days"):
        dated.number("a.yaml:1", {"days": wrong}, "days", 1, 10)


def test_the_last_pack_that_has_the_file_replaces_it_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, days in (("one", ("2026-07-01", "2026-01-01")), ("two", ("2027-01-01",))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "terms.yaml").write_text("".join(f"- {{effective_from: {day}, source: {{zh: 文, en: text}}}}\n" for day in days), "utf-8")
    monkeypatch.setattr(packs, "files", lambda name: iter([tmp_path / "one" / name]))
    assert [one.effective_from.month for one in dated.known("terms.yaml", read)] == [1, 7]
    monkeypatch.setattr(packs, "files", lambda name: iter([tmp_path / part / name for part in ("one", "two")]))
    assert [one.effective_from.year for one in dated.known("terms.yaml", read)] == [2027]
