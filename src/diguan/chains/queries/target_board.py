"""The board of target firms: what is known of each as facts, which filters hold, who comes first and why.

Facts of the subject ``target`` are declared here; another room may declare more, and a pack may name them in ``targets.yaml``.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import QuerySet

from diguan.chains.engine import targetfile, targets
from diguan.chains.engine.basis import Matrix, Vector
from diguan.chains.engine.ranking import Scores, entropy_weights, means, reached, scores
from diguan.chains.engine.targetfile import AHP, ENTROPY, FAILED, GIVEN, SUBJECT, Method, state_of
from diguan.chains.models import Membership, TargetFirm, TargetNode
from diguan.chains.models.targets import POLLUTION_WORDS, TOP500, Pollution
from diguan.chains.queries import maps, shelf
from diguan.chains.queries import targets as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import clocks, packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts.declare import VALUE, attributes_of, declared, fact, sources
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import windows
from diguan.kernel.rules.scalar import Finding, Stored, SubjectFacts

KEEPER, MAPS = "target_firms", "chain_map"


# ── facts ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Subject:
    """A firm and what only other rows tell of it; None is not known.

    ``gap_need`` is fen a year that local firms need at its nodes and nobody here covers.
    """

    firm: TargetFirm
    nodes: tuple[str, ...] = ()
    top500: bool | None = None
    in_county: bool | None = None
    gap_need: int | None = None
    feasible: bool | None = None


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


@fact("target.region", subject=SUBJECT, source=KEEPER)
def fact_region(row: Subject, _day: dt.date) -> str | None:
    """Where it sits."""
    return row.firm.region or None


@fact("target.industry", subject=SUBJECT, source=KEEPER)
def fact_industry(row: Subject, _day: dt.date) -> str | None:
    """Its line of business."""
    return row.firm.industry or None


@fact("target.growth", subject=SUBJECT, source=KEEPER)
def fact_growth(row: Subject, _day: dt.date) -> int | None:
    """In basis points."""
    return row.firm.growth


@fact("target.jobs", subject=SUBJECT, source=KEEPER)
def fact_jobs(row: Subject, _day: dt.date) -> int | None:
    """People."""
    return row.firm.jobs


@fact("target.tax_per_mu", subject=SUBJECT, source=KEEPER)
def fact_tax(row: Subject, _day: dt.date) -> int | None:
    """Fen a year."""
    return row.firm.tax_per_mu


@fact("target.land", subject=SUBJECT, source=KEEPER)
def fact_land(row: Subject, _day: dt.date) -> int | None:
    """In 0.0001 mu."""
    return row.firm.land


@fact("target.local_purchase", subject=SUBJECT, source=KEEPER)
def fact_local(row: Subject, _day: dt.date) -> int | None:
    """In basis points."""
    return row.firm.local_share


@fact("target.pollution", subject=SUBJECT, source=KEEPER)
def fact_pollution(row: Subject, _day: dt.date) -> str | None:
    """Its class."""
    return POLLUTION_WORDS[Pollution(row.firm.pollution)] if row.firm.pollution else None


@fact("target.hometown_tie", subject=SUBJECT, source=KEEPER)
def fact_tie(row: Subject, _day: dt.date) -> int | None:
    """Whether somebody from here stands behind it; who that is, is kept elsewhere."""
    return _flag(row.firm.hometown_tie)


@fact("target.top500", subject=SUBJECT, source=KEEPER)
def fact_top500(row: Subject, _day: dt.date) -> int | None:
    """Whether it is in the newest of one of the three lists; a subsidiary without proof of control is not known."""
    return _flag(row.top500)


@fact("target.in_county", subject=SUBJECT, source=MAPS)
def fact_in_county(row: Subject, _day: dt.date) -> int | None:
    """Whether the county's register has it."""
    return _flag(row.in_county)


@fact("target.gap_need", subject=SUBJECT, source=MAPS)
def fact_gap(row: Subject, _day: dt.date) -> int | None:
    """Fen a year."""
    return row.gap_need


@fact("target.feasible", subject=SUBJECT, source=MAPS)
def fact_feasible(row: Subject, _day: dt.date) -> int | None:
    """Whether the county could take in one of its nodes."""
    return _flag(row.feasible)


def attributes(row: Subject, day: dt.date) -> dict[str, Stored]:
    """What is known of a firm, by fact in storage units."""
    return {one.fact: one.value for one in attributes_of(row, str(row.firm.pk), day, SUBJECT) if one.state == VALUE and one.value is not None}


def facts_of(found: Mapping[str, Stored]) -> SubjectFacts:
    """The same as rules read it."""
    return SubjectFacts(found, {}, windows.Coverage({}))


def keeper_of(name: str) -> str:
    """Who keeps a fact of target firms."""
    return sources(SUBJECT).get(name, KEEPER)


