"""OpenFisca-Core, vectorised and with its Enum type: ``python peer_openfisca.py FOLDER COUNT`` in the peers' environment; writes ``openfisca.json``.

Its own words: a variable a fact and month, sums by ``ADD`` over a period (each kept, so asked once), a variable a clause, two a policy.
It has no unknown and no absent: an empty cell is the default, 0 or an Enum's ``none``. Counted is everything from Parquet on: dense
arrays of every month, setting them as inputs, calculating; the last two are told apart as well. Numbers are float32, as its ``float`` is.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Instant, Period
from openfisca_core.populations import ADD
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

FIRM = build_entity(key="firm", plural="firms", label="A firm", is_person=True)
DAY = "2026-06"
YEARLY, DAILY = (4,), (0,)
"""Facts, by place, that are not of months."""


def month(place: int) -> Instant:
    return Instant((2024 + place // 12, place % 12 + 1, 1))


def window(of: dict[str, Any]) -> Period:
    """The period of a window of months."""
    return Period((DateUnit.MONTH, month(of["first"]), of["last"] - of["first"] + 1))


def column(fact: str) -> str:
    return fact.replace(".", "_")


class System(TaxBenefitSystem):
    """Facts, aggregates, clauses and policies as variables."""

    def __init__(self, plan: dict[str, Any]) -> None:
        super().__init__([FIRM])
        self.enums: dict[str, Any] = {}
        for fact, words in plan["texts"].items():
            self.enums[fact] = Enum(column(fact), [("none", ""), *((f"w{at}", word) for at, word in enumerate(words))])
            self.make(column(fact), Enum, DateUnit.ETERNITY, possible_values=self.enums[fact], default_value=self.enums[fact]["none"])
        for fact, kind in (("firm.high_tech", bool), ("firm.founded", int), ("firm.capital", float)):
            self.make(column(fact), kind, DateUnit.ETERNITY)
        for at, fact in enumerate(plan["facts"]):
            self.make(column(fact), float, DateUnit.YEAR if at in (*YEARLY, *DAILY) else DateUnit.MONTH)
        self.facts = [column(fact) for fact in plan["facts"]]
        self.outputs = [self.policy(policy) for policy in plan["policies"]]

    def make(self, name: str, kind: Any, unit: DateUnit, formula: Any = None, **more: Any) -> str:
        """Declare a variable, once."""
        if name not in self.variables:
            more |= {"value_type": kind, "entity": FIRM, "definition_period": unit, **({"formula": formula} if formula else {})}
            self.add_variable(type(name, (Variable,), more))
        return name

    def total(self, of: dict[str, Any], agg: str = "sum") -> str:
        """A variable of an aggregate; what years and days tell stands ready by year."""
        fact, name = self.facts[of["fact"]], f"{agg}_{of['fact']}_{of['first']}_{of['last']}"
        if of["fact"] in (*YEARLY, *DAILY):
            year = "2025" if of["fact"] in YEARLY else "2026"
            return self.make(name, float, DateUnit.MONTH, lambda firm, _period: firm(fact, year))
        span = window(of)
        if agg == "sum":
            return self.make(name, float, DateUnit.MONTH, lambda firm, _period: firm(fact, span, options=[ADD]))
        if agg == "latest":
            return self.make(name, float, DateUnit.MONTH, lambda firm, _period: firm(fact, Period((DateUnit.MONTH, month(of["last"]), 1))))
        reduce = np.maximum.reduce if agg == "max" else np.minimum.reduce
        return self.make(name, float, DateUnit.MONTH, lambda firm, _period: reduce([firm(fact, each) for each in span.get_subperiods(DateUnit.MONTH)]))

    def leaf(self, leaf: dict[str, Any]) -> Any:
        kind = leaf["kind"]
        if kind == "attribute":
            return self.attribute(leaf)
        if kind == "exists":
            name = self.total(leaf["of"])
            return lambda firm, period: firm(name, period) > 0
        if kind == "total":
            name, compare, limit = self.total(leaf["of"], "sum" if leaf["agg"] == "count" else leaf["agg"]), OPS[leaf["op"]], leaf["limit"]
            return lambda firm, period: compare(firm(name, period), limit)
        a, b = (self.total(leaf[key]) for key in (("now", "before") if kind == "growth" else ("a", "b")))
        if kind == "growth":
            return lambda firm, period: (firm(b, period) > 0) * ((firm(a, period) - firm(b, period)) * 100 >= firm(b, period) * leaf["percent"])
        return lambda firm, period: (firm(b, period) > 0) * (firm(a, period) * leaf["den"] >= firm(b, period) * leaf["num"])

    def attribute(self, leaf: dict[str, Any]) -> Any:
        name, op, values = column(leaf["fact"]), leaf["op"], leaf["values"]
        if leaf["fact"] in self.enums:
            words = [each for each in self.enums[leaf["fact"]] if each.value and (
                each.value.startswith(tuple(values)) if op == "starts_with" else (each.value in values) != (op == "!="))]
            return lambda firm, period: sum(firm(name, period) == each for each in words) > 0
        if op == "between":
            return lambda firm, period: (firm(name, period) >= values[0]) * (firm(name, period) <= values[1])
        return lambda firm, period: OPS[op](firm(name, period), values[0])

    def policy(self, policy: dict[str, Any]) -> tuple[str, str]:
        """The variables of a policy: entitled, and fen."""
        names = []
        for at, clause in enumerate(policy["clauses"]):
            formula = joined(clause["how"], [self.leaf(leaf) for leaf in clause["leaves"]])
            names.append(self.make(f"{policy['id']}_c{at}", bool, DateUnit.MONTH, formula))
        entitled = self.make(f"{policy['id']}_entitled", bool, DateUnit.MONTH, lambda firm, period: np.logical_and.reduce([firm(name, period) for name in names]))
        return entitled, self.make(f"{policy['id']}_fen", float, DateUnit.MONTH, self.amount(policy["pays"], entitled))

    def amount(self, pays: dict[str, Any], entitled: str) -> Any:
        if pays["kind"] == "flat":
            return lambda firm, period: firm(entitled, period) * pays["fen"]
        base = self.total(pays["of"])
        if pays["kind"] == "rate":
            return lambda firm, period: firm(entitled, period) * np.minimum(np.floor(firm(base, period) * (pays["num"] / pays["den"])) * 100, pays["cap"])
        limits, fens = [least for least, _ in pays["steps"]], np.array([0, *(fen for _, fen in pays["steps"])])
        return lambda firm, period: firm(entitled, period) * fens[np.searchsorted(limits, firm(base, period), side="right")]


def joined(how: str, parts: list[Any]) -> Any:
    """The formula of a clause."""
    if how == "any":
        return lambda firm, period: sum(part(firm, period) for part in parts) > 0
    return (lambda firm, period: ~parts[0](firm, period)) if how == "not" else parts[0]


OPS = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less, "=": np.equal, "in": np.equal}


def inputs(folder: Path, plan: dict[str, Any], system: System, count: int) -> list[tuple[str, Any, Any]]:
    """Variable, period and array of everything that is told."""
    firms, rows = pq.read_table(folder / "firms.parquet").slice(0, count), pq.read_table(folder / "rows.parquet", filters=[("ent", "<", count)])
    found: list[tuple[str, Any, Any]] = []
    for name, enum in system.enums.items():
        words = [each.value for each in enum]
        found.append((column(name), DateUnit.ETERNITY, enum.encode(np.array([words.index(word or "") for word in firms[name].to_pylist()]))))
    found += [(column(name), DateUnit.ETERNITY, firms[name].fill_null(0).to_numpy().astype(kind)) for name, kind in (("firm.high_tech", bool), ("firm.founded", np.int32), ("firm.capital", np.float32))]
    ent, fact, place, num = (rows[name].fill_null(0).to_numpy() for name in ("ent", "fact", "period", "num"))
    told = rows["num"].is_valid().to_numpy()
    for at, name in enumerate(system.facts):
        mine = fact == at
        if at in DAILY:
            found.append((name, "2026", np.bincount(ent[mine & told & (place >= 15)], minlength=count).astype(np.float32)))
            continue
        dense = np.zeros((30, count), np.float32)
        dense[place[mine], ent[mine]] = num[mine]
        found += [(name, "2025" if at in YEARLY else Period((DateUnit.MONTH, month(each), 1)), dense[each]) for each in ((2,) if at in YEARLY else range(30))]
    return found


def main() -> int:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    system = System(plan)
    cpu, wall = time.process_time(), time.perf_counter()
    told = inputs(folder, plan, system, count)
    simulation = SimulationBuilder().build_default_simulation(system, count)
    ready = time.process_time()
    for name, period, array in told:
        simulation.set_input(name, period, array)
    answers = [(simulation.calculate(entitled, DAY), simulation.calculate(fen, DAY)) for entitled, fen in system.outputs]
    calculated = time.process_time() - ready
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    (folder / "openfisca.json").write_text(json.dumps([[entitled[:2000].tolist(), fen[:2000].tolist()] for entitled, fen in answers]), "utf-8")
    print(json.dumps({"firms": count, "cpu_seconds": round(cpu, 4), "seconds": round(wall, 4), "calculated_cpu_seconds": round(calculated, 4)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
