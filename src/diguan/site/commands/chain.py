"""``diguan chain``: chain files checked, turned into tables and back, their schema, and the table of codes they stand on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diguan.chains.engine import chaincsv, chainfile, chainschema, chaintext
from diguan.chains.engine.chainfile import Read
from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.rules.nodes import MOST_BYTES, DocumentErrors, Problem
from diguan.site.commands import industries, shared

TABLES = {".csv": chaincsv.as_csv, ".xlsx": chaincsv.as_xlsx}
FILES = (".yaml", ".yml")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    parts = subparsers.add_parser("chain", help="产业链文件 / chain files").add_subparsers(dest="part", required=True)
    check = parts.add_parser("check", help="检查产业链文件或表 / check chain files or tables")
    check.add_argument("files", type=Path, nargs="+", metavar="FILE")
    table = parts.add_parser("table", help="产业链文件变成表（CSV 或 Excel） / a chain file as a table")
    file = parts.add_parser("file", help="表变成产业链文件（YAML） / a table as a chain file")
    for part, out in ((table, ".csv 或 .xlsx / .csv or .xlsx"), (file, "写到哪里；不写就打印出来 / where to; printed where left out")):
        part.add_argument("file", type=Path, metavar="FILE")
        part.add_argument("--out", type=Path, required=part is table, help=out)
        shared.add_replace(part)
    for part in (check, table, file, parts.add_parser("schema", help="JSON Schema")):
        part.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")
    industries.arguments(parts.add_parser("codes", help="检查行业分类全表，写进自己的数据包 / check the whole table of industries, write it into a pack of your own"), out_needed=False)


def run(args: argparse.Namespace) -> int:
    """Do the part that was asked for."""
    parts = {"check": _check, "table": _table, "file": _file, "schema": _schema, "codes": industries.run_whole}
    return parts[args.part](args)


def _schema(args: argparse.Namespace) -> int:
    shared.show(chainschema.schema())
    return 0


def _check(args: argparse.Namespace) -> int:
    """1 where something does not hold; links shared by these files are one thing in all of them and in the packs."""
    found: dict[str, Read] = {}
    problems: list[Problem] = []
    for path in args.files:
        try:
            found[str(path)] = _read(path)
        except DocumentErrors as error:
            problems += error.problems
    try:
        chainfile.check_shared({**_shipped({read.chain.id for read in found.values()}), **found})
    except DocumentErrors as error:
        problems += error.problems
    warnings = [warning for read in found.values() for warning in read.warnings]
    for problem in [*problems, *warnings]:
        print(problem, file=sys.stderr)
    if args.json:
        shared.show({"chains": [{"file": name, "id": read.chain.id, "version": read.chain.version, "nodes": len(read.chain.nodes), "edges": len(read.chain.edges)} for name, read in found.items()],
                     "problems": list(map(_shown, problems)), "warnings": list(map(_shown, warnings))})
    else:
        print(Message(f"{len(found)} 条链读得通，{len(problems)} 处问题，{len(warnings)} 处提醒", f"{len(found)} chains can be read, {len(problems)} problems, {len(warnings)} warnings"))
    return 1 if problems else 0


def _shipped(but: set[str]) -> dict[str, Read]:
    """The chains of the packs in force that these files do not replace."""
    found = {}
    for path in (path for folder in packs.files("chains") for path in sorted(folder.glob("*.yaml"))):
        read = chainfile.read(str(path), path.read_bytes(), packs.codes())
        if read.chain.id not in but:
            found[str(path)] = read
    return found


def _table(args: argparse.Namespace) -> int:
    make = TABLES.get(args.out.suffix.lower())
    if make is None:
        raise shared.refuse(f"表写成 .csv 或 .xlsx，不是 {args.out.name}", f"a table is a .csv or an .xlsx, not {args.out.name}")
    read = _needed(args.file)
    shared.put(args.out, make(read.chain), replace=args.replace)
    _say(args, read)
    return 0


def _file(args: argparse.Namespace) -> int:
    if args.out and args.out.suffix.lower() not in FILES:
        raise shared.refuse(f"产业链文件写成 .yaml，不是 {args.out.name}", f"a chain file is a .yaml, not {args.out.name}")
    read = _needed(args.file)
    text = chaintext.write(read.chain)
    if args.out:
        shared.put(args.out, text.encode(), replace=args.replace)
        _say(args, read)
    elif args.json:
        shared.show({"id": read.chain.id, "out": None, "text": text})
    else:
        sys.stdout.write(text)
    return 0


def _say(args: argparse.Namespace, read: Read) -> None:
    chain = read.chain
    if args.json:
        shared.show({"id": chain.id, "out": str(args.out), "nodes": len(chain.nodes), "edges": len(chain.edges)})
    else:
        print(Message(f"{chain.name.zh}：{len(chain.nodes)} 个环节、{len(chain.edges)} 条连线，写到 {args.out}", f"{chain.name.en}: {len(chain.nodes)} nodes and {len(chain.edges)} edges, written to {args.out}"))


def _needed(path: Path) -> Read:
    """The chain of a file; whatever is wrong in it is bad input."""
    try:
        read = _read(path)
    except DocumentErrors as error:
        raise shared.BadInput(error.problems) from error
    for warning in read.warnings:
        print(warning, file=sys.stderr)
    return read


def _read(path: Path) -> Read:
    try:
        if path.stat().st_size > 10 * MOST_BYTES:  # nobody's chain; the readers refuse above a megabyte
            raise shared.refuse(f"{path}: 文件太大", "the file is too large")
        content = path.read_bytes()
    except OSError as error:
        raise shared.refuse(f"{path}: 读不了：{error.strerror}", f"cannot be read: {error.strerror}") from error
    return (chainfile if path.suffix.lower() in FILES else chaincsv).read(str(path), content, packs.codes())


def _shown(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "zh": problem.message.zh, "en": problem.message.en, "nearest": problem.nearest}
