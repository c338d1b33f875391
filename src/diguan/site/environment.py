"""Reads the environment for ``settings``: folders, database address, signing key, log."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from diguan.kernel import disk
from diguan.kernel.messages import Message


def flag(name: str, default: bool = False) -> bool:
    """Whether an on/off variable is on."""
    return os.environ.get(name, "1" if default else "0").strip().lower() in ("1", "true", "yes", "on")


def words(name: str, default: str) -> list[str]:
    """A comma list, without blanks."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def day(name: str, default: str = "") -> str:
    """An ISO day or nothing.

    Raises:
        ImproperlyConfigured: it is set and is not a day.
    """
    value = os.environ.get(name, "").strip() or default
    if value:
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            raise ImproperlyConfigured(
                str(Message(zh=f"{name}={value} 不是日期，例：2026-10-31", en=f"{name}={value} is not a day"))
            ) from None
    return value


def data_folder() -> Path:
    """The data folder, made when missing, with the folders the kernel writes to."""
    folder = Path(os.environ.get("DIGUAN_DATA", "data")).expanduser().resolve()
    for name in ("batches", "runs", "files", "static"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """The signing key from the environment, or from a file made once that only we may read.

    Two processes may start at once: the file is written aside and linked into place, so that the first
    wins and both read the same key.
    """
    given = os.environ.get("DIGUAN_SECRET_KEY", "")
    if given:
        return given
    return disk.secret(folder / "secret_key", secrets.token_urlsafe(64))


def seal_key(folder: Path) -> Path:
    """The file of the key that seals what was done."""
    return Path(os.environ.get("DIGUAN_SEAL_KEY", "") or folder / "seal_key").expanduser().resolve()


def database(folder: Path) -> dict[str, Any]:
    """Django's settings for the database named by ``DIGUAN_DATABASE_URL``, or tuned SQLite.

    Raises:
        ImproperlyConfigured: the address has a scheme we do not speak.
    """
    url = os.environ.get("DIGUAN_DATABASE_URL", "").strip()
    if not url:
        return _sqlite(folder / "db.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme in ("postgres", "postgresql"):
        query = dict(parse_qsl(parts.query))
        host = query.pop("host", unquote(parts.hostname or ""))
        if "%2f" in parts.netloc.lower():
            # urlsplit lowers the host; a socket folder must keep its case.
            host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": query,
        }
    raise ImproperlyConfigured(
        str(
            Message(
                zh=f"DIGUAN_DATABASE_URL 不认识 {parts.scheme}://，可用 postgres:// 或 sqlite://",
                en=f"DIGUAN_DATABASE_URL: {parts.scheme}:// is not known, use postgres:// or sqlite://",
            )
        )
    )


def _sqlite(path: Path) -> dict[str, Any]:
    # Default SQLite settings gave 57-75 writes a second and time-outs under load; these gave 856.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        # Tests use a file as well: SQLite in memory locks whole tables between threads, which a file does not.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
                "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000;"
            ),
        },
    }


def logging_settings() -> dict[str, Any]:
    """One line an entry to standard error."""
    level = os.environ.get("DIGUAN_LOG", "INFO").upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["err"], "level": level},
        "loggers": {
            "django": {"level": level, "handlers": ["err"], "propagate": False},
            "django.request": {"level": "ERROR", "handlers": ["err"], "propagate": False},
            "django.security": {"level": "WARNING", "handlers": ["err"], "propagate": False},
            "diguan.refused": {"level": "INFO", "handlers": ["err"], "propagate": False},  # whatever DIGUAN_LOG says: it is a record
            "diguan": {"level": level, "handlers": ["err"], "propagate": False},
        },
    }
