"""The list of projects; one project is in ``project_page``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from diguan.kernel import access
from diguan.kernel.shell import asking, or_404
from diguan.projects.models import Project
from diguan.projects.queries.projects import CHANGE, VIEW, visible_projects
from diguan.projects.web import project_lists


def project_of(request: HttpRequest, number: int) -> Project:
    """The project of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), VIEW)
    return or_404(visible_projects(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    return project_lists.PAGE.show(request, may_change=access.may(asking(request), CHANGE))
