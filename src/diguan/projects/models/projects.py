"""项目: what is negotiated, signed, built and produces. Its stage is its course's; nothing that can be counted is kept in a column."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.enterprises.models import KeyField
from diguan.kernel.records import Record
from diguan.projects.models.leads import Lead, LeadSource

PROJECT = "project"
"""The kind of subject a project is: of its course, its evidence and its facts."""


class ProjectKind(models.TextChoices):
    """How a project counts (三明 counting rules, domain.md §2.5): what adds to another is linked to it."""

    NEW = "new", _("新引进")
    ADDED = "added", _("增资扩产")
    UPGRADED = "upgraded", _("技改升级")


class Project(Record):
    """One project. ``extends`` is the project that it adds to or upgrades; ``enterprise`` the firm registered for it in the county.

    ``planned_fen`` (fen) and ``land`` (0.0001 mu) are what is planned; what was signed and what arrived are rows of agreements and funds. Every project has a
    chain chief (链长), a task force (链班) and a service officer (服务专员).
    """

    number = models.CharField(_("编号"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("项目"), max_length=120)
    name_key = KeyField(max_length=120, db_index=True, editable=False)
    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="project", null=True, blank=True, verbose_name=_("线索"))
    kind = models.CharField(_("类别"), max_length=10, choices=ProjectKind.choices, default=ProjectKind.NEW)
    extends = models.ForeignKey("self", on_delete=models.PROTECT, related_name="extended_by", null=True, blank=True, verbose_name=_("在哪个项目上"))
    investor = models.CharField(_("投资方"), max_length=200)
    investor_key = KeyField(max_length=200, db_index=True, editable=False)
    core_key = KeyField(max_length=200, db_index=True, editable=False)
    investor_uscc = models.CharField(_("投资方信用代码"), max_length=18, blank=True, db_index=True)
    region = models.CharField(_("投资方所在地"), max_length=6, blank=True, db_index=True)
    enterprise = models.ForeignKey("enterprises.Enterprise", on_delete=models.PROTECT, related_name="projects", null=True, blank=True, verbose_name=_("项目公司"))
    source = models.CharField(_("线索来源"), max_length=24, choices=LeadSource.choices, db_index=True)
    node = models.CharField(_("产业链环节"), max_length=60, blank=True, db_index=True)
    cluster = models.CharField(_("产业集群"), max_length=40, blank=True, db_index=True)
    industry = models.CharField(_("行业"), max_length=6, blank=True)
    told = models.CharField(_("建什么"), max_length=500, blank=True)
    planned_fen = models.BigIntegerField(_("计划投资"), null=True, blank=True)
    land = models.BigIntegerField(_("用地"), null=True, blank=True)
    jobs = models.PositiveIntegerField(_("预计用工"), null=True, blank=True)
    chain_chief = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("链长"))
    task_force = models.ForeignKey("kernel.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("链班"))
    service_officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="projects_served", null=True, blank=True, verbose_name=_("服务专员"))
    opened_on = models.DateField(_("立项"))
    course = models.OneToOneField("kernel.Course", on_delete=models.PROTECT, related_name="project", null=True, verbose_name=_("办理"))
    version = models.PositiveIntegerField(default=1, editable=False)

    scope_person: ClassVar[str | None] = "service_officer"
    view_permission: ClassVar[str | None] = "projects.view_project"

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(planned_fen__isnull=True) | Q(planned_fen__gte=0), name="project_plan_not_negative"),
            models.CheckConstraint(condition=Q(land__isnull=True) | Q(land__gte=0), name="project_land_not_negative"),
            models.CheckConstraint(condition=(Q(kind="new") & Q(extends__isnull=True)) | (~Q(kind="new") & Q(extends__isnull=False)), name="project_new_or_on_another"),
            models.CheckConstraint(condition=Q(extends__isnull=True) | ~Q(extends=F("id")), name="project_not_on_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
