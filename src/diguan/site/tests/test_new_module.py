"""`diguan new-module`: a name that will not do changes nothing; a name that will makes a room that is green at once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diguan.site import cli
from diguan.site.commands import new_module

pytestmark = pytest.mark.one_database
ROOT = new_module.ROOT
TEMPLATE = new_module.TEMPLATE
LISTS = ("pyproject.toml", "src/diguan/site/settings.py", "src/diguan/site/web/urls.py", "src/diguan/packs/base/roles.yaml",
         "src/diguan/locale/en/LC_MESSAGES/django.po")
WALKED = ("strings", "writes", "clocks", "actions", "pages", "query_counts")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The files in which the house lists its rooms, and no more: nothing here may reach the real ones."""
    for name in LISTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "src/diguan/enterprises").mkdir()
    monkeypatch.setattr(new_module, "ROOT", tmp_path)
    monkeypatch.setattr(new_module, "PACKAGE", tmp_path / "src/diguan")
    return tmp_path


def state(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("arguments", [
    ["Parks"], ["park_s"], ["park-s"], ["园区"], ["../parks"], ["p"], ["x" * 25], ["class"], ["match"], ["parks2"], [""],
    ["enterprises"], ["kernel"], ["site"], ["auth"], ["people"], ["imports"], ["facts"],
    ["classes"], ["types"], ["events"], ["units"], ["parks", "--noun", "Park"], ["parks", "--title", "园'区"], ["parks", "--title", "{{ x }}"], ["parks", "--title", "长" * 21],
    ["harbours", "--beside", "nowhere"], ["harbours", "--beside", "kernel"], ["parks", "--role", "enterprise_agent"], ["parks", "--role", "nobody"],
])
def test_a_name_that_will_not_do_is_one_sentence_in_both_languages_and_nothing_is_written(checkout, capsys, arguments):
    before = state(checkout)
    assert cli.main(["new-module", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    zh, en = shown.err.strip().split(" / ", 1) if " / " in shown.err else ("", "")
    assert re.search("[\u4e00-\u9fff]", zh)
    assert re.search("[a-z]", en)
    assert state(checkout) == before


def test_a_planned_room_takes_its_planned_place(checkout, capsys):
    assert cli.main(["new-module", "parks", "--title", "园区"]) == 0
    borders = (checkout / "pyproject.toml").read_text("utf-8")
    assert '"ties | parks | (chains)"' in borders
    settings = (checkout / "src/diguan/site/settings.py").read_text("utf-8")
    assert settings.index('"diguan.services",') < settings.index('"diguan.parks",') < settings.index('"diguan.enterprises",')
    assert "parks.change_park: unit" in (checkout / "src/diguan/packs/base/roles.yaml").read_text("utf-8").split("administrator:")[1]
    told = capsys.readouterr().out
    assert all(name in told for name in ("pyproject.toml", "settings.py", "roles.yaml", "django.po", "parks/actions.py"))


def test_what_was_written_is_one_json_document(checkout, capsys):
    assert cli.main(["new-module", "parks", "--title", "园区", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "src/diguan/parks/actions.py" in said["new"]
    assert set(said["changed"]) == {*LISTS} - {"src/diguan/site/web/urls.py"}


def test_asked_twice_the_second_is_refused_and_the_first_stands(checkout):
    assert cli.main(["new-module", "parks"]) == 0
    before = state(checkout)
    assert cli.main(["new-module", "parks"]) == 2
    assert state(checkout) == before


def test_every_word_of_the_template_is_filled_in(checkout):
    assert cli.main(["new-module", "parks", "--title", "园区"]) == 0
    texts = [path.read_text("utf-8") for path in (checkout / "src/diguan/parks").rglob("*") if path.is_file()]
    assert len(texts) == len(list(TEMPLATE.rglob("*-tpl")))
    assert not [text for text in texts if re.search(r"\[\[\w+\]\]", text)]


@pytest.mark.slow
def test_a_room_nobody_planned_is_green_as_it_is_written(tmp_path):
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".*_cache", "browser", "conformance"))  # with what is compiled: a copy keeps the day of its files
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if (ROOT / ".mypy_cache").exists():  # what the part "types" has checked of the same files need not be checked again
        shutil.copytree(ROOT / ".mypy_cache", tmp_path / ".mypy_cache")
    tools = Path(sys.executable).parent
    run_cli = [sys.executable, "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]
    schema = ("import django; django.setup(); from django.core.management import call_command; "
              "call_command('makemigrations', 'harbours', check=True, dry_run=True)")
    for command in (
        [*run_cli, "new-module", "harbours", "--title", "码头", "--beside", "parks", "--role", "policy_officer", "--role", "data_clerk"],
        [tools / "ruff", "check", "--no-cache", "src/diguan/harbours", "src/diguan/site/settings.py"],
        [tools / "lint-imports", "--no-cache"],
        [sys.executable, "-c", schema],
        [tools / "pytest", "-q", "-p", "no:cacheprovider", "-x", "src/diguan/harbours", *(f"tests/contracts/test_{name}.py" for name in WALKED)],
        [tools / "mypy", "src/diguan/harbours"],
    ):
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300, env={
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}, "PYTHONPATH": f"{tmp_path / 'src'}{os.pathsep}{tmp_path}",
            "DIGUAN_WALK": "harbours site", "DIGUAN_SNAPSHOT": "1", "DJANGO_SETTINGS_MODULE": "tests.settings", "DIGUAN_DATA": str(tmp_path / "data")})
        assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
