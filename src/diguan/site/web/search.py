"""The search box: every room answers for itself, after its right was asked; works without script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from diguan.kernel.shell import asking, pages_named, search_all

LONGEST = 80


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Everything found by name, grouped by room; a text that names exactly one thing by its code goes straight there."""
    text = " ".join(request.GET.get("q", "").split())[:LONGEST]
    found = search_all(asking(request), text) if text else []
    pages = pages_named(request, text)
    hits = [hit for _title, group in found for hit in group.hits]
    if len(hits) == 1 and not pages and len(text) == 18:
        return redirect(hits[0].url)
    return render(request, "site/search.html", {"search_query": text, "found": found, "pages": pages,
                                                "total": sum(group.total for _title, group in found) + len(pages)})
