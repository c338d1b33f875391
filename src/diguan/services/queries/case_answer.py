"""The measures of cases and the simulations beside them as plain values, for a command and whoever reads JSON. Shares are basis points, days working days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diguan.kernel import packs
from diguan.kernel.access.models import Person
from diguan.kernel.measures import value
from diguan.services.engine.reduction import Reduction
from diguan.services.engine.spells import Spread
from diguan.services.engine.trials import RUNS, Trial
from diguan.services.queries import case_groups, case_trials, published
from diguan.services.queries.case_measures import NAMES, Book, Choice, book, points
from diguan.services.queries.case_trials import Trials, Tried
from diguan.services.queries.published import DAYS, TRIPS


def answer(person: Person, choice: Choice, seed: int) -> dict[str, Any]:
    """Everything the page shows, as far as the person may see it.

    Raises:
        access.Forbidden: they may see no cases, or no life events. BenchRefused: ``seed``.
    """
    whole = book(person)
    chosen = whole.within(choice)
    return {"as_of": whole.as_of.isoformat() if whole.as_of else None, "calendar": packs.calendar().version, "provisional_days": any(one.provisional for one in chosen.told), "choice": choice.query,
            "published": {name: {"less_by": one.less_by * 100, "said": one.said, "as_of": one.as_of.isoformat(), "source": one.source} for name, one in published.known().items()},
            "measured": _measured(person, chosen), "groups": {by: [{"key": group.key, **_figures(person, group.book)} for group in case_groups.groups(whole, by, choice)] for by in case_groups.BY},
            "simulated": simulated(case_trials.tried(person, chosen, seed=seed, event=choice.event))}


def _figures(person: Person, of: Book) -> dict[str, int | None]:
    return {name: value(full, person, of).num for name, full in NAMES.items()}


def _measured(person: Person, of: Book) -> dict[str, Any]:
    told = _figures(person, of)
    gaps = {f"{name}_gap_{way}": known.gap(told[f"{name}_{way}"]) for name, known in published.known().items() for way in ("mean", "sum")}
    return {**told, **gaps}


def simulated(found: Trials) -> dict[str, Any]:
    """The simulations: what they were drawn from, by life event and all together."""
    return {"seed": found.seed, "runs": RUNS, "inputs": found.inputs, "digest": found.digest, "cases": found.measured, "assumed": {"zh": case_trials.ASSUMED.zh, "en": case_trials.ASSUMED.en},
            "whole": _trial(found.whole), "events": [_tried(one) for one in found.tried]}


def _tried(one: Tried) -> dict[str, Any]:
    told = {"key": one.key, "cases": one.measured, "left_out": one.left, "inputs": one.inputs.digest if one.inputs else None, "situations": len(one.inputs.situations) if one.inputs else 0}
    return {**told, "problem": {"zh": one.problem.zh, "en": one.problem.en} if one.problem else None, "trial": _trial(one.trial)}


def _trial(one: Trial | None) -> dict[str, Any] | None:
    if one is None:
        return None
    before, after = one.spreads
    return {"before": _spread(before), "after": _spread(after), "days": _reduction(one.time, DAYS), "trips": _reduction(one.trips, TRIPS), "digest": one.digest,
            "causes_days": {cause: round(float(part), 4) for cause, part in one.causes.items()}, "causes_trips": {cause: round(float(part), 4) for cause, part in one.trip_causes.items()}}


def _spread(one: Spread) -> dict[str, float]:
    return {"mean": round(one.mean, 4), "p50": one.p50, "p90": one.p90}


def _reduction(one: Reduction, name: str) -> Mapping[str, int | None]:
    mean, total, claim = points(one.mean_of_ratios), points(one.ratio_of_sums), published.known().get(name)
    return {"mean_of_ratios": mean, "ratio_of_sums": total, "gap_mean": claim.gap(mean) if claim else None, "gap_sum": claim.gap(total) if claim else None}
