"""CHARM: by hand, the whole gives itself back, and trade that adds up."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from diguan.chains.engine import example, leontief
from diguan.chains.engine.crosshauling import charm, heterogeneity, trade
from diguan.chains.engine.regional import Region, regionalise
from diguan.chains.engine.table import check, without_imports
from diguan.kernel.refusals import Refusal

TABLE = example.table()
SHARE = np.array([0.02, 0.001, 0.03, 0.01, 0.01, 0.008])


def amounts():
    return arrays.arrays(float, 4, elements=st.floats(0, 1000))


def test_a_region_by_hand():
    """Nation: makes 100, uses 90, exports 30, imports 20: 40 of its trade crosses, 40/190 of output and use. Region: makes 10, uses 20, so 120/19 crosses."""
    mixed = heterogeneity(np.array([100.0]), np.array([90.0]), np.array([30.0]), np.array([20.0]))
    found = trade(np.array([10.0]), np.array([20.0]), mixed)
    assert found.crossed == pytest.approx([120 / 19])
    assert found.exports == pytest.approx([60 / 19])
    assert found.imports == pytest.approx([10 + 60 / 19])
    assert found.local == pytest.approx([(10 - 60 / 19) / 20])


@given(amounts(), amounts(), arrays.arrays(float, 4, elements=st.floats(0, 1)))
def test_trade_adds_up_and_stays_within_what_is_made_and_used(output, use, mixed):
    found = trade(output, use, mixed)
    assert np.allclose(found.exports - found.imports, output - use)
    assert (found.exports <= output + 1e-9).all()
    assert (found.imports <= use + 1e-9).all()
    assert (np.minimum(found.exports, found.imports) >= 0).all()
    assert ((found.local >= 0) & (found.local <= 1)).all()


def test_the_whole_gives_back_its_own_trade_and_the_table_without_imports():
    found = charm(TABLE, Region(TABLE.output, TABLE.output))
    assert found.trade.exports == pytest.approx(TABLE.use["exports"])
    assert found.trade.imports == pytest.approx(TABLE.imports)
    assert np.allclose(found.model.a, leontief.model(without_imports(TABLE)).a)


def test_a_county_buys_less_at_home_than_the_whole_and_says_what_it_rests_on():
    region = Region(TABLE.output * SHARE, TABLE.output, proxy="从业人数", name="某县")
    found = charm(TABLE, region)
    effect = leontief.multipliers(found.model).effect
    assert (effect >= 1).all()
    assert (effect <= leontief.multipliers(leontief.model(without_imports(TABLE))).effect + 1e-12).all()
    assert "CHARM，以从业人数代替本地产出" in found.model.basis.caption("zh")
    assert any("share of value added" in note.en for note in found.model.basis.notes)
    assert not any("much too high" in note.en for note in found.model.basis.warnings())


def test_what_is_exchanged_both_ways_lowers_multipliers():
    """With nothing alike crossing the border this is the commodity balance, whose multipliers lie above."""
    region = Region(TABLE.output * SHARE, TABLE.output)
    nothing = np.zeros(6)
    closed = check(replace(TABLE, imports=nothing, use={**TABLE.use, "exports": TABLE.use["exports"] - TABLE.imports}))
    assert (leontief.multipliers(charm(TABLE, region).model).effect < leontief.multipliers(charm(closed, region).model).effect).all()


def test_more_final_use_in_the_region_brings_in_more_and_leaves_less_to_its_own_makers_where_they_fall_short():
    region = Region(TABLE.output * SHARE, TABLE.output)
    less, more = (charm(TABLE, region, share).trade for share in (0.02, 0.05))
    short = less.output < less.use
    assert short.sum() >= 3
    assert (more.imports > less.imports).all()
    assert (more.local <= less.local)[short].all()


def test_a_sector_the_region_does_not_have_comes_from_outside():
    local = TABLE.output * SHARE
    local[1] = 0
    found = charm(TABLE, Region(local, TABLE.output))
    assert found.trade.local[1] == 0
    assert (found.model.a[1] == 0).all()


def test_tables_and_regions_that_cannot_be_are_refused():
    region = Region(TABLE.output * SHARE, TABLE.output)
    for table, given_, final in ((without_imports(TABLE), region, None), (replace(TABLE, imports=None), region, None), (TABLE, region, 1.5),
                                 (TABLE, Region(np.zeros(6), TABLE.output), None), (TABLE, Region(np.ones(3), np.ones(3)), None)):
        with pytest.raises(Refusal):
            charm(table, given_, final)
    with pytest.raises(Refusal):
        regionalise(leontief.model(TABLE), region, "CHARM")
