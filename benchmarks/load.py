"""Mixed load on a real server: ``python benchmarks/load.py [--seconds 300] [--rate 100] [--carries 30] [--demo FOLDER] [--databases sqlite postgresql]``.

``diguan serve`` over the demo county; an open-loop generator asks at fixed instants, whether answers have come or not,
and counts an answer from the instant it was due. Five people are logged in; nine in ten asks are reads (home, list,
search, dossier, facts, policies, an enterprise's own page), one in ten begins a write: a form is fetched, its token
taken, a contact saved. Every answer's status is checked. ``--carries`` is a lower rate, asked for the first two minutes before: what the
machine does carry is told beside what it does not. Writes ``results/load.json``. ``--seconds 30`` while developing.
"""

from __future__ import annotations

import argparse
import http.client
import json
import queue
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import installation
import record

HOST, THREADS = "127.0.0.1", 48
PATIENCE = 60.0
"""Seconds after the last ask is due; what has not been asked by then counts as an error."""
MOST_ERRORS = 0
LOGINS = ("leader", "officer", "clerk", "agent", "admin")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Session:
    """One person's cookies; a thread keeps its own connection."""

    login: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, line: http.client.HTTPConnection, method: str, address: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, body and where to go on."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept-Language": "zh"}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{HOST}:{line.port}/"}
        line.request(method, quote(address, safe="/?=&%"), urlencode(form) if form is not None else None, headers)
        answer = line.getresponse()
        body = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, body, answer.getheader("Location") or ""


@dataclass(frozen=True)
class Ask:
    """One read: its kind, who asks, the address."""

    kind: str
    login: str
    address: str


