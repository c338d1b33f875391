"""``diguan import``: one file, one batch or nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from diguan.kernel import periods
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import guard
from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("import", help="导入一份表 / import one sheet")
    parser.add_argument("file", type=Path, help=".xlsx 或 .csv / .xlsx or .csv")
    parser.add_argument("--sheet", required=True, help="哪种表，如 tax_monthly / which sheet")
    parser.add_argument("--period", help="期间，如 2026-08 / period")
    parser.add_argument("--source", default="", help="来源，缺省按表 / source, the sheet's own by default")
    parser.add_argument("--partial", action="store_true", help="这份不齐全：未列出的企业不算没有 / not complete: who is missing is not known to have none")
    parser.add_argument("--reason", default="", help="看着不对但核对过没错：理由 / why a delivery that looks wrong is right")
    parser.add_argument("--only-new", action="store_true", help="只补没有的，已有的数不动 / add what is not there yet, change nothing")
    parser.add_argument("--by", default="", help="以谁的名义（登录名） / in whose name (login name)")
    parser.add_argument("--marked", type=Path, help="有错时把标好错误的表写到这里 / write the file with its errors marked here")
    parser.add_argument("--dry-run", action="store_true", help="只检查 / only check")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Check the file and, unless it is a dry run, commit it."""
    content = _content(args.file)
    shared.open_database()
    from diguan.kernel.facts import deliveries

    person = shared.acting(args.by, deliveries.permission_of(args.sheet))
    try:
        request = deliveries.Request(args.sheet, _period(args.period), args.source, () if args.partial else None, args.only_new)
        found = deliveries.preview(request, args.file.name, content, by=person)
        if found.ok and found.settled(args.reason) and not args.dry_run:
            upload = deliveries.keep(args.file.name, content, args.sheet, by=person)
            batch = deliveries.commit(request, upload, content, by=person, reason=args.reason)
            return _tell(args, found, batch.pk if batch else None)
    except guard.SheetRefused as refusal:
        raise shared.BadInput([f"{args.file}: {refusal.message}"]) from refusal
    except Refusal as refusal:
        raise shared.BadInput([f"{args.file}: {reason}" for reason in refusal.reasons]) from refusal
    if found.twin is not None:
        raise shared.refuse(f"{args.file}: 这份文件已经入库，是第 {found.twin.pk} 号批次", f"this very file is already in, as batch {found.twin.pk}")
    return _tell(args, found, None, content)


def _content(path: Path) -> bytes:
    try:
        guard.check_size(path.stat().st_size)
        return path.read_bytes()
    except guard.SheetRefused as refusal:
        raise shared.BadInput([f"{path}: {refusal.message}"]) from refusal
    except OSError as error:
        raise shared.refuse(f"{path}: 读不了：{error.strerror}", f"cannot be read: {error.strerror}") from error


def _period(text: str | None) -> periods.Period | None:
    try:
        return periods.parse(text) if text else None
    except periods.PeriodError as error:
        raise shared.refuse(f"--period {text} 不是期间，应写成 2026-08", f"--period {text} is no period, write 2026-08") from error


def _tell(args: argparse.Namespace, found: Any, batch: int | None, content: bytes = b"") -> int:
    checked, good = found.checked, found.checked.ok and found.settled(args.reason)
    if checked.errors and args.marked:
        from diguan.kernel.sheets import marks

        args.marked.write_bytes(marks.marked(found.name, content, checked))
    answer = {
        "sheet": found.sheet.name, "rows": checked.rows, "accepted": checked.rows if good else 0,
        "rejected": checked.rejected, "errors": [error.as_json() for error in checked.errors], "batch": batch,
        "warnings": [error.as_json() for error in checked.warnings], "doubts": [{"zh": doubt.zh, "en": doubt.en} for doubt in found.doubts], "changes": found.counts,
        "coverage": [{"fact": fact, "period": period} for fact, period in found.coverage],
    }
    if args.json:
        shared.show(answer)
    else:
        _print(args, answer, checked)
    return 0 if good else 1


def _print(args: argparse.Namespace, answer: dict[str, Any], checked: Any) -> None:
    name, counts = args.file.name, _Zero(answer["changes"])
    for error in (*checked.errors, *checked.warnings):
        word = "提示 / note" if error.warning else "错误 / error"
        print(f"{word} {name} {error.cell} [{error.column}] {error.value!r}: {error.message}", file=sys.stderr)
    for doubt in answer["doubts"]:
        print(f"存疑 / doubt {name}: {doubt['zh']} / {doubt['en']}", file=sys.stderr)
    print(Message(f"{name}：{answer['rows']} 行，可入库 {answer['accepted']}，有错 {answer['rejected']}",
                  f"{name}: {answer['rows']} rows, {answer['accepted']} accepted, {answer['rejected']} rejected"))
    if checked.ok:
        print(Message("新增 {new}，变化 {changed}，相同 {same}，不再出现 {gone}".format_map(counts),
                      "new {new}, changed {changed}, same {same}, gone {gone}".format_map(counts)))
    if checked.ok and counts["gone"]:
        print(Message(f"这份当作齐全的：先前有、这份没有的 {counts['gone']} 个数记为“没有”。不齐全请加 --partial",
                      f"taken as complete: {counts['gone']} values told before and not here count as none. Add --partial if it is not"), file=sys.stderr)
    _say_end(args, answer, checked)


def _say_end(args: argparse.Namespace, answer: dict[str, Any], checked: Any) -> None:
    """Whether it was committed, and what to do where it was not."""
    if answer["batch"]:
        print(Message(f"已入库，批次号 {answer['batch']}", f"committed as batch {answer['batch']}"))
    elif not checked.ok:
        print(Message("有错，一行也没有入库；--marked 文件名 可把错误标在表里", "errors: nothing was committed; --marked FILE writes them into the sheet"),
              file=sys.stderr)
    elif not answer["accepted"]:
        print(Message("看着不对，没有入库；核对过没错请加 --reason 理由，只补没有的请加 --only-new",
                      "it looks wrong and was not committed; add --reason TEXT if it is right, or --only-new to add what is not there yet"), file=sys.stderr)
    elif args.dry_run:
        print(Message("只检查，没有入库", "checked only, nothing committed"))


class _Zero(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 0
