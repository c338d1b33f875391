from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from diguan.indicators.actions.snapshots import take_snapshot
from diguan.indicators.engine import tables
from diguan.indicators.queries import behind, register, snapshots, sources
from diguan.indicators.tests.factories import firms, snapshot_factory, told
from diguan.kernel import access
from diguan.kernel.events import Event
from diguan.kernel.facts import batches, files, projections
from diguan.kernel.facts.runs import Run
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2025, 9, 30)


def taxed(rows, amount, months=("2025-08",), whole=True):
    return told("tax.paid", {row.uscc: dict.fromkeys(months, amount) for row in rows}, whole=months if whole else ())


def figure(run, code, period, dim="", group=""):
    found = snapshots.figures(person_factory("leader"), run)
    one = found.book.newest(code)
    cell = found.cell(code, period, dim, group)
    return cell.value(one), cell.state


def test_a_figure_is_what_the_rows_come_to_and_changes_with_one_row():
    rows = firms(4)
    taxed(rows, 10_000)
    assert figure(snapshot_factory(as_of=SEPTEMBER), "tax.paid", "2025-08") == (400, tables.WHOLE)
    taxed(rows[:1], 30_000, whole=False)
    assert figure(snapshot_factory(as_of=SEPTEMBER), "tax.paid", "2025-08") == (600, tables.WHOLE)


def test_the_same_inputs_are_the_same_snapshot_and_an_old_one_stays_as_it_was():
    rows = firms(4)
    taxed(rows, 10_000)
    first = snapshot_factory(as_of=SEPTEMBER)
    assert snapshot_factory(as_of=SEPTEMBER).pk == first.pk
    taxed(rows[:1], 30_000, whole=False)
    second = snapshot_factory(as_of=SEPTEMBER)
    assert second.pk != first.pk
    assert figure(first, "tax.paid", "2025-08")[0] == 400
    assert take_snapshot(by=person_factory("data_clerk"), as_of=SEPTEMBER, known_at=first.known_at).result_sha256 != second.result_sha256
    assert Event.objects.filter(verb="snapshot_taken").count() == Run.objects.filter(kind__in=("snapshot", "snapshot_rows")).count()


def test_who_opens_the_rows_reads_the_very_projection_the_snapshot_was_folded_from():
    rows = firms(4)
    taxed(rows, 10_000)
    run = snapshot_factory(as_of=SEPTEMBER)
    assert next(row.replaces_all for row in batches.every_batch().order_by("committed_at", "id")) is False, "the register speaks after the bureau"
    made = {path.name for path in files.folder("projections").iterdir()}
    assert sources.projected(run, projections.FACTS).split("/")[-2] in made
    assert {path.name for path in files.folder("projections").iterdir()} == made


def test_growth_holds_the_same_months_against_each_other():
    rows = firms(3)
    taxed(rows, 100, ("2024-01", "2024-02"))
    taxed(rows, 260, ("2025-01", "2025-02"))
    assert figure(snapshot_factory(as_of=dt.date(2025, 2, 28)), "tax.growth", "2025-02") == (160, tables.WHOLE)


def test_two_firms_are_not_told_of_by_figure_rows_or_file():
    firms(5, "陶瓷")
    two = firms(2)
    taxed(two, 10_000)
    run = snapshot_factory(as_of=SEPTEMBER)
    assert figure(run, "tax.paid", "2025-08", "cluster", "钟表") == (None, tables.FEW)
    cells = snapshots.all_cells(run)
    hidden = cells["tax.paid", "cluster", "钟表"]["2025-08"]
    assert (hidden.num, hidden.firms) == (None, None)


def test_the_rows_behind_add_up_to_the_figure_and_open_their_records(client):
    rows = firms(4)
    taxed(rows, 10_000)
    run = snapshot_factory(as_of=SEPTEMBER)
    leader = person_factory("leader")
    found = snapshots.figures(leader, run)
    one, cell = found.book.newest("tax.paid"), found.cell("tax.paid", "2025-08")
    (side,) = behind.sides(leader, run, one, cell, found.book)
    assert sum(row.num for row in side.rows) == cell.num
    assert side.hidden == 0
    client.force_login(leader)
    seen = client.get(reverse("indicators:rows", args=["tax.paid"]) + f"?period=2025-08&snapshot={run.run_id}").content.decode()
    assert rows[0].name in seen
    assert reverse("enterprises:dossier", args=[rows[0].uscc]) in seen


def test_rows_of_a_hidden_figure_are_not_opened(client):
    firms(5, "陶瓷")
    two = firms(2)
    taxed(two, 10_000)
    run = snapshot_factory(as_of=SEPTEMBER)
    client.force_login(person_factory("leader"))
    seen = client.get(reverse("indicators:rows", args=["tax.paid"]) + f"?period=2025-08&dim=cluster&group=钟表&snapshot={run.run_id}").content.decode()
    assert "不足 3 户，不显示" in seen
    assert two[0].name not in seen


def test_nobody_without_the_right_takes_one():
    firms(3)
    for role in ("leader", "policy_officer", "enterprise_agent"):
        with pytest.raises(access.Forbidden):
            take_snapshot(by=person_factory(role))
    assert not Run.objects.exists()


def test_a_firms_own_people_see_no_indicators(client):
    snapshot_factory()
    client.force_login(person_factory("enterprise_agent", uscc=firms(1)[0].uscc))
    for address in (reverse("indicators:list"), reverse("indicators:indicator", args=["tax.paid"]), reverse("indicators:rows", args=["tax.paid"]), reverse("indicators:snapshots")):
        assert client.get(address).status_code == 403


def test_the_mean_of_firms_own_ratios_is_another_figure_than_the_ratio_of_sums():
    rows = firms(4)
    months = tuple(f"2024-{month:02}" for month in range(1, 13))
    for row, tax in zip(rows, (100_000, 300_000, 800_000, 5), strict=True):
        told("tax.paid", {row.uscc: {months[0]: tax}})
    told("space.land", {row.uscc: {"2024": land} for row, land in zip(rows, (10_000, 20_000, 20_000), strict=False)}, source="park_office")
    run = snapshot_factory(as_of=dt.date(2025, 3, 31))
    assert round(figure(run, "tax.per_mu_mean", "2024")[0], 2) == Decimal("2166.67")  # (1,000 + 1,500 + 4,000) / 3; the fourth has no land
    assert round(figure(run, "tax.per_mu", "2024")[0], 2) == Decimal("2400.00")  # 12,000 over 5 mu: the fourth's five fen stand above no land
    leader, one = person_factory("leader"), register.book().newest("tax.per_mu")
    cell = snapshots.figures(leader, run).cell("tax.per_mu", "2024")
    assert (cell.told, cell.expected, cell.state) == (3, 4, tables.PARTIAL)
    assert [(len(side.rows), sum(row.num for row in side.rows)) for side in behind.sides(leader, run, one, cell, register.book())] == [(3, 1_200_000), (3, 50_000)]
