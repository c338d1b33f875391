"""YAML is read quickly and whole; depth that would end the process is an error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from diguan.kernel import packs, yamls
from diguan.kernel.rules import nodes


@pytest.mark.parametrize("text", ["[" * 500_000, "- " * 200_000, "a: " + "{a: " * 200_000, "".join(" " * depth + "a:\n" for depth in range(1500))])
def test_a_text_of_any_depth_is_an_error_and_not_the_end(text: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(text)
    with pytest.raises(yaml.YAMLError):
        yamls.shallow(text)
    with pytest.raises(packs.PackError):
        packs.read_yaml(path)
    with pytest.raises(nodes.DocumentErrors):
        nodes.read(path, "deep.yaml")


def test_the_line_of_what_is_too_deep_is_told() -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="nested too deeply") as caught:
        yamls.shallow("a: 1\nb: " + "[" * 200)
    assert caught.value.problem_mark.line == 1


def test_what_is_shipped_reads_as_pythons_own_reader_reads_it() -> None:
    for path in packs.SHIPPED.rglob("*.yaml"):
        text = path.read_text("utf-8")
        assert yaml.load(yamls.shallow(text), Loader=yamls.Loader) == yaml.safe_load(text), path


@pytest.mark.parametrize(("text", "line", "says"), [
    ("a: &x [1]\nb: *x\n", 2, "aliases"), ("a: 1\nb: !foo 2\n", 2, "YAML tags are not used: !foo"), ("a: 1\nb: 2\na: 3\n", 3, "the key a is written twice"),
    ("a: 1\n? [b]\n: 2\n", 2, "a key is a word"), ("a: 1\n---\nb: 2\n", 2, "one document"), ("- a\n", 1, "a mapping is expected"), ("", 1, "a mapping is expected"),
    ("a: " + "[" * 60 + "]" * 60, 1, "nested too deeply"), ("- a\nb: [\n", 2, "bad YAML"), ("a: !foo 1\nb: [\n", 3, "bad YAML"),
])
def test_a_document_is_plain_and_one_and_bad_yaml_is_told_before_what_it_says(text: str, line: int, says: str) -> None:
    with pytest.raises(nodes.DocumentErrors, match=says) as caught:
        nodes.parse(text.encode(), "a.yaml")
    assert [problem.line for problem in caught.value.problems] == [line]


def test_a_document_is_text_with_its_lines_and_nothing_in_it_is_guessed() -> None:
    root = nodes.parse(b"a: ~\nb: 012\nc: [no, '', x]\nd:\n  e: 2026-01-01\n", "a.yaml")
    keys = root.keys or {}
    assert [keys["a"].text, keys["b"].text, [part.text for part in keys["c"].items or ()]] == ["~", "012", ["no", "", "x"]]
    assert ((keys["d"].keys or {})["e"].text, (keys["d"].keys or {})["e"].line) == ("2026-01-01", 5)
