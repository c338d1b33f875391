"""The questions about rights: may this person, how far, which rows.

A right holds through a *current* post of an *active* person in an active unit. Staff roles reach rows by
the unit that owns them, enterprise roles by the credit codes the person is delegated for today. The same
condition answers ``may`` for one row and ``visible`` for many, so that a list and its pages cannot differ.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from diguan.kernel import clocks, remember
from diguan.kernel.access.models import Delegation, Person, Post
from diguan.kernel.access.roles import OWN_ACCOUNT, Role, Scope, roles, title_of
from diguan.kernel.messages import Message
from diguan.kernel.records import Record, Visibility
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.rows import Prepared

__all__ = [
    "Forbidden",
    "Grant",
    "Scope",
    "acting_person",
    "granted",
    "may",
    "require",
    "scope",
    "usccs_of",
    "visible",
]

M = TypeVar("M", bound=Model)
NOTHING = Q(pk__in=[])
EVERYTHING = Q(pk__isnull=False)  # an empty Q() would vanish in an OR


@dataclass(frozen=True)
class Grant:
    """A current post with its role looked up."""

    role: Role
    unit_id: int | None
    unit_path: str
    unit_name: str = ""


def granted(person: Person | AnonymousUser | None) -> tuple[Grant, ...]:
    """The current posts of a person; none for strangers and the inactive."""
    if not isinstance(person, Person) or person.pk is None or not person.is_active:
        return ()
    return remember.once(("posts", person.pk, clocks.today()), lambda: _grants(person))


def unit_of(person: Person) -> int | None:
    """The unit of a person's first current post, which owns what the person brings."""
    return next((grant.unit_id for grant in granted(person) if grant.unit_id), None)


def usccs_of(person: Person) -> frozenset[str]:
    """Credit codes the person may act for today; needs a current post with an enterprise role as well."""
    if not any(grant.role.enterprise for grant in granted(person)):
        return frozenset()
    return remember.once(("usccs", person.pk, clocks.today()), lambda: _usccs(person))


def scope(person: Person | AnonymousUser | None, permission: str) -> Scope | None:
    """The widest scope in which the person holds a right; None when they do not hold it at all."""
    reach = [grant.role.permissions[permission] for grant in granted(person) if permission in grant.role.permissions]
    return max(reach, default=None)


def may(person: Person | AnonymousUser | None, permission: str, record: Any = None) -> bool:
    """Whether the person holds a right; with ``record``, whether it reaches that row.

    Without a record this says only that the right is held somewhere: enough for a menu, not for a row.
    """
    if permission == OWN_ACCOUNT:
        return isinstance(person, Person) and person.is_active and person.pk is not None and person == record
    reach = scope(person, permission)
    if reach is None or record is None:
        return reach is not None
    if reach is Scope.COUNTY:
        return True
    if not isinstance(record, Model) or record.pk is None:
        return False
    assert isinstance(person, Person)  # scope() is None for everybody else
    condition = _condition(type(record), person, permission)
    return type(record)._base_manager.filter(condition, pk=record.pk).exists()


def require(person: Person | AnonymousUser | None, permission: str, record: Any = None) -> None:
    """Let pass or refuse.

    Raises:
        Forbidden: the person has no such right, or it does not reach the record.
    """
    if not may(person, permission, record):
        raise Forbidden(permission, title_of(permission), record)


def visible(rows: QuerySet[M], person: Person | AnonymousUser | None, permission: str) -> QuerySet[M]:
    """The rows the right reaches; an empty queryset for who does not hold it."""
    reach = scope(person, permission)
    if reach is None or not isinstance(person, Person):
        return rows.none()
    if reach is Scope.COUNTY:
        return rows
    return rows.filter(_condition(rows.model, person, permission))


