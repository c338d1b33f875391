"""What the commands share: the refusal that exits 2, dates, loading, printing."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diguan.kernel import clocks, packs
from diguan.kernel.catalogue import Catalogue, CatalogueError, load_csv
from diguan.kernel.messages import Message
from diguan.kernel.rules import document, standards, tree
from diguan.kernel.rules import folder as folders
from diguan.kernel.rules.dataset import Dataset, DatasetError

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person


class BadInput(Exception):
    """Exit 2; each line names file, row, cell or line."""

    def __init__(self, lines: Iterable[object]) -> None:
        self.lines = [str(line) for line in lines]
        super().__init__("\n".join(self.lines))


def day(text: str) -> dt.date:
    """An ISO date argument."""
    try:
        if len(text) == 10:
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text} 不是日期，应写成 2026-06-30 / {text} is no date, write 2026-06-30")


def moment(text: str) -> str:
    """An ISO date or time argument, kept as it is written."""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} 不是时间 / {text} is no time") from None
    return text


def add_data(parser: argparse.ArgumentParser) -> None:
    """The arguments of what runs on a folder, or on the database where none is given."""
    parser.add_argument("--data", type=Path, help="数据文件夹，缺省用数据库 / data folder; the database by default")
    parser.add_argument("--known-at", type=moment, help="所知截至，日期算到当天结束 / last delivery counted; a day counts to its end")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--policies", type=Path, help="政策文件夹 / policy folder")
    parser.add_argument("--as-of", type=day, help="判断日 / day of judgement")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def as_of(args: argparse.Namespace) -> dt.date:
    """The day of judgement; today where none is given."""
    return args.as_of or clocks.today()


def catalogue(folder: Path | None) -> Catalogue:
    """The folder's own catalogue, else the packs'."""
    path = folder / "catalogue.csv" if folder else None
    try:
        return load_csv(path) if path and path.exists() else packs.catalogue()
    except (UnicodeDecodeError, OSError) as error:
        raise BadInput([f"{path}: {error}"]) from error
    except (CatalogueError, packs.PackError) as error:  # these name the file themselves
        raise BadInput([error]) from error


def dataset(folder: Path) -> Dataset:
    """The data folder, checked."""
    catalogue(folder)
    try:
        return folders.read(folder, packs.catalogue())
    except DatasetError as error:
        raise BadInput(error.problems) from error


def with_standards(data: Dataset, policies: Iterable[tree.Policy], day: dt.date) -> Dataset:
    """The data with what the standards of the packs tell of everybody on a day, for what these policies read."""
    try:
        return standards.for_policies(data, policies, day)
    except document.DocumentErrors as error:
        raise BadInput(error.problems) from error


def policies(folder: Path | None, known: Catalogue) -> list[tree.Policy]:
    """The policies of a folder, where any problem refuses; or those of the packs that can be used, the others named on stderr."""
    found: list[tree.Policy] = []
    problems: list[document.Problem] = []
    for each in [folder] if folder else packs.files("policies"):
        more, wrong = document.load_folder(each, known, packs.codes())
        found += more
        problems += wrong
    if problems and folder:
        raise BadInput(problems)
    tell(problems)
    return found


def tell(problems: Iterable[object]) -> None:
    """Name on stderr what could not be used, one line each."""
    for problem in problems:
        sys.stderr.write(f"{problem}\n")


def show(answer: Any) -> None:
    """One JSON document on stdout."""
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def instant(text: str | None) -> dt.datetime | None:
    """The moment an argument of :func:`moment` names, in the county's time where it says no zone; a day means its end."""
    if text is None:
        return None
    found = dt.datetime.fromisoformat(text)
    if len(text) == 10:
        found = dt.datetime.combine(found.date(), dt.time.max)
    return found if found.tzinfo else found.replace(tzinfo=clocks.COUNTY_TIME)


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
