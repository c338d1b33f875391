"""Manifest rows of what bureaus deliver: the batch, what it is complete for, the file it came in; and what was asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from diguan.kernel import clocks
from diguan.kernel.records import Record


class BatchState(models.TextChoices):
    """A fact is visible if and only if its batch is committed."""

    STAGED = "staged", "待入库"
    COMMITTED = "committed", "已入库"
    WITHDRAWN = "withdrawn", "已撤回"


class Upload(Record):
    """A file somebody brought, kept by its content; only its bringer may preview and commit it."""

    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("字节数")
    sheet = models.SlugField("表", max_length=60)

    view_permission: ClassVar[str | None] = "facts.import_batch"

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


IN_TURN = ("-replaces_all", "committed_at", "id")
"""The order batches are read in, everywhere: the registers' exports first, then oldest first. A projection is named by it."""


class Batch(Record):
    """One source's one delivery: one Parquet file plus this row.

    ``sha256`` names the Parquet file and its content; ``upload_sha256`` the file as it was brought.
    ``replaces_all`` marks the registry's export: the last one is the whole truth of its source.
    ``changes`` counts new, changed, same, gone against what the source had said. ``follows`` is the number of
    the source's batch before this one, 0 for its first: two deliveries cannot both follow the same one.
    """

    source = models.SlugField("来源", max_length=40)
    sheet = models.SlugField("表", max_length=60)
    period = models.CharField("期间", max_length=40)
    subject = models.SlugField("主体", max_length=40, default="enterprise")
    state = models.CharField("状态", max_length=12, choices=BatchState.choices, default=BatchState.STAGED)
    sha256 = models.CharField("摘要", max_length=64)
    rows = models.PositiveBigIntegerField("行数")
    facts = models.PositiveBigIntegerField("事实数")
    file_name = models.CharField("原文件名", max_length=200, blank=True)
    upload_sha256 = models.CharField("原文件摘要", max_length=64, blank=True)
    changes = models.JSONField("变化", default=dict)
    replaces_all = models.BooleanField("整体替换", default=False)
    follows = models.PositiveBigIntegerField("上一批次", editable=False)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by")
    committed_at = models.DateTimeField("入库时间", null=True, blank=True, db_index=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    view_permission: ClassVar[str | None] = "facts.view_batch"

    class Meta:
        ordering: ClassVar = ["-committed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "sheet", "period", "upload_sha256"],
                condition=models.Q(state="committed") & ~models.Q(upload_sha256=""),
                name="batch_same_file_once",
            ),
            models.UniqueConstraint(fields=["source", "follows"], name="batch_follows_one"),
            models.CheckConstraint(
                condition=models.Q(state="staged", committed_at__isnull=True)
                | models.Q(state="committed", committed_at__isnull=False, withdrawn_at__isnull=True)
                | models.Q(state="withdrawn", committed_at__isnull=False, withdrawn_at__isnull=False),
                name="batch_state_has_its_instants",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["source", "sheet", "period"], name="batch_delivery")]

    def __str__(self) -> str:
        return f"{self.source} {self.sheet} {self.period} #{self.pk}"


class Coverage(models.Model):
    """This delivery is complete for one fact and one period: who is not in it, has none."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="coverage")
    fact = models.CharField("事实", max_length=80)
    period = models.CharField("期间", max_length=12)

    class Meta:
        ordering: ClassVar = ["fact", "period", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "fact", "period"], name="coverage_once_per_batch")
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.period}"


class RequestState(models.TextChoices):
    """Open until data tell it. That it is overdue follows from the due date and is never stored."""

    OPEN = "open", "待答复"
    ANSWERED = "answered", "已答复"
    DECLINED = "declined", "答不了"
    WITHDRAWN = "withdrawn", "已撤回"


class DataRequest(Record):
    """数据征询: facts asked of one addressee, a source of facts or (source ``enterprise``) one enterprise itself.

    ``about`` names what asks for them: a kind of thing (policy), its id, its title. ``to_unit`` is the office that
    answers for the source; where there is none, whoever imports for the whole county does. ``derivation`` tells how
    the due date came about. It is closed once no line is open; ``said`` is why it was declined or withdrawn.
    """

    addressee = models.SlugField("征询对象", max_length=40)
    subject = models.SlugField("主体", max_length=40, default="enterprise")
    subject_id = models.CharField("被征询企业", max_length=40, blank=True, db_index=True)
    subject_name = models.CharField("企业名称", max_length=200, blank=True)
    to_unit = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    about_kind = models.SlugField("事由类别", max_length=40)
    about_id = models.CharField("事由编号", max_length=80)
    about_title = models.CharField("事由", max_length=200)
    due = models.DateField("截止")
    derivation = models.JSONField("截止怎么算的", default=dict)
    state = models.CharField("状态", max_length=12, choices=RequestState.choices, default=RequestState.OPEN)
    said = models.CharField("说明", max_length=300, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    scope_unit: ClassVar[str | None] = "to_unit"
    scope_uscc: ClassVar[str | None] = "subject_id"
    view_permission: ClassVar[str | None] = "facts.view_request"

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "due"], name="request_due")]

    def __str__(self) -> str:
        return f"{self.about_title} #{self.pk}"

    @property
    def overdue(self) -> bool:
        """Whether it is open after its day."""
        return self.state == RequestState.OPEN and self.due < clocks.today()


class RequestLine(models.Model):
    """One fact of one subject for one period, asked of one addressee; open once at most. ``batch`` told it."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="lines")
    addressee = models.SlugField("征询对象", max_length=40)
    subject = models.SlugField("主体", max_length=40, default="enterprise")
    subject_id = models.CharField("企业", max_length=40)
    name = models.CharField("企业名称", max_length=200)
    fact = models.CharField("事实", max_length=80)
    period = models.CharField("期间", max_length=12)
    why = models.CharField("哪一条要用", max_length=120, blank=True)
    state = models.CharField("状态", max_length=12, choices=RequestState.choices, default=RequestState.OPEN)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["subject_id", "fact", "period", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["addressee", "subject", "subject_id", "fact", "period"],
                                    condition=models.Q(state="open"), name="request_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.fact} {self.period}"
