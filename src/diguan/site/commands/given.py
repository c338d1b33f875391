"""What a command runs on: its days, a folder of data or the database, the policies of a folder or the packs."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterable
from pathlib import Path

from diguan.kernel import clocks, packs
from diguan.kernel.catalogue import Catalogue, CatalogueError, load_csv
from diguan.kernel.rules import document, standards, tree
from diguan.kernel.rules import folder as folders
from diguan.kernel.rules.dataset import Dataset, DatasetError
from diguan.site.commands.shared import BadInput


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


def instant(text: str | None) -> dt.datetime | None:
    """The moment an argument of :func:`moment` names, in the county's time where it says no zone; a day means its end."""
    if text is None:
        return None
    found = dt.datetime.fromisoformat(text)
    if len(text) == 10:
        found = dt.datetime.combine(found.date(), dt.time.max)
    return found if found.tzinfo else found.replace(tzinfo=clocks.COUNTY_TIME)


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
