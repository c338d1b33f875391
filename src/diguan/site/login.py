"""The wall in front of every page: a session that is neither idle nor old, a changed password.

Views are closed unless they say ``@public``; so a forgotten decorator closes a page, never opens one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language

from diguan.kernel import clocks, refused, remember
from diguan.kernel.refusals import Forbidden, Refusal

View = TypeVar("View", bound=Callable[..., Any])
LAST_SEEN = "last_seen"
STARTED = "started"
# Writing the session at every click would make every read a write; a minute's grain is enough.
GRAIN = 60
UNSENT = "unsent"
"""In the login page's address: a form was sent and did not arrive, for its session had ended."""


def public(view: View) -> View:
    """Mark a view as open to people who have not logged in."""
    view.diguan_public = True  # type: ignore[attr-defined]
    return view


def before_change(view: View) -> View:
    """Mark a view as open to people who must change their password first."""
    view.diguan_before_change = True  # type: ignore[attr-defined]
    return view


class LoginWall:
    """Middleware: sends strangers to the login page and ends idle or old sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve; pages for logged-in people are never kept in a cache."""
        with remember.remembering(reading=request.method in ("GET", "HEAD")):
            response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal nobody caught with its reasons: 403 for a missing right, 409 for the rest."""
        if not isinstance(exception, Refusal):
            return None
        refused.of_request(request, exception)
        status = 403 if isinstance(exception, Forbidden) else 409
        context = {"reasons": exception.texts(get_language() or "zh")}
        return render(request, "site/403.html" if status == 403 else "site/refused.html", context, status=status)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Decide before the view runs; None lets it run. The API asks who comes by its own means and answers in its own shape."""
        if getattr(view, "diguan_api", False):
            return None
        if _holds_nul(request):
            raise Http404
        if getattr(view, "diguan_public", False):
            return None
        if request.user.is_authenticated and expired(request):
            logout(request)
        if not request.user.is_authenticated:
            return _to_login(request)
        if request.user.must_change_password and not getattr(view, "diguan_before_change", False):
            return redirect("site:password")
        return None


def _holds_nul(request: HttpRequest) -> bool:
    """Whether an address or a form holds a character no keyboard makes, which PostgreSQL does not take in any text."""
    told = [value for sent in (request.GET, request.POST) for _key, values in sent.lists() for value in values]
    return any("\x00" in str(value) for value in (request.path, *told))


def expired(request: HttpRequest) -> bool:
    """Whether the session is idle or old; notes at a minute's grain that it is used."""
    now = int(clocks.now().timestamp())
    seen, started = request.session.get(LAST_SEEN), request.session.get(STARTED)
    if seen is None or started is None:
        request.session[LAST_SEEN], request.session[STARTED] = now, now
        return False
    if now - seen > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_COOKIE_AGE:
        return True
    if now - seen > GRAIN:
        request.session[LAST_SEEN] = now
    return False


def stood_on(request: HttpRequest) -> str:
    """The page of ours from which a form was sent, ``/`` where that is not known."""
    came = urlsplit(request.headers.get("Referer", ""))
    ours = came.netloc == request.get_host() and came.path.startswith("/") and came.path[1:2] not in ("/", "\\")
    return urlunsplit(("", "", came.path, came.query, "")) if ours else "/"


def _to_login(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # htmx would paste the login page into a fragment; this makes the whole page go there.
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("site:login")})
    if request.method not in ("GET", "HEAD"):
        # What was sent did not arrive: the login page says so, and leads back to the form it was typed in.
        return redirect(f"{reverse('site:login')}?{urlencode({'next': stood_on(request), UNSENT: 1})}")
    return redirect_to_login(request.get_full_path(), reverse("site:login"))
