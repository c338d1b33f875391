"""Seeded random worlds: a data folder and policies that reach every word of the rule language.

Values are drawn so that facts meet thresholds exactly, periods end at month ends, leap days and
quarter borders, and money goes beyond 2^53 fen. The same seed gives the same files.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import random
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from tests.conformance import plain, reference
from tests.conformance.plain import Day, Spec

DAYS = [Day(2026, 6, 30), Day(2026, 3, 31), Day(2024, 2, 29), Day(2024, 3, 1), Day(2025, 12, 31), Day(2026, 1, 1),
        Day(2026, 2, 15), Day(2025, 3, 30), Day(2026, 10, 31), Day(2024, 5, 31), Day(2025, 2, 28), Day(2026, 4, 1)]
CODES = {"region": ["430421", "430422", "430423", "430424", "430481"],
         "industry": ["1953", "3812", "19", "38", "1952", "195"],
         "text": ["甲", "乙", "甲等", "A", "a"]}
MONEY = [0, 1, 99, 100, 50_000, 99_999_99, 100_000_00, 100_000_01, 5_000_000_00, 2**53 + 1, 2**53 + 3, 4 * 10**16 + 7]
NUMBERS = {"人": ["0", "1", "2", "3", "20", "21"], "亩": ["0", "0.0001", "30.1", "30.11", "12.5", "66.6667"],
           "kWh": ["0", "0.01", "9000", "9000.5", "110001"], "%": ["0", "0.01", "3.5", "12", "100"], "": ["0", "1", "5", "12"]}
KINDS = ["year", "quarter", "month", "day"]
WORDS = {"year": ["previous_year", "year:-1", "year:-2", "all", "latest"]}
WORDS["month"] = WORDS["quarter"] = WORDS["day"] = [
    "this_year", "year:0", "last_12_months", "previous_quarter", *WORDS["year"]]
AGGS = {"money": ["sum", "count", "max", "min", "latest", "growth"], "date": ["latest", "max", "min", "count"]}
AGGS["number"] = AGGS["money"]
RELATIONS = ["=", "!=", "<", "<=", ">", ">=", "≠", "≤", "≥"]
ROUNDING = ["down_to_fen", "half_up_to_fen", "down_to_yuan", "half_up_to_yuan", "up_to_yuan"]
STATUS = {1: "eligible", 0: "ineligible", 2: "unknown"}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def catalogue() -> dict[str, Spec]:
    """Every type with every period kind, numbers with and without ``non_negative``."""
    facts = []
    for kind in ("money", "number", "text", "date", "bool", "region", "industry"):
        facts += [(f"enterprise.{kind}_{n}", kind, "", "none", "") for n in (1, 2)]
        facts += [(f"{kind}.{period}", kind, "", period, "") for period in KINDS]
    facts += [(f"{kind}.{period}_plus", kind, "", period, "true") for kind in ("money", "number") for period in KINDS]
    facts += [(f"land.{period}", "number", "亩", period, "true") for period in ("year", "month")]
    facts += [(f"staff.{period}", "number", "人", period, "true") for period in ("month", "quarter")]
    facts += [("share.year", "number", "%", "year", ""), ("share.month", "number", "%", "month", "true")]
    facts += [("power.month", "number", "kWh", "month", "true"), ("power.day", "number", "kWh", "day", "false")]
    keys = ("fact", "type", "unit", "period", "non_negative")
    rows = [dict(zip(keys, row, strict=True)) for row in facts]
    for row in rows:
        row["unit"] = "元" if row["type"] == "money" else row["unit"]
    return {row["fact"]: row for row in rows}


def credit_code(number: int) -> str:
    """A synthetic unified social credit code with its check character."""
    body = f"91430421MA{number:07d}"
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + ALPHABET[-total % 31]


class _NoAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@dataclass
class World:
    """What one seed makes; ``write`` puts it in a folder."""

    seed: int
    enterprises: int = 10
    policies: int = 5
    facts: dict[str, Spec] = field(default_factory=catalogue)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.as_of = DAYS[self.seed % len(DAYS)]
        self.holes: dict[str, list[Day]] = {}
        self.codes = [credit_code(self.seed % 1000 * 1000 + n) for n in range(self.enterprises)]

    # ---- data ---------------------------------------------------------------------------------

    def cell(self, spec: Spec) -> str:
        """One value as facts.csv writes it."""
        dice, kind = self.dice, spec["type"]
        if kind == "money":
            fen = dice.choice(MONEY) * (-1 if spec["non_negative"] != "true" and dice.random() < 0.2 else 1)
            return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
        if kind == "number":
            sign = "-" if spec["non_negative"] != "true" and dice.random() < 0.2 else ""
            number = dice.choice(NUMBERS[spec["unit"]])
            return sign + number if number != "0" else number
        if kind == "date":
            return (self.as_of + dt.timedelta(days=dice.choice([-366, -365, -31, -30, -1, 0, 1, 30, 400]))).isoformat()
        return dice.choice(["true", "false"]) if kind == "bool" else dice.choice(CODES[kind])

    def period(self, kind: str) -> str:
        """A period of the kind from two years before as_of to a little after it."""
        day = self.as_of + dt.timedelta(days=self.dice.choice([self.dice.randint(-1160, 120), self.dice.randint(-400, 0)]))
        if self.dice.random() < 0.15:
            day = self.as_of + dt.timedelta(days=self.dice.choice([-365, -366, -1, 0, 1, -367]))
        return {"year": f"{day.year}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
                "month": f"{day.year}-{day.month:02d}", "day": day.isoformat()}[kind]

    def coverage(self) -> list[tuple[str, str]]:
        rows: set[tuple[str, str]] = set()
        for fact, spec in self.facts.items():
            mood = self.dice.random()
            if spec["period"] in ("month", "day") and self.dice.random() < 0.4:
                rows |= {(fact, period) for period in self.almost_all(fact, spec["period"])}
                continue
            if mood < (0.4 if spec["period"] == "none" else 0.2):
                rows.add((fact, "all"))
            elif spec["period"] != "none" and mood < 0.9:
                wider = KINDS[: KINDS.index(spec["period"]) + 1]
                rows |= {(fact, self.period(self.dice.choice(wider))) for _ in range(self.dice.randint(1, 25))}
                if mood < 0.6:
                    rows |= {(fact, str(self.as_of.year - back)) for back in range(self.dice.randint(0, 1), 4)}
        return sorted(rows)

    def almost_all(self, fact: str, kind: str) -> list[str]:
        """Three years of months (and days) but for one or two periods at the edges of windows."""
        edges = [plain.shift(self.as_of, -months) + dt.timedelta(days=days)
                 for months in (0, 12, 24) for days in (-1, 0, 1, 2)] + [Day(self.as_of.year, 1, 1)]
        self.holes[fact] = holes = self.dice.sample(edges, self.dice.randint(1, 2))
        found = []
        for back in range(-1, 37):
            first, last = plain.period_of(plain.shift(self.as_of.replace(day=1), -back), "month")
            if not any(first <= hole <= last for hole in holes):
                found.append(f"{first:%Y-%m}")
            elif kind == "day":
                days = (first + dt.timedelta(days=at) for at in range((last - first).days + 1))
                found += [day.isoformat() for day in days if day not in holes]
        return found

    def rows_of(self, fact: str) -> list[tuple[str, str, str]]:
        """(period, value, state) of one enterprise and fact, nothing repeated, no value beside an absent day."""
        spec, dice = self.facts[fact], self.dice
        if dice.random() < 0.15:
            return []
        rows: list[tuple[str, str, str]] = []
        taken: list[plain.Span] = []
        for _ in range(dice.choice([1, 1, 3, 8, 20, 40])):
            absent = dice.random() < 0.2
            kinds = KINDS[: KINDS.index(spec["period"]) + 1]
            period = self.period(dice.choice(kinds) if absent else spec["period"])
            if fact in self.holes and dice.random() < 0.3:
                hole = dice.choice(self.holes[fact])
                period = f"{hole:%Y-%m}" if spec["period"] == "month" else hole.isoformat()
            span = plain.read_period(period)[1]
            same_day = not absent and spec["period"] == "day" and dice.random() < 0.3
            if any(plain.touch(span, other) for other in taken):
                continue
            taken.append(span)
            rows += [(period, "" if absent else self.cell(spec), "absent" if absent else "value")
                     for _ in range(1 + same_day)]
        return rows

    def write_data(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        attributes = [fact for fact, spec in self.facts.items() if spec["period"] == "none"]
        self.table(folder / "catalogue.csv", list(next(iter(self.facts.values()))),
                   [list(spec.values()) for spec in self.facts.values()])
        self.table(folder / "coverage.csv", ["fact", "period"], self.coverage())
        self.table(folder / "enterprises.csv", ["uscc", "name", *(fact.split(".")[1] for fact in attributes)],
                   [[code, f"虚构企业{code[-4:]}", *("" if self.dice.random() < 0.2 else self.cell(self.facts[fact])
                                                     for fact in attributes)] for code in self.codes])
        rows = [(code, fact, *row) for code in self.codes for fact, spec in self.facts.items()
                if spec["period"] != "none" for row in self.rows_of(fact)]
        self.dice.shuffle(rows)
        self.table(folder / "facts.csv", ["uscc", "fact", "period", "value", "state"], rows)

    @staticmethod
    def table(path: Path, head: list[str], rows: list[Any]) -> None:
        with path.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([head, *rows])

    # ---- policies -----------------------------------------------------------------------------

    def write_policies(self, folder: Path, data: Path) -> list[dict[str, Any]]:
        """Policies whose thresholds are met exactly by some enterprise."""
        self.subjects = list(plain.read_folder(data).values())
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        made = [self.policy(f"world-{self.seed}-{number}") for number in range(self.policies)]
        for policy in made:
            self.save(policy, folder)
        return made

    def save(self, policy: dict[str, Any], folder: Path) -> None:
        text = "虚构文件，仅供测试\n" + "".join(one["cite"]["quote"] + "\n" for one in policy["clauses"])
        raw = text.encode()
        (folder / policy["source"]["file"]).write_bytes(raw)
        policy["source"]["sha256"] = hashlib.sha256(raw).hexdigest()
        (folder / f"{policy['id']}.yaml").write_text(
            yaml.dump(policy, Dumper=_NoAnchors, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def policy(self, name: str) -> dict[str, Any]:
        dice = self.dice
        count = dice.choice([1, 1, 1, 1, 2, 2, 3, 31 if dice.random() < 0.2 else 4])
        made: dict[str, Any] = {
            "id": name, "title": {"zh": "虚构政策", "en": "Invented policy"}, "issuer": "虚构局",
            "source": {"document": "虚构〔2026〕1号", "file": f"sources/{name}.txt", "sha256": ""},
            "in_force": self.in_force(),
            "delivery": dice.choice(["automatic_entitlement", "fast_claim", "application"]),
            "legal_basis": "虚构依据，仅供测试",
            "fair_competition_review": {"status": "passed", "date": Day(2019, 12, 20), "record": "虚构〔2019〕1号"},
            "clauses": [self.clause(number) for number in range(count)],
            "benefit": self.benefit(),
        }
        made["examples"] = [self.example(made, number) for number in range(3)]
        return made

    def in_force(self) -> dict[str, Day]:
        mood, day = self.dice.random(), dt.timedelta(days=1)
        if mood < 0.1:
            return {"from": self.as_of}
        if mood < 0.2:
            return {"from": Day(2020, 1, 1), "to": self.as_of}
        if mood < 0.25:
            return {"from": self.as_of + day}
        return {"from": Day(2020, 1, 1), "to": self.as_of - day if mood < 0.3 else Day(2099, 12, 31)}

    def clause(self, number: int) -> dict[str, Any]:
        when = self.condition(2) if self.dice.random() < 0.4 else self.leaf()
        letters = [reference.judge_when(subject, when, self.as_of) for subject in self.subjects]
        if letters.count("F") > len(letters) * 0.6 and self.dice.random() < 0.6:
            when = {"not": when}  # policies that nobody meets teach little
        made = {"id": f"c{number}", "cite": {"article": f"第{number + 1}条", "quote": f"虚构条件之{number + 1}，须予满足。"},
                "when": when}
        if (mood := self.dice.random()) < 0.3:
            made["on_missing"] = "ask" if mood < 0.1 else "fail"
        return made

    def condition(self, depth: int) -> dict[str, Any]:
        if depth == 0 or (mood := self.dice.random()) < 0.3:
            return self.leaf()
        if mood < 0.5:
            return {"not": self.condition(depth - 1)}
        return {self.dice.choice(["any", "all"]): [self.condition(depth - 1) for _ in range(self.dice.randint(2, 3))]}

    def leaf(self) -> dict[str, Any]:
        if self.dice.random() < 0.15:
            return self.ratio()
        fact = self.dice.choice(list(self.facts))
        spec, leaf = self.facts[fact], {"fact": fact}
        agg = self.over(leaf, spec, AGGS.get(spec["type"], ["latest", "count"]))
        if self.dice.random() < 0.12 and agg != "growth":
            if leaf.get("over") not in (None, "latest") and self.dice.random() < 0.5:
                leaf.pop("agg", None)
            return {**leaf, "op": "exists"}
        return self.compared(leaf, spec, agg)

    def over(self, leaf: dict[str, Any], spec: Spec, aggs: list[str]) -> str | None:
        """Add a period word and an aggregation that fit; the aggregation is given back."""
        if spec["period"] == "none":
            return None
        agg = self.dice.choice(aggs)
        words = [word for word in WORDS[spec["period"]] if agg != "growth" or word not in ("all", "latest")]
        leaf["over"] = self.dice.choice(words)
        if leaf["over"] == "latest":
            return "latest"
        leaf["agg"] = agg
        return agg

    def compared(self, leaf: dict[str, Any], spec: Spec, agg: str | None) -> dict[str, Any]:
        dice, kind = self.dice, spec["type"] if agg not in ("count", "growth") else "plain"
        if kind in ("bool",):
            return {**leaf, "op": dice.choice(["=", "!="]), "value": dice.random() < 0.5}
        if kind in CODES:
            op = dice.choice(["=", "!=", "in", "starts_with", "starts_with"])
            if op in ("=", "!="):
                return {**leaf, "op": op, "value": dice.choice(CODES[kind])}
            many = dice.sample(CODES[kind], dice.randint(1, 3))
            return {**leaf, "op": op, "value": many[0] if op == "starts_with" and dice.random() < 0.5 else many}
        write = {"money": self.money, "number": lambda seen: self.number(seen, spec["unit"]), "date": self.date,
                 "plain": lambda seen: self.percent(seen) if agg == "growth" else int(seen)}[kind]
        if dice.random() < 0.2:
            low, high = sorted([self.seen(leaf, kind), self.seen(leaf, kind)])
            return {**leaf, "op": "between", "value": [write(low), write(high)]}
        return {**leaf, "op": dice.choice(RELATIONS), "value": write(self.seen(leaf, kind))}

    def seen(self, leaf: dict[str, Any], kind: str) -> Any:
        """What some enterprise has there, so that comparisons are met exactly; or anything."""
        result = reference.resolve(self.dice.choice(self.subjects), leaf, self.as_of)
        if result.value is not None and self.dice.random() < 0.85:
            return result.value + self.dice.choice([0, 0, 0, 1, -1])
        return self.as_of.toordinal() if kind == "date" else Fraction(self.dice.choice([0, 1, 5, 100]))

    def money(self, fen: Fraction) -> str:
        fen = round(fen)
        if fen % 10**6 == 0 and self.dice.random() < 0.5:
            return f"{fen // 10**6}万元"
        return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d} 元"

    def number(self, number: Fraction, unit: str) -> Any:
        places = {"亩": 4, "kWh": 2, "%": 2}.get(unit, 0)
        whole = round(number * 10**places)
        text = f"{'-' if whole < 0 else ''}{abs(whole) // 10**places}"
        text += f".{abs(whole) % 10**places:0{places}d}" if places else ""
        if unit == "人" and self.dice.random() < 0.3:  # a plain number is in the fact's own unit
            return f"{whole // 10**4}万人" if whole % 10**4 == 0 and whole else whole
        return f"{text} {unit}" if unit else int(text)

    def percent(self, number: Fraction) -> str:
        part = round(number * 100)
        return f"{'-' if part < 0 else ''}{abs(part) // 100}.{abs(part) % 100:02d}%"

    def date(self, ordinal: int) -> Any:
        """A day, or as_of with months where that is the same day."""
        for months in (0, -12, 3, -1):
            if plain.shift(self.as_of, months).toordinal() == ordinal:
                return "as_of" if not months else f"as_of {'+' if months > 0 else '-'} {abs(months)} months"
        return Day.fromordinal(ordinal)

    def ratio(self) -> dict[str, Any]:
        top, bottom = self.dice.choice([
            ("money.month_plus", "money.month"), ("money.day", "money.month_plus"), ("money.quarter", "money.day_plus"),
            ("money.year", "money.year_plus"), ("staff.month", "staff.quarter"), ("money.month", "land.month"),
            ("money.year_plus", "land.year"), ("power.day", "power.month"), ("number.month", "number.quarter_plus")])
        yearly = "year" in (self.facts[top]["period"], self.facts[bottom]["period"])
        words = [word for word in WORDS["year" if yearly else "day"] if word != "latest"]
        leaf = {"ratio": [top, bottom], "over": self.dice.choice(words)}
        write = self.per_mu if bottom.startswith("land") else lambda share: self.percent(share * 100)
        op = self.dice.choice([*RELATIONS, "between"])
        if op == "between":
            low, high = sorted([self.seen(leaf, "ratio"), self.seen(leaf, "ratio")])
            return {**leaf, "op": op, "value": [write(low), write(high)]}
        return {**leaf, "op": op, "value": write(self.seen(leaf, "ratio"))}

    def per_mu(self, fen: Fraction) -> str:
        fen = round(fen / 100) * 100
        if fen % 10**6 == 0 and fen:
            return f"{fen // 10**6}万元/亩"
        return f"{fen // 100} 元/亩"

    def benefit(self) -> dict[str, Any]:
        dice = self.dice
        made: dict[str, Any] = {"kind": dice.choice(["flat", "rate", "rate", "tiers", "tiers"])}
        if made["kind"] == "flat":
            made["amount"] = dice.choice(["5000 元", "8888.88 元", "3万元", "0.01 元"])
        else:
            fact = dice.choice([name for name, spec in self.facts.items()
                                if spec["type"] == "money" or spec["unit"] in ("亩", "人")])
            spec, made["of"] = self.facts[fact], {"fact": fact}
            self.over(made["of"], spec, ["sum", "max", "min", "latest", "sum"])
            rates = {"元": ["10%", "3.5%", "0.01%", "33.33%", "100%"], "亩": ["10万元/亩", "1500 元/亩", "0.01 元/亩"],
                     "人": ["2000 元/人", "0.33 元/人"]}[spec["unit"]]
            if made["kind"] == "rate":
                made["rate"] = dice.choice(rates)
            else:
                made["tiers"] = self.tiers(made["of"], spec, rates)
            if dice.random() < 0.5:
                made["cap"] = dice.choice(["10万元", "200万元", "0.01 元", "99999.99 元", "1亿元"])
        if dice.random() < 0.7:
            made["rounding"] = dice.choice(ROUNDING)
        return made

    def tiers(self, of: dict[str, Any], spec: Spec, rates: list[str]) -> list[dict[str, Any]]:
        steps = {}
        for _ in range(self.dice.randint(1, 4)):
            seen = self.seen(of, spec["type"])
            steps[self.money(seen) if spec["type"] == "money" else self.number(seen, spec["unit"])] = seen
        worth = {round(seen, 4): text for text, seen in steps.items()}  # one writing of each height
        return [{"at_least": text, **({"rate": self.dice.choice(rates)} if self.dice.random() < 0.5 else
                                      {"amount": self.dice.choice(["2万元", "600 元", "0.01 元", "1234.56 元"])})}
                for text in worth.values()]

    # ---- examples -----------------------------------------------------------------------------

    def example(self, policy: dict[str, Any], number: int) -> dict[str, Any]:
        """Random facts and what the naive judge says of them."""
        given = {fact: self.given(self.facts[fact]) for fact in sorted(set(used(policy))) if self.dice.random() < 0.8}
        found = reference.judge(policy, plain.read_example(self.facts, given), self.as_of)
        expect: dict[str, Any] = {"status": STATUS[found.status], "clauses": {
            clause["id"]: {"T": True, "F": False, "U": "unknown"}[letter]
            for clause, letter in zip(policy["clauses"], found.letters, strict=True)}}
        if found.amount is not None:
            expect["amount"] = f"{found.amount // 100}.{found.amount % 100:02d} 元"
        return {"name": f"例{number + 1}", "as_of": self.as_of, "facts": given, "expect": expect}

    def given(self, spec: Spec) -> Any:
        mood = self.dice.random()
        if mood < 0.2:
            return "absent" if mood < 0.1 else "unknown"
        if spec["period"] == "none":
            return self.written(spec)
        made: dict[str, Any] = {}
        for period, _, state in self.rows_of_kind(spec):
            made[period] = "absent" if state == "absent" else self.written(spec)
        if self.dice.random() < 0.4:
            hole = self.period(self.dice.choice(KINDS[: KINDS.index(spec["period"]) + 1]))
            if not any(plain.touch(plain.read_period(hole)[1], plain.read_period(period)[1]) for period in made):
                made[hole] = "unknown"
        return made or "absent"

    def rows_of_kind(self, spec: Spec) -> list[tuple[str, str, str]]:
        return self.rows_of(spec["fact"])[:6]

    def written(self, spec: Spec) -> Any:
        """A value as an example writes it, money and numbers with their unit."""
        cell = self.cell(spec)
        if spec["type"] == "money":
            return f"{cell} 元"
        if spec["type"] == "number":
            return f"{cell} {spec['unit']}" if spec["unit"] else int(cell)
        if spec["type"] == "date":
            return Day.fromisoformat(cell)
        return cell == "true" if spec["type"] == "bool" else cell


def used(node: Any) -> list[str]:
    """Every fact a policy reads."""
    if isinstance(node, list):
        return [fact for one in node for fact in used(one)]
    if not isinstance(node, dict):
        return []
    here = [node["fact"]] if "fact" in node else list(node.get("ratio", []))
    return here + [fact for one in node.values() for fact in used(one)]
