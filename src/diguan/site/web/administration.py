"""Units, people, posts and delegations: every deed is a page that says what will happen, asks why, and is an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from diguan.kernel import access, clocks, timelines
from diguan.kernel.access import actions
from diguan.kernel.access.models import Person, Post, Unit, UnitKind
from diguan.kernel.access.roles import roles
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.sheets.declare import subjects
from diguan.kernel.shell import asking, or_404, trail, whole
from diguan.kernel.templatetags.diguan import address
from diguan.site.web import deeds

STATES = {"active": gettext_lazy("在用"), "locked": gettext_lazy("已锁定"), "closed": gettext_lazy("已停用"), "idle": gettext_lazy("没有任职")}


# ── people ───────────────────────────────────────────────────────────────────
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who can log in."""
    return _people().show(request)


def _people() -> ListPage:
    return ListPage(
        title=_("人员和任职"), permission="access.manage_person", order="login_name", template="site/people.html",
        rows=lambda person: access.visible(Person.objects.all(), person, "access.manage_person").prefetch_related("posts__unit"),
        columns=[
            Column("name", gettext_lazy("姓名"), sort=True, head=True, link=lambda row: reverse("site:person", args=[row.pk])),
            Column("login_name", gettext_lazy("登录名"), sort=True),
            Column("posts", gettext_lazy("任职"), value=lambda row: "；".join(post_words(post) for post in row.posts.all() if current(post))),
            Column("state", gettext_lazy("状态"), kind="status", value=state_of),
            Column("last_login", gettext_lazy("上次登录"), kind="moment", sort=True),
        ],
        filters=[
            Filter("q", gettext_lazy("姓名或登录名"), kind="search", fields=("name", "login_name")),
            Filter("state", gettext_lazy("状态"), choices=list(STATES.items()), apply=_in_state),
            Filter("role", gettext_lazy("角色"), choices=lambda person: _roles(), apply=_in_role),
        ],
        empty=(_("还没有人员"),),
    )


def _in_state(rows: QuerySet[Person], state: str) -> QuerySet[Person]:
    held = Post.objects.current().values("person")
    found: dict[str, QuerySet[Person]] = {
        "active": rows.filter(is_active=True).exclude(locked_until__gt=clocks.now()),
        "locked": rows.filter(is_active=True, locked_until__gt=clocks.now()),
        "closed": rows.filter(is_active=False),
        "idle": rows.filter(is_active=True).exclude(pk__in=held),
    }
    return found[state]


def _in_role(rows: QuerySet[Person], role: str) -> QuerySet[Person]:
    return rows.filter(pk__in=Post.objects.current().filter(role=role).values("person"))


def _roles() -> list[tuple[str, str]]:
    return [(name, role.label(get_language() or "zh")) for name, role in roles().items()]


def current(post: Post) -> bool:
    """Whether the post is in force today."""
    return post.from_day <= clocks.today() and (post.to_day is None or post.to_day >= clocks.today())


def post_words(post: Post) -> str:
    """A post in words: unit and role."""
    role = roles().get(post.role)
    title = role.label(get_language() or "zh") if role else post.role
    return f"{post.unit.name} {title}" if post.unit else title


def state_of(row: Person) -> tuple[str, Any]:
    """A person's state as kind and word."""
    if not row.is_active:
        return "mute", STATES["closed"]
    if row.is_locked:
        return "bad", STATES["locked"]
    if not any(current(post) for post in row.posts.all()):
        return "warn", STATES["idle"]
    return "ok", STATES["active"]


def new_person(request: HttpRequest) -> HttpResponse:
    """Add somebody who can log in; the next step is a post."""
    access.require(asking(request), "access.manage_person")
    form = deeds.PersonForm(*_bound(request))
    made = _made(request, form, actions.create_person, _("账号已建立，接着给{name}任职"))
    if made is not None:
        return redirect("site:person_deed", made.pk, "appoint")
    return _form(request, form, _("增加人员"), _("建好以后还没有任何权限，要再任职。"), _("建立账号"), "site:people", _("人员和任职"))


