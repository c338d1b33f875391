"""The sums of a ledger and what must always hold of them. Pure; everything in whole fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from diguan.kernel.messages import Message

GRANTED, ORDERED, PAID, RETURNED, REVERSED, DEMANDED, REPAID = "granted", "ordered", "paid", "returned", "reversed", "demanded", "repaid"
MONEY = (PAID, RETURNED, REPAID)


@dataclass(frozen=True)
class Sums:
    """What stands in a ledger, reversals taken off.

    Granted = paid − returned + outstanding; what the enterprise keeps = paid − returned − repaid.
    """

    granted: int = 0
    ordered: int = 0
    paid: int = 0
    returned: int = 0
    demanded: int = 0
    repaid: int = 0

    @property
    def net(self) -> int:
        """What has reached the enterprise: paid less returned."""
        return self.paid - self.returned

    @property
    def outstanding(self) -> int:
        """What is still to be paid."""
        return self.granted - self.net

    @property
    def kept(self) -> int:
        """What the enterprise has now."""
        return self.net - self.repaid

    @property
    def owed(self) -> int:
        """What is demanded back and not there yet."""
        return self.demanded - self.repaid

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)))


def sums(entries: Iterable[tuple[str, str, int]]) -> Sums:
    """The sums of entries (kind, of a reversal the kind it takes back, fen).

    >>> found = sums([("granted", "", 100), ("paid", "", 60), ("paid", "", 40), ("reversed", "paid", 40), ("returned", "", 10)])
    >>> found.paid, found.net, found.outstanding
    (60, 50, 50)
    """
    found = dict.fromkeys((GRANTED, ORDERED, PAID, RETURNED, DEMANDED, REPAID), 0)
    for kind, back, fen in entries:
        if kind == REVERSED:
            found[back] -= fen
        else:
            found[kind] += fen
    return Sums(**found)


def broken(told: Sums, amount: int) -> list[Message]:
    """What does not hold of one claim's ledger; ``amount`` is what was granted by the claim itself.

    >>> broken(Sums(granted=100, ordered=100, paid=100), 100)
    []
    >>> [one.zh for one in broken(Sums(granted=100, ordered=50, paid=120), 100)]
    ['付出去的净额 1.20 元多于核定的 1.00 元', '付款 1.20 元多于已开通知的 0.50 元']
    """
    rules = (
        (told.granted not in (0, amount), f"台账上核定 {_yuan(told.granted)} 元，兑现上是 {_yuan(amount)} 元",
         f"the ledger has {_yuan(told.granted)} yuan granted, the claim {_yuan(amount)}"),
        (told.net > amount, f"付出去的净额 {_yuan(told.net)} 元多于核定的 {_yuan(amount)} 元", f"{_yuan(told.net)} yuan net paid exceed the {_yuan(amount)} granted"),
        (told.net < 0, f"退回的比付出的多 {_yuan(-told.net)} 元", f"{_yuan(-told.net)} yuan more returned than paid"),
        (told.paid > told.ordered, f"付款 {_yuan(told.paid)} 元多于已开通知的 {_yuan(told.ordered)} 元", f"{_yuan(told.paid)} yuan paid exceed the {_yuan(told.ordered)} ordered"),
        (told.demanded > max(told.net, 0), f"要追回的 {_yuan(told.demanded)} 元多于付出去的 {_yuan(told.net)} 元", f"{_yuan(told.demanded)} yuan demanded back exceed the {_yuan(told.net)} paid"),
        (told.repaid > told.demanded, f"退缴的 {_yuan(told.repaid)} 元多于要追回的 {_yuan(told.demanded)} 元", f"{_yuan(told.repaid)} yuan paid back exceed the {_yuan(told.demanded)} demanded"))
    return [Message(zh, en) for wrong, zh, en in rules if wrong]


def _yuan(fen: int) -> str:
    """To the fen.

    >>> _yuan(-105)
    '-1.05'
    """
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
