"""Everything a county meets is written down: settings, commands, facts, sheets, units, the words of rules, rights."""

from __future__ import annotations

import argparse
import ast
import importlib.util
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from diguan.kernel.rules import tree
from diguan.site.cli import parser
from tests.contracts.tree import ROOT, SOURCE, plant, sources, strings

pytestmark = pytest.mark.one_database

SETTING = re.compile(r"DIGUAN_[A-Z_]+[A-Z]")
spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts/reference.py")
assert spec is not None
assert spec.loader is not None
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


def settings_read(root: Path) -> set[str]:
    """The environment variables that the product reads."""
    return {node.value for source in sources(root) for node in strings(source.tree)
            if isinstance(node, ast.Constant) and SETTING.fullmatch(str(node.value))}


def setting_faults(read: Iterable[str], page: str) -> list[str]:
    """Settings without their row in operate.md, and rows of settings nobody reads."""
    rows = {name for line in page.splitlines() if line.startswith("| `DIGUAN_") for name in SETTING.findall(line.split("|")[1])}
    return [f"{name} is not in docs/operate.md" for name in sorted(set(read) - rows)] + [
        f"docs/operate.md explains {name}, which nobody reads" for name in sorted(rows - set(read))]


def commands(of: argparse.ArgumentParser, name: str = "diguan") -> Mapping[str, set[str]]:
    """Every command that can be typed, with its options."""
    found: dict[str, set[str]] = {}
    inner = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    for action in inner:
        for word, below in action.choices.items():
            found.update(commands(below, f"{name} {word}"))
    if not inner:
        found[name] = {option for action in of._actions for option in action.option_strings if option.startswith("--")} - {"--help"}
    return found


def command_faults(typed: Mapping[str, Iterable[str]], page: str) -> list[str]:
    """Commands and options that operate.md does not name."""
    wrong = []
    for name, options in typed.items():
        said = " ".join(line for line in page.splitlines() if f"`{name}" in line)
        wrong += [] if said else [f"{name} is not in docs/operate.md"]
        known = said + _everywhere(name, page)
        wrong += [f"{name} {option} is not in docs/operate.md" for option in sorted(options) if said and f"{option}" not in known]
    return wrong


def _everywhere(name: str, page: str) -> str:
    """Sentences below the table that speak of a command by its last word."""
    return " ".join(line for line in page.splitlines() if f"`{name.rpartition(' ')[2]}`" in line)


def test_every_setting_is_documented() -> None:
    assert len(settings_read(SOURCE)) > 8
    assert setting_faults(settings_read(SOURCE), (ROOT / "docs/operate.md").read_text(encoding="utf-8")) == []


def test_every_command_and_option_is_documented() -> None:
    assert command_faults(commands(parser()), (ROOT / "docs/operate.md").read_text(encoding="utf-8")) == []


def test_every_command_takes_json() -> None:
    assert [name for name, options in commands(parser()).items() if "--json" not in options] == []


def test_the_reference_says_what_the_code_says() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "python scripts/reference.py writes it anew"


def dependency_faults(project: Mapping[str, Any], page: str) -> list[str]:
    """Dependencies without the reason why they won, and reasons for what is not used; checking tools need to be named."""
    needed = {re.split(r"[<>=\[ ]", line)[0] for line in project["dependencies"]}
    rows = set(re.findall(r"^\| `([\w-]+)` \| [^|]+ \| [^|]+ \|$", page, re.M))
    tools = {re.split(r"[<>=\[ ]", line)[0] for line in project["optional-dependencies"]["test"]}
    return [f"{name} is in one of pyproject.toml and decision 5 only" for name in sorted(needed ^ rows)] + [
        f"{name} is not named in decision 5" for name in sorted(tools) if f"`{name}`" not in page]


def test_every_dependency_has_the_reason_why_it_won() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert dependency_faults(project, (ROOT / "docs/decisions/0005-dependencies.md").read_text(encoding="utf-8")) == []


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    assert index_faults(ROOT / "docs") == []


def index_faults(docs: Path) -> list[str]:
    """Pages the index does not link to, and links that lead nowhere."""
    links = set(re.findall(r"\]\(([\w./-]+)\)", (docs / "index.md").read_text(encoding="utf-8")))
    pages = {path.relative_to(docs).as_posix() for folder in (".", "decisions") for path in (docs / folder).glob("*.md")} - {"index.md"}
    return [f"{page} is not in the index" for page in sorted(pages - links)] + [
        f"{link} leads nowhere" for link in sorted(links) if not (docs / link).exists()]


# ── each contract names its planted violation ────────────────────────────────
def test_a_planted_setting_is_named(tmp_path: Path) -> None:
    root = plant(tmp_path, {"kernel/jobs.py": '"""DIGUAN_PROSE is only spoken of."""\nimport os\nx = os.environ["DIGUAN_PLANTED"]\n'})
    assert setting_faults(settings_read(root), "| `DIGUAN_GONE` | old | 1 |\n") == [
        "DIGUAN_PLANTED is not in docs/operate.md", "docs/operate.md explains DIGUAN_GONE, which nobody reads"]


def test_a_planted_command_and_a_planted_option_are_named() -> None:
    found = argparse.ArgumentParser()
    words = found.add_subparsers()
    words.add_parser("dream")
    words.add_parser("serve").add_argument("--loud")
    assert command_faults(commands(found), "| `diguan serve [--quiet]` | serves |") == [
        "diguan dream is not in docs/operate.md", "diguan serve --loud is not in docs/operate.md"]


def test_a_planted_operator_without_a_sentence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "OPERATORS", (*tree.OPERATORS, "sounds_like"))
    with pytest.raises(reference.Undocumented, match="op sounds_like: has no sentence"):
        reference.page()


def test_a_planted_fact_changes_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    from diguan.kernel import packs
    from diguan.kernel.catalogue import Catalogue, make_spec

    planted: Any = make_spec("here", name="power.used", type="number", unit="kWh", period="month")
    monkeypatch.setattr(packs, "catalogue", lambda: Catalogue([planted]))
    assert "| `power.used` |" in reference._facts()


def test_a_planted_measure_changes_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    from diguan.kernel import measures
    from diguan.kernel.messages import Message

    planted = measures.Measure("parks.vacant", Message("空置", "Vacant"), "平方米", Message("没有租约", "Without a lease"), "x", lambda of: None)
    monkeypatch.setattr(measures, "MEASURES", {planted.name: planted})
    assert "| `parks.vacant` |" in reference._measures()


def test_a_planted_dependency_is_named() -> None:
    planted = {"dependencies": ["django>=5", "left-pad[all]>=1"], "optional-dependencies": {"test": ["nose>=1"]}}
    assert dependency_faults(planted, "| `django` | web | it fits |\n| `gone` | x | y |\n") == [
        "gone is in one of pyproject.toml and decision 5 only", "left-pad is in one of pyproject.toml and decision 5 only",
        "nose is not named in decision 5"]


def test_a_planted_page_outside_the_index_is_named(tmp_path: Path) -> None:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "index.md").write_text("[a](a.md)\n")
    (tmp_path / "decisions" / "0001-x.md").write_text("# x\n")
    assert index_faults(tmp_path) == ["decisions/0001-x.md is not in the index", "a.md leads nowhere"]
