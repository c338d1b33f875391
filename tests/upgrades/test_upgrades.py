"""A county that runs an older version upgrades and keeps every row.

Each ``<commit>.json`` here was written by that commit's own actions: where its schema stood (``migrations``) and its
rows, every column as stored. The test makes such a database, brings it to today's schema and reads it with today's
code. A later version is one more file and, if it has something of its own to show, one more entry in ``CHECKS``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from diguan.enterprises import queries as enterprises
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, events, timelines
from diguan.kernel.access.models import Person
from diguan.kernel.facts.models import Batch

HERE = Path(__file__).parent
STARTS = sorted(HERE.glob("???????.json"))
SCRATCH = "diguan_upgrade_scratch"


def check_3c4b8f1() -> None:
    """Batches of one source now form a chain; registry, rights and timelines are as they were left."""
    told = Batch.objects.order_by("id").values_list("source", "period", "state", "follows")
    assert list(told) == [
        ("tax_bureau", "2026-08", "committed", 0),
        ("hr_bureau", "2026-08", "committed", 0),
        ("tax_bureau", "2026-09", "withdrawn", 1),
        ("tax_bureau", "2026-08", "committed", 3),
    ]
    firm = Enterprise.objects.get(uscc="91430421MA00002260")
    assert (firm.name, firm.park, firm.registered_capital_fen, firm.version) == ("衡阳样例表业有限公司", "无", 50_000_000, 2)
    assert [name.name for name in firm.former_names.all()] == ["衡阳样例钟表有限公司"]
    clerk, agent = Person.objects.get(login_name="clerk"), Person.objects.get(login_name="agent")
    assert access.may(clerk, enterprises.CHANGE, firm)
    assert [line.verb for line in timelines.of(clerk, firm)] == ["enterprise_changed", "enterprise_created"]
    assert list(enterprises.visible_enterprises(agent)) == [firm]
    assert access.usccs_of(agent) == {firm.uscc}


CHECKS: dict[str, Callable[[], None]] = {"3c4b8f1": check_3c4b8f1}


@pytest.fixture
def scratch(tmp_path: Path, request: pytest.FixtureRequest, django_db_blocker: Any, django_db_setup: None) -> Iterator[Any]:
    """An empty database of the kind the tests run on, standing in for ``default`` meanwhile."""
    with django_db_blocker.unblock():
        usual = connections["default"]
        name = str(tmp_path / "county.sqlite3")
        if usual.vendor != "sqlite":
            name = f"{SCRATCH}_{usual.settings_dict['NAME']}"
            _run(usual, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
        fresh = type(usual)({**usual.settings_dict, "NAME": name}, "default")
        connections["default"] = fresh
        try:
            yield fresh
        finally:
            connections["default"] = usual
            fresh.close()
            if usual.vendor != "sqlite":
                _run(usual, f'DROP DATABASE "{name}"')


def _run(connection: Any, *statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def build(connection: Any, start: dict[str, Any]) -> None:
    """The schema of that version and its rows, through the models as they were."""
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if not apps.get_app_config(leaf[0]).name.startswith("diguan.")]
    then = executor.migrate([*others, *start["migrations"].items()]).apps
    for row in start["rows"]:
        model = then.get_model(row["model"])
        values = {field.attname: _stored(field, row["values"][field.attname]) for field in model._meta.concrete_fields}
        model._base_manager.bulk_create([model(**values)])
    _catch_up(connection, then, {row["model"] for row in start["rows"]})


def _stored(field: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(field, models.JSONField) else field.to_python(value)


def _catch_up(connection: Any, then: Any, labels: set[str]) -> None:
    """Numbers went on from the last row: PostgreSQL's sequences are told."""
    from django.core.management.color import no_style

    statements = connection.ops.sequence_reset_sql(no_style(), [then.get_model(label) for label in sorted(labels)])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("path", STARTS, ids=lambda path: path.stem)
def test_a_county_of_that_version_upgrades_and_keeps_every_row(scratch: Any, path: Path, settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-31"
    start = json.loads(path.read_text("utf-8"))
    build(scratch, start)
    for app, last in start["migrations"].items():
        assert MigrationRecorder.Migration.objects.filter(app=app).order_by("name").last().name == last
    call_command("migrate", verbosity=0)
    assert not MigrationExecutor(scratch).migration_plan(MigrationExecutor(scratch).loader.graph.leaf_nodes())
    for label in dict.fromkeys(row["model"] for row in start["rows"]):
        rows = [row["values"] for row in start["rows"] if row["model"] == label]
        assert _as_now(label, rows) == rows, label
    assert events.verify_all() == {}
    CHECKS.get(path.stem, lambda: None)()


def _as_now(label: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same columns as today's code reads them, those that are still there."""
    found = apps.get_model(label)._base_manager.order_by("pk")
    return [{name: _plain(getattr(row, name)) if hasattr(row, name) else old[name] for name in old} for row, old in zip(found, rows, strict=True)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.one_database
@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.one_database
def test_every_start_with_a_check_of_its_own_is_there() -> None:
    assert set(CHECKS) <= {path.stem for path in STARTS}
    assert STARTS
