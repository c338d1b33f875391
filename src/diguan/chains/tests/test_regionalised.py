"""What bringing a larger table to a region is worth: the United Kingdom's of 2019 brought to Scotland and held against Scotland's own.

The design's comparison was with Scotland's table of 2019, which does not lie beside the project; that of 2016 does, so prices and volumes are three years
apart. The errors come out alike (in percent, 2016 here; 2019 there): unadjusted +26.5; +26.9, SLQ +13.6; +15.5, FLQ with δ 0.15 0.0; +1.4, with δ 0.30 −8.2; −7.3.
RAS on both margins is not repeated: the UK's table has an empty row where Scotland's has something. CHARM neither: the UK's table has no imports by product.
"""

import numpy as np
import pytest

from diguan.chains.engine import leontief
from diguan.chains.engine.basis import Basis
from diguan.chains.engine.leontief import Model
from diguan.chains.engine.regional import (
    Region,
    calibrate,
    delta_band,
    every_county,
    learned_delta,
    local_shares,
    regionalise,
    sector_deltas,
)
from diguan.chains.engine.survey import plan
from diguan.chains.tests.test_published import FOLDER, published

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published tables ../shared/data/chain are not here")

SAME = """01=A01 | 02.1, 02.4 + 02.2-3=A02 | 03.1 + 03.2=A03 | 05=B05 | 06-08=B06 & B07 + B08 | 09=B09 | 10.1=C101 | 10.2-3=C102_3 | 10.4-5=C104 + C105
| 10.6=C106 | 10.7=C107 | 10.8=C108 | 10.9=C109 | 11.01-04 + 11.05-06 + 12=C1101T1106 & C12 | 11.07=C1107 | 13=C13 | 14=C14 | 15=C15 | 16=C16 | 17=C17 | 18=C18
| 19, 20B=C19 + C20B | 20.3=C203 | 20.4=C204 | 20.5=C205 | 20AC=C20A + C20C | 21=C21 | 22=C22 | 23.5-6=C235_6 | 23OTHER=C23OTHER | 24.1-3=C241T243 | 24.4-5=C244_5
| 25=C254 + C25OTHER | 26=C26 | 27=C27 | 28=C28 | 29=C29 | 30=C301 + C303 + C30OTHER | 31=C31 | 32=C32 | 33=C3315 + C3316 + C33OTHER | 35.1=D351 | 35.2-3=D352_3
| 36, 37=E36 + E37 | 38, 39=E38 + E39 | 41-43=F41, F42  & F43 | 45=G45 | 46=G46 | 47=G47 | 49.1-2=H491_2 | 49.3-5=H493T495 | 50=H50 | 51=H51 | 52=H52 | 53=H53
| 55=I55 | 56=I56 | 58=J58 | 59, 60=J59 & J60 | 61=J61 | 62=J62 | 63=J63 | 64=K64 | 65=K65.1-2 & K65.3 | 66=K66 | 68.1-2=L68BXL683 | 68.2IMP=L68A | 68.3=L683
| 69.1=M691 | 69.2=M692 | 70=M70 | 71=M71 | 72=M72 | 73=M73 | 74=M74 | 75=M75 | 77=N77 | 78=N78 | 79=N79 | 80=N80 | 81=N81 | 82=N82 | 84=O84 | 85=P85 | 86=Q86
| 87, 88=Q87 & Q88 | 90=R90 | 91=R91 | 92=R92 | 93=R93 | 94=S94 | 95=S95 | 96=S96 | 97=T97"""
"""Industries of Scotland's table = those of the United Kingdom's that hold the same, added up where one side is finer."""
PAIRS = [[side.split(" + ") for side in pair.split("=")] for pair in SAME.replace("\n", " ").split(" | ")]


def joined(table, side):
    """Flows and output of the sectors both tables have; every industry is in one of them."""
    into = np.array([[code in pair[side] for code in table.codes] for pair in PAIRS], dtype=float)
    assert (into.sum(axis=0) == 1).all()
    return into @ table.flows @ into.T, into @ table.output


