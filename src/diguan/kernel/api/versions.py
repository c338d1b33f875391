"""Versions of records as HTTP tells them: ``ETag`` on what is read, ``If-Match`` on what is changed."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from diguan.kernel.api.problems import Stale, refuse

_TAG = r'"[\x21\x23-\x7e]*"'
# Also a weak tag: a proxy that compresses marks it so, and a version is the same version compressed.
_NAMED = re.compile(rf"(?:W/)?{_TAG}(?:[ \t]*,[ \t]*(?:W/)?{_TAG})*")
# Said in the schema as needed; asked for here, so that its lack is 428 and not one wrong field among others.
IF_MATCH: dict[str, Any] = {"parameters": [{
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string", "pattern": r'^"[!#-~]+"$', "examples": ['"3"']},
    "description": "The ETag of the version that was read; of several, one must be there now. `*` names no version and is refused"}]}


def etag(version: object) -> str:
    """A version as a strong entity tag.

    >>> etag(7)
    '"7"'
    """
    return f'"{version}"'


def brief(said: str) -> str:
    """What was said, or stands, in short: for a version or a cursor, where others than these words must show.

    >>> brief("a") == brief("a") != brief("b")
    True
    """
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def require_match(request: HttpRequest, version: object) -> None:
    """Let pass who names the version that is there now, alone or in a list (RFC 9110, 13.1.1: one that matches is enough).

    ``*`` would match whatever is there, so it protects nobody's work: it is refused like a header that is left out, and so is a
    list with anything else in it than tags. A page has no such word either: its form always carries the version it showed.

    Raises:
        Refusal: ``unversioned`` (428): no version is named.
        Stale: (412): another version is there now.
    """
    said = request.headers.get("If-Match", "").strip()
    if not _NAMED.fullmatch(said):
        refuse("unversioned", "请用 If-Match 带上读到的版本（ETag），这样不会盖掉别人的改动",
               "name the version you read (its ETag) in If-Match, so that nobody's change is lost")
    if etag(version) not in re.findall(_TAG, said):
        raise Stale(etag(version))


def told(body: Schema, status: int = 200, *, version: object = None, at: str = "") -> HttpResponse:
    """An answer with its version and, for what is new, its address."""
    answer = HttpResponse(body.model_dump_json(), content_type="application/json", status=status)
    if version is not None:
        answer.headers["ETag"] = etag(version)
    if at:
        answer.headers["Location"] = at
    return answer
