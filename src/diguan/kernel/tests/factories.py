"""Units and people for the tests of every room. Never all-powerful: rights come from posts, as in life."""

from __future__ import annotations

import datetime as dt
import itertools

from diguan.kernel import clocks
from diguan.kernel.access.models import Delegation, Person, Post, Unit, UnitKind

PASSWORD = "corect-hors-batri-88"
_number = itertools.count(1)


def unit_factory(
    name: str = "", *, kind: str = UnitKind.BUREAU, parent: Unit | None = None, code: str = "", active: bool = True
) -> Unit:
    """A unit; anything but a county hangs below the county, which is made when there is none."""
    number = next(_number)
    if parent is None and kind != UnitKind.COUNTY:
        parent = county_factory()
    unit = Unit.objects.create(
        code=code or f"unit-{number}", name=name or f"测试单位{number}", kind=kind, parent=parent, active=active
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save()
    return unit


def county_factory() -> Unit:
    """The root of the tree, the same one each time within a test."""
    return Unit.objects.filter(parent__isnull=True).first() or unit_factory("测试县", kind=UnitKind.COUNTY, code="county")


def person_factory(
    role: str | None = None,
    unit: Unit | None = None,
    *,
    name: str = "",
    login_name: str = "",
    password: str = "",
    uscc: str | None = None,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    **fields: object,
) -> Person:
    """A person; with ``role`` also a post (in ``unit``, or a new bureau), with ``uscc`` a delegation.

    Hashing a password is slow, so one is set only when asked for; ``client.force_login`` needs none.
    """
    number = next(_number)
    fields.setdefault("must_change_password", False)
    person = Person(login_name=login_name or f"person{number}", name=name or f"测试员{number}", **fields)
    if password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    person.save()
    if role is not None:
        post_factory(person, role, unit, from_day=from_day, to_day=to_day)
    if uscc is not None:
        delegation_factory(person, uscc, from_day=from_day, to_day=to_day)
    return person


def post_factory(
    person: Person,
    role: str,
    unit: Unit | None = None,
    *,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
) -> Post:
    """A post that began a month ago unless told otherwise."""
    if unit is None and role != "enterprise_agent":
        unit = unit_factory()
    return Post.objects.create(
        person=person, role=role, unit=unit, from_day=from_day or clocks.today() - dt.timedelta(days=30), to_day=to_day
    )


def delegation_factory(
    person: Person, uscc: str, *, from_day: dt.date | None = None, to_day: dt.date | None = None
) -> Delegation:
    """A delegation that began a month ago unless told otherwise."""
    return Delegation.objects.create(
        person=person,
        uscc=uscc,
        granted_by=Person.objects.order_by("id").first() or person,
        from_day=from_day or clocks.today() - dt.timedelta(days=30),
        to_day=to_day,
        evidence="法定代表人授权书（测试）",
    )
