"""Simulations: what a policy would cost and whom it would reach if some of its numbers were others, over what a match read.

A **scenario** 方案 is a policy with some numbers turned (:mod:`diguan.policies.engine.scenarios`). A simulation 试算 is one to six of
them, judged over the same batches on the same day, the first being what the others are held against. The low estimate is the
entitled, the high one adds the undecided; an amount nobody can work out is counted, never taken for zero.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import diguan
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, packs, remember
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message
from diguan.kernel.periods import Day
from diguan.kernel.rules import runfile, standards, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.totals import Totals
from diguan.kernel.rules.tree import Policy
from diguan.policies import queries
from diguan.policies.engine import scenarios
from diguan.policies.models import Draft
from diguan.policies.queries import drafts

KIND = "simulation"
SIMULATE = "policies.simulate"
GROUPS = {"town": "enterprise.town", "size": "enterprise.size_class", "industry": "enterprise.industry", "cluster": "enterprise.cluster"}
"""By what a simulation is broken down, and the fact that says it."""
JUDGED = ("clauses", "benefit", "budget")
"""The parts of a draft that a simulation rests on; what else is still missing in it does not matter here."""
FEW = 3
"""Fewer firms than this are not counted for who may not see which they are."""
MOVES = GAINED, LOST, MORE, LESS = "gained", "lost", "more", "less"
SCHEMA = pa.schema([
    ("run_id", pa.string()), ("scenario", pa.int8()), ("enterprise_id", pa.string()), ("status", pa.int8()), ("amount_fen", pa.int64()),
    ("amount_unknown", pa.bool_()), *((name, pa.string()) for name in GROUPS),
])


DRAFT = "draft:"
"""``draft:12`` is the text of draft 12 as it stands."""


@dataclass(frozen=True)
class Scenario:
    """One policy of the library or a draft (``draft:12``), with the numbers that are turned as its text writes them; ``title`` is what the page calls it."""

    policy: str
    changes: Mapping[str, str] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class Result:
    """What one scenario comes to. ``budget_fen`` is None where there is none."""

    scenario: Scenario
    totals: Totals
    budget_fen: int | None


@dataclass(frozen=True)
class Cell:
    """One value of a group under one scenario. ``fen`` are of the entitled and of the undecided; ``open`` amounts are not known."""

    eligible: int = 0
    unknown: int = 0
    low_fen: int = 0
    more_fen: int = 0
    open: int = 0

    @property
    def high_fen(self) -> int:
        return self.low_fen + self.more_fen

    @property
    def firms(self) -> int:
        return self.eligible + self.unknown


@dataclass(frozen=True)
class Moved:
    """An enterprise to which another scenario means something else than the first; status 0 is not entitled, 1 entitled, 2 undecided."""

    enterprise: Enterprise
    was: int
    now: int
    was_fen: int | None
    now_fen: int | None


# ── working it out ───────────────────────────────────────────────────────────
def text_of(name: str) -> Policy | None:
    """The policy of a scenario's name; None where there is none, or the draft cannot be tried yet (:func:`wrong_in` says why)."""
    if not name.startswith(DRAFT):
        return queries.library().policies.get(name)
    row = _draft(name)
    found = drafts.opened(row.text, row.source) if row is not None else None
    if row is None or found is None or found.trial is None or _wrong(found) is not None:
        return None
    return replace(found.trial, sha256=hashlib.sha256(f"{row.text}\0{row.source}".encode()).hexdigest())


def wrong_in(name: str) -> Message | None:
    """Why a draft that is there cannot be simulated: what decides who gets what must all be written, for what is missing is not zero."""
    row = _draft(name) if name.startswith(DRAFT) else None
    return _wrong(drafts.opened(row.text, row.source)) if row is not None else None


def _draft(name: str) -> Draft | None:
    number = name.removeprefix(DRAFT)
    if not number.isdecimal() or len(number) > 9:
        return None
    return remember.while_reading(("policies.draft", number), lambda: Draft.objects.filter(pk=int(number)).first())


def _wrong(found: drafts.Opened) -> Message | None:
    fault = next((fault for fault in found.faults if not fault.place or fault.place[0] in JUDGED), None)
    if fault is not None:
        return Message(f"草稿第 {fault.line} 行：{fault.message.zh}", f"draft, line {fault.line}: {fault.message.en}")
    if found.trial is None or found.left_out:
        return Message("草稿还读不成政策，先改好", "the draft does not read as a policy yet: mend it first")
    return None


