"""Writes of target firms: what somebody tells of one, a proof of control, two that are one, and how far the county has come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from diguan.chains.actions.target_import import settle, touched
from diguan.chains.models import Approach, ApproachNote, Membership, NoTwin, Pollution, TargetFirm, TargetNode, Telling
from diguan.chains.queries import shelf
from diguan.chains.queries.targets import CHANGE, FACTS, TEXTS
from diguan.enterprises.actions import too_long
from diguan.kernel import clocks, packs, uscc
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action
from diguan.kernel.messages import Message

EARLIEST = dt.date(2000, 1, 1)
MOST = 10**17
MOST_GROWTH = 1_000_000
"""Basis points: a hundredfold; what is above was typed in another unit."""
_PERSONAL = re.compile(r"(?<![0-9])(1[3-9][0-9]{9}|[0-9]{17}[0-9Xx]|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9A-Za-z])")
NOT_BELOW = ("jobs", "tax_per_mu", "land", "local_share")


# ── what may be stored ───────────────────────────────────────────────────────
def problems(told: Mapping[str, Any]) -> dict[str, Message]:
    """What is wrong with what somebody tells of a firm, by column; values in storage units."""
    wrong = {name: Message("不能小于 0", "not below 0") for name in NOT_BELOW if (value := told.get(name)) is not None and value < 0}
    wrong |= {name: Message("太大了，请核对单位", "too large: check the unit") for name in ("growth", *NOT_BELOW) if (value := told.get(name)) is not None and abs(value) > MOST}
    if (told.get("local_share") or 0) > 10_000:
        wrong["local_share"] = Message("比例不能超过 100%", "a share is 100% at most")
    if (told.get("growth") or 0) > MOST_GROWTH:
        wrong["growth"] = Message("一年长到一百多倍，请核对单位：12% 写 12", "more than a hundredfold in a year: check the unit, 12% is 12")
    if told.get("growth") is not None and told["growth"] < -10_000:
        wrong["growth"] = Message("下降不会超过 100%", "nothing falls by more than 100%")
    if told.get("pollution") and told["pollution"] not in Pollution.values:
        wrong["pollution"] = Message("只能是 基本无污染、轻污染、中度污染、重污染", "none, light, medium or heavy")
    codes = packs.codes()
    for name, problem in (("region", codes.region_problem(told.get("region") or "")), ("industry", codes.industry_problem(told.get("industry") or "")), ("uscc", _code_problem(told.get("uscc") or ""))):
        if problem is not None:
            wrong[name] = problem
    return wrong | too_long(TargetFirm, {name: value for name, value in told.items() if name in TEXTS})


def _code_problem(code: str) -> Message | None:
    return uscc.problem(code) if code else None


def nodes_problem(nodes: Iterable[str]) -> dict[str, Message]:
    """What is wrong with the first node that no chain has; the nearest one is named."""
    problem = next((found for node in nodes if (found := shelf.node_problem(node))), None)
    return {"nodes": problem} if problem else {}


def personal_problem(text: str) -> Message | None:
    """Whether a note seems to hold a telephone or identity number, which is not kept here."""
    return Message("这里不记电话、身份证号；联系人放在“乡情”里，本人同意后才记", "no telephone or identity numbers here; contacts are kept with ties, once they agree") if _PERSONAL.search(text) else None


def _source(source: str, day: dt.date | None) -> tuple[str, dt.date]:
    words = source.strip()[:100]
    if not words:
        raise Refusal("invalid", [Message("来源没有填：谁说的、凭什么", "the source is missing: who says so")], field="source")
    if problem := personal_problem(words):
        raise Refusal("invalid", [problem], field="source")
    if not isinstance(day, dt.date) or not EARLIEST <= day <= clocks.today():
        raise Refusal("invalid", [Message(f"来源日期应在 {EARLIEST} 以后、今天以前", f"the day of the source is after {EARLIEST} and not after today")], field="told_on")
    return words, day


# ── one firm ─────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="target_told", on="firm")
def tell_target(*, firm: TargetFirm, version: int, told: Mapping[str, Any], source: str, told_on: dt.date | None, by: Person, nodes: tuple[str, ...] = (), reason: str = "") -> Done[TargetFirm]:
    """Tell some columns of a firm, and nodes it makes, with who says so; what others told stays to be seen, the latest counts.

    Raises:
        Refusal: ``invalid`` (field named), ``nothing`` told, or ``conflict``.
    """
    values = {name: value for name, value in told.items() if name in FACTS and value not in (None, "")}
    wrong = problems(values) | nodes_problem(nodes)
    if wrong:
        raise Refusal("invalid", list(wrong.values()), field=next(iter(wrong)))
    words, day = _source(source, told_on)
    new = [node for node in nodes if node not in set(firm.nodes.values_list("node", flat=True))]
    if not values and not new:
        raise Refusal("nothing", [Message("什么都没有填", "nothing was told")])
    touched(firm, version, by)
    before = {name: getattr(firm, name) for name in values}
    for name, value in values.items():
        text, number = (str(value), None) if name in TEXTS else ("", int(value))
        Telling.objects.create(firm=firm, column=name, num=number, text=text, source=words, told_on=day)
    TargetNode.objects.bulk_create([TargetNode(firm=firm, node=node, source=words) for node in new])
    settle([firm.pk], by)
    return Done(TargetFirm.objects.get(pk=firm.pk), before=before, after={**values, **({"nodes": new} if new else {}), "source": words, "told_on": day})


@action(permission=CHANGE, event="control_proved", on="membership")
def prove_control(*, membership: Membership, proof: str, by: Person, reason: str = "") -> Done[Membership]:
    """Say by what it is proved that the listed group controls this subsidiary; from then on it counts as a member.

    Raises:
        Refusal: ``invalid`` without a proof, or for a firm that stands in the list itself.
    """
    words = proof.strip()[:100]
    if not membership.parent:
        raise Refusal("invalid", [Message("这家企业自己在名单上，不用证明控股", "this firm is in the list itself")], field="proof")
    if len(words) < 4:
        raise Refusal("invalid", [Message("请写明凭什么：如国家企业信用信息公示系统股东信息 2026-10-20", "say by what it is proved")], field="proof")
    Membership.objects.filter(pk=membership.pk).update(control_proof=True, proof_source=words, changed_by=by, changed_at=clocks.now())
    TargetFirm.objects.filter(pk=membership.firm_id).update(changed_at=clocks.now())
    fresh = Membership.objects.select_related("firm", "list").get(pk=membership.pk)
    return Done(fresh, before={"control_proof": membership.control_proof}, after={"control_proof": True, "proof": words}, related=[fresh.firm])


@action(permission=CHANGE, event="target_approached", on="firm")
def note_approach(*, firm: TargetFirm, version: int, state: str, note: str, on: dt.date | None, by: Person, reason: str = "") -> Done[TargetFirm]:
    """Note what was done about a firm and how far the county has come; who drops it says why.

    Raises:
        Refusal: ``invalid`` (field named) or ``conflict``.
    """
    words = note.strip()
    if state not in Approach.values:
        raise Refusal("invalid", [Message("请选对接情况", "choose how far it has come")], field="state")
    if len(words) < 2:
        raise Refusal("invalid", [Message("请写明原因" if state == Approach.DROPPED else "请写一句做了什么", "say why" if state == Approach.DROPPED else "say in a line what was done")], field="note")
    wrong = personal_problem(words) or too_long(ApproachNote, {"note": words}).get("note")
    if wrong:
        raise Refusal("invalid", [wrong], field="note")
    if not isinstance(on, dt.date) or not EARLIEST <= on <= clocks.today():
        raise Refusal("invalid", [Message("日期应是今天以前的一天", "the day is a day up to today")], field="on")
    touched(firm, version, by)
    before = firm.approach
    ApproachNote.objects.create(firm=firm, state=state, note=words, on=on, owner_unit=None, created_by=by, changed_by=by)
    TargetFirm.objects.filter(pk=firm.pk).update(approach=state)
    return Done(TargetFirm.objects.get(pk=firm.pk), before={"approach": before}, after={"approach": state, "note": words, "on": on})


# ── twins ────────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="targets_merged", on="kept")
def merge_targets(*, kept: TargetFirm, other: TargetFirm, by: Person, reason: str = "") -> Done[TargetFirm]:
    """Say that two firms are one: lists, nodes, tellings and notes of the other go to the one that is kept.

    Raises:
        Refusal: ``invalid``: they bear two credit codes, or one of them is gone; ``conflict``.
    """
    if kept.pk == other.pk or kept.merged_into_id or other.merged_into_id:
        raise Refusal("conflict", [Message("已经并过了，请重新打开", "they were merged already; open the page again")])
    if kept.uscc and other.uscc and kept.uscc != other.uscc:
        raise Refusal("invalid", [Message("两家的统一社会信用代码不同，不是同一家", "they bear two credit codes and are two firms")])
    touched(other, other.version, by)
    TargetFirm.objects.filter(pk=other.pk).update(merged_into=kept)
    touched(kept, kept.version, by)
    there = set(kept.memberships.values_list("list", flat=True))
    moved = other.memberships.exclude(list__in=there)
    told = other.tellings.exclude(list__in=there)
    Telling.objects.filter(pk__in=[one.pk for one in told]).update(firm=kept)
    Membership.objects.filter(pk__in=[one.pk for one in moved]).update(firm=kept, changed_by=by, changed_at=clocks.now())
    nodes = other.nodes.exclude(node__in=set(kept.nodes.values_list("node", flat=True)))
    TargetNode.objects.filter(pk__in=[one.pk for one in nodes]).update(firm=kept)
    ApproachNote.objects.filter(firm=other).update(firm=kept)
    settle([kept.pk], by)
    return Done(TargetFirm.objects.get(pk=kept.pk), before={"name": kept.name}, after={"merged": other.name, "number": other.pk}, related=[other])


@action(permission=CHANGE, event="targets_kept_apart", on="first")
def part_targets(*, first: TargetFirm, second: TargetFirm, by: Person, reason: str = "") -> Done[TargetFirm]:
    """Say that two firms of like names are two; they are not asked about again.

    Raises:
        Refusal: ``invalid`` of one and the same.
    """
    if first.pk == second.pk:
        raise Refusal("invalid", [Message("是同一条记录", "this is one and the same row")])
    low, high = sorted((first, second), key=lambda row: row.pk)
    NoTwin.objects.get_or_create(first=low, second=high, defaults={"owner_unit": None, "created_by": by, "changed_by": by})
    return Done(first, after={"apart": second.name}, related=[second])
