"""Words of the pages of claims: the stage with its colour, whose turn it is, the next step in one sentence, the five steps of a firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money
from diguan.kernel.declare import Text
from diguan.kernel.shell import VERDICTS, language
from diguan.kernel.stages import gates
from diguan.kernel.stages import queries as stages
from diguan.kernel.stages.gates import Item
from diguan.policies import queries
from diguan.policies.models import Claim, Delivery
from diguan.policies.queries import claims
from diguan.policies.queries.claims import View

COLOURS = {claims.FOUND: "accent", claims.CONFIRMED: "accent", claims.PUBLICISED: "accent", claims.UNOBJECTED: "ok", claims.OBJECTED: "warn", claims.SETTLED: "ok",
           claims.INTENT: "ok", claims.ORDERED: "accent", claims.PAID: "ok", claims.CLAWBACK: "bad", claims.REFUSED: "bad", claims.REVIEW: "warn"}
STEPS = (gettext_lazy("列入名单"), gettext_lazy("部门确认"), gettext_lazy("公示"), gettext_lazy("您确认意愿和账户"), gettext_lazy("拨付到账"))
_AT = {claims.FOUND: 1, claims.CONFIRMED: 2, claims.PUBLICISED: 3, claims.OBJECTED: 3, claims.UNOBJECTED: 4, claims.SETTLED: 4, claims.INTENT: 5, claims.ORDERED: 5, claims.PAID: 6,
       claims.CLAWBACK: 6, claims.RETURNED: 6, claims.REFUSED: 2, claims.REVIEW: 2, claims.UPHELD: 2}
NEXT: Mapping[str, Text] = {
    claims.FOUND: gettext_lazy("部门正在核对名单，核对无误后公示。"),
    claims.CONFIRMED: gettext_lazy("名单已经确认，下一步公示。"),
    claims.PUBLICISED: gettext_lazy("名单正在公示，期满没有异议，就请您确认要不要、打到哪个账户。"),
    claims.OBJECTED: gettext_lazy("公示期间有人提出异议，部门正在核查，有结果马上告诉您。"),
    claims.UNOBJECTED: gettext_lazy("您已确认，部门正在核对账户，核对无误就开付款通知。"),
    claims.SETTLED: gettext_lazy("异议不成立。您已确认，部门正在核对账户，核对无误就开付款通知。"),
    claims.INTENT: gettext_lazy("下一步由另一位干部核实兑现条件，然后开付款通知。"),
    claims.ORDERED: gettext_lazy("付款通知已经开出，等财政拨付。"),
    claims.PAID: gettext_lazy("资金已经拨付。没有收到请联系经办人。"),
    claims.CLAWBACK: gettext_lazy("县里决定追回这笔资金，决定书里写着原因和怎么申诉。"),
    claims.RETURNED: gettext_lazy("资金已经退回，这一件办结。"),
    claims.REFUSED: gettext_lazy("这一件不予兑现。觉得不对，可以申请复核，由另一位干部来定。"),
    claims.REVIEW: gettext_lazy("复核已经受理，由另一位干部来定，有结果马上告诉您。"),
    claims.UPHELD: gettext_lazy("复核维持原决定。仍不服，可以依法申请行政复议。"),
    claims.WITHDRAWN: gettext_lazy("您已经放弃这一件。改主意了，名额还在就可以重新申领。"),
    "suspended": gettext_lazy("这一件暂缓办理，恢复后接着办，不用您重来。")}
_REASONS = {claims.REFUSED: gettext_lazy("原因（企业看得到）"), claims.UPHELD: gettext_lazy("原因（企业看得到）"), claims.OBJECTED: gettext_lazy("异议的要点（企业看不到）")}

_OF_WHO_ACTS = (gates.ROLE, gates.DOER)
"""What a gate asks of who passes it: of a step that payments take, the reader's own answer would be told as something that is missing."""


def status(row: Claim) -> tuple[str, str]:
    """Colour and word of where a claim stands."""
    where = claims.where(row)
    return (COLOURS.get(where, "mute"), claims.stage_titles(language()).get(where, where))


def policy_title(policy_id: str) -> str:
    """What a policy is called; its id where its document is gone."""
    found = queries.library().policies.get(policy_id)
    return found.label(language()) if found else policy_id


def turn(row: Claim) -> tuple[bool, str, str]:
    """For the firm: whether it is its turn, the headline, and the next step in one sentence."""
    where = claims.where(row)
    asked = [] if where == claims.REFUSED else claims.to_hand_in(row)  # an appeal is a right, not a turn
    if where == claims.REFUSED and any(paper.entry == claims.APPEAL for paper in claims.waiting_papers([row]).get(row.pk, ())):
        return (False, _("现在不用您做什么"), _("复核申请已经收到，部门核实之后由另一位干部来定。"))
    if not asked:
        return (False, _("现在不用您做什么"), str(NEXT.get(where, "")))
    names = _("、").join(entry.label(language()) for entry in asked)
    if {entry.id for entry in asked} <= {claims.WILL, claims.BANK}:
        return (True, _("轮到您：确认意愿和收款账户"), _("公示期满，没有异议。确认之后就开付款通知，不用交别的材料。") if row.delivery != Delivery.APPLICATION
                else _("县里已有的材料不用交。确认之后部门就开始核对。"))
    return (True, _("轮到您：{papers}").format(papers=names), _("县里已有的材料不用交，只要这些。交齐之后部门就开始核对。"))


def steps(row: Claim) -> dict[str, Any]:
    """The five steps a firm sees, and the one it is at, counted from 1."""
    names = [str(name) for name in STEPS]
    if row.delivery == Delivery.APPLICATION:
        names[0], names[3] = _("交申报材料"), _("核对账户")
    elif row.delivery == Delivery.FAST:
        names[0] = _("申领")
    return {"names": names, "at": _AT.get(getattr(row, "stage", ""), 1)}


def item_line(item: Item) -> dict[str, Any]:
    """One thing a gate asks: met, not met or unknown, in words."""
    kind, _word = VERDICTS[item.state]
    words = {"ok": _("已满足"), "mute": _("还差"), "unknown": _("待核实")}
    return {"kind": "ok" if item.waived else {"mute": "warn"}.get(kind, kind), "word": _("已免") if item.waived else words[kind], "asked": item.asked.text(language()),
            "found": item.waived or item.found.text(language())}


def way_lines(view: View, *, answered: bool = False) -> list[dict[str, Any]]:
    """The ways on from here: the step, whether its gate is open, each item, how its clock came about.

    ``answered``: the firm has handed in what the step to payment asks, which is verified by taking that step.
    """
    found = []
    for way in view.ways:
        ours = way.step.id in claims.OFFICE_STEPS
        due = stages.due_words(view.task, way.step.id) if view.task and way.clock else None
        checks = answered and way.step.id == claims.INTENT
        found.append({"id": way.step.id, "title": way.step.label(language()), "open": way.answer.met, "checks": checks, "acts": way.answer.met or checks,
                      "items": [item_line(item) for item in way.answer.items if ours or item.kind not in _OF_WHO_ACTS], "due": due.text(language()) if due else "", "ours": ours,
                      "reason": _REASONS.get(way.step.id, "")})
    return found


def amount(row: Claim) -> str:
    """Its amount in words."""
    return money.words(row.amount_fen, language())


def hidden(uscc: str) -> str:
    """A credit code as a public list shows it.

    >>> hidden("91430421MA00000013")
    '9143**********0013'
    """
    return f"{uscc[:4]}{'*' * (len(uscc) - 8)}{uscc[-4:]}"
