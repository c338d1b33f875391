"""The demo county in a process of its own, as `make demo` starts it, and a person in a browser in front of it."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diguan.site.demo.accounts import ACCOUNTS

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PASSWORDS = {login: account.password for login, account in ACCOUNTS.items()}


@dataclass(frozen=True)
class County:
    """Where the demo answers, and the folder it keeps its data in."""

    address: str
    folder: Path

    @property
    def firm(self) -> str:
        """The credit code of the first enterprise the demo's agent acts for."""
        with closing(sqlite3.connect(f"file:{self.folder / 'db.sqlite3'}?mode=ro", uri=True)) as database:
            return str(database.execute("SELECT uscc FROM kernel_delegation ORDER BY id LIMIT 1").fetchone()[0])

    @property
    def waiting(self) -> Path:
        """The files a newcomer may bring in; the demo itself has not."""
        return self.folder / "demo" / "待导入"


def started(folder: Path, firms: int = 0) -> AbstractContextManager[County]:
    """Run ``diguan demo`` until the block ends; with ``firms`` a county of about so many."""
    return _running(folder, ["demo", *(["--firms", str(firms)] if firms else [])])


def later(folder: Path, day: str) -> AbstractContextManager[County]:
    """The county that ``started`` left in this folder, served on a later day until the block ends."""
    return _running(folder, ["serve"], DIGUAN_TODAY=day)


@contextmanager
def _running(folder: Path, command: list[str], **more: str) -> Iterator[County]:
    port = _free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DIGUAN_", "DJANGO_"))}
    with (folder / "demo.log").open("a") as log:
        child = subprocess.Popen([str(Path(sys.executable).parent / "diguan"), *command, "--port", str(port)], cwd=ROOT, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, env={**environment, "DIGUAN_DATA": str(folder / "data"), **more})
        try:
            county = County(f"http://127.0.0.1:{port}", folder / "data")
            _wait(county, child, folder / "demo.log")
            yield county
        finally:
            child.terminate()
            child.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(county: County, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 900
    while time.monotonic() < until:
        assert child.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(county.address + "/login/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"the demo did not answer\n{log.read_text()}")


@dataclass
class Visitor:
    """One person in a browser window; ``said`` gathers what the console complains of."""

    page: Any
    county: County
    said: list[str]

    def go(self, path: str) -> None:
        """Open a page of the county; it must answer."""
        answer = self.page.goto(self.county.address + path)
        assert answer.status == 200, f"{path}: {answer.status}"

    def heading(self) -> str:
        """The page's one h1."""
        return str(self.page.locator("h1").inner_text())

    def count(self, name: str) -> int:
        """The first whole number inside a link or heading of that name."""
        found = re.search(r"\d[\d,]*", self.page.get_by_role("link", name=name).first.inner_text())
        assert found, name
        return int(found[0].replace(",", ""))


@contextmanager
def visitor(browser: Any, county: County, login: str, *, size: str = "desk", theme: str = "light", language: str = "zh-hans") -> Iterator[Visitor]:
    """A person who has logged in with the demo's own account."""
    context = browser.new_context(viewport=SIZES[size], locale="zh-CN", accept_downloads=True)
    context.add_cookies([{"name": name, "value": value, "url": county.address}
                         for name, value in (("diguan_theme", theme), ("diguan_language", language))])
    page = context.new_page()
    person = Visitor(page, county, [])
    page.on("console", lambda line: person.said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: person.said.append(str(error)))
    page.goto(county.address + "/login/")
    page.locator("#login_name").fill(login)
    page.locator("#password").fill(PASSWORDS[login])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)
    try:
        yield person
    finally:
        context.close()
