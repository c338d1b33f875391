"""撞单查询: whether a firm is known already, as a lead, a project or a tenant of the county, and who looks after it. Nothing else is told.

It answers also of what the person may not see: an office must learn that a firm is spoken for, and with whom to talk. So a match carries
no title, amount, contact or number. Candidates come by index alone (code, phone, core of the name, initials, the first half of the core);
the engine's likeness then judges. Nothing scans the register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from diguan.enterprises import engine
from diguan.enterprises import queries as register
from diguan.enterprises.engine import Identity
from diguan.enterprises.models import Contact, Enterprise, FormerName
from diguan.kernel import access
from diguan.kernel.access.models import Person, Unit
from diguan.kernel.records import chunks
from diguan.projects.models import Lead, Project
from diguan.projects.queries.leads import CHANGE

LEAD, PROJECT, TENANT = "lead", "project", "tenant"
GONE = ("lost", "abandoned")
MOST, SHORT, LEAST = 300, 3, 2
"""Candidates of one kind by one key; letters of a core below which beginnings say nothing; letters below which nothing is looked up."""
RANGES = 50
_END = "\U0010ffff"


@dataclass(frozen=True)
class Asked:
    """What is known of a firm that may be new."""

    name: str = ""
    uscc: str = ""
    phone: str = ""

    @property
    def identity(self) -> Identity:
        """As the engine compares it."""
        found = register.identity(name=self.name, uscc=self.uscc, phone=self.phone) if len(engine.name_key(self.name)) >= LEAST else register.identity(name="", uscc=self.uscc, phone=self.phone)
        return found if len(found.core) >= LEAST else Identity(found.uscc, "", "", found.phones, "", found.initials)


@dataclass(frozen=True)
class Match:
    """That there is one, and who has it: a name and an office, empty where nobody does. ``kind`` is lead, project or tenant."""

    kind: str
    holder: str
    office: str


@dataclass(frozen=True)
class _Candidate:
    kind: str
    number: int
    identity: Identity
    person: int | None
    unit: int | None


# ── asked of one ─────────────────────────────────────────────────────────────
def matches(person: Person, asked: Asked, *, besides: int | None = None) -> list[Match]:
    """Whether the firm is known, the likeliest first, each holder of each kind once.

    Args:
        person: whoever may register leads; others learn nothing of who is there.
        asked: what is known of it; names of one letter say nothing yet.
        besides: a lead that is not compared with itself.

    Raises:
        access.Forbidden: the person may not register leads.
    """
    return matches_of(person, [asked], besides=besides)[0]


def matches_of(person: Person, asked: Sequence[Asked], *, besides: int | None = None) -> list[list[Match]]:
    """The matches of many at once, in their order: a file's rows are looked up by some hundred queries, not by one each."""
    access.require(person, CHANGE)
    ones = [each.identity for each in asked]
    pool = _Pool(ones)
    found = [_best(one, (each for each in pool.near(one) if each.kind != LEAD or each.number != besides)) for one in ones]
    names = _Names(each for part in found for each in part)
    return [list(dict.fromkeys(names.match(each) for each in part)) for part in found]


def _best(one: Identity, candidates: Iterable[_Candidate]) -> list[_Candidate]:
    scored: dict[tuple[str, int], tuple[int, _Candidate]] = {}
    for each in candidates:
        score = engine.likeness(one, each.identity).score or (85 if one.phones & each.identity.phones else 0)
        key = (each.kind, each.number)
        if score and score > scored.get(key, (0, each))[0]:
            scored[key] = (score, each)
    return [each for _score, each in sorted(scored.values(), key=lambda pair: (-pair[0], pair[1].kind, pair[1].number))][:20]


# ── candidates, by index ─────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Source:
    """A table that knows firms: the ORM paths of what is compared (empty: it has none), and the ``keys`` by which it has an index."""

    kind: str
    rows: Callable[[], QuerySet[Any]]
    keys: tuple[str, ...]
    number: str = "pk"
    uscc: str = ""
    core: str = ""
    initials: str = ""
    phone: str = ""
    person: str = "service_officer"
    unit: str = "owner_unit"

    def read(self, condition: Q, most: int | None) -> Iterator[_Candidate]:
        """The rows that fit, so many at most."""
        names = ("number", "uscc", "core", "initials", "phone", "person", "unit")
        paths = {name: path for name in names if (path := getattr(self, name))}
        for row in self.rows().filter(condition).order_by().values_list(*paths.values())[:most]:
            told = dict(zip(paths, row, strict=True))
            phones = frozenset({told["phone"]} - {""}) if "phone" in told else frozenset()
            yield _Candidate(self.kind, told["number"], Identity(told.get("uscc", ""), told.get("core", ""), "", phones, "", told.get("initials", "")), told["person"], told["unit"])

    def path(self, key: str) -> str:
        """Where this key stands; empty where it cannot be looked for by it."""
        return getattr(self, key) if key in self.keys else ""


