"""A consistent copy of an installation in one file, taken while it runs: the database first, then the files.

Batches, uploads and runs never change and are only added, so every file the copied database names is there
when the files are copied after it. What came in between is a file that nobody names, and does no harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diguan.kernel.messages import Message

FORMAT = 1
MANIFEST, SQLITE, POSTGRES = "diguan-backup.json", "db.sqlite3", "db.dump"
FOLDERS = ("batches", "files", "runs", "pack", "seals")
SINGLE = ("secret_key", "demo.json")


class ArchiveError(Exception):
    """The archive cannot be made or used; one sentence says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


def backup(target: Path, data: Path, database: dict[str, Any], made_at: str, version: str) -> int:
    """Write the archive, whole or not at all; answers with the number of files in it.

    Args:
        target: the file to make; it must not be there.
        data: the data folder.
        database: Django's settings of the database.
        made_at: ISO instant, for the manifest.
        version: of the code that ran.

    Raises:
        ArchiveError: the target is there or cannot be written, or the database cannot be copied.
    """
    if target.exists():
        raise ArchiveError(f"{target} 已经在了，不覆盖；换一个名字", f"{target} is there already and is not overwritten; choose another name")
    try:
        with tempfile.TemporaryDirectory(prefix=".diguan-backup-", dir=target.parent) as folder:
            draft = Path(folder) / "archive"
            copied = _copy_database(database, Path(folder))
            manifest = {"format": FORMAT, "database": copied.name, "made_at": made_at, "version": version}
            (Path(folder) / MANIFEST).write_text(json.dumps(manifest) + "\n", "utf-8")
            count = _pack(draft, [Path(folder) / MANIFEST, copied], data)
            draft.replace(target)
    except OSError as error:
        raise ArchiveError(f"{target} 写不了：{error.strerror}", f"{target} cannot be written: {error.strerror}") from error
    return count


def _pack(draft: Path, first: list[Path], data: Path) -> int:
    count = 0
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # people's data and the signing key are in it
    with os.fdopen(handle, "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3) as archive:
            for path in first:
                archive.add(path, path.name)
            for path in _files(data):
                with contextlib.suppress(FileNotFoundError):  # a trial's folder may go while we look
                    archive.add(path, str(path.relative_to(data)))
                    count += 1
        stream.flush()
        os.fsync(stream.fileno())
    return count


def _files(data: Path) -> Iterator[Path]:
    """What an installation consists of beside its database; drafts begin with a dot and are left out."""
    yield from (data / name for name in SINGLE if (data / name).is_file())
    for name in FOLDERS:
        for path in sorted((data / name).rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(data).parts):
                yield path


def _copy_database(database: dict[str, Any], folder: Path) -> Path:
    if database["ENGINE"].endswith("sqlite3"):
        with contextlib.closing(sqlite3.connect(database["NAME"])) as live, contextlib.closing(sqlite3.connect(folder / SQLITE)) as copy:
            live.backup(copy)
        return folder / SQLITE
    _postgres(["pg_dump", "--format=custom", "--no-owner", f"--file={folder / POSTGRES}"], database)
    return folder / POSTGRES


def restore(source: Path, data: Path, database: dict[str, Any]) -> dict[str, Any]:
    """Unpack an archive into an empty data folder and database; answers with its manifest.

    The database comes last: until it is there the folder holds no installation.

    Raises:
        ArchiveError: no archive of ours, damaged, of the other kind of database, or something is there already.
    """
    sqlite = database["ENGINE"].endswith("sqlite3")
    _check_empty(data, Path(database["NAME"]) if sqlite else None)
    with tempfile.TemporaryDirectory(prefix=".diguan-restore-", dir=data) as folder:
        manifest = _unpack(source, Path(folder))
        if manifest.get("format") != FORMAT or manifest.get("database") not in (SQLITE, POSTGRES):
            raise ArchiveError(f"{source} 是别的版本的备份", f"{source} is a backup of another version")
        if (manifest["database"] == SQLITE) != sqlite:
            raise ArchiveError("备份和 DIGUAN_DATABASE_URL 不是同一种数据库", "the backup and DIGUAN_DATABASE_URL are of different kinds of database")
        for name in (*FOLDERS, *SINGLE):
            if (Path(folder) / name).exists():
                shutil.rmtree(data / name) if (data / name).is_dir() else (data / name).unlink(missing_ok=True)
                (Path(folder) / name).rename(data / name)
        if sqlite:
            shutil.move(Path(folder) / SQLITE, database["NAME"])
        else:
            _postgres(["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname", database["NAME"],
                       str(Path(folder) / POSTGRES)], database)
    return manifest


def _check_empty(data: Path, file: Path | None) -> None:
    held = [path for name in FOLDERS for path in (data / name).rglob("*") if path.is_file()]
    if held or (file is not None and file.exists()) or (data / "demo.json").exists():
        raise ArchiveError(f"{data} 里已经有数据，不覆盖；请另指一个空的 DIGUAN_DATA", f"{data} holds data already and is not overwritten; name an empty DIGUAN_DATA")


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                _unpack_one(archive, member, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ArchiveError(f"{source} 不在，或不是滴灌的备份", f"{source} is not there or is no backup of Diguan") from error
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ArchiveError(f"{source} 读不了，可能损坏：{error}", f"{source} cannot be read, it may be damaged: {error}") from error
    return manifest


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One plain file of ours; anything else in the archive refuses it: a path may not lead outside."""
    parts = Path(member.name).parts
    ours = member.name in (MANIFEST, SQLITE, POSTGRES, *SINGLE) or (len(parts) > 1 and parts[0] in FOLDERS)
    content = archive.extractfile(member) if member.isreg() and ours and ".." not in parts else None
    if content is None:
        raise ValueError(member.name)
    path = folder / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        shutil.copyfileobj(content, out)
    path.chmod(0o600 if member.name in (*SINGLE, SQLITE) else 0o640)


def _postgres(command: list[str], database: dict[str, Any]) -> None:
    program = _program(command[0])
    environment = {**os.environ, "PGDATABASE": database["NAME"], "PGUSER": database["USER"], "PGPASSWORD": database["PASSWORD"],
                   "PGHOST": database["HOST"], "PGPORT": str(database["PORT"])}
    done = subprocess.run([program, *command[1:]], env={key: value for key, value in environment.items() if value},
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArchiveError(f"{command[0]} 没有做成：{done.stderr.strip()[-400:]}", f"{command[0]} failed: {done.stderr.strip()[-400:]}")


def _program(name: str) -> str:
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if found is None:
        raise ArchiveError(f"这台机器上没有 {name}（PostgreSQL 客户端）", f"this machine has no {name} (PostgreSQL's client programs)")
    return found
