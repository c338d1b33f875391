"""What the pages of a flow that was brought say: what was read, how far the log keeps to it, and the cases behind each deviation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel.shell import whole
from diguan.services.engine.bpmn import EXCLUSIVE, PARALLEL, TASKS
from diguan.services.engine.conformance import EARLY, WITHOUT, Conformance
from diguan.services.queries.bench_flows import Brought

SHOWN = 100
HOW = {"early": (EARLY, gettext_lazy("前一环节还没办完就开始了")), "without": (WITHOUT, gettext_lazy("没有办前一环节"))}


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def flow(found: Brought) -> dict[str, Any]:
    """What was read and how it was matched, whatever the log says."""
    process, order, titles = found.process, found.order, dict(found.order.tasks)
    after: dict[str, list[str]] = {task: [] for task in titles}
    for one, other in order.pairs:
        after[other].append(titles[one] or one)
    matches = found.matches
    parts = [(_("环节"), sum(node.kind in TASKS for node in process.nodes)), (_("并行网关"), sum(node.kind == PARALLEL for node in process.nodes)), (_("排他网关"), sum(node.kind == EXCLUSIVE for node in process.nodes)),
             (_("顺序流"), len(process.arrows)), (_("先后"), len(order.pairs))]
    return {"flow": found.row, "parts": parts, "matches": matches, "note": process.note, "conditions": [(arrow.title, arrow.condition) for arrow in process.arrows if arrow.condition],
            "lines": [{"match": one, "after": after[one.task], "optional": one.task in order.optional} for one in matches[:SHOWN]], "lines_out": max(len(matches) - SHOWN, 0),
            "open": [one for one in matches if not one.activity], "activities": found.analysis.log.activities}


def held(found: Brought) -> dict[str, Any]:
    """How the log keeps to the flow; each deviation opens its cases."""
    checked = found.held
    many, fits = len(checked.cases), len(_fitting(checked))
    lines = sorted(_deviations(found, checked), key=lambda one: -one["count"])
    return {"fits": fits, "unfit": many - fits, "fitting": _share(checked.fitting_share), "edge_fitness": _share(checked.edge_fitness), "planned": _share(checked.planned_share), "edges": len(checked.edges),
            "fits_url": _cases(found, fit=1), "unfit_url": _cases(found, fit=0), "deviations": lines[:SHOWN], "deviations_out": max(len(lines) - SHOWN, 0)}


def _cases(found: Brought, **asked: Any) -> str:
    return f"{reverse('services:study_cases', args=[found.study.pk])}?{urlencode({'flow': found.row.pk, **asked})}"


def _deviations(found: Brought, checked: Conformance) -> list[dict[str, Any]]:
    lines = []
    for at, edge in enumerate(checked.edges):
        for how, count in (("early", edge.early), ("without", edge.without)):
            if count:
                lines.append({"what": f"{edge.before} → {edge.after}", "how": HOW[how][1], "count": count, "url": _cases(found, edge=at, how=how)})
    for at, count in enumerate(np.bincount(checked.missing[:, 1], minlength=len(checked.plan.activities)).tolist()):
        if count:
            lines.append({"what": checked.plan.activities[at], "how": _("该办的没有办"), "count": count, "url": _cases(found, missing=at)})
    for at, count in enumerate(np.bincount(checked.extra[:, 1], minlength=len(found.analysis.log.activities)).tolist()):
        if count:
            lines.append({"what": found.analysis.log.activities[at], "how": _("流程图里没有这个环节"), "count": count, "url": _cases(found, extra=at)})
    return lines


def _fitting(checked: Conformance) -> list[str]:
    wrong = set(np.concatenate((checked.violations[:, 0], checked.missing[:, 0], checked.extra[:, 0])).tolist())
    return [name for at, name in enumerate(checked.cases) if at not in wrong]


def behind(found: Brought, asked: Mapping[str, str]) -> tuple[str, list[str]]:
    """The cases behind a figure, with what they have in common."""
    checked = found.held
    title, rows = _picked(found, checked, asked)
    if rows is None:
        fitting = _fitting(checked)
        return (_("合“{flow}”的案件").format(flow=found.row.title), fitting) if asked.get("fit") != "0" else (_("不合“{flow}”的案件").format(flow=found.row.title), [name for name in checked.cases if name not in set(fitting)])
    return f"{found.row.title}：{title}", [checked.cases[at] for at in sorted(set(rows))]


def _picked(found: Brought, checked: Conformance, asked: Mapping[str, str]) -> tuple[str, list[int] | None]:
    """What kind of deviation is asked for, and the cases in which it was found; None where none is."""
    edge, missing, extra = (whole(asked[name], 6) if asked.get(name, "").isdigit() else -1 for name in ("edge", "missing", "extra"))
    if asked.get("how") in HOW and 0 <= edge < len(checked.edges):
        kind, words = HOW[asked["how"]]
        wrong, one = checked.violations, checked.edges[edge]
        return f"{one.before} → {one.after}，{words}", wrong[(wrong[:, 1] == edge) & (wrong[:, 2] == kind), 0].tolist()
    if 0 <= missing < len(checked.plan.activities):
        return _("该办的“{name}”没有办").format(name=checked.plan.activities[missing]), checked.missing[checked.missing[:, 1] == missing, 0].tolist()
    if 0 <= extra < len(found.analysis.log.activities):
        return _("流程图里没有“{name}”").format(name=found.analysis.log.activities[extra]), checked.extra[checked.extra[:, 1] == extra, 0].tolist()
    return "", None
