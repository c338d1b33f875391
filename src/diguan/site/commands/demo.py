"""``diguan demo``: prepares the synthetic county through the ordinary imports, then serves it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.site.commands import serve, shared
from diguan.site.demo import accounts, county, state
from diguan.site.demo.firm import Params

HOST = "127.0.0.1"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("demo", help="备好合成县并启动网页 / prepare the synthetic county and serve it")
    parser.add_argument("--port", type=int, default=8000, help="端口，缺省 8000 / port")
    parser.add_argument("--no-serve", action="store_true", help="只备数据，不启动网页 / prepare only")
    parser.add_argument("--folder", type=Path, help="部门文件写到哪里，缺省在数据文件夹的 demo 里 / where the bureaus' files are written")
    parser.add_argument("--firms", type=int, metavar="N", help="企业数，缺省是整个县 / a county of about so many firms, default the whole one")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Prepare what is missing, say how to log in, and serve until Ctrl-C."""
    if not args.no_serve:
        serve.check_port(HOST, args.port)
    try:
        params = county.parameters(args.firms)
    except Refusal as refusal:
        raise shared.BadInput(refusal.reasons) from refusal
    os.environ["DIGUAN_DEMO"] = "1"
    os.environ["DIGUAN_TODAY"] = str(params["today"])
    code = None if args.no_serve else shared.in_child()
    if code is None:
        return _prepared(args, params)
    return code or serve.serve(HOST, args.port, ready=lambda: _say(args.port))


def _prepared(args: argparse.Namespace, params: county.Params) -> int:
    try:
        answer = _prepare(args, params)
    except KeyboardInterrupt:
        print(Message("停在半路；再运行一次会接着做", "stopped on the way; run it again and it goes on"), file=sys.stderr)
        return 130
    except Refusal as refusal:
        raise shared.BadInput(refusal.reasons) from refusal
    if args.json:
        shared.show(answer)
    return 0


def _prepare(args: argparse.Namespace, params: Params) -> dict[str, Any]:
    """Make the county where it is not finished; the answer's keys are stable."""
    serve.prepare()
    from django.conf import settings

    from diguan.site.demo import build

    data = Path(settings.DIGUAN_DATA)
    folder = args.folder or data / "demo"
    wanted = build.state_of(params)
    with _alone(data):
        found = state.read(data)
        _check(found, wanted, data)
        if found is None or not found.finished:
            state.write(data, wanted)
            build.build(folder, params, _tell)
            state.write(data, state.State(wanted.version, wanted.today, finished=True))
    return _answer(folder)


def _check(found: state.State | None, wanted: state.State, data: Path) -> None:
    """What the folder already holds: nothing, this county, an older one, or somebody's real one."""
    from diguan.kernel.access.models import Person

    if found is None and Person.objects.exists():
        raise shared.refuse(f"{data} 里已有别的县在用，演示不会写进去；请另指一个文件夹：DIGUAN_DATA=另一个文件夹",
                            f"{data} holds an installation that is no demo; name another folder: DIGUAN_DATA=another-folder")
    if found is None or found.version == wanted.version:
        return
    if not found.finished:
        raise shared.refuse(f"{data} 里有别的版本没有备完的演示县；请删掉它，或另指 DIGUAN_DATA",
                            f"{data} holds an unfinished demo county of another version; remove it, or name another DIGUAN_DATA")
    print(Message(f"{data} 里是先前版本的演示县，照旧打开；要新的，请删掉它或另指 DIGUAN_DATA",
                  f"{data} holds the demo county of an earlier version and is opened as it is; for the new one remove it or name another DIGUAN_DATA"),
          file=sys.stderr)


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Only one preparation in a folder at a time; the lock ends with the process."""
    import fcntl

    with (data / ".demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise shared.refuse(f"另一个 diguan demo 正在 {data} 里备数据，请等它做完", f"another diguan demo is preparing {data}; wait for it") from error
        yield


def _answer(folder: Path) -> dict[str, Any]:
    from diguan.enterprises.models import Enterprise
    from diguan.kernel.facts.models import Batch
    from diguan.kernel.facts.runs import Run

    last = Run.objects.filter(kind="match").order_by("-known_at", "-id").first()
    return {"folder": str(folder), "enterprises": Enterprise.objects.count(), "batches": Batch.objects.count(),
            "files": sorted(path.name for path in folder.glob("*.*")), "run": last.run_id if last else None,
            "accounts": [{"login": login, "password": account.password, "role": account.role} for login, account in accounts.ACCOUNTS.items()]}


def _tell(line: object) -> None:
    print(line, file=sys.stderr, flush=True)


def _say(port: int) -> None:
    # The roles were read and checked by the child that prepared; what watches has no Django.
    titles = {name: node["title"] for path in packs.files("roles.yaml") for name, node in packs.read_yaml(path).items() if name != "__line__"}
    lines = [f"滴灌演示 / Diguan demo: http://{HOST}:{port}   （Ctrl-C 停止 / to stop）", ""]
    for login, account in accounts.ACCOUNTS.items():
        zh, en = titles[account.role]["zh"], titles[account.role]["en"]
        lines.append(f"  {login:<11}{account.password}   {zh}{' ' * (14 - _width(zh))}{en}")
    lines += ["", "数据全部是合成的，不指任何真实单位或个人。 / All data are synthetic."]
    _tell("\n".join(lines))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
