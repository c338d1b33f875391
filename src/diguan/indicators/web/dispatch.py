"""What this room puts on the weekly dispatch sheet: year targets, figures that disagree, figures that moved."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from diguan.indicators.queries import screens
from diguan.indicators.queries import year_targets as targets
from diguan.indicators.web import cockpit, words
from diguan.kernel import access, clocks, packs, pictures
from diguan.kernel.access.models import Person
from diguan.kernel.facts import batches, coverage
from diguan.kernel.shell import language, source_name

MOST = 4
MONTHS = 3


def moved(person: Person, sheet: Any) -> dict[str, Any] | None:
    """The figures that changed most in a year; nothing before the first snapshot."""
    run, found = screens.moved(person, MOST)
    return {"run": run, "tiles": [cockpit.tile(one) for one in found]} if found else None


def disputes(person: Person, sheet: Any) -> dict[str, Any] | None:
    """Facts of which two bureaus tell different values; nothing for who may not see the county's."""
    if access.scope(person, "facts.view_fact") is not access.Scope.COUNTY or not access.may(person, batches.VIEW):
        return None
    found = coverage.disputes(person, packs.catalogue(), coverage.months(clocks.today(), MONTHS))
    lines = [{"title": packs.catalogue()[one.fact].label(language()), "period": one.period, "count": one.count, "who": _("、").join(source_name(source) for source in one.sources),
              "url": f"{reverse('site:disputes')}?{urlencode({'fact': one.fact, 'period': one.period})}"} for one in found[:MOST]]
    return {"lines": lines, "more": len(found) - len(lines)} if lines else None


def goals(person: Person, sheet: Any) -> dict[str, Any] | None:
    """Year targets against what is there by the figure's own day; nothing where no target is set."""
    run, found = targets.standings(person, sheet.start)
    return {"run": run, "lines": [_goal(one) for one in found[:MOST]]} if run is not None and found else None


def _goal(one: targets.Standing) -> dict[str, Any]:
    goal = words.amount(one.one, one.goal.value)
    drawn = pictures.bullet(float(one.value), float(one.goal.value), float(one.expected) if one.expected is not None else None, uncertain=one.partial)
    shown = words.shown(one.one, one.cell)
    return {"title": one.goal.title or one.one.title.text(language()), "of": _of(one), "target": reverse("indicators:target", args=[one.goal.number]), "url": words.rows_address(one.cell), "shown": shown, "period": one.cell.period, "goal": goal, "owner": one.goal.owner, "drawn": drawn,
            "says": _("{shown}，年度目标 {goal}").format(shown=shown, goal=goal), "gap": ("ok", _("已达到")) if one.gap <= 0 else ("mute", _("还差 {gap}").format(gap=words.amount(one.one, one.gap)))}


def _of(one: targets.Standing) -> str:
    """Which indicator a target with a name of its own is of, and which part: a part's target is not the county's."""
    name = one.one.title.text(language())
    part = words.part_words(one.goal.dim, one.goal.group)
    return " · ".join(filter(None, ("" if one.goal.title in ("", name) else name, part)))
