"""What the law says of promises to one firm: dated reference data of the packs (``fair_competition.yaml``), each with its source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from diguan.kernel import dated
from diguan.kernel.dated import Dated, Entry
from diguan.kernel.messages import Message
from diguan.kernel.packs import PackError
from diguan.projects.models import PromiseKind


@dataclass(frozen=True)
class Provision(Dated):
    """What is said of a kind of promise. ``basis_needed``: without a legal basis it cannot pass."""

    kind: str
    basis_needed: bool
    says: Message


def provisions(day: dt.date) -> dict[str, Provision]:
    """What holds on a day, by kind of promise; of several the one that began last."""
    return {one.kind: one for one in dated.known("fair_competition.yaml", _read) if one.holds(day)}


def _read(where: str, entry: Entry) -> Provision:
    span = dated.span(where, entry, ("kind", "basis_needed", "says"))
    if entry.get("kind") not in PromiseKind.values:
        kinds = "、".join(PromiseKind.values)
        raise PackError(where, Message(f"kind 要是 {kinds} 之一", f"kind is one of {kinds}"))
    return Provision(*span, entry["kind"], entry.get("basis_needed") is True, dated.words(where, entry, "says"))
