"""Pages of proposals: made of a note, listed, one with before and after, and what its office and a third person say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.declare import DeskItem
from diguan.kernel.forms import done, refused
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.kernel.stages.refusals import ChangedMeanwhile
from diguan.services.actions import proposals as actions
from diguan.services.models import Proposal, ProposalState, Trouble, WalkNote
from diguan.services.queries import proposals, walks
from diguan.services.queries.proposals import FIX, VERIFY, WAITING
from diguan.services.queries.walks import VIEW, WALK
from diguan.services.web import walk_forms as forms
from diguan.services.web import walk_words as words
from diguan.services.web.walks import walk_of


def _address(row: Proposal) -> str:
    return reverse("services:proposal", args=[row.pk])


def _units(person: Any) -> list[tuple[str, str]]:
    found = proposals.visible_proposals(person).order_by("owner_unit__name").values_list("owner_unit", "owner_unit__name").distinct()
    return [(str(number), name) for number, name in found if number]


PAGE = ListPage(
    title=gettext_lazy("整改建议"), permission=VIEW, export_permission=walks.EXPORT, rows=proposals.visible_proposals, file_name="proposals", template="services/walks/proposals.html",
    empty=(gettext_lazy("还没有整改建议"), gettext_lazy("走完一次流程，把记下的问题提成整改建议，这里就有。")),
    about=[(gettext_lazy("口径"), gettext_lazy("整改单位说办完了不算数，第三个人核验属实才算；超期是过了最晚的日子还没办完也没有不采纳的"))],
    columns=(
        Column("what", gettext_lazy("改什么"), head=True, link=_address, note=lambda row: words.about(row.note)),
        Column("state", gettext_lazy("状态"), kind="status", value=words.state),
        Column("owner_unit", gettext_lazy("责任单位"), value=lambda row: row.owner_unit.name if row.owner_unit else "", note=lambda row: row.owner.name if row.owner else ""),
        Column("due", gettext_lazy("最晚"), kind="day", sort=True),
        Column("trouble", gettext_lazy("哪类问题"), value=lambda row: row.note.get_trouble_display(), wide=True),
        Column("created_by", gettext_lazy("谁提的"), value=lambda row: row.created_by.name if row.created_by else "", wide=True),
        Column("words", gettext_lazy("遇到了什么"), in_file=True, value=lambda row: row.note.words), Column("day", gettext_lazy("提出"), kind="day", in_file=True),
        Column("changed", gettext_lazy("改了什么"), in_file=True), Column("done_day", gettext_lazy("整改"), kind="day", in_file=True), Column("verified_day", gettext_lazy("核验属实"), kind="day", in_file=True)),
    filters=(
        Filter("q", gettext_lazy("改什么"), kind="search", fields=("what", "note__words")), Filter("state", gettext_lazy("状态"), choices=ProposalState.choices),
        Filter("unit", gettext_lazy("责任单位"), choices=_units, fields=("owner_unit",)), Filter("trouble", gettext_lazy("哪类问题"), choices=Trouble.choices, fields=("note__trouble",)),
        Filter("late", gettext_lazy("超期"), kind="bool", apply=lambda rows, _value: proposals.overdue(rows))))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The proposals this person may see."""
    person = asking(request)
    return PAGE.show(request, overdue=proposals.overdue(proposals.visible_proposals(person)).count() if access.may(person, VIEW) else 0)


def desk(person: Any) -> Iterator[DeskItem]:
    """What waits for this person's office, and what waits for them to look whether it is real."""
    mine = proposals.to_fix(person)
    late, waiting, there = proposals.overdue(mine).count(), mine.count(), proposals.to_verify(person).count()
    page = reverse("services:proposals")
    if late:
        yield DeskItem("first", "bad", _("超期"), ngettext("%(n)s 条整改建议过了最晚的日子", "%(n)s 条整改建议过了最晚的日子", late) % {"n": late}, _("走流程的人等着答复"), "", f"{page}?late=1", _("去办"), 20)
    elif waiting:
        yield DeskItem("week", "warn", _("等整改"), ngettext("%(n)s 条整改建议等您单位办", "%(n)s 条整改建议等您单位办", waiting) % {"n": waiting}, "", "", page, _("去看"), 46)
    if there:
        yield DeskItem("week", "warn", _("等核验"), ngettext("%(n)s 条整改等核验", "%(n)s 条整改等核验", there) % {"n": there}, _("提出的、整改的都不能自己核验"), "", f"{page}?state=done", _("去看"), 47)


# ── made ─────────────────────────────────────────────────────────────────────
def propose(request: HttpRequest, number: int, note: int) -> HttpResponse:
    """Make a proposal of a note; the office of its matter is offered first."""
    walk, person = walk_of(request, number), asking(request)
    access.require(person, WALK, walk)
    row: WalkNote = or_404(WalkNote.objects.filter(step__walk=walk, pk=note).select_related("step__walk__life_event__life_event", "matter__matter").first())
    units = proposals.offices()
    first = row.matter.matter.owner_unit_id if row.matter else None
    form = forms.ProposeForm(request.POST or None, units=units, people=proposals.people_of(units), initial={"unit": first})
    made = done(request, form, lambda: actions.propose(walk=walk, note=row, by=person, **form.said))
    if made is not None:
        messages.success(request, _("提出了，已告诉责任单位"))
        return redirect(_address(made))
    return render(request, "services/walks/propose.html", {"walk": walk, "note": row, "about": words.about(row), "title": words.event(walk.life_event), "form": form}, status=422 if form.errors else 200)


