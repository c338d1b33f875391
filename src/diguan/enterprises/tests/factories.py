"""Enterprises for the tests of this room and those above it, made as the actions make them."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from diguan.enterprises import engine
from diguan.enterprises.actions import capabilities as claims
from diguan.enterprises.actions import keys_of
from diguan.enterprises.models import Capability, Contact, Enterprise
from diguan.kernel import uscc as codes
from diguan.kernel.access.models import Person
from diguan.kernel.tests.factories import person_factory

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


# One claim of every kind, as a form or a file tells it.
CLAIMS: dict[str, dict[str, Any]] = {
    "product": {"name": "石英手表", "category": "钟表", "unit": "只", "daily_capacity": "30,000", "daily_output": 21000},
    "market": {"name": "石英手表", "countries": "美国、德国、JP"},
    "share": {"name": "石英手表", "share": "11%", "market": "全球石英手表市场", "year": 2025, "statistics": "中国钟表协会", "basis": "按数量"},
    "brand": {"name": "蒸水", "registration": "12345678"},
    "honour": {"name": "绿色工厂", "level": "国家级"},
    "standard": {"name": "石英手表走时精度", "number": "GB/T 0000-2025", "role": "主导"},
    "joint_rd": {"name": "智能手表", "partner": "样例大学", "result": "样机两款"},
    "robot": {"name": "打磨机器人", "count": 12},
    "clean": {"name": "清洁生产审核", "clean_level": "二级", "audit_date": "2025-06-30"},
    "core_task": {"name": "机芯微齿轮", "level": "省级"},
}
COMMON: dict[str, Any] = {"issuer": "县科工局", "document": "示例〔2026〕1号", "issued": dt.date(2026, 3, 1)}


def capability_factory(enterprise: Enterprise, by: Person, kind: str = "product", *, verified_by: Person | None = None, **told: Any) -> Capability:
    """A claim entered by ``by``; with ``verified_by`` one that holds."""
    row = claims.claim_capability(enterprise=enterprise, kind=kind, told={**COMMON, **CLAIMS[kind], **told}, by=by)
    return claims.verify_capability(capability=row, version=row.version, by=verified_by) if verified_by else row


def hand(role: str, **more: Any) -> Person:
    """Somebody in post since January."""
    return person_factory(role, from_day=dt.date(2026, 1, 1), **more)
