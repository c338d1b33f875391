"""From file to batch: one batch or nothing, corrections by key, coverage, withdrawal."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pyarrow.parquet as pq
import pytest

from diguan.kernel import packs, periods
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.catalogue import Catalogue, make_spec
from diguan.kernel.events import Event
from diguan.kernel.facts import actions, batches, coverage, deliveries, files, series, store
from diguan.kernel.facts.declare import Attribute
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.sheets import declare, guard, shelf
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
MONTHS = {"month": coverage.months(dt.date(2026, 10, 31))}


def tax(*amounts, heads=HEADS):
    """Amounts in 万元 of firms 1, 2, …; None leaves a firm out."""
    return xlsx([heads, *([n, code(n), f"演示企业{n}", amount] for n, amount in enumerate(amounts, 1) if amount is not None)])


def bring(clerk, data, period="2026-08", sheet="tax_monthly", source="", complete=None, name="税务.xlsx"):
    request = deliveries.Request(sheet, periods.parse(period) if period else None, source, complete)
    upload = deliveries.keep(name, data, sheet, by=clerk)
    return deliveries.commit(request, upload, data, by=clerk)


def look(clerk, data, period="2026-08", **more):
    return deliveries.preview(deliveries.Request("tax_monthly", periods.parse(period), **more), "税务.xlsx", data, by=clerk)


def paid(clerk, number=1, known_at=None):
    found = [one for one in series.facts_of(clerk, code(number), known_at) if one.spec.name == "tax.paid"]
    return [(point.period, point.used.state, point.used.num) for one in found for point in one.points]


def test_a_delivery_becomes_one_batch_with_one_event_coverage_and_a_durable_file(clerk):
    batch = bring(clerk, tax(1, 2))
    assert (batch.source, batch.period, batch.rows, batch.facts, batch.state) == ("tax_bureau", "2026-08", 2, 2, "committed")
    assert batch.changes == {"new": 2, "changed": 0, "same": 0, "gone": 0}
    assert batches.coverage_of([batch]) == [("tax.paid", "2026-08")]
    assert files.sha256_of(files.batch_path(batch.sha256)) == batch.sha256
    assert files.sha256_of(files.upload_path(batch.upload_sha256)) == batch.upload_sha256
    (event,) = Event.objects.filter(root_type="kernel.batch", root_id=str(batch.pk))
    assert (event.verb, event.after["rows"], event.actor) == ("batch_imported", 2, clerk)
    assert (files.orphans(), files.damaged()) == ([], [])


def test_no_file_we_write_holds_a_floating_point_number(clerk):
    bring(clerk, tax(1, 2))
    found = batches.visible_batches()
    folder = store.projection(found, packs.catalogue())
    for path in [files.batch_path(found[0].sha256), *folder.glob("*.parquet")]:
        kinds = {str(kind) for kind in pq.read_schema(path).types}
        assert not kinds & {"float", "double", "halffloat"}, path


def test_the_same_rows_give_the_same_bytes():
    rows = [{"subject": "enterprise", "subject_id": code(n), "fact": "tax.paid", "period": "2026-08", "period_start": dt.date(2026, 8, 1),
             "period_end": dt.date(2026, 8, 31), "state": "value", "num": 2**53 + n, "text": None} for n in (1, 2)]
    assert files.write_batch(rows) == files.write_batch(rows[::-1])
    assert pq.read_table(files.batch_path(files.write_batch(rows))).column("num").to_pylist() == [2**53 + 1, 2**53 + 2]


def test_the_very_same_file_is_refused_and_its_batch_named(clerk):
    data = tax(1)
    batch = bring(clerk, data)
    with pytest.raises(Refusal, match=f"第 {batch.pk} 号批次"):
        bring(clerk, data)
    assert look(clerk, data).twin == batch
    assert Batch.objects.count() == 1


def test_a_second_delivery_corrects_by_key_and_the_preview_says_what_it_changes(clerk):
    first = bring(clerk, tax(1, 2, 3))
    assert look(clerk, tax(1, 5, None, 4)).counts == {"new": 1, "changed": 1, "same": 1, "gone": 1}
    second = bring(clerk, tax(1, 5, None, 4))
    assert second.supersedes == first
    assert [paid(clerk, number) for number in (1, 2, 3, 4)] == [
        [("2026-08", "value", 1_000_000)], [("2026-08", "value", 5_000_000)], [("2026-08", "absent", None)], [("2026-08", "value", 4_000_000)]]


def test_a_partial_correction_leaves_alone_whom_it_does_not_name(clerk):
    bring(clerk, tax(1, 2, 3))
    bring(clerk, tax(9), complete=())
    assert [paid(clerk, number)[0][2] for number in (1, 2, 3)] == [9_000_000, 2_000_000, 3_000_000]


def test_what_was_known_at_an_earlier_instant_stays_as_it_was(clerk):
    first = bring(clerk, tax(1))
    bring(clerk, tax(2))
    assert paid(clerk, known_at=first.committed_at) == [("2026-08", "value", 1_000_000)]
    assert paid(clerk) == [("2026-08", "value", 2_000_000)]


def test_a_withdrawn_batch_gives_way_to_what_was_there_before(clerk):
    bring(clerk, tax(1))
    second = bring(clerk, tax(2))
    with pytest.raises(Refusal):
        actions.withdraw_batch(batch=second, by=clerk, reason=" ")
    withdrawn = actions.withdraw_batch(batch=second, by=clerk, reason="税务局发错了")
    assert paid(clerk) == [("2026-08", "value", 1_000_000)]
    assert paid(clerk, known_at=second.committed_at) == [("2026-08", "value", 2_000_000)]
    with pytest.raises(Refusal):
        actions.withdraw_batch(batch=withdrawn, by=clerk, reason="再来一次")
    assert bring(clerk, tax(2)).pk != second.pk


def test_a_file_with_one_error_commits_nothing(clerk):
    with pytest.raises(Refusal, match="sheet_errors"):
        bring(clerk, tax(1, -2))
    assert (Batch.objects.count(), Event.objects.filter(root_type="kernel.batch").count()) == (0, 0)


def test_a_delivery_that_slipped_in_after_the_preview_refuses_the_commit(clerk):
    staged = actions.Staged("tax_bureau", "tax_monthly", "2026-08", files.write_batch([]), 0, 0, after=None)
    bring(clerk, tax(1))
    with pytest.raises(Refusal, match="changed_meanwhile"):
        actions.import_batch(staged=staged, by=clerk)


def test_of_two_commits_at_one_time_the_database_lets_one_through(clerk, monkeypatch):
    staged = actions.Staged("tax_bureau", "tax_monthly", "2026-08", files.write_batch([]), 0, 0, after=None)
    bring(clerk, tax(1))
    seen = iter([None])  # as the check sees it while the other's transaction is still open
    newest = actions.newest
    monkeypatch.setattr(actions, "newest", lambda source: next(seen, newest(source)))
    with pytest.raises(Refusal, match="changed_meanwhile"):
        actions.import_batch(staged=staged, by=clerk)
    assert Batch.objects.count() == 1


def test_nobody_without_the_right_imports_and_nothing_is_written(clerk, tmp_path):
    leader = person_factory("leader")
    with pytest.raises(Forbidden):
        look(leader, tax(1))
    with pytest.raises(Forbidden):
        deliveries.keep("税务.xlsx", tax(1), "tax_monthly", by=leader)
    assert Upload.objects.count() == 0


def test_another_persons_upload_cannot_be_used(clerk):
    upload = deliveries.keep("税务.xlsx", tax(1), "tax_monthly", by=clerk)
    with pytest.raises(guard.SheetRefused):
        deliveries.kept(upload.pk, by=person_factory("data_clerk"))
    files.upload_path(upload.sha256).write_bytes(b"changed")
    with pytest.raises(guard.SheetRefused):
        deliveries.kept(upload.pk, by=clerk)


def test_a_source_that_does_not_send_this_sheet_is_refused(clerk):
    with pytest.raises(guard.SheetRefused, match="park_office"):
        look(clerk, tax(1), source="park_office")


def test_a_year_of_months_is_complete_for_each_month_it_holds(clerk):
    rows = [[n, code(1), "甲", n, f"2025年{n}月"] for n in (1, 2, 3)]
    batch = bring(clerk, xlsx([[*HEADS, "所属期"], *rows]), period="2025")
    assert batch.period == "2025"
    assert [period for _, period in batches.coverage_of([batch])] == ["2025-01", "2025-02", "2025-03"]


def jobs(*counts):
    return xlsx([["统一社会信用代码", "期末用工人数（人）"], *([code(n), count] for n, count in enumerate(counts, 1))])


def test_two_sources_that_disagree_are_both_shown_and_the_catalogues_first_is_used(clerk):
    bring(clerk, jobs(12), sheet="employment_monthly", source="park_office", complete=())
    bring(clerk, jobs(10), sheet="employment_monthly", source="hr_bureau")
    bring(clerk, jobs(13), sheet="employment_monthly", source="park_office", complete=())
    (found,) = series.facts_of(clerk, code(1))
    assert found.disagrees
    assert (found.latest.used.source, found.latest.used.num) == ("hr_bureau", 10)
    assert [(one.source, one.num) for one in found.latest.told] == [("hr_bureau", 10), ("park_office", 13)]
    assert found.trend() == [("2026-08", 10)]


def test_an_agent_sees_only_the_facts_of_the_enterprise_they_act_for(clerk):
    bring(clerk, tax(1, 2))
    agent = person_factory("enterprise_agent", uscc=code(1))
    assert series.facts_of(agent, code(1))
    with pytest.raises(Forbidden):
        series.facts_of(agent, code(2))


def attributes(*towns):
    return [Attribute(code(n), "enterprise.town", "value", town) for n, town in enumerate(towns, 1) if town]


def test_the_register_is_exported_once_as_long_as_it_says_the_same(clerk):
    ids = [code(1), code(2), code(3)]
    first = store.export_registry(attributes("西渡镇", "界牌镇", None), subjects=ids, by=clerk)
    assert store.export_registry(attributes("西渡镇", "界牌镇", None), subjects=ids, by=person_factory("leader")) == first
    second = store.export_registry(attributes("西渡镇", None, None), subjects=ids[:2], by=clerk)
    assert [row.pk for row in batches.visible_batches()] == [second.pk]
    data = store.open_dataset(None, packs.catalogue())
    assert data.ids == tuple(sorted(ids[:2]))
    assert data.attributes.column("enterprise.town").to_pylist() == ["西渡镇", None]
    assert len(store.open_dataset(first.committed_at, packs.catalogue()).ids) == 3


def test_two_runs_that_export_the_register_at_one_time_share_a_batch(clerk, monkeypatch):
    rows, ids = attributes("西渡镇", "界牌镇", None), [code(1), code(2), code(3)]
    first = store.export_registry(rows, subjects=ids, by=clerk)
    seen = iter([None, None])  # the other run's batch is not visible yet
    latest = store.latest_export
    monkeypatch.setattr(store, "latest_export", lambda *of: next(seen, latest(*of)))
    monkeypatch.setattr(actions, "newest", lambda source: None)
    assert store.export_registry(rows, subjects=ids, by=clerk) == first
    assert Batch.objects.count() == 1


def test_the_dataset_holds_one_value_a_key_and_the_coverage(clerk):
    store.export_registry(attributes("西渡镇", "界牌镇"), subjects=[code(1), code(2)], by=clerk)
    bring(clerk, tax(1, 2))
    bring(clerk, tax(3, 2))
    data = store.open_dataset(None, packs.catalogue())
    assert sorted(data.rows.column("num").to_pylist()) == [2_000_000, 3_000_000]
    assert [period.text for period in data.coverage["tax.paid"]] == ["2026-08"]
    assert len(data.sources) == 3


def test_what_the_register_knows_not_to_exist_is_absent_and_not_unknown(clerk):
    rows = [Attribute(code(1), "enterprise.park", "absent", None), Attribute(code(2), "enterprise.park", "value", "钟表产业园")]
    store.export_registry(rows, subjects=[code(1), code(2), code(3)], by=clerk)
    data = store.open_dataset(None, packs.catalogue())
    assert ["enterprise.park" in data.subject_facts(code(n)).absent for n in (1, 2, 3)] == [True, False, False]
    assert [data.subject_facts(code(n)).attributes.get("enterprise.park") for n in (1, 2, 3)] == [None, "钟表产业园", None]


def test_an_empty_installation_opens_as_an_empty_dataset():
    assert store.open_dataset(None, packs.catalogue()).ids == ()


def test_the_matrix_says_complete_partial_or_missing(clerk):
    bring(clerk, tax(1))
    bring(clerk, tax(2), period="2026-07", complete=())
    (line,) = [line for line in coverage.matrix(clerk, packs.catalogue(), MONTHS)["month"] if line.spec.name == "tax.paid"]
    assert {cell.period: cell.state for cell in line.cells[-4:]} == {
        "2026-07": "partial", "2026-08": "complete", "2026-09": "missing", "2026-10": "missing"}
    with pytest.raises(Forbidden):
        coverage.matrix(person_factory("enterprise_agent"), packs.catalogue(), MONTHS)


def test_a_projection_is_rebuilt_when_it_is_thrown_away(clerk):
    import shutil

    bring(clerk, tax(1))
    before = paid(clerk)
    shutil.rmtree(files.folder("projections"))
    assert paid(clerk) == before


def test_a_missing_or_changed_batch_file_is_found(clerk):
    batch = bring(clerk, tax(1))
    files.batch_path(batch.sha256).write_bytes(b"x")
    assert files.damaged() == [(batch.pk, "changed")]
    files.batch_path(batch.sha256).unlink()
    assert files.damaged() == [(batch.pk, "missing")]


def test_collection_of_cycles_is_on_again_after_a_preview_a_refusal_and_a_commit(clerk):
    import gc

    look(clerk, tax(1, 2))
    assert gc.isenabled()
    with pytest.raises(guard.SheetRefused):
        look(clerk, b"no sheet at all\0")
    assert gc.isenabled()
    bring(clerk, tax(1, 2))
    assert gc.isenabled()


def test_what_comes_by_quarter_and_by_year_is_expected_and_shown_too(clerk, settings):
    settings.DIGUAN_TODAY = "2026-10-31"
    day = dt.date(2026, 10, 31)
    assert coverage.ended(day, "quarter", 3) == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert coverage.ended(day, "year", 2) == ["2024", "2025"]
    assert coverage.ended(dt.date(2026, 12, 31), "year", 1) == ["2026"]
    book = xlsx([["统一社会信用代码", "企业名称", "主营业务收入（万元）", "年平均从业人数（人）"], [code(1), "演示企业1", 2600, 40]])
    bring(clerk, book, "2025", sheet="finance_yearly")
    columns = {"quarter": ["2026-Q3"], "year": ["2025", "2024"]}
    found = coverage.matrix(clerk, packs.catalogue(), columns)
    (line,) = [line for line in found["year"] if line.spec.name == "finance.main_revenue"]
    assert [(cell.period, cell.state) for cell in line.cells] == [("2025", "complete"), ("2024", "missing")]
    assert {line.spec.period for line in found["quarter"]} == {"quarter"}
    late = {one.sheet.name: one for one in coverage.expected(clerk, shelf.fact_sheets().values(), columns) if one.period in ("2024", "2026-Q3")}
    assert (late["finance_yearly"].due, late["finance_yearly"].state) == (dt.date(2025, 4, 28), "missing")
    assert late["patents_quarterly"].due == dt.date(2026, 10, 25)


def test_what_sources_dispute_follows_the_deliveries_and_is_refused_to_others_even_when_it_is_kept(clerk):
    heads = ["统一社会信用代码", "企业名称", "期末用工人数（人）"]
    for source, count in (("hr_bureau", 30), ("park_office", 35)):
        bring(clerk, xlsx([heads, [code(1), "演示企业1", count]]), sheet="employment_monthly", source=source, complete=())
    asked = (packs.catalogue(), ["2026-08"])
    assert [one.count for one in coverage.disputes(clerk, *asked)] == [1]
    assert [one.count for one in coverage.disputes(clerk, *asked)] == [1]
    with pytest.raises(Forbidden):
        coverage.disputes(person_factory("enterprise_agent"), *asked)
    bring(clerk, xlsx([heads, [code(1), "演示企业1", 30]]), sheet="employment_monthly", source="park_office", complete=(), name="更正.xlsx")
    assert coverage.disputes(clerk, *asked) == []


# ── a commit right after its preview ─────────────────────────────────────────
@pytest.fixture
def reads(monkeypatch):
    """The names of the files that were read."""
    names, check = [], deliveries.check_file

    def counted(sheet, catalogue, name, content, period=None):
        names.append(name)
        return check(sheet, catalogue, name, content, period)

    monkeypatch.setattr(deliveries, "check_file", counted)
    monkeypatch.setattr(deliveries, "_last", None)
    return names


def test_a_commit_right_after_the_preview_reads_the_file_no_second_time_and_writes_the_same(clerk, reads):
    data = tax(1, "无", 3)
    look(clerk, data)
    batch = bring(clerk, data)
    assert reads == ["税务.xlsx"]
    assert (batch.rows, batch.facts, batch.period, batch.changes) == (3, 3, "2026-08", {"new": 3, "changed": 0, "same": 0, "gone": 0})
    assert batches.coverage_of([batch]) == [("tax.paid", "2026-08")]
    actions.withdraw_batch(batch=batch, by=clerk, reason="再来一次")
    assert bring(clerk, data).sha256 == batch.sha256  # read anew: what was held was held for one commit
    assert len(reads) == 2


@pytest.mark.parametrize("more", [{"data": tax(1, 3)}, {"period": "2026-07"}, {"name": "另一份.xlsx"}])
def test_another_file_another_period_and_another_name_are_read(clerk, reads, more):
    data = tax(1, 2)
    look(clerk, data)
    bring(clerk, **{"data": data} | more)
    assert len(reads) == 2


def test_a_preview_with_an_error_is_not_held(clerk, reads):
    data = tax(1, -2)
    assert not look(clerk, data).ok
    with pytest.raises(Refusal, match="sheet_errors"):
        bring(clerk, data)
    assert len(reads) == 2


def test_an_enterprise_gone_from_the_register_since_the_preview_refuses_the_commit(clerk, reads, monkeypatch):
    known = {code(1): frozenset({"演示企业1"}), code(2): frozenset({"演示企业2"})}
    monkeypatch.setitem(declare._SUBJECTS, "enterprise", lambda ids: {one: known[one] for one in ids if one in known})
    data = tax(1, 2)
    assert look(clerk, data).ok
    del known[code(2)]
    with pytest.raises(Refusal, match="sheet_errors"):
        bring(clerk, data)
    assert (len(reads), Batch.objects.count()) == (2, 0)


def test_a_sheet_declared_anew_since_the_preview_is_read_anew(clerk, reads, monkeypatch):
    data = tax(1)
    look(clerk, data)
    sheets = {**shelf.sheets(), "tax_monthly": dataclasses.replace(shelf.sheets()["tax_monthly"])}
    monkeypatch.setattr(shelf, "sheets", lambda: sheets)
    bring(clerk, data)
    assert len(reads) == 2


def test_what_is_held_gives_nobody_a_right(clerk, reads):
    data = tax(1)
    look(clerk, data)
    upload = deliveries.keep("税务.xlsx", data, "tax_monthly", by=clerk)
    with pytest.raises(Forbidden):
        deliveries.commit(deliveries.Request("tax_monthly", periods.parse("2026-08")), upload, data, by=person_factory("leader"))
    assert Batch.objects.count() == 0


def test_a_delivery_between_preview_and_commit_is_counted_though_the_file_is_not_read_again(clerk, reads):
    data, other = tax(1), tax(5)
    look(clerk, other)
    bring(clerk, other, name="税务.xlsx")
    look(clerk, data)
    actions.withdraw_batch(batch=Batch.objects.get(), by=clerk, reason="发错了")
    assert bring(clerk, data).changes == {"new": 1, "changed": 0, "same": 0, "gone": 0}
    assert len(reads) == 2


# ── what would change ────────────────────────────────────────────────────────
def test_what_changes_comes_before_what_is_gone_and_few_new_ones_last(clerk):
    bring(clerk, tax(1, 2, 3, 4))
    found = look(clerk, tax(9, 2, None, "无", 5))
    assert found.counts == {"new": 1, "changed": 2, "same": 1, "gone": 1}
    assert [(change.kind, change.key[1], change.before, change.after) for change in found.compared.first] == [
        ("changed", code(1), ("value", 1_000_000, None), ("value", 9_000_000, None)), ("changed", code(4), ("value", 4_000_000, None), ("absent", None, None)),
        ("gone", code(3), ("value", 3_000_000, None), None), ("new", code(5), None, ("value", 5_000_000, None))]


def test_only_so_many_changes_are_named_and_all_are_counted(clerk, monkeypatch):
    monkeypatch.setattr(batches, "SHOWN", 2)
    found = look(clerk, tax(1, 2, 3))
    assert (found.counts["new"], found.compared.first) == (3, [])  # many new ones are no surprise
    bring(clerk, tax(1, 2, 3))
    found = look(clerk, tax(4, 5, 6))
    assert (found.counts["changed"], [change.key[1] for change in found.compared.first]) == (3, sorted([code(1), code(2), code(3)])[:2])


def test_what_a_room_keeps_itself_is_its_own_batch_and_one_with_nothing_to_say_any_more_says_so(clerk, monkeypatch):
    monkeypatch.setattr(store.declare, "sources", lambda: {"enterprise.town": "registry", "enterprise.park": "park_office"})
    town, park = Attribute(code(1), "enterprise.town", "value", "西渡镇"), Attribute(code(1), "enterprise.park", "value", "一园", "park_office")
    day = dt.date(2026, 10, 31)
    first, own = store.export_records([town, park], subjects=[code(1)], by=clerk, as_of=day)
    assert [(row.source, row.rows, row.facts) for row in (first, own)] == [("registry", 1, 1), ("park_office", 1, 1)]
    specs = [make_spec("", name=name, type="text", sources=(source,)) for name, source in store.declare.sources().items()]
    data = store.open_batches(batches.visible_batches(), Catalogue(specs))
    assert data.attributes_of(code(1)) == {"enterprise.town": "西渡镇", "enterprise.park": "一园"}
    assert store.export_records([town, park], subjects=[code(1)], by=clerk, as_of=day) == [first, own]
    again, gone = store.export_records([town], subjects=[code(1)], by=clerk, as_of=day)
    assert (again, gone.source, gone.facts) == (first, "park_office", 0)
    assert gone in batches.visible_batches()
    assert own not in batches.visible_batches()
