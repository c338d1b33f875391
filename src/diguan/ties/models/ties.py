"""Ties: one relation between two of person, firm, chamber and county officer, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel import clocks
from diguan.kernel.records import Record
from diguan.ties.models.chambers import Chamber
from diguan.ties.models.people import HometownPerson


class TiedFirm(models.Model):
    """A firm at the end of a tie, wherever it is: known by its credit code or, where nobody knows that, by its name. ``enterprise`` where it is in the county's register."""

    name = models.CharField(_("企业名称"), max_length=100)
    name_key = KeyField(max_length=100, db_index=True, editable=False)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="tied_firm_uscc_once"),
            models.UniqueConstraint(fields=["name_key"], condition=Q(uscc=""), name="tied_firm_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class EndKind(models.TextChoices):
    """What may stand at an end."""

    PERSON = "person", _("同乡")
    FIRM = "firm", _("企业")
    CHAMBER = "chamber", _("商会")
    OFFICER = "officer", _("县里的人")


class TieKind(models.TextChoices):
    """What the relation is; how strong it counts stands in ``packs/*/ties.yaml``."""

    LEGAL = "legal_representative", _("法定代表人")
    SHAREHOLDER = "shareholder", _("股东")
    EXECUTIVE = "executive", _("高管")
    MEMBER = "member", _("商会会员")
    SECRETARY = "secretary", _("商会秘书长")
    CLASSMATE = "classmate", _("同学")
    VILLAGER = "fellow_villager", _("同村同乡")
    RELATIVE = "relative", _("亲戚")
    PARTNER = "business_partner", _("生意伙伴")
    COLLEAGUE = "former_colleague", _("老同事")
    KNOWS = "knows", _("认识")


_OF_FIRM = frozenset({("person", "firm")})
_OF_PEOPLE = frozenset({("person", "person"), ("officer", "person")})
KIND_ENDS: dict[str, frozenset[tuple[str, str]]] = {
    TieKind.LEGAL: _OF_FIRM, TieKind.SHAREHOLDER: _OF_FIRM | {("firm", "firm")}, TieKind.EXECUTIVE: _OF_FIRM,
    TieKind.MEMBER: frozenset({("person", "chamber"), ("firm", "chamber")}), TieKind.SECRETARY: frozenset({("person", "chamber")}),
    TieKind.CLASSMATE: _OF_PEOPLE, TieKind.VILLAGER: _OF_PEOPLE, TieKind.RELATIVE: _OF_PEOPLE, TieKind.COLLEAGUE: _OF_PEOPLE,
    TieKind.PARTNER: frozenset({("person", "person"), ("person", "firm"), ("firm", "firm")}),
    TieKind.KNOWS: _OF_PEOPLE | {("officer", "chamber"), ("officer", "firm"), ("person", "firm"), ("person", "chamber")},
}
"""Which ends each kind may join, the first named first."""


class TieState(models.TextChoices):
    """How far a tie is believed."""

    CLAIMED = "claimed", _("待核实")
    VERIFIED = "verified", _("已核实")
    REJECTED = "rejected", _("已驳回")
    ENDED = "ended", _("已不在")


ENDS = ("person", "firm", "chamber", "officer")


def _ends_are_one(side: str) -> Q:
    """Exactly one of the four columns of a side is set."""
    conditions = [Q(**{f"{side}_{each}__isnull": each != kind for each in ENDS}) for kind in ENDS]
    return conditions[0] | conditions[1] | conditions[2] | conditions[3]


class Tie(Record):
    """One relation. ``source`` says who told it and ``source_date`` when; who recorded it does not verify it."""

    kind = models.CharField(_("关系"), max_length=24, choices=TieKind.choices, db_index=True)
    a_person = models.ForeignKey(HometownPerson, on_delete=models.PROTECT, related_name="ties_from", null=True)
    a_firm = models.ForeignKey(TiedFirm, on_delete=models.PROTECT, related_name="ties_from", null=True)
    a_chamber = models.ForeignKey(Chamber, on_delete=models.PROTECT, related_name="ties_from", null=True)
    a_officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    b_person = models.ForeignKey(HometownPerson, on_delete=models.PROTECT, related_name="ties_to", null=True)
    b_firm = models.ForeignKey(TiedFirm, on_delete=models.PROTECT, related_name="ties_to", null=True)
    b_chamber = models.ForeignKey(Chamber, on_delete=models.PROTECT, related_name="ties_to", null=True)
    b_officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    pair = models.CharField(max_length=60, editable=False)
    source = models.CharField(_("来源"), max_length=100)
    source_date = models.DateField(_("来源日期"))
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("凭证"))
    state = models.CharField(_("状态"), max_length=10, choices=TieState.choices, default=TieState.CLAIMED, db_index=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    recorded_at = models.DateTimeField(default=clocks.now)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核实人"))
    decided_on = models.DateField(_("核实日期"), null=True)
    decision = models.CharField(_("原因"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "ties.view_tie"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ends_are_one("a"), name="tie_from_one_end"),
            models.CheckConstraint(condition=_ends_are_one("b"), name="tie_to_one_end"),
            models.UniqueConstraint(fields=["kind", "pair"], condition=Q(state__in=("claimed", "verified")), name="tie_of_a_kind_once"),
            models.CheckConstraint(condition=~Q(state__in=("verified", "rejected")) | (Q(verified_by__isnull=False) & Q(decided_on__isnull=False) & ~Q(verified_by=F("recorded_by"))), name="tie_decided_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.pair}"

    def ends(self) -> Iterator[tuple[str, int]]:
        """Its two ends as kind and id."""
        for side in "ab":
            yield next((kind, number) for kind in ENDS if (number := getattr(self, f"{side}_{kind}_id")) is not None)
