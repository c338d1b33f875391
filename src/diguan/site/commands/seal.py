"""``diguan seal``: seal what was done, now or what is due; show the public key; write the file of one chain."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from diguan.kernel.messages import Message
from diguan.site.commands import shared

if TYPE_CHECKING:
    from diguan.kernel.seals.models import Seal


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("seal", help="封存留痕 / seal what was done")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--now", action="store_true", help="封到此刻，不等零点 / up to this instant instead of the last midnight")
    what.add_argument("--key", action="store_true", help="只显示公钥 / only show the public key")
    what.add_argument("--case", nargs=3, metavar=("TYPE", "ID", "FILE"), help="把一条留痕链写成文件，供 verify-case 核对 / write one chain to a file for verify-case")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Seal, or show."""
    shared.open_database()
    from diguan.kernel.seals.signing import KeyUnusable

    try:
        return _case(*args.case) if args.case else _key(args.json) if args.key else _seal(args.now, args.json)
    except KeyUnusable as error:
        raise shared.BadInput([error.message]) from error


def _seal(at_once: bool, as_json: bool) -> int:
    from diguan.kernel import clocks
    from diguan.kernel.seals import actions
    from diguan.kernel.seals.models import Seal

    made = bool(actions.seal(clocks.now())) if at_once else bool(actions.seal_due())
    newest = Seal.objects.first()
    if as_json:
        shared.show({"made": made, "newest": newest and _told(newest)})
    elif newest is None:
        print(Message("还没有可封存的留痕", "nothing to seal yet"))
    else:
        told = _told(newest)
        print(Message(f"{'新封存' if made else '不必再封，最近一份'}：到 {told['until']}，根 {told['root']}，公钥 {told['fingerprint']}",
                      f"{'sealed' if made else 'nothing due, the newest is'} until {told['until']}, root {told['root']}, public key {told['fingerprint']}"))
    return 0


def _told(seal: Seal) -> dict[str, object]:
    import json

    from diguan.kernel.seals import signing

    statement = json.loads(seal.statement)
    return {"until": statement["until"], "heads": statement["heads"], "root": statement["root"], "suite": seal.suite, "public_key": seal.public_key,
            "fingerprint": signing.fingerprint(seal.public_key), "signature": seal.signature, "statement": seal.statement}


def _key(as_json: bool) -> int:
    from django.conf import settings

    from diguan.kernel.seals import signing

    suite, private = signing.private_key(Path(settings.DIGUAN_SEAL_KEY))
    public = suite.public(private)
    if as_json:
        shared.show({"suite": suite.name, "public_key": public, "fingerprint": signing.fingerprint(public)})
    else:
        print(f"{suite.name} {public}\n{signing.fingerprint(public)}")
    return 0


def _case(kind: str, key: str, target: str) -> int:
    from diguan.kernel.events import Event
    from diguan.kernel.seals import queries

    if not Event.objects.filter(root_type=kind, root_id=key).exists():
        raise shared.refuse(f"没有 {kind} {key} 的留痕；类型如 kernel.course、policies.claim", f"there are no events of {kind} {key}; types are such as kernel.course, policies.claim")
    path = Path(target)
    if path.exists():
        raise shared.refuse(f"{path} 已经在了，不覆盖", f"{path} is there already and is not overwritten")
    try:
        path.write_text(queries.chain_file(kind, key), "utf-8")
    except OSError as error:
        raise shared.refuse(f"{path} 写不了：{error.strerror}", f"{path} cannot be written: {error.strerror}") from error
    print(Message(f"已写入 {path}", f"written to {path}"))
    return 0
