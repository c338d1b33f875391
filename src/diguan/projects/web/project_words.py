"""Words of a project's page and of the board: status, stages, gates with what is met first, papers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import access
from diguan.kernel.declare import verb_words
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.queries import ENTER, VERIFY, Piece
from diguan.kernel.rules import tree
from diguan.kernel.rules import words as reading
from diguan.kernel.rules.tree import FALSE
from diguan.kernel.shell import language
from diguan.kernel.stages import gates, shelf
from diguan.kernel.stages.gates import Item
from diguan.kernel.stages.queries import WAIVE, Way
from diguan.kernel.stages.tree import ACTIVE, Flow
from diguan.kernel.templatetags.diguan import day
from diguan.kernel.timelines import Line
from diguan.projects.models import PROJECT
from diguan.projects.queries.board import View
from diguan.projects.web import project_forms as forms

COLOURS = {"delayed": "warn", "dormant": "mute", "lost": "bad", "abandoned": "mute"}
STANDINGS = {"entered": ("warn", gettext_lazy("待核实")), "verified": ("ok", gettext_lazy("已核实")), "rejected": ("bad", gettext_lazy("已驳回")),
             "withdrawn": ("mute", gettext_lazy("已撤回")), "expired": ("mute", gettext_lazy("已过期"))}


def status_of(flow: Flow, status: str, *, late: bool = False) -> tuple[str, str]:
    """Colour and word of the second axis; a project whose day is over is late."""
    if status != ACTIVE and status in flow.status:
        return (COLOURS.get(status, "warn"), flow.status[status].label(language()))
    return ("bad", _("已超期")) if late else ("accent", _("推进中"))


def view_status(view: View) -> tuple[str, str]:
    """As :func:`status_of`, of a project on its page."""
    task = view.task
    if task is None and view.course.status == ACTIVE:
        return ("ok", _("已走完"))
    return status_of(view.course.tree, view.course.status, late=bool(task and task.due and task.due < view.day))


def bar(view: View) -> dict[str, Any]:
    """The bar of stages: those behind it done; skipped ones stand before as well, since stages are in order."""
    steps = list(view.course.tree.steps)
    at = [step.id for step in steps].index(view.step.id) + 1
    return {"names": [step.label(language()) for step in steps], "at": at if view.task else at + 1, "stage": view.step.label(language()), "due": view.task.due if view.task else None,
            "late": bool(view.task and view.task.due and view.task.due < view.day), "number": at, "of": len(steps)}


# ── gates ────────────────────────────────────────────────────────────────────
def way(view: View, one: Way) -> dict[str, Any]:
    """One gate: met items first, then what is missing, each with what can be done about it here."""
    items = sorted(one.answer.items, key=lambda item: not item.met)
    term = one.step.gate.term
    found = [item_words(view, one, item) for item in items]
    return {"id": one.step.id, "title": one.step.label(language()), "met": one.answer.met, "items": found, "missing": len(one.answer.missing), "provisional": bool(term and term.provisional),
            "asks": [each["id"] for each in found if each["entry"]]}


def item_words(view: View, one: Way, item: Item) -> dict[str, Any]:
    """One thing a gate asks, as a line; ``entry`` is the paper that would do, ``waive`` the form where it may be done without."""
    kind = ("ok", _("有了") if item.kind in (gates.FACT, gates.EVIDENCE) else _("可以")) if item.met else ("bad", _("还差")) if item.state == FALSE else ("unknown", _("还不知道"))
    may_waive = item.waivable and not item.met and view.task is not None and access.may(view.person, WAIVE, view.task)
    start = {"version": view.task.version if view.task else 0, "to": one.step.id, "item": item.id}
    return {"id": item.id, "kind": kind, "asked": _asked(one, item), "found": item.waived or _so(one, item) or item.found.text(language()), "waived": bool(item.waived), "met": item.met, "fact": item.kind == gates.FACT,
            "entry": "" if item.met else entry_for(one, item), "waive": forms.WaiveForm(initial=start, auto_id=f"waive-{one.step.id}-{item.id}-%s") if may_waive else None}


def _plain(one: Way, item: Item) -> tree.Compare | None:
    """What a gate asks of a plain yes-or-no fact; None of anything else."""
    condition = next((clause.condition for clause in one.step.gate.facts if clause.id == item.id), None) if item.kind == gates.FACT else None
    return condition if isinstance(condition, tree.Compare) and condition.op == "=" and condition.of.type == "bool" else None


def _asked(one: Way, item: Item) -> str:
    """What it takes; a document says that in Chinese, in English the fact's own name is enough where it is yes or no."""
    condition = None if language() == "zh" else _plain(one, item)
    return reading.subject(condition.of, language()) if condition else item.asked.text(language())


