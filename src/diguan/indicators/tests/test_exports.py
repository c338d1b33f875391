"""Figures taken out: the workbook of a snapshot, the series of an indicator, open data."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace

import openpyxl
import pytest
from django.urls import reverse

from diguan.indicators.models import Briefing
from diguan.indicators.queries import open_data, snapshots
from diguan.indicators.tests.factories import briefing_factory, firms, sign, snapshot_factory, told
from diguan.indicators.web import exports
from diguan.kernel import packs
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2025, 9, 30)


@pytest.fixture
def county():
    """Five firms of one cluster and two of another; the two's tax is nobody's to see."""
    rows = [*firms(5, "陶瓷"), *firms(4, "小家电")]
    two = firms(2)
    told("tax.paid", {row.uscc: {"2025-08": 1_234_567 if row in two else 1_000_000} for row in (*rows, *two)}, whole=("2025-08",))
    return snapshot_factory(as_of=SEPTEMBER)


def sheets(answer):
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_holds_figures_reasons_definitions_and_what_went_in(client, county):
    client.force_login(person_factory("leader"))
    found = sheets(client.get(reverse("indicators:workbook", args=[county.run_id])))
    head, *rows = found["按月"]
    at = head.index("2025-08")
    values = {(row[0], row[5]): row[at] for row in rows}
    assert values["tax.paid", "陶瓷"] == 50_000
    assert values["tax.paid", None] == pytest.approx(114_691.34)
    assert values["tax.paid", "钟表"] is None
    assert values["tax.paid", "小家电"] is None  # it would tell the other
    why = {(row[0], row[5], row[6]): (row[7], row[8], row[9]) for row in found["不齐全和不显示"][1:]}
    assert why["tax.paid", "钟表", "2025-08"] == ("不足 3 户，不显示", None, None)
    assert ["tax.paid", 1] in [row[:2] for row in found["口径"]]
    assert any(row[0] == "批次" for row in found["由什么算出"])
    assert ["快照", county.run_id] in found["说明"]


def test_an_empty_cell_is_never_a_zero_and_every_one_has_its_reason(county):
    figures = snapshots.figures(person_factory("leader"), county)
    reasons = {tuple(row[:1] + row[4:7]) for row in exports.lacking(figures)[1:]}
    for kind, _title in exports.SHEETS:
        head, *rows = exports.by_period(figures, kind)
        for row in rows:
            for period, value in zip(head[6:], row[6:], strict=True):
                cell = figures.cell(row[0], period)
                if value is None and row[4] == "全县" and cell is not None:
                    assert (row[0], "全县", "", period) in reasons


def test_a_workbook_holds_no_indicator_one_may_not_see_and_is_for_who_may_export(client, county):
    client.force_login(person_factory("data_clerk"))
    codes = {row[0] for row in sheets(client.get(reverse("indicators:workbook", args=[county.run_id])))["按月"][1:]}
    assert "tax.paid" in codes
    assert "projects.in_place" not in codes
    for role in ("policy_officer", "town_officer", "enterprise_agent"):
        client.force_login(person_factory(role))
        assert client.get(reverse("indicators:workbook", args=[county.run_id])).status_code == 403


def test_the_series_of_one_indicator_is_exported_as_it_is_filtered_and_without_hidden_figures(client, county):
    client.force_login(person_factory("leader"))
    where = reverse("indicators:series", args=["tax.paid"])
    found = next(iter(sheets(client.get(f"{where}?dim=cluster&snapshot={county.run_id}&export=xlsx")).values()))
    august = {row[2]: row[4] for row in found[1:] if row[0] == "2025-08"}
    assert august == {"陶瓷": 50_000, "钟表": None, "小家电": None}
    page = client.get(f"{where}?dim=cluster&snapshot={county.run_id}").content.decode()
    assert f"snapshot={county.run_id}" in page
    client.force_login(person_factory("policy_officer"))
    assert client.get(where).status_code == 200
    assert client.get(f"{where}?export=xlsx").status_code == 403
    assert client.get(reverse("indicators:series", args=["projects.in_place"])).status_code == 404


# ── open data ────────────────────────────────────────────────────────────────
@pytest.fixture
def terms(monkeypatch):
    """Turn open data on, off, open, closed."""
    known = open_data.settings()

    def say(**more):
        monkeypatch.setattr(open_data, "settings", lambda: replace(known, **more) if known else None)

    say(enabled=True, open=False)
    return say


@pytest.fixture
def signed(county):
    return briefing_factory(signed=True, month="2025-08", run=county)


def test_only_public_indicators_of_signed_months_are_published(county, terms):
    assert open_data.points() == {"tax.paid": []}
    row = briefing_factory(month="2025-08", run=county)
    assert open_data.points() == {"tax.paid": []}
    sign(row, "试")
    (points,) = open_data.points().values()
    assert {point.cell.period for point in points} == {"2025-08"}
    assert next(point.row() for point in points if not point.cell.dim)["value"] == "114691.34"


def test_no_figure_of_fewer_than_three_firms_is_in_any_file(client, terms, signed):
    client.force_login(person_factory("leader"))
    for name in ("open_csv", "open_json"):
        text = client.get(reverse(f"indicators:{name}", args=["tax.paid"])).content.decode()
        assert "114691.34" in text
        assert "24691.34" not in text.replace("114691.34", "")
        assert "fewer_than_3" in text
    for point in open_data.points()["tax.paid"]:
        if point.value is not None:
            assert point.cell.firms is not None
            assert point.cell.firms >= 3


def test_a_project_alone_in_its_part_hides_the_whole_breakdown(monkeypatch, terms, signed):
    """Counts of public projects may be shown to officials; a file for everybody holds no figure that rests on one or two."""
    cells = dict(snapshots.all_cells(signed.snapshot))
    one = cells["tax.paid", "cluster", "陶瓷"]["2025-08"]
    cells["tax.paid", "cluster", "陶瓷"] = {"2025-08": replace(one, firms=1)}
    monkeypatch.setattr(snapshots, "all_cells", lambda _run: cells)
    assert all(point.value is None for point in open_data.points()["tax.paid"] if point.cell.dim == "cluster")


def test_a_new_edition_takes_the_place_of_the_old_one(signed, terms):
    told("tax.paid", {row["subject_id"]: {"2025-08": 2_000_000} for row in [{"subject_id": firm.uscc} for firm in firms(3, "陶瓷")]}, whole=("2025-08",))
    again = briefing_factory(month="2025-08", run=snapshot_factory(as_of=SEPTEMBER), why="补报")
    sign(again, "试")
    whole = next(point for point in open_data.points()["tax.paid"] if not point.cell.dim)
    assert (whole.briefing.edition, Briefing.objects.count()) == (2, 2)


def test_the_json_holds_definitions_and_licence_and_the_description_is_a_dataset(client, terms, signed):
    client.force_login(person_factory("leader"))
    found = json.loads(client.get(reverse("indicators:open_json", args=["tax.paid"])).content)
    assert found["licence"]["url"].startswith("https://")
    assert found["definitions"][0]["digest"]
    assert set(found["data"][0]) == set(found["columns"])
    said = json.loads(client.get(reverse("indicators:open_dataset", args=["tax.paid"])).content)
    assert (said["@context"], said["@type"]) == ("https://schema.org/", "Dataset")
    assert {"name", "description", "license", "creator", "distribution", "temporalCoverage", "spatialCoverage", "variableMeasured"} <= set(said)
    assert {each["encodingFormat"] for each in said["distribution"]} == {"text/csv", "application/json"}
    assert all(each["contentUrl"].startswith("http") for each in said["distribution"])


def test_nobody_is_named_in_open_data(client, terms, signed):
    client.force_login(person_factory("leader"))
    text = "".join(client.get(reverse(f"indicators:{name}", args=["tax.paid"])).content.decode() for name in ("open_csv", "open_json", "open_dataset"))
    for person in (signed.created_by, signed.reviewed_by, signed.signed_by):
        assert person.name not in text


ADDRESSES = [("open_data", []), ("open_csv", ["tax.paid"]), ("open_json", ["tax.paid"]), ("open_dataset", ["tax.paid"])]


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
def test_closed_open_data_are_for_who_may_see_indicators(client, terms, signed, name, args):
    where = reverse(f"indicators:{name}", args=args)
    assert client.get(where).headers["Location"].startswith("/login/")
    for role in ("town_officer", "bureau_clerk", "enterprise_agent"):
        client.force_login(person_factory(role))
        assert client.get(where).status_code == 403
    client.force_login(person_factory("policy_officer"))
    assert client.get(where).status_code == 200


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
def test_open_ones_need_no_login_and_turned_off_there_are_none(client, terms, signed, name, args):
    where = reverse(f"indicators:{name}", args=args)
    terms(enabled=True, open=True)
    assert client.get(where).status_code == 200
    terms(enabled=False, open=True)
    assert client.get(where).headers["Location"].startswith("/login/")
    client.force_login(person_factory("leader"))
    assert client.get(where).status_code == 404


def test_what_is_not_public_is_not_there(client, terms, signed):
    terms(enabled=True, open=True)
    for code in ("tax.to_date", "projects.in_place", "none.such"):
        assert client.get(reverse("indicators:open_csv", args=[code])).status_code == 404


def test_the_base_pack_has_it_turned_off():
    (entry,) = packs.entries(packs.SHIPPED / "base" / open_data.FILE)
    said = open_data.read("x", entry)
    assert (said.enabled, said.open) == (False, False)


@pytest.mark.parametrize(("change", "word"), [({"licence": {"name": "x"}}, "licence 要写明"), ({"open": "yes"}, "open 只能是"), ({"opn": True}, "最近的是 open"), ({"publisher": {"zh": "x"}}, "publisher 要写明")])
def test_terms_that_cannot_be_used_are_refused(change, word):
    (entry,) = packs.entries(packs.SHIPPED / "base" / open_data.FILE)
    with pytest.raises(packs.PackError) as refused:
        open_data.read("open_data.yaml:1", {**entry, **change})
    assert word in refused.value.message.zh