_SOURCES = (
    _Source(LEAD, lambda: Lead.objects.filter(course__ended_at__isnull=True), ("uscc", "core", "initials", "phone"), uscc="uscc", core="core_key", initials="pinyin_key", phone="phone_key", person="holder"),
    _Source(PROJECT, lambda: Project.objects.exclude(course__status__in=GONE), ("uscc", "core"), uscc="investor_uscc", core="core_key"),
    _Source(TENANT, Enterprise.objects.all, ("uscc", "core", "initials"), uscc="uscc", core="core_key", initials="pinyin_key"),
    _Source(TENANT, FormerName.objects.all, ("core", "initials"), number="enterprise", core="core_key", initials="pinyin_key", person="enterprise__service_officer", unit="enterprise__owner_unit"),
    _Source(TENANT, Contact.objects.all, ("phone",), number="enterprise", uscc="enterprise__uscc", core="enterprise__core_key", phone="phone_key", person="enterprise__service_officer", unit="enterprise__owner_unit"),
)


class _Pool:
    """What may be alike of some firms, found by keys and kept by them."""

    def __init__(self, ones: Sequence[Identity]) -> None:
        self.by: dict[tuple[str, str], dict[tuple[str, int, str], _Candidate]] = defaultdict(dict)
        self.half = sorted({half for one in ones for half in halves_of(one.core)})
        most = MOST if len(ones) == 1 else None
        for source in _SOURCES:
            for condition in self._conditions(source, ones):
                for each in source.read(condition, most):
                    self._keep(each)

    def _conditions(self, source: _Source, ones: Sequence[Identity]) -> Iterator[Q]:
        for key, values in _values(ones).items():
            if path := source.path(key):
                yield from (Q(**{f"{path}__in": part}) for part in chunks(sorted(values)))
        if path := source.path("core"):
            yield from (_beginning(path, self.half[start:start + RANGES]) for start in range(0, len(self.half), RANGES))

    def _keep(self, each: _Candidate) -> None:
        for mark in half_marks(each.identity):
            self.by[mark][each.kind, each.number, each.identity.core] = each

    def near(self, one: Identity) -> Iterator[_Candidate]:
        """Those that share a key with it."""
        for mark in half_marks(one):
            yield from self.by[mark].values() if mark in self.by else ()


def halves_of(core: str) -> tuple[str, ...]:
    """The beginnings by which a core is looked for, three letters at least: its first half, and that of one a letter longer or shorter.

    A slip in the second half leaves them as they were. A short core has none: too many begin so.

    >>> halves_of("样例精密机芯"), halves_of("样例精密机"), halves_of("样例")
    (('样例精', '样例精密'), ('样例精',), ())
    """
    lengths = (len(core) - 1, len(core), len(core) + 1)
    return tuple(dict.fromkeys(core[:max(SHORT, (length + 1) // 2)] for length in lengths)) if len(core) > SHORT else ()


def half_marks(one: Identity) -> Iterator[tuple[str, str]]:
    """The keys by which a firm is found: two that are alike share one."""
    yield from ((name, value) for name, value in (("uscc", one.uscc), ("core", one.core), ("initials", one.initials)) if value)
    yield from (("phone", phone) for phone in one.phones)
    yield from (("half", half) for half in halves_of(one.core))


def _values(ones: Sequence[Identity]) -> dict[str, set[str]]:
    found = {"uscc": {one.uscc for one in ones}, "core": {one.core for one in ones}, "initials": {one.initials for one in ones}, "phone": {phone for one in ones for phone in one.phones}}
    return {key: values - {""} for key, values in found.items() if values - {""}}


def _beginning(path: str, halves: Sequence[str]) -> Q:
    found = Q()
    for half in halves:
        found |= Q(**{f"{path}__gte": half, f"{path}__lt": half + _END})
    return found


# ── names of who has them ────────────────────────────────────────────────────
class _Names:
    """People and offices by number, fetched once for all matches."""

    def __init__(self, found: Iterable[_Candidate]) -> None:
        each = list(found)
        self.people = _named(Person.objects.all(), {one.person for one in each})
        self.units = _named(Unit.objects.all(), {one.unit for one in each})

    def match(self, one: _Candidate) -> Match:
        """What may be told of it."""
        return Match(one.kind, self.people.get(one.person or 0, ""), self.units.get(one.unit or 0, ""))


def _named(rows: QuerySet[Any], numbers: set[int | None]) -> Mapping[int, str]:
    wanted = sorted(number for number in numbers if number)
    return {number: name for part in chunks(wanted) for number, name in rows.filter(pk__in=part).values_list("pk", "name")}
