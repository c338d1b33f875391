"""Who gets the money when there is not enough of it: claims, lines and cutoffs. Pure, exact, in whole fen.

**What is settled.** A *claim* is one firm entitled under one policy to one certain amount. Of policies that exclude one
another a firm may have one: it asks for the highest amount first, of equal amounts for the policy that sorts first. A
policy with a budget (or a number of places) serves its claims in the order of its line: the keys its text names, a key
nobody knows behind all that are known, then the firm's id.

**How.** In rounds, all firms at once: every firm asks, best first, for each claim it has not asked for yet and that
excludes nothing it holds; then every policy walks its line over *all who ever asked* and serves them until the next one
does not fit. That one and everybody behind it are refused for good and ask on in the next round. A place in the line is
never overtaken: what is left over is smaller than the amount of whoever waits first. A firm never gives back what it
holds, and a policy's cutoff only moves forward in its line, so no claim is asked for twice and the rounds end.

**What holds.** Let ``A(p)`` be the firms that would take ``p`` for what they got (they hold it, or hold nothing that
excludes it and pays at least as much). An outcome is *stable* if every policy serves exactly those of ``A(p)`` whose
amounts, added up along the line, stay within the budget. Where exclusion is transitive (groups of which a firm may
have one), the outcome is stable, every firm gets at least as much as in any other stable outcome, and the order in
which firms ask does not matter; the amounts may differ from firm to firm. Where they are equal within a policy this
is the firm-optimal stable matching of Gale and Shapley (1962) with places for ``budget // amount`` firms. With
overtaking a stable outcome need not exist at all (a county of four firms without one is among the tests; McDermid and
Manlove 2010 on hospitals and inseparable couples), so nobody overtakes. Where exclusion is not transitive (A–B, B–C, not A–C) the rounds are part of the definition: every claim is still
served, refused in its line, or excluded by something the firm holds.

**Pro rata.** Such a policy refuses nobody while it has money: choices are made by full amounts, then every claim gets
``floor(amount · budget / sum)`` fen and the rest goes fen by fen to the largest remainders, of equal ones to the first in
the line. **Outside the line**: an amount larger than all there is to give out waits and holds nobody up. **Never served**:
a firm whose entitlement or amount is unknown. **Kept**: what an earlier allocation granted stays granted whatever is
known now; it lowers the budget, takes its place, and excludes as any grant does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

GRANTED, WAITLISTED, DISPLACED, UNDECIDED, NOTHING = range(1, 6)
STATES = {GRANTED: "granted", WAITLISTED: "waitlisted", DISPLACED: "displaced", UNDECIDED: "undecided", NOTHING: "nothing"}
(UNLIMITED, IN_BUDGET, SHARED, KEPT, BUDGET_USED, BEHIND, PLACES_USED, TOO_LARGE, EXCLUDED, STATUS_UNKNOWN, AMOUNT_UNKNOWN,
 NO_MONEY) = range(1, 13)
REASONS = {UNLIMITED: "unlimited", IN_BUDGET: "in_budget", SHARED: "shared", KEPT: "kept", BUDGET_USED: "budget_used", BEHIND: "behind",
           PLACES_USED: "places_used", TOO_LARGE: "too_large", EXCLUDED: "excluded", STATUS_UNKNOWN: "status_unknown",
           AMOUNT_UNKNOWN: "amount_unknown", NO_MONEY: "no_money"}
NONE = -1
"""No amount, nothing kept, no other policy."""
LAST = 2**62
"""The place of a key nobody knows: behind all that are known."""
LARGEST = 2**63 - 1
Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


class BelowGranted(ValueError):
    """A budget, or a number of places, below what is granted already; ``limit`` and ``granted`` in fen, or in places."""

    def __init__(self, policy: str, limit: int, granted: int, what: str = "fen") -> None:
        self.policy, self.limit, self.granted, self.what = policy, limit, granted, what
        super().__init__(f"{policy}: {limit} {what} is below the {granted} {what} that are granted already")


@dataclass(frozen=True)
class Fund:
    """One policy: its money in fen (None: it pays everybody), its places (None: any number), what it excludes."""

    id: str
    budget_fen: int | None = None
    prorate: bool = False
    excludes: frozenset[str] = frozenset()
    places: int | None = None


@dataclass(frozen=True)
class Claim:
    """One firm under one policy. ``fen`` is None where the amount is unknown, ``eligible`` False where the entitlement is.

    ``keys`` are places in the policy's line as :func:`places_of` gives them, the first key first. ``kept_fen`` is what
    an earlier allocation granted; ``in_match`` is False where that is all there is.
    """

    firm: str
    policy: str
    fen: int | None = None
    eligible: bool = True
    keys: tuple[int, ...] = ()
    kept_fen: int | None = None
    in_match: bool = True


@dataclass(frozen=True)
class Claims:
    """The same in columns of one length, one row a claim; ``firm`` and ``policy`` are numbers into ``firms`` and ``funds``.

    ``fen`` and ``kept`` are :data:`NONE` where there is none. ``keys`` has one column a key. ``firms`` are sorted,
    and so are ``funds`` by id.
    """

    funds: tuple[Fund, ...]
    firms: tuple[str, ...]
    firm: Ints
    policy: Ints
    fen: Ints
    eligible: Flags
    keys: Ints
    kept: Ints
    in_match: Flags

    def __len__(self) -> int:
        return len(self.firm)


def claims_of(funds: Iterable[Fund], rows: Iterable[Claim]) -> Claims:
    """Claims in columns, in the order of policy and firm whatever the order given.

    Raises:
        ValueError: a claim of a policy that is not given, one told twice, or an amount below 0 or beyond 64 bits.
    """
    known = tuple(sorted(funds, key=lambda fund: fund.id))
    found = sorted(rows, key=lambda row: (row.policy, row.firm))
    number = {fund.id: at for at, fund in enumerate(known)}
    firms = tuple(sorted({row.firm for row in found}))
    firm_number = {name: at for at, name in enumerate(firms)}
    if unknown := sorted({row.policy for row in found} - number.keys()):
        raise ValueError(f"no such policy: {unknown[0]}")
    width = max((len(row.keys) for row in found), default=0)
    told = Claims(
        known, firms, _ints(firm_number[row.firm] for row in found), _ints(number[row.policy] for row in found),
        _ints(_stored(row.fen) for row in found), np.array([row.eligible for row in found], dtype=np.bool_),
        np.array([row.keys + (0,) * (width - len(row.keys)) for row in found], dtype=np.int64).reshape(len(found), width),
        _ints(_stored(row.kept_fen) for row in found), np.array([row.in_match for row in found], dtype=np.bool_))
    twice = np.flatnonzero((np.diff(told.firm) == 0) & (np.diff(told.policy) == 0))
    if len(twice):
        row = found[int(twice[0])]
        raise ValueError(f"told twice: {row.policy} {row.firm}")
    return told


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _stored(fen: int | None) -> int:
    if fen is None:
        return NONE
    if not 0 <= fen <= LARGEST:
        raise ValueError(f"no amount: {fen} fen")
    return fen


def places_of(values: Sequence[Any], *, descending: bool = False) -> list[int]:
    """Where each value stands among them, equal values equally; None is :data:`LAST` either way.

    >>> places_of([30, None, 10, 30], descending=True)
    [0, 4611686018427387904, 1, 0]
    """
    known = sorted({value for value in values if value is not None}, reverse=descending)
    place = {value: at for at, value in enumerate(known)}
    return [LAST if value is None else place[value] for value in values]


@dataclass(frozen=True)
class Outcome:
    """One row a claim, in the order of the claims.

    ``granted`` in fen, 0 where nothing is. ``place`` is the place in the line among all who asked, from 1; 0 outside it.
    ``other`` is the policy that stands in the way (displaced), or that the firm got instead (waitlisted), as a number, or :data:`NONE`.
    ``rounds`` is how many times firms asked.
    """

    claims: Claims
    state: Ints
    reason: Ints
    granted: Ints
    place: Ints
    other: Ints
    rounds: int

    def rows(self) -> list[tuple[str, str, str, str, int, int, str]]:
        """Policy, firm, state, reason, fen granted, place and the other policy of every claim, in words."""
        funds, firms = [fund.id for fund in self.claims.funds], self.claims.firms
        columns = (self.claims.policy, self.claims.firm, self.state, self.reason, self.granted, self.place, self.other)
        return [(funds[policy], firms[firm], STATES[state], REASONS[reason], fen, place, "" if other == NONE else funds[other])
                for policy, firm, state, reason, fen, place, other in zip(*(column.tolist() for column in columns), strict=True)]


def allocate(claims: Claims) -> Outcome:
    """Settle every claim; see the module for the order and what holds.

    Raises:
        BelowGranted: a budget or a number of places is below what is granted already.

    >>> funds = [Fund("a", 10_00, excludes=frozenset({"b"})), Fund("b")]
    >>> told = [Claim("x", "a", 6_00), Claim("x", "b", 1_00), Claim("y", "a", 5_00), Claim("y", "b", 2_00), Claim("z", "b")]
    >>> for row in allocate(claims_of(funds, told)).rows():
    ...     print(row)
    ('a', 'x', 'granted', 'in_budget', 600, 1, '')
    ('a', 'y', 'waitlisted', 'budget_used', 0, 2, 'b')
    ('b', 'x', 'displaced', 'excluded', 0, 0, 'a')
    ('b', 'y', 'granted', 'unlimited', 200, 1, '')
    ('b', 'z', 'undecided', 'amount_unknown', 0, 0, '')
    """
    market = _Market(claims)
    rounds = market.settle()
    return market.outcome(rounds)


class _Market:
    """The claims that compete, who holds what, and each policy's cutoff: the place in its line from which all are refused."""

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        count = len(claims.funds)
        names = {fund.id: at for at, fund in enumerate(claims.funds)}
        self.apart = np.zeros((count, count), dtype=np.bool_)
        for at, fund in enumerate(claims.funds):
            for other in fund.excludes & names.keys() - {fund.id}:
                self.apart[at, names[other]] = self.apart[names[other], at] = True
        self.left = [self._left(at, fund) for at, fund in enumerate(claims.funds)]
        self.seats = [self._seats(at, fund) for at, fund in enumerate(claims.funds)]
        self.held = np.zeros((len(claims.firms), count), dtype=np.bool_)
        kept = claims.kept != NONE
        self.held[claims.firm[kept], claims.policy[kept]] = True
        self.budget = _ints(LARGEST if fund.budget_fen is None else min(fund.budget_fen, LARGEST) for fund in claims.funds)
        self.outside = self._too_large()
        self.live = ~kept & claims.eligible & (claims.fen > 0) & ~self.outside
        self._order()

    def _left(self, at: int, fund: Fund) -> int | None:
        granted = _sum(self.claims.kept[(self.claims.policy == at) & (self.claims.kept != NONE)])
        if fund.budget_fen is None:
            return None
        if granted > fund.budget_fen:
            raise BelowGranted(fund.id, fund.budget_fen, granted)
        return fund.budget_fen - granted

    def _seats(self, at: int, fund: Fund) -> int | None:
        taken = int(np.count_nonzero((self.claims.policy == at) & (self.claims.kept != NONE)))
        if fund.places is None:
            return None
        if taken > fund.places:
            raise BelowGranted(fund.id, fund.places, taken, "places")
        return fund.places - taken

    def _blocked(self, held: Flags) -> Flags:
        found: Flags = held.astype(np.float32) @ self.apart.astype(np.float32) > 0
        return found

    def _too_large(self) -> Flags:
        """Amounts beyond all there is to give out; of a policy that shares, every amount once nothing is left."""
        most = _ints(LARGEST if left is None or (fund.prorate and left > 0) else min(left, LARGEST)
                     for fund, left in zip(self.claims.funds, self.left, strict=True))
        return self.claims.fen > most[self.claims.policy] if len(self.claims) else np.zeros(0, dtype=np.bool_)

    def _order(self) -> None:
        """Each firm's claims best first, and each policy's line."""
        of = self.claims
        rows = np.flatnonzero(self.live)
        self.wishes = rows[np.lexsort((of.policy[rows], -of.fen[rows], of.firm[rows]))]
        bounds = np.searchsorted(of.firm[self.wishes], np.arange(len(of.firms) + 1))
        self.first, self.end = bounds[:-1], bounds[1:]
        line = rows[np.lexsort((of.firm[rows], *(of.keys[rows, at] for at in range(of.keys.shape[1] - 1, -1, -1)), of.policy[rows]))]
        cuts = np.searchsorted(of.policy[line], np.arange(len(of.funds) + 1))
        self.lines = [line[cuts[at]:cuts[at + 1]] for at in range(len(of.funds))]
        self.at = np.zeros(len(of), dtype=np.int64)
        for each in self.lines:
            self.at[each] = np.arange(len(each))
        self.cutoff = np.array([len(each) for each in self.lines], dtype=np.int64)
        self.asked = np.zeros(len(of), dtype=np.bool_)

    def settle(self) -> int:
        """Ask and refuse until nothing changes; returns the number of rounds."""
        rounds, open_ = 0, np.unique(self.claims.firm[self.wishes])
        while len(open_):
            new = self._ask(open_)
            rounds += bool(len(new))
            refused = self._refuse(new)
            self.held[self.claims.firm[refused], self.claims.policy[refused]] = False
            open_ = np.unique(self.claims.firm[refused])
        return rounds

    def _ask(self, firms: Ints) -> Ints:
        """Every firm asks, best first, for what it has not asked for and what excludes nothing it holds; those claims."""
        of, blocked, found = self.claims, self._blocked(self.held[firms]), []
        start, end = self.first[firms], self.end[firms]
        for step in range(int((end - start).max(initial=0))):
            still = np.flatnonzero(start + step < end)
            rows = self.wishes[start[still] + step]
            free = ~self.asked[rows] & ~blocked[still, of.policy[rows]]
            rows, still = rows[free], still[free]
            self.asked[rows] = True
            blocked[still] |= self.apart[of.policy[rows]]
            found.append(rows)
        new = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        self.held[of.firm[new], of.policy[new]] = True
        return new

    def _refuse(self, new: Ints) -> Ints:
        """Move the cutoffs of the policies that were asked; the claims that are refused now."""
        late = self.at[new] >= self.cutoff[self.claims.policy[new]]
        found = [new[late]]
        for policy in np.unique(self.claims.policy[new[~late]]).tolist():
            line = self.lines[policy][:self.cutoff[policy]]
            served = self._served(policy, line)
            self.cutoff[policy] = served
            found.append(line[served:][self.asked[line[served:]]])
        return np.concatenate(found)

    def _served(self, policy: int, line: Ints) -> int:
        """How many of a line, askers or not, stand before the first asker that does not fit."""
        asked = self.asked[line]
        fits = len(line)
        left, seats = self.left[policy], self.seats[policy]
        if left is not None and not self.claims.funds[policy].prorate:
            fits = int(np.searchsorted(_running(np.where(asked, self.claims.fen[line], 0)), left, side="right"))
        if seats is not None:
            fits = min(fits, int(np.searchsorted(np.cumsum(asked), seats, side="right")))
        return fits

    # -- what came of it ------------------------------------------------------------------------------------

    def outcome(self, rounds: int) -> Outcome:
        """Everything that is said of every claim."""
        of = self.claims
        won = self.asked & (self.at < self.cutoff[of.policy]) if len(of) else self.asked
        granted = np.where(won, of.fen, 0)
        state, reason = np.full(len(of), WAITLISTED), np.full(len(of), BUDGET_USED)
        for policy, line in enumerate(self.lines):
            self._pay(policy, line[:self.cutoff[policy]], granted, reason)
            self._why_not(policy, line[self.cutoff[policy]:], granted, reason)
        out = self.live & ~self.asked
        larger = of.fen > self.budget[of.policy] if len(of) else out
        for rows, kind, why in (
                (won, GRANTED, None), (self.outside & larger, WAITLISTED, TOO_LARGE), (out, DISPLACED, EXCLUDED), (of.fen == 0, NOTHING, NO_MONEY),
                (of.fen == NONE, UNDECIDED, AMOUNT_UNKNOWN), (~of.eligible, UNDECIDED, STATUS_UNKNOWN), (of.kept != NONE, GRANTED, KEPT)):
            state[rows] = kind
            if why is not None:
                reason[rows] = why
        granted = np.where(of.kept != NONE, of.kept, granted)
        other = self._other((state == DISPLACED) | (state == WAITLISTED), state == GRANTED)
        return Outcome(of, state, reason, granted, self._places(), other, rounds)

    def _pay(self, policy: int, served: Ints, granted: Ints, reason: Ints) -> None:
        """The reason of those served, and their shares where there is not enough for all."""
        rows, left = served[self.asked[served]], self.left[policy]
        reason[rows] = UNLIMITED if left is None and self.seats[policy] is None else IN_BUDGET
        if left is not None and _sum(self.claims.fen[rows]) > left:
            granted[rows] = shares(self.claims.fen[rows].tolist(), left)
            reason[rows] = SHARED

    def _why_not(self, policy: int, behind: Ints, granted: Ints, reason: Ints) -> None:
        """Why those refused wait: no place, no money, or money for them but somebody larger before them."""
        rows, left, seats = behind[self.asked[behind]], self.left[policy], self.seats[policy]
        served = self.lines[policy][:self.cutoff[policy]]
        if seats is not None and np.count_nonzero(self.asked[served]) >= seats:
            reason[rows] = PLACES_USED
        elif left is not None:
            rest = left - _sum(granted[served])
            reason[rows] = np.where(self.claims.fen[rows] <= rest, BEHIND, BUDGET_USED)

    def _places(self) -> Ints:
        found = np.zeros(len(self.claims), dtype=np.int64)
        for line in self.lines:
            asked = self.asked[line]
            found[line] = np.where(asked, np.cumsum(asked), 0)
        return found

    def _other(self, wanted: Flags, won: Flags) -> Ints:
        """The policy a firm got that excludes the claim; of several the largest amount, then the first."""
        of, found = self.claims, np.full(len(self.claims), NONE)
        best = np.full(len(of), NONE)
        fen = np.where(of.kept != NONE, of.kept, of.fen)
        amount = np.full(len(of.firms), NONE)
        for policy in np.flatnonzero(self.apart.any(axis=0)).tolist():
            winners = np.flatnonzero(won & (of.policy == policy))
            amount[:] = NONE
            amount[of.firm[winners]] = fen[winners]
            rows = np.flatnonzero(wanted & self.apart[of.policy, policy])
            rows = rows[amount[of.firm[rows]] > best[rows]]
            best[rows], found[rows] = amount[of.firm[rows]], policy
        return found


def shares(wanted: Sequence[int], budget: int) -> list[int]:
    """Divide a budget in proportion to what is wanted, to the fen: the sum is the budget if that is less than all wanted.

    Args:
        wanted: fen each, more than 0, in the order of the line.
        budget: fen.

    >>> shares([100, 100, 100], 100), shares([1, 2], 9)
    ([34, 33, 33], [1, 2])
    """
    total = sum(wanted)
    if total <= budget:
        return list(wanted)
    whole, rest = zip(*(divmod(each * budget, total) for each in wanted), strict=True)
    more = sorted(range(len(wanted)), key=lambda at: (-rest[at], at))[:budget - sum(whole)]
    found = list(whole)
    for at in more:
        found[at] += 1
    return found


def _sum(fen: Ints) -> int:
    """Exact, whatever the number of digits."""
    return int(_running(fen)[-1]) if len(fen) else 0


def _running(fen: Ints) -> Any:
    """Sums along a line: in 64 bits where they fit, else in whole numbers of any size."""
    small = len(fen) == 0 or int(fen.max()) <= LARGEST // len(fen)
    return np.cumsum(fen if small else fen.astype(object))
