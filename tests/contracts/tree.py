"""Reads a source tree for the contracts: each contract is a function over a folder that returns what is wrong.

Being functions over a folder, the contracts can be shown a small planted tree: every one of them is tested on a
violation that it must name.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "diguan"


def _layers() -> list[set[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    rooms = next(contract["layers"] for contract in contracts if contract["id"] == "rooms")
    return [set(re.findall(r"[a-z]+", line)) for line in reversed(rooms)]


# Bottom to top, from the import contract: one list for both. Names in one group are strangers to each other.
LAYERS = _layers()
NOT_MODULES = {"kernel", "site", "packs", "locale", "__pycache__"}


@dataclass(frozen=True)
class Source:
    """One Python file of the tree."""

    path: Path
    relative: str
    tree: ast.Module
    lines: int

    @property
    def room(self) -> str:
        """The top folder: kernel, enterprises, …"""
        return self.relative.split("/")[0].removesuffix(".py")

    def at(self, node: ast.AST) -> str:
        """``room/file.py:12``, for messages."""
        return f"{self.relative}:{getattr(node, 'lineno', 1)}"


@cache
def _parsed(path: Path, stamp: int) -> tuple[ast.Module, int]:
    text = path.read_text(encoding="utf-8")
    return ast.parse(text, filename=str(path)), text.count("\n")


def sources(root: Path, *, tests: bool = False, migrations: bool = False) -> Iterator[Source]:
    """Every Python file under ``root`` (the ``diguan`` folder), tests and migrations only when asked for."""
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        parts = set(relative.split("/"))
        if "new_module_template" in parts or (not migrations and "migrations" in parts):
            continue
        if not tests and ("tests" in parts or path.name == "conftest.py"):
            continue
        tree, lines = _parsed(path, path.stat().st_mtime_ns)
        yield Source(path, relative, tree, lines)


def templates(root: Path) -> Iterator[tuple[str, str]]:
    """Every template under ``root`` as ``(path, text)``."""
    for path in sorted(root.rglob("templates/**/*")):
        if path.is_file() and "new_module_template" not in path.parts:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def modules(root: Path) -> list[str]:
    """The modules (rooms between kernel and site) of the tree."""
    return sorted(p.name for p in root.iterdir() if p.is_dir() and p.name not in NOT_MODULES and (p / "apps.py").exists())


def level(room: str) -> int | None:
    """How high a room stands; None for what is no room."""
    return next((height for height, rooms in enumerate(LAYERS) if room in rooms), None)


def may_know(room: str, other: str) -> bool:
    """Whether ``room`` may name ``other``: itself, or one that stands lower."""
    mine, its = level(room), level(other)
    return room == other or mine is None or its is None or its < mine


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string in the code that is not a docstring."""
    prose = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                prose.add(id(first.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node


def dotted(node: ast.expr) -> str:
    """``models.Model.objects`` for such an expression; calls inside keep their name: ``x.filter().update``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    if isinstance(node, ast.Subscript):
        return f"{dotted(node.value)}[]"
    return "?"


def plant(root: Path, files: dict[str, str]) -> Path:
    """Writes a small tree for a planted violation. Returns its ``diguan`` folder."""
    base = root / "src" / "diguan"
    for name, text in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.sub(r"^\n", "", text), encoding="utf-8")
    return base
