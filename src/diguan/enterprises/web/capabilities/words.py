"""Words of claims: their details, their state, one line of what each says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _

from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.kernel import clocks, money, packs
from diguan.kernel.sheets.declare import Column
from diguan.kernel.shell import language

# How each state looks; the day decides which of them it is.
LOOKS = {"verified": "ok", "claimed": "warn", "expired": "mute", "rejected": "bad", "withdrawn": "mute"}


def states() -> list[tuple[str, str]]:
    """The states a claim can be in on a day, in the order they are offered."""
    return [("verified", _("已核实")), ("claimed", _("待核实")), ("expired", _("已过期")), ("rejected", _("已驳回")), ("withdrawn", _("已撤回"))]


def status_of(row: Capability) -> tuple[str, str]:
    """The state of a claim today: how it looks and its word."""
    standing = row.standing(clocks.today())
    return (LOOKS[standing], dict(states())[standing])


def kind_title(name: str) -> str:
    """A kind in the page's language."""
    return kinds.KINDS[name].title.text(language())


def word(stored: str) -> str:
    """A stored choice in the page's language."""
    return kinds.WORDS[stored].text(language()) if stored in kinds.WORDS else stored


def label(column: Column) -> str:
    """A column in the page's language, its unit behind it."""
    unit = {"%": "%", "台": ""}.get(column.unit, column.unit)
    return f"{column.label(language())}（{unit}）" if unit and language() == "zh" else f"{column.label(language())} ({unit})" if unit else column.label(language())


later_label = lazy(lambda name: kinds.COLUMNS[name].label(language()), str)
"""A column by its name, in the language of the page that is being made."""


def country(code: str) -> str:
    """A country or region in the page's language; the code itself where the list no longer has it."""
    name = packs.countries().get(code)
    return name.text(language()) if name else code


def joined(found: list[str]) -> str:
    """Several words in one line."""
    return ("、" if language() == "zh" else ", ").join(found)


def figure(number: int) -> str:
    """A whole number with thousands commas."""
    return money.digits(Decimal(number), 0)


def percent(basis_points: int) -> str:
    """A share without zeros behind: 11%, 11.5%."""
    return f"{(Decimal(basis_points) / 100).normalize():f}%"


def amount(number: int, unit: str) -> str:
    """A daily figure in its unit: 30,000 只/日."""
    return _("%(number)s %(unit)s/日") % {"number": figure(number), "unit": word(unit)}


def detail(name: str, value: Any) -> str:
    """One detail as a page shows it."""
    column = kinds.COLUMNS[name]
    if name == "countries":
        return joined([country(code) for code in value])
    if column.unit == "%":
        return percent(value)
    if name == "count":
        return _("%(n)s 台") % {"n": figure(value)}
    if name == "year":
        return str(value)
    if column.type == "number":
        return figure(value)
    return word(value) if column.type == "choice" else str(value)


def details(row: Capability) -> list[tuple[str, str]]:
    """Label and words of every detail, in the order declared; a number that has a unit says so."""
    found = [(name, row.details[name]) for name in _columns(row) if name in row.details]
    unit = row.details.get("unit", "")
    return [(kinds.COLUMNS[name].label(language()), amount(value, unit) if name in ("daily_capacity", "daily_output") and unit else detail(name, value))
            for name, value in found if name != "unit"]


def _columns(row: Capability) -> list[str]:
    return [column.name for column in kinds.KINDS[row.kind].columns]


def _share(told: Mapping[str, Any]) -> str:
    parts = [percent(told["share"]), told["market"], str(told["year"]), told["statistics"]]
    return " · ".join([*parts, word(told["basis"])] if told.get("basis") else parts)


_SUMMARIES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "product": lambda told: f"{amount(told['daily_capacity'], told['unit'])} · {told['category']}",
    "market": lambda told: _("%(n)s 个国家和地区") % {"n": len(told["countries"])},
    "share": _share,
    "brand": lambda told: told.get("registration", ""),
    "honour": lambda told: word(told["level"]),
    "standard": lambda told: f"{told['number']} · {word(told['role'])}",
    "joint_rd": lambda told: f"{told['partner']} · {told['result']}",
    "robot": lambda told: _("%(n)s 台") % {"n": figure(told["count"])},
    "clean": lambda told: f"{word(told['clean_level'])} · {told['audit_date']}",
    "core_task": lambda told: word(told["level"]),
}


def summary(row: Capability) -> str:
    """What the claim says, in one line."""
    return _SUMMARIES[row.kind](row.details)


def ends(row: Capability) -> str:
    """How long a claim that holds still does, where it ends."""
    if row.valid_until is None:
        return _("长期")
    left = (row.valid_until - clocks.today()).days
    return _("%(day)s（还有 %(n)s 天）") % {"day": row.valid_until, "n": left} if 0 <= left <= 90 and row.state == "verified" else str(row.valid_until)


def in_file(row: Capability, name: str) -> Any:
    """A detail as the import takes it back: figures as figures, shares in per cent, words in Chinese."""
    value = row.details.get(name)
    column = kinds.COLUMNS[name]
    if value is None:
        return None
    if name == "countries":
        return "、".join(packs.countries()[code].zh if code in packs.countries() else code for code in value)
    if column.unit == "%":
        return f"{(Decimal(value) / 100).normalize():f}"
    if column.type == "date":
        return dt.date.fromisoformat(value)
    return kinds.WORDS[value].zh if column.type == "choice" else value
