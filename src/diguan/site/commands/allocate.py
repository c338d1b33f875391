"""``diguan allocate``: who gets the money of a match, who waits, and who had something else instead."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from diguan.kernel import money
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("allocate", help="分配资金 / settle who gets the money")
    parser.add_argument("--run", default="", help="比对的运行号，缺省是页面用的那次 / the match; by default the one pages speak from")
    parser.add_argument("--after", default="", help="保留这次分配已安排的 / keep what this allocation granted")
    parser.add_argument("--out", type=Path, help="结果文件夹 / result folder")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Allocate and print the totals."""
    shared.open_database()
    from diguan.kernel.rules import runfile
    from diguan.policies.actions import allocation

    with shared.refusals():
        found = allocation.run_allocation(by=shared.acting(args.by, allocation.ALLOCATE), match=shared.run_id("match", args.run), after=shared.run_id("allocation", args.after))
    told = json.loads((found.folder / runfile.RUN).read_text("utf-8"))
    if args.out:
        shared.write(args.out, lambda: runfile.copy(found.folder, args.out))
    if args.json:
        shared.show({"as_of": told["as_of"], "run": found.run_id, "match": told["match"], "after": (told["after"] or {}).get("run"), "policies": told["totals"]})
        return 0
    print(f"按 {told['as_of']} 的比对 {told['match'][:12]} 分配，运行号 {found.run_id[:12]} / allocated by match {told['match'][:12]}, run {found.run_id[:12]}")
    for line in told["totals"]:
        if not line["left_out"]:
            left = "" if line["left_fen"] is None else f"，预算还剩 {money.words(line['left_fen'])}"
            print(f"{line['id']}：拟安排 {line['granted']} 户 {money.words(line['granted_fen'])}，轮候 {line['waitlisted']}，"
                  f"已选另一项 {line['displaced']}，未定 {line['undecided']}{left}")
    return 0