def policies_of(found: Sequence[Scenario]) -> list[Policy]:
    """The scenarios as policies ``s0`` … that are in force whatever the day: a draft is tried as if it were.

    Raises:
        KeyError: a policy that is not there.
        scenarios.BadTurn: a number that cannot be turned so.
    """
    known = {one.policy: policy for one in found if (policy := text_of(one.policy)) is not None}
    turned = [scenarios.turned(known[one.policy], one.changes, f"s{at}") for at, one in enumerate(found)]
    return [replace(policy, in_force_from=Day.min, in_force_to=None) for policy in turned]


def manifest(of: Run, found: Sequence[Scenario], policies: Sequence[Policy]) -> dict[str, Any]:
    """Everything the result depends on."""
    return {"kind": KIND, "match": of.run_id, "as_of": of.as_of.isoformat(), "known_at": of.known_at.isoformat(), "code": diguan.__version__, "rules": runfile.fingerprint(),
            "engine": _fingerprint(), "data": of.inputs["data"], "standards": standards.digests([*policies, _grouped()]),
            "facts": {policy.id: standards.meaning(policy, packs.catalogue(), of.as_of) for policy in policies},
            "scenarios": [{**asdict(one), "changes": dict(one.changes), "digest": policy.digest} for one, policy in zip(found, policies, strict=True)]}


@functools.cache
def _fingerprint() -> str:
    texts = [Path(scenarios.__file__).read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def settle(of: Run, policies: Sequence[Policy], run_id: str) -> tuple[pa.Table, list[Totals]]:
    """Rows of the entitled and the undecided, and the totals, of every scenario."""
    from diguan.kernel.rules import sets  # Ibis takes a third of a second to import

    data = data_of(of, [*policies, _grouped()])
    judged = sets.judge(policies, data, of.as_of)
    parts = [rows_of(run_id, at, data, one.rows) for at, one in enumerate(judged)]
    return pa.concat_tables([SCHEMA.empty_table(), *parts]).combine_chunks(), [one.totals for one in judged]


def data_of(of: Run, policies: Sequence[Policy]) -> Dataset:
    """What a match read, as far as these policies ask for it."""
    found = store.open_batches(runs.told(of), packs.catalogue(), facts=standards.read_by(policies, of.as_of))
    return standards.for_policies(found, policies, of.as_of)


@functools.cache
def _grouped() -> Policy:
    """A policy that reads what firms are grouped by, so that standards tell it."""
    known = packs.catalogue()
    keys = tuple(tree.Compare(tree.Read(known[fact]), "exists") for fact in GROUPS.values() if fact in known)
    return Policy("", {}, Day(2000, 1, 1), None, (tree.Clause("", tree.Cite("", "", (0, 0)), tree.All(keys)),), tree.Flat(0), "", tree.Origin("", "", ""))


def rows_of(run_id: str, at: int, data: Dataset, rows: pa.Table) -> pa.Table:
    """The rows of one scenario as they are kept: the entitled and the undecided, with what each is grouped by.

    Columns in, columns out: what the other firms are grouped by is not looked at.
    """
    told = rows.filter(pc.not_equal(rows.column("status"), tree.INELIGIBLE)).combine_chunks()
    firms = told.column("ent").combine_chunks()
    places = pc.index_in(firms, value_set=data.attributes.column("ent").combine_chunks())
    groups = [_group_column(data, fact, places) for fact in GROUPS.values()]
    fixed = [pa.repeat(pa.scalar(run_id, pa.string()), len(told)), pa.repeat(pa.scalar(at, pa.int8()), len(told)), data.names.take(firms)]
    return pa.table([*fixed, *(told.column(name) for name in ("status", "amount_fen", "amount_unknown")), *groups], schema=SCHEMA)


def _group_column(data: Dataset, fact: str, places: pa.Array) -> pa.Array:
    """What a fact says of these firms; null where it is not known, or says nothing."""
    if fact not in data.attributes.column_names:
        return pa.nulls(len(places), pa.string())
    found = data.attributes.column(fact).take(places).combine_chunks().cast(pa.string())
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)


