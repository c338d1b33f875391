"""Reads of introductions: who may see which, what a firm may see of the other side, what waits, what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet, Sum

from diguan.chains.models import (
    Answer,
    Introduction,
    IntroductionOrder,
    IntroductionSide,
    IntroductionState,
    OrderState,
)
from diguan.chains.models.introductions import OPEN
from diguan.chains.queries import coverage as register
from diguan.enterprises.engine import name_key
from diguan.kernel import access, clocks
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message

if TYPE_CHECKING:
    from diguan.enterprises.models import Enterprise
    from diguan.kernel.access.models import Person

VIEW = "chains.view_introduction"
INTRODUCE = "chains.introduce"
ANSWER = "chains.answer_introduction"
VERIFY = "chains.verify_outcome"
EXPORT = "chains.export_introduction"


# ── the office ───────────────────────────────────────────────────────────────
def visible_introductions(person: Person) -> QuerySet[Introduction]:
    """The introductions this person may see with both names: a right of its own, and only for who may see every firm's amounts."""
    rows = Introduction.objects.all() if register.sees_every_volume(person) else Introduction.objects.none()
    return access.visible(rows, person, VIEW).select_related("supply__enterprise", "need__enterprise", "created_by", "owner_unit").annotate(
        verified_fen=Sum("orders__amount_fen", filter=Q(orders__state=OrderState.VERIFIED))).order_by("-id")


def introduction(person: Person, number: int) -> Introduction | None:
    """One by its number, None where there is none for this person."""
    return visible_introductions(person).filter(pk=number).first()


def search(rows: QuerySet[Introduction], text: str) -> QuerySet[Introduction]:
    """Those whose supplier or buyer is called so."""
    key = name_key(text)
    wanted = Q()
    for side in ("supply", "need"):
        wanted |= Q(**{f"{side}__enterprise__name_key__contains": key}) | Q(**{f"{side}__enterprise__pinyin_key__contains": key}) | Q(**{f"{side}__enterprise__uscc": text.upper()})
    return rows.filter(wanted)


def overdue(rows: QuerySet[Introduction]) -> QuerySet[Introduction]:
    """Those nobody answered in time, or whose day is past, that the clock has not ended yet."""
    day = clocks.today()
    return rows.filter(Q(state=IntroductionState.ASKED, answer_by__lt=day) | Q(state=IntroductionState.AGREED, until__lt=day))


def to_verify(person: Person) -> QuerySet[IntroductionOrder]:
    """Orders that wait for this person: another entered them."""
    rows = IntroductionOrder.objects.filter(state=OrderState.CLAIMED, introduction__in=visible_introductions(person).order_by().values("pk"))
    return access.visible(rows, person, VERIFY).exclude(entered_by=person).order_by("id")


def order(person: Person, introduction_: Introduction, number: int) -> IntroductionOrder | None:
    """One order of an introduction the person sees."""
    return introduction_.orders.select_related("introduction", "proof").filter(pk=number).first()


def between(person: Person, supply: int, need: int) -> Introduction | None:
    """The introduction of two rows that is open."""
    return visible_introductions(person).filter(supply=supply, need=need, state__in=OPEN).first()


# ── the firm ─────────────────────────────────────────────────────────────────
def own_sides(person: Person) -> QuerySet[IntroductionSide]:
    """The sides that are the person's to answer: of enterprises they act for today. Newest first."""
    codes = access.usccs_of(person)
    rows = IntroductionSide.objects.filter(enterprise__uscc__in=codes) if codes else IntroductionSide.objects.none()
    return access.visible(rows, person, ANSWER).select_related("introduction__owner_unit", "enterprise").order_by("-introduction_id", "role")


def own_side(person: Person, number: int) -> IntroductionSide | None:
    """The person's side of an introduction; where they act for both firms, the one that waits first."""
    return own_sides(person).filter(introduction=number).order_by("answer", "role").first()


