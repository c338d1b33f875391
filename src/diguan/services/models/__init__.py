"""The nouns of this room: matters and life events, each with versions that never change once they are published; cases, contacts and ratings; studies of the bench.

What has days of its own in a case, who helps with it, and walks of directors have files of their own.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel import clocks
from diguan.kernel.records import Record
from diguan.services.models.help import CaseHelp
from diguan.services.models.retirement import Retirement
from diguan.services.models.terms import CaseWarning, Commitment, Extension
from diguan.services.models.walks import Proposal, ProposalState, StepKind, Trouble, Walk, WalkNote, WalkRole, WalkStep

__all__ = [
    "Case", "CaseHelp", "CaseWarning", "Commitment", "Extension", "LifeEvent", "LifeEventVersion", "Matter", "MatterState", "MatterVersion", "Proposal", "ProposalState", "Rating", "Retirement", "StepKind", "Study", "StudyEdge", "Touch",
    "TouchKind", "Trouble", "Walk", "WalkNote", "WalkRole", "WalkStep",
]


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

    ``answers`` are those to the scenario questions; what is filled in and handed in is evidence about the case. ``promisable`` says of which papers a promise will do
    instead: dictionary id → ``{days, matter, tolerant}``, within how many working days of acceptance whose bureau checks it, and whether it may follow later too.
    """

    life_event = models.ForeignKey(LifeEventVersion, on_delete=models.PROTECT, related_name="cases", verbose_name=_("一件事"))
    uscc = KeyField(_("统一社会信用代码"), max_length=18, blank=True, db_index=True)
    applicant = models.CharField(_("申请人"), max_length=200)
    answers = models.JSONField(_("情形"), default=dict)
    matters = models.JSONField(_("事项"), default=list)
    promisable = models.JSONField(_("可承诺代替的材料"), default=dict)
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
        indexes: ClassVar = [models.Index(fields=["day"], name="case_by_day"), models.Index(fields=["applicant"], name="case_by_applicant")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What papers call it: 办〔2026〕12号. The serial is the row's own id, which no database gives out twice."""
        return f"办〔{self.year}〕{self.pk}号"

    @property
    def address(self) -> str:
        """Where its page is, for a notice."""
        return f"/services/cases/{self.pk}/"

    @property
    def plain(self) -> str:
        """The same for a sentence that is no Chinese: 2026-12."""
        return f"{self.year}-{self.pk}"


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


# ── the re-engineering bench ─────────────────────────────────────────────────
class Study(Record):
    """One study on the bench (流程再造实验): a log of how things went, what is assumed of a better flow, and what was published of it.

    ``columns`` say which heading of a sheet is what; ``names`` which matter an activity of the log is; ``assumed`` the staff of units
    (``staff``), what is left of waits (``wait_left``, per cent), the share of cases an activity of the plan is in (``share``, per cent),
    activities that fall away (``dropped``) and the ``seed``. ``hours`` are the office hours of a working day; empty counts every hour.
    """

    title = models.CharField(_("名称"), max_length=100)
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("日志"))
    columns = models.JSONField(default=dict)
    hours = models.CharField(_("办公时间"), max_length=60, blank=True)
    support = models.PositiveIntegerField(_("至少几件才算数"))
    life_event = models.ForeignKey(LifeEvent, on_delete=models.PROTECT, related_name="studies", null=True, verbose_name=_("一件事"))
    names = models.JSONField(default=dict)
    assumed = models.JSONField(default=dict)
    cases = models.PositiveIntegerField(_("案件数"), default=0)
    events = models.PositiveIntegerField(_("事件数"), default=0)
    published = models.ForeignKey(LifeEventVersion, on_delete=models.PROTECT, related_name="studies", null=True)
    proof = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)

    view_permission: ClassVar[str | None] = "services.view_study"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.title


class StudyEdge(models.Model):
    """One order of a study: seen in the log in ``support`` cases against ``against``, and what a person says of it. An empty kind: nobody has yet."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="edges")
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, blank=True)
    evidence = models.CharField(_("依据"), max_length=300, blank=True)
    support = models.PositiveIntegerField(default=0)
    against = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "before", "after"], name="study_edge_once")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class StudyFlow(models.Model):
    """A flow in BPMN that somebody brought to a study, to hold the log against it. ``names`` say which activity of the log a task of the flow is."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="flows")
    upload = models.ForeignKey("kernel.Upload", on_delete=models.PROTECT, related_name="+", verbose_name=_("流程图"))
    title = models.CharField(_("名称"), max_length=200)
    tasks = models.PositiveIntegerField(_("环节"))
    names = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("导入时间"), default=clocks.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.title
