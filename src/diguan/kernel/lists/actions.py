"""Saving and forgetting one's own views of a list."""

from __future__ import annotations

from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import OWN_ACCOUNT
from diguan.kernel.actions import Done, action
from diguan.kernel.lists.models import SavedView
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

MOST = 20


@action(permission=OWN_ACCOUNT, event="view_saved", on="person")
def save_view(*, person: Person, path: str, name: str, query: str, by: Person) -> Done[SavedView]:
    """Give a set of filters a name; the same name again takes the new filters.

    Raises:
        Refusal: the name or the filters are empty or too long, or there are too many views of this list.
    """
    name = " ".join(name.split())
    for field, text in (("name", name), ("query", query), ("path", path)):
        longest = SavedView._meta.get_field(field).max_length or 0  # type: ignore[union-attr]
        if not text or len(text) > longest:
            raise Refusal("view_text", [Message(f"名称要有，最多 {SavedView._meta.get_field('name').max_length} 字；条件也要有",
                                                "a view needs a name that is not too long, and at least one filter")], field="name")
    kept = SavedView.objects.filter(person=person, path=path)
    if kept.exclude(name=name).count() >= MOST:
        raise Refusal("too_many_views", [Message(f"一张表最多存 {MOST} 个筛选，先删掉一个", f"at most {MOST} views of one list: forget one first")], field="name")
    row, _made = SavedView.objects.update_or_create(person=person, path=path, name=name, defaults={"query": query})
    return Done(row, after={"path": path, "query": query})


@action(permission=OWN_ACCOUNT, event="view_forgotten", on="person")
def forget_view(*, person: Person, view: SavedView, by: Person) -> Done[Person]:
    """Forget one of one's own views.

    Raises:
        Refusal: it is somebody else's.
    """
    if view.person_id != person.pk:
        raise Refusal("not_yours", [Message("这不是您存的筛选", "this view is not yours")])
    before = {"path": view.path, "query": view.query}
    view.delete()
    return Done(person, before=before)