def _so(one: Way, item: Item) -> str:
    """What a gate's plain yes-or-no fact says, as people say it; empty of anything else, and where nobody has told it."""
    if _plain(one, item) is None:
        return ""
    return _("做到了") if item.met else _("还没做到") if item.state == FALSE else ""


def entry_for(one: Way, item: Item) -> str:
    """The paper that would meet an item: itself, or the one whose verified value tells its fact; empty where none does."""
    if item.kind == gates.EVIDENCE:
        return item.id
    if item.kind != gates.FACT:
        return ""
    facts = {fact.name for clause in one.step.gate.facts if clause.id == item.id for fact in _facts(clause)}
    return next((entry.id for entry in dictionary.known().values() if entry.tells and entry.value is not None and entry.value.name in facts and "evidence" in entry.value.sources), "")


def _facts(clause: Any) -> list[Any]:
    return [fact for source in tree.sources_of(clause.condition) for fact in source.facts]


def entries_of(view: View) -> list[str]:
    """The evidence that may be handed in: what is missing at the next gates first, then whatever the flow asks for anywhere."""
    missing = [entry for one in view.ways for item in one.answer.missing if (entry := entry_for(one, item))]
    return list(dict.fromkeys([*missing, *view.course.tree.evidence]))


# ── papers ───────────────────────────────────────────────────────────────────
def papers(view: View) -> list[dict[str, Any]]:
    """What was handed in, as lines of a table."""
    return [_paper(view, one) for one in view.pieces]


def _paper(view: View, one: Piece) -> dict[str, Any]:
    row = one.row
    waits = row.state == "entered" and access.may(view.person, VERIFY, row)
    return {"row": row, "title": one.entry.label(language()) if one.entry else row.entry, "number": one.number, "standing": STANDINGS[one.standing], "file": row.upload.name if row.upload and not one.hidden else "",
            "may_decide": waits and row.entered_by_id != view.person.pk, "own": waits and row.entered_by_id == view.person.pk,
            "may_withdraw": row.state in ("entered", "verified") and access.may(view.person, ENTER, row)}


def stage_choices() -> list[tuple[str, str]]:
    """The stages of the flow as it is now, for filters."""
    return [(step.id, step.label(language())) for step in shelf.known()[PROJECT].steps]


def status_choices() -> list[tuple[str, str]]:
    """The statuses of the flow as it is now, for filters."""
    return [(ACTIVE, _("推进中")), *((status.id, status.label(language())) for status in shelf.known()[PROJECT].statuses)]


PAPER = ("number", "document")
DAYS = ("signed_on", "paid_on", "on", "day")


def history(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What was done to a project, by days: a project takes months, and the day a paper bears says more than the minute it was typed in."""
    return [{"when": day(line.at), "what": f"{verb_words(line.verb)} · {line.actor}", "note": " · ".join(filter(None, (*_said(line, PAPER), *_said(line, DAYS), line.reason)))} for line in lines]


def _said(line: Line, names: Iterable[str]) -> list[str]:
    """The first of these an event tells."""
    return [str(line.after[name]) for name in names if line.after.get(name)][:1]
