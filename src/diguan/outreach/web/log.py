"""The phone page on which a visit is written down, with or without a network; what it sends to, and the worker that keeps it.

A device keeps what it could not send under the person's number. Before it sends, it asks who is signed in here now; what it sends
names that person and a key of the entry, and the server refuses one that is signed in as somebody else. See docs/decisions/0017.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access
from diguan.kernel.forms import done
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, whole
from diguan.outreach.actions import visits as actions
from diguan.outreach.queries import rights, visits
from diguan.outreach.web.tables import visit_address
from diguan.outreach.web.visit_forms import LogForm

WORKER = Path(__file__).resolve().parent.parent / "static" / "outreach" / "log-worker.js"


@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """Write a visit down; without script it is a form like any other."""
    person = asking(request)
    access.require(person, rights.LOG)
    form = LogForm(request.POST or None, person=person, first=_first(request))
    row = done(request, form, lambda: actions.send_visit(key=form.cleaned_data["key"], values=form.told, by=person)[0])
    if row is not None:
        messages.success(request, _("记下了"))
        return redirect(visit_address(row))
    return render(request, "outreach/log.html", {"form": form, "mine": visits.visible_visits(person).filter(created_by=person)[:5]}, status=422 if form.errors else 200)


def _first(request: HttpRequest) -> dict[str, Any]:
    """What the address says of the visit: which trip, which call."""
    call = next((one for one in visits.open_calls(asking(request)) if one.pk == whole(request.GET.get("call", ""))), None)
    if call is not None:
        return {"call": call.pk, "trip": call.trip_id, "name": call.name, "party": call.party}
    return {"trip": whole(request.GET.get("trip", "")) or None}


@never_cache
@require_GET
def who(request: HttpRequest) -> HttpResponse:
    """Who is signed in here, and the token with which a device sends."""
    access.require(asking(request), rights.LOG)
    return JsonResponse({"who": str(asking(request).pk), "token": get_token(request)})


@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take one entry of a device: 201 it is new, 200 it was here, 409 another text has its key or somebody else is signed in, 422 it cannot be used."""
    person = asking(request)
    access.require(person, rights.LOG)
    if request.POST.get("who") != str(person.pk):
        return _said(409, _("这台设备现在登录的是别人，没有传"))
    form = LogForm(request.POST, person=person)
    if not form.is_valid():
        return _said(422, " ".join(f"{form[name].label if name in form.fields else ''} {' '.join(map(str, errors))}".strip() for name, errors in form.errors.items()))
    try:
        row, new = actions.send_visit(key=form.cleaned_data["key"], values=form.told, by=person)
    except Forbidden:
        raise
    except Refusal as refusal:
        return _said(409 if refusal.code == "key_taken" else 422, " ".join(refusal.texts(language())))
    return JsonResponse({"number": row.pk, "url": visit_address(row)}, status=201 if new else 200)


def _said(status: int, why: str) -> HttpResponse:
    return JsonResponse({"why": why}, status=status)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: from this address it may keep this page and nothing above it."""
    access.require(asking(request), rights.LOG)
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = reverse("outreach:log")
    return answer
