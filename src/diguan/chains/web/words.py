"""How this room's values are said on a page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from diguan.chains.engine import chain as values
from diguan.chains.models import Coverage
from diguan.chains.queries import shelf
from diguan.kernel.messages import Message
from diguan.kernel.shell import language

STATUS = {"claimed": "warn", "verified": "ok", "stale": "mute", "rejected": "bad", "withdrawn": "mute"}


def said(message: Message) -> str:
    """The message in the page's language."""
    return message.text(language())


def node(key: str) -> str:
    """A node's name; the id itself where the packs have it no longer."""
    found = shelf.node(key)
    return said(found.name) if found else _("{node}（数据包里已没有）").format(node=key)


def chains_of(key: str) -> str:
    """The chains a node stands in."""
    return _("、").join(said(chain.name) for chain in shelf.chains_of(key))


def states() -> list[tuple[str, Any]]:
    """States for a filter."""
    return [("verified", _("已核实")), ("stale", _("超过 90 天没核验")), ("claimed", _("待核实")), ("rejected", _("已驳回")), ("withdrawn", _("已撤回"))]


def status_of(row: Coverage, day: dt.date) -> tuple[str, str]:
    """Its state on a day as a status; a stale one says for how long nobody looked."""
    standing = row.standing(day)
    if standing == "stale" and row.decided_on:
        return "mute", _("{n} 天未核验").format(n=(day - row.decided_on).days)
    return STATUS[standing], dict(states())[standing]


def stage(key: str) -> str:
    """A stage of a chain."""
    return {"upstream": _("原料、装备"), "mid": _("部件、工艺"), "downstream": _("整机、成品"), "service": _("服务、渠道")}[key]


def kind(key: str) -> str:
    """What a node stands for."""
    return {"material": _("原料"), "component": _("部件"), "process": _("工艺"), "equipment": _("装备"), "product": _("成品"), "service": _("服务")}[key]


def codes(found: values.Node) -> str:
    """The node's codes in one line; what nobody has confirmed says so."""
    parts = [f"GB/T 4754 {'、'.join(found.codes)}"] if found.codes else []
    parts += [f"HS {'、'.join(found.hs)}"] if found.hs else []
    parts += [_("代码待确认：{codes}").format(codes="、".join(found.unconfirmed))] if found.unconfirmed else []
    return " · ".join(parts)