class World:
    """Scotland's own model, the United Kingdom's, and Scotland as a region of it."""

    def __init__(self):
        names = tuple(pair[0][0] for pair in PAIRS)
        (flows, self.output), (whole_flows, whole) = joined(published("io_scotland_2016", "Z_industry_by_industry_gbp_m.csv.gz", 2016), 0), joined(published("io_uk_2019", "Z_domestic_use_gbp_m.csv.gz", 2019), 1)
        self.truth = Model(names, leontief.coefficients(flows, self.output), {}, Basis("Scotland", 2016, "published", "GBP million"))
        self.whole = Model(names, leontief.coefficients(whole_flows, whole), {}, Basis("UK", 2019, "published", "GBP million"))
        self.region = Region(self.output, whole, name="Scotland")
        self.right = leontief.multipliers(self.truth).effect
        bought = self.whole.a.sum(axis=0)
        self.shares = {name: float(min(1.0, own / all_)) for name, own, all_ in zip(names, self.truth.a.sum(axis=0), bought, strict=True) if all_ > 0}
        self.largest = {name: self.shares[name] for name in np.array(names)[np.argsort(-self.output)[:20]]}

    def errors(self, model):
        """(bias of the mean multiplier, mean absolute error), in percent, weighted by output."""
        found = leontief.multipliers(model).effect
        return 100 * (np.average(found, weights=self.output) / np.average(self.right, weights=self.output) - 1), 100 * np.average(np.abs(found / self.right - 1), weights=self.output)


@pytest.fixture(scope="module")
def world():
    return World()


def test_the_two_tables_have_94_sectors_in_common_and_scotland_is_a_sixteenth(world):
    assert len(PAIRS) == 94
    assert world.output.sum() / world.region.whole.sum() == pytest.approx(0.0639, abs=5e-5)


def test_the_whole_table_as_it_is_overstates_by_a_quarter(world):
    assert world.errors(world.whole) == pytest.approx((26.5, 26.1), abs=0.05)


@pytest.mark.parametrize(("method", "delta", "bias", "error"), [
    ("SLQ", 0.0, 13.6, 14.4), ("CILQ", 0.0, 9.6, 12.6), ("FLQ", 0.10, 3.0, 7.9), ("FLQ", 0.15, 0.0, 6.9), ("FLQ", 0.17, -1.1, 7.0), ("FLQ", 0.20, -2.7, 7.3),
    ("FLQ", 0.25, -5.6, 7.9), ("FLQ", 0.30, -8.2, 9.1), ("FLQ", 0.40, -12.4, 12.2), ("AFLQ", 0.20, 0.2, 6.9), ("AFLQ", 0.25, -2.5, 7.5),
])
def test_each_methods_error(world, method, delta, bias, error):
    assert world.errors(regionalise(world.whole, world.region, method, delta)) == pytest.approx((bias, error), abs=0.06)


def test_the_band_of_delta_holds_the_truth_on_average_and_many_counties_at_once_say_the_same(world):
    low, mid, high = (np.average(each.effect, weights=world.output) for each in delta_band(world.whole, world.region))
    assert low < mid < high
    assert low < np.average(world.right, weights=world.output) < high + 5e-4
    assert np.average(every_county(world.whole, world.output[None, :], world.region.whole)[0], weights=world.output) == pytest.approx(mid)


def test_local_purchase_shares_take_most_of_the_error_away(world):
    regional = regionalise(world.whole, world.region)
    assert world.errors(calibrate(regional, world.whole, world.shares).model)[1] < 0.7
    assert world.errors(calibrate(regional, world.whole, world.largest).model)[1] == pytest.approx(3.3, abs=0.1)


def test_delta_is_learned_from_twenty_sectors_and_a_delta_by_sector_is_better_still(world):
    learned = learned_delta(world.whole, world.region, world.largest)
    assert learned.low <= 0.15 <= learned.high
    one = regionalise(world.whole, world.region, "FLQ", learned.mid)
    each = regionalise(world.whole, world.region, "SFLQ", sector_deltas(world.whole, world.region, world.largest, learned.mid))
    assert world.errors(each)[1] < 4.5 < 6.5 < world.errors(one)[1]
    assert learned_delta(world.whole, world.region, world.shares).mid == pytest.approx(0.13)


def test_asking_as_planned_takes_more_error_away_than_by_delta_alone_or_by_size(world):
    """And δ is not all: three shares in four lie outside their band."""
    regional, shares = regionalise(world.whole, world.region), np.array([local_shares(regionalise(world.whole, world.region, "FLQ", delta), world.whole) for delta in (0.30, 0.15)])
    own = np.array([world.shares.get(code, np.nan) for code in world.whole.codes])
    assert np.nanmean((own < shares[0]) | (own > shares[1])) == pytest.approx(0.73, abs=0.02)

    def error(codes):
        return world.errors(calibrate(regional, world.whole, {code: world.shares[code] for code in codes}).model)[1]

    planned, by_delta = ([each.code for each in plan(world.whole, world.region, world.output, doubt=doubt).questions] for doubt in (0.15, 0.0))
    assert len(planned) == 20
    assert error(planned) < error(world.largest) < error(by_delta) < world.errors(regional)[1]
    assert error(planned) < 3.1
