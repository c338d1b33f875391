"""The command line. Exits 0 on success, 1 when what it checks does not hold, 2 on bad input."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

# Before anything loads numpy: threads of linear algebra that wait for one another on shared processors cost ten times what they save.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from diguan.kernel.packs import PackError
from diguan.site.commands.shared import BadInput

COMMANDS = {name: name.replace("-", "_") for name in (
    "demo", "import", "match", "allocate", "simulate", "evaluate", "indicators", "case-measures", "explain", "policy", "chain", "industries", "serve", "tick", "workdays", "createadmin", "backup", "restore", "doctor", "seal", "verify-case",
    "new-module")} | {"import": "import_"}
"""Module of each command; only the one that runs is loaded, for whoever starts others keeps it for days."""


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Every command with its arguments, or one."""
    found = argparse.ArgumentParser(prog="diguan", description="滴灌：政策找企业 / match policies and enterprises")
    subparsers = found.add_subparsers(dest="command", required=True)
    for name in [only] if only else COMMANDS:
        _module(name).add(subparsers)
    return found


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"diguan.site.commands.{COMMANDS[name]}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; refusals go to stderr, in both languages."""
    words = sys.argv[1:] if argv is None else list(argv)
    args = parser(words[0] if words and words[0] in COMMANDS else None).parse_args(words)
    try:
        return int(_module(args.command).run(args))
    except BadInput as refusal:
        for line in refusal.lines:
            print(line, file=sys.stderr)
    except PackError as refusal:
        print(refusal, file=sys.stderr)
    except BrokenPipeError:  # the reader (head, less) has seen enough; nothing more may be flushed into its pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 2
