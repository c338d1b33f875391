"""Firms that averages would not yield: those that hold a title, and those that stand close to a line.

Both are chosen among the firms drawn, from a random stream of its own, in the numbers ``demo.yaml`` names.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from diguan.kernel import periods
from diguan.site.demo.firm import LAST_START, OTHERS, Firm, Params, makes

LISTED = "规上工业企业"
ABOVE_SCALE = 20_000_000
"""Yuan of yearly sales from which the statistics bureau lists a maker."""


def mark(firms: Sequence[Firm], params: Params) -> None:
    """Put firms at the lines first, then give the titles: who is above scale follows from sales."""
    rng = random.Random(f"{params['seed']}-special")
    _borders(firms, params, rng)
    for firm in firms:
        _list_above_scale(firm)
    for title in params["titles"]:
        _award(firms, title, rng)


def _borders(firms: Sequence[Firm], params: Params, rng: random.Random) -> None:
    """Sales or headcounts within a few percent of a line, on either side; no firm stands at two of them."""
    free = [firm for firm in firms if firm.cluster == OTHERS and firm.producing and makes(firm) and firm.starts <= dt.date(2023, 1, 1)]
    rng.shuffle(free)
    for border in params["borders"]:
        at, chosen = border["at"], [free.pop() for _number in range(min(border["firms"], len(free)))]
        for firm in chosen:
            if border["trait"] == "crew":
                firm.crew, firm.sales = at + rng.choice([-1, 0, 1]), at * firm.per_head
            else:
                firm.growth = rng.gauss(0.03, 0.03)
                firm.sales = at / 12 / (1 + firm.growth) * rng.uniform(0.96, 1.04)


def _list_above_scale(firm: Firm) -> None:
    listed = max(dt.date(2024, 2, 1), periods.add_months(firm.starts, 12))
    if firm.producing and "13" <= firm.industry[:2] <= "43" and firm.sales * 12 >= ABOVE_SCALE and listed < LAST_START:
        firm.titles.append((LISTED, "县统计局", listed, None))


def _award(firms: Sequence[Firm], title: Params, rng: random.Random) -> None:
    """The makers that do most research get it, one in five of them passed over; never before they produce.

    Who holds an earlier title of the list goes first; a title that comes ``after`` another only goes to who holds that.
    """
    for cluster, count in title["firms"].items():
        fit = [firm for firm in firms if firm.cluster == cluster and firm.producing and makes(firm)
               and firm.rd_share >= 0.029 and firm.starts <= dt.date(2023, 6, 1) and firm.region == "430421"
               and ("after" not in title or title["after"] in _names(firm))]
        fit.sort(key=lambda firm: (-len(_names(firm) - {LISTED}), -firm.rd_share, firm.uscc))
        for firm in [firm for firm in fit if rng.random() < 0.8][:count]:
            issued = rng.choice([day for day in title["issued"] if day > firm.starts])
            firm.titles.append((title["name"], title["issuer"], issued, periods.previous_day(periods.add_months(issued, 12 * title["years"]))))


def _names(firm: Firm) -> set[str]:
    return {name for name, *_rest in firm.titles}