def acting_person(login_name: str | None = None, *permissions: str) -> Person:
    """On whose behalf the command line acts.

    Args:
        login_name: the person, who must be in post; their rights are checked by what they then do.
        permissions: without a name, the person with the oldest post who holds all of these for the whole county, or else somewhere; none: an administrator.

    Raises:
        Refusal: nobody of that name may act, or nobody holds these rights yet.
    """
    posts = Post.objects.current().filter(person__is_active=True).select_related("person").order_by("id")
    if login_name:
        post = posts.filter(person__login_name=login_name.strip().lower()).first()
        if post is None:
            raise Refusal("nobody", [Message(f"没有在岗的人叫 {login_name}", f"nobody in post has the login name {login_name}")])
        return post.person
    if not permissions:
        posts = posts.filter(role="administrator")
    somewhere: Person | None = None
    for post in posts:
        reaches = {scope(post.person, permission) for permission in permissions}
        if reaches <= {Scope.COUNTY}:  # who acts for the clock has to reach every office, where somebody does
            return post.person
        if None not in reaches:
            somewhere = somewhere or post.person
    if somewhere is None:
        raise _nobody(permissions)
    return somewhere


def _nobody(permissions: tuple[str, ...]) -> Refusal:
    if not permissions:
        return Refusal("no_administrator", [Message("还没有系统管理员，先运行 diguan createadmin", "there is no administrator yet: run diguan createadmin")])
    titles = [title_of(permission) for permission in permissions]
    return Refusal("nobody_may", [Message(
        f"还没有人有“{'、'.join(title.zh for title in titles)}”的权限；先运行 diguan demo，或在管理页任命",
        f"nobody may {' and '.join(title.en for title in titles)} yet; run diguan demo, or appoint somebody on the administration page")])


def _condition(model: type[Model], person: Person, permission: str) -> Q:
    found = NOTHING
    for grant in granted(person):
        reach = grant.role.permissions.get(permission)
        if reach is None:
            continue
        if grant.role.enterprise:
            found |= _by_uscc(model, person)
        else:
            found |= _by_post(model, person, grant, reach) | _open(model, permission)
    return found


def _by_uscc(model: type[Model], person: Person) -> Q:
    path = getattr(model, "scope_uscc", None)
    codes = usccs_of(person)
    return Q(**{f"{path}__in": sorted(codes)}) if path and codes else NOTHING


def _by_post(model: type[Model], person: Person, grant: Grant, reach: Scope) -> Q:
    if reach is Scope.COUNTY:
        return EVERYTHING
    if reach is Scope.OWN:
        owner = getattr(model, "scope_person", None)
        if owner is None:
            return NOTHING
        return Q(pk=person.pk) if owner == "self" else Q(**{owner: person.pk})
    path = getattr(model, "scope_unit", None)
    if path is None:
        return NOTHING
    if reach is Scope.TEAM:
        return Q(**{path or "pk": grant.unit_id})
    return Q(**{f"{path}__path__startswith" if path else "path__startswith": grant.unit_path})


def _open(model: type[Model], permission: str) -> Q:
    # "Visible to the county" widens reading, never changing, exporting or revealing.
    if issubclass(model, Record) and permission.partition(".")[2].startswith("view_"):
        return Q(visibility=Visibility.COUNTY)
    return NOTHING


def _grants(person: Person) -> tuple[Grant, ...]:
    known, found = roles(), []
    for name, unit, path, title, active in _POSTS.rows(person.pk, clocks.today()):
        role = known.get(name)
        if role is None or (unit is None and not role.enterprise) or (unit and not active):
            continue
        found.append(Grant(role, unit, path or "", title or ""))
    return tuple(found)


_POSTS = Prepared(lambda person, day: Post.objects.current(day).filter(person=person, person__is_active=True).order_by("id").values_list(
    "role", "unit_id", "unit__path", "unit__name", "unit__active"), 900_001, dt.date(1949, 10, 1))


def _usccs(person: Person) -> frozenset[str]:
    rows = Delegation.objects.current().filter(person=person, revoked_at__isnull=True)
    return frozenset(rows.values_list("uscc", flat=True))

