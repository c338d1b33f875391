"""Reads of the capability register (能力名册): lists, what counts on a day, the county's figures, the facts rules ask for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.engine import name_key
from diguan.enterprises.models import NONE_WORD, Capability, CapabilityState, Enterprise
from diguan.kernel import access, clocks, events, packs
from diguan.kernel.access.models import Person
from diguan.kernel.events import Event
from diguan.kernel.facts.declare import Answer, declared, fact
from diguan.kernel.measures import Figure, measure, value
from diguan.kernel.messages import Message
from diguan.kernel.records import chunks

VIEW = "enterprises.view_capability"
CLAIM = "enterprises.claim_capability"
VERIFY = "enterprises.verify_capability"
IMPORT = "enterprises.import_capability"
EXPORT = "enterprises.export_capability"
SOON = 90  # days before its end in which a claim is said to be ending
FACTS = ("capability.standards_led", "capability.honours_national", "capability.robots", "capability.clean_production")


# ── lists ────────────────────────────────────────────────────────────────────
def visible_capabilities(person: Person) -> QuerySet[Capability]:
    """The claims this person may see, newest first."""
    return access.visible(Capability.objects.all(), person, VIEW).order_by("-issued", "-id")


def capability(person: Person, number: int) -> Capability | None:
    """One claim by its number, None where there is none for this person."""
    rows = visible_capabilities(person).select_related("enterprise", "proof", "entered_by", "decided_by", "created_by")
    return rows.filter(pk=number).first()


def of_enterprise(person: Person, row: Enterprise) -> list[Capability]:
    """The claims of one enterprise, by kind in the order of their declaration, newest first."""
    found = visible_capabilities(person).filter(enterprise=row).select_related("enterprise", "entered_by", "decided_by")
    order = {name: place for place, name in enumerate(kinds.KINDS)}
    return sorted(found, key=lambda one: order.get(one.kind, len(order)))


def in_state(rows: QuerySet[Capability], state: str, day: dt.date) -> QuerySet[Capability]:
    """Of these claims, those in one state on ``day``; ``verified`` are those that hold, ``expired`` those that held."""
    if state == "expired":
        return rows.filter(state=CapabilityState.VERIFIED, valid_until__lt=day)
    found = rows.filter(state=state)
    return found.filter(_holding(day)) if state == CapabilityState.VERIFIED else found


def _holding(day: dt.date) -> Q:
    return Q(issued__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def ending(rows: QuerySet[Capability], day: dt.date, days: int = SOON) -> QuerySet[Capability]:
    """Of these claims, those that hold and end within so many days."""
    return in_state(rows, CapabilityState.VERIFIED, day).filter(valid_until__lte=day + dt.timedelta(days=days))


def search(rows: QuerySet[Capability], text: str) -> QuerySet[Capability]:
    """Claims whose name, issuer, paper or enterprise holds the text."""
    key = name_key(text)
    return rows.filter(Q(name__icontains=text) | Q(issuer__icontains=text) | Q(document__icontains=text)
                       | Q(enterprise__name_key__contains=key) | Q(enterprise__pinyin_key__contains=key) | Q(enterprise__uscc=text.upper()))


def words_of(person: Person, column: str) -> list[str]:
    """The words in use in one column of the enterprises that claim something (cluster, town), for filters."""
    path = f"enterprise__{column}"
    rows = visible_capabilities(person).exclude(**{path: ""}).order_by(path)
    return list(rows.values_list(path, flat=True).distinct())


def categories(person: Person) -> list[str]:
    """The classes of products claimed."""
    rows = visible_capabilities(person).filter(kind="product").order_by("details__category")
    return list(rows.values_list("details__category", flat=True).distinct())


# ── who may do what with a claim ─────────────────────────────────────────────
def may_verify(person: Person, row: Capability) -> bool:
    """Whether this person may decide on the claim: the right, another person than who entered it, and it waits."""
    return row.state == CapabilityState.CLAIMED and not entered_by(person, row) and access.may(person, VERIFY, row)


def entered_by(person: Person, row: Capability) -> bool:
    """Whether this person entered the claim, first or last, or wrote anything of it in between."""
    if person.pk in (row.entered_by_id, row.created_by_id):
        return True
    kind, key = events.key_of(row)
    return Event.objects.filter(root_type=kind, root_id=key, verb="capability_changed", actor=person).exists()


# ── what the county can do on a day ──────────────────────────────────────────
@dataclass(frozen=True)
class Abilities:
    """Claims that stand on one day, narrowed as a figure needs them. ``claims`` hold and are verified, or all wait.

    Verified and waiting ones are never in the same one of these, so that no figure adds them up.
    """

    as_of: dt.date
    known_at: dt.datetime | None
    state: str
    claims: tuple[Capability, ...]

    def only(self, kind: str, **details: Any) -> Abilities:
        """Those of one kind with these details, ``only("honour", level="national")``."""
        return replace(self, claims=tuple(one for one in self.claims if one.kind == kind
                                          and all(one.details.get(name) == value for name, value in details.items())))

    def of_cluster(self, cluster: str) -> Abilities:
        """Those of one industrial cluster; ``""`` are the enterprises of none."""
        return replace(self, claims=tuple(one for one in self.claims if _cluster(one) == cluster))

    @property
    def clusters(self) -> list[str]:
        """The clusters of those who claim something, the one with most claims first."""
        return [name for name, _count in Counter(map(_cluster, self.claims)).most_common() if name]

    @property
    def enterprises(self) -> int:
        """How many enterprises stand behind."""
        return len({one.enterprise_id for one in self.claims})


def _cluster(one: Capability) -> str:
    return "" if one.enterprise.cluster == NONE_WORD else one.enterprise.cluster


def abilities(person: Person, day: dt.date | None = None) -> tuple[Abilities, Abilities]:
    """What is verified and holds on a day (default today), and what still waits for somebody to verify it."""
    day = day or clocks.today()
    rows = visible_capabilities(person).select_related("enterprise").order_by("enterprise__name_key", "id")
    known_at = max((row.changed_at for row in rows), default=None)
    verified = tuple(row for row in rows if row.counts(day))
    waiting = tuple(row for row in rows if row.state == CapabilityState.CLAIMED and row.issued <= day and (row.valid_until or day) >= day)
    return Abilities(day, known_at, "verified", verified), Abilities(day, known_at, "claimed", waiting)


def claims_behind(person: Person, of: Abilities) -> list[Capability]:
    """These claims, as far as the person may see them now."""
    wanted = [one.pk for one in of.claims]
    return [row for part in chunks(wanted) for row in visible_capabilities(person).filter(pk__in=part)]


def _rows(kind: str) -> Callable[[Person, Abilities], Sequence[Capability]]:
    """The claims of one kind behind a figure, as far as the person may see them."""
    def rows(person: Person, of: Abilities) -> Sequence[Capability]:
        return claims_behind(person, of.only(kind))
    return rows


@measure("enterprises.daily_capacity", title=Message("日产能", "Daily capacity"), unit="", permission=VIEW, rows=_rows("product"),
         definition=Message("同一品类、同一计量单位的日产能相加；是一天最多能做多少，不是产量；已核实与待核实分开算",
                            "Daily capacities of one product class in one unit, added up: the most that can be made in a day, not output; "
                            "verified and waiting ones apart"))
def daily_capacity(of: Abilities) -> int | None:
    """Capacity of the products, in their unit; None for none, and for several classes or units, which cannot be added."""
    products = of.only("product").claims
    apart = {(one.details.get("category"), one.details.get("unit")) for one in products}
    return sum(one.details["daily_capacity"] for one in products) if len(apart) == 1 else None


@measure("enterprises.export_markets", title=Message("出口国家和地区", "Export markets"), unit="个", permission=VIEW, rows=_rows("market"),
         definition=Message("企业出口到的国家和地区，按 ISO 3166 代码去重计数；几家出口同一国算一个",
                            "Countries and regions exported to, by ISO 3166 code; one that several enterprises export to counts once"))
def export_markets(of: Abilities) -> int:
    """Distinct countries and regions."""
    return len(kinds.distinct_countries(one.details for one in of.only("market").claims))


@measure("enterprises.robots", title=Message("机器人", "Robots"), unit="台", permission=VIEW, rows=_rows("robot"),
         definition=Message("企业在用的机器人台数相加", "Robots in use, added up"))
def robots(of: Abilities) -> int:
    """How many robots."""
    return sum(int(one.details["count"]) for one in of.only("robot").claims)


@measure("enterprises.honours", title=Message("有效荣誉", "Honours in force"), unit="项", permission=VIEW, rows=_rows("honour"),
         definition=Message("当天仍在有效期内的荣誉，可按国家、省、市、县级分看", "Honours that have not ended on the day; by level where narrowed"))
def honours(of: Abilities) -> int:
    """How many honours."""
    return len(of.only("honour").claims)


@measure("enterprises.standards", title=Message("参与标准", "Standards taken part in"), unit="项", permission=VIEW, rows=_rows("standard"),
         definition=Message("按标准号去重；主导和参与可分看", "By number of the standard, each once; led and taken part in where narrowed"))
def standards(of: Abilities) -> int:
    """Distinct standards."""
    return len({name_key(one.details["number"]) for one in of.only("standard").claims})


@measure("enterprises.clean_firms", title=Message("通过清洁生产审核的企业", "Enterprises with clean production"), unit="家", permission=VIEW, rows=_rows("clean"),
         definition=Message("清洁生产审核在有效期内的企业，一家算一次", "Enterprises whose clean-production audit holds, each once"))
def clean_firms(of: Abilities) -> int:
    """Enterprises with an audit that holds."""
    return of.only("clean").enterprises


@measure("enterprises.capability_firms", title=Message("有能力记录的企业", "Enterprises with a claim"), unit="家", permission=VIEW,
         definition=Message("至少有一条有效能力的企业", "Enterprises with at least one claim that stands"),
         rows=claims_behind)
def capability_firms(of: Abilities) -> int:
    """Enterprises that claim anything."""
    return of.enterprises


def figure(name: str, person: Person, of: Abilities) -> Figure:
    """A figure of the register by its short name, ``figure("robots", …)``."""
    return value(f"enterprises.{name}", person, of)


def capacities(of: Abilities) -> list[tuple[str, str]]:
    """The product classes and units there are, the largest capacity first: what :func:`daily_capacity` is asked for."""
    found: Counter[tuple[str, str]] = Counter()
    for one in of.only("product").claims:
        found[one.details["category"], one.details["unit"]] += one.details["daily_capacity"]
    return [apart for apart, _total in found.most_common()]


def markets_by_country(of: Abilities) -> list[tuple[str, Message, int]]:
    """Code, name and how many enterprises export there; most exporters first, then by code."""
    names, found = packs.countries(), Counter[str]()
    firms = {(code, one.enterprise_id) for one in of.only("market").claims for code in one.details["countries"]}
    found.update(code for code, _firm in firms)
    return [(code, names.get(code, Message(code, code)), count) for code, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]


# ── facts for rules ──────────────────────────────────────────────────────────
# Verified claims alone, as they hold on the day. A firm that never had one verified of the kind is unknown, not zero:
# nobody has looked. Where one was verified and has ended, zero is what is known.
def _counted(row: Enterprise, kind: str, day: dt.date, count: Callable[[Capability], int]) -> Answer:
    known = [one for one in row.capabilities.all() if one.kind == kind and one.state == CapabilityState.VERIFIED and one.issued <= day]
    return sum(count(one) for one in known if one.counts(day)) if known else None


@fact("capability.standards_led", reads=["capabilities"])
def standards_led(row: Enterprise, day: dt.date) -> Answer:
    """Standards it led, verified."""
    return _counted(row, "standard", day, lambda one: int(one.details["role"] == "led"))


@fact("capability.honours_national", reads=["capabilities"])
def honours_national(row: Enterprise, day: dt.date) -> Answer:
    """National honours in force, verified."""
    return _counted(row, "honour", day, lambda one: int(one.details["level"] == "national"))


@fact("capability.robots", reads=["capabilities"])
def robots_in_use(row: Enterprise, day: dt.date) -> Answer:
    """Robots in use, verified."""
    return _counted(row, "robot", day, lambda one: int(one.details["count"]))


@fact("capability.clean_production", reads=["capabilities"])
def clean_production(row: Enterprise, day: dt.date) -> Answer:
    """Whether a clean-production audit holds, verified."""
    found = _counted(row, "clean", day, lambda one: 1)
    return min(found, 1) if isinstance(found, int) else found


def facts_of(row: Enterprise, day: dt.date) -> Mapping[str, Answer]:
    """What the register tells rules of one enterprise on a day, by fact; None is unknown."""
    readers = declared()
    return {name: readers[name](row, day) for name in FACTS}


# ── a file of claims ─────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Entry:
    """One claim as a file tells it. ``values`` hold name, issuer, issued, the details, and document and valid_until where told."""

    uscc: str
    kind: str
    key: str
    values: Mapping[str, Any]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same claim."""
        return (self.uscc, self.kind, self.key)


