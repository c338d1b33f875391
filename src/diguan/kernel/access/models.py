"""Units, people, posts, delegations, and the counter that slows down password guessing."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy

from diguan.kernel import clocks


class UnitKind(models.TextChoices):
    """What a unit is; the kinds a county has."""

    COUNTY = "county", gettext_lazy("县")
    BUREAU = "bureau", gettext_lazy("部门")
    TOWN = "town", gettext_lazy("乡镇街道")
    PARK = "park", gettext_lazy("园区")
    BANK = "bank", gettext_lazy("银行")


class Unit(models.Model):
    """One office in the tree of the county. ``path`` is ``/1/7/``: ids from the root to itself."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=12, choices=UnitKind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True, blank=True)
    path = models.CharField(max_length=255, default="", editable=False, db_index=True)
    active = models.BooleanField("在用", default=True)

    scope_unit: ClassVar[str | None] = ""
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = None
    view_permission: ClassVar[str | None] = "access.manage_unit"

    class Meta:
        ordering: ClassVar = ["path", "id"]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Looks people up; making one is the action ``create_person``."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(login_name=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """Somebody who can log in: an official, a banker, or an enterprise's 经办人. Never all-powerful."""

    login_name = models.CharField(
        "登录名",
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._@-]*$", "登录名只用小写字母、数字和 . _ @ -")],
    )
    name = models.CharField("姓名", max_length=60)
    phone = models.CharField("电话", max_length=30, blank=True)
    language = models.CharField("语言", max_length=10, default="", blank=True)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField("须改密码", default=True)
    failed_logins = models.PositiveIntegerField("连续失败次数", default=0)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)
    created_at = models.DateTimeField("建立时间", default=clocks.now, editable=False)

    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PersonManager()

    # People and posts are managed for the whole county or not at all: whoever could appoint inside one
    # unit could hand out roles that reach further than their own.
    scope_unit: ClassVar[str | None] = None
    scope_uscc: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "self"
    view_permission: ClassVar[str | None] = "access.manage_person"

    class Meta:
        ordering: ClassVar = ["login_name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_locked(self) -> bool:
        """Whether logging in is refused at this instant."""
        return self.locked_until is not None and self.locked_until > clocks.now()


class Dated(models.QuerySet[Any]):
    """Rows that hold between two days, both included; an open end never ends."""

    def current(self, day: dt.date | None = None) -> Dated:
        """Rows in force on ``day`` (default: today)."""
        day = day or clocks.today()
        rows = self.filter(from_day__lte=day)
        return rows.filter(models.Q(to_day__isnull=True) | models.Q(to_day__gte=day))


class Holding(models.Model):
    """What holds between two days."""

    from_day = models.DateField("起")
    to_day = models.DateField("止", null=True, blank=True)

    objects = Dated.as_manager()

    scope_unit: ClassVar[str | None] = None
    scope_person: ClassVar[str | None] = "person"

    class Meta:
        abstract = True
        ordering: ClassVar = ["-from_day", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(to_day__isnull=True) | models.Q(to_day__gte=models.F("from_day")),
                name="%(class)s_ends_after_start",
            )
        ]


class Post(Holding):
    """A person holds a role in a unit between two days. Enterprise roles have no unit."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts", null=True, blank=True)
    role = models.SlugField("角色", max_length=40)

    scope_uscc: ClassVar[str | None] = None
    view_permission: ClassVar[str | None] = "access.manage_person"

    def __str__(self) -> str:
        return f"{self.person_id}:{self.role}"


class Delegation(Holding):
    """经办人授权: a person may act for the enterprise with this credit code between two days."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    uscc = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField("授权登记时间", default=clocks.now, editable=False)
    evidence = models.CharField("授权依据", max_length=200)
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    scope_uscc: ClassVar[str | None] = "uscc"
    view_permission: ClassVar[str | None] = "access.manage_delegation"

    def __str__(self) -> str:
        return f"{self.person_id}:{self.uscc}"


class LoginThrottle(models.Model):
    """Failed logins from one address, or for one typed name; keys are digests, never the values."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    window_start = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key[:8]
