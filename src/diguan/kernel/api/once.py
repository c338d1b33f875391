"""Idempotency-Key: a write that is sent twice is done once, and both get the same answer.

A key belongs to its person. The deed and the keeping of its answer are one transaction, so a kill leaves both or
neither; of two requests at one time the second finds the first one's answer. Only success uses a key up: what was
refused wrote nothing and may be sent again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header

from diguan.kernel.api.actions import keep_answer
from diguan.kernel.api.models import KeptAnswer
from diguan.kernel.api.problems import refuse
from diguan.kernel.shell import asking

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[!-~]+$", description=(
    "Any word of yours for this one write, a UUID for example: sent again within a week with the same body, it is not done again"))]
_KEPT = ("ETag", "Location")


def once(request: HttpRequest, key: str | None, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the work, unless this person's key says that it was done; the caller has asked for the right already.

    Raises:
        Refusal: ``key_reused``: the key was used for something else. And whatever the work refuses.
    """
    if key is None:
        return work()
    asked = _digest(request)
    found = _kept(request, key, asked)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            answer = work()
            headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
            keep_answer(person=asking(request), key=key, asked=asked, status=answer.status_code, body=answer.content.decode(), headers=headers)
    except Exception:
        # Of two at once the later one fails here, by the key or because its deed is done: it tells what the first one told.
        winner = _kept(request, key, asked)
        if winner is None:
            raise
        return winner
    return answer


class _NotDone(Exception):
    """The form is to be shown again; nothing is kept of it."""


def fresh() -> str:
    """A word for the hidden field ``once`` of a form, another one each time it is shown."""
    return secrets.token_urlsafe(16)


def sent_once(request: HttpRequest, work: Callable[[], HttpResponse | None]) -> HttpResponse | None:
    """What a page's form did, once however often it is sent: its hidden field ``once`` is the key. None where the form is to be shown again.

    Raises:
        Refusal: as :func:`once`.
    """
    def worked() -> HttpResponse:
        answer = work()
        if answer is None:
            raise _NotDone
        return answer

    key = request.POST.get("once", "")
    try:
        return once(request, key if 0 < len(key) <= 100 and key.isascii() and key.isprintable() else None, worked)
    except _NotDone:
        return None


def _kept(request: HttpRequest, key: str, asked: str) -> HttpResponse | None:
    row = KeptAnswer.objects.filter(person=asking(request).pk, key=key).first()
    if row is None:
        return None
    if row.asked != asked:
        refuse("key_reused", "这个 Idempotency-Key 已用于另一个请求，请换一个", "this Idempotency-Key was used for another request; take a new one")
    return HttpResponse(row.body, status=row.status, content_type="application/json", headers={**row.headers, "Idempotency-Replayed": "true"})


def _digest(request: HttpRequest) -> str:
    """Everything that was asked: address, version, body; of an upload the fields and the bytes, not the boundary between them."""
    parts = [request.method or "", request.get_full_path(), request.headers.get("If-Match", "")]
    if request.content_type == "multipart/form-data":
        parts += [f"{name}={values}" for name, values in sorted(request.POST.lists())]
        for field, file in [(name, file) for name in sorted(request.FILES) for file in request.FILES.getlist(name)]:
            parts.append(f"{field}={file.name} {hashlib.sha256(file.read()).hexdigest()}")
            file.seek(0)
    else:
        parts.append(hashlib.sha256(request.body).hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