@dataclass(frozen=True)
class Plan:
    """All of a file: claims that are new, that change, that stay, and codes of enterprises that are not there or out of reach."""

    new: tuple[Entry, ...] = ()
    changed: tuple[tuple[Capability, Entry], ...] = ()
    same: tuple[Capability, ...] = ()
    enterprises: Mapping[str, Enterprise] | None = None
    beyond: frozenset[str] = frozenset()

    @property
    def counts(self) -> dict[str, int]:
        """New, changed and same, as an import's preview shows them."""
        return {"new": len(self.new), "changed": len(self.changed), "same": len(self.same)}


def plan(person: Person, entries: Sequence[Entry]) -> Plan:
    """Compare a file with the register: a few queries for every 500 enterprises."""
    codes = sorted({entry.uscc for entry in entries})
    reach = access.visible(Enterprise.objects.all(), person, IMPORT)
    firms = {row.uscc: row for part in chunks(codes) for row in reach.filter(uscc__in=part)}
    stored = {(row.enterprise.uscc, row.kind, row.key): row for part in chunks(codes)
              for row in Capability.objects.filter(enterprise__uscc__in=part).select_related("enterprise")}
    pairs = [(stored.get(entry.identity), entry) for entry in entries if entry.uscc in firms]
    known = [(row, _over(row, entry)) for row, entry in pairs if row is not None]
    changed = tuple((row, entry) for row, entry in known if differs(row, entry.values))
    same = tuple(row for row, entry in known if not differs(row, entry.values))
    return Plan(tuple(entry for row, entry in pairs if row is None), changed, same, firms, frozenset(code for code in codes if code not in firms))


def _over(row: Capability, entry: Entry) -> Entry:
    """The entry over what is kept: a detail the file leaves empty stays."""
    return replace(entry, values={**entry.values, "details": {**row.details, **entry.values["details"]}})


def differs(row: Capability, told: Mapping[str, Any]) -> bool:
    """Whether a file or form tells anything else than what is kept."""
    return any(getattr(row, name) != value for name, value in told.items())
