"""Pages for what went wrong, in both languages, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from diguan.site.login import public, stood_on


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent is too much or cannot be read; asks nothing of the request, which may be what is broken."""
    return render(request, "site/400.html", status=400)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this post does not include that right."""
    return render(request, "site/403.html", {"reasons": getattr(exception, "reasons", ())}, status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or no such row for this person."""
    return render(request, "site/404.html", status=404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """500: reads no database, for the database may be what is broken."""
    return render(request, "site/500.html", status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or came from elsewhere."""
    return render(request, "site/csrf.html", {"back": stood_on(request)}, status=403)
