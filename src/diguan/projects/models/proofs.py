"""What counting needs a proof for: that a project is a returnee's, and that two like projects are two."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diguan.projects.models.checked import Checked
from diguan.projects.models.projects import Project


class ReturneeClaim(Checked):
    """湘商回归: why this project is a returnee's (who came home, what proves it). Only a verified one counts."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="returnee_claims", verbose_name=_("项目"))
    basis = models.CharField(_("认定依据"), max_length=300)

    scope_unit: ClassVar[str | None] = "project__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_project"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            *Checked.Meta.constraints,
            models.UniqueConstraint(fields=["project"], condition=Q(state__in=("entered", "verified")), name="returnee_claimed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.basis[:30]}"


class TwinRuling(Checked):
    """Two projects that look like one are two: why, on what proof. ``first`` is the one with the smaller id."""

    first = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("一个项目"))
    second = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("另一个项目"))
    basis = models.CharField(_("为什么是两个项目"), max_length=300)

    scope_unit: ClassVar[str | None] = "first__owner_unit"
    view_permission: ClassVar[str | None] = "projects.view_agreement"

    class Meta(Checked.Meta):
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            *Checked.Meta.constraints,
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="ruling_of_two_in_order"),
            models.UniqueConstraint(fields=["first", "second"], condition=Q(state__in=("entered", "verified")), name="ruled_apart_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
