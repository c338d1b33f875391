"""The API under ``/api/``: the routes of every room, who asks, and one door in front of them.

Who asks is a person: by a personal token (``Authorization: Bearer``) or, on our own pages, by the session (then with
the CSRF token, like any form). A request that carries a token is judged by the token alone.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils import translation
from ninja import NinjaAPI, Router, Schema
from ninja.operation import Operation
from ninja.security import APIKeyCookie, HttpBearer

from diguan.kernel import jobs
from diguan.kernel.access.models import Person
from diguan.kernel.access.tokens import queries as tokens
from diguan.kernel.api import paging, problems
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, or_404
from diguan.site import login
from diguan.site.apps import SiteConfig
from diguan.site.web import api_facts, api_notices, api_requests

CHANGE_FIRST = Message("请先在网页上改掉初始密码", "change the first password on the pages before anything else")
about = Router(tags=["site"])


class Token(HttpBearer):
    """A personal token, issued on the page 接口令牌."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """Its person, as who asks."""
        person = tokens.person_of(token)
        return _enter(request, person) if person else None


class Session(APIKeyCookie):
    """The session of a page; whatever writes needs the CSRF token as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Person | None:
        """Its person; nobody where a token was sent or nobody is logged in."""
        if "Authorization" in request.headers or not isinstance(request.user, Person):
            return None
        found: Person | None = super().__call__(request)
        return found

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        """The person of a session that is neither idle nor old."""
        assert isinstance(request.user, Person)  # __call__ has looked
        return None if login.expired(request) else _enter(request, request.user)


def _enter(request: HttpRequest, person: Person) -> Person:
    if person.must_change_password:
        raise Refusal("password_change_needed", [CHANGE_FIRST])
    request.user = person
    return person


@about.get("/openapi.json", include_in_schema=False, url_name="openapi")
def openapi(request: HttpRequest) -> dict[str, Any]:
    """This very API, for programs."""
    return dict(API.get_openapi_schema(path_prefix="/api/"))


class Api(NinjaAPI):
    """Django Ninja's, with names of operations that do not change when code moves."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The view's name: it is one verb and one noun, and no two rooms have the same."""
        return str(operation.view_func.__name__)


class JobOut(Schema):
    """Background work: queued, running, done or failed; ``result`` is what came of it, ``reason`` why it failed."""

    id: int
    state: str
    progress_done: int
    progress_total: int
    result: str | None
    reason: str | None


@about.get("/jobs/{number}", response={200: JobOut, **problems.READS}, url_name="job")
def one_job(request: HttpRequest, number: paging.Number) -> JobOut:
    """One's own background work: how far it is, what came of it."""
    row = or_404(jobs.of(asking(request), number))
    return JobOut(id=row.pk, state=row.state, progress_done=row.progress_done, progress_total=row.progress_total, result=row.result or None,
                  reason=row.error.partition("\n\n")[0] or None)


def _build() -> NinjaAPI:
    """Every room's ``web/api.py`` and ``web/api_*.py`` in one API; the tag of a route is the name of its room."""
    made = Api(title="Diguan 滴灌", version="1", docs_url=None, openapi_url=None, auth=[Token(), Session()], urls_namespace="api",
                    description="The queries and actions of the pages, with the same rights. Money is integer fen in keys ending in `_fen`; days are ISO.")
    problems.install(made)
    for router in (about, api_facts.router, api_requests.router, api_notices.router):
        made.add_router("", router)
    for config in reversed(list(apps.get_app_configs())):
        if config.name.startswith("diguan.") and not isinstance(config, SiteConfig):
            for router in _routers(config.name):
                made.add_router("", router)
    return made


def _routers(room: str) -> Iterator[Router]:
    """The ``router`` of each file of a room that holds routes, by the file's name."""
    web = find_spec(f"{room}.web")
    names = sorted(each.name for each in pkgutil.iter_modules(web.submodule_search_locations if web else ()))
    return (import_module(f"{room}.web.{name}").router for name in names if name == "api" or name.startswith("api_"))


def door(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """In front of every route: its own language, no NUL, and what the framework says in the shape of all problems."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A program says which language it wants; on pages it is the one chosen there.
        spoken = translation.get_language_from_request(request) if "Authorization" in request.headers else translation.get_language()
        with translation.override(spoken):
            if "\x00" in request.path or "\x00" in "".join(text for texts in request.GET.lists() for text in texts[1]):
                return problems.of_status(404)
            found: HttpResponse = view(request, *args, **kwargs)
            return _not_allowed(found.headers["Allow"]) if found.status_code == 405 else found

    answer.diguan_api = True  # type: ignore[attr-defined]
    answer.csrf_exempt = True  # type: ignore[attr-defined]  # the session asks for it; a token needs none
    return answer


def _not_allowed(methods: str) -> HttpResponse:
    answer = problems.of_status(405)
    answer.headers["Allow"] = methods
    return answer


def unknown(request: HttpRequest) -> HttpResponse:
    """Any other address below."""
    return problems.of_status(404)


API = _build()
app_name = "api"
urlpatterns = [*(URLPattern(entry.pattern, door(entry.callback), name=entry.name) for entry in API.urls[0]
                 if isinstance(entry, URLPattern) and entry.name != "api-root"),  # that one answers in another shape
               re_path("", door(unknown), name="unknown")]
