"""Words of the pages of a policy's life: the bar of its stages, the gate with what is met and what is missing, its papers, its history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.evidence import dictionary
from diguan.kernel.evidence.queries import ENTER, VERIFY, Piece
from diguan.kernel.rules.tree import FALSE
from diguan.kernel.shell import language
from diguan.kernel.stages import gates, shelf
from diguan.kernel.stages.gates import Item
from diguan.kernel.stages.models import Passage
from diguan.kernel.stages.queries import ASSIGN, Way
from diguan.kernel.stages.tree import ACTIVE, Step
from diguan.kernel.templatetags.diguan import day, moment
from diguan.policies.actions import life as actions
from diguan.policies.models import ClaimHold, Draft
from diguan.policies.queries import claims, drafts, life
from diguan.policies.queries.life_view import Life
from diguan.policies.web import life_forms as forms

STANDINGS = {"entered": ("warn", gettext_lazy("待核实")), "verified": ("ok", gettext_lazy("已核实")), "rejected": ("bad", gettext_lazy("已驳回")),
             "withdrawn": ("mute", gettext_lazy("已撤回")), "expired": ("mute", gettext_lazy("已过期"))}
KINDS = {"started": gettext_lazy("开始"), "passed": gettext_lazy("进入"), "returned": gettext_lazy("退回到"), "held": gettext_lazy("改为"), "lifted": gettext_lazy("恢复")}
COLOURS = {life.SUSPENDED: "warn", life.EXPIRED: "mute", life.CLAWBACK: "bad"}


def brief(found: Life) -> dict[str, Any]:
    """The bar of stages and the open step, for the policy's own page."""
    steps = list(found.course.tree.steps)
    at = [step.id for step in steps].index(found.step.id) + 1
    return {"names": [step.label(language()) for step in steps], "at": at if found.task else at + 1, "status": status(found), "stage": found.step.label(language()),
            "due": found.task.due if found.task else None, "late": bool(found.task and found.task.due and found.task.due < found.day),
            "url": reverse("policies:life", args=[found.course.subject_id]), "barred": told(life.barred(found.course.subject_id))}


def told(message: Any) -> str:
    """A message in the page's language; empty for none."""
    return message.text(language()) if message else ""


def status(found: Life) -> tuple[str, str]:
    """Colour and word of where it stands."""
    if found.course.status != ACTIVE:
        return (COLOURS.get(found.course.status, "warn"), found.course.tree.status[found.course.status].label(language()))
    return ("accent", found.step.label(language())) if found.task else ("ok", found.step.label(language()))


# ── the gate ─────────────────────────────────────────────────────────────────
def way(found: Life, one: Way) -> dict[str, Any]:
    """One gate: what is met first, then what is missing; who may pass; the clock."""
    items = sorted(one.answer.items, key=lambda item: not item.met)
    term = one.step.gate.term
    return {"id": one.step.id, "title": one.step.label(language()), "met": one.answer.met, "items": [item_words(item) for item in items], "missing": len(one.answer.missing),
            "who": who(found, one.step), "provisional": bool(term and term.provisional), "clock": one.clock is not None}


def item_words(item: Item) -> dict[str, Any]:
    """One thing a gate asks, as a line."""
    kind = ("ok", _("有了") if item.kind in (gates.FACT, gates.EVIDENCE) else _("可以")) if item.met else ("bad", _("还差")) if item.state == FALSE else ("unknown", _("还不知道"))
    return {"kind": kind, "asked": item.asked.text(language()), "found": item.waived or item.found.text(language()), "waived": bool(item.waived), "met": item.met}


def who(found: Life, step: Step) -> list[str]:
    """Who is responsible for the open step: the person or office it was handed to, and the roles its gate asks for."""
    task = found.task
    names = [task.owner.name if task and task.owner else "", task.owner_unit.name if task and task.owner_unit else ""]
    roles = [found.course.tree.step[step.id].gate.roles] if step.gate.roles else []
    titles = [shelf.title_of(name).text(language()) for group in roles for name in group]
    return [*filter(None, names), *([_("{roles}办理").format(roles=_("或").join(titles))] if titles else [])]


# ── papers ───────────────────────────────────────────────────────────────────
def papers(found: Life) -> list[dict[str, Any]]:
    """What was handed in, as lines of a table."""
    return [_paper(found.person, one) for one in found.pieces]


def _paper(person: Person, one: Piece) -> dict[str, Any]:
    row = one.row
    may = row.state == "entered" and access.may(person, VERIFY, row)
    return {"row": row, "title": one.entry.label(language()) if one.entry else row.entry, "number": one.number, "value": _value(one), "standing": STANDINGS[one.standing],
            "file": row.upload.name if row.upload and not one.hidden else "", "may_decide": may and row.entered_by_id != person.pk, "own": may and row.entered_by_id == person.pk}


