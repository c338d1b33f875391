"""Pages of local sourcing: all nodes of a chain, and one node with who could supply whom."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from diguan.chains.queries import coverage as register
from diguan.chains.queries import shelf
from diguan.chains.queries import sourcing as queries
from diguan.chains.queries.introductions import INTRODUCE
from diguan.chains.web import sourcing_words as said
from diguan.chains.web import words
from diguan.chains.web.coverage_lists import list_address
from diguan.kernel import access
from diguan.kernel.shell import asking, or_404


@require_GET
def chain(request: HttpRequest, key: str) -> HttpResponse:
    """Every node of a chain at which somebody of the county makes or buys."""
    person = asking(request)
    access.require(person, queries.MATCH)
    found, named = or_404(shelf.chains().get(key)), register.sees_every_volume(person)
    matches = [match for match in queries.matches(person, list(found.by_id)).values() if match.makers or match.users]
    lines = sorted((said.node_line(match, named) for match in matches), key=lambda line: (line["more"] is None, -(line["more"] or 0)))
    return render(request, "chains/sourcing.html", {"chain": found, "name": words.said(found.name), "lines": lines, "totals": said.totals(matches, named, list_address(chain=key)), "named": named})


@require_GET
def node(request: HttpRequest, key: str) -> HttpResponse:
    """One node: now and at most on both sides; by name for who may see both sides' amounts."""
    person = asking(request)
    access.require(person, queries.MATCH)
    found, named = or_404(shelf.node(key)), register.sees_every_volume(person)
    match = queries.matches(person, [key])[key]
    hidden = said.hides(match, named)
    return render(request, "chains/sourcing_node.html", {
        "node": found, "name": words.said(found.name), "chains": shelf.chains_of(key), "match": match, "named": named, "hidden": hidden, "more": None if hidden or match.unknown else match.more, "ratios": said.ratios(match, named),
        "pairs": said.pair_lines(match.pairs) if named else [], "makers": said.side_lines(match.makers) if named else [], "users": said.side_lines(match.users) if named else [], "silent": said.silent(match, named),
        "assumptions": said.assumptions(), "rows": list_address(node=key), "may_introduce": named and access.may(person, INTRODUCE), "proved": match.gap < 1e-6})
