"""``diguan restore FILE``: a backup into an empty data folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from diguan.site import archive, environment
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("restore", help="从备份恢复到空的数据文件夹 / a backup into an empty data folder")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Unpack; the settings are not read before, since they would make a signing key of their own."""
    data = environment.data_folder()
    try:
        manifest = archive.restore(args.file, data, environment.database(data))
    except archive.ArchiveError as error:
        raise shared.BadInput([error.message]) from error
    if args.json:
        shared.show({"folder": str(data), "made_at": manifest["made_at"], "version": manifest["version"]})
    else:
        print(f"已恢复到 {data}，备份于 {manifest['made_at']}；请运行 diguan doctor 核对 / restored; run diguan doctor to check")
    return 0
