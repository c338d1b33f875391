"""The import borders catch what they are there for: each contract refuses one planted violation."""

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database
ROOT = Path(__file__).resolve().parents[2]
PLANTS = {
    "rooms: the kernel reaches up": ("kernel/messages.py", "import diguan.enterprises.engine", "Rooms"),
    "rooms: a room reaches the site": ("enterprises/engine.py", "import diguan.site.environment", "Rooms"),
    "rooms: an undeclared room": ("gossip/__init__.py", '"""A room nobody planned."""', "Rooms"),
    "anatomy: the engine reads the tables": ("enterprises/engine.py", "import diguan.enterprises.models", "Inside"),
    "anatomy: a stray file": ("enterprises/helpers.py", '"""Belongs nowhere."""', "Inside"),
    "web: a room reads another room's pages": ("policies/queries.py", "import diguan.enterprises.web", "A room's web"),
    "kernel: a plain value knows the shell": ("kernel/periods.py", "import diguan.kernel.shell", "Inside the kernel"),
    "kernel: the rule language knows people": ("kernel/rules/tree.py", "import diguan.kernel.access", "Inside the kernel"),
    "site: the generator knows the command line": ("site/demo/files.py", "import diguan.site.cli", "Inside the site"),
    "pure: the rule language knows the web framework": ("kernel/rules/values.py", "import django.http", "Engines"),
}


@pytest.mark.parametrize(("file", "line", "contract"), PLANTS.values(), ids=PLANTS)
def test_a_planted_import_is_caught(tmp_path, file, line, contract):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "src" / "diguan" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text((planted.read_text("utf-8") if planted.exists() else "") + f"\n{line}\n", "utf-8")
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")})
    verdicts = " ".join(result.stdout.split())
    assert result.returncode != 0
    assert re.search(rf"{re.escape(contract)}(?:(?!KEPT|BROKEN).)*BROKEN", verdicts), verdicts


def test_the_borders_hold_as_they_stand():
    result = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_file_of_the_kernel_has_its_place_in_the_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = " ".join(next(contract["layers"] for contract in contracts if contract["id"] == "kernel"))
    placed = {name.split(".")[2] for name in re.findall(r"diguan\.kernel\.[\w.]+", layers)}
    everywhere = {"__init__", "apps", "models", "migrations", "tests", "templates", "templatetags", "static", "web", "__pycache__"}
    there = {path.stem for path in (ROOT / "src/diguan/kernel").iterdir()}
    assert there - everywhere - placed == set()


def imported(path: Path) -> set[str]:
    """The packages a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_peers_of_the_benchmarks_are_never_part_of_the_product_and_each_engine_has_one_door():
    """OpenFisca-Core and pm4py are AGPL, pymrio is LGPL: measured beside us in an environment of its own, never imported, never required."""
    users = {}
    for path in (ROOT / "src").rglob("*.py"):
        for package in imported(path) & {"openfisca_core", "zen", "pm4py", "pymrio", "ecomplexity", "pyspark", "py4j", "ibis"}:
            users.setdefault(package, set()).add(path.relative_to(ROOT / "src/diguan").as_posix())
    assert users == {"ibis": {"kernel/rules/adapter.py"}, "pyspark": {"kernel/rules/spark.py"}}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    required = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    required += [(ROOT / "requirements" / name).read_text("utf-8") for name in ("run.txt", "test.txt")]
    assert not any(re.search(r"(?im)^(openfisca|zen-engine|pm4py|pymrio|ecomplexity)", line) for line in required)
    assert not any(line.startswith("pyspark") for line in project["dependencies"])


@functools.cache
def started() -> frozenset[str]:
    """The modules that are loaded once the rooms have started, in a process of its own."""
    began = "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.settings'); import django; django.setup(); print(*sys.modules)"
    return frozenset(subprocess.run([sys.executable, "-c", began], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split())


def test_to_start_imports_no_engine_that_only_a_run_needs():
    """Every command and every process starts the rooms: what takes long to import is imported where it is used."""
    assert started() & {"ibis", "pyspark", "ortools", "statsmodels", "scipy", "docx", "typst"} == set()


def test_to_start_makes_every_measure_known():
    """A page that happens to import a measure must not be what makes it known to the reference, the command line and the worker."""
    late = set()
    for path in (ROOT / "src/diguan").rglob("*.py"):
        declares = re.search(r"from diguan\.kernel\.measures import .*\b(measure|counted)\b|\bmeasures\.(measure|counted)\(", path.read_text("utf-8"))
        module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        late |= {module} if declares and "tests" not in path.parts and module not in started() else set()
    assert late == set()
