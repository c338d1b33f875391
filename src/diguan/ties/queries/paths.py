"""Who can introduce us to a firm: the ties a person may see as a graph, and the best ways through it, each hop with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.ties.engine.paths import Edge, Node, best, graph
from diguan.ties.models import ENDS, Chamber, Consent, HometownPerson, Purpose, Tie, TiedFirm, TieState
from diguan.ties.queries import people, terms, ties
from diguan.ties.queries.terms import ON_RECORD, Terms

US: Node = ("us", 0)
"""The county: whoever of it stands at the end of a tie, and the office to which somebody gave their consent to introduce firms."""


@dataclass(frozen=True)
class Hop:
    """One step: to whom, by what, who says so since when, and whether a second person verified it. ``officer`` is who of the county, ``tie`` None where it is a consent."""

    kind: str
    to_kind: str
    to: Any
    source: str
    source_date: dt.date
    verified: bool
    stale: bool
    cost: int
    tie: Tie | None = None
    consent: Consent | None = None
    officer: Person | None = None
    side: str = ""


@dataclass(frozen=True)
class Way:
    """One way from the county to the firm, best first; the lower the cost the better."""

    hops: tuple[Hop, ...]
    cost: int

    @property
    def unverified(self) -> int:
        """How many hops nobody verified."""
        return sum(not hop.verified for hop in self.hops)

    @property
    def asked(self) -> Any:
        """Whom to speak to first."""
        return self.hops[0].to


def ways(person: Person, firm: TiedFirm) -> Sequence[Way]:
    """The best ways to a firm, of at most so many hops as ``ties.yaml`` says; none where there is none.

    Nobody without a consent to introduce firms in force today is in them, nor is anybody whom this person may not see.
    """
    now = terms.in_force(clocks.today())
    found = best(graph(_edges(person, now)), US, ("firm", firm.pk), hops=now.hops, most=now.paths)
    known = _Known.of({node for path in found for node in path.nodes}, [edge.key for path in found for edge in path.edges])
    return [Way(tuple(known.hop(node, edge, now) for node, edge in zip(path.nodes[1:], path.edges, strict=True)), path.cost) for path in found]


def _edges(person: Person, now: Terms) -> Iterator[Edge]:
    """Every tie in force as an edge; a consent to introduce as one from the county, whose key is negative."""
    willing = set(people.visible_people(person, Purpose.INTRODUCE).order_by().values_list("pk", flat=True))
    old = now.stale_before(clocks.today())
    columns = [f"{side}_{kind}_id" for side in "ab" for kind in ENDS]
    rows = ties.visible_ties(person).filter(state__in=ties.OPEN).order_by("pk").select_related(None).values_list("pk", "kind", "state", "source_date", *columns)
    for pk, kind, state, told, *ends in rows.iterator(chunk_size=5_000):
        one, other = _node(ends[:4]), _node(ends[4:])
        if all(node[0] != "person" or node[1] in willing for node in (one, other)):
            yield Edge(one, other, now.prices.of(now.strength[kind], verified=state == TieState.VERIFIED, stale=told < old), pk)
    for number in sorted(willing):
        yield Edge(US, ("person", number), now.prices.of(now.strength[ON_RECORD], verified=True, stale=False), -number)


def _node(ends: Sequence[int | None]) -> Node:
    """Everybody of the county is one node: a colleague is asked in the house."""
    kind, number = next((kind, number) for kind, number in zip(ENDS, ends, strict=True) if number is not None)
    return US if kind == "officer" else (kind, number)


@dataclass(frozen=True)
class _Known:
    """The rows of the paths found, fetched once for all of them."""

    rows: dict[Node, Any]
    ties: dict[int, Tie]
    consents: dict[int, Consent]

    @classmethod
    def of(cls, nodes: set[Node], keys: Sequence[int]) -> _Known:
        rows: dict[Node, Any] = {}
        for kind, model in (("person", HometownPerson), ("firm", TiedFirm), ("chamber", Chamber)):
            rows |= {(kind, row.pk): row for row in model.objects.filter(pk__in=[number for each, number in nodes if each == kind])}
        told = {row.pk: row for row in Tie.objects.filter(pk__in=[key for key in keys if key > 0]).select_related("a_officer", "b_officer")}
        given = people.in_force(clocks.today()).filter(person__in=[-key for key in keys if key < 0], introduce=True).select_related("person__owner_unit").order_by("expires_on", "id")
        return cls(rows, told, {row.person_id: row for row in given})

    def hop(self, node: Node, edge: Edge, now: Terms) -> Hop:
        if edge.key < 0:
            consent = self.consents[-edge.key]
            return Hop(ON_RECORD, *self._to(node), consent.get_how_display(), consent.given_on, True, False, edge.cost, consent=consent)
        row = self.ties[edge.key]
        return Hop(row.kind, *self._to(node), row.source, row.source_date, row.state == TieState.VERIFIED, row.source_date < now.stale_before(clocks.today()), edge.cost, tie=row,
                   officer=row.a_officer or row.b_officer)

    def _to(self, node: Node) -> tuple[str, Any]:
        return node[0], self.rows[node]
