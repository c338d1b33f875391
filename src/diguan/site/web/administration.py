"""Units, people, posts and delegations: every button is an action."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from diguan.kernel import access, events
from diguan.kernel.access import actions
from diguan.kernel.access.models import Delegation, Person, Post, Unit, UnitKind
from diguan.kernel.access.roles import roles
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.site.login import person_of


def people(request: HttpRequest) -> HttpResponse:
    """Everybody who can log in, and a form for one more."""
    access.require(person_of(request), "access.manage_person")
    if request.method == "POST":
        return _do(request, "site:people", _create_person)
    return render(request, "site/people.html", {"people": Person.objects.prefetch_related("posts__unit")})


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: posts, delegations, what was done, and what can be done."""
    access.require(person_of(request), "access.manage_person")
    row = get_object_or_404(Person, pk=pk)
    if request.method == "POST":
        deed = DEEDS.get(request.POST.get("deed", ""))
        return _do(request, "site:person", lambda asked: deed(asked, row) if deed else None, pk=pk)
    return render(request, "site/person.html", _about(request, row))


def units(request: HttpRequest) -> HttpResponse:
    """The tree of offices, and a form for one more."""
    access.require(person_of(request), "access.manage_unit")
    if request.method == "POST":
        return _do(request, "site:units", _create_unit)
    return render(request, "site/units.html", {"units": Unit.objects.all(), "kinds": UnitKind.choices[1:]})


def _about(request: HttpRequest, row: Person) -> dict[str, Any]:
    language = get_language() or "zh"
    return {
        "person": row,
        "posts": [(post, roles()[post.role].label(language)) for post in row.posts.select_related("unit")],
        "delegations": row.delegations.all(),
        "roles": [(name, role.label(language)) for name, role in roles().items()],
        "units": Unit.objects.filter(active=True),
        "timeline": events.of(person_of(request), row),
    }


def _do(request: HttpRequest, back: str, deed: Callable[[HttpRequest], Any], **kwargs: Any) -> HttpResponse:
    try:
        deed(request)
    except access.Forbidden:
        raise
    except Refusal as refusal:
        for reason in refusal.texts(get_language() or "zh"):
            messages.error(request, reason)
    else:
        messages.info(request, _("已保存"))
    return redirect(back, **kwargs)


def _create_person(request: HttpRequest) -> None:
    data = request.POST
    actions.create_person(
        login_name=data.get("login_name", ""),
        name=data.get("name", ""),
        phone=data.get("phone", ""),
        password=data.get("password", ""),
        by=person_of(request),
    )


def _create_unit(request: HttpRequest) -> None:
    data = request.POST
    parent = Unit.objects.filter(pk=_whole(data.get("parent", "")) or 0).first()
    actions.create_unit(
        code=data.get("code", ""), name=data.get("name", ""), kind=data.get("kind", ""), parent=parent, by=person_of(request)
    )


def _appoint(request: HttpRequest, row: Person) -> None:
    data = request.POST
    unit = Unit.objects.filter(pk=_whole(data.get("unit", "")) or 0).first()
    actions.appoint(
        person=row,
        role=data.get("role", ""),
        unit=unit,
        from_day=_day(data.get("from_day", "")),
        to_day=_day(data.get("to_day", "")),
        by=person_of(request),
    )


def _end_post(request: HttpRequest, row: Person) -> None:
    post = get_object_or_404(Post, pk=_whole(request.POST.get("post", "")), person=row)
    actions.end_post(post=post, by=person_of(request))


def _delegate(request: HttpRequest, row: Person) -> None:
    data = request.POST
    actions.delegate(
        person=row,
        uscc_code=data.get("uscc_code", ""),
        evidence=data.get("evidence", ""),
        to_day=_day(data.get("to_day", "")),
        by=person_of(request),
    )


def _revoke(request: HttpRequest, row: Person) -> None:
    found = get_object_or_404(Delegation, pk=_whole(request.POST.get("delegation", "")), person=row)
    actions.revoke_delegation(delegation=found, reason=request.POST.get("reason", ""), by=person_of(request))


def _deactivate(request: HttpRequest, row: Person) -> None:
    actions.deactivate_person(person=row, reason=request.POST.get("reason", ""), by=person_of(request))


def _reset(request: HttpRequest, row: Person) -> None:
    actions.reset_password(person=row, password=request.POST.get("password", ""), by=person_of(request))


def _unlock(request: HttpRequest, row: Person) -> None:
    actions.unlock_person(person=row, by=person_of(request))


def _reactivate(request: HttpRequest, row: Person) -> None:
    actions.reactivate_person(person=row, by=person_of(request))


DEEDS: dict[str, Callable[[HttpRequest, Person], None]] = {
    "appoint": _appoint,
    "end_post": _end_post,
    "delegate": _delegate,
    "revoke": _revoke,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "reset": _reset,
    "unlock": _unlock,
}


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal("bad_day", [Message(f"{text} 不是日期", f"{text} is not a day")]) from None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
