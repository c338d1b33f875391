"""Pages of leads: each asks for the right before anything else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from diguan.kernel import access, timelines
from diguan.kernel.shell import asking, or_404, trail
from diguan.projects.models import Lead
from diguan.projects.queries import leads
from diguan.projects.web import lead_lists


def lead_of(request: HttpRequest, number: int) -> Lead:
    """The lead of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), leads.VIEW)
    return or_404(leads.visible_leads(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    return lead_lists.PAGE.show(request)


@require_GET
def lead(request: HttpRequest, number: int) -> HttpResponse:
    """One of them and what was done to it."""
    row = lead_of(request, number)
    return render(request, "projects/lead.html", {"row": row, "timeline": trail(timelines.of(asking(request), row))})
