"""The synthetic county: as large as the public figures say, the same every time, and nobody's."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from diguan.kernel import uscc
from diguan.kernel.refusals import Refusal
from diguan.site.demo import county, files

DIGEST = """
import hashlib, pathlib, tempfile
from diguan.site.demo import county, files, more
params = county.parameters(60)
firms = county.draw_firms(params)
rows = county.draw_rows(firms, params)
folder = pathlib.Path(tempfile.mkdtemp())
files.write_all(folder, firms, rows, params, more.tables(rows, params))
print(hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest())
"""


@pytest.fixture(scope="module")
def params():
    return county.parameters()


@pytest.fixture(scope="module")
def drawn(params):
    firms = county.draw_firms(params)
    return firms, county.draw_rows(firms, params)


def test_the_clusters_have_the_public_numbers_of_firms(params):
    firms = county.draw_firms(params)
    assert Counter(firm.cluster for firm in firms) == {"钟表": 143, "小家电": 32, "陶瓷": 17, "鞋帽服装": 41, "其他": 1070}
    assert sum(firm.producing for firm in firms if firm.cluster == "钟表") == 117


def test_two_drawings_are_equal(params):
    assert county.draw_firms(params) == county.draw_firms(params)


def test_two_processes_write_the_same_bytes():
    """Whatever the order in which a process keeps its sets."""
    digests = [subprocess.run([sys.executable, "-c", DIGEST], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
                              timeout=120).stdout for seed in ("1", "2")]
    assert len(digests[0]) == 65
    assert digests[0] == digests[1]


def test_a_smaller_county_keeps_its_proportions():
    params = county.parameters(130)
    firms = county.draw_firms(params)
    counted = Counter(firm.cluster for firm in firms)
    assert counted == {"钟表": 14, "小家电": 3, "陶瓷": 2, "鞋帽服装": 4, "其他": 107}
    assert sum(firm.producing for firm in firms if firm.cluster == "钟表") == 12
    assert {name for firm in firms for name, *_rest in firm.titles} >= {"高新技术企业", "专精特新中小企业"}


@pytest.mark.parametrize("firms", [0, 49, 4_001])
def test_a_county_has_neither_too_few_nor_too_many_firms(firms):
    with pytest.raises(Refusal, match="50"):
        county.parameters(firms)


def test_titles_are_as_many_as_the_parameters_say_and_no_earlier_than_production(params, drawn):
    held = Counter((name, firm.cluster) for firm in drawn[0] for name, *_rest in firm.titles)
    for title in params["titles"]:
        assert {cluster: held[title["name"], cluster] for cluster in title["firms"]} == title["firms"]
    assert all(issued > firm.starts for firm in drawn[0] for _name, _issuer, issued, _until in firm.titles)
    giants = [firm for firm in drawn[0] if any("小巨人" in name for name, *_rest in firm.titles)]
    assert all(any(name == "专精特新中小企业" for name, *_rest in firm.titles) for firm in giants)


@pytest.mark.parametrize(("least", "most", "firms"), [(19_000_000, 21_000_000, 22), (2_850_000, 3_150_000, 14)])
def test_firms_stand_close_to_the_lines_of_sales(drawn, least, most, firms):
    sums = Counter()
    for firm, month in drawn[1]:
        if month.period.start.year == 2025:
            sums[firm.uscc] += month.sales // 100
    assert sum(least <= each <= most for each in sums.values()) >= firms


@pytest.mark.parametrize("line", [20, 300])
def test_headcounts_cross_their_lines_from_month_to_month(drawn, line):
    counted = {}
    for firm, month in drawn[1]:
        if month.period.start.year >= 2024:
            counted.setdefault(firm.uscc, []).append(month.headcount)
    crossing = [each for each in counted.values() if min(each) < line <= max(each) and max(each) - min(each) <= 8]
    assert len(crossing) >= 6


def test_who_is_in_no_park_is_told_so_and_few_are_left_open(drawn):
    outside = [firm for firm in drawn[0] if not firm.park]
    assert 900 < len(outside) < 1_100
    assert 0 < sum("park" in firm.untold for firm in drawn[0]) < 40


def test_a_late_correction_brings_what_was_true_all_along(params, drawn, tmp_path):
    firms, rows = drawn[0][::20], [row for row in drawn[1] if row[0] in drawn[0][::20]]
    for sheet, month in files.CORRECTED:
        tables = {table.name: table for table in files._tables(rows, params, files.random.Random(1)) if (table.sheet, table.period) == (sheet, month)}
        first, last = (next(table for name, table in tables.items() if name.endswith("更正") is late) for late in (False, True))
        assert last.rows == [row for row in rows if row[1].period.text == month]
        assert first.rows != last.rows
        assert len(first.rows) == len(last.rows) <= len(firms)


def test_codes_are_valid_and_names_are_marked_as_synthetic(params):
    firms = county.draw_firms(params)
    assert all(uscc.valid(firm.uscc) for firm in firms)
    assert len({firm.uscc for firm in firms}) == len({firm.name for firm in firms}) == len(firms)
    assert all(any(word in firm.name for word in params["name_words"]) for firm in firms)


def test_no_firm_declares_before_it_produces(params):
    firm = next(firm for firm in county.draw_firms(params) if firm.producing)
    assert all(month.period.start >= firm.starts for month in county.months(firm, params))


def test_three_exporters_wait_for_august_and_are_whole_otherwise(drawn):
    firms, rows = drawn
    late = files.late_exporters(rows)
    assert len(late) == 3
    assert all(firm.producing and firm.region == "430421" and not firm.untold for firm in late)
    assert {firm.uscc for firm in late} <= {firm.uscc for firm in firms}
    assert [firm.cluster for firm in late[:2]] == ["钟表", "钟表"]  # the demo's agent acts for these two


def test_every_industry_code_drawn_is_one_of_the_parameters(params, drawn):
    assert {firm.industry for firm in drawn[0]} <= {code for cluster in params["clusters"] for code in cluster["industries"]}


def test_no_firm_sells_more_abroad_than_at_all_nor_insures_more_than_it_employs(drawn):
    assert all(0 <= month.export <= month.sales and month.insured <= month.headcount and month.vat + month.income <= month.tax
               for _firm, month in drawn[1])


def test_the_clusters_grew_as_the_public_figures_say(params, drawn):
    for cluster in params["clusters"]:
        old = {firm.uscc for firm in drawn[0] if firm.cluster == cluster["name"] and firm.starts.year < 2024}
        sums = Counter()
        for firm, month in drawn[1]:
            if firm.uscc in old:
                sums[month.period.start.year] += month.sales
        assert sums[2025] / sums[2024] - 1 == pytest.approx(cluster["growth_2025"], abs=0.08)
        assert sums[2026] * 1.2 / sums[2025] - 1 == pytest.approx(0.07, abs=0.05)  # ten months of the next year: no fall, no leap
