"""What the pages of the bench say: figures of a log in words, orders with their reasons, a plan as bars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks, pictures
from diguan.kernel.access.models import Person
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import language, whole
from diguan.services.engine import orders as ordering
from diguan.services.engine.days import CAUSES
from diguan.services.engine.edges import HABIT, KINDS
from diguan.services.engine.flowgraph import Spread, spread_of
from diguan.services.engine.reduction import Reduction
from diguan.services.engine.spells import PER_DAY
from diguan.services.models import Study, StudyEdge
from diguan.services.queries import bench, bench_flows, published
from diguan.services.queries.bench import Analysis
from diguan.services.web import bench_flow_words as flow_words
from diguan.services.web import words

TABS = (("log", gettext_lazy("日志")), ("orders", gettext_lazy("先后")), ("plan", gettext_lazy("方案")), ("flows", gettext_lazy("对照流程图")), ("outcome", gettext_lazy("发布")))
SHOWN, MOST_LINES = 12, 40
KIND_MARKS = {**words.EDGE_KINDS, "": "unknown"}
ORDER_WORDS = {ordering.STRICT: gettext_lazy("严格"), ordering.FREE: gettext_lazy("可先可后"), ordering.THIN: gettext_lazy("件数太少")}
ORDER_MARKS = {ordering.STRICT: "accent", ordering.FREE: "ok", ordering.THIN: "unknown"}


def event(row: Study) -> str:
    """The life event of a study."""
    return row.life_event.title.get("zh" if language() == "zh" else "en") or row.life_event.title["zh"] if row.life_event else ""


def percent(share: float | None) -> str:
    """A share with one decimal."""
    return "—" if share is None else f"{100 * share:.1f} %".replace("-", "−")


def days(seconds: float, day: int) -> str:
    """Working days with one decimal; hours below a day."""
    return _("{n} 天").format(n=f"{seconds / day:.1f}") if seconds >= day else _("{n} 小时").format(n=f"{seconds / 3600:.1f}")


def _cases(row: Study, **asked: Any) -> str:
    return f"{reverse('services:study_cases', args=[row.pk])}?{urlencode(asked)}"


# ── the log ──────────────────────────────────────────────────────────────────
def log(found: Analysis, limit: int) -> dict[str, Any]:
    """Everything the first page of a study shows."""
    whole_, day = found.times.whole, found.day
    took = spread_of(whole_)
    limit = limit or max(1, -(-took.p90 // day))
    late = found.late(limit)
    share = float(found.times.waiting.sum()) / max(float(whole_.sum()), 1)
    return {
        "summary": [each.text(language()) for each in found.reading.summary()], "problems": [each.message.text(language()) for each in found.reading.problems[:MOST_LINES]], "unannounced": found.unannounced,
        "days": found.days, "cases": len(found.log.cases), "activities": len(found.log.activities), "executions": len(found.log), "median": days(took.median, day), "p90": days(took.p90, day),
        "waiting": percent(share), "untimed": found.observed.untimed, "drawing": found.drawing, "labels": [(arrow, days(arrow.arc.gap.median, day)) for arrow in found.drawing.arrows],
        "arcs": [{"arc": arc, "median": days(arc.gap.median, day), "p90": days(arc.gap.p90, day)} for arc in found.graph.arcs[:MOST_LINES]], "arcs_out": max(len(found.graph.arcs) - MOST_LINES, 0),
        "variants": [{"at": at, "variant": one, "share": percent(one.share), "bar": pictures.span(0, one.count, found.variants[0].count)} for at, one in enumerate(found.variants[:SHOWN])],
        "variants_all": len(found.variants), "rework": found.rework[:SHOWN],
        "work": [_work(one, day, found.observed.units.get(one.activity, "")) for one in sorted(found.work, key=lambda one: -(one.wait.total + one.work.total))[:MOST_LINES]],
        "handovers": [(one, days(one.gap.median, day)) for one in found.handovers.handovers[:SHOWN]], "limit": limit, "late": late}


def _work(one: Any, day: int, unit: str) -> dict[str, Any]:
    def told(spread: Spread) -> tuple[str, str]:
        return (days(spread.median, day), days(spread.p90, day)) if spread.count else ("—", "—")
    both = one.wait.median + one.work.median
    return {"one": one, "unit": unit, "wait": told(one.wait), "work": told(one.work), "waits": pictures.span(0, one.wait.median, both), "works": pictures.span(one.wait.median, one.work.median, both)}


# ── orders ───────────────────────────────────────────────────────────────────
def orders(row: Study, found: Analysis, person: Person, typed: QueryDict | None = None) -> dict[str, Any]:
    """The orders to be judged, and every pair the log shows; ``typed`` is what was sent and refused."""
    rows = bench.edges_of(row)
    seen = {(one.before, one.after): one for one in found.orders}
    lines = [{"edge": edge, "word": words.EDGES.get(edge.kind, _("还没判定")), "mark": KIND_MARKS[edge.kind], "own": edge.by_id == person.pk, "url": _cases(row, against=edge.pk) if edge.against else "", **_said(edge, typed),
              "seen": seen.get((edge.before, edge.after))} for edge in rows]
    binding = [edge for edge in bench.told(rows) if edge.binds]
    counts = [(KIND_MARKS[kind], words.EDGES[kind], sum(edge.kind == kind for edge in rows)) for kind in KINDS]
    return {"lines": lines, "open": sum(not edge.kind for edge in rows), "counts": counts, "kinds": [(kind, words.EDGES[kind]) for kind in KINDS],
            "all": [(one, ORDER_MARKS[one.kind], ORDER_WORDS[one.kind], _cases(row, before=one.before, after=one.after)) for one in sorted(found.orders, key=lambda one: (one.kind, -one.support))[:200]],
            "all_count": len(found.orders), "freed": bench.redesign(row).freed.text().text(language()), "conformance": _conformance(found, binding)}


def _said(edge: StudyEdge, typed: QueryDict | None) -> dict[str, Any]:
    """What the boxes of an order hold: what is kept, or what was typed and refused, then with what is kept beside it."""
    sent = typed if typed is not None else {}
    kind, evidence = sent.get(f"kind-{edge.pk}", edge.kind), sent.get(f"evidence-{edge.pk}", edge.evidence)
    differs = (kind, evidence.strip()) != (edge.kind, edge.evidence)
    return {"kind": kind, "evidence": evidence, "kept": f"{words.EDGES.get(edge.kind, _('还没判定'))} {edge.evidence}".strip() if differs else "",
            "ticked": typed is not None and str(edge.pk) in typed.getlist("edge")}


def _conformance(found: Analysis, binding: list[Any]) -> dict[str, Any]:
    checked = found.conformance([edge.pair for edge in binding], found.log.activities)
    return {"fit": percent(checked.edge_fitness), "fitting": percent(checked.fitting_share), "broken": [one for one in checked.edges if one.early or one.without][:SHOWN], "edges": len(checked.edges)}


# ── the plan ─────────────────────────────────────────────────────────────────
def plan(row: Study) -> dict[str, Any]:
    """Plan, simulation and replay of the new flow."""
    found, day = bench.redesign(row), PER_DAY
    schedule, simulation, replay = found.schedule, found.simulation, found.replay
    before, after = simulation.spreads
    return {"certificate": schedule.text().text(language()), "plan_days": f"{schedule.days:g}", "before_days": f"{found.sequential / schedule.problem.per_day:g}",
            "bars": [{"row": one, "bar": pictures.span(one.start, one.end - one.start, schedule.slots)} for one in found.rows], "left_out": len(found.left) - len(found.rows),
            "open": sum(not edge.kind for edge in found.edges), "habits": sum(edge.kind == HABIT for edge in found.edges), "after": after, "before_note": _("原来 {n}").format(n=f"{before.p50:g}"), "before_note_most": _("原来 {n}").format(n=f"{before.p90:g}"), "replay_note": _("原来 {n}").format(n=f"{float(np.mean(replay.before)) / day:.1f}"), "runs": len(simulation.before), "seed": simulation.seed, "bytes": simulation.digest[:12],
            "claim": published.known().get(published.DAYS), "simulated": _reduced(simulation.time), "causes": [(CAUSES[cause].text(language()), f"{float(part):.2f}".replace("-", "−")) for cause, part in simulation.causes.items()],
            "replayed": _reduced(replay.reduction), "faster": replay.faster, "same": replay.same, "slower": [(one, f"{one.before / day:.1f}", f"{one.after / day:.1f}") for one in replay.slower[:SHOWN]], "slower_all": len(replay.slower),
            "replay_days": f"{float(np.mean(replay.after)) / day:.1f}", "digest": bench.digest(row)[:12], "calendar": bench.analysis(row).calendar.version}


def _reduced(one: Reduction) -> dict[str, str]:
    said = published.known().get(published.DAYS)
    gap = one.gap(said.share) if said else (None, None)
    return {"mean": percent(one.mean_of_ratios), "sums": percent(one.ratio_of_sums), "gap_mean": percent(gap[0]), "gap_sums": percent(gap[1])}


# ── publication ──────────────────────────────────────────────────────────────
def outcome(row: Study) -> dict[str, Any]:
    """What would be published or what stands in its way; what was, with what it rested on."""
    said: dict[str, Any] = {"proof": row.proof, "made": row.published, "lines": [pair[0 if language() == "zh" else 1] for pair in row.proof.get("changes", ())] if row.published else []}
    try:
        _text, told = bench.rewritten(row, clocks.today())
    except Refusal as refusal:
        return {**said, "stops": refusal.texts(language()), "changes": []}
    return {**said, "stops": [], "changes": [each.text(language()) for each in told]}


# ── rows behind the figures ──────────────────────────────────────────────────
def cases(row: Study, asked: Mapping[str, str], most: int) -> dict[str, Any]:
    """The cases behind a figure of the log."""
    found = bench.analysis(row)
    title, names = _behind(row, found, asked)
    place = {name: at for at, name in enumerate(found.log.cases)}
    flow = {"flow": asked["flow"]} if "flow" in asked else {}
    lines = [(name, days(int(found.times.whole[place[name]]), found.day), days(int(found.times.waiting[place[name]]), found.day), f"{reverse('services:study_case', args=[row.pk])}?{urlencode({'id': name, **flow})}")
             for name in names[:most]]
    return {"title": title, "lines": lines, "total": len(names), "most": most}


def _behind(row: Study, found: Analysis, asked: Mapping[str, str]) -> tuple[str, list[str]]:
    if "flow" in asked and (brought := bench_flows.find(row, whole(asked["flow"]))):
        return flow_words.behind(brought, asked)
    if "late" in asked:
        limit = max(whole(asked["late"], 4), 1)
        return _("超过 {n} 个工作日的案件").format(n=limit), [case for case, _over in found.late(limit).late]
    if "slower" in asked:
        return _("按新流程会更慢的案件"), [one.case for one in bench.redesign(row).replay.slower]
    if "rework" in asked:
        return _("“{name}”办了不止一次的案件").format(name=asked["rework"]), _repeated(found, asked["rework"])
    if "variant" in asked and (at := whole(asked["variant"], 6)) < len(found.variants):
        way = [found.log.activities.index(name) for name in found.variants[at].activities]
        spans = zip(found.log.offsets[:-1].tolist(), found.log.offsets[1:].tolist(), strict=True)
        return _("走法 {n}：{way}").format(n=at + 1, way=" → ".join(found.variants[at].activities)), [found.log.cases[case] for case, (start, end) in enumerate(spans) if end - start == len(way) and found.log.activity[start:end].tolist() == way]
    edge = row.edges.filter(pk=whole(asked.get("against", ""))).first()
    before, after = (edge.before, edge.after) if edge else (asked.get("before", ""), asked.get("after", ""))
    if before in found.log.activities and after in found.log.activities:
        return _("“{before}”没有先于“{after}”的案件").format(before=before, after=after), list(ordering.counter_examples(found.log, before, after))
    return _("全部案件"), list(found.log.cases)


def _repeated(found: Analysis, activity: str) -> list[str]:
    if activity not in found.log.activities:
        return []
    many = np.bincount(found.log.case[found.log.activity == found.log.activities.index(activity)], minlength=len(found.log.cases))
    return [found.log.cases[at] for at in np.flatnonzero(many > 1).tolist()]


def case(row: Study, name: str, flow: int = 0) -> dict[str, Any] | None:
    """One case with its events, and what it did against the orders that bind, or against a flow that was brought; no officer's name is told, only units."""
    found = bench.analysis(row)
    if name not in found.log.cases:
        return None
    at = found.log.cases.index(name)
    rows = range(int(found.log.offsets[at]), int(found.log.offsets[at + 1]))
    binding = [edge.pair for edge in bench.told(bench.edges_of(row)) if edge.binds]
    brought = bench_flows.find(row, flow) if flow else None
    checked = brought.held if brought else found.conformance(binding, found.log.activities)
    return {"name": name, "against": brought.row if brought else None, "took": days(int(found.times.whole[at]), found.day), "waited": days(int(found.times.waiting[at]), found.day), "broke": [each.text(language()) for each in checked.of_case(name, found.log)],
            "lines": [{"activity": found.log.activities[found.log.activity[each]], "start": _moment(int(found.log.start[each])) if found.log.timed[each] else "—", "end": _moment(int(found.log.end[each])),
                       "unit": found.log.units[found.log.unit[each]] if found.log.unit[each] >= 0 else "—", "line": int(found.log.line[each])} for each in rows]}


def _moment(at: int) -> str:
    return f"{dt.datetime.fromtimestamp(at / 1_000_000, clocks.COUNTY_TIME):%Y-%m-%d %H:%M}"