def waiting(person: Person) -> QuerySet[IntroductionSide]:
    """Those that wait for this person's answer."""
    return own_sides(person).filter(answer=Answer.WAITING, introduction__state=IntroductionState.ASKED, introduction__answer_by__gte=clocks.today())


def other_of(side: IntroductionSide) -> IntroductionSide | None:
    """The other side, where it may be seen today: both consented, nobody took it back, its day not past."""
    if side.answer != Answer.CONSENTED:
        return None
    return IntroductionSide.objects.filter(introduction=side.introduction_id, role=side.other_role, answer=Answer.CONSENTED, introduction__state=IntroductionState.AGREED,
                                           introduction__until__gte=clocks.today()).select_related("enterprise").first()


def names(text: str, firm: Enterprise) -> bool:
    """Whether a text would tell who a firm is: its name, what is left of it without place and form, a former name, or its code."""
    key = name_key(text)
    known = [firm.name_key, firm.core_key if len(firm.core_key) > 1 else "", firm.uscc.lower(), *(former.name_key for former in firm.former_names.all())]
    return any(word and word in key for word in known)


# ── what came of them ────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Book:
    """The introductions a figure is of: made within a span, ends included (None: open), as they stand on a day."""

    rows: tuple[Introduction, ...]
    as_of: dt.date
    known_at: dt.datetime | None = None

    @property
    def agreed(self) -> list[Introduction]:
        """Those both sides consented to, whatever became of them after."""
        return [row for row in self.rows if row.agreed_on is not None]

    @cached_property
    def orders(self) -> list[IntroductionOrder]:
        """Verified orders of these."""
        return list(IntroductionOrder.objects.filter(introduction__in=[row.pk for row in self.rows], state=OrderState.VERIFIED).select_related("introduction").order_by("id"))

    @property
    def traded(self) -> list[Introduction]:
        """Those with a verified order."""
        there = {one.introduction_id for one in self.orders}
        return [row for row in self.rows if row.pk in there]


def book(person: Person, rows: QuerySet[Introduction] | None = None) -> Book:
    """The introductions this person may see, or some of them."""
    found = tuple(visible_introductions(person) if rows is None else rows)
    return Book(found, clocks.today(), max((row.changed_at for row in found), default=None))


def _seen(person: Person, rows: Sequence[Introduction]) -> list[Introduction]:
    return list(visible_introductions(person).filter(pk__in=[row.pk for row in rows]))


@measure("chains.introductions_made", title=Message("介绍对接", "Introductions made"), unit="次", permission=VIEW, rows=lambda person, of: _seen(person, of.rows),
         definition=Message("专班提出的对接，一次是一对企业在一个环节上", "Introductions proposed: one is a pair of firms at one node"))
def introductions_made(of: Book) -> int:
    """How many."""
    return len(of.rows)


@measure("chains.introductions_agreed", title=Message("双方同意", "Both consented"), unit="次", permission=VIEW, rows=lambda person, of: _seen(person, of.agreed),
         definition=Message("供需双方都同意过的对接；后来撤回或到期的也算", "Introductions both sides consented to, also where it was taken back or ran out later"))
def introductions_agreed(of: Book) -> int:
    """How many."""
    return len(of.agreed)


@measure("chains.introductions_traded", title=Message("有核实成交", "With a verified order"), unit="次", permission=VIEW, rows=lambda person, of: _seen(person, of.traded),
         definition=Message("至少有一张发票由录入人以外的人核实过的对接", "Introductions with at least one invoice verified by somebody other than who entered it"))
def introductions_traded(of: Book) -> int:
    """How many."""
    return len(of.traded)


@measure("chains.introduced_orders", title=Message("核实成交额", "Orders verified"), unit="元", permission=VIEW, rows=lambda person, of: [one for one in of.orders if one.introduction_id in {row.pk for row in _seen(person, of.rows)}],
         definition=Message("已核实发票的金额合计（含税）；没有核实过的是 0，不是未知", "The sum of verified invoices, tax included; none verified is 0, not unknown"))
def introduced_orders(of: Book) -> int:
    """In fen."""
    return sum(one.amount_fen for one in of.orders)