@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: posts, delegations, account, what was done; each deed is a link to its own page."""
    access.require(asking(request), "access.manage_person")
    row = get_object_or_404(Person.objects.prefetch_related("posts__unit"), pk=pk)
    return render(request, "site/person.html", _about(request, row))


def _about(request: HttpRequest, row: Person) -> dict[str, Any]:
    known = subjects("enterprise")
    given = list(row.delegations.select_related("granted_by"))
    names = known({each.uscc for each in given}) if known else {}
    link = "enterprises:dossier" if access.may(asking(request), "enterprises.view_enterprise") else ""
    return {
        "person": row, "state": state_of(row), "self": row == asking(request),
        "posts": [(post, post_words(post), _when(post.from_day, post.to_day)) for post in row.posts.all()],
        "delegations": [(each, min(names.get(each.uscc, ()), default=""), address(link, each.uscc),
                         ("mute", _("已撤销")) if each.revoked_at else _when(each.from_day, each.to_day)) for each in given],
        "may_delegate": access.may(asking(request), "access.manage_delegation"),
        "lines": trail(line for line in timelines.of(asking(request), row, limit=40) if line.verb != "logged_in"),
    }


def _when(first: Any, last: Any) -> tuple[str, str]:
    today = clocks.today()
    if first > today:
        return "mute", _("未开始")
    return ("mute", _("已结束")) if last and last < today else ("ok", _("在任"))


def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One deed on a person: what will happen, the reason, then the action."""
    found = or_404(deeds.DEEDS.get(name))
    access.require(asking(request), found.permission)
    row = get_object_or_404(Person, pk=pk)
    target = _target(found, row, request)
    form = found.form(request.POST if request.method == "POST" else None, initial=found.start(row) if found.start else None)
    title = str(found.title).format(name=row.name)
    if done(request, form, lambda: found.act(form.cleaned_data, row, target, asking(request))):
        messages.success(request, _("已办：{deed}").format(deed=title))
        return redirect("site:person", pk)
    return _form(request, form, title, found.says, found.button, "site:person", row.name, pk, found.danger)


def _target(found: deeds.Deed, row: Person, request: HttpRequest) -> Any:
    if found.target is None:
        return None
    return get_object_or_404(found.target, pk=whole(request.GET.get("row", ""), 17), person=row)


# ── units ────────────────────────────────────────────────────────────────────
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """The tree of offices."""
    access.require(asking(request), "access.manage_unit")
    held = Post.objects.current().filter(person__is_active=True)
    people = dict(held.order_by().values_list("unit").annotate(Count("person", distinct=True)))
    rows = [(unit, unit.path.count("/") - 2, people.get(unit.pk, 0))
            for unit in Unit.objects.order_by(F("path").asc(), "id")]
    return render(request, "site/units.html", {"units": rows})


def new_unit(request: HttpRequest) -> HttpResponse:
    """One more office."""
    access.require(asking(request), "access.manage_unit")
    form = deeds.UnitForm(*_bound(request))
    if _made(request, form, actions.create_unit, _("已增加{name}")) is not None:
        return redirect("site:units")
    return _form(request, form, _("增加单位"), "", _("增加这个单位"), "site:units", _("单位"))


def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, move or close one office."""
    access.require(asking(request), "access.manage_unit")
    row = get_object_or_404(Unit, pk=pk)
    form = deeds.UnitChangeForm(row, *_bound(request))
    if done(request, form, lambda: actions.change_unit(unit=row, **form.cleaned_data, by=asking(request))):
        messages.success(request, _("已保存"))
        return redirect("site:units")
    people_here = Post.objects.current().filter(Q(unit=row), person__is_active=True).values("person").distinct().count()
    says = _("{kind}。现有 {n} 人任职；停用后，他们在这个单位的权限立即失效。").format(kind=UnitKind(row.kind).label, n=people_here)
    return _form(request, form, row.name, says, _("保存这些改动"), "site:units", _("单位"))


# ── shared ───────────────────────────────────────────────────────────────────
def _bound(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _made(request: HttpRequest, form: Any, make: Callable[..., Any], words: str) -> Any:
    """What was made of a form that was sent, and said so; None where it is to be shown, a refusal at its field."""
    made = done(request, form, lambda: make(**form.cleaned_data, by=asking(request)))
    if made:
        messages.success(request, words.format(name=made.name))
    return made


def _form(request: HttpRequest, form: Any, title: str, says: Any, button: Any, back: str, back_title: str,
          pk: int | None = None, danger: bool = False) -> HttpResponse:
    context = {"form": form, "title": title, "says": says, "button": button, "danger": danger, "back_title": back_title,
               "back": reverse(back, args=[pk] if pk else [])}
    return render(request, "site/deed.html", context, status=422 if form.is_bound else 200)
