"""The command line. Exits 0 on success, 1 when what it checks does not hold, 2 on bad input."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from diguan.kernel.packs import PackError
from diguan.site.commands import (
    allocate,
    backup,
    createadmin,
    demo,
    doctor,
    explain,
    import_,
    industries,
    match,
    new_module,
    policy,
    restore,
    serve,
    tick,
    workdays,
)
from diguan.site.commands.shared import BadInput

COMMANDS = {"demo": demo, "import": import_, "match": match, "allocate": allocate, "explain": explain, "policy": policy, "industries": industries,
            "serve": serve, "tick": tick, "workdays": workdays, "createadmin": createadmin, "backup": backup, "restore": restore, "doctor": doctor,
            "new-module": new_module}


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    found = argparse.ArgumentParser(prog="diguan", description="滴灌：政策找企业 / match policies and enterprises")
    subparsers = found.add_subparsers(dest="command", required=True)
    for module in COMMANDS.values():
        module.add(subparsers)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; refusals go to stderr, in both languages."""
    args = parser().parse_args(argv)
    try:
        return int(COMMANDS[args.command].run(args))
    except BadInput as refusal:
        for line in refusal.lines:
            print(line, file=sys.stderr)
    except PackError as refusal:
        print(refusal, file=sys.stderr)
    except BrokenPipeError:  # the reader (head, less) has seen enough; nothing more may be flushed into its pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 2
