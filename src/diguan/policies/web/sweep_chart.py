"""A limit moved over its values, as a chart of bars and the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.http import HttpRequest

from diguan.kernel.facts.runs import Run
from diguan.kernel.rules import words
from diguan.kernel.rules.tree import Policy
from diguan.kernel.shell import language
from diguan.policies.engine.scenarios import Knob
from diguan.policies.queries import simulations, sweeps
from diguan.policies.queries.sweeps import Point

HEIGHT = 160


def of(request: HttpRequest, run: Run, policies: Sequence[Policy] | None) -> dict[str, Any]:
    """What the page shows of the limit that the address names, of the first scenario; empty without one that can be moved."""
    match = simulations.match_of(run)
    if policies is None or match is None:
        return {}
    known = sweeps.sweepable(policies[0])
    if not known:
        return {}
    knob = next((knob for knob in known if knob.path == request.GET.get("limit")), None)
    choices = [{"path": each.path, "label": _label(policies[0], each), "current": each is knob} for each in known]
    return {"choices": choices, **(_drawn(sweeps.sweep(match, policies[0], knob), knob) if knob else {})}


def _label(policy: Policy, knob: Knob) -> str:
    assert knob.clause is not None
    return f"{knob.clause + 1}. {words.reading(policy.clauses[knob.clause].condition, language())}"


def _drawn(points: Sequence[Point], knob: Knob) -> dict[str, Any]:
    assert knob.of is not None
    most = max((point.eligible + point.unknown for point in points), default=0) or 1
    width = 100 / max(len(points), 1)
    bars = []
    for at, point in enumerate(points):
        sure, maybe = HEIGHT * point.eligible / most, HEIGHT * point.unknown / most
        bars.append({"x": f"{at * width + width * 0.1:.2f}%", "width": f"{width * 0.8:.2f}%", "middle": f"{(at + 0.5) * width:.2f}%", "y": f"{HEIGHT - sure:.1f}", "height": f"{sure:.1f}",
                     "maybe_y": f"{HEIGHT - sure - maybe:.1f}", "maybe": f"{maybe:.1f}", "point": point, "value": _value(point.value, knob), "now": point.value == knob.value})
    return {"bars": bars, "height": HEIGHT, "first": bars[0]["value"] if bars else "", "last": bars[-1]["value"] if bars else "", "most": most}


def _value(value: Fraction, knob: Knob) -> str:
    assert knob.of is not None
    return words.value(value, knob.of, None, language())
