"""The words and marks of every page. ``{% load diguan %}``; the guide to them is docs/add-a-module."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diguan.kernel import access, clocks, money, pictures, units
from diguan.kernel.declare import panels_on

register = template.Library()

# One icon for each kind of status; a word of the guide's list has its own.
KIND_ICONS = {"ok": "circle-check", "warn": "clock", "bad": "alert-triangle", "unknown": "help-circle",
              "mute": "circle-minus", "accent": "progress"}
WORD_ICONS = {"差一步": "stairs-up", "One step short": "stairs-up", "等对方": "hourglass", "Waiting on them": "hourglass",
              "依法暂停": "player-pause", "Clock paused by law": "player-pause", "可以移动": "lock-open", "免申即享": "bolt",
              "Paid without application": "bolt", "历法未公布，暂估": "calendar-question", "不符合": "circle-x", "Not met": "circle-x"}
WEEKDAYS = "一二三四五六日"
_CHINESE = re.compile(r"[\u4e00-\u9fff][\u2010-\u201f\u3001-\u303f\u4e00-\u9fff\uff00-\uffef\d]*")


def _zh() -> bool:
    return (get_language() or "zh").startswith("zh")


# ── marks ─────────────────────────────────────────────────────────────────
@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; hidden from readers unless it has a label."""
    return _icon(static("kernel/icons.svg"), name, size, str(label))


@functools.lru_cache(maxsize=1024)
def _icon(sprite: str, name: str, size: str, label: str) -> SafeString:
    where = f"{sprite}#{name}"
    classes = "dg-icon dg-icon-sm" if size == "sm" else "dg-icon"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, where)
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', classes, where)


@register.simple_tag
def logo() -> SafeString:
    """The mark of the house: a drop."""
    where = f"{static('kernel/icons.svg')}#logo"
    return format_html('<svg class="dg-logo" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', where)


@register.simple_tag
def status(kind: str, word: Any, icon_name: str = "") -> SafeString:
    """A status: icon, word and tint. ``kind`` is ok, warn, bad, unknown, mute or accent."""
    name = icon_name or WORD_ICONS.get(str(word)) or KIND_ICONS.get(kind, "circle-minus")
    return format_html('<span class="dg-st dg-st-{}">{}{}</span>', kind, icon(name, size="sm"), told(word))


