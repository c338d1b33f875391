"""Pages of projects: each asks for the right before anything else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from diguan.kernel import access, timelines
from diguan.kernel.shell import asking, or_404, trail
from diguan.projects.models import Project
from diguan.projects.queries import projects
from diguan.projects.web import project_lists


def project_of(request: HttpRequest, number: int) -> Project:
    """The project of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), projects.VIEW)
    return or_404(projects.visible_projects(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    return project_lists.PAGE.show(request)


@require_GET
def project(request: HttpRequest, number: int) -> HttpResponse:
    """One of them and what was done to it."""
    row = project_of(request, number)
    return render(request, "projects/project.html", {"row": row, "timeline": trail(timelines.of(asking(request), row))})
