"""Follows a page of ``docs`` that is a recipe: its files are written and changed as it says, its commands are run.

A block with a language is a file or a part of one; the words right before it say which and where::

    `models.py`, all of it:              `queries.py`, at its end:
    `models.py`, below `note =`:         above, instead of: the one line that begins so

A block without a language holds commands, one a line; after ``# →`` stand words they must print.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.contracts.tree import ROOT

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WHERE = re.compile(r"`(?P<file>[^`\s]+)`, (?P<how>all of it|at its end|below|above|instead of)(?: `(?P<line>[^`]+)`)?(?:\. [^`]+)?:\s*$")
DIGUAN = [sys.executable, "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]


@dataclass(frozen=True)
class Step:
    """One block: a text and where it goes, or (without a file) commands."""

    text: str
    file: str = ""
    how: str = ""
    line: str = ""


def steps(page: str) -> Iterator[Step]:
    """The blocks of a page in their order.

    Raises:
        AssertionError: a block does not say where it goes.
    """
    end = 0
    for hit in _BLOCK.finditer(page):
        said, end = page[end:hit.start()], hit.end()
        if not hit[1]:
            yield Step(hit[2])
            continue
        where = _WHERE.search(said)
        assert where, f"where does this go? …{said[-120:]}\n{hit[2][:200]}"
        yield Step(hit[2], where["file"], where["how"], where["line"] or "")


def write(step: Step, path: Path) -> None:
    """Put the text where the step says.

    Raises:
        AssertionError: the file is there already or not there, or not exactly one line begins so.
    """
    if step.how == "all of it":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, "utf-8")
        return
    lines = path.read_text("utf-8").splitlines(keepends=True)
    if step.how == "at its end":
        path.write_text("".join(lines) + step.text, "utf-8")
        return
    found = [number for number, line in enumerate(lines) if line.strip().startswith(step.line)]
    assert len(found) == 1, f"{len(found)} lines of {path} begin with {step.line}"
    start = found[0] + (step.how == "below")
    lines[start:found[0] + (step.how != "above")] = [step.text]
    path.write_text("".join(lines), "utf-8")


def run(command: str | list[str], folder: Path, **more: str) -> str:
    """Run one command line in a folder with the packages of ``folder/src``; answers what it printed.

    Raises:
        AssertionError: it does not end with 0.
    """
    words = shlex.split(command, comments=True) if isinstance(command, str) else command
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        more[name] = value
    tools = Path(sys.executable).parent
    words[:1] = {"diguan": DIGUAN, "python": [sys.executable]}.get(words[0], [str(tools / words[0]) if (tools / words[0]).exists() else words[0]])
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300, env={
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}", **more})
    assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result.stdout


def follow(page: str, path_of: Callable[[str], Path], run: Callable[[str], str], *, but: Sequence[str] = ()) -> None:
    """Carry out every step in order: ``run`` answers what a command printed; those that begin as one of ``but`` are left out.

    Raises:
        AssertionError: a step cannot be done, or a command does not say the words after its ``# →``.
    """
    for step in steps(page):
        if step.file:
            write(step, path_of(step.file))
            continue
        for line in step.text.splitlines():
            command, _, remark = (part.strip() for part in line.partition("#"))
            if command and not command.startswith(tuple(but)):
                said = run(command)
                assert remark.partition("→")[2].strip() in said, f"{command}\nsays\n{said}\nand not {remark}"


def section(name: str, heading: str) -> str:
    """The part of a page of ``docs`` from a heading to the next of its kind."""
    page = (ROOT / "docs" / name).read_text("utf-8")
    parts = [part for part in re.split(r"^## ", page, flags=re.MULTILINE) if part.startswith(heading)]
    assert len(parts) == 1, f"docs/{name} has {len(parts)} headings {heading}"
    return parts[0]