# ── reading one ──────────────────────────────────────────────────────────────
def find(person: Person, run_id: str) -> Run | None:
    """One intact simulation.

    Raises:
        Forbidden: the person may not simulate.
    """
    access.require(person, SIMULATE)
    return runs.whole(KIND, run_id)


def recent(person: Person) -> list[Run]:
    """The last intact simulations, newest first.

    Raises:
        Forbidden: the person may not simulate.
    """
    access.require(person, SIMULATE)
    return runs.newest(KIND, 50)


def scenarios_of(run: Run) -> list[Scenario]:
    """The scenarios of a simulation, the first being what the others are held against."""
    return [Scenario(one["policy"], one["changes"], one["title"]) for one in run.inputs["scenarios"]]


def match_of(run: Run) -> Run | None:
    """The match whose batches it read; None where that is gone."""
    return runs.named(queries.KIND, run.inputs["match"])


def results_of(run: Run) -> list[Result]:
    """What its scenarios come to."""
    return list(_results(run.folder, run.result_sha256))


@functools.lru_cache(maxsize=16)
def _results(folder: Path, _sha256: str) -> tuple[Result, ...]:
    document = json.loads((folder / runfile.RUN).read_text("utf-8"))
    given = [Scenario(one["policy"], one["changes"], one["title"]) for one in document["scenarios"]]
    lines = [dict(line) for line in document["totals"]]
    budgets = [line.pop("budget_fen") for line in lines]
    return tuple(Result(one, Totals(**line), budget) for one, line, budget in zip(given, lines, budgets, strict=True))


@functools.lru_cache(maxsize=8)
def _table(folder: Path, _sha256: str) -> pa.Table:
    return pq.read_table(folder / runfile.files_of(KIND)[0])


def may_list(person: Person) -> bool:
    """Whether the person may see which firms a figure counts."""
    return access.scope(person, queries.ENTITLEMENT) is access.Scope.COUNTY


def cells(run: Run, group: str) -> dict[str, list[Cell]]:
    """By value of a group (empty: not known) one cell a scenario; most money first."""
    count = len(run.inputs["scenarios"])
    found: dict[str, list[dict[str, int]]] = {}
    for line in _table(run.folder, run.result_sha256).select(["scenario", "status", "amount_fen", "amount_unknown", group]).to_pylist():
        name = _group_of(group, line[group])
        into = found.setdefault(name, [dict.fromkeys(("eligible", "unknown", "low_fen", "more_fen", "open"), 0) for _at in range(count)])[line["scenario"]]
        sure = line["status"] == tree.ELIGIBLE
        into["eligible" if sure else "unknown"] += 1
        into["low_fen" if sure else "more_fen"] += line["amount_fen"] or 0
        into["open"] += line["amount_unknown"]
    made = {name: [Cell(**one) for one in row] for name, row in found.items()}
    return dict(sorted(made.items(), key=lambda item: (-max(one.high_fen for one in item[1]), -max(one.firms for one in item[1]), item[0])))


def _group_of(group: str, value: str | None) -> str:
    """An industry stands under its division of two digits."""
    return (value or "")[:2] if group == "industry" else value or ""


def moved(run: Run, scenario: int) -> dict[str, list[str]]:
    """Credit codes by what a scenario changes for them beside the first; who is only undecided in either is in none."""
    was, now = standing_of(run, 0), standing_of(run, scenario)
    found: dict[str, list[str]] = {name: [] for name in MOVES}
    for code in sorted(was.keys() | now.keys()):
        move = _move(was.get(code, (tree.INELIGIBLE, None)), now.get(code, (tree.INELIGIBLE, None)))
        if move:
            found[move].append(code)
    return found


def _move(was: tuple[int, int | None], now: tuple[int, int | None]) -> str:
    had, has = was[0] == tree.ELIGIBLE, now[0] == tree.ELIGIBLE
    if had != has:
        return GAINED if has else LOST
    if not had or was[1] is None or now[1] is None or was[1] == now[1]:
        return ""
    return MORE if now[1] > was[1] else LESS


def standing_of(run: Run, scenario: int) -> dict[str, tuple[int, int | None]]:
    """Status and amount of the entitled and the undecided under a scenario, by credit code."""
    table = _table(run.folder, run.result_sha256)
    rows = zip(*(table.column(name).to_pylist() for name in ("scenario", "enterprise_id", "status", "amount_fen", "amount_unknown")), strict=True)
    return {code: (status, None if unknown else fen) for at, code, status, fen, unknown in rows if at == scenario}