def fact_names() -> tuple[str, ...]:
    """Every declared fact of target firms, in the catalogue's order."""
    return tuple(name for name in packs.catalogue() if name in declared(SUBJECT))


# ── what other rows tell ─────────────────────────────────────────────────────
@dataclass(frozen=True)
class NodeNeed:
    """One node as the county has it: uncovered need in fen (None: not known), and whether it could be taken in (None: nobody said)."""

    need: int | None
    feasible: bool | None


def node_needs(person: Person) -> dict[str, NodeNeed]:
    """Of every node; one that stands in several chains has the need of the chain that needs most."""
    found: dict[str, NodeNeed] = {}
    for view in maps.views(person, list(shelf.chains().values()), parts=maps.NOTHING).values():
        for key, stand in view.stands.items():
            value = None if stand.gap is None or stand.gap.value is None else int(stand.gap.value)
            before = found.get(key)
            if before is None or (value is not None and (before.need is None or before.need < value)):
                found[key] = NodeNeed(value, None if key not in view.told or (score := view.told[key].score) is None else score > 0)
    return found


def subjects(person: Person, rows: QuerySet[TargetFirm] | Sequence[TargetFirm]) -> list[Subject]:
    """These firms with what other rows tell of them."""
    firms = list(rows)
    numbers = {row.pk for row in firms}
    every = len(firms) > TargetFirm.objects.count() // 2
    nodes: dict[int, list[str]] = {}
    for number, node in _of(TargetNode.objects.order_by("node"), "firm", numbers, every).values_list("firm_id", "node"):
        nodes.setdefault(number, []).append(node)
    needs, tops, here = node_needs(person), _tops(numbers, every), _here(firms)
    return [_subject(row, tuple(nodes.get(row.pk, ())), needs, tops, here) for row in firms]


def _of(rows: QuerySet[Any], path: str, numbers: set[int], every: bool) -> QuerySet[Any]:
    """The rows of these firms; all there are where that is most of them anyway."""
    return rows if every else rows.filter(**{f"{path}__in": list(numbers)[:900]}) if len(numbers) <= 900 else rows


def _subject(row: TargetFirm, nodes: tuple[str, ...], needs: Mapping[str, NodeNeed], tops: Mapping[int, bool | None], here: tuple[set[str], set[str]]) -> Subject:
    mine = [needs[node] for node in nodes if node in needs]
    known = [one.need for one in mine]
    could = [one.feasible for one in mine]
    by_code, by_name = here
    registered = True if row.uscc in by_code or row.name_key in by_name else False if row.uscc else None
    return Subject(row, nodes, tops.get(row.pk, tops.get(-1)), registered, None if not known or None in known else sum(each for each in known if each is not None),
                   True if True in could else False if could and None not in could else None)


def _tops(numbers: set[int], every: bool) -> dict[int, bool | None]:
    """By firm whether it is in the newest of the three lists; -1 for who is in none: no, once all three are there, else not known."""
    newest = {kind: year for kind, year in register.newest_lists().items() if kind in TOP500}
    found: dict[int, bool | None] = {-1: False if len(newest) == len(TOP500) else None}
    rows = _of(Membership.objects.filter(list__kind__in=TOP500), "firm", numbers, every)
    for number, kind, year, parent, proof in rows.values_list("firm_id", "list__kind", "list__year", "parent", "control_proof"):
        if newest.get(kind) == year:
            found[number] = True if not parent or proof or found.get(number) else None
    return found


def _here(firms: Sequence[TargetFirm]) -> tuple[set[str], set[str]]:
    """Codes and name keys of these firms that the county's register has."""
    codes, keys = sorted({row.uscc for row in firms if row.uscc}), sorted({row.name_key for row in firms})
    rows = Enterprise.objects.exclude(business_status__in=("注销", "吊销"))
    return ({code for part in chunks(codes) for code in rows.filter(uscc__in=part).values_list("uscc", flat=True)},
            {key for part in chunks(keys) for key in rows.filter(name_key__in=part).values_list("name_key", flat=True)})


# ── the method ───────────────────────────────────────────────────────────────
def method() -> Method:
    """How firms are chosen: ``targets.yaml`` of the last pack that has one; read again when it changes.

    Raises:
        DocumentErrors: anything wrong in it.
    """
    path = list(packs.files("targets.yaml"))[-1]
    return _method(path, path.stat().st_mtime_ns, packs.folders())


@functools.lru_cache(maxsize=4)
def _method(path: Path, _stamp: int, _folders: tuple[Path, ...]) -> Method:
    return targetfile.load(path, packs.catalogue(), packs.codes())


@dataclass(frozen=True)
class Weighing:
    """Weights (k,) adding up to 1 and how they came about; ``consistency`` of judgements, None of others."""

    use: str
    share: Vector
    consistency: float | None = None


