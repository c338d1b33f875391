"""Writes to units, people, posts and delegations."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import models

from diguan.kernel import clocks, events, remember, uscc
from diguan.kernel.access import passwords
from diguan.kernel.access.models import Delegation, Person, Post, Unit, UnitKind
from diguan.kernel.access.roles import OWN_ACCOUNT, Role, roles
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.actions import Done, action
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

M = TypeVar("M", bound=models.Model)
ADMINISTRATOR = "administrator"
# Django's own sentences are not in Chinese throughout.
WEAK = {
    "password_too_short": Message("密码至少 10 位", "a password has at least 10 characters"),
    "password_too_common": Message("这个密码太常见，容易被猜中", "this password is too common"),
    "password_too_similar": Message("密码和姓名、登录名或电话太像", "the password is too like the name, login or telephone"),
    "password_entirely_numeric": Message("密码不能全是数字", "a password is not all digits"),
}


# ── units ─────────────────────────────────────────────────────────────────
@action(permission="access.manage_unit", event="unit_created")
def create_unit(*, code: str, name: str, kind: str, parent: Unit | None, by: Person, reason: str = "") -> Done[Unit]:
    """Add an office below ``parent``; only the county itself has none."""
    return _create_unit(code, name, kind, parent)


@action(permission="access.manage_unit", event="unit_changed", on="unit")
def change_unit(
    *, unit: Unit, name: str, parent: Unit | None, active: bool, by: Person, reason: str = ""
) -> Done[Unit]:
    """Rename, move or close an office. Moving takes everything below along."""
    before = {"name": unit.name, "parent": unit.parent_id, "active": unit.active}
    _check_parent(unit.kind, parent)
    if parent is not None and parent.path.startswith(unit.path):
        raise _no("unit_below_itself", "单位不能移到自己下面", "a unit cannot be moved below itself", "parent")
    old = unit.path
    unit.name, unit.parent, unit.active = _text(name, "name"), parent, active
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save()
    if not active and not _active_administrators():
        raise _no("last_administrator", "最后一位系统管理员在这个单位任职，先任命另一位", "the last administrator holds a post here: appoint another first", "active")
    if unit.path != old:
        for below in Unit.objects.filter(path__startswith=old).exclude(pk=unit.pk):
            below.path = unit.path + below.path[len(old) :]
            below.save(update_fields=["path"])
    remember.forget()
    return Done(unit, before, {"name": unit.name, "parent": unit.parent_id, "active": active})


# ── people ────────────────────────────────────────────────────────────────
@action(permission="access.manage_person", event="person_created")
def create_person(
    *,
    login_name: str,
    name: str,
    password: str,
    by: Person,
    phone: str = "",
    language: str = "",
    must_change_password: bool = True,
    reason: str = "",
) -> Done[Person]:
    """Add somebody who can log in. Without a post they may do nothing yet."""
    return _create_person(login_name, name, password, phone, language, must_change_password)


@action(permission="access.manage_person", event="person_changed", on="person")
def change_person(*, person: Person, name: str, phone: str, by: Person, reason: str = "") -> Done[Person]:
    """Correct a name or a telephone number."""
    before = {"name": person.name, "phone": person.phone}
    person.name, person.phone = _text(name, "name"), phone.strip()
    person.save(update_fields=["name", "phone"])
    return Done(person, personal={"before": before, "after": {"name": person.name, "phone": person.phone}})


@action(permission="access.manage_person", event="person_deactivated", on="person")
def deactivate_person(*, person: Person, by: Person, reason: str) -> Done[Person]:
    """Close an account and end its sessions and tokens, for good: opening it again wakes none. Never deletes the person."""
    if person == by:
        raise _no("not_yourself", "不能停用自己的账号", "nobody closes their own account")
    _text(reason, "reason")
    person.is_active = False
    person.save(update_fields=["is_active"])
    _end_sessions(person)
    remember.forget()
    return Done(person, {"active": True}, {"active": False})


def _end_sessions(person: Person) -> None:
    # A session is an opaque row: whose it is stands inside. There are as many as people logged in today.
    for session in Session.objects.filter(expire_date__gt=clocks.now()):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
    _end_tokens(person)


def _end_tokens(person: Person) -> None:
    ApiToken.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=clocks.now())


@action(permission="access.manage_person", event="person_reactivated", on="person")
def reactivate_person(*, person: Person, by: Person, reason: str = "") -> Done[Person]:
    """Open a closed account again."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    remember.forget()
    return Done(person, {"active": False}, {"active": True})


