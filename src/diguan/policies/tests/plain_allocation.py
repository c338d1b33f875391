"""Allocation once more, the way a textbook writes it: dictionaries and lists. The engine's oracle and the benchmark's peer."""

from __future__ import annotations

from collections.abc import Iterable

from diguan.policies.engine.allocation import Claim, Fund

Pair = tuple[str, str]


def allocate(funds: Iterable[Fund], rows: Iterable[Claim]) -> dict[Pair, int]:
    """Fen granted by (policy, firm); pairs that get nothing are not there."""
    county = County(funds, rows)
    firms = set(county.wishes)
    while firms:
        firms = county.refuse(county.ask(firms))
    return county.granted()


class County:
    """Who wishes what, who asked for what, who was refused."""

    def __init__(self, funds: Iterable[Fund], rows: Iterable[Claim]) -> None:
        self.funds = {fund.id: fund for fund in funds}
        rows = list(rows)
        self.kept = {(row.policy, row.firm): row.kept_fen for row in rows if row.kept_fen is not None}
        self.left = {name: None if fund.budget_fen is None else fund.budget_fen - sum(fen for (policy, _), fen in self.kept.items() if policy == name)
                     for name, fund in self.funds.items()}
        self.seats = {name: None if fund.places is None else fund.places - sum(policy == name for policy, _ in self.kept) for name, fund in self.funds.items()}
        self.wishes: dict[str, list[Claim]] = {}
        self.held: dict[str, set[str]] = {row.firm: set() for row in rows}
        for policy, firm in self.kept:
            self.held[firm].add(policy)
        for row in rows:
            if row.kept_fen is None and row.eligible and row.fen and fits(self.funds[row.policy], self.left[row.policy], row.fen):
                self.wishes.setdefault(row.firm, []).append(row)
        for mine in self.wishes.values():
            mine.sort(key=lambda row: (-(row.fen or 0), row.policy))
        self.lines: dict[str, list[Claim]] = {name: [] for name in self.funds}
        self.asked: set[Pair] = set()
        self.refused: set[Pair] = set()

    def ask(self, firms: Iterable[str]) -> set[str]:
        """Each firm asks for what it may have; the policies that were asked."""
        changed = set()
        for firm in firms:
            for row in self.wishes[firm]:
                if (row.policy, firm) not in self.asked and not any(apart(self.funds, row.policy, other) for other in self.held[firm]):
                    self.asked.add((row.policy, firm))
                    self.lines[row.policy].append(row)
                    self.held[firm].add(row.policy)
                    changed.add(row.policy)
        return changed

    def refuse(self, policies: Iterable[str]) -> set[str]:
        """Each policy refuses whom it cannot serve; the firms that were refused now."""
        lost = set()
        for name in policies:
            line = self.lines[name]
            line.sort(key=lambda row: (row.keys, row.firm))
            for row in line[served(self.funds[name], line, self.left[name], self.seats[name]):]:
                if (name, row.firm) not in self.refused:
                    self.refused.add((name, row.firm))
                    self.held[row.firm].discard(name)
                    lost.add(row.firm)
        return lost

    def granted(self) -> dict[Pair, int]:
        found = dict(self.kept)
        for name, line in self.lines.items():
            won = [row for row in line if (name, row.firm) not in self.refused]
            found |= {(name, row.firm): fen for row, fen in zip(won, paid([row.fen or 0 for row in won], self.left[name]), strict=True)}
        return found


def fits(fund: Fund, left: int | None, fen: int) -> bool:
    return left is None or (left > 0 if fund.prorate else fen <= left)


def apart(funds: dict[str, Fund], one: str, other: str) -> bool:
    return one != other and (other in funds[one].excludes or one in funds[other].excludes)


def served(fund: Fund, line: list[Claim], left: int | None, seats: int | None) -> int:
    """How many of the line are served before the next does not fit."""
    spent = 0
    for at, row in enumerate(line):
        spent += row.fen or 0
        if (left is not None and not fund.prorate and spent > left) or (seats is not None and at >= seats):
            return at
    return len(line)


def paid(wanted: list[int], left: int | None) -> list[int]:
    """Everybody in full, or their shares to the fen, the largest remainder first."""
    total = sum(wanted)
    if left is None or total <= left:
        return wanted
    found = [fen * left // total for fen in wanted]
    by_rest = sorted(range(len(wanted)), key=lambda at: (-(wanted[at] * left % total), at))
    for at in by_rest[:left - sum(found)]:
        found[at] += 1
    return found
