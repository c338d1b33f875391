"""Words of the dossier: figures, facts and what happened, as the templates take them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import dossier
from diguan.enterprises.web.capabilities.words import kind_title
from diguan.kernel import clocks, money, periods
from diguan.kernel.declare import verb_words
from diguan.kernel.facts.series import FactSeries, Point, Standing, Told
from diguan.kernel.shell import deliverers, language, source_name
from diguan.kernel.templatetags.diguan import WEEKDAYS, quantity

KEY_FACTS = 8
MILLION = 100_000_000  # fen
RECENT = 8
_RESULTS = {"enterprise_created", "delivered", "enterprises_imported", "capability_verified"}
_ICONS = {"delivered": "database", "enterprise_created": "plus", "enterprises_imported": "file-import", "enterprise_changed": "edit",
          "title_added": "certificate", "title_withdrawn": "certificate", "contact_changed": "phone", "contact_revealed": "eye",
          "capability_claimed": "plus", "capability_changed": "edit", "capability_verified": "circle-check", "capability_rejected": "circle-x",
          "capability_withdrawn": "circle-minus", "capabilities_imported": "file-import"}


def period_words(text: str) -> str:
    """A period as people write it: 2026-08 stays, a year gets its word."""
    return _("%(year)s 年") % {"year": text} if len(text) == 4 and text.isdigit() else text


# ── figures ──────────────────────────────────────────────────────────────────
def figure(one: dossier.Figure, url: str) -> dict[str, Any]:
    """A tile of the strip."""
    label = one.fact.spec.label(language())
    if one.state == "absent":
        return {"label": label, "figure": _("无记录"), "note": _("已确认没有"), "url": url}
    if one.num is None:
        return {"label": label, "state": "unknown", "note": _("没人告诉过我们"), "url": url}
    words, unit = _amount(one.num) if one.fact.spec.type == "money" else str(quantity(one.num, one.fact.spec.unit)).partition(" ")[::2]
    return {"label": format_html('{} <span class="dg-nowrap dg-3">{}</span>', label, _stretch(one)), "figure": words, "unit": unit, "note": " · ".join(_about(one)), "url": url}


def _amount(fen: int) -> tuple[str, str]:
    """Figure and unit of a tile: English has no ten thousands, so from a million on it counts in millions."""
    if language() == "zh":
        return money.figure(fen)
    if abs(fen) < MILLION:
        return money.digits(Decimal(fen) / 100, 0), "yuan"
    return money.digits(Decimal(fen) / MILLION, 2), "million yuan"


def _stretch(one: dossier.Figure) -> str:
    """The months a figure covers: 2026 年 1–10 月, or one month."""
    if one.kind == "stock" or one.first == one.last:
        return one.last
    return _("%(year)s 年 1–%(month)s 月") % {"year": one.last[:4], "month": int(one.last[5:])}


def _about(one: dossier.Figure) -> list[str]:
    found = []
    if one.change is not None:
        found.append(_("同比 %(change)s") % {"change": signed(one.change)})
    if one.gaps:
        found.append(_("缺 %(n)s 个月") % {"n": one.gaps})
    return [*found, source_name(one.source)] if one.source else found


def signed(basis_points: int) -> str:
    """A change in basis points as a signed percentage of one decimal.

    >>> signed(1260), signed(-573), signed(0)
    ('+12.6%', '−5.7%', '0.0%')
    """
    tenths = (abs(basis_points) + 5) // 10
    sign = "" if not tenths else "+" if basis_points > 0 else "−"
    return f"{sign}{tenths // 10}.{tenths % 10}%"


# ── facts ────────────────────────────────────────────────────────────────────
def fact_line(row: Enterprise, one: FactSeries) -> dict[str, Any]:
    """One fact in the table: how it stands, its trend, its source, and what others say of the same period."""
    standing = one.standing
    used = standing.point.used if standing.point else None
    return {
        "title": one.spec.label(language()), "url": reverse("enterprises:fact", args=[row.uscc, one.spec.name]), "state": standing.state,
        "num": used.num if used else None, "text": used.text if used else None, "unit": one.spec.unit, "period": period_words(standing.period),
        "trend": [num for _period, num in one.trend(dossier.TREND)] if one.spec.numeric and len(one.points) > 1 else [],
        "source": source_name(used.source) if used else _owed(one, standing), "delivered": used.delivered_at if used else None,
        "others": [{"source": source_name(told.source), "num": told.num, "text": told.text, "state": told.state, "unit": one.spec.unit}
                   for told in _others(standing.point)],
        "said": standing.state == "absent" and not used,
    }


def _owed(one: FactSeries, standing: Standing) -> str:
    names = "、".join(deliverers(one.spec))
    if standing.state == "absent":
        return names
    return _("应由%(source)s交付") % {"source": names} if names else "—"


def _others(point: Point | None) -> list[Told]:
    """What other sources say that differs from the value used."""
    if point is None:
        return []
    used = point.used
    return [told for told in point.told if told.current and (told.state, told.num, told.text) != (used.state, used.num, used.text)]


def key_facts(found: Iterable[FactSeries]) -> list[FactSeries]:
    """The facts of the overview: where sources disagree now, then what is known, those of the strip before others."""
    first = (*dossier.FLOWS, *dossier.STOCKS)
    return sorted(found, key=lambda one: (not _others(one.standing.point), one.standing.state == "unknown", one.spec.name not in first))[:KEY_FACTS]


def fact_rows(one: FactSeries) -> list[dict[str, Any]]:
    """Every period, newest first, with everything told of it.

    A period of a complete delivery without it is absent; one between others of which nobody has told us is ``missing``.
    """
    told = {point.period: point for point in one.points}
    known = {*told, *one.whole}
    return [{"period": period_words(period), "lines": _lines(told.get(period), one.spec.unit), "missing": period not in known}
            for period in sorted(known | _between(known, one.spec.period), reverse=True)]


def _between(known: set[str], kind: str) -> set[str]:
    """Every period of the fact's kind from the first known to the last; none for days, which are no series."""
    if kind == "day" or not known:
        return set()
    spans = [periods.parse(text) for text in known]
    return {period.text for period in periods.within(min(span.start for span in spans), max(span.end for span in spans), kind)}


