"""Dated national standards: what they tell of a firm on a day, by both faces alike, and what their loader refuses."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diguan.kernel import packs
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.rules import document, runfile, standards
from diguan.kernel.rules.tests import build
from diguan.kernel.rules.tests.data import dataset

pytestmark = pytest.mark.one_database

LAST, FIRST = dt.date(2026, 3, 31), dt.date(2026, 4, 1)
SIZE, SRED = "enterprise.size_class", "enterprise.meets_sred_sme"
WAN = 1_000_000  # fen
DOCUMENT = """
fact: enterprise.reaches_above_scale
title: {zh: 达标, en: Reaches}
versions:
  - in_force: {from: 2020-01-01, to: 2025-12-31}
    source: {document: 甲, confirmed: true}
    groups: [{classes: [{value: "true", clauses: [{id: revenue, says: 一千万, when: {fact: finance.main_revenue, over: latest, op: ">=", value: 1000万元}}]}]}]
  - in_force: {from: 2026-01-01}
    source: {document: 乙, confirmed: false}
    groups: [{classes: [{value: "true", clauses: [{id: revenue, says: 两千万, when: {fact: finance.main_revenue, over: latest, op: ">=", value: 2000万元}}]}]}]
examples:
  - {name: 旧, as_of: 2025-06-30, facts: {finance.main_revenue: {2024: 1500万元}}, expect: "true"}
  - {name: 新, as_of: 2026-06-30, facts: {finance.main_revenue: {2025: 1500万元}}, expect: "false"}
  - {name: 不知道, as_of: 2026-06-30, facts: {finance.main_revenue: unknown}, expect: unknown}
