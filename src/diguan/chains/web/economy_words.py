"""How figures of the regional economy are said: as estimates, in three figures at most, with their band and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from diguan.chains.engine.basis import COUNTY, NATION, PROVINCE, Basis
from diguan.chains.queries.economy import Economy
from diguan.chains.queries.economy_files import fen_per
from diguan.kernel import money
from diguan.kernel.shell import language

KINDS = {"value_added": gettext_lazy("增加值"), "jobs": gettext_lazy("就业"), "tax": gettext_lazy("税收"), "income": gettext_lazy("劳动者报酬"), "output": gettext_lazy("总产出")}
PHASES = {"construction": gettext_lazy("建设期（一次性）"), "operation": gettext_lazy("运营期（每年）")}
LEVELS = {NATION: gettext_lazy("全国"), PROVINCE: gettext_lazy("全省"), COUNTY: gettext_lazy("本县")}
PROXIES = {"开票销售": gettext_lazy("开票销售"), "从业人员": gettext_lazy("从业人员")}
PER = 10_000_000_000
"""Jobs are said per 亿元."""


def rounded(value: float, digits: int = 3) -> float:
    """To so many figures.

    >>> rounded(123456.0), rounded(0.0012345), rounded(0.0)
    (123000.0, 0.00123, 0.0)
    """
    if not math.isfinite(value) or value == 0:
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def ratio(value: float) -> str:
    """A multiplier or share of one, to two places."""
    return "—" if not math.isfinite(value) else f"{value:.2f}".replace("-", "−")


def count(value: float) -> str:
    """Persons and the like."""
    return "—" if not math.isfinite(value) else f"{round(rounded(value)):,}"


def share(value: float, places: int = 1) -> str:
    """A share as a percentage."""
    return "—" if not math.isfinite(value) else f"{value * 100:.{places}f}%"


def amount(fen: float) -> str:
    """An estimated amount, in three figures."""
    return money.words(round(rounded(fen)), get_language() or "zh")


def tabs() -> list[tuple[str, str, str]]:
    """The pages of the regional economy."""
    return [("economy", _("乘数"), reverse("chains:economy")), ("estimates", _("项目和文旅的估计"), reverse("chains:estimates")), ("location", _("产业集聚"), reverse("chains:location")),
            ("tables", _("表和本县的数"), reverse("chains:economy_tables")), ("known", _("怎么知道的"), reverse("chains:how_known"))]


def of_kind(kind: str, value: float) -> str:
    """A figure of a kind: persons or money."""
    return _("{n} 人").format(n=count(value)) if kind == "jobs" else amount(value)


def band(kind: str, ends: Sequence[float]) -> dict[str, str]:
    """The middle, and the range where there is one."""
    low, mid, high = ends
    if kind == "jobs":
        return {"mid": of_kind(kind, mid), "range": f"{count(low)}–{count(high)}" if count(low) != count(high) else ""}
    ends_ = (round(rounded(low)), round(rounded(high)))
    return {"mid": of_kind(kind, mid), "range": money.span(*ends_, get_language() or "zh") if ends_[0] != ends_[1] else ""}


def basis(of: Basis) -> dict[str, Any]:
    """What stands under figures, and the warnings that stand above them."""
    said = spoken(of)
    return {"caption": said.caption(language()), **_warned([each.text(language()) for each in said.warnings()]), "example": of.example}


def _warned(warnings: Sequence[str]) -> dict[str, Any]:
    """The first in bold, the rest behind it."""
    return {"warnings": list(warnings), "first": warnings[0] if warnings else "", "rest": " ".join(warnings[1:])}


def spoken(of: Basis) -> Basis:
    """The same with its proxy in the page's language."""
    return replace(of, proxy=str(PROXIES.get(of.proxy, of.proxy)))


def kept(of: Mapping[str, Any]) -> dict[str, Any]:
    """As :func:`basis`, of a kept estimate."""
    said = of["zh" if language().startswith("zh") else "en"]
    return {"caption": said["caption"], **_warned(said["warnings"]), "example": of["example"], "rows": said["rows"]}


# ── the page of multipliers ──────────────────────────────────────────────────
def lines(economy: Economy) -> list[dict[str, Any]]:
    """One line a sector: multipliers with their bands, linkages, and what its loss would cost."""
    first, second = economy.effects("output"), economy.effects("output", closed=True)
    per = {kind: economy.effects(kind) for kind in ("value_added", "jobs", "tax", "income")}
    back, ahead, loss = economy.linkages.backward, economy.linkages.forward, economy.extraction.share
    order = sorted(range(len(loss)), key=lambda at: -loss[at])
    ranks = {at: rank for rank, at in enumerate(order, 1)}
    assert first is not None
    return [{
        "code": code, "name": economy.table.names[at], "here": bool(economy.local[at] > 0), "first": _ends(first, at), "second": _ends(second, at), "national": ratio(float(economy.national[at])),
        **{kind: _per(economy, kind, found, at) for kind, found in per.items()}, "backward": ratio(float(back[at])), "forward": ratio(float(ahead[at])),
        "loss": share(float(loss[at])), "rank": ranks[at], "asked": economy.firms.get(code, 0), "bought": share(economy.shares[code], 0) if code in economy.shares else "",
    } for at, code in enumerate(economy.table.codes)]


def _ends(found: Any, at: int) -> dict[str, str] | None:
    if found is None:
        return None
    low, mid, high = (ratio(float(each)) for each in found[:, at])
    return {"mid": mid, "range": f"{low}–{high}" if low != high else ""}


def _per(economy: Economy, kind: str, found: Any, at: int) -> dict[str, str] | None:
    if found is None:
        return None
    if kind != "jobs":
        return _ends(found, at)
    low, mid, high = (count(float(each) * per_jobs(economy)) for each in found[:, at])
    return {"mid": mid, "range": f"{low}–{high}" if low != high else ""}


def per_jobs(economy: Economy) -> float:
    """How many units of the table's money jobs are said per: 1 亿元, or one unit of what cannot be turned into it."""
    unit = fen_per(economy.table.basis.unit)
    return PER / unit if unit else 1.0


def per_word(economy: Economy) -> str:
    """Of what."""
    return _("每亿元") if fen_per(economy.table.basis.unit) else _("每 1 {unit}").format(unit=economy.table.basis.unit)


def mean(economy: Economy) -> dict[str, Any]:
    """The county's multiplier, sectors weighed by local output; beside it the one of the table as it is."""
    weights = economy.local / economy.local.sum()
    first, second = economy.effects("output"), economy.effects("output", closed=True)
    assert first is not None
    low, mid, high = sorted(float(each) for each in first @ weights)
    raw = float(economy.national @ weights)
    two = sorted(float(each) for each in second @ weights) if second is not None else None
    return {"mid": ratio(mid), "range": f"{ratio(low)}–{ratio(high)}" if ratio(low) != ratio(high) else "", "raw": ratio(raw), "over": share(raw / mid - 1, 0) if mid else "", "over_any": raw > mid * 1.005,
            "two": {"mid": ratio(two[1]), "range": f"{ratio(two[0])}–{ratio(two[2])}" if ratio(two[0]) != ratio(two[2]) else ""} if two else None}
