"""``diguan serve``: the web server and one worker, started and stopped together."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from diguan.site.commands import shared
from diguan.site.commands.shared import BadInput

GRACE_SECONDS = 20


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("serve", help="启动网页和后台处理 / start the web pages and the worker")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="网页进程数 / web processes")
    parser.add_argument("--worker-only", action="store_true", help="只跑后台处理 / the worker alone")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; a child that dies takes the other with it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
    if args.worker_only:
        return _work()
    _check_port(args.host, args.port)
    _prepare()
    children = [subprocess.Popen(command) for command in _commands(args)]
    _stop_on_signals()
    print(f"滴灌在 http://{args.host}:{args.port} （Ctrl-C 停止 / stop）", flush=True)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


def _commands(args: argparse.Namespace) -> list[list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", args.host, "--port", str(args.port)]
    web += ["--workers", str(args.workers), "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    worker = [sys.executable, "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]
    return [[*web, "diguan.site.wsgi:application"], [*worker, "serve", "--worker-only"]]


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(
                [
                    (f"{host}:{port} 用不了：{error.strerror}。换一个端口：--port {port + 10} / "
                    f"{host}:{port} cannot be used: {error.strerror}. Take another: --port {port + 10}")
                ]
            ) from error


def _prepare() -> None:
    from django.core.management import call_command

    shared.start_django()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def _work() -> int:
    import threading

    shared.start_django()
    from diguan.kernel import jobs

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    jobs.work(stop)
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
            child.kill()
            child.wait()
