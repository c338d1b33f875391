"""``diguan policy check`` tries documents and their examples; ``diguan policy schema`` prints the JSON Schema."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from diguan.kernel import packs
from diguan.kernel.rules import document, schema
from diguan.site.commands import given, shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    parts = subparsers.add_parser("policy", help="检查政策文件 / check policy documents").add_subparsers(dest="part", required=True)
    check = parts.add_parser("check", help="试算例、核引文 / try examples, check quotes")
    check.add_argument("folder", type=Path)
    check.add_argument("--data", type=Path)
    check.add_argument("--json", action="store_true")
    parts.add_parser("schema", help="JSON Schema").add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Check a folder (1 where something does not hold), or print the schema."""
    if args.part == "schema":
        shared.show(schema.schema())
        return 0
    if not args.folder.is_dir():
        raise shared.refuse(f"没有这个文件夹：{args.folder}", f"no such folder: {args.folder}")
    found, problems = document.load_folder(args.folder, given.catalogue(args.data), packs.codes())
    for problem in problems:
        print(problem, file=sys.stderr)
    if args.json:
        shared.show({"policies": [{"id": p.id, "version": p.version, "clauses": len(p.clauses), "examples": len(p.examples)} for p in found],
                     "problems": [{"file": p.file, "line": p.line, "zh": p.message.zh, "en": p.message.en, "nearest": p.nearest} for p in problems]})
    else:
        held = [policy.id for policy in found if not policy.publishable]
        print(f"{len(found)} 份政策可用，{len(problems)} 处问题" + (f"；还不能发布：{'、'.join(held)}" if held else ""))
    return 1 if problems else 0
