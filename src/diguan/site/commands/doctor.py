"""``diguan doctor``: whether the database and the files hold what they say."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from diguan.kernel.messages import Message
from diguan.site.commands import shared

Findings = list[Message]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("doctor", help="检查数据库、批次、留痕链、数据包、工作日历 / check database, batches, chains, packs, calendars")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Check everything; exits 1 where something does not hold. A file nobody names is told and does not count."""
    shared.open_database()
    from django.conf import settings

    from diguan.kernel.facts import files

    found = [(name, title, check()) for name, (title, check) in CHECKS.items()]
    orphans = [str(path.relative_to(settings.DIGUAN_DATA)) for path in files.orphans()]
    if args.json:
        shared.show({"ok": not any(problems for *_, problems in found), "orphans": orphans,
                     "checks": [{"name": name, "ok": not problems, "problems": [{"zh": p.zh, "en": p.en} for p in problems]}
                                for name, _title, problems in found]})
    else:
        _print(found, orphans)
    return 1 if any(problems for *_, problems in found) else 0


def _print(found: list[tuple[str, Message, Findings]], orphans: list[str]) -> None:
    for _name, title, problems in found:
        print(f"{'✗' if problems else '✓'} {title}")
        for problem in problems:
            print(f"    {problem}")
    if orphans:
        print(Message(f"{len(orphans)} 个文件没有批次用到（中断的导入留下的，无害）：", f"{len(orphans)} files that nothing names (left by a stopped import, harmless):"))
        for path in orphans:
            print(f"    {path}")


def _database() -> Findings:
    from django.db import connection

    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        said = [str(row[0]) for row in cursor.fetchall()]
    return [] if said == ["ok"] else [Message(f"SQLite 报告：{line}", f"SQLite says: {line}") for line in said]


def _batches() -> Findings:
    from diguan.kernel.facts import files

    words = {"missing": ("文件不见了", "its file is missing"), "changed": ("文件内容变了", "its file has changed")}
    return [Message(f"第 {number} 号批次：{words[what][0]}", f"batch {number}: {words[what][1]}") for number, what in files.damaged()]


def _uploads() -> Findings:
    from diguan.kernel.evidence.models import Evidence
    from diguan.kernel.facts import files
    from diguan.kernel.facts.models import Batch

    wanted = Batch.objects.exclude(upload_sha256="").order_by("id").values_list("id", "upload_sha256", "file_name")
    found = [Message(f"第 {number} 号批次的原文件 {name} 不见了或变了", f"the file of batch {number}, {name}, is missing or has changed")
             for number, digest, name in wanted if not _intact(files.upload_path(digest), digest)]
    papers = Evidence.objects.filter(upload__isnull=False).order_by("id").values_list("id", "upload__sha256", "upload__name")
    return found + [Message(f"第 {number} 号材料的文件 {name} 不见了或变了", f"the file of evidence {number}, {name}, is missing or has changed")
                    for number, digest, name in papers if not _intact(files.upload_path(digest), digest)]


def _intact(path: Path, digest: str) -> bool:
    from diguan.kernel.facts import files

    return path.exists() and files.sha256_of(path) == digest


def _runs() -> Findings:
    from diguan.kernel.facts import runs

    bad = [run for run in runs.Run.objects.order_by("id") if not runs.intact(run)]
    return [Message(f"运行 {run.run_id[:12]}（{run.as_of}）的结果不见了或变了", f"the result of run {run.run_id[:12]} ({run.as_of}) is missing or has changed")
            for run in bad]


def _chains() -> Findings:
    from diguan.kernel import events

    return [Message(f"{kind} {key} 的留痕链在第 {breaks[0].seq} 条断开（{breaks[0].what}）", f"the event chain of {kind} {key} breaks at {breaks[0].seq} ({breaks[0].what})")
            for (kind, key), breaks in events.verify_all().items()]


def _seals() -> Findings:
    from diguan.kernel.seals import queries

    return list(queries.faults())


def _packs() -> Findings:
    from diguan.indicators.queries import briefing_template, open_data, register
    from diguan.kernel import packs
    from diguan.kernel.access.roles import roles
    from diguan.kernel.sheets import shelf
    from diguan.kernel.stages import shelf as flows
    from diguan.policies import queries

    try:
        packs.catalogue(), packs.codes(), roles(), shelf.sheets(), flows.known(), register.book(), briefing_template.template(), open_data.settings()
    except ValueError as error:
        return [Message(str(error), str(error))]
    return [Message(f"{problem.file}:{problem.line} {problem.message.zh}", f"{problem.file}:{problem.line} {problem.message.en}")
            for problem in queries.library().problems] + _frozen()


def _frozen() -> Findings:
    """Flows that open courses froze and that name something the packs have no longer."""
    from diguan.kernel.stages import shelf as flows
    from diguan.kernel.stages.models import FlowVersion

    found = []
    for version in FlowVersion.objects.filter(courses__ended_at__isnull=True).distinct().order_by("id"):
        try:
            flows.read(version.sha256, version.text)
        except ValueError as error:
            found.append(Message(f"在办的流程 {version} 读不了：{error}", f"the flow {version} of open courses cannot be read: {error}"))
    return found


def _calendars() -> Findings:
    from diguan.kernel import packs

    try:
        packs.calendar()
    except packs.PackError as error:
        return [Message(str(error), str(error))]
    return []


def _ledger() -> Findings:
    from diguan.policies.models import Claim
    from diguan.policies.queries import reconciling

    return [Message(f"兑现 {fault.claim.pk}（{fault.claim.enterprise.name}）：{fault.what.zh}", f"claim {fault.claim.pk} ({fault.claim.enterprise.name}): {fault.what.en}")
            for fault in reconciling.check(Claim.objects.all())]


def _library() -> Findings:
    from diguan.services.queries import library_faults

    return library_faults.faults()


def _briefings() -> Findings:
    """Briefings whose text is not the one that was drafted, reviewed and signed."""
    from diguan.indicators.queries.briefings import changed

    return [Message(f"{row.month} 的简报第 {row.edition} 版：正文和摘要对不上", f"briefing of {row.month}, edition {row.edition}: its text is not what its digest says") for row in changed()]


CHECKS: dict[str, tuple[Message, Callable[[], Findings]]] = {
    "database": (Message("数据库", "database"), _database), "batches": (Message("批次文件", "batch files"), _batches),
    "uploads": (Message("导入的原文件和材料", "files brought in and evidence"), _uploads), "runs": (Message("运行结果", "results of runs"), _runs),
    "chains": (Message("留痕链", "event chains"), _chains), "seals": (Message("留痕封存", "seals"), _seals), "packs": (Message("数据包与政策", "packs and policies"), _packs),
    "calendars": (Message("工作日历", "calendars"), _calendars), "ledger": (Message("兑现台账", "ledger of payments"), _ledger),
    "library": (Message("事项与一件事", "matters and life events"), _library), "briefings": (Message("简报", "briefings"), _briefings),
}