class Load:
    """The generator: asks at their instants, answers with what came of them."""

    def __init__(self, port: int, firms: list[str], own: list[str], policies: list[str]) -> None:
        self.port, self.firms, self.own, self.policies = port, firms, own, policies
        self.sessions = {login: Session(login) for login in LOGINS}
        self.seconds: dict[str, list[float]] = {}
        self.wrong: list[str] = []
        self.late, self.took, self.end = 0.0, 0.0, float("inf")
        self._due: queue.Queue[tuple[float, Ask] | None] = queue.Queue()
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Log everybody in by the form."""
        from diguan.site.demo.accounts import ACCOUNTS

        for login, session in self.sessions.items():
            line = http.client.HTTPConnection(HOST, self.port, timeout=60)
            _status, body, _to = session.ask(line, "GET", "/login/")
            status, body, _to = session.ask(line, "POST", "/login/", {"csrfmiddlewaretoken": _token(body), "login_name": login, "password": ACCOUNTS[login].password, "next": "/"})
            assert status == 302, (login, status, body[:400])

    def asks(self, seed: int) -> Iterator[Ask]:
        """An endless mixture, seeded."""
        dice = random.Random(seed)
        kinds: list[tuple[int, str, Callable[[], tuple[str, str]]]] = [
            (8, "home", lambda: (dice.choice(("leader", "officer", "clerk")), "/")),
            (22, "list", lambda: (dice.choice(("leader", "officer")), dice.choice(("/enterprises/", f"/enterprises/?page={dice.randint(1, 20)}", "/enterprises/?town=西渡镇", "/enterprises/?cluster=钟表&sort=-established")))),
            (10, "search", lambda: (dice.choice(("leader", "officer", "clerk")), f"/search/?q={dice.choice(('衡岳', '精密', '演示', 'hy', '9143'))}")),
            (18, "dossier", lambda: (dice.choice(("leader", "officer", "clerk")), f"/enterprises/{dice.choice(self.firms)}/")),
            (6, "facts", lambda: (dice.choice(("leader", "officer")), f"/enterprises/{dice.choice(self.firms)}/facts/")),
            (14, "policy", lambda: (dice.choice(("leader", "officer")), f"/policies/{dice.choice(self.policies)}/")),
            (4, "policies", lambda: (dice.choice(("leader", "officer")), "/policies/")),
            (8, "mine", lambda: ("agent", f"/policies/mine/?uscc={dice.choice(self.own)}")),
            (10, "write", lambda: ("clerk", f"/enterprises/{dice.choice(self.firms)}/contacts/new/"))]
        weights = [weight for weight, *_ in kinds]
        while True:
            _weight, kind, make = dice.choices(kinds, weights)[0]
            yield Ask(kind, *make())

    def run(self, seconds: float, rate: float, seed: int) -> None:
        """Ask at ``rate`` a second."""
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for worker in workers:
            worker.start()
        begun = time.perf_counter() + 0.2
        self.end = begun + seconds + PATIENCE
        for number, ask in zip(range(int(seconds * rate)), self.asks(seed), strict=False):
            due = begun + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            self._due.put((due, ask))
        for _ in workers:
            self._due.put(None)
        for worker in workers:
            worker.join()
        self.took = time.perf_counter() - begun

    def _work(self) -> None:
        line = http.client.HTTPConnection(HOST, self.port, timeout=60)
        while (given := self._due.get()) is not None:
            due, ask = given
            waited = time.perf_counter() - due
            try:
                wrong = self._one(line, ask) if due + waited < self.end else f"{ask.kind} {ask.address}: not asked in time"
            except (OSError, http.client.HTTPException) as error:
                wrong = f"{ask.kind} {ask.address}: {error!r}"
                line.close()
            with self._lock:
                self.seconds.setdefault(ask.kind, []).append(time.perf_counter() - due)
                self.late = max(self.late, waited)
                if wrong:
                    self.wrong.append(wrong)

    def _one(self, line: http.client.HTTPConnection, ask: Ask) -> str:
        """What is wrong with the answer; nothing else."""
        session = self.sessions[ask.login]
        status, body, _to = session.ask(line, "GET", ask.address)
        if status != 200:
            return f"{ask.kind} {ask.address}: {status}"
        if ask.kind != "write":
            return "" if "</html>" in body else f"{ask.kind} {ask.address}: no whole page"
        form = {"csrfmiddlewaretoken": _token(body), "name": f"联系人{random.randrange(10**9)}", "role": "办公室主任", "phone": ""}
        status, _body, to = session.ask(line, "POST", ask.address, form)
        return "" if status == 302 and to.endswith(ask.address.removesuffix("contacts/new/")) else f"write {ask.address}: {status} {to}"


def _token(body: str) -> str:
    found = _TOKEN.search(body)
    assert found is not None, body[:400]
    return found[1]


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def measure(data: Path, given: argparse.Namespace, name: str) -> dict[str, Any]:
    """One database: serve the county, load it, count what was written."""
    installation.start(data)
    from diguan.enterprises.models import Contact, Enterprise
    from diguan.kernel.access.models import Delegation
    from diguan.policies import queries

    if given.county and not Enterprise.objects.exists():
        installation.county(given.county, 12, 6)
    firms = list(Enterprise.objects.order_by("uscc").values_list("uscc", flat=True))
    before, port = Contact.objects.count(), given.port or free_port()
    server = subprocess.Popen([*installation.CLI, "serve", "--port", str(port), "--workers", str(given.workers)], env=installation.environment(data), stdout=subprocess.DEVNULL)
    try:
        _wait(port, server)
        load = Load(port, firms, list(Delegation.objects.filter(person__login_name="agent").values_list("uscc", flat=True)), sorted(queries.library().policies))
        load.enter()
        rounds = []
        # First a little, so that processes read their templates and catalogues.
        for seed, (seconds, rate) in enumerate([(min(10.0, given.seconds), given.rate / 4), (min(120.0, given.seconds), given.carries), (given.seconds, given.rate)], 1):
            load.seconds, load.wrong = {}, []
            load.run(seconds, rate, seed)
            rounds.append(_round(load, seconds, rate))
    finally:
        server.terminate()
        server.wait(30)
    warm, carried, full = rounds
    return {"database": name, "firms": len(firms), "web_processes": given.workers, **full, "carried": carried, "errors_while_warming": warm["errors"],
            "writes_asked": sum(each["writes"] for each in rounds), "writes_found": Contact.objects.count() - before}


def _round(load: Load, seconds: float, rate: float) -> dict[str, Any]:
    """What came of one stretch at one rate."""
    done = {kind: len(found) - sum(wrong.startswith(f"{kind} ") for wrong in load.wrong) for kind, found in load.seconds.items()}
    return {"seconds": seconds, "rate": rate, "all": record.percentiles([one for found in load.seconds.values() for one in found]),
            "by_kind": {kind: record.percentiles(found) for kind, found in sorted(load.seconds.items())}, "errors": len(load.wrong), "first_errors": load.wrong[:5],
            "errors_by_sort": dict(Counter(wrong.rpartition(": ")[2][:80] for wrong in load.wrong).most_common(20)),
            "answered_a_second": round(sum(done.values()) / load.took, 1), "writes": done.get("write", 0), "longest_wait_for_a_thread_ms": round(load.late * 1000, 1)}


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            http.client.HTTPConnection(HOST, port, timeout=2).request("GET", "/login/")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server does not answer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--carries", type=float, default=30, help="a rate the machine carries, asked for two minutes before")
    parser.add_argument("--workers", type=int, default=2, help="web processes of the server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--demo", type=Path, help="a folder with the demo county on SQLite, which is copied; made aside where none is given")
    parser.add_argument("--county", type=int, default=0, help="a synthetic county of so many firms in place of the demo")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
            data = Path(folder) / "data"
            if given.demo and given.measure == "sqlite":
                shutil.copytree(given.demo, data)
            elif not given.county:
                installation.demo(data)
            print(json.dumps(measure(data, given, given.measure), ensure_ascii=False))
        return 0
    passed = [part for name in ("seconds", "rate", "carries", "workers", "port", "county") for part in (f"--{name}", getattr(given, name))]
    found = installation.databases(given.databases, __file__, *passed, *(["--demo", given.demo] if given.demo else []))
    for name, line in found.items():
        print(f"{name:>11}: {line['all']['count']} answers at {line['rate']}/s, p50 {line['all']['p50_ms']} ms, p95 {line['all']['p95_ms']} ms, p99 {line['all']['p99_ms']} ms; "
              f"{line['answered_a_second']} answered a second; {line['errors']} errors; {line['writes_found']} of {line['writes_asked']} writes found", flush=True)
    goals = [record.goal(f"errors in {each['seconds']:.0f} s at {each['rate']:.0f} requests a second on {name}", each["errors"], MOST_ERRORS)
             for name, line in found.items() for each in (line["carried"], line)]
    record.write("load", goals, given.results, databases=found)
    return 0 if all(line["writes_found"] == line["writes_asked"] for line in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
