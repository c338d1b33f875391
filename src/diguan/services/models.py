"""The nouns of this room: matters and life events, each with versions that never change once they are published; cases, contacts and ratings."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel import clocks
from diguan.kernel.records import Record


class MatterState(models.TextChoices):
    """Where a matter stands; which of its versions is in force follows from the day."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    RETIRED = "retired", _("已取消")


class Matter(Record):
    """One matter (政务服务事项) of a bureau. What lists show is copied from its newest version; ``version`` counts changes of the row."""

    key = KeyField(_("事项标识"), max_length=60, unique=True)
    name = models.CharField(_("事项名称"), max_length=200)
    name_key = KeyField(max_length=200, editable=False, db_index=True)
    catalog_code = models.CharField(_("基本编码"), max_length=12, blank=True)
    task_code = KeyField(_("实施编码"), max_length=31, null=True, blank=True, unique=True)
    kind = models.CharField(_("事项类型"), max_length=20)
    bureau = models.CharField(_("实施主体"), max_length=60)
    case_type = models.CharField(_("办件类型"), max_length=10)
    statutory_days = models.PositiveSmallIntegerField(_("法定办结时限"), null=True)
    promised_days = models.PositiveSmallIntegerField(_("承诺办结时限"), null=True)
    visits = models.PositiveSmallIntegerField(_("到办事现场次数"), null=True)
    is_fee = models.BooleanField(_("是否收费"), default=False)
    provisional = models.BooleanField(_("暂录待核"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=MatterState.choices, default=MatterState.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_matter"

    class Meta:
        ordering: ClassVar = ["bureau", "name_key", "id"]

    def __str__(self) -> str:
        return self.name


class MatterVersion(models.Model):
    """What a matter says from a day on. A draft may change; a published one is frozen, and its digest says so."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    published = models.BooleanField(default=False)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=200, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=clocks.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField(null=True)

    scope_unit: ClassVar[str | None] = "matter__owner_unit"
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "drafted_by"

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "number"], name="matter_version_number"),
            models.UniqueConstraint(fields=["matter"], condition=Q(published=False), name="matter_one_draft"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")), name="matter_version_days"),
            models.CheckConstraint(condition=Q(published=False, published_by=None, published_at=None) | Q(published=True, published_by__isnull=False, published_at__isnull=False), name="matter_version_published"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} {self.number}"


class LifeEvent(Record):
    """One life event (一件事), known by its key; visible to the whole county, for only what is published gets here."""

    key = KeyField(_("标识"), max_length=60, unique=True)
    title = models.JSONField(_("名称"))
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_life_event"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.title["zh"])


class LifeEventVersion(models.Model):
    """One document of a life event as it was published; never changed. The version in force is the newest that has begun and not ended."""

    life_event = models.ForeignKey(LifeEvent, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    origin = models.CharField(_("来源"), max_length=200, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["life_event", "number"], name="life_event_version_number")]

    def __str__(self) -> str:
        return f"{self.life_event} {self.number}"


# ── cases ────────────────────────────────────────────────────────────────────
class Case(Record):
    """One case (办件): an enterprise's life event, carried through at once. Where it stands is its course's; nothing of that is copied here.

    ``answers`` are those to the scenario questions; what is filled in and handed in is evidence about the case.
    """

    life_event = models.ForeignKey(LifeEventVersion, on_delete=models.PROTECT, related_name="cases", verbose_name=_("一件事"))
    uscc = KeyField(_("统一社会信用代码"), max_length=18, blank=True, db_index=True)
    applicant = models.CharField(_("申请人"), max_length=200)
    answers = models.JSONField(_("情形"), default=dict)
    matters = models.JSONField(_("事项"), default=list)
    course = models.OneToOneField("kernel.Course", on_delete=models.PROTECT, related_name="+", null=True)
    year = models.PositiveSmallIntegerField(_("年度"))
    day = models.DateField(_("提交日期"))
    days_before = models.PositiveIntegerField(_("原来的工作日"), default=0)
    trips_before = models.PositiveIntegerField(_("原来跑的次数"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_uscc: ClassVar[str | None] = "uscc"
    view_permission: ClassVar[str | None] = "services.view_case"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What papers call it: 办〔2026〕12号. The serial is the row's own id, which no database gives out twice."""
        return f"办〔{self.year}〕{self.pk}号"


class TouchKind(models.TextChoices):
    """How somebody came to the case."""

    VISIT = "visit", _("到现场")
    ONLINE = "online", _("网上")
    CALL = "call", _("电话")
    COURIER = "courier", _("寄件")


class Touch(models.Model):
    """One contact (触点) between applicant and county, counted when it happened; only visits are trips."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="touches")
    kind = models.CharField(_("方式"), max_length=10, choices=TouchKind.choices)
    day = models.DateField(_("日期"))
    what = models.CharField(_("为了什么"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("记录人"))
    at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["case", "kind"], name="touch_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.day}"


class Rating(models.Model):
    """好差评: what the applicant says of a case that ended, once."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    stars = models.PositiveSmallIntegerField(_("星级"))
    words = models.CharField(_("意见"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(stars__gte=1) & Q(stars__lte=5), name="rating_one_to_five")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.stars}"


# ── terms, promises and help of cases ────────────────────────────────────────
class Extension(models.Model):
    """延期申请: a bureau asks for more days for one step, somebody else decides; what was granted is an entry of the step's clock."""

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked", _("等批准")
        GRANTED = "granted", _("已批准")
        REFUSED = "refused", _("不批准")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    task = models.ForeignKey("kernel.Task", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("延长的工作日"))
    basis = models.CharField(_("法律依据"), max_length=300)
    reason = models.CharField(_("理由"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(default=clocks.now)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("决定人"))
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(_("决定的理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "task__owner_unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "asked_by"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task"], condition=Q(state="asked"), name="extension_asked_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="extension_some_days"),
            models.CheckConstraint(condition=Q(state="asked", decided_by=None) | (~Q(state="asked") & Q(decided_by__isnull=False) & ~Q(decided_by=models.F("asked_by"))), name="extension_decided_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.task_id} {self.days}"


class CaseWarning(models.Model):
    """What somebody was told of a day that comes near or is past: once for each step or check, each colour and each due date."""

    class Colour(models.TextChoices):
        """How urgent it is; what is escalated is red and has gone to whoever leads."""

        YELLOW = "yellow", _("快到期")
        RED = "red", _("超期")
        ESCALATED = "escalated", _("超期已上报")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="warnings")
    task = models.ForeignKey("kernel.Task", on_delete=models.PROTECT, related_name="+", null=True)
    commitment = models.ForeignKey("services.Commitment", on_delete=models.PROTECT, related_name="+", null=True)
    colour = models.CharField(_("颜色"), max_length=10, choices=Colour.choices)
    due = models.DateField(_("最晚"))
    told = models.JSONField(_("通知"), default=list)
    ended = models.BooleanField(default=False)
    at = models.DateTimeField(default=clocks.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["ended"], name="warning_running")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "colour", "due"], name="warned_once_of_task"),
            models.UniqueConstraint(fields=["commitment", "colour", "due"], name="warned_once_of_check"),
            models.CheckConstraint(condition=Q(task=None, commitment__isnull=False) | Q(task__isnull=False, commitment=None), name="warning_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.colour} {self.due}"


class Commitment(models.Model):
    """告知承诺: a paper that was replaced by a promise. It is not verified until somebody has looked, by a day that counts from acceptance."""

    class State(models.TextChoices):
        """What is known of it."""

        UNVERIFIED = "unverified", _("未核查")
        HOLDS = "holds", _("核查属实")
        FAILED = "failed", _("核查不实")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="commitments")
    entry = models.SlugField(_("代替的材料"), max_length=60)
    matter = models.SlugField(_("核查的事项"), max_length=60)
    unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核查单位"))
    evidence = models.OneToOneField("kernel.Evidence", on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("核查期限"))
    due = models.DateField(_("最晚核查"), null=True)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.UNVERIFIED)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("核查人"))
    checked_on = models.DateField(_("核查日期"), null=True)
    reason = models.CharField(_("核查情况"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_unit: ClassVar[str | None] = "unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "checked_by"

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "due"], name="commitment_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "entry"], name="committed_once"),
            models.CheckConstraint(condition=Q(state="unverified", checked_by=None, checked_on=None) | (~Q(state="unverified") & Q(checked_by__isnull=False, checked_on__isnull=False)), name="commitment_checked_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.entry}"


class CaseHelp(models.Model):
    """帮代办: an assistant who may supplement a case for its applicant, for a purpose and until a day, once the applicant has consented."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="helps")
    assistant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("帮办员"))
    purpose = models.CharField(_("帮什么"), max_length=200)
    until = models.DateField(_("到哪天"))
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("指派人"))
    assigned_at = models.DateTimeField(default=clocks.now)
    paper = models.CharField(_("书面同意"), max_length=200, blank=True)
    consented_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("同意人"))
    consented_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("结束人"))
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(_("为什么结束"), max_length=200, blank=True)

    scope_unit: ClassVar[str | None] = "case__owner_unit"
    scope_uscc: ClassVar[str | None] = "case__uscc"
    scope_person: ClassVar[str | None] = "assistant"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_assistant_of_case"),
            models.CheckConstraint(condition=Q(consented_by=None, consented_at=None) | Q(consented_by__isnull=False, consented_at__isnull=False), name="help_consented_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.assistant_id}"
