"""The recipes of ``docs/add-a-module.md`` and ``docs/add-data.md``, followed word by word in a copy of the checkout."""

from __future__ import annotations

import datetime as dt
import functools
import shlex
import shutil
from pathlib import Path

import pytest

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.tests.factories import person_factory
from diguan.site.cli import main
from tests.contracts import recipes
from tests.contracts.tree import ROOT

pytestmark = [pytest.mark.one_database, pytest.mark.slow]
# Of the commands at the end: minutes of contracts (the quick ones stand before them), and a server.
LONG = ("DIGUAN_SNAPSHOT", "pytest tests/contracts", "make ")


@pytest.fixture
def checkout(tmp_path):
    for name in ("src", "tests", "scripts", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".*_cache", "browser", "conformance", "pictures"))  # with what is compiled: a copy keeps the day of its files
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_room_made_by_the_recipe_works(checkout):
    package = checkout / "src/diguan"
    if (package / "workshops").exists():
        pytest.skip("the recipe was followed in this checkout itself")

    def place(file: str) -> Path:
        return package / file if file.startswith(("packs/", "locale/")) else package / "workshops" / file

    run = functools.partial(recipes.run, folder=checkout, DJANGO_SETTINGS_MODULE="tests.settings", DIGUAN_DATA=str(checkout / "data"))
    recipes.follow(recipes.section("add-a-module.md", "A recipe"), place, run, but=LONG)


@pytest.mark.django_db
def test_a_policy_with_a_new_fact_made_by_the_recipe_judges(tmp_path, monkeypatch, settings, capsys):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path / "data", "2026-10-31"
    monkeypatch.chdir(tmp_path)
    for role in ("data_clerk", "policy_officer"):
        person_factory(role, from_day=dt.date(2026, 1, 1))
    for code, name in (("91430421MA0007919J", "衡阳样例泰和皮具表带有限公司"), ("91430421MA00158385", "衡阳演示众诚表针工艺有限公司")):
        enterprise_factory(code, name, place_region="430421")

    def run(command: str) -> str:
        words = shlex.split(command)
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
            return ""
        assert words[0] == "diguan"
        left = main(words[1:])
        shown = capsys.readouterr()
        assert left == 0, f"{command}\n{shown.out}{shown.err}"
        return shown.out

    recipes.follow(recipes.section("add-data.md", "A recipe"), tmp_path.joinpath, run)