def weighing(of: Method, use: str, values: Matrix) -> Weighing:
    """The weights of a method by one of its ways; those by entropy follow from the values, an unknown one at the mean of the others.

    Raises:
        Refusal: the document has none by that way, judgements contradict one another, or nothing tells the firms apart.
    """
    if use == AHP and of.pairs is not None:
        share, ratio = targets.judged(of.pairs, of.titles)
        return Weighing(AHP, share, ratio)
    if use == GIVEN and of.given is not None:
        return Weighing(GIVEN, of.given / of.given.sum())
    if use == ENTROPY:
        return Weighing(ENTROPY, entropy_weights(np.where(np.isnan(values), means(values), values)))
    raise Refusal("no_weights", [Message("筛选口径里没有这种权重", "the method holds no weights of this kind")])


# ── the board ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One firm on the board; ``at`` is its row among the ranked, None where a filter fails."""

    subject: Subject
    told: Mapping[str, Stored]
    findings: tuple[Finding, ...]
    state: str
    at: int | None = None

    @property
    def firm(self) -> TargetFirm:
        """The firm itself."""
        return self.subject.firm


@dataclass(frozen=True)
class Board:
    """Firms after the filters, ranked; those that fail one last, by name. ``refused`` says why the chosen weights cannot be had."""

    method: Method
    weighing: Weighing | None
    lines: tuple[Line, ...]
    scores: Scores | None
    values: Matrix
    as_of: dt.date
    known_at: dt.datetime | None
    node: str = ""
    refused: Refusal | None = None
    _ranges: dict[int, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def ranked(self) -> list[Line]:
        """Those that are ranked, best first; equals by name."""
        assert self.scores is not None or not any(line.at is not None for line in self.lines)
        return [line for line in self.lines if line.at is not None]

    def ranges(self, lines: Sequence[Line]) -> dict[int, tuple[int, int]]:
        """Best and worst rank by row of the ranking, over ±20 % of each weight and whatever is not known; kept once worked out."""
        wanted = [line.at for line in lines if line.at is not None and line.at not in self._ranges]
        if wanted and self.scores is not None:
            best, worst = reached(self.scores, wanted)
            self._ranges.update({at: (int(low), int(high)) for at, low, high in zip(wanted, best, worst, strict=True)})
        return self._ranges


def board(person: Person, node: str = "", use: str = "") -> Board:
    """Every firm this person may see, or those that make a node, judged and ranked today.

    Raises:
        access.Forbidden: the person may not see chains or target firms.
        DocumentErrors: ``targets.yaml`` cannot be used.
    """
    rows = register.visible_firms(person).defer("created_at")
    return judged(person, subjects(person, rows.filter(nodes__node=node).distinct() if node else rows), node, use)


def judged(person: Person, found: Sequence[Subject], node: str = "", use: str = "") -> Board:
    """These firms judged and ranked today."""
    of, day = method(), clocks.today()
    seen: dict[tuple[Stored | None, ...], tuple[Finding, ...]] = {}
    lines, reads = [], of.facts
    for subject in found:
        told = attributes(subject, day)
        key = tuple(told.get(name) for name in reads)
        findings = seen.get(key)
        if findings is None:
            findings = seen[key] = of.judge(facts_of(told), day)
        lines.append(Line(subject, told, findings, state_of(findings)))
    kept = [line for line in lines if line.state != FAILED]
    values = np.column_stack([one.column([line.told for line in kept], day) for one in of.criteria]) if kept else np.empty((0, len(of.criteria)))
    weights, refused = _weights(of, use or of.use, values)
    ranking = scores(values, weights.share) if weights is not None and kept else None
    numbered = [Line(line.subject, line.told, line.findings, line.state, at) for at, line in enumerate(kept)] if ranking is not None else kept
    if ranking is not None:
        numbered.sort(key=lambda line: (int(ranking.rank[line.at or 0]), line.firm.name_key, line.firm.pk))
    failed = sorted((line for line in lines if line.state == FAILED), key=lambda line: (line.firm.name_key, line.firm.pk))
    return Board(of, weights, (*numbered, *failed), ranking, values, day, max((subject.firm.changed_at for subject in found), default=None), node, refused)


def _weights(of: Method, use: str, values: Matrix) -> tuple[Weighing | None, Refusal | None]:
    """The weights asked for; where they cannot be had, the others the document gives, and why."""
    try:
        return weighing(of, use, values), None
    except Refusal as refusal:
        if not len(values):
            return None, None
        other = next((each for each in (of.use, *of.ways) if each not in (use, ENTROPY)), None)
        return (weighing(of, other, values) if other else None), refusal


def line_of(person: Person, row: TargetFirm) -> tuple[Line, Board]:
    """One firm on the board of everybody."""
    found = board(person)
    return next(line for line in found.lines if line.firm.pk == row.pk), found


