"""The synthetic county: as large as the public figures say, the same every time, and nobody's."""

from collections import Counter

import pytest

from diguan.kernel import uscc
from diguan.site.demo import county, files, waiting


@pytest.fixture(scope="module")
def params():
    return county.parameters()


@pytest.fixture(scope="module")
def drawn(params):
    firms = county.draw_firms(params)
    return firms, [(firm, month) for firm in firms for month in county.months(firm, params)]


def test_the_clusters_have_the_public_numbers_of_firms(params):
    firms = county.draw_firms(params)
    assert Counter(firm.cluster for firm in firms) == {"钟表": 143, "小家电": 32, "陶瓷": 17, "鞋帽服装": 41, "其他": 300}
    assert sum(firm.producing for firm in firms if firm.cluster == "钟表") == 117


def test_two_drawings_are_equal(params):
    assert county.draw_firms(params) == county.draw_firms(params)


def test_codes_are_valid_and_names_are_marked_as_synthetic(params):
    firms = county.draw_firms(params)
    assert all(uscc.valid(firm.uscc) for firm in firms)
    assert len({firm.uscc for firm in firms}) == len({firm.name for firm in firms}) == len(firms)
    assert all(any(word in firm.name for word in params["name_words"]) for firm in firms)


def test_no_firm_declares_before_it_produces(params):
    firm = next(firm for firm in county.draw_firms(params) if firm.producing)
    assert all(month.period.start >= firm.starts for month in county.months(firm, params))


def test_the_files_are_the_same_bytes_each_time(params, drawn, tmp_path):
    firms = drawn[0][::20]
    few = [(firm, month) for firm, month in drawn[1] if firm in firms]
    for name in ("one", "two"):
        files.write_all(tmp_path / name, firms, few, params)
        waiting.write_all(tmp_path / name, firms, few)
    one, two = ({path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")} for name in ("one", "two"))
    assert len(one) == 33
    assert one == two


def test_three_exporters_wait_for_august_and_are_whole_otherwise(drawn):
    firms, rows = drawn
    late = files.late_exporters(rows)
    assert len(late) == 3
    assert all(firm.producing and firm.region == "430421" and not firm.untold for firm in late)
    assert {firm.uscc for firm in late} <= {firm.uscc for firm in firms}
    assert [firm.cluster for firm in late[:2]] == ["钟表", "钟表"]  # the demo's agent acts for these two


def test_every_industry_code_drawn_is_one_of_the_parameters(params, drawn):
    assert {firm.industry for firm in drawn[0]} <= {code for cluster in params["clusters"] for code in cluster["industries"]}


def test_the_clusters_grew_as_the_public_figures_say(params, drawn):
    for cluster in params["clusters"]:
        old = {firm.uscc for firm in drawn[0] if firm.cluster == cluster["name"] and firm.starts.year < 2024}
        sums = Counter()
        for firm, month in drawn[1]:
            if firm.uscc in old:
                sums[month.period.start.year] += month.sales
        assert sums[2025] / sums[2024] - 1 == pytest.approx(cluster["growth_2025"], abs=0.08)
        assert sums[2026] * 1.2 / sums[2025] - 1 == pytest.approx(0.07, abs=0.05)  # ten months of the next year: no fall, no leap
