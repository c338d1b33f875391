"""``diguan backup FILE``: a consistent copy, taken while people work."""

from __future__ import annotations

import argparse
from pathlib import Path

import diguan
from diguan.site import archive
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("backup", help="备份到一个文件 / back up into one file")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Copy the database, then the files."""
    shared.open_database()
    from django.conf import settings

    from diguan.kernel import clocks

    try:
        count = archive.backup(args.file, Path(settings.DIGUAN_DATA), settings.DATABASES["default"], clocks.now().isoformat(), diguan.__version__)
    except archive.ArchiveError as error:
        raise shared.BadInput([error.message]) from error
    size = args.file.stat().st_size
    if args.json:
        shared.show({"file": str(args.file), "files": count, "bytes": size})
    else:
        print(f"已备份：数据库和 {count} 个文件，{size / 1e6:.1f} MB / backed up: the database and {count} files")
    return 0
