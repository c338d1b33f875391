"""One policy over all enterprises, counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from diguan.kernel.rules import scalar, tree

LARGEST = 2**63 - 1


class AmountTooLarge(ValueError):
    """An amount that no 64-bit integer of fen holds."""


@dataclass
class Totals:
    """One policy over all enterprises. Money counts the entitled only; ``first_false`` by clause, in order."""

    id: str
    version: str
    eligible: int = 0
    ineligible: int = 0
    unknown: int = 0
    near_miss: int = 0
    amount_fen: int = 0
    amount_unknown: int = 0
    undecided_amount_fen: int = 0
    undecided_amount_unknown: int = 0
    first_false: list[int] = field(default_factory=list)
    still_unknown: list[int] = field(default_factory=list)

    @property
    def judged(self) -> int:
        """How many enterprises were judged."""
        return self.eligible + self.ineligible + self.unknown

    @property
    def high_fen(self) -> int:
        """The amounts of the entitled and the undecided, as far as they are known."""
        return self.amount_fen + self.undecided_amount_fen

    @classmethod
    def of(cls, policy: tree.Policy) -> Self:
        """Nobody counted yet."""
        return cls(policy.id, policy.version, first_false=[0] * len(policy.clauses), still_unknown=[0] * len(policy.clauses))

    def add(self, policy: tree.Policy, verdict: scalar.Verdict) -> None:
        """Count one enterprise."""
        missed = scalar.near_miss(policy, verdict) is not None
        self.tally(verdict.code, missed, 1, verdict.amount_fen or 0, verdict.amount_unknown)

    def tally(self, code: int, near: bool, count: int, amount_fen: int, amount_unknown: int) -> None:
        """Count ``count`` enterprises of one code; ``amount_fen`` is theirs together."""
        letters = [code >> 2 * at & 3 for at in range(len(self.first_false))]
        status = tree.INELIGIBLE if tree.FALSE in letters else tree.UNDECIDED if tree.UNKNOWN in letters else tree.ELIGIBLE
        word = tree.STATUS_WORDS[status]
        setattr(self, word, getattr(self, word) + count)
        self.near_miss += count * near
        if status == tree.ELIGIBLE:
            self.amount_fen += amount_fen
            self.amount_unknown += amount_unknown
        elif status == tree.UNDECIDED:
            self.undecided_amount_fen += amount_fen
            self.undecided_amount_unknown += amount_unknown
        self._pass(letters, count)

    def _pass(self, letters: list[int], count: int) -> None:
        """The funnel: at which clause they drop out, and after which clauses they are still undecided."""
        undecided = False
        for index, letter in enumerate(letters):
            if letter == tree.FALSE:
                self.first_false[index] += count
                return
            undecided = undecided or letter == tree.UNKNOWN
            self.still_unknown[index] += count * undecided
