"""同乡: people from here who agreed to be kept, and their consents. Opt-in: a row without a consent in force is shown to nobody."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel import clocks
from diguan.kernel.records import Record


class PersonKind(models.TextChoices):
    """What somebody is to the county."""

    MERCHANT = "merchant", _("在外商人")
    TALENT = "talent", _("在外人才")
    RETIRED = "official_retired", _("退休干部")
    OTHER = "other", _("其他")


class PersonState(models.TextChoices):
    """How a row stands. Whether it may be shown is asked of its consents each time: the clock only comes after."""

    KEPT = "kept", _("在册")
    HIDDEN = "hidden", _("同意到期，已隐藏")
    ERASED = "erased", _("已撤回，已删除")


class Purpose(models.TextChoices):
    """What somebody agreed to; each is a column of :class:`Consent`."""

    CONTACT = "contact", _("联系走访")
    INTRODUCE = "introduce", _("引荐企业")
    INVITE = "invite", _("邀请返乡、参会")


class How(models.TextChoices):
    """By what the consent is proved."""

    SIGNED = "signed", _("签字的同意书")
    ONLINE = "online", _("本人网上勾选")
    MESSAGE = "message", _("本人短信或微信答复")
    RECORDED = "recorded", _("当面或电话，有录音")


class HometownPerson(Record):
    """One person. The office that keeps the row is their native town's, where that is known; ``phone_digest`` finds doubles without showing a number.

    ``region`` is a code of GB/T 2260, ``city`` the place as people say it. Of an erased row nothing personal is left.
    """

    name = models.CharField(_("姓名"), max_length=60, blank=True)
    name_key = KeyField(max_length=60, db_index=True, editable=False, blank=True)
    pinyin_key = KeyField(max_length=60, db_index=True, editable=False, blank=True)
    kind = models.CharField(_("类别"), max_length=20, choices=PersonKind.choices)
    town = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("籍贯乡镇"))
    region = models.CharField(_("现居地"), max_length=6, blank=True, db_index=True)
    city = models.CharField(_("城市"), max_length=40, blank=True)
    employer = models.CharField(_("工作单位"), max_length=100, blank=True)
    employer_uscc = models.CharField(_("单位信用代码"), max_length=18, blank=True)
    position = models.CharField(_("职务"), max_length=60, blank=True)
    skills = models.CharField(_("专长"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    phone_digest = KeyField(max_length=64, db_index=True, editable=False, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=PersonState.choices, default=PersonState.KEPT, db_index=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "ties.view_person"

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state="erased") | ~Q(name=""), name="hometown_person_named"),
            models.CheckConstraint(condition=~Q(state="erased") | Q(name="", name_key="", pinyin_key="", phone="", phone_digest="", employer="", employer_uscc="", position="", skills="", city=""), name="hometown_person_erased_whole"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # no name: this is what logs and errors print


class Consent(models.Model):
    """One consent: for what, since when, until when, how it is proved. A renewal is another row; ``purpose`` are the words the person agreed to."""

    person = models.ForeignKey(HometownPerson, on_delete=models.PROTECT, related_name="consents")
    contact = models.BooleanField(_("联系走访"), default=False)
    introduce = models.BooleanField(_("引荐企业"), default=False)
    invite = models.BooleanField(_("邀请返乡、参会"), default=False)
    purpose = models.CharField(_("用途说明"), max_length=200)
    given_on = models.DateField(_("同意日期"))
    expires_on = models.DateField(_("同意到哪天"))
    how = models.CharField(_("同意方式"), max_length=10, choices=How.choices)
    proof = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("同意凭证"))
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("录入人"))
    entered_at = models.DateTimeField(default=clocks.now)

    scope_unit: ClassVar[str | None] = "person__owner_unit"
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "entered_by"

    class Meta:
        ordering: ClassVar = ["-expires_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(contact=True) | Q(introduce=True) | Q(invite=True), name="hometown_consent_to_something"),
            models.CheckConstraint(condition=Q(expires_on__gte=F("given_on")), name="hometown_consent_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(purpose=""), name="hometown_consent_says_what_for"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.expires_on}"

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return self.withdrawn_on is None and self.given_on <= day <= self.expires_on

    @property
    def purposes(self) -> list[Purpose]:
        """What it is for."""
        return [each for each in Purpose if getattr(self, each.value)]
