"""``diguan tick``: once, for cron, what the worker of ``serve`` does all the time."""

from __future__ import annotations

import argparse

from diguan.site.commands import shared


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("tick", help="把到时的事办一遍，给 cron 用 / run what is due once, for cron")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Take up jobs whose worker died, run what waits, send what is due, forget what is over; doing it twice does no harm."""
    shared.open_database()
    from django.core.management import call_command

    from diguan.kernel import declare, jobs
    from diguan.kernel.access import passwords
    from diguan.kernel.api.actions import forget_answers

    done = {"recovered": jobs.recover(), "jobs": jobs.run_pending(), "due": declare.run_due(), "forgotten": passwords.sweep() + forget_answers()}
    call_command("clearsessions")
    if args.json:
        shared.show(done)
    else:
        print(f"接回 {done['recovered']}，办完 {done['jobs']}，到时送出 {done['due']}，清掉 {done['forgotten']} / "
              f"recovered {done['recovered']}, ran {done['jobs']}, sent what was due {done['due']}, forgot {done['forgotten']}")
    return 0
