"""A policy published from a draft belongs to the installation: the backup holds it."""

from __future__ import annotations

import sqlite3

import pytest

from diguan.policies import queries
from diguan.policies.tests.test_drafts import POLICY, draft, folder, kept, life, officer, publish
from diguan.site import archive

pytestmark = pytest.mark.django_db
__all__ = ["draft", "folder", "officer"]


def test_what_was_published_is_in_the_backup(draft, officer, settings, tmp_path):
    version = kept(draft, officer)
    life(POLICY, "published", officer)
    publish(version, officer)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3")}
    sqlite3.connect(database["NAME"]).close()
    archive.backup(tmp_path / "copy.tar.gz", settings.DIGUAN_DATA, database, "2026-10-31T00:00:00+08:00", "0")
    new = tmp_path / "new"
    new.mkdir()
    archive.restore(tmp_path / "copy.tar.gz", new, {**database, "NAME": str(new / "db.sqlite3")})
    settings.DIGUAN_DATA = new
    assert queries.library().policies[POLICY].digest == version.digest
    assert queries.library().policies[POLICY].path == new / f"pack/policies/{POLICY}.yaml"