def _lines(point: Point | None, unit: str) -> list[dict[str, Any]]:
    if point is None:
        return []
    used = point.used
    stands = {told.source: _said(told) for told in point.told if told.current}
    return [{"told": told, "unit": unit, "source": source_name(told.source), "used": told is used or told == used, "old": not told.current,
             "same": not told.current and stands.get(told.source) == _said(told), "differs": told.current and _said(told) != _said(used)} for told in point.told]


def _said(told: Told) -> tuple[str, int | None, str | None]:
    return (told.state, told.num, told.text)


# ── timeline ─────────────────────────────────────────────────────────────────
def entries(found: Iterable[dossier.Happened]) -> list[dict[str, Any]]:
    """What happened, as the timeline takes it."""
    return [_entry(each) for each in found]


def _entry(each: dossier.Happened) -> dict[str, Any]:
    if each.verb == "delivered":
        return _arrived(each)
    what, note = str(verb_words(each.verb)), [_changes(each), each.who]
    if each.reason:
        note.append(_("理由：%(reason)s") % {"reason": each.reason})
    return {"when": when(each.at), "what": what, "note": " · ".join(filter(None, note)), "icon": _ICONS.get(each.verb, "history"),
            "result": each.verb in _RESULTS}


def _arrived(each: dossier.Happened) -> dict[str, Any]:
    """What one source delivered on one day."""
    first, last, count = (each.after or {}).get("first", ""), (each.after or {}).get("last", ""), (each.after or {}).get("batches", 1)
    stretch = first if first == last else _("%(first)s 至 %(last)s") % {"first": first, "last": last}
    note = stretch if count == 1 else _("%(stretch)s，%(n)s 批") % {"stretch": stretch, "n": count}
    return {"when": when(each.at), "what": _("%(who)s报来数据") % {"who": source_name(each.who)}, "note": note, "icon": "database", "result": True}


def when(at: dt.datetime) -> str:
    """An instant as a day: today with its hour, this year with its weekday, else the date."""
    local, today = at.astimezone(clocks.COUNTY_TIME), clocks.today()
    if local.date() == today:
        return _("今天 %(time)s") % {"time": f"{local:%H:%M}"}
    if local.year == today.year and language() == "zh":
        return f"{local:%m-%d} 周{WEEKDAYS[local.weekday()]}"
    return f"{local:%Y-%m-%d}"


def _changes(each: dossier.Happened) -> str:
    """What changed, in the words of the fields; people's names and numbers are never in it."""
    before, after = each.before or {}, each.after or {}
    if each.verb == "capabilities_imported":
        counted = Counter(kind_title(kind) for kind in after.get("claims", []))
        return "、".join(f"{title} {count}" for title, count in counted.items())
    if each.verb.startswith("capability_"):
        return str(after.get("name") or "")
    if each.verb not in ("enterprise_changed", "enterprises_imported"):
        return str(after.get("title") or after.get("former_name") or before.get("title") or "")
    return "；".join(_one(name, before.get(name), value) for name, value in after.items())


def _one(name: str, before: Any, after: Any) -> str:
    label = {"former_names": _("曾用名"), "titles": _("荣誉资质"), "contact": _("联系人"), "legal_representative": _("法定代表人")}.get(name)
    if label:
        return label
    field = str(getattr(Enterprise._meta.get_field(name), "verbose_name", name))
    if name == "registered_capital_fen":
        before, after = (money.words(one, get_language() or "zh") if one is not None else "—" for one in (before, after))
    return f"{field} {before or '—'} → {after or '—'}"