"""


def facts(*names):
    return [packs.catalogue()[name] for name in names]


def read(*names):
    """A policy that reads these facts."""
    return build.policy(*[build.of(fact, "exists") for fact in facts(*names)])


@pytest.fixture
def firm(tmp_path):
    """One firm of 1,200 万元 and enough research, its statements and books complete."""
    catalogue = packs.catalogue()
    told = [("A", catalogue[name], period, value) for name, period, value in (
        ("finance.main_revenue", "2025", 1200 * WAN), ("finance.liabilities", "2025", 500 * WAN), ("finance.assets", "2025", 1000 * WAN),
        ("finance.employees", "2025", 60), ("rd.expense", "2025-06", 120 * WAN), ("rd.expense", "2024-06", 110 * WAN),
        ("revenue.sales", "2025-06", 1200 * WAN), ("revenue.sales", "2024-06", 1000 * WAN), ("patent.inventions", "2026-Q1", 1))]
    years = " ".join(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))
    data = dataset(tmp_path, list(catalogue.values()), told, covered={catalogue["rd.expense"]: years, catalogue["revenue.sales"]: years},
                   attributes={"A": {catalogue["enterprise.industry"]: "4030", catalogue["enterprise.established"]: 16_000}})
    kept = [name for name in data.attributes.column_names if name not in catalogue or not catalogue[name].by_standard]
    return dataclasses.replace(data, attributes=data.attributes.select(kept))


def value(data, name, day):
    return standards.for_policies(data, [read(name)], day).attributes.column(name).to_pylist()


# ── what they tell ───────────────────────────────────────────────────────────
def test_a_firm_meets_the_old_conditions_and_not_those_of_the_next_day(firm):
    assert value(firm, SRED, LAST) == [1]
    assert value(firm, SRED, FIRST) == [0]
    assert value(firm, SIZE, FIRST) == ["小型"]


def test_before_the_first_version_nothing_is_told(firm):
    assert value(firm, SRED, dt.date(2020, 1, 1)) == [None]


def test_only_what_is_read_is_told_and_the_run_names_the_standard(firm):
    day, plain = FIRST, build.policy(build.of(packs.catalogue()["enterprise.industry"], "exists"))
    assert standards.for_policies(firm, [plain], day) is firm
    told = standards.for_policies(firm, [read(SIZE)], day)
    assert SRED not in told.attribute_columns()
    manifest = runfile.manifest_of([read(SIZE)], told, day, None)
    assert set(manifest["standards"]) == {SIZE}
    assert "standards" not in runfile.manifest_of([plain], firm, day, None)


def test_another_text_of_a_standard_is_another_run(firm):
    told = standards.for_policies(firm, [read(SIZE)], FIRST)
    other = dataclasses.replace(told, standards={SIZE: "0" * 64})
    names = {runfile.name_of(runfile.manifest_of([read(SIZE)], data, FIRST, None)) for data in (told, other)}
    assert len(names) == 2


def test_what_the_data_say_themselves_is_not_worked_out(firm):
    import pyarrow as pa

    own = dataclasses.replace(firm, attributes=firm.attributes.append_column(SIZE, pa.array(["大型"])))
    assert value(own, SIZE, FIRST) == ["大型"]


def test_a_catalogue_that_knows_the_fact_otherwise_is_left_alone(firm):
    others = Catalogue([dataclasses.replace(spec, sources=()) if spec.by_standard else spec for spec in firm.catalogue.values()])
    assert standards.for_policies(dataclasses.replace(firm, catalogue=others), [read(SIZE)], FIRST).standards == {}


AMOUNTS = st.one_of(st.none(), st.sampled_from([0, 299, 300, 1999, 2000, 39_999, 40_000]))
HEADS = st.one_of(st.none(), st.sampled_from([0, 19, 20, 299, 300, 999, 1000]))
INDUSTRIES = st.one_of(st.none(), st.sampled_from(["4030", "4710", "5110", "7010", "7220", "8310", "0110", "5910"]))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(firms=st.lists(st.tuples(INDUSTRIES, HEADS, AMOUNTS, AMOUNTS, st.booleans()), min_size=4, max_size=12))
def test_everybody_at_once_and_one_by_one_are_told_the_same(tmp_path, monkeypatch, firms):
    catalogue = packs.catalogue()
    told, attributes = [], {}
    for at, (industry, heads, revenue, assets, absent) in enumerate(firms):
        who = f"F{at}"
        attributes[who] = {catalogue["enterprise.industry"]: industry}
        for name, found in (("finance.employees", heads), ("finance.main_revenue", revenue), ("finance.assets", assets)):
            if found is not None:
                told.append((who, catalogue[name], "2025", found * (1 if name == "finance.employees" else WAN)))
            elif absent:
                told.append((who, catalogue[name], "2025", None))
    data = dataset(tmp_path, [spec for spec in catalogue.values() if not spec.by_standard], told, attributes=attributes)
    data = dataclasses.replace(data, catalogue=catalogue)
    names = (SIZE, "enterprise.reaches_above_scale")
    one_by_one = standards.for_policies(data, [read(*names)], FIRST)
    monkeypatch.setattr(standards, "SOME", 0)
    assert standards.for_policies(data, [read(*names)], FIRST).attributes.equals(one_by_one.attributes)


# ── what is refused ──────────────────────────────────────────────────────────
def refused(tmp_path, text):
    path = tmp_path / "one.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(document.DocumentErrors) as error:
        standards.load([path], packs.catalogue(), packs.codes())
    return str(error.value)


def test_a_standard_of_two_versions_is_read_and_a_later_file_replaces_it(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(DOCUMENT, "utf-8")
    second.write_text(DOCUMENT.replace("两千万", "两千万元"), "utf-8")
    found, = standards.load([first, second], packs.catalogue(), packs.codes())
    assert [version.confirmed for version in found.versions] == [True, False]
    assert found.on(dt.date(2026, 1, 1)).groups[0].classes[0].clauses[0].cite.quote == "两千万元"


@pytest.mark.parametrize(("old", "new", "said"), [
    ("to: 2025-12-31", "to: 2026-01-01", "重叠"),
    (", to: 2025-12-31", "", "重叠"),
    ("fact: enterprise.reaches_above_scale", "fact: enterprise.above_scale", "不是由标准告知"),
    ("fact: enterprise.reaches_above_scale", "fact: enterprise.reaches_above", "enterprise.reaches_above_scale"),
    ("when: {fact: finance.main_revenue, over: latest, op: \">=\", value: 2000万元}", "when: {fact: enterprise.size_class, op: \"=\", value: 大型}", "另一条标准"),
    ('expect: "false"', 'expect: "true"', "算出来是 false"),
    ("confirmed: false", "confirmed: perhaps", "true、false"),
    ("  - {name: 不知道, as_of: 2026-06-30, facts: {finance.main_revenue: unknown}, expect: unknown}\n", "", "至少要 3 个算例"),
    ("says: 两千万", "say: 两千万", "says"),
    ("value: 2000万元", "value: 2000万人", "one.yaml:10"),
])
def test_a_standard_that_cannot_be_trusted_is_refused_with_file_and_line(tmp_path, old, new, said):
    assert old in DOCUMENT
    found = refused(tmp_path, DOCUMENT.replace(old, new))
    assert "one.yaml:" in found
    assert said in found


def test_every_shipped_standard_says_where_it_is_from_and_that_nobody_has_confirmed_it():
    found = standards.known()
    assert {standard.fact.name for standard in found} == {spec.name for spec in packs.catalogue().values() if spec.by_standard}
    assert all(version.document and not version.confirmed for standard in found for version in standard.versions)
    assert all(standard.title["en"] for standard in found)
    assert all(clause.cite.quote for standard in found for version in standard.versions for group in version.groups
               for one in group.classes for clause in one.clauses)


def test_a_changed_limit_changes_the_class(tmp_path, firm, monkeypatch):
    path = packs.SHIPPED / "base/standards/sme-size.yaml"
    text, _sep, _examples = path.read_text("utf-8").partition("examples:")
    changed = tmp_path / "sme-size.yaml"
    three = "".join(f'  - {{name: n{at}, as_of: 2026-06-30, facts: {{enterprise.industry: "4030"}}, expect: unknown}}\n' for at in range(3))
    changed.write_text(text.replace("value: 300 人", "value: 60 人").replace("value: 2000万元", "value: 1200万元") + "examples:\n" + three, "utf-8")
    monkeypatch.setattr(standards, "known", lambda: tuple(standards.load([changed], packs.catalogue(), packs.codes())))
    assert value(firm, SIZE, FIRST) == ["中型"]


def test_what_policies_read_through_a_standard_is_read_too():
    alone = {fact.name for fact in standards.read_by([read("tax.paid")], FIRST)}
    assert alone == {"tax.paid"}
    through = {fact.name for fact in standards.read_by([read("tax.paid", SRED)], FIRST)}
    assert {"tax.paid", SRED, "finance.main_revenue", "rd.expense"} <= through
    assert "electricity.used" not in through


def test_two_classes_worded_alike_are_two():
    one = standards.Class("yes", ())
    assert len({one, dataclasses.replace(one)}) == 2
