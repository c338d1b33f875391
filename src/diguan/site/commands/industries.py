"""``diguan industries``: the full GB/T 4754 table into a pack."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diguan.kernel.messages import Message
from diguan.kernel.sheets import guard, industries
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("industries", help="把国民经济行业分类装进数据包 / load the full GB/T 4754 table into a pack")
    parser.add_argument("file", type=Path, help=".xlsx 或 .csv / .xlsx or .csv")
    parser.add_argument("--out", type=Path, required=True, help="写到哪里，如 我们的包/industries.csv / where to, your pack's industries.csv")


def run(args: argparse.Namespace) -> int:
    """Read, check and write; 1 and nothing written where a row cannot be used."""
    try:
        guard.check_size(args.file.stat().st_size)
        table, odd = industries.read(args.file.name, args.file.read_bytes())
    except guard.SheetRefused as refusal:
        raise shared.BadInput([f"{args.file}: {refusal.message}"]) from refusal
    except OSError as error:
        raise shared.refuse(f"{args.file}: 读不了：{error.strerror}", f"cannot be read: {error.strerror}") from error
    for row in odd:
        print(f"{args.file}:{row.line}: {row.message}", file=sys.stderr)
    if any(row.left_out for row in odd) or not table:
        print(Message("有用不了的行，没有写出", "rows that cannot be used; nothing written"), file=sys.stderr)
        return 1
    args.out.write_bytes(industries.as_csv(table))
    print(Message(f"{len(table)} 个代码，写到 {args.out}", f"{len(table)} codes, written to {args.out}"))
    return 0
