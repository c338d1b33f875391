"""Local sourcing: the hand-made park, unknown stays unknown, nobody supplies itself, more capacity never hurts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.chains.models import Coverage, CoverageState
from diguan.chains.queries import sourcing
from diguan.chains.queries.sourcing import Near, matched
from diguan.chains.tests.factories import coverage_factory
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.refusals import Forbidden
from diguan.kernel.tests.factories import person_factory

DAY = dt.date(2026, 10, 31)
WAN = sourcing.WAN
PARK: dict[str, Any] = {"park": "钟表产业园", "town": "西渡镇"}


def firm(number: int, **told: Any) -> Enterprise:
    return Enterprise(pk=number, name=f"衡阳示例{number}", name_key=f"{number:03d}", **{**PARK, **told})


def row(number: int, role: str, amount: int | None, local: int | None, park: int | None = None, capacity: int | None = None, enterprise: Enterprise | None = None, **told: Any) -> Coverage:
    """A verified row kept nowhere; amounts in 万元."""
    amounts = {"amount_fen": amount, "local_fen": local, "park_fen": park, "capacity_fen": capacity}
    return Coverage(pk=number, enterprise=enterprise or firm(number), node="dial", role=role, state=CoverageState.VERIFIED, told_on=DAY, source="示例",
                    **{name: None if value is None else value * WAN for name, value in amounts.items()}, **told)


def six() -> list[Coverage]:
    """The hand-made park: A and B make, C, D and E buy in it, F makes elsewhere in the county; E told nothing of where it buys."""
    return [row(1, "make", 400, 160, 160, 500), row(2, "make", 200, 100, 80), row(3, "use", 300, 100, 100), row(4, "use", 200, 120, 100), row(5, "use", 100, None),
            row(6, "make", 100, 0, 0, 150, firm(6, park="西渡经开区", town="集兵镇"))]


def test_six_firm_park_comes_out_as_by_hand() -> None:
    found = matched("dial", six(), DAY)
    # C lacks 200 and D 80; A has 340 free, B 100, both in the park, so F, farther off, gets nothing.
    assert found.more == 280 * WAN
    assert {pair.supplier.firm.pk for pair in found.pairs} <= {1, 2}
    assert all(pair.near is Near.PARK for pair in found.pairs)
    assert [side.firm.pk for side in found.silent] == [5]
    assert found.gap < 1e-9
    # Sales: 260 of 700 stay in the county; at most 540 of 700 and the 150 idle that are then made as well.
    assert found.county("make") == sourcing.Share(round(260 / 700 * 10_000), round(540 / 850 * 10_000), 3, 3)
    # Purchases: 220 of 500; at most all of it. E buys 100, nobody knows where: left out above and below.
    assert found.county("use") == sourcing.Share(4400, 10_000, 2, 3)
    assert found.park("make") == sourcing.Share(round(240 / 700 * 10_000), round(520 / 850 * 10_000), 3, 3)
    assert found.park("use") == sourcing.Share(4000, 9600, 2, 3)


def test_demand_and_not_capacity_is_scarce_in_the_park_and_the_other_way_round() -> None:
    found = matched("dial", six(), DAY)
    assert {side.firm.pk for side in (*found.makers, *found.users) if side.scarce} == {3, 4}
    short = matched("dial", [row(1, "make", 100, 50), row(2, "use", 900, 0)], DAY)
    assert [(side.firm.pk, side.scarce) for side in (*short.makers, *short.users)] == [(1, True), (2, False)]


@pytest.mark.parametrize(("amount", "local", "capacity", "free"), [(None, None, 9, None), (9, None, None, None), (9, 4, None, 5), (9, 4, 20, 16), (9, 4, 3, 0), (9, 9, None, 0), (0, 0, None, 0)])
def test_unknown_is_not_nothing(amount: int | None, local: int | None, capacity: int | None, free: int | None) -> None:
    assert sourcing.free(row(1, "make", amount, local, None, capacity)) == (None if free is None else free * WAN)


def test_no_ratio_where_nobody_told() -> None:
    found = matched("dial", [row(1, "make", None, None), row(2, "use", 10, None)], DAY)
    assert (found.more, len(found.silent), found.county("make"), found.park("use")) == (0, 2, sourcing.Share(None, None, 0, 1), sourcing.Share(None, None, 0, 1))


def test_no_firm_supplies_itself_and_none_from_another_county() -> None:
    both = firm(1)
    assert matched("dial", [row(1, "make", 100, 0, enterprise=both), row(2, "use", 100, 0, enterprise=both)], DAY).more == 0
    away = matched("dial", [row(1, "make", 100, 0, enterprise=firm(1, place_region="430422")), row(2, "use", 100, 0, enterprise=firm(2, place_region="430421"))], DAY)
    assert away.more == 0


def test_the_nearer_then_the_cheaper_supplier_comes_first() -> None:
    far, close = row(1, "make", 100, 0, enterprise=firm(1, park="西渡经开区", town="集兵镇")), row(2, "make", 100, 0)
    user = row(3, "use", 100, 0)
    assert [pair.supplier.firm.pk for pair in matched("dial", [far, close, user], DAY).pairs] == [2]
    dear = row(2, "make", 100, 0, price_fen=1300, price_unit="只")
    cheap = row(1, "make", 100, 0, enterprise=firm(1, park="", town=""), price_fen=1000, price_unit="只")
    assert [pair.supplier.firm.pk for pair in matched("dial", [cheap, dear, user], DAY).pairs] == [1]


def test_a_pair_says_how_many_suppliers_would_do_as_well() -> None:
    near, far = row(2, "make", 100, 0), row(4, "make", 100, 0, enterprise=firm(4, park="", town=""))
    (pair,) = matched("dial", [row(1, "make", 100, 0), near, far, row(3, "use", 60, 0)], DAY).pairs
    assert pair.others == 1
    (pair,) = matched("dial", [row(1, "make", 100, 0), far, row(3, "use", 60, 0)], DAY).pairs
    assert pair.others == 0


@pytest.mark.parametrize(("rows", "unknown"), [
    ([row(1, "make", 100, None), row(2, "use", 100, 0)], True), ([row(1, "make", 100, 0), row(2, "use", None, None)], True), ([row(1, "make", None, None), row(2, "use", None, None)], True),
    ([row(1, "make", 100, 100), row(2, "use", None, None)], False), ([row(2, "use", None, None)], False), ([row(1, "make", 100, 0), row(2, "use", 100, 0), row(3, "use", None, None)], False),
])
def test_nothing_matched_for_want_of_word_is_unknown_and_not_0(rows: list[Coverage], unknown: bool) -> None:
    assert matched("dial", rows, DAY).unknown is unknown


def test_idle_and_unfinished_makers_supply_nobody() -> None:
    for word in ("停产", "在建", "未投产"):
        assert matched("dial", [row(1, "make", 100, 0, enterprise=firm(1, production_status=word)), row(2, "use", 100, 0)], DAY).more == 0


AMOUNT = st.integers(0, 10**13)
MAKERS = st.lists(st.tuples(AMOUNT, st.integers(0, 2)), min_size=1, max_size=5)


@given(makers=MAKERS, users=MAKERS, which=st.integers(0, 4))
def test_doubling_a_capacity_never_lowers_what_is_matched_and_nobody_gets_more_than_it_can(makers: list[tuple[int, int]], users: list[tuple[int, int]], which: int) -> None:
    def rows(double: int) -> list[Coverage]:
        places = [{"park": "甲"}, {"park": "乙"}, {"park": "", "town": ""}]
        made = [Coverage(pk=at, enterprise=firm(at, **places[place]), node="dial", role="make", amount_fen=fen, local_fen=0, capacity_fen=fen * (2 if at == double else 1)) for at, (fen, place) in enumerate(makers)]
        return made + [Coverage(pk=50 + at, enterprise=firm(50 + at, **places[place]), node="dial", role="use", amount_fen=fen, local_fen=0) for at, (fen, place) in enumerate(users)]

    before, after = matched("dial", rows(-1), DAY), matched("dial", rows(which % len(makers)), DAY)
    assert after.more >= before.more
    assert before.more == min(sum(fen for fen, _place in makers), sum(fen for fen, _place in users))
    for found in (before, after):
        assert all(side.more <= (side.free or 0) and side.more_park <= (side.free or 0) for side in (*found.makers, *found.users))
        assert found.more == sum(side.more for side in found.makers) == sum(side.more for side in found.users)


@pytest.mark.django_db
def test_only_verified_rows_count_and_matching_is_a_right() -> None:
    coverage_factory(enterprise_factory(**PARK), "dial", amount_fen=100, local_fen=0)
    coverage_factory(enterprise_factory(**PARK), "dial", "use", amount_fen=70, local_fen=0)
    coverage_factory(enterprise_factory(**PARK), "dial", "use", amount_fen=90, local_fen=0, verified=False)
    found = sourcing.matches(person_factory("chain_officer"), ["dial", "case"])
    assert (found["dial"].more, found["case"].more) == (70, 0)
    with pytest.raises(Forbidden):
        sourcing.matches(person_factory("enterprise_agent", uscc=Enterprise.objects.all()[0].uscc), ["dial"])
