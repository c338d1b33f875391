"""A synthetic firm, and what it did in a month; ``county`` draws them, the other files read them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import periods

Params = dict[str, Any]
LAST_START = dt.date(2026, 8, 1)
"""Who produces today has declared since August at the latest."""
OTHERS = "其他"


@dataclass
class Firm:
    """One synthetic enterprise and its hidden traits; money in yuan.

    ``sales`` are those of a month of 2024, ``per_head`` the sales of one person in a month, ``crew`` a headcount
    the firm keeps whatever it sells (0: it follows sales). ``untold`` names what the register leaves empty.
    """

    uscc: str
    name: str
    cluster: str
    industry: str
    region: str
    town: str
    park: str
    status: str
    producing: bool
    established: dt.date
    capital: int
    person: str
    phone: str
    starts: dt.date
    sales: float
    growth: float
    export_share: float
    rd_share: float
    invests: float
    insured_share: float
    per_head: float
    crew: int = 0
    former_name: str = ""
    untold: frozenset[str] = frozenset()
    titles: list[tuple[str, str, dt.date, dt.date | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """One firm's one month; money in whole fen, None where the firm declared nothing."""

    period: periods.Period
    sales: int
    tax: int
    vat: int
    income: int
    export: int
    equipment: int
    rd: int
    headcount: int
    insured: int
    new_hires: int
    graduates: int
    wages: int
    insurance: int


def makes(firm: Firm) -> bool:
    """Whether it makes things or software: shops and inns do no research."""
    return "13" <= firm.industry[:2] <= "43" or firm.industry.startswith("65")
