"""Pages of the matter library: each asks for the right before anything else."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.services import actions, queries
from diguan.services.actions import packs, retirement
from diguan.services.engine import fields, matters
from diguan.services.models import Matter, MatterVersion
from diguan.services.queries import shelf
from diguan.services.web import lists, words
from diguan.services.web.forms import MatterForm, RetireForm, initial


def matter_of(request: HttpRequest, key: str) -> Matter:
    """The matter of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.visible_matters(asking(request)).filter(key=key).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address; the export has the national columns."""
    person = asking(request)
    may_adopt = access.may(person, queries.PUBLISH)
    return lists.PAGE.show(request, may_change=access.may(person, queries.CHANGE), may_import=access.may(person, queries.IMPORT), pending=len(queries.pending()) if may_adopt else 0)


@require_GET
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One matter: the version in force or the one asked for, what it changed, and what may be done."""
    return _show(request, matter_of(request, key))


def _show(request: HttpRequest, row: Matter, error: Refusal | None = None, retire: RetireForm | None = None) -> HttpResponse:
    person, ended = asking(request), queries.retirement(row)
    versions, now = queries.versions(person, row), queries.in_force(row, clocks.today())
    shown = _asked(versions, request.GET.get("version", ""), now)
    draft = next((one for one in versions if not one.published), None)
    return render(request, "services/matter.html", {
        "row": row, "shown": shown, "state": words.state_of(row), "now": now, "draft": draft,
        "versions": [(one, words.standing(one, now)) for one in versions],
        **(_contents(shown, versions, person, row) if shown else {}),
        "timeline": trail(timelines.of(person, row)), "errors": error.texts(language()) if error else [],
        "may_change": access.may(person, queries.CHANGE, row), "ended": ended,
        "retire": (retire or RetireForm(initial={"version": row.version})) if now and not ended and access.may(person, queries.PUBLISH, row) else None,
        "may_publish": draft is not None and draft.drafted_by_id != person.pk and access.may(person, queries.PUBLISH, row), "own_draft": draft is not None and draft.drafted_by_id == person.pk,
    }, status=409 if error else 422 if retire else 200)


def _asked(versions: list[MatterVersion], number: str, now: MatterVersion | None) -> MatterVersion | None:
    """The version asked for, else the one in force, else the newest."""
    wanted = next((one for one in versions if str(one.number) == number), None)
    return wanted or next((one for one in versions if now is not None and one.pk == now.pk), None) or (versions[0] if versions else None)


def _contents(shown: MatterVersion, versions: list[MatterVersion], person: Any, row: Matter) -> dict[str, Any]:
    before = next((one for one in versions if one.number < shown.number), None)
    wrong = matters.problems(shown.content, shelf.known()) if queries.sees_drafts(person, row) else []
    return {"groups": words.groups(shown.content), "asked": words.asked(shown.content), "standing": words.standing(shown, queries.in_force(row, clocks.today())),
            "changes": words.differences(before, shown), "before": before, "broken": not queries.intact(shown),
            "advice": [words.said(one.message) for one in wrong if one.advice], "wrong": [words.said(one.message) for one in wrong if not one.advice]}


def new(request: HttpRequest) -> HttpResponse:
    """Enter a new matter as a draft."""
    access.require(asking(request), queries.CHANGE)
    form = MatterForm(request.POST or None, new=True, initial={**initial(fields.blank()), "valid_from": clocks.today(), "exercise_level": "县级"})
    row = done(request, form, lambda: actions.create_matter(
        key=form.cleaned_data["key"], content=form.content, valid_from=form.cleaned_data["valid_from"], valid_to=form.cleaned_data["valid_to"], by=asking(request)))
    return redirect(lists.address_of(row)) if row else _form(request, form, _("登记事项"), reverse("services:matters"))


def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Write the draft of the next version."""
    row = matter_of(request, key)
    access.require(asking(request), queries.CHANGE, row)
    last = row.versions.first()
    form = MatterForm(request.POST or None, new=False, initial={
        **initial(last.content if last else fields.blank()), "version": row.version, "valid_from": clocks.today() if last is None or last.published else last.valid_from, "valid_to": last.valid_to if last else None})
    saved = done(request, form, lambda: actions.draft_matter(
        matter=row, version=form.cleaned_data["version"] or 0, content=form.content, valid_from=form.cleaned_data["valid_from"], valid_to=form.cleaned_data["valid_to"], by=asking(request)))
    return redirect(lists.address_of(saved)) if saved else _form(request, form, row.name, lists.address_of(row))


def _form(request: HttpRequest, form: django_forms.Form, title: str, back: str) -> HttpResponse:
    return render(request, "services/matter_form.html", {"form": form, "title": title, "back": back}, status=422 if form.errors else 200)


@require_POST
def publish(request: HttpRequest, key: str) -> HttpResponse:
    """Freeze the draft."""
    return _deed(request, key, queries.PUBLISH, lambda row, version: actions.publish_matter(matter=row, version=version, by=asking(request)))


@require_POST
def drop(request: HttpRequest, key: str) -> HttpResponse:
    """Throw the draft away."""
    return _deed(request, key, queries.CHANGE, lambda row, version: actions.drop_draft(matter=row, version=version, by=asking(request)))


def _deed(request: HttpRequest, key: str, right: str, act: Any) -> HttpResponse:
    row = matter_of(request, key)
    access.require(asking(request), right, row)
    refusal = refused(lambda: act(row, whole(request.POST.get("version", ""))))
    if refusal is not None:
        return _show(request, Matter.objects.get(pk=row.pk), refusal)
    return redirect(lists.address_of(row))


@require_POST
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """End it from a day on."""
    row = matter_of(request, key)
    access.require(asking(request), queries.PUBLISH, row)
    form = RetireForm(request.POST)
    if done(request, form, lambda: retirement.retire_matter(matter=row, **form.cleaned_data, by=asking(request))) is None:
        return _show(request, row, retire=form)
    messages.success(request, _("停用已记下；要恢复就发布新的一版"))
    return redirect(lists.address_of(row))


@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Take what the packs tell into the library: matters first, then the life events that name them."""
    access.require(asking(request), queries.PUBLISH)
    taken = packs.adopt(by=asking(request))
    messages.success(request, ngettext("载入了 %(n)s 项", "载入了 %(n)s 项", taken) % {"n": taken})
    return redirect("services:matters")
