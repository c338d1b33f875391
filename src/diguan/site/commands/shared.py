"""What the commands share: the refusal that exits 2, starting Django, printing. It loads no engine: who only starts others uses it too."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diguan.kernel.messages import Message

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person


SHORT = 8
"""So many letters of a run number are enough to name it, where only one begins so; commands print twelve."""


class BadInput(Exception):
    """Exit 2; each line names file, row, cell or line."""

    def __init__(self, lines: Iterable[object]) -> None:
        self.lines = [str(line) for line in lines]
        super().__init__("\n".join(self.lines))


def show(answer: Any) -> None:
    """One JSON document on stdout."""
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def acting(login_name: str, *permissions: str) -> Person:
    """In whose name a command acts: as named, else whoever longest holds these rights."""
    from diguan.kernel import access
    from diguan.kernel.refusals import Refusal

    try:
        return access.acting_person(login_name, *permissions)
    except Refusal as refusal:
        raise BadInput(refusal.reasons) from refusal


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """What an action refuses is bad input of the command."""
    from diguan.kernel.refusals import Refusal

    try:
        yield
    except Refusal as refusal:
        raise BadInput(refusal.reasons) from refusal


def run_id(kind: str, text: str) -> str:
    """The whole run number of a beginning of it, as commands and pages print it; what no run (or more than one) begins with comes back as it is."""
    from diguan.kernel.facts.runs import Run

    found = list(Run.objects.filter(kind=kind, run_id__startswith=text).values_list("run_id", flat=True)[:2]) if len(text) >= SHORT else []
    return found[0] if len(found) == 1 else text


def open_database() -> None:
    """Set Django up on a database of this version's schema.

    Raises:
        BadInput: there is no database yet, or an older one, or it does not answer.
    """
    start_django()
    from django.conf import settings
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise refuse(f"数据库打不开：{error}", f"the database cannot be opened: {error}") from error
    if plan:
        raise refuse(f"{settings.DIGUAN_DATA} 里还没有数据库，或是旧版的；先运行 diguan demo 或 diguan serve",
                     f"no database in {settings.DIGUAN_DATA} yet, or an older one; run diguan demo or diguan serve first")


def migrate() -> None:
    """Set Django up and bring the database to this version's schema; a new installation gets its database here.

    Raises:
        BadInput: the database does not answer.
    """
    start_django()
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise refuse(f"数据库打不开：{error}", f"the database cannot be opened: {error}") from error


def start_django() -> None:
    """Set Django up; only what needs the database pays for it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
    django.setup()


def in_child() -> int | None:
    """Fork: ``None`` in the child, which goes on; in the parent the child's exit code once it is done.

    A command that prepares something and then only watches others need not keep what the preparation took: with Django
    and the engine some hundreds of megabytes.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        return None
    before = signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    try:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except KeyboardInterrupt:  # Ctrl-C reaches both
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else 128 - code


def refuse(zh: str, en: str) -> BadInput:
    """A refusal of one sentence."""
    return BadInput([Message(zh, en)])


def write(out: Path, write: Callable[[], object]) -> None:
    """Write a result into a folder of the caller's choice.

    Raises:
        BadInput: it cannot be written there.
    """
    try:
        write()
    except OSError as error:
        raise refuse(f"结果写不到 {out}：{error.strerror}", f"cannot write the result to {out}: {error.strerror}") from error


def add_replace(parser: argparse.ArgumentParser) -> None:
    """The word without which :func:`put` leaves a file alone."""
    parser.add_argument("--replace", action="store_true", help="已有同名文件时覆盖 / replace the file if there is one")


def put(out: Path, content: bytes, *, replace: bool) -> None:
    """Write a file of the caller's choice; one that is there only where told so.

    Raises:
        BadInput: there is one already, or it cannot be written.
    """
    if out.exists() and not replace:
        raise refuse(f"{out} 已经在了；要覆盖请加 --replace", f"{out} is there already; to replace it say --replace")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise refuse(f"{out} 写不了：{error.strerror}", f"{out} cannot be written: {error.strerror}") from error
