"""Runs one command against a throw-away PostgreSQL cluster: ``postgres.py COMMAND ARG…``.

The cluster lives in a temporary folder, speaks through a unix socket only, and is stopped and removed whatever
happens. PostgreSQL refuses to run as root, so root starts it as an unprivileged user. Exits 77 when PostgreSQL's
server programs are absent, else with the command's own code.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ABSENT = 77
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c timezone=UTC"


def server_programs() -> Path | None:
    """The folder that holds both ``initdb`` and ``pg_ctl``: the newest packaged one, else one on PATH."""

    def newest_first(folder: str) -> int:
        return -int(re.sub(r"\D", "", folder) or 0)

    packaged = sorted(map(str, [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]), key=newest_first)
    on_path = [str(Path(found).parent) for found in [shutil.which("pg_ctl")] if found]
    for folder in [*packaged, *on_path, *map(str, Path("/opt/homebrew/opt").glob("postgresql*/bin"))]:
        if all(os.access(Path(folder) / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
            return Path(folder)
    return None


def unprivileged() -> str | None:
    """Whom to run the server as: nobody else when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def main(command: list[str]) -> int:
    """Starts a cluster, runs the command with DIGUAN_DATABASE_URL set, stops and removes the cluster."""
    programs = server_programs()
    if programs is None:
        print("PostgreSQL server programs (initdb, pg_ctl) not found", file=sys.stderr)
        return ABSENT
    user = unprivileged()
    prefix = ["runuser", "-u", user, "--"] if user else []
    folder = Path(tempfile.mkdtemp(prefix="diguan-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    cluster, log = folder / "cluster", folder / "log"

    def server(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # pg_ctl's child keeps the pipes open, so nothing of ours may be waiting on them.
        with (folder / "out").open("a") as out:
            return subprocess.run([*prefix, str(programs / program), *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True, cwd=folder, check=False)  # fmt: skip

    try:
        made = server("initdb", "-D", str(cluster), "-U", "diguan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        started = server("pg_ctl", "-D", str(cluster), "-l", str(log), "-w", "-o", f"-k {folder} {SETTINGS}", "start")
        if made.returncode or started.returncode:
            print((folder / "out").read_text() + (log.read_text() if log.exists() else ""), file=sys.stderr)
            return 1
        address = f"postgres://diguan@{str(folder).replace('/', '%2F')}/postgres"
        return subprocess.run(command, env={**os.environ, "DIGUAN_DATABASE_URL": address}, check=False).returncode
    finally:
        server("pg_ctl", "-D", str(cluster), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
