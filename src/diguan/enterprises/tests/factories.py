"""Enterprises for the tests of this room and those above it, made as the actions make them."""

from __future__ import annotations

import itertools
from typing import Any

from diguan.enterprises import engine
from diguan.enterprises.actions import keys_of
from diguan.enterprises.models import Contact, Enterprise
from diguan.kernel import uscc as codes

_number = itertools.count(5_000_001)


def credit_code(number: int) -> str:
    """A valid synthetic credit code."""
    first = f"91430421MA{number:07d}"
    return first + codes.check_character(first)


def enterprise_factory(uscc: str = "", name: str = "", **values: Any) -> Enterprise:
    """A registered firm; what is not told is unknown."""
    number = next(_number)
    told = {"name": name or f"衡阳演示{number}有限公司", **values}
    row, _made = Enterprise.objects.get_or_create(uscc=uscc or credit_code(number), defaults={**told, **keys_of(told)})
    return row


def contact_factory(enterprise: Enterprise, name: str = "赵样本", phone: str = "13800000001", role: str = "") -> Contact:
    """A contact of a firm."""
    return Contact.objects.create(enterprise=enterprise, name=name, phone=phone, role=role, phone_key=engine.phone_key(phone))
