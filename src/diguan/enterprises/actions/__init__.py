"""Writes to the register. Pages, imports and the command line all come through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, models, transaction

from diguan.enterprises import engine, queries
from diguan.enterprises.models import (
    TITLE_NAMES,
    BusinessStatus,
    Contact,
    ContactView,
    Enterprise,
    FormerName,
    ProductionStatus,
    Title,
    TitleKind,
)
from diguan.kernel import access, clocks, packs
from diguan.kernel import uscc as codes
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, Refusal, action, write_at
from diguan.kernel.messages import Message

CHANGE = "enterprises.change_enterprise"
REVEAL = "enterprises.reveal_contact"
# What a person may fill in; keys, version and owner are ours.
FIELDS = (
    "name", "registered_region", "registered_authority", "place_region", "town", "address", "industry", "cluster", "park",
    "business_status", "production_status", "established", "registered_capital_fen", "legal_representative",
)
KEYS = ("name_key", "pinyin_key", "core_key", "address_key", "person_key")
PERSONAL = ("legal_representative",)
Values = Mapping[str, Any]


def keys_of(values: Values) -> dict[str, str]:
    """The stored keys that follow from these values."""
    found: dict[str, str] = {}
    if "name" in values:
        name = values["name"]
        found |= {"name_key": engine.name_key(name), "pinyin_key": engine.pinyin_key(name), "core_key": queries.core_of(name)}
    if "address" in values:
        found["address_key"] = engine.name_key(values["address"])
    if "legal_representative" in values:
        found["person_key"] = engine.name_key(values["legal_representative"])
    return found


# ── what may be stored ───────────────────────────────────────────────────────
def problems(values: Values) -> dict[str, Message]:
    """What is wrong with these values, by field; empty if nothing is."""
    found: dict[str, Message | None] = {
        "name": Message("企业名称没有填", "the name is missing") if "name" in values and not engine.name_key(values["name"]) else None,
        "registered_region": packs.codes().region_problem(values.get("registered_region", "")),
        "place_region": packs.codes().region_problem(values.get("place_region", "")),
        "industry": packs.codes().industry_problem(values.get("industry", "")),
        "business_status": _choice_problem(values.get("business_status", ""), BusinessStatus),
        "production_status": _choice_problem(values.get("production_status", ""), ProductionStatus),
        "established": _day_problem(values.get("established")),
        "registered_capital_fen": _capital_problem(values.get("registered_capital_fen")),
    }
    return too_long(Enterprise, values) | {name: problem for name, problem in found.items() if problem is not None}


def too_long(kind: type[models.Model], values: Values) -> dict[str, Message]:
    """Texts no database would take whole, by field."""
    found = {name: _text_problem(kind, name, text) for name, text in values.items() if isinstance(text, str)}
    return {name: problem for name, problem in found.items() if problem is not None}


def _text_problem(kind: type[models.Model], name: str, text: str) -> Message | None:
    most = getattr(kind._meta.get_field(name), "max_length", None)
    if "\x00" in text:
        return Message("有看不见的非法字符，请重新录入", "it holds an invisible character that is not allowed; type it again")
    if most is not None and len(text) > most:
        return Message(f"太长：{len(text)} 个字，最多 {most} 个", f"too long: {len(text)} characters, at most {most}")
    return None


def _choice_problem(word: str, kind: type[models.TextChoices]) -> Message | None:
    if not word or word in kind.values:
        return None
    return Message(f"“{word}”不在 {'、'.join(kind.values)} 之中", f"{word} is none of {', '.join(kind.values)}")


def _day_problem(day: dt.date | None) -> Message | None:
    if day is None or dt.date(1900, 1, 1) <= day <= clocks.today():
        return None
    return Message(f"成立日期 {day} 不可能：应在 1900 年以后、今天以前", f"established on {day} cannot be: after 1900 and not after today")


def _capital_problem(fen: int | None) -> Message | None:
    if fen is None or 0 <= fen < 2**62:
        return None
    return Message("注册资本不能是负数，也不会这么大", "registered capital is not negative, nor that large")


def _refuse(found: Mapping[str, Message]) -> None:
    if found:
        raise Refusal("invalid", list(found.values()), field=next(iter(found)))


def not_personal(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in PERSONAL}


def about_people(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in PERSONAL}


# ── the enterprise itself ────────────────────────────────────────────────────
@action(permission=CHANGE, event="enterprise_created")
def create_enterprise(*, uscc: str, values: Values, by: Person, reason: str = "") -> Done[Enterprise]:
    """Register an enterprise.

    Raises:
        Refusal: ``invalid`` (field named) or ``uscc_taken``.
    """
    values = {name: value for name, value in values.items() if name in FIELDS}
    code = codes.normalise(uscc)
    wrong = codes.problem(code)
    _refuse(({"uscc": wrong} if wrong else {}) | problems({"name": "", **values}))
    try:
        with transaction.atomic():
            row = Enterprise.objects.create(uscc=code, **values, **keys_of(values), owner_unit_id=access.unit_of(by), created_by=by, changed_by=by)
    except IntegrityError as error:
        raise Refusal("uscc_taken", [Message(f"{code} 已在企业库中", f"{code} is already registered")], field="uscc") from error
    return Done(row, after={"uscc": code, **not_personal(values)}, personal=about_people(values))


@action(permission=CHANGE, event="enterprise_changed", on="enterprise")
def change_enterprise(*, enterprise: Enterprise, version: int, values: Values, by: Person, renamed: bool = False, reason: str = "") -> Done[Enterprise]:
    """Change an enterprise as somebody saw it at ``version``; with ``renamed`` the old name is kept.

    Raises:
        Refusal: ``invalid`` (field named) or ``conflict``: someone else saved first, nothing was written.
    """
    values = {name: value for name, value in values.items() if name in FIELDS}
    _refuse(problems(values))
    now = Enterprise.objects.get(pk=enterprise.pk)
    changed = {name: value for name, value in values.items() if getattr(now, name) != value}
    before = {name: getattr(now, name) for name in changed}
    _write(enterprise, version, {**changed, **keys_of(changed)}, by)
    if renamed and "name" in changed:
        _remember_name(enterprise, before["name"], clocks.today())
    fresh = Enterprise.objects.get(pk=enterprise.pk)
    personal = {"before": about_people(before), "after": about_people(changed)} if about_people(changed) else {}
    return Done(fresh, before=not_personal(before), after=not_personal(changed), personal=personal)


def _write(enterprise: Enterprise, version: int, values: Values, by: Person) -> None:
    write_at(enterprise, version, values, by=by, taken=Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again"))


def _remember_name(enterprise: Enterprise, name: str, until: dt.date | None) -> bool:
    keys = keys_of({"name": name})
    found = FormerName.objects.get_or_create(
        enterprise=enterprise, name_key=keys["name_key"],
        defaults={"name": name, "until": until, "pinyin_key": keys["pinyin_key"], "core_key": keys["core_key"]})
    return found[1]


@action(permission=CHANGE, event="former_name_added", on="enterprise")
def add_former_name(*, enterprise: Enterprise, name: str, by: Person, until: dt.date | None = None, reason: str = "") -> Done[Enterprise]:
    """Note a name the enterprise bore.

    Raises:
        Refusal: no name, the present name, or one already noted.
    """
    name = name.strip()
    if not engine.name_key(name):
        raise Refusal("invalid", [Message("曾用名没有填", "the former name is missing")], field="former_name")
    wrong = too_long(FormerName, {"name": name})
    _refuse({"former_name": wrong["name"]} if wrong else {})
    if engine.name_key(name) == enterprise.name_key or not _remember_name(enterprise, name, until):
        raise Refusal("invalid", [Message(f"“{name}”就是现名，或已经记过", f"{name} is the present name or noted already")], field="former_name")
    return Done(enterprise, after={"former_name": name, "until": until})


# ── titles ───────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="title_added", on="enterprise")
def add_title(
    *, enterprise: Enterprise, kind: str, issued: dt.date, by: Person, name: str = "", issuer: str = "",
    valid_until: dt.date | None = None, reason: str = "",
) -> Done[Enterprise]:
    """Note a dated title.

    Raises:
        Refusal: unknown kind, ends before it begins, or noted already.
    """
    _refuse(too_long(Title, {"name": name, "issuer": issuer}) | title_problems(kind, name, issued, valid_until))
    try:
        with transaction.atomic():
            row = Title.objects.create(enterprise=enterprise, kind=kind, name=name or TITLE_NAMES[kind], issuer=issuer,
                                       issued=issued, valid_until=valid_until)
    except IntegrityError as error:
        raise Refusal("invalid", [Message("这项资质已经记过", "this title is noted already")], field="kind") from error
    return Done(enterprise, after={"title": row.name, "issuer": issuer, "issued": issued, "valid_until": valid_until})


def title_problems(kind: str, name: str, issued: dt.date, valid_until: dt.date | None) -> dict[str, Message]:
    """What is wrong with a title, by field."""
    found: dict[str, Message] = {}
    if kind not in TitleKind.values:
        found["kind"] = Message(f"没有资质类别 {kind}", f"no such title: {kind}")
    if kind == TitleKind.OTHER and not name:
        found["name"] = Message("其他资质要写名称", "another title needs its name")
    if valid_until is not None and valid_until < issued:
        found["valid_until"] = Message(f"有效期至 {valid_until} 早于发证日期 {issued}", f"valid until {valid_until} is before {issued}")
    return found


@action(permission=CHANGE, event="title_withdrawn", on="enterprise")
def withdraw_title(*, enterprise: Enterprise, title: Title, on_day: dt.date, reason: str, by: Person) -> Done[Enterprise]:
    """Note that a title was withdrawn; it still held before that day.

    Raises:
        Refusal: not this enterprise's title, no reason, before its issue, or withdrawn already.
    """
    if not reason.strip():
        raise Refusal("invalid", [Message("取消原因没有填", "the reason is missing")], field="reason")
    hit = Title.objects.filter(pk=title.pk, enterprise=enterprise, withdrawn_on__isnull=True, issued__lte=on_day).update(
        withdrawn_on=on_day, withdrawn_reason=reason.strip()[:200])
    if hit != 1:
        raise Refusal("invalid", [Message("这项资质已取消，或取消日期早于发证日期", "withdrawn already, or before it was issued")], field="on_day")
    return Done(enterprise, before={"title": title.name}, after={"withdrawn_on": on_day})


# ── contacts ─────────────────────────────────────────────────────────────────
@action(permission=CHANGE, event="contact_changed", on="enterprise")
def change_contact(
    *, enterprise: Enterprise, name: str, by: Person, phone: str = "", role: str = "", contact: Contact | None = None, reason: str = "",
) -> Done[Enterprise]:
    """Add a contact, or change one; an empty phone leaves the number as it is.

    Raises:
        Refusal: no name, a phone number that is none, or another enterprise's contact.
    """
    if not name.strip():
        raise Refusal("invalid", [Message("联系人姓名没有填", "the contact's name is missing")], field="name")
    phone = engine.tidy_phone(phone)
    wrong = phone_problem(phone)
    _refuse(too_long(Contact, {"name": name, "role": role, "phone": phone}) | ({"phone": wrong} if wrong else {}))
    if contact is not None and contact.enterprise_id != enterprise.pk:
        raise Refusal("invalid", [Message("这不是该企业的联系人", "not a contact of this enterprise")])
    row = contact or Contact(enterprise=enterprise)
    before = {"name": row.name, "role": row.role, "phone": row.phone} if contact else {}
    row.name, row.role = name.strip(), role.strip()
    if phone.strip():
        row.phone, row.phone_key = phone, engine.phone_key(phone)
    row.save()
    after = {"name": row.name, "role": row.role, "phone": row.phone}
    return Done(enterprise, after={"contact": row.pk}, personal={"before": before, "after": after})


def phone_problem(phone: str) -> Message | None:
    """What is wrong with a phone number; none given is no problem."""
    digits = engine.phone_key(phone)
    if not phone.strip() or 7 <= len(digits) <= 12:
        return None
    return Message(f"电话号码应为 7 至 12 位数字，这里是 {len(digits)} 位", f"a phone number has 7 to 12 digits, this has {len(digits)}")


@action(permission=REVEAL, event="contact_revealed", on="enterprise")
def reveal_contact(*, enterprise: Enterprise, contact: Contact, reason: str, by: Person) -> Done[Enterprise]:
    """Log that ``by`` looks at a full phone number; only then may the page show it.

    Raises:
        Refusal: no reason given, or another enterprise's contact.
    """
    if len(reason.strip()) < 2:
        raise Refusal("invalid", [Message("请写明查看完整号码的理由", "say why you need the full number")], field="reason")
    if contact.enterprise_id != enterprise.pk:
        raise Refusal("invalid", [Message("这不是该企业的联系人", "not a contact of this enterprise")])
    ContactView.objects.create(contact=contact, viewer=by, at=clocks.now(), reason=reason.strip()[:200])
    return Done(enterprise, after={"contact": contact.pk})