@dataclass(frozen=True)
class Sums:
    """Who moves one way: how many, the money that moves as far as it is known, and of how many (``open``) it is not."""

    firms: int
    fen: int
    open: int = 0


Standing = Mapping[str, tuple[int, int | None]]


def sums_of(run: Run, scenario: int) -> dict[str, Sums]:
    """By move, how many firms and how much money more (gained, more) or less (lost, less)."""
    was, now = standing_of(run, 0), standing_of(run, scenario)
    return {move: _sums(codes, was, now) for move, codes in moved(run, scenario).items()}


def told_sums(person: Person, run: Run, scenario: int) -> dict[str, Sums | None]:
    """:func:`sums_of` as the person may know it: None where it is of a few firms, for who may not see which."""
    listed = may_list(person)
    return {move: one if listed or one.firms == 0 or one.firms >= FEW else None for move, one in sums_of(run, scenario).items()}


def sums_by(run: Run, scenario: int, group: str) -> dict[str, dict[str, Sums]]:
    """:func:`sums_of` by value of a group (empty: not known); a move nobody makes there is not in it."""
    was, now, where = standing_of(run, 0), standing_of(run, scenario), _where(run, group)
    parts: dict[tuple[str, str], list[str]] = {}
    for move, codes in moved(run, scenario).items():
        for code in codes:
            parts.setdefault((where[code], move), []).append(code)
    found: dict[str, dict[str, Sums]] = {}
    for (value, move), codes in parts.items():
        found.setdefault(value, {})[move] = _sums(codes, was, now)
    return found


def _where(run: Run, group: str) -> dict[str, str]:
    """By credit code, the value of a group it stands under: the same in every scenario."""
    table = _table(run.folder, run.result_sha256)
    return {code: _group_of(group, value) for code, value in zip(*(table.column(name).to_pylist() for name in ("enterprise_id", group)), strict=True)}


def _sums(codes: Sequence[str], was: Standing, now: Standing) -> Sums:
    pairs = [(was.get(code), now.get(code)) for code in codes]
    return Sums(len(codes), sum(abs(_fen(new) - _fen(old)) for old, new in pairs), sum((tree.ELIGIBLE, None) in pair for pair in pairs))


def _fen(one: tuple[int, int | None] | None) -> int:
    """What an entitled firm gets; whoever is not entitled gets nothing for certain."""
    return (one[1] or 0) if one is not None and one[0] == tree.ELIGIBLE else 0


def movers(person: Person, run: Run, scenario: int, move: str, group: str = "", value: str = "") -> list[Moved]:
    """The firms that move one way, whom the person may see, by name; ``group`` empty for all.

    Raises:
        Forbidden: the person may not simulate, or not see who is entitled.
    """
    was, now = standing_of(run, 0), standing_of(run, scenario)
    nobody, where = (tree.INELIGIBLE, None), _where(run, group) if group else {}
    codes = [code for code in moved(run, scenario)[move] if not group or where[code] == value]
    return [Moved(row, *_both(was.get(row.uscc, nobody), now.get(row.uscc, nobody))) for row in _firms(person, codes)]


def _both(was: tuple[int, int | None], now: tuple[int, int | None]) -> tuple[int, int, int | None, int | None]:
    return was[0], now[0], was[1], now[1]


def counted(person: Person, run: Run, scenario: int, group: str, value: str) -> list[Moved]:
    """The firms one cell counts, entitled or undecided under a scenario, whom the person may see, by name; ``group`` empty for all.

    Raises:
        Forbidden: as :func:`movers`.
    """
    table = _table(run.folder, run.result_sha256)
    names = ["scenario", "enterprise_id", *([group] if group else [])]
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    codes = [row[1] for row in rows if row[0] == scenario and (not group or _group_of(group, row[2]) == value)]
    was, now, nobody = standing_of(run, 0), standing_of(run, scenario), (tree.INELIGIBLE, None)
    return [Moved(row, *_both(was.get(row.uscc, nobody), now[row.uscc])) for row in _firms(person, codes)]


def _firms(person: Person, codes: Iterable[str]) -> Iterator[Enterprise]:
    access.require(person, SIMULATE)
    queries.require_county(person)
    return iter(queries.visible_firms(person, codes).order_by("name_key", "pk"))
