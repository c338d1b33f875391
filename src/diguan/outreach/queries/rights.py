"""The rights of this room, and who may be chosen for what."""

from __future__ import annotations

from django.db.models import QuerySet

from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person, Post
from diguan.kernel.access.roles import roles

VIEW = "outreach.view_trip"
CHANGE = "outreach.change_trip"
EXPORT = "outreach.export_trip"
APPROVE = "outreach.approve_expense"
REVEAL = "outreach.reveal_contact"
VIEW_VISIT = "outreach.view_visit"
LOG = "outreach.log_visit"
EXPORT_VISIT = "outreach.export_visit"


def holders(permission: str) -> QuerySet[Person]:
    """Active people in a current post whose role has this right, by name."""
    names = [name for name, role in roles().items() if permission in role.permissions]
    posts = Post.objects.current(clocks.today()).filter(role__in=names)
    return Person.objects.filter(is_active=True, pk__in=posts.values("person")).order_by("name", "id")


def colleagues(person: Person) -> QuerySet[Person]:
    """Who may be sent along, take a follow-up or receive guests: whoever may write visits down."""
    return holders(LOG) if access.may(person, LOG) or access.may(person, CHANGE) else Person.objects.none()


def leaders(person: Person) -> QuerySet[Person]:
    """Who may lead a trip: whoever may see trips and works for the county."""
    return holders(VIEW) if access.may(person, CHANGE) else Person.objects.none()