@register.simple_tag
def address(url_name: str, *args: Any, **kwargs: Any) -> str:
    """An address by name, or nothing where that room is not installed."""
    try:
        return reverse(url_name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


# ── words ─────────────────────────────────────────────────────────────────
@register.filter
def told(text: Any) -> Any:
    """A text of the data: on an English page its Chinese is marked as Chinese, for readers and for the choice of letters."""
    if _zh() or text is None or hasattr(text, "__html__"):
        return text
    return mark_safe(_CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', conditional_escape(text)))  # noqa: S308  # escaped the word before


@register.filter
def message(text: Any) -> str:
    """A two-language sentence in the page's language."""
    return str(text.text(get_language() or "zh")) if hasattr(text, "text") else str(text)


@register.filter
def money_words(fen: Any, unit: str | None = None) -> Any:
    """Fen in words, the exact amount in the tooltip; None stays an em dash."""
    if fen is None or fen == "":
        return "—"
    words = money.words(int(fen), get_language() or "zh", unit)
    return format_html('<span class="dg-nowrap" title="{} {}">{}</span>', money.exact(int(fen)), _("元"), words)


register.filter("money", money_words)


@register.filter
def money_range(low: Any, high: Any) -> str:
    """Two amounts of fen as one range."""
    if low is None or high is None:
        return "—"
    return money.span(int(low), int(high), get_language() or "zh")


@register.filter
def percent_bp(basis_points: Any) -> str:
    """Basis points as a percentage."""
    return "—" if basis_points is None or basis_points == "" else money.percent(int(basis_points))


@register.filter
def number(value: Any) -> str:
    """A whole or decimal number with thousands commas and a true minus."""
    return "—" if value is None or value == "" else money.digits(Decimal(str(value)), 4)


def unbroken(words: Callable[[Any], str]) -> Callable[[Any], SafeString]:
    """A filter whose words stay on one line: a date is not divided at its hyphens."""
    return lambda value: format_html('<span class="dg-nowrap">{}</span>', words(value))


def day(value: Any) -> str:
    """A day as 2026-11-27."""
    return _as_day(value).isoformat() if value else "—"


def near_day(value: Any) -> str:
    """A day near today, with its weekday: 11-27（周五）."""
    if not value:
        return "—"
    date = _as_day(value)
    if not _zh():
        return f"{formats.date_format(date, 'D')} {date:%m-%d}"
    return f"{date:%m-%d}（周{WEEKDAYS[date.weekday()]}）"


def moment(value: Any) -> str:
    """An instant in the county's time, to the minute."""
    return f"{value.astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}" if value else "—"


for _words in (day, moment):
    register.filter(_words.__name__, unbroken(_words))


def _as_day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.astimezone(clocks.COUNTY_TIME).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


@register.simple_tag
def value(fact: Any = None, num: Any = None, text: Any = None, unit: str = "", state: str = "value") -> Any:
    """A fact's value in one of its three kinds: a number or word, 无记录, or 未知.

    ``fact`` is anything with ``state``, ``num``, ``text`` and ``unit`` (object or mapping), or None for unknown.
    """
    if fact is not None:
        read = fact.get if isinstance(fact, Mapping) else lambda key, default=None: getattr(fact, key, default)
        state, num, text, unit = read("state", "value"), read("num"), read("text"), read("unit", "") or ""
    if state == "absent":
        return format_html('<span class="dg-absent">{}</span>', _("无记录"))
    if state != "value" or (num is None and text in (None, "")):
        return status("unknown", _("未知"))
    return quantity(num, unit) if num is not None else told(text)


def quantity(num: int, unit: str) -> Any:
    """A stored integer in its own unit, in words."""
    if unit == "元":
        return money_words(num)
    if unit == "%":
        return money.percent(num)
    if unit in ("date", "day", "日期"):
        return (dt.date(1970, 1, 1) + dt.timedelta(days=num)).isoformat()
    if unit in ("bool", "是否"):
        return _("是") if num else _("否")
    figure = money.digits(Decimal(num) / units.scale_of(unit), 4)
    known = units.UNITS.get(unit)
    name = unit if _zh() or known is None else known.name_en
    return f"{figure} {name}".strip()


@register.filter
def cell(content: Any, kind: str) -> Any:
    """What a cell of a list shows, by the kind of its column."""
    show = CELLS.get(kind)
    return told(content or "—") if show is None else show(content)


CELLS: dict[str, Callable[[Any], Any]] = {"money": money_words, "percent": percent_bp, "number": number, "amount": unbroken(told), "day": day, "moment": moment,
                                          "status": lambda told: status(*told), "fact": value}


# ── pictures ──────────────────────────────────────────────────────────────
@register.inclusion_tag("kernel/parts/funnel_bar.html")
def funnel_bar(yes: int, unknown: int, total: int, out: int | None = None) -> dict[str, Any]:
    """A clause's bar: solid yes, hatched unknown, empty out, out of ``total``."""
    return {"yes": yes, "unknown": unknown, "out": total - yes - unknown if out is None else out,
            "solid": pictures.span(0, yes, total), "hatched": pictures.span(yes, unknown, total)}


@register.inclusion_tag("kernel/parts/range_bar.html")
def range_bar(low: int, high: int, budget: int | None = None, more: int = 0) -> dict[str, Any]:
    """Money from low to high (fen), hatched between, against a budget; with ``more`` the high end is only a least one."""
    whole = max(high, budget or 0, 1) * 108 / 100
    share = 100 * budget / whole if budget else 0
    return {"low": low, "high": high, "more": more, "budget": budget, "solid": pictures.span(0, low, whole),
            "hatched": pictures.span(low, high - low, whole), "at": f"{share:.2f}%", "over": bool(budget and high > budget),
            "over_low": bool(budget and low > budget), "excess": high - (budget or 0),
            "anchor": "start" if share < 15 else "end" if share > 85 else "middle"}


@register.inclusion_tag("kernel/parts/sparkline.html")
def sparkline(points: Sequence[float | int | None], label: str = "") -> dict[str, Any]:
    """A trend line; None is a gap."""
    return {"trend": pictures.trend(list(points)), "label": label}


@register.inclusion_tag("kernel/parts/chart.html")
def chart(drawn: pictures.Chart, title: str) -> dict[str, Any]:
    """A line chart (``pictures.chart``) with its unit, and its numbers as a table."""
    return {"chart": drawn, "title": title}


@register.inclusion_tag("kernel/parts/bars.html")
def bars(drawn: Sequence[pictures.BarDrawn], title: str) -> dict[str, Any]:
    """Bars (``pictures.bars``) in a table that holds their numbers; what is uncertain is hatched, what is not told says why."""
    return {"drawn": drawn, "title": title}


@register.inclusion_tag("kernel/parts/bullet.html")
def bullet(drawn: pictures.Bullet, says: str) -> dict[str, Any]:
    """A figure against its target (``pictures.bullet``); ``says`` tells readers the same."""
    return {"drawn": drawn, "says": says}


# ── pieces ────────────────────────────────────────────────────────────────
@register.inclusion_tag("kernel/parts/tile.html")
def tile(label: Any, figure: Any = None, unit: str = "", note: Any = "", url: str = "", state: str = "value") -> dict[str, Any]:
    """A figure in a ``<div class="dg-tiles">``; the whole tile opens its rows. State: value, unknown or stale."""
    return {"label": label, "figure": figure, "unit": unit, "note": note, "url": url, "state": state}


@register.inclusion_tag("kernel/parts/tile.html")
def money_tile(label: Any, fen: int | None, note: Any = "", url: str = "") -> dict[str, Any]:
    """A tile whose figure is an amount in fen."""
    if fen is None:
        return tile(label, note=note, url=url, state="unknown")
    figure, _space, unit = money.words(fen, get_language() or "zh").partition(" ")
    return tile(label, figure, unit, note, url)


@register.inclusion_tag("kernel/parts/notice.html")
def notice(kind: str, title: Any, text: Any = "", url: str = "", link: Any = "") -> dict[str, Any]:
    """A notice: info, ok, warn or bad; a bold first line, a sentence, a link to act."""
    return {"kind": kind, "title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("kernel/parts/empty.html")
def empty(title: Any, text: Any = "", url: str = "", link: Any = "") -> dict[str, Any]:
    """Nothing here: why, and the one next action."""
    return {"title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("kernel/parts/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """Newest first; an entry has ``when``, ``what``, and maybe ``note``, ``icon``, ``result`` (filled circle), ``url``."""
    return {"entries": list(entries)}


@register.inclusion_tag("kernel/parts/steps.html")
def steps(names: Sequence[Any], current: int) -> dict[str, Any]:
    """A stepper; ``current`` counts from 1."""
    return {"steps": [(name, place < current, place == current) for place, name in enumerate(names, 1)]}


@register.inclusion_tag("kernel/parts/tabs.html")
def tabs(entries: Sequence[tuple[Any, ...]], current: str = "") -> dict[str, Any]:
    """Tabs as links: (key, label, url[, count]); ``current`` is a key."""
    return {"entries": [(*entry, None)[:4] for entry in entries], "current": current}


@register.inclusion_tag("kernel/parts/field.html")
def field(bound: BoundField, unit: str = "") -> dict[str, Any]:
    """A form field: label above, error between label and field, hint below."""
    ids = [f"{bound.id_for_label}-error"] if bound.errors else []
    ids += [f"{bound.id_for_label}-hint"] if bound.help_text else []
    attrs: dict[str, Any] = {"aria-describedby": " ".join(ids)} if ids else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    if kind not in ("checkbox", "radio"):
        attrs["class"] = "form-select" if kind == "select" else "form-control"
    return {"field": bound, "widget": bound.as_widget(attrs=attrs), "check": kind == "checkbox" and not bound.use_fieldset, "unit": unit,
            "group": bound.use_fieldset}


@register.inclusion_tag("kernel/parts/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The summary of a form's errors; it takes the focus."""
    found = [(form[name], errors) for name, errors in form.errors.items() if name != "__all__"] if form.is_bound else []
    general = form.non_field_errors() if form.is_bound else []
    return {"fields": found, "general": general, "count": len(found) + len(general)}


@register.inclusion_tag("kernel/parts/fold_filters.html")
def fold_filters() -> dict[str, Any]:
    """Stands before a ``<form class="dg-filters">``: on a phone the form shows once this is opened, without script."""
    return {}


@register.inclusion_tag("kernel/parts/pager.html")
def pager(page: Any, query: str = "") -> dict[str, Any]:
    """第 26–50 条，共 612 条. ``query`` is the rest of the URL's filters."""
    return {"page": page, "query": f"{query}&" if query else ""}


@register.inclusion_tag("kernel/parts/panels.html", takes_context=True)
def panels(context: Any, page: str, record: Any, place: str = "main") -> dict[str, Any]:
    """The panels upper rooms put on this page, after asking for each one's right."""
    person = context["request"].user
    found = []
    for panel in panels_on(page):
        if panel.place == place and access.may(person, panel.permission):
            answer = panel.query(person, record)
            if answer is not None:
                found.append((panel, {**context.flatten(), **answer, "panel": panel, "record": record}))
    return {"panels": [(panel.title, render_to_string(panel.template, data)) for panel, data in found]}