def _value(one: Piece) -> str:
    if one.value is None:
        return ""
    if one.entry is not None and one.entry.value is not None and one.entry.value.type == "bool":
        return _("通过（是）") if one.value == 1 else _("不通过（否）")
    return str(one.value)


def asked(found: Life) -> list[str]:
    """The evidence that may be handed in: what is missing at the open gates first, then whatever the flow knows."""
    missing = [item.id for one in found.ways for item in one.answer.missing if item.kind == "evidence"]
    tells = {item.id for one in found.ways for item in one.answer.missing if item.kind == "fact"}
    fields = [entry.id for entry in dictionary.known().values() if entry.tells and entry.value is not None and entry.value.subject == life.KIND] if tells else []
    return list(dict.fromkeys([*missing, *fields, *found.course.tree.evidence]))


# ── history ──────────────────────────────────────────────────────────────────
def history(found: Life) -> list[dict[str, Any]]:
    """Every move, newest first: what, when, by whom, why, and the day it counts from where that is another."""
    return [_passage(found, one) for one in reversed(found.passages)]


def _passage(found: Life, one: Passage) -> dict[str, Any]:
    flow = found.course.tree
    name = flow.step[one.target].label(language()) if one.target in flow.step else flow.status[one.target].label(language()) if one.target in flow.status else _("在办")
    who_ = one.by.name if one.by else ""
    notes = [one.reason, _("记在 {day}").format(day=day(one.day))]
    return {"when": moment(one.at), "what": _("{kind}“{stage}” · {who}").format(kind=KINDS.get(one.kind, one.kind), stage=name, who=who_), "note": _("；").join(filter(None, notes)), "result": one.kind == "passed"}


# ── the whole page ───────────────────────────────────────────────────────────
def page(found: Life) -> dict[str, Any]:
    """Everything the page of a life shows, with fresh forms; a refused form takes the place of its fresh one."""
    person, course, task = found.person, found.course, found.task
    ways = [way(found, one) for one in found.ways]
    may_move = bool(task) and course.status == ACTIVE and access.may(person, actions.MOVE, task)
    may_hold = access.may(person, actions.HOLD, course)
    holds = ClaimHold.objects.filter(life=course, lifted_at__isnull=True)
    return {
        "found": found, "course": course, "bar": brief(found), "ways": ways, "may_move": may_move, "held": _held(found), "papers": papers(found), "timeline": history(found),
        "due": [words.text(language()) for words in found.due_words], "disagreements": [words.text(language()) for words in found.disagreements], "amending": found.amending,
        "policy": found.policy, "draft": _draft(found), "may_claims": access.may(found.person, claims.VIEW),
        "kept": found.text.kept, "waits": found.waits_for_library, "text_changed": found.text_changed, "may_enter": access.may(person, ENTER) and found.task is not None, "holds": {"on": holds.filter(goes_on=True).count(), "off": holds.filter(goes_on=False).count()},
        "pass_forms": {one["id"]: forms.Pass(initial={"to": one["id"], "version": task.version}) for one in ways} if task and may_move else {},
        **_forms(found, may_move=may_move, may_hold=may_hold)}


def _draft(found: Life) -> Draft | None:
    """The draft the policy's rules are written in, if this person sees drafts."""
    if not access.may(found.person, drafts.VIEW):
        return None
    return drafts.visible_drafts(found.person).filter(policy=found.course.subject_id).order_by("-changed_at").first()


def _forms(found: Life, *, may_move: bool, may_hold: bool) -> dict[str, Any]:
    course, task = found.course, found.task
    back = [(name, course.tree.step[name].label(language())) for name in task.step.back] if task and may_move else []
    to = holds_of(found) if may_hold and course.status == ACTIVE else []
    resume = may_hold and course.status not in (ACTIVE, life.EXPIRED)
    return {
        "assign_form": forms.Assign(initial={"version": task.version, "unit": task.owner_unit_id}) if task and course.status == ACTIVE and access.may(found.person, ASSIGN, task) else None,
        "back_form": forms.Back(back, initial={"version": task.version}) if back and task else None,
        "hold_form": forms.Hold(to, len(actions.open_claims(course.subject_id)), initial={"version": course.version}) if to else None,
        "resume_form": forms.Resume(initial={"version": course.version}) if resume else None,
        "hand_in_form": forms.HandIn(asked(found)) if access.may(found.person, ENTER) and task else None}


def holds_of(found: Life) -> list[tuple[str, str]]:
    """The statuses that may be declared where it is now."""
    return [(one.id, one.label(language())) for one in found.course.tree.statuses if not one.start or found.step.id in one.start]


def _held(found: Life) -> str:
    """Since when, by whom and why it is held up; empty where it is not."""
    if found.course.status == ACTIVE:
        return ""
    last: Iterable[Passage] = (one for one in reversed(found.passages) if one.kind == "held")
    one = next(iter(last), None)
    return _("{day} 由{who}决定：{why}").format(day=day(one.day), who=one.by.name if one.by else "", why=one.reason) if one else ""


