"""Only actions write. Elsewhere nothing saves, creates, updates or deletes a row."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contracts.tree import SOURCE, Source, dotted, plant, sources

pytestmark = pytest.mark.one_database

ALWAYS = {
    "save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "asave", "acreate", "adelete", "aupdate", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create",
    "_raw_delete", "save_base",
}  # fmt: skip

# The write path itself, file by file, with the reason. Nothing else in the kernel or the site writes.
WRITE_PATH: dict[str, str] = {
    "kernel/events.py": "the append-only log itself: actions reach it through the decorator only",
    "kernel/access/passwords.py": "failed logins are counted before there is an actor",
    "kernel/access/tokens/queries.py": "when a token was last used is noted where it is looked up, at a minute's grain",
    "kernel/jobs.py": "the queue's own bookkeeping: leases and progress have no actor",
    "kernel/facts/runs.py": "the manifest row of a run, inserted inside a room's action",
}


def is_write(call: ast.Call) -> bool:
    """Whether a call looks like a write of rows.

    ``update`` is also a word of dicts, sets and hashes: those take a value, a queryset takes keywords.
    """
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id == "insert_rows"
    name, receiver = call.func.attr, dotted(call.func.value)
    if name == "update":
        return bool(call.keywords) and not call.args
    if name in ALWAYS:
        return not receiver.endswith(("workbook", "book", "image"))  # files with a method of the same name
    return False


def allowed(source: Source, write_path: dict[str, str]) -> bool:
    """Whether the file is an action, a factory, or named as the write path."""
    parts = source.relative.split("/")
    return "actions.py" in parts or "actions" in parts[1:-1] or source.relative in write_path


def only_actions_write(root: Path, write_path: dict[str, str]) -> list[str]:
    """Writes outside actions, factories (which live in tests), migrations and the named write path."""
    return [
        f"{source.at(node)}: {dotted(node.func)}() writes outside an action"
        for source in sources(root)
        if not allowed(source, write_path)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and is_write(node)
    ]


def test_only_actions_write():
    assert only_actions_write(SOURCE, WRITE_PATH) == []


def test_every_named_file_of_the_write_path_exists_and_writes():
    writes = {problem.split(":")[0] for problem in only_actions_write(SOURCE, {})}
    assert set(WRITE_PATH) <= writes


@pytest.mark.parametrize(
    "line",
    [
        "enterprise.save()",
        "Enterprise.objects.create(name='x')",
        "Enterprise.objects.filter(pk=1).update(name='x')",
        "queryset.delete()",
        "Enterprise.objects.bulk_create(rows)",
        "insert_rows(rows)",
        "Enterprise.objects.update_or_create(uscc='x')",
    ],
)
@pytest.mark.parametrize("place", ["enterprises/queries.py", "enterprises/web/pages.py", "kernel/measures.py"])
def test_a_planted_write_is_caught(tmp_path, line, place):
    root = plant(tmp_path, {place: f"def f(enterprise, queryset, rows):\n    {line}\n"})
    (problem,) = only_actions_write(root, WRITE_PATH)
    assert problem.startswith(f"{place}:2")


def test_actions_and_plain_dicts_are_free(tmp_path):
    root = plant(
        tmp_path,
        {
            "enterprises/actions.py": "def f(x):\n    x.save()\n",
            "enterprises/queries.py": "def f(x, d):\n    d.update({'a': 1})\n    digest.update(b'')\n",
            "enterprises/tests/factories.py": "def f(x):\n    x.save()\n",
        },
    )
    assert only_actions_write(root, {}) == []
