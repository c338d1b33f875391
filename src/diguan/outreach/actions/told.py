"""What was told, as the models keep it; what cannot be used is refused at its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from diguan.kernel.actions import Refusal
from diguan.kernel.messages import Message

Values = Mapping[str, Any]
CONFLICT = Message("没保存上，您填的还在：别人先保存了，请对照后再保存", "Not saved; your entry is kept: someone else saved first. Compare and save again")


def told_of(model: type[models.Model], values: Values, names: Iterable[str]) -> dict[str, Any]:
    """These columns of a model as told; nothing told is NULL or an empty text.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    return {name: one(model._meta.get_field(name), values.get(name)) for name in names}


def one(field: Any, value: Any) -> Any:
    """One column as told.

    Raises:
        Refusal: ``invalid`` (field named).
    """
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        if not field.blank and not field.null:
            raise Refusal("invalid", [Message("没有填", "this is missing")], field=field.name)
        return None if field.null else ""
    if isinstance(value, models.Model):
        return value
    if isinstance(value, str) and "\x00" in value:
        raise Refusal("invalid", [Message("不能有看不见的字符", "no invisible characters")], field=field.name)
    if isinstance(value, str) and field.max_length and len(value) > field.max_length:
        raise Refusal("invalid", [Message(f"最多 {field.max_length} 个字，现在 {len(value)} 个", f"at most {field.max_length} characters, now {len(value)}")], field=field.name)
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise Refusal("invalid", [Message("填得不对", "this cannot be used")], field=field.name) from error


def refuse(code: str, zh: str, en: str, field: str = "") -> Refusal:
    """A refusal of one sentence."""
    return Refusal(code, [Message(zh, en)], field)
