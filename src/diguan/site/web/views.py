"""Saved views of lists: a person's own, saved from the list they stand on and opened there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diguan.kernel.lists import actions
from diguan.kernel.lists.models import SavedView
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a list under a name, and go back to it."""
    path, query = request.POST.get("path", ""), request.POST.get("query", "")
    _ours(path)
    person = asking(request)
    try:
        actions.save_view(person=person, path=path, name=request.POST.get("name", ""), query=query, by=person)
    except Refusal as refusal:
        for text in refusal.texts(language()):
            messages.error(request, text)
    else:
        messages.success(request, _("已存下这个筛选"))
    return redirect(f"{path}?{query}")


@require_POST
def forget(request: HttpRequest, number: int) -> HttpResponse:
    """Forget one of one's own."""
    person = asking(request)
    view = or_404(SavedView.objects.filter(person=person, pk=number).first())
    path = view.path
    actions.forget_view(person=person, view=view, by=person)
    messages.success(request, _("已删掉"))
    return redirect(path)


def _ours(path: str) -> None:
    """An address of this site, and nothing that leads out of it.

    Raises:
        Http404: it is none.
    """
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None) or not path.startswith("/"):
        raise Http404
    try:
        resolve(path)
    except Resolver404 as error:
        raise Http404 from error
