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
