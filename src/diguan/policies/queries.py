"""Reads of policies, matches and entitlements. A policy is a document of a pack; a match is a run."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from diguan.kernel import packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import runs
from diguan.kernel.rules import document
from diguan.kernel.rules.tree import Policy

GROUPS = ("entitled", "near", "asking")
"""The three lists of a policy page: 可享, 差一步, 待补信息."""


@dataclass(frozen=True)
class Library:
    """The policies that may be used, and what was refused and why."""

    policies: Mapping[str, Policy]
    problems: tuple[document.Problem, ...]


def library() -> Library:
    """Every policy of the packs in force; reread when a file changes."""
    files = tuple(sorted((str(path), path.stat().st_mtime_ns)
                         for folder in packs.policy_folders() for path in folder.rglob("*") if path.is_file()))
    return _library(packs.policy_folders(), files)


@functools.lru_cache(maxsize=4)
def _library(folders: tuple[Path, ...], files: tuple[tuple[str, int], ...]) -> Library:
    policies: dict[str, Policy] = {}
    problems: list[document.Problem] = []
    for folder in folders:
        found, refused = document.load_folder(folder, packs.catalogue(), packs.codes())
        policies |= {policy.id: policy for policy in found}
        problems += refused
    return Library(policies, tuple(problems))


@dataclass(frozen=True)
class Totals:
    """One policy's row of a run: counts of enterprises and fen. ``high`` adds the undecided ones."""

    policy_id: str
    version: str
    eligible: int = 0
    ineligible: int = 0
    unknown: int = 0
    near_miss: int = 0
    amount_fen: int = 0
    amount_unknown: int = 0
    unknown_amount_fen: int = 0

    @property
    def high_fen(self) -> int:
        """The most it could cost, as far as amounts are known."""
        return self.amount_fen + self.unknown_amount_fen


@dataclass(frozen=True)
class Match:
    """One enterprise under one policy in a run."""

    uscc: str
    status: int
    code: int
    amount_fen: int | None
    amount_unknown: bool


def latest_match(person: Person) -> runs.Run | None:
    """The newest match the person may see."""
    return runs.latest(person, "match")


def matches(run: runs.Run, policy_id: str) -> list[Match]:
    """The run's rows of one policy: entitled, undecided, and one clause short; by credit code."""
    columns = ["enterprise_id", "status", "code", "amount_fen", "amount_unknown"]
    table = pq.read_table(run.folder / "match.parquet", columns=columns, filters=[("policy_id", "=", policy_id)])
    return [Match(*row.values()) for row in table.to_pylist()]
