"""``diguan verify-case FILE``: whether a chain of events is as it was sealed. Needs no installation, no database, no network."""

from __future__ import annotations

import argparse
from pathlib import Path

from diguan.kernel.messages import Message
from diguan.kernel.seals import casefile
from diguan.site.commands import shared

UNPROVEN = 3


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("verify-case", help="离线核对一份留痕文件 / check the file of one chain, offline")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--key", default="", metavar="HEX", help="已公布的公钥，diguan seal --key 给出 / the public key as published, from diguan seal --key")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Check and say; 1 where something does not hold, 3 where it only agrees with itself: whoever rewrote all of it would have signed it with a key of their own."""
    try:
        found = casefile.check(args.file.read_text("utf-8"), args.key.strip().lower().split(" ")[-1])
    except OSError as error:
        raise shared.refuse(f"{args.file} 读不了：{error.strerror}", f"{args.file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, casefile.NoCaseFile) as error:
        raise shared.refuse(f"{args.file} 不是留痕文件：{error}", f"{args.file} is no case file: {error}") from error
    if args.json:
        shared.show({"events": found.events, "sealed": found.sealed, "until": found.until, "key": found.key, "key_given": bool(args.key),
                     "proven": bool(args.key) and not found.faults, "faults": [{"zh": fault.zh, "en": fault.en} for fault in found.faults]})
    else:
        for line in _lines(found, bool(args.key)):
            print(line)
    return 1 if found.faults else 0 if args.key else UNPROVEN


def _lines(found: casefile.Checked, given: bool) -> list[Message]:
    if found.faults:
        return [Message(f"✗ {fault.zh}", f"✗ {fault.en}") for fault in found.faults]
    mark = "✓" if given else "？"
    lines = [Message(f"{mark} {found.events} 条留痕首尾相接；前 {found.sealed} 条在 {found.until} 封存", f"{mark} {found.events} events hold; the first {found.sealed} were sealed at {found.until}")]
    if found.sealed < found.events:
        lines.append(Message(f"  第 {found.sealed + 1} 条起还没有封存：下一次封存之后再核", f"from event {found.sealed + 1} on nothing is sealed yet: check again after the next seal"))
    if not given:
        lines.append(Message(f"  还没有证明：没有给公钥，整份重写的也会这样。把 {found.key} 和公布的指纹对一对，或用 --key 再核一遍", f"not proven: no public key was given, and a file rewritten as a whole would look the same. Compare {found.key} with the published fingerprint, or check again with --key"))
    return lines
