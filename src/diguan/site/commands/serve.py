"""``diguan serve``: the web server and one worker, started and stopped together."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from diguan.kernel.messages import Message
from diguan.site.commands import shared
from diguan.site.commands.shared import BadInput

GRACE_SECONDS = 20
MOST_AT_REST = 250 * 2**20


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("serve", help="启动网页和后台处理 / start the web pages and the worker")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="网页进程数 / web processes")
    parser.add_argument("--worker-only", action="store_true", help="只跑后台处理 / the worker alone")
    parser.add_argument("--json", action="store_true", help="答得出网页时输出一份 JSON / one JSON document once the pages answer")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; a child that dies takes the other with it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
    if args.worker_only:
        return _work()
    check_port(args.host, args.port)
    code = shared.in_child()
    if code is None:
        prepare()
        _check_demo(args.host)
        return 0
    return code or serve(args.host, args.port, args.workers, ready=lambda: _say(args))


def serve(host: str, port: int, workers: int = 2, *, ready: Callable[[], None]) -> int:
    """Start pages and worker, call ``ready`` once the pages answer, wait for the end."""
    children: list[subprocess.Popen[bytes]] = []
    _stop_on_signals()
    try:
        children.extend(subprocess.Popen(command, start_new_session=True) for command in _commands(host, port, workers))
        _wait_for(host, port, children)
        ready()
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


def _wait_for(host: str, port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Until somebody listens; a child that dies ends the waiting too."""
    end = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < end and all(child.poll() is None for child in children):
        try:
            socket.create_connection((host if host not in ("0.0.0.0", "::") else "localhost", port), 0.5).close()  # noqa: S104
        except OSError:
            time.sleep(0.05)
        else:
            return


def _say(args: argparse.Namespace) -> None:
    host = f"[{args.host}]" if ":" in args.host else args.host
    if args.json:
        shared.show({"address": f"http://{host}:{args.port}/"})
        sys.stdout.flush()
        return
    print(f"滴灌在 http://{host}:{args.port} （Ctrl-C 停止 / stop）", flush=True)


def _check_demo(host: str) -> None:
    """The demo county's passwords are public: it is served to this machine only."""
    from django.conf import settings

    if settings.DIGUAN_DEMO and host not in ("127.0.0.1", "localhost", "::1"):
        raise BadInput([Message(f"演示县的密码是公开的，只能在本机打开，不能用 --host {host}",
                                f"the demo county's passwords are public: it is served to this machine only, not on --host {host}")])


def _commands(host: str, port: int, workers: int) -> list[list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "--workers-kill-timeout", "3"]
    worker = [sys.executable, "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]
    return [[*web, "diguan.site.wsgi:application"], [*worker, "serve", "--worker-only"]]


def check_port(host: str, port: int) -> None:
    """Refuse a port that cannot be bound.

    Raises:
        BadInput: somebody else has it, it is privileged, or there is no such port.
    """
    if not 1 <= port <= 65535:
        raise BadInput([Message(f"没有端口 {port}；端口在 1 到 65535 之间", f"no port {port}; ports are 1 to 65535")])
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = port + 10 if port <= 65525 else 8010
            raise BadInput([Message(f"{host}:{port} 用不了：{_why(error)[0]}。换一个端口：--port {other}",
                                    f"{host}:{port} cannot be used: {_why(error)[1]}. Take another: --port {other}")]) from error


def _why(error: OSError) -> tuple[str, str]:
    known = {errno.EADDRINUSE: ("已有程序在用这个端口", "another program uses this port"),
             errno.EACCES: ("没有权限用这个端口", "this port is not permitted to you")}
    text = error.strerror or str(error)
    return known.get(error.errno or 0, (text, text))


def prepare() -> None:
    """Bring the database to this version's schema and gather the static files."""
    from django.core.management import call_command

    shared.migrate()
    call_command("collectstatic", verbosity=0, interactive=False)


def _work() -> int:
    import threading

    shared.start_django()
    from diguan.kernel import declare, jobs

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    jobs.work(stop, chores=declare.run_due, rest=_renew)
    return 0


def _renew() -> None:
    """What a heavy job took is given back only with the process: the worker starts anew in its own place."""
    if _memory() <= MOST_AT_REST:
        return
    from django.db import connections

    connections.close_all()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (the command we were started with)


def _memory() -> int:
    """Bytes this process holds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _stop_on_signals() -> None:
    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # with whatever it has started itself
            child.wait()
