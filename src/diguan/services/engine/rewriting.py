"""A life event's document with what a study found out: orders and their reasons, matters that fall away, measured days before. Pure text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from diguan.kernel.messages import Message
from diguan.services.engine.edges import Edge
from diguan.services.engine.lifeevents import BINDING, LifeEvent
from diguan.services.engine.lifeevents import Edge as Told
from diguan.services.engine.observed import Observed
from diguan.services.engine.spells import PER_DAY


@dataclass(frozen=True)
class Said:
    """What a study says.

    Attributes:
        names: activity → matter.
        edges: its orders, all judged.
        dropped: activities that fall away.
        days: activity → working days the median case took for it.
        cases: how many cases the log held.
        source: how the document names the study.
    """

    names: Mapping[str, str]
    edges: Sequence[Edge]
    dropped: frozenset[str]
    days: Mapping[str, int]
    cases: int
    source: str


def medians(observed: Observed) -> dict[str, int]:
    """Working days the median case took for each activity, waiting included, rounded up; a day at least."""
    return {name: max(1, -(-observed.median(name) // PER_DAY)) for name in observed.activities}


def rewrite(text: str, old: LifeEvent, said: Said, valid_from: dt.date) -> tuple[str, list[Message]]:
    """The new document and, in sentences, what differs from the old one; no sentence where nothing does.

    Of matters the study does not know everything stays. Between those it knows, its orders replace those of the document.
    """
    found: dict[str, Any] = yaml.safe_load(text)
    out = {said.names[name] for name in said.dropped if name in said.names}
    known = set(said.names.values())
    told: list[Message] = []
    found["matters"] = [_part(part, said, told) for part in found["matters"] if part["matter"] not in out]
    told[:0] = [Message(f"并入别的环节，不再单办：{key}", f"falls away, merged into others: {key}") for key in sorted(out)]
    stays = [edge for edge in old.edges if not {edge.start, edge.end} <= known]
    new = _passed_on([*stays, *_edges(said)], out)
    told += _differences(old.edges, new, {key: name for name, key in said.names.items()})
    beyond = [f"{edge.before} → {edge.after}" for edge in said.edges if edge.binds and not {edge.before, edge.after} <= said.names.keys()]
    if told and beyond:
        told.append(Message(f"这些先后涉及的环节不是这件事的事项，不写进文件：{'、'.join(beyond)}", f"not part of the document, since a step is no matter of this event: {', '.join(beyond)}"))
    found["edges"] = [{"from": edge.start, "to": edge.end, "kind": edge.kind, **({"evidence": edge.evidence} if edge.evidence else {}), **({"reviewer": edge.reviewer} if edge.reviewer else {})} for edge in new]
    if not found["edges"]:
        del found["edges"]
    found["valid_from"] = valid_from
    found.pop("valid_to", None)
    before = {**found.get("before", {"sequential": True}), "source": f"{said.source}，{said.cases} 件的中位数；其余沿用上一版"}
    return yaml.safe_dump({**found, "before": before}, allow_unicode=True, sort_keys=False, width=10_000), told


def _part(part: dict[str, Any], said: Said, told: list[Message]) -> dict[str, Any]:
    """A matter with the days it was measured to take before."""
    name = next((name for name, key in said.names.items() if key == part["matter"]), None)
    if name is None or int(part["before"]["days"]) == said.days[name]:
        return part
    told.append(Message(f"{name}：改造前 {part['before']['days']} 个工作日（访谈）改为 {said.days[name]} 个（日志）", f"{name}: before {part['before']['days']} working days as told, now {said.days[name]} as measured"))
    return {**part, "before": {**part["before"], "days": said.days[name]}}


def _edges(said: Said) -> list[Told]:
    """The orders that bind between matters."""
    pairs = ((said.names.get(edge.before), said.names.get(edge.after), edge) for edge in said.edges if edge.binds)
    return [Told(before, after, edge.kind, edge.evidence, edge.reviewer) for before, after, edge in pairs if before and after]


def _passed_on(edges: Sequence[Told], out: set[str]) -> list[Told]:
    """The orders without the matters that fall away; what such a matter stood between keeps its order, for both reasons."""
    found = list(edges)
    for key in sorted(out):
        before, after = [edge for edge in found if edge.binds and edge.end == key], [edge for edge in found if edge.binds and edge.start == key]
        found = [edge for edge in found if key not in (edge.start, edge.end)]
        there = {(edge.start, edge.end) for edge in found if edge.binds}
        found += [Told(one.start, other.end, other.kind, f"{one.evidence}；{other.evidence}"[:300], one.reviewer if one.reviewer == other.reviewer else "")
                  for one in before for other in after if (one.start, other.end) not in there and one.start != other.end]
    return found


def _differences(old: Sequence[Told], new: Sequence[Told], titles: Mapping[str, str]) -> list[Message]:
    was, now = ({(edge.start, edge.end): edge for edge in found if edge.kind in BINDING} for found in (old, new))
    way = {pair: " → ".join(titles.get(key, key) for key in pair) for pair in (*was, *now)}
    told = [Message(f"去掉先后：{way[pair]}（原为{edge.evidence or '无依据'}）", f"order let go: {way[pair]} (was: {edge.evidence or 'no reason'})") for pair, edge in was.items() if pair not in now]
    told += [Message(f"新增先后：{way[pair]}（{edge.evidence}）", f"order added: {way[pair]} ({edge.evidence})") for pair, edge in now.items() if pair not in was]
    for pair in [pair for pair in was if pair in now]:
        before, after = was[pair], now[pair]
        if (before.kind, before.evidence) != (after.kind, after.evidence):
            told.append(Message(f"改依据：{way[pair]}：{before.evidence} → {after.evidence}", f"reason changed: {way[pair]}: {before.evidence} → {after.evidence}"))
        elif before.reviewer != after.reviewer:
            told.append(Message(f"已复核：{way[pair]}（{after.reviewer}）", f"reviewed: {way[pair]} ({after.reviewer})"))
    return told
