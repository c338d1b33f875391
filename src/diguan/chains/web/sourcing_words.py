"""What the pages of local sourcing show. Names only to who may see every firm's amounts; others see sums that at least three firms stand behind on either side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.chains.models import Role
from diguan.chains.queries import sourcing as queries
from diguan.chains.queries.sourcing import COST, Near, NodeMatch, Pair, Share, Side
from diguan.chains.web import words
from diguan.chains.web.coverage_lists import list_address
from diguan.chains.web.map_words import FEW
from diguan.enterprises.models import NONE_WORD
from diguan.kernel import money

NEAR = {Near.PARK: gettext_lazy("同园区"), Near.TOWN: gettext_lazy("同乡镇"), Near.COUNTY: gettext_lazy("本县"), Near.ELSEWHERE: gettext_lazy("县外")}


@dataclass(frozen=True)
class Ratio:
    """A ratio's words: now, at most, of how many firms; ``hidden`` where too few told."""

    label: str
    now: int | None
    reachable: int | None
    note: str
    url: str
    hidden: bool

    @property
    def gains(self) -> bool:
        """Whether there is anything to win."""
        return self.now is not None and self.reachable is not None and self.reachable > self.now

    @property
    def words(self) -> str:
        """Now, and where to it could go."""
        if self.hidden:
            return _("不足 3 户，不显示")
        if self.now is None:
            return _("没人告诉过我们")
        return f"{money.percent(self.now)} → {money.percent(self.reachable or 0)}" if self.gains else money.percent(self.now)


def ratio(label: str, share: Share, url: str, named: bool) -> Ratio:
    """A share as the person may see it: a ratio of one or two firms tells their business."""
    hidden = not named and 0 < share.firms < FEW
    return Ratio(label, None if hidden else share.now, None if hidden else share.reachable, _("{n} / {all} 户两个数都有").format(n=share.firms, all=share.all), url, hidden)


def ratios(match: NodeMatch, named: bool) -> list[Ratio]:
    """The four of a node: sales and purchases, in the county and in the park."""
    return [ratio(label, share, list_address(node=match.node, role=role), named) for role, share, label in (
        (Role.MAKE, match.county(Role.MAKE), _("销售侧：卖给本县")), (Role.USE, match.county(Role.USE), _("采购侧：从本县买")),
        (Role.MAKE, match.park(Role.MAKE), _("销售侧：卖给本园区")), (Role.USE, match.park(Role.USE), _("采购侧：从本园区买")))]


def fewest(*matches: NodeMatch) -> int:
    """How many firms stand behind the matched sum of these nodes on the side that has fewer: with one supplier the sum is that supplier's, however many buy."""
    pairs = [pair for match in matches for pair in match.pairs]
    return min(len({pair.supplier.firm.pk for pair in pairs}), len({pair.buyer.firm.pk for pair in pairs}))


def hides(match: NodeMatch, named: bool) -> bool:
    """Whether the matched sum of a node would tell a single firm's business to this person."""
    return not named and 0 < fewest(match) < FEW


# ── one node ─────────────────────────────────────────────────────────────────
def pair_lines(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    """Who could supply whom, most first."""
    return [{"supplier": pair.supplier, "buyer": pair.buyer, "fen": pair.fen, "others": pair.others, "near": NEAR[pair.near], "close": pair.near is Near.PARK,
             "new": reverse("chains:introduction_new", args=[pair.supplier.row.pk, pair.buyer.row.pk])} for pair in pairs]


def side_lines(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """The firms of one side: what they told, what is open, what the matching gives them."""
    return [{"side": side, "row": side.row, "place": _place(side)} for side in sides]


def _place(side: Side) -> str:
    return _(" · ").join(part for part in (side.firm.park, side.firm.town) if part and part != NONE_WORD)


def silent(match: NodeMatch, named: bool) -> dict[str, Any]:
    """Those who cannot be matched because their row does not tell enough; what each lacks."""
    found = match.silent
    lines = [{"row": side.row, "lacks": _("没说总数") if side.row.amount_fen is None else _("没说其中多少在本县")} for side in found] if named else []
    return {"lines": lines, "count": len(found), "words": ngettext("%(n)s 户没有告诉过我们，撮合时没有算进去", "%(n)s 户没有告诉过我们，撮合时没有算进去", len(found)) % {"n": len(found)} if found else ""}


def assumptions() -> list[tuple[str, str]]:
    """How near counts, in words: what carrying a yuan's worth is taken to cost."""
    return [(str(NEAR[near]), _("每元货 {cost} 元").format(cost=f"{cost:.2f}")) for near, cost in COST.items() if near is not Near.ELSEWHERE]


# ── a chain ──────────────────────────────────────────────────────────────────
def node_line(match: NodeMatch, named: bool) -> dict[str, Any]:
    """One node in a chain's overview."""
    url, hidden = reverse("chains:sourcing_node", args=[match.node]), hides(match, named)
    return {"name": words.node(match.node), "url": url, "sales": ratio("", match.county(Role.MAKE), url, named), "purchases": ratio("", match.county(Role.USE), url, named),
            "more": None if hidden or match.unknown else match.more, "hidden": hidden, "pairs": len(match.pairs), "makers": len(match.makers), "users": len(match.users), "silent": len(match.silent)}


def totals(matches: Sequence[NodeMatch], named: bool, url: str) -> dict[str, Any]:
    """All nodes together. Where too few firms stand behind the hidden sums the total is hidden too: the shown ones taken off it would tell theirs."""
    more = sum(match.more for match in matches)
    hidden = not named and 0 < fewest(*(match for match in matches if hides(match, named))) < FEW
    shares = [(_("卖给本县的"), queries.county_of(matches, Role.MAKE)), (_("从本县买的"), queries.county_of(matches, Role.USE)), (_("卖给本园区的"), queries.park_of(matches, Role.MAKE)), (_("从本园区买的"), queries.park_of(matches, Role.USE))]
    unknown = sum(match.unknown for match in matches)
    note = ngettext("另有 %(n)s 个环节不知道", "另有 %(n)s 个环节不知道", unknown) % {"n": unknown} if unknown else _("全链合计")
    return {"more": None if hidden else more, "note": note, "hidden": hidden, "ratios": [ratio(label, share, url, named) for label, share in shares], "pairs": sum(len(match.pairs) for match in matches)}
