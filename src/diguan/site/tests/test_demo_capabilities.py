"""What the demo county's firms can do: the public figures come out of the register, however many firms there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from diguan.enterprises.models import Capability
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel.events import Event
from diguan.site.demo import accounts, build, capabilities

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 31)


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    settings.DIGUAN_TODAY = TODAY.isoformat()


def county(watches, others):
    """So many firms of the watch cluster and of each other one; the agent acts for the last watch firm."""
    made = [(cluster, n) for cluster, count in ((capabilities.WATCHES, watches), *((other, others) for other in (capabilities.CERAMICS, capabilities.SHOES, capabilities.APPLIANCES)))
            for n in range(count)]
    words = ("石英钟表", "表圈底盖", "机芯齿轮", "表盘工艺", "表针工艺", "表带科技", "表镜光学")
    for number, (cluster, n) in enumerate(made, start=1):
        word = words[n % len(words)] if cluster == capabilities.WATCHES else cluster
        enterprise_factory(credit_code(number), f"衡阳演示{number}{word}有限公司", cluster=cluster, town="西渡镇", production_status="在产", business_status="存续",
                           registered_capital_fen=(1_000 - number) * 100)
    accounts.found([credit_code(watches)])


def claimed(tmp_path):
    clerk = accounts.person("clerk")
    file = capabilities.write(tmp_path, by=clerk)
    rows = build.bring_in(file.delivery, by=clerk)
    capabilities.decide(file)
    return file, rows


def test_the_public_figures_come_out_of_verified_claims_and_nothing_else(tmp_path):
    county(60, 8)
    file, rows = claimed(tmp_path)
    officer = accounts.person("officer")
    verified, waiting = register.abilities(officer)
    assert rows == len(file.claims) >= 110
    assert register.figure("daily_capacity", officer, verified.only("product", category="钟表")).num == 299_520
    assert register.figure("export_markets", officer, verified).num == 83
    (share,) = verified.only("share").claims
    assert (share.details["share"], share.details["market"], share.details["year"]) == (1_100, "全球钟表年产量", 2024)
    assert any(one.name == "智能手表" for one in verified.only("joint_rd").claims)
    assert Counter(one.standing(TODAY) for one in Capability.objects.all()).keys() == {"verified", "claimed", "expired", "rejected", "withdrawn"}
    assert waiting.claims


def test_a_start_taken_up_again_brings_nothing_and_decides_nothing_twice(tmp_path):
    county(20, 3)
    claimed(tmp_path)
    before, events = list(Capability.objects.order_by("id").values()), Event.objects.count()
    _file, rows = claimed(tmp_path)
    assert rows is None
    assert list(Capability.objects.order_by("id").values()) == before
    assert Event.objects.count() == events


def test_a_county_of_few_firms_has_fewer_claims_and_no_error(tmp_path):
    county(3, 0)
    file, rows = claimed(tmp_path)
    assert rows == len(file.claims) > 10


def test_the_same_firms_give_the_same_file(tmp_path):
    county(20, 3)
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        capabilities.write(folder, by=accounts.person("clerk"))
    assert (one / capabilities.NAME).read_bytes() == (two / capabilities.NAME).read_bytes()
