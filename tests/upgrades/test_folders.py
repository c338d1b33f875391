"""The whole data folder of an older version opens, and every figure is what that version said.

Each ``<commit>.tar.gz`` here is that commit's own ``diguan backup`` of eighteen synthetic firms, brought in by its imports (a file
corrected, a batch withdrawn, one match), without the secret key. ``<commit>.figures.json`` is what that commit's code answered:
batches, the sum of every fact in every month, the same before the correction, the dossier of one firm, and of each policy in
``pack`` its totals, its list and its amounts. Nothing in either is ever made anew by later code.

A backup is of one kind of database, so this runs on SQLite; ``test_upgrades`` takes the rows through both.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from diguan.enterprises.models import Enterprise
from diguan.kernel import events, packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import actions, deliveries, files, series, store
from diguan.kernel.facts.models import Batch
from diguan.kernel.periods import parse
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules import tree
from diguan.kernel.rules.dataset import Dataset
from diguan.policies import queries
from diguan.policies.actions import run_match
from diguan.policies.queries import Standing, members
from diguan.site import archive
from diguan.site.commands import doctor

HERE = Path(__file__).parent
OLD = sorted(path.name.removesuffix(".tar.gz") for path in HERE.glob("*.tar.gz"))
TOTALS = ("eligible", "ineligible", "unknown", "near_miss", "amount_fen", "amount_unknown", "undecided_amount_fen", "undecided_amount_unknown")

pytestmark = pytest.mark.one_database


@pytest.fixture(params=OLD)
def said(request: pytest.FixtureRequest, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any,
         django_db_setup: None) -> Iterator[dict[str, Any]]:
    """What that version said; its folder is restored and brought to today's schema, and stands in for ``default`` meanwhile."""
    found: dict[str, Any] = json.loads((HERE / f"{request.param}.figures.json").read_text("utf-8"))
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{HERE / 'pack'}")
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, found["today"]
    with django_db_blocker.unblock():
        usual = connections["default"]
        here = {**usual.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3")}
        archive.restore(HERE / f"{request.param}.tar.gz", tmp_path, here)
        connections["default"] = fresh = type(usual)(here, "default")
        try:
            call_command("migrate", verbosity=0)
            yield found
        finally:
            connections["default"] = usual
            fresh.close()


def sums(got: Dataset) -> dict[str, dict[str, int]]:
    """Of every fact with a period, what all firms together have in each."""
    found: dict[str, dict[str, int]] = {}
    for uscc in got.ids:
        for fact, points in got.series(uscc).items():
            for key, value in points:
                if key.value and isinstance(value, int):
                    months = found.setdefault(fact, {})
                    months[f"{key.start}/{key.end}"] = months.get(f"{key.start}/{key.end}", 0) + value
    return found


def somebody(login_name: str) -> Person:
    return Person.objects.get(login_name=login_name)


def of(standing: Standing) -> dict[str, Any]:
    """A policy's totals and lists, in the words of the figures."""
    assert standing.run is not None
    assert standing.totals is not None
    return {"totals": [getattr(standing.totals, name) for name in TOTALS],
            "eligible": dict(members.stood(standing.run, standing.policy, tree.ELIGIBLE)),
            "unknown": dict(members.stood(standing.run, standing.policy, tree.UNDECIDED))}


def test_the_folder_opens_and_gives_the_same_figures(said: dict[str, Any]) -> None:
    officer = somebody("officer")
    assert Enterprise.objects.count() == said["enterprises"]
    assert [[row.source, row.sheet, row.period, row.state, row.rows, row.facts] for row in Batch.objects.order_by("pk")] == said["batches"]
    assert sums(store.open_dataset(None, packs.catalogue())) == said["sums"]
    before = dt.datetime.fromisoformat(said["before"])
    assert sums(store.open_dataset(before, packs.catalogue())) == said["sums_before"] != said["sums"]
    dossier = {one.spec.name: [[point.period, point.used.state, point.used.num, point.used.text, point.used.source, len(point.told)]
                               for point in one.points] for one in series.facts_of(officer, said["firm"])}
    assert dossier == said["dossier"]
    run = queries.current_run()
    assert run is not None
    assert run.run_id == said["run"]
    for standing in queries.standings(officer):
        wanted = said["policies"][standing.policy.id]
        assert of(standing) == {name: wanted[name] for name in ("totals", "eligible", "unknown")}, standing.policy.id


def test_a_new_match_over_the_old_folder_finds_what_the_old_one_found(said: dict[str, Any]) -> None:
    assert run_match(by=somebody("clerk")).run_id != said["run"]  # another engine is another run
    officer = somebody("officer")
    found = {standing.policy.id: standing for standing in queries.standings(officer)}
    assert set(found) == set(said["policies"])
    for name, standing in found.items():
        wanted = said["policies"][name]
        assert of(standing) == {part: wanted[part] for part in ("totals", "eligible", "unknown")}, name
        assert queries.judge(standing, [said["firm"]])[said["firm"]].verdict.status == wanted["firm"]


def test_the_folder_holds_what_it_says_and_work_goes_on_in_it(said: dict[str, Any]) -> None:
    assert {name: check() for name, (_title, check) in doctor.CHECKS.items()} == {name: [] for name in doctor.CHECKS}
    assert files.orphans() == []
    clerk, corrected = somebody("clerk"), Batch.objects.get(file_name__contains="更正")
    content = files.upload_path(corrected.upload_sha256).read_bytes()
    upload = deliveries.keep(corrected.file_name, content, corrected.sheet, by=clerk)
    with pytest.raises(Refusal, match="已经入库"):
        deliveries.commit(deliveries.Request(corrected.sheet, parse(corrected.period), corrected.source), upload, content, by=clerk)
    actions.withdraw_batch(batch=corrected, by=clerk, reason="以原件为准")
    month, now = parse(corrected.period), sums(store.open_dataset(None, packs.catalogue()))
    for fact in ("tax.paid", "revenue.sales"):
        assert now[fact][f"{month.start}/{month.end}"] == said["sums_before"][fact][f"{month.start}/{month.end}"]
    assert events.verify_all() == {}