@action(permission="access.manage_person", event="password_reset", on="person")
def reset_password(*, person: Person, password: str, by: Person, reason: str = "") -> Done[Person]:
    """Set a first password, to be changed at the next login; ends the person's sessions and tokens."""
    if person == by:
        raise _no("not_yourself", "自己的密码请在“修改密码”里改", "change your own password on its own page")
    _set_password(person, password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    passwords.unlock(person)
    _end_tokens(person)
    return Done(person, after={"must_change_password": True})


@action(permission="access.manage_person", event="person_unlocked", on="person")
def unlock_person(*, person: Person, by: Person, reason: str = "") -> Done[Person]:
    """Take the brake off after too many wrong passwords."""
    passwords.unlock(person)
    return Done(person)


@action(permission=OWN_ACCOUNT, event="password_changed", on="person")
def change_password(*, person: Person, current: str, password: str, by: Person) -> Done[Person]:
    """Change one's own password; every other session of this person ends."""
    if not person.check_password(current):
        raise _no("wrong_password", "原密码不对", "the present password is wrong", "current")
    if current == password:
        raise _no("same_password", "新密码要和原密码不同", "the new password must differ", "password")
    _set_password(person, password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    return Done(person)


@action(permission=OWN_ACCOUNT, event="language_chosen", on="person")
def choose_language(*, person: Person, language: str, by: Person) -> Done[Person]:
    """Remember one's own language."""
    before = {"language": person.language}
    person.language = language
    person.save(update_fields=["language"])
    return Done(person, before, {"language": language})


@action(permission=OWN_ACCOUNT, event="logged_in", on="person")
def record_login(*, person: Person, address: str, by: Person) -> Done[Person]:
    """Note a login; the pages call this after the session has been renewed."""
    person.last_login = clocks.now()
    person.save(update_fields=["last_login"])
    return Done(person, personal={"address": address})


# ── posts ─────────────────────────────────────────────────────────────────
@action(permission="access.manage_person", event="person_appointed", on="person")
def appoint(
    *,
    person: Person,
    role: str,
    unit: Unit | None,
    by: Person,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    reason: str = "",
) -> Done[Post]:
    """Give a person a role in a unit, from a day on (default today). Nobody appoints themselves."""
    if person == by:
        raise _no("not_yourself", "不能给自己任职，请另一位管理员办理", "nobody appoints themselves")
    return _appoint(person, role, unit, from_day, to_day)


@action(permission="access.manage_person", event="post_ended", on="post")
def end_post(*, post: Post, by: Person, to_day: dt.date | None = None, reason: str = "") -> Done[Post]:
    """End a post; ``to_day`` is its last day, by default yesterday, so that its rights end now."""
    last = to_day or clocks.today() - dt.timedelta(days=1)
    if post.to_day is not None and post.to_day < min(last, clocks.today()):
        raise _no("already_ended", "这项任职早已结束", "this post has ended already")
    if _is_last_administrator(post) and last < clocks.today():
        raise _no("last_administrator", "这是最后一位系统管理员，先任命另一位", "appoint another administrator first")
    before = {"to_day": post.to_day}
    # A post that begins later is ended by never letting it begin: its own first day is the earliest end.
    post.from_day = min(post.from_day, last)
    post.to_day = last
    post.save(update_fields=["from_day", "to_day"])
    remember.forget()
    return Done(post, before, {"to_day": last}, related=[post.person, *([post.unit] if post.unit else [])])


# ── delegations ───────────────────────────────────────────────────────────
@action(permission="access.manage_delegation", event="delegation_granted", on="person")
def delegate(
    *,
    person: Person,
    uscc_code: str,
    evidence: str,
    by: Person,
    from_day: dt.date | None = None,
    to_day: dt.date | None = None,
    reason: str = "",
) -> Done[Delegation]:
    """Let a person act for an enterprise 经办人授权; ``evidence`` says on what paper."""
    if person == by:
        raise _no("not_yourself", "不能给自己授权", "nobody delegates to themselves")
    code = uscc.normalise(uscc_code)
    problem = uscc.problem(code)
    if problem is not None:
        raise Refusal("bad_uscc", [problem], "uscc_code")
    start = from_day or clocks.today()
    _check_days(start, to_day)
    if _overlapping(Delegation.objects.filter(uscc=code, revoked_at__isnull=True), person, start, to_day).exists():
        raise _no("delegated_already", "这个人在这段时间已有这家企业的授权", "this person is delegated for that enterprise already", "uscc_code")
    row = Delegation.objects.create(
        person=person, uscc=code, granted_by=by, from_day=start, to_day=to_day, evidence=_text(evidence, "evidence")
    )
    remember.forget()
    return Done(row, after={"uscc": code, "from_day": start, "to_day": to_day}, related=[person])


@action(permission="access.manage_delegation", event="delegation_revoked", on="delegation")
def revoke_delegation(*, delegation: Delegation, by: Person, reason: str) -> Done[Delegation]:
    """End a delegation at once."""
    _text(reason, "reason")
    open_rows = Delegation.objects.filter(pk=delegation.pk, revoked_at__isnull=True)
    if not open_rows.update(revoked_at=clocks.now(), revoked_by=by):
        raise _no("already_revoked", "这项授权已经撤销", "this delegation has been revoked already")
    delegation.refresh_from_db()
    remember.forget()
    return Done(delegation, {"revoked": False}, {"revoked": True, "uscc": delegation.uscc}, related=[delegation.person])


# ── the very first administrator ──────────────────────────────────────────
def found_county(*, county: str, login_name: str, name: str, password: str, must_change_password: bool = False) -> Person:
    """Make the county's root unit and its first administrator, on an installation that has none.

    This is the one write without an actor: there is nobody yet who could hold the right. Refused as soon
    as any administrator holds a post.

    Raises:
        Refusal: an administrator exists, or a value is wrong.
    """
    from django.db import transaction

    with transaction.atomic():
        if any(_active_administrators()):
            raise _no("administrator_exists", "已有系统管理员", "there is an administrator already")
        root = Unit.objects.filter(parent__isnull=True).first()
        if root is None:
            made = _create_unit("county", county, UnitKind.COUNTY, None)
            root = made.record
            events.append(root, "unit_created", by=None, after=made.after)
        person = _create_person(login_name, name, password, "", "", must_change_password)
        events.append(person.record, "person_created", by=None, after=person.after, personal=person.personal)
        post = _appoint(person.record, ADMINISTRATOR, root, None, None)
        events.append(post.record, "person_appointed", by=None, after=post.after, related=post.related)
    return person.record


# ── shared steps ──────────────────────────────────────────────────────────
def _create_unit(code: str, name: str, kind: str, parent: Unit | None) -> Done[Unit]:
    code = _text(code, "code").lower()
    if kind not in UnitKind.values:
        raise _no("unknown_kind", f"没有这种单位类别：{kind}", f"no unit kind {kind}", "kind")
    _check_parent(kind, parent)
    if Unit.objects.filter(code=code).exists():
        raise _no("code_taken", f"单位代码 {code} 已经有了", f"unit code {code} exists", "code")
    unit = Unit.objects.create(code=code, name=_text(name, "name"), kind=kind, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    after = {"code": code, "name": unit.name, "kind": kind, "parent": parent.pk if parent else None}
    return Done(unit, after=after, related=[parent] if parent else [])


def _check_parent(kind: str, parent: Unit | None) -> None:
    if (kind == UnitKind.COUNTY) != (parent is None):
        raise _no("wrong_parent", "只有县一级没有上级单位", "only the county itself has no parent", "parent")


def _create_person(
    login_name: str, name: str, password: str, phone: str, language: str, must_change_password: bool
) -> Done[Person]:
    login_name = _text(login_name, "login_name").lower()
    if Person.objects.filter(login_name=login_name).exists():
        raise _no("login_name_taken", f"登录名 {login_name} 已经有了", f"login name {login_name} exists", "login_name")
    person = Person(
        login_name=login_name,
        name=_text(name, "name"),
        phone=phone.strip(),
        language=language,
        must_change_password=must_change_password,
    )
    _set_password(person, password)
    _validated(person)
    person.save(force_insert=True)
    return Done(person, personal={"login_name": login_name, "name": person.name, "phone": person.phone})


def _set_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        reasons = [WEAK.get(str(part.code), Message("；".join(part.messages), part.messages[0])) for part in error.error_list]
        raise Refusal("weak_password", reasons, "password") from error
    person.set_password(password)


def _validated(person: Person) -> None:
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise _no("bad_value", "；".join(error.messages), f"wrong value for {field}", field) from error


def _appoint(
    person: Person, role: str, unit: Unit | None, from_day: dt.date | None, to_day: dt.date | None
) -> Done[Post]:
    known: Role | None = roles().get(role)
    if known is None:
        raise _no("unknown_role", f"没有这个角色：{role}", f"no role {role}", "role")
    if unit is None and not known.enterprise:
        raise _no("unit_needed", f"“{known.label('zh')}”要选单位", f"{known.label('en')} needs a unit", "unit")
    if unit is not None and not unit.active:
        raise _no("unit_closed", "这个单位已经停用", "this unit is closed", "unit")
    start = from_day or clocks.today()
    _check_days(start, to_day)
    place = None if known.enterprise else unit
    if _overlapping(Post.objects.filter(role=role, unit=place), person, start, to_day).exists():
        raise _no("post_held", "这个人在这个单位已有这个角色", "this person holds that post already", "role")
    post = Post.objects.create(person=person, unit=place, role=role, from_day=start, to_day=to_day)
    remember.forget()
    after = {"role": role, "unit": post.unit_id, "from_day": start, "to_day": to_day}
    return Done(post, after=after, related=[person, *([unit] if post.unit_id and unit else [])])


def _overlapping(rows: models.QuerySet[M], person: Person, start: dt.date, end: dt.date | None) -> models.QuerySet[M]:
    """The person's rows that hold on some of these days: two would outlive the ending of one."""
    # Taken until the transaction ends, so that a form sent twice at once is judged one after the other.
    Person.objects.filter(pk=person.pk).update(name=models.F("name"))
    found = rows.filter(models.Q(to_day__isnull=True) | models.Q(to_day__gte=start), person=person)
    return found if end is None else found.filter(from_day__lte=end)


def _check_days(start: dt.date, end: dt.date | None) -> None:
    if end is not None and end < start:
        raise _no("ends_before_start", "结束日期早于开始日期", "the last day is before the first", "to_day")


def _active_administrators() -> set[int]:
    posts = Post.objects.current().filter(role=ADMINISTRATOR, person__is_active=True, unit__active=True)
    return set(posts.values_list("person_id", flat=True))


def _is_last_administrator(post: Post) -> bool:
    return post.role == ADMINISTRATOR and _active_administrators() == {post.person_id}


def _text(value: str, field: str) -> str:
    cleaned = value.strip()
    if not cleaned:
        raise _no("empty", "这一项要填", "this is needed", field)
    return cleaned


def _no(code: str, zh: str, en: str, field: str = "") -> Refusal:
    return Refusal(code, [Message(zh=zh, en=en)], field)
