"""The log of what was refused: one JSON line each on the logger ``diguan.refused``, whatever becomes of the transaction.

It says who (number and login name), what (an action, or the method and name of an address), on which record (model and number), why
(``code``), and which right was lacking. What somebody typed, and whatever else tells of a person, is never in it.
"""

from __future__ import annotations

import contextlib
import contextvars
import json
import logging
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from diguan.kernel.refusals import Forbidden, Refusal

log = logging.getLogger("diguan.refused")
_inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside_an_action", default=False)
_LONG = re.compile(r"\d{7,}")  # a login name may be somebody's telephone number


@contextlib.contextmanager
def noting(name: str, on: str | None, told: Mapping[str, Any]) -> Iterator[None]:
    """Note what the action ``name`` refuses; of actions within actions only the outermost one speaks."""
    if _inside.get():
        yield
        return
    before = _inside.set(True)
    try:
        yield
    except Refusal as refusal:
        rows = [value for key, value in told.items() if key != "by" and isinstance(value, Model)]
        note(refusal, told["by"], name, told[on] if on else next(iter(rows), None))
        raise
    finally:
        _inside.reset(before)


def of_request(request: HttpRequest, refusal: Refusal) -> None:
    """Note what a page, a list's export or the API refuses, unless its action did already."""
    place, kind = request.resolver_match, request.GET.get("export", "")
    name = f"{request.method} {place.view_name if place else ''}" + (f"?export={kind}" if kind in ("xlsx", "csv") else "")
    note(refusal, request.user, name, None, place.kwargs if place else {})


def note(refusal: Refusal, who: Any, what: str, record: Any, address: Mapping[str, Any] = MappingProxyType({})) -> None:
    """One line, once for each refusal; where no record is known, the whole numbers in the address name one."""
    if refusal.noted:
        return
    refusal.noted = True
    row = record or (refusal.record if isinstance(refusal, Forbidden) else None)
    about = f"{row._meta.label_lower} {row.pk}" if isinstance(row, Model) else " ".join(f"{key} {value}" for key, value in address.items() if isinstance(value, int))
    line = {"who": getattr(who, "pk", None), "login": _LONG.sub("…", getattr(who, "login_name", "")), "what": what, "on": about,
            "code": refusal.code, "right": refusal.permission if isinstance(refusal, Forbidden) else ""}
    log.info(json.dumps(line, ensure_ascii=False))
