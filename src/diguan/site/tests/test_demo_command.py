"""``diguan demo`` in a process of its own, on a county of a few firms from a pack of the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from diguan.kernel import packs
from diguan.kernel.tests import migrated

pytestmark = [pytest.mark.one_database, pytest.mark.slow]
DIGUAN = [sys.executable, "-W", "ignore", "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]
HEARING = [*DIGUAN[:-1], f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {DIGUAN[-1]}"]
"""The same with Ctrl-C heard: what is started by tests in the background would ignore it, and such a test would wait for ever."""


class Folder:
    """A data folder, and the command run on it."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.pack = root / "few"
        self.pack.mkdir()
        params = yaml.safe_load((packs.SHIPPED / "hengyang" / "demo.yaml").read_text("utf-8"))
        params |= {"first_month": "2025-09"}
        for cluster in params["clusters"]:
            cluster |= {"firms": 6, "producing": 5}
        self.write(params)
        self.params = params

    def write(self, params: dict[str, Any]) -> None:
        (self.pack / "demo.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), "utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in ("DIGUAN_DATABASE_URL", "DIGUAN_TODAY", "DIGUAN_DEMO")}
        return kept | {"DIGUAN_DATA": str(self.data), "DIGUAN_PACKS": f"base,hengyang,{self.pack}",
                       "DJANGO_SETTINGS_MODULE": "diguan.site.settings", **more}

    def run(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*DIGUAN, *args], env=self.environment(**more), capture_output=True, text=True, timeout=300, check=False)

    def demo(self) -> tuple[int, dict[str, Any], str]:
        done = self.run("demo", "--no-serve", "--json")
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder with the finished county of thirty firms."""
    made = Folder(tmp_path_factory.mktemp("demo"))
    code, answer, err = made.demo()
    assert code == 0, err
    assert answer["enterprises"] == 30
    return made


def test_a_second_start_changes_nothing(folder: Folder) -> None:
    _code, before, _err = folder.demo()
    code, after, err = folder.demo()
    assert (code, after) == (0, before)
    assert err == ""
    assert {each["login"] for each in after["accounts"]} == {"leader", "officer", "officer2", "clerk", "bureau", "head", "helper", "treasury", "treasury2", "service", "service2", "chain", "chain2", "invest", "invest2", "town", "stat", "stat2", "agent", "admin"}


def test_one_policy_has_been_looked_back_on(folder: Folder) -> None:
    code = "import os, django; django.setup(); from diguan.kernel.facts.runs import Run; print(*Run.objects.filter(kind='evaluation').values_list('as_of', flat=True))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=folder.environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "2026-01-31", done.stderr


def test_a_start_that_was_stopped_is_taken_up_where_it_stopped(folder: Folder) -> None:
    _code, before, _err = folder.demo()
    marker = folder.data / "demo.json"
    marker.write_text(marker.read_text().replace("true", "false"))
    code, after, err = folder.demo()
    assert code == 0, err
    assert after == before
    assert "imported" not in err
    assert json.loads(marker.read_text())["finished"] is True


def test_a_county_of_an_earlier_version_is_opened_as_it_is_and_says_so(folder: Folder) -> None:
    folder.write({**folder.params, "seed": 1})
    code, _answer, err = folder.demo()
    folder.write(folder.params)
    assert code == 0
    assert "earlier version" in err
    assert "先前版本" in err


def test_every_command_on_a_demo_folder_lives_in_the_demos_day(folder: Folder) -> None:
    done = folder.run("match", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["as_of"] == "2026-10-31"


@pytest.mark.parametrize(("place", "more", "wanted"), [
    ("demo", {}, "True 2026-10-31"), ("demo", {"DIGUAN_DEMO": "0", "DIGUAN_TODAY": "2026-09-30"}, "False 2026-09-30"), ("county", {}, "False "),
])
def test_the_folder_says_whether_it_is_a_demo(folder: Folder, tmp_path: Path, place: str, more: dict[str, str], wanted: str) -> None:
    data = folder.data if place == "demo" else tmp_path / "county"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", "from diguan.site import settings as s; print(s.DIGUAN_DEMO, s.DIGUAN_TODAY)"],
                          env=folder.environment(DIGUAN_DATA=str(data), **more), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"{wanted}\n"


def test_the_demo_is_never_served_to_others(folder: Folder) -> None:
    done = folder.run("serve", "--host", "0.0.0.0", "--port", "8971")
    assert done.returncode == 2
    assert "this machine only" in done.stderr


def test_a_pack_without_a_demo_county_is_a_sentence(folder: Folder) -> None:
    done = folder.run("demo", "--no-serve", DIGUAN_PACKS="base")
    assert done.returncode == 2
    assert "demo.yaml" in done.stderr


def test_a_real_county_is_left_alone(folder: Folder, tmp_path: Path) -> None:
    code = ("from diguan.site.commands import serve; serve.prepare(); from diguan.kernel.access.actions import found_county;"
            "found_county(county='样例县', login_name='root', name='王样例', password='青草-池塘-处处蛙-3年')")
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120,
                   env=folder.environment(DIGUAN_DATA=str(migrated.into(tmp_path / "county"))))
    done = folder.run("demo", "--no-serve", DIGUAN_DATA=str(tmp_path / "county"))
    assert done.returncode == 2
    assert "no demo" in done.stderr
    assert not (tmp_path / "county" / "demo.json").exists()


def test_a_port_in_use_is_said_before_anything_is_done(folder: Folder, tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = folder.run("demo", "--port", str(port), DIGUAN_DATA=str(tmp_path / "new"))
    assert done.returncode == 2
    assert f"--port {port + 10 if port <= 65525 else 8010}" in done.stderr
    assert not (tmp_path / "new" / "db.sqlite3").exists()


# ---- backup, restore, doctor on the same county ------------------------------------------------

def test_a_backup_restored_elsewhere_is_the_same_county(folder: Folder, tmp_path: Path) -> None:
    made = folder.run("backup", str(tmp_path / "b.tgz"), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["files"] > 20
    assert (tmp_path / "b.tgz").stat().st_mode & 0o077 == 0
    elsewhere = {"DIGUAN_DATA": str(tmp_path / "other")}
    back = folder.run("restore", str(tmp_path / "b.tgz"), "--json", **elsewhere)
    assert back.returncode == 0, back.stderr
    checked = folder.run("doctor", "--json", **elsewhere)
    assert checked.returncode == 0, checked.stdout
    assert {check["name"] for check in json.loads(checked.stdout)["checks"]} == {"database", "batches", "uploads", "runs", "chains", "seals", "packs", "calendars", "ledger", "library", "briefings"}
    assert folder.run("match", "--json", **elsewhere).stdout == folder.run("match", "--json").stdout
    assert (tmp_path / "other" / "secret_key").read_text() == (folder.data / "secret_key").read_text()


def test_a_backup_overwrites_nothing_and_a_restore_neither(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "b.tgz").write_text("mine")
    assert folder.run("backup", str(tmp_path / "b.tgz")).returncode == 2
    assert (tmp_path / "b.tgz").read_text() == "mine"
    back = folder.run("restore", str(tmp_path / "b.tgz"))
    assert back.returncode == 2
    assert "not overwritten" in back.stderr
    damaged = folder.run("restore", str(tmp_path / "b.tgz"), DIGUAN_DATA=str(tmp_path / "other"))
    assert damaged.returncode == 2
    assert "damaged" in damaged.stderr
    assert not (tmp_path / "other" / "db.sqlite3").exists()


def test_an_archive_that_leads_outside_is_refused(folder: Folder, tmp_path: Path) -> None:
    import tarfile

    (tmp_path / "x").write_text("x")
    for name in ("../escaped", "batches/../../escaped", "/tmp/escaped", "other/x"):
        with tarfile.open(tmp_path / "bad.tgz", "w:gz") as archive:
            archive.add(tmp_path / "x", name)
        assert folder.run("restore", str(tmp_path / "bad.tgz"), DIGUAN_DATA=str(tmp_path / "data")).returncode == 2
    assert not (tmp_path / "escaped").exists()


def test_the_doctor_finds_a_changed_batch_and_a_lost_result_and_tells_a_stray_file(folder: Folder, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder.data, copy)
    batch = next((copy / "batches").rglob("*.parquet"))
    batch.write_bytes(batch.read_bytes()[:-1] + b"x")
    shutil.rmtree(next(path for path in (copy / "runs").iterdir() if path.is_dir()))
    (copy / "files" / "stray").write_text("x")
    done = folder.run("doctor", "--json", DIGUAN_DATA=str(copy))
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"], said["orphans"]) == (1, False, ["files/stray"])
    assert {check["name"] for check in said["checks"] if not check["ok"]} == {"batches", "runs"}
    assert " has changed" in folder.run("doctor", DIGUAN_DATA=str(copy)).stdout


# ---- served ------------------------------------------------------------------------------------

def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(("command", "more", "shown"), [("demo", {}, True), ("serve", {"DIGUAN_DEMO": "0"}, False)])
def test_it_says_so_once_it_answers_and_stops_cleanly(folder: Folder, command: str, more: dict[str, str], shown: bool) -> None:
    import time
    import urllib.error
    import urllib.request

    port = free_port()
    began = time.monotonic()
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen([*HEARING, command, "--port", str(port)], env=folder.environment(**more), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, start_new_session=True) as served:
        assert served.stdout is not None
        try:
            line = next(line for line in served.stdout if address in line)
            assert time.monotonic() - began < 60  # five seconds on an idle machine; tests share theirs
            with urllib.request.urlopen(f"{address}/login/", timeout=10) as answer:
                page = answer.read().decode()
        finally:
            served.send_signal(signal.SIGINT)
        assert "stop" in line
        assert ("hengyang-demo-2026" in page) is shown
        assert ("演示数据" in page) is shown
        assert served.wait(timeout=30) == 0
        assert "Traceback" not in served.stdout.read()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{address}/login/", timeout=2)


# ---- sealed, and checked offline ---------------------------------------------------------------

def test_a_sealed_chain_is_checked_where_there_is_no_installation(folder: Folder, tmp_path: Path) -> None:
    sealed = json.loads(folder.run("seal", "--now", "--json").stdout)
    assert sealed["made"] is True
    assert sealed["newest"]["heads"] > 100
    key = json.loads(folder.run("seal", "--key", "--json").stdout)
    assert key["public_key"] == sealed["newest"]["public_key"]
    file = tmp_path / "case.json"
    assert folder.run("seal", "--case", "policies.claim", "1", str(file)).returncode == 0
    nowhere = {"DIGUAN_DATA": str(tmp_path / "nowhere"), "DIGUAN_DATABASE_URL": ""}
    held = folder.run("verify-case", str(file), "--key", key["public_key"], "--json", **nowhere)
    assert held.returncode == 0, held.stderr
    assert json.loads(held.stdout)["faults"] == []
    assert not (tmp_path / "nowhere").exists()
    alone = folder.run("verify-case", str(file), **nowhere)
    assert (alone.returncode, "还没有证明" in alone.stdout) == (3, True)  # whoever rewrites all of it signs with a key of their own
    document = json.loads(file.read_text("utf-8"))
    document["events"][0]["reason"] = "另一个说法"
    file.write_text(json.dumps(document), "utf-8")
    told = folder.run("verify-case", str(file), **nowhere)
    assert told.returncode == 1
    assert "第 1 条的内容改过" in told.stdout


def test_what_is_no_case_file_or_no_chain_is_said(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    for words in (("verify-case", str(tmp_path / "x.json")), ("verify-case", str(tmp_path / "none")), ("seal", "--case", "policies.claim", "999999", str(tmp_path / "y.json")),
                  ("seal", "--case", "policies.claim", "1", str(tmp_path / "x.json"))):
        done = folder.run(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr
