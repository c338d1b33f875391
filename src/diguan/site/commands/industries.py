"""``diguan industries``: the full GB/T 4754 table into a pack; ``diguan chain codes`` is the same, and wants the whole standard."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diguan.kernel.messages import Message
from diguan.kernel.sheets import guard, industries
from diguan.kernel.sheets.industries import Table
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    arguments(subparsers.add_parser("industries", help="把国民经济行业分类装进数据包 / load the full GB/T 4754 table into a pack"), out_needed=True)


def arguments(parser: argparse.ArgumentParser, *, out_needed: bool) -> None:
    """What both commands take."""
    parser.add_argument("file", type=Path, help=".xlsx 或 .csv / .xlsx or .csv")
    parser.add_argument("--out", type=Path, required=out_needed, help="写到哪里，如 我们的包/industries.csv / where to, your pack's industries.csv")
    shared.add_replace(parser)
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Read, check and write; 1 and nothing written where a row cannot be used."""
    table = _read(args.file)
    return answer(args, table, [] if table.usable else [Message("有用不了的行，没有写出", "rows that cannot be used; nothing written")])


def run_whole(args: argparse.Namespace) -> int:
    """As :func:`run`; 1 and nothing written unless the table is the whole standard, every code below its parent."""
    table = _read(args.file)
    lost = [Message("有用不了的行，没有写出", "rows that cannot be used; nothing written")] if not table.usable else []
    return answer(args, table, [*table.missing(), *lost])


def _read(file: Path) -> Table:
    try:
        guard.check_size(file.stat().st_size)
        return industries.read(file.name, file.read_bytes())
    except guard.SheetRefused as refusal:
        raise shared.BadInput([f"{file}: {refusal.message}"]) from refusal
    except OSError as error:
        raise shared.refuse(f"{file}: 读不了：{error.strerror}", f"cannot be read: {error.strerror}") from error


def answer(args: argparse.Namespace, table: Table, faults: list[Message]) -> int:
    """Say what is odd; write where nothing is wrong."""
    for row in table.odd:
        print(f"{args.file}:{row.line}: {row.message}", file=sys.stderr)
    good = not faults
    if good and args.out:
        shared.put(args.out, industries.as_csv(table.names), replace=args.replace)
    if args.json:
        shared.show({"codes": len(table.names) if good else 0, "out": str(args.out) if good and args.out else None, "padded": table.padded,
                     "faults": [{"zh": fault.zh, "en": fault.en} for fault in faults], "rows": [{"row": row.line, "zh": row.message.zh, "en": row.message.en} for row in table.odd]})
    elif good:
        where = Message(f"，写到 {args.out}", f", written to {args.out}") if args.out else Message("，没有错误", ", nothing wrong")
        print(Message(f"{len(table.names)} 个代码{where.zh}", f"{len(table.names)} codes{where.en}"))
        if table.padded:
            print(Message(f"其中 {table.padded} 个写成了带门类字母的样子（C4030），已去掉", f"{table.padded} of them came with a section letter (C4030), now taken off"))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 0 if good else 1
