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
