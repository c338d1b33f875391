"""The list of projects; one project is in ``project_page``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from diguan.kernel import access
from diguan.kernel.shell import asking
from diguan.projects.queries.projects import CHANGE
from diguan.projects.web import project_lists


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    return project_lists.PAGE.show(request, may_change=access.may(asking(request), CHANGE))
