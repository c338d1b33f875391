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
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


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
    good = bool(table) and not any(row.left_out for row in odd)
    if good:
        _write(args.out, industries.as_csv(table))
    if args.json:
        shared.show({"codes": len(table) if good else 0, "out": str(args.out) if good else None,
                     "rows": [{"row": row.line, "zh": row.message.zh, "en": row.message.en} for row in odd]})
    elif good:
        print(Message(f"{len(table)} 个代码，写到 {args.out}", f"{len(table)} codes, written to {args.out}"))
    if not good:
        print(Message("有用不了的行，没有写出", "rows that cannot be used; nothing written"), file=sys.stderr)
    return 0 if good else 1


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise shared.refuse(f"{out} 写不了：{error.strerror}", f"{out} cannot be written: {error.strerror}") from error
