"""What claims put on the work desk: what waits for me as an officer, and for a firm whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel import access, clocks, money
from diguan.kernel.declare import DeskItem
from diguan.kernel.evidence.models import EvidenceState
from diguan.kernel.shell import language
from diguan.policies.queries import claims
from diguan.policies.queries.claims import HANDLE
from diguan.policies.web import claim_words as words

_WAITS = {claims.OBJECTED: gettext_lazy("异议等答复"), claims.REVIEW: gettext_lazy("复核等决定")}
_LISTS = {claims.FOUND: (claims.CONFIRMED, gettext_lazy("等部门确认")), claims.CONFIRMED: (claims.PUBLICISED, gettext_lazy("等公示")),
          claims.PUBLICISED: (claims.UNOBJECTED, gettext_lazy("公示期满"))}
_SPOKEN = {claims.OBJECTION: gettext_lazy("异议等核实"), claims.APPEAL: gettext_lazy("复核申请等核实")}
_SPOKEN_AT = {claims.OBJECTION: claims.PUBLICISED, claims.APPEAL: claims.REFUSED}
MOST = 3
"""So many policies are named for each step of a whole list; the rest is in the list of claims."""


def items(person: Any) -> Iterator[DeskItem]:
    """The lines for this person."""
    if access.usccs_of(person):
        yield from _own(person)
    elif access.may(person, HANDLE):
        yield from _office(person)


def _own(person: Any) -> Iterator[DeskItem]:
    """Claims of one's firms that wait for their answer."""
    for row in claims.own_claims(person).order_by("id"):
        mine, headline, sentence = words.turn(row)
        if mine:
            yield DeskItem("first", "accent", _("轮到您"), f"{words.policy_title(row.policy)} · {words.amount(row)}", headline, sentence, reverse("policies:claim", args=[row.pk]), _("去确认"), 5)


def _office(person: Any) -> Iterator[DeskItem]:
    """By stage, what waits for the office; late ones and answers to be checked first."""
    mine = access.visible(claims.visible_claims(person), person, HANDLE)
    late = mine.filter(due__lt=clocks.today(), course__ended_at__isnull=True).count()
    if late:
        yield _line("first", "bad", _("超期"), ngettext("{n} 件兑现过了最晚的日子", "{n} 件兑现过了最晚的日子", late).format(n=late), "", "?sort=due", 8)
    yield from _spoken(mine)
    answered = _answered(mine)
    if answered:
        yield _line("first", "accent", _("等核对"), ngettext("{n} 户已确认意愿和账户，等您核对", "{n} 户已确认意愿和账户，等您核对", answered).format(n=answered), "", f"?stage={claims.UNOBJECTED}", 12)
    for one in claims.by_stage(mine):
        if one.id in _WAITS:
            yield _line("week", "accent", str(_WAITS[one.id]), _sum(one.count, one.amount_fen), "", f"?stage={one.id}", 25)
    yield from _lists(mine)


def _spoken(mine: Any) -> Iterator[DeskItem]:
    """Objections and appeals that came in and that nobody has verified yet: each may end somebody's claim, and their days run."""
    for entry, word in _SPOKEN.items():
        waiting = claims.waiting_for(mine, entry)
        for row in waiting[:MOST]:
            yield DeskItem("first", "accent", str(word), f"{words.policy_title(row.policy)} · {row.enterprise.name}", words.amount(row), "", reverse("policies:claim", args=[row.pk]), _("去核实"), 6)
        if len(waiting) > MOST:
            yield _line("first", "accent", str(word), ngettext("另有 {n} 件兑现", "另有 {n} 件兑现", len(waiting) - MOST).format(n=len(waiting) - MOST), "", f"?stage={_SPOKEN_AT[entry]}", 7)


def _sum(count: int, fen: int) -> str:
    return ngettext("{n} 件兑现，{money}", "{n} 件兑现，{money}", count).format(n=count, money=money.words(fen, language()))


def _lists(mine: Any) -> Iterator[DeskItem]:
    """By policy, the lists that wait for a step as a whole, the longest first; a public notice once its days are over."""
    for stage, (step, word) in _LISTS.items():
        found = claims.at_stage(mine, stage).order_by().values_list("policy").annotate(n=Count("pk"), fen=Sum("amount_fen"))
        lines = sorted(found, key=lambda line: (-line[1], line[0]))
        if stage == claims.PUBLICISED:
            lines = [line for line in lines if claims.notice_over(mine, line[0])]
        for policy, count, fen in lines[:MOST]:
            yield DeskItem("week", "accent", word, words.policy_title(policy), _sum(count, fen), "", reverse("policies:claim_step", args=[policy, step]), _("去办"), 25)
        if rest := lines[MOST:]:
            what = ngettext("另有 {n} 份政策", "另有 {n} 份政策", len(rest)).format(n=len(rest))
            yield DeskItem("week", "accent", word, what, _sum(sum(line[1] for line in rest), sum(line[2] for line in rest)), "", reverse("policies:claims") + f"?stage={stage}", _("去办"), 26)


def _answered(mine: Any) -> int:
    rows = [row for stage in (claims.UNOBJECTED, claims.SETTLED) for row in claims.at_stage(mine, stage)]
    waiting = claims.waiting_papers(rows)
    return sum(any(paper.entry == claims.BANK and paper.state == EvidenceState.ENTERED for paper in found) for found in waiting.values())


def _line(group: str, kind: str, word: str, what: str, why: str, query: str, order: int) -> DeskItem:
    return DeskItem(group, kind, word, what, why, "", reverse("policies:claims") + query, _("去办"), order)