# ── one ──────────────────────────────────────────────────────────────────────
def _of(request: HttpRequest, number: int) -> Proposal:
    access.require(asking(request), VIEW)
    return or_404(proposals.find(asking(request), number))


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal with before and after."""
    return _show(request, _of(request, number))


def _show(request: HttpRequest, row: Proposal, status: int = 200, error: list[str] | None = None, sent: tuple[str, Any] | None = None) -> HttpResponse:
    person = asking(request)
    before, after = proposals.sides(row.note)
    due = clocks.derivation(proposals.due_of(row))
    made = _forms(row, person)
    if sent and sent[0] in made:
        made[sent[0]] = sent[1]
    context = {
        "row": row, "note": row.note, "step": words.title(row.note.step), "about": words.about(row.note), "state": words.state(row), "how": due.text(language()), "sides": words.sides(before, after), "before": before, "after": after,
        "begun": after is not None and after.valid_from <= clocks.today(), "walk": walks.find_walk(person, row.note.step.walk_id), "proof": _proof(row, person), "forms": made, "opened": sent[0] if sent else "", "error": error,
        "own": row.state == ProposalState.DONE and access.may(person, VERIFY, row) and "verify" not in made, "timeline": trail(timelines.of(person, row))}
    return render(request, "services/walks/proposal.html", context, status=status)


def _forms(row: Proposal, person: Any) -> dict[str, Any]:
    """The forms of what this person may do with it now."""
    start, found = {"version": row.version}, dict[str, Any]()
    if row.state in WAITING and access.may(person, FIX, row):
        if row.state == ProposalState.OPEN:
            found["accept"] = forms.VersionForm(initial=start)
        else:
            found["done"] = _fix_form(row, person, None)
        found["refuse"] = forms.ReasonForm(initial=start, auto_id="refuse-%s")
    if row.state == ProposalState.DONE and access.may(person, VERIFY, row) and person.pk not in (row.done_by_id, row.created_by_id):
        found |= {"verify": forms.VersionForm(initial=start), "return": forms.ReasonForm(initial=start, auto_id="return-%s")}
    return found


def _fix_form(row: Proposal, person: Any, data: Any) -> forms.FixForm:
    return forms.FixForm(data, there=proposals.mending(person, row), initial={"version": row.version}, auto_id="done-%s")


def _proof(row: Proposal, person: Any) -> list[tuple[str, str]]:
    """What was shown as proof: in words, and where it is if the person may open it."""
    found = []
    if row.after_matter:
        found.append((words.version(row.after_matter), f"{reverse('services:matter', args=[row.after_matter.matter.key])}?version={row.after_matter.number}"))
    if row.after_event:
        found.append((words.event_version(row.after_event), reverse("services:life_event", args=[row.after_event.life_event.key])))
    if row.after_walk:
        seen = walks.find_walk(person, row.note.step.walk_id) and walks.find_walk(person, row.after_walk_id or 0)
        found.append((words.walk(row.after_walk), f"{reverse('services:walk_beside', args=[row.note.step.walk_id])}?other={row.after_walk_id}" if seen else ""))
    return found


Deed = Callable[[Proposal, int, Any, Any], Proposal]
DEEDS: dict[str, tuple[str, Deed, Any]] = {
    "accept": (FIX, lambda row, version, _form, by: actions.accept_proposal(proposal=row, version=version, by=by), gettext_lazy("采纳了，按期整改")),
    "refuse": (FIX, lambda row, version, form, by: actions.refuse_proposal(proposal=row, version=version, reason=form.cleaned_data["reason"], by=by), gettext_lazy("答复了：不采纳")),
    "done": (FIX, lambda row, version, form, by: actions.finish_proposal(proposal=row, version=version, by=by, **form.said), gettext_lazy("记下了，等第三个人核验")),
    "verify": (VERIFY, lambda row, version, _form, by: actions.verify_proposal(proposal=row, version=version, by=by), gettext_lazy("核验属实")),
    "return": (VERIFY, lambda row, version, form, by: actions.return_proposal(proposal=row, version=version, reason=form.cleaned_data["reason"], by=by), gettext_lazy("退回了，接着整改"))}


@require_POST
def deed(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one thing with a proposal as its page showed it; refused, the page comes again with the reason."""
    row, person = _of(request, whole(number)), asking(request)
    right, act, said = DEEDS[name]
    access.require(person, right, row)
    form = _fix_form(row, person, request.POST) if name == "done" else (forms.ReasonForm(request.POST, auto_id=f"{name}-%s") if name in ("refuse", "return") else forms.VersionForm(request.POST))
    if not form.is_valid():
        return _show(request, row, 422, [str(text) for texts in form.errors.values() for text in texts], (name, form))
    refusal = refused(lambda: act(row, form.cleaned_data["version"], form, person))
    if refusal is not None:
        return _show(request, _of(request, row.pk), 409 if isinstance(refusal, ChangedMeanwhile) else 422, refusal.texts(language()), (name, form))
    messages.success(request, said)
    return redirect(_address(row))
