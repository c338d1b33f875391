"""Pages of joint reviews: the list of those that wait for one's bureau, one review with every bureau's opinion, and giving one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, packs, timelines
from diguan.kernel.forms import done, file_field, paper
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.kernel.stages.queries import due_words
from diguan.projects.actions import joint as actions
from diguan.projects.models import Opinion
from diguan.projects.queries import access as reviews
from diguan.projects.queries import joint, projects
from diguan.projects.queries.joint import JointView, Part
from diguan.projects.web.project_forms import Versioned
from diguan.projects.web.project_page import view_of as project_of

VERDICTS = {Opinion.Verdict.AGREED: "ok", Opinion.Verdict.CONDITIONAL: "warn", Opinion.Verdict.OBJECTED: "bad"}
PAGE = ListPage(
    title=gettext_lazy("联合审查"), rows=joint.visible_joints, permission=reviews.VIEW, file_name="joint-reviews", empty=(gettext_lazy("没有联合审查"), gettext_lazy("从项目页发起。")),
    columns=(Column("project.name", gettext_lazy("项目"), head=True, link=lambda row: reverse("projects:joint", args=[row.pk]), note=lambda row: row.project.investor),
             Column("state", gettext_lazy("状态"), kind="status", value=lambda row: ("ok", _("已结束")) if row.course.ended_at else ("accent", _("在办"))),
             Column("started_on", gettext_lazy("发起"), kind="day", sort="started_on"), Column("created_by.name", gettext_lazy("谁发起"))),
    filters=(Filter("q", gettext_lazy("项目名称"), kind="search", fields=("project__name",)),
             Filter("state", gettext_lazy("状态"), choices=(("open", gettext_lazy("在办")), ("ended", gettext_lazy("已结束"))), apply=lambda rows, value: rows.filter(course__ended_at__isnull=value == "open"))))


class OpinionForm(Versioned):
    """A bureau's opinion."""

    verdict = forms.ChoiceField(label=gettext_lazy("同意吗"), choices=Opinion.Verdict.choices)
    words = forms.CharField(label=gettext_lazy("理由和条件"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    file = file_field(gettext_lazy("意见书"), required=False)


class CloseForm(Versioned):
    """What the meeting came to."""

    conclusion = forms.CharField(label=gettext_lazy("会商结论"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def view_of(request: HttpRequest, number: int) -> JointView:
    """The joint review of this address.

    Raises:
        Forbidden: the person sees no reviews. Http404: there is none, or none they may see.
    """
    access.require(asking(request), reviews.VIEW)
    return or_404(joint.find(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Those a person may see."""
    return PAGE.show(request)


@require_POST
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the bureaus to look at a project."""
    view = project_of(request, number)
    try:
        row = actions.start_joint(project=view.row, asked=request.POST.get("asked", ""), by=view.person)
    except Refusal as refusal:
        if refusal.code == "forbidden":
            raise
        for text in refusal.texts(language()):
            messages.error(request, text)
        return redirect("projects:project", number)
    messages.success(request, _("已发起，各部门同时看"))
    return redirect("projects:joint", row.pk)


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One joint review: every bureau with its opinion, one's own task with its form."""
    return show(request, view_of(request, number))


def show(request: HttpRequest, view: JointView, status: int = 200, refused: tuple[str, Any] | None = None, close_form: CloseForm | None = None, error: tuple[Any, ...] = ()) -> HttpResponse:
    """The page of a joint review; ``refused`` is the key of a task and the form as it was sent."""
    context = {
        "view": view, "row": view.row, "project": view.row.project, "industry": packs.codes().industries.get(view.row.project.industry, ""), "parts": [_part(view, part, refused) for part in view.parts], "meeting": view.meeting, "error": error,
        "close_form": close_form or (CloseForm(initial={"version": view.meeting.version}) if view.may_close else None), "ended": view.row.course.ended_at if view.row.course else None,
        "sees_project": projects.visible_projects(view.person).filter(pk=view.row.project_id).exists(), "timeline": trail(timelines.of(view.person, view.row))}
    return render(request, "projects/joint.html", context, status=status)


def _part(view: JointView, part: Part, refused: tuple[str, Any] | None) -> dict[str, Any]:
    task, given = part.task, part.opinion
    late = task.state == "open" and task.due is not None and task.due < view.day
    state = (VERDICTS[given.verdict], given.get_verdict_display()) if given else ("bad", _("已超期")) if late else ("accent", _("在看"))  # type: ignore[index]
    form = (refused[1] if refused and refused[0] == task.key else OpinionForm(initial={"version": task.version}, auto_id=f"{task.key}-%s")) if part.mine else None
    due = due_words(task, task.key) if task.state == "open" else None
    return {"task": task, "title": task.step.label(language()), "opinion": given, "state": state, "form": form, "due": due.text(language()) if due else ""}


@require_POST
def opinion(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Give one's bureau's opinion; refused, the page comes again with the reason and what was typed."""
    view = view_of(request, number)
    task = or_404(next((part.task for part in view.parts if part.task.key == key), None))
    access.require(view.person, joint.GIVE, task)
    form = OpinionForm(request.POST, request.FILES, auto_id=f"{key}-%s")
    data = form.cleaned_data if form.is_valid() else {}
    row = done(request, form, lambda: actions.give_opinion(
        task=task, version=data["version"], verdict=data["verdict"], words=data["words"], paper=paper(data["file"]) if data["file"] else None, by=view.person))
    if row is None:
        error = (*form.non_field_errors(),)
        return show(request, view_of(request, number), 422, refused=(key, form), error=error)
    messages.success(request, _("意见已提出"))
    return redirect("projects:joint", number)


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Write down what the meeting came to."""
    view = view_of(request, number)
    access.require(view.person, reviews.ENTER, view.row)
    form = CloseForm(request.POST)
    if done(request, form, lambda: actions.close_joint(review=view.row, by=view.person, **form.cleaned_data)) is None:
        return show(request, view_of(request, number), 422, close_form=form, error=(*form.non_field_errors(),))
    messages.success(request, _("联合审查已结束"))
    return redirect("projects:joint", number)
