"""Pages and files of open data: without logging in where a pack says so, else for who may see indicators."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from diguan.indicators import queries
from diguan.indicators.engine.terms import Indicator
from diguan.indicators.queries import open_data
from diguan.indicators.queries.open_data import Point, Terms
from diguan.indicators.web import words
from diguan.kernel import access
from diguan.kernel.lists.files import CSV, csv_text, download
from diguan.kernel.shell import language

JSON = "application/json; charset=utf-8"
JSON_LD = "application/ld+json; charset=utf-8"
View = TypeVar("View", bound=Callable[..., Any])


def is_open() -> bool:
    """Whether a pack has opened the data to people who have not logged in."""
    found = open_data.turned_on()
    return found is not None and found.open


def perhaps_public(view: View) -> View:
    """Let the wall ask at each request whether this page is open."""
    view.diguan_public = is_open  # type: ignore[attr-defined]
    return view


def terms_for(request: HttpRequest) -> Terms:
    """The terms of open data, for who may come in.

    Raises:
        Http404: they are turned off. Forbidden: they are for who may see indicators, and this person may not.
    """
    found = open_data.turned_on()
    if found is None:
        raise Http404
    if not found.open:
        access.require(request.user, queries.VIEW)
    return found


def dataset_of(request: HttpRequest, code: str) -> tuple[Terms, Indicator, Sequence[Point]]:
    """The terms, the indicator and its figures of an address.

    Raises:
        Http404: it is not public, or was published by no briefing yet.
    """
    said = terms_for(request)
    one = next((each for each in open_data.published() if each.code == code), None)
    listed = open_data.points()[code] if one else []
    if one is None or not listed:
        raise Http404
    return said, one, listed


@perhaps_public
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is open, under which terms."""
    said = terms_for(request)
    found = open_data.points()
    rows = [{"one": one, "title": one.title.text(language()), "definition": one.definition.text(language()), "unit": words.unit_words(one.unit), "count": len(found[one.code]),
             "first": min((point.cell.period for point in found[one.code]), default=""), "last": max((point.cell.period for point in found[one.code]), default=""),
             "files": [(label, reverse(f"indicators:{name}", args=[one.code])) for label, name in (("CSV", "open_csv"), ("JSON", "open_json"), ("schema.org", "open_dataset"))] if found[one.code] else []}
            for one in open_data.published()]
    return render(request, "indicators/open_data.html", {"frame": "kernel/staff.html" if request.user.is_authenticated else "kernel/public.html", "rows": rows, "publisher": said.publisher.text(language()), "contact": said.contact.text(language()), "licence": said.licence, "licence_url": said.licence_url})


@perhaps_public
@require_GET
def as_csv(request: HttpRequest, code: str) -> HttpResponse:
    """One data set as CSV: a row a figure, with the licence; definitions are in the JSON beside it."""
    said, _one, listed = dataset_of(request, code)
    head = [*open_data.COLUMNS, "licence", "publisher"]
    table: list[list[Any]] = [list(head), *([*point.row().values(), said.licence_url, said.publisher.zh] for point in listed)]
    return download(csv_text(table), CSV, f"{code}.csv")


@perhaps_public
@require_GET
def as_json(request: HttpRequest, code: str) -> HttpResponse:
    """One data set as JSON with its definitions."""
    said, one, listed = dataset_of(request, code)
    return download(_written(open_data.document(said, one, listed)), JSON, f"{code}.json")


@perhaps_public
@require_GET
def as_dataset(request: HttpRequest, code: str) -> HttpResponse:
    """The description of one data set for catalogues (schema.org, JSON-LD)."""
    said, one, listed = dataset_of(request, code)
    addresses = {"page": request.build_absolute_uri(reverse("indicators:open_data")), "text/csv": request.build_absolute_uri(reverse("indicators:open_csv", args=[code])), "application/json": request.build_absolute_uri(reverse("indicators:open_json", args=[code]))}
    return download(_written(open_data.dataset(said, one, listed, addresses)), JSON_LD, f"{code}.jsonld")


def _written(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()
