"""The synthetic county: as large as the public figures say, the same every time, and nobody's."""

from collections import Counter

import pytest

from diguan.kernel import packs, uscc
from diguan.site.demo import county


@pytest.fixture(scope="module")
def params():
    return packs.read_yaml(packs.SHIPPED / "hengyang" / "demo.yaml")


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
