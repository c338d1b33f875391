"""``diguan demo``: writes the synthetic county's bureau files, the same ones every time."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from diguan.kernel import packs
from diguan.site.commands import shared
from diguan.site.demo import county, files


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("demo", help="写出合成县的部门文件 / write the synthetic county's bureau files")
    parser.add_argument("--folder", type=Path, default=Path(os.environ.get("DIGUAN_DATA", "data")) / "demo")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-serve", action="store_true", help="只备数据，不启动网页（现在总是如此） / prepare only, as it always does today")


def run(args: argparse.Namespace) -> int:
    """Draw the county and write its files."""
    params = packs.read_yaml(packs.SHIPPED / "hengyang" / "demo.yaml")
    firms = county.draw_firms(params)
    rows = [(firm, month) for firm in firms for month in county.months(firm, params)]
    deliveries = files.write_all(args.folder, firms, rows, params)
    if args.json:
        shared.show({"folder": str(args.folder), "enterprises": len(firms), "files": [d.path.name for d in deliveries]})
    else:
        print(f"合成县（演示数据，均为虚构）：企业 {len(firms)} 户，部门文件 {len(deliveries)} 份，在 {args.folder}")
    return 0
