"""The effect of a project and of visitors: bands, guards, and sums that add up."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.chains.engine import example, leontief
from diguan.chains.engine.effect import KINDS, Project, Spending, effects, total, tourism
from diguan.chains.engine.leontief import Households
from diguan.chains.engine.regional import Band, Region, regionalise
from diguan.chains.engine.table import without_imports
from diguan.kernel.refusals import Refusal

SURE = Band.sure
TABLE = without_imports(example.table())
WHOLE = leontief.model(TABLE)
REGION = Region(TABLE.output * np.array([0.02, 0.001, 0.03, 0.01, 0.01, 0.008]), TABLE.output, name="某县")
MODELS = [regionalise(WHOLE, REGION, "FLQ", delta) for delta in (0.3, 0.2, 0.15)]


def project(**changes):
    usual = Project("p", "B", {"D": 60.0, "C": 40.0}, {"D": Band(0.6, 0.8, 0.9), "C": Band(0.0, 0.1, 0.2)}, 100.0,
                    Band(0.3, 0.4, 0.5), Band(0.0, 0.1, 0.3), Band(0.0, 0.1, 0.2))
    return replace(usual, **changes)


def test_bands_go_from_low_to_high_in_both_phases_and_value_added_is_first():
    for found in effects(project(), MODELS):
        assert next(iter(found.bands)) == KINDS[0] == "value_added"
        assert all(band.low < band.mid < band.high for band in found.bands.values())
        assert found.basis.delta == (0.15, 0.2, 0.3)
        assert found.bands["output"].high < found.gross


def test_operation_by_hand():
    _building, running = effects(project(), MODELS)
    net = 100 * (1 - 0.4) * (1 - 0.1) * (1 - 0.1)
    assert running.bands["jobs"].mid == pytest.approx(net * leontief.multipliers(MODELS[1], "jobs").effect[1])
    assert running.direct["jobs"].mid == pytest.approx(net * WHOLE.coefficients["jobs"][1])


def test_what_the_project_brings_itself_stands_for_its_sectors_average():
    _building, usual = effects(project(), MODELS)
    _building, own = effects(project(own={"jobs": 1000.0}), MODELS)
    net = 0.6 * 0.9 * 0.9
    assert own.bands["jobs"].mid - usual.bands["jobs"].mid == pytest.approx(net * (1000 - 100 * WHOLE.coefficients["jobs"][1]))
    assert own.bands["tax"] == usual.bands["tax"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_displacement_never_adds(first, second):
    less, more = sorted((first, second))
    bands = [effects(project(displacement=SURE(each)), MODELS)[1].bands["value_added"].high for each in (less, more)]
    assert bands[1] <= bands[0] + 1e-9


def test_a_share_nobody_knows_gives_a_range_and_says_so():
    _building, running = effects(project(displacement=None), MODELS)
    assert running.bands["jobs"].low == pytest.approx(0)
    assert any("nobody knows" in note.en for note in running.basis.notes)
    building, _running = effects(project(bought_locally={}), MODELS)
    assert building.bands["jobs"].low == 0 < building.bands["jobs"].high


def test_sales_to_a_local_customer_are_counted_once():
    """A maker of parts who sells all to a local assembler adds nothing of its own: the assembler's effect holds it."""
    parts = effects(project(id="parts", sold_locally=SURE(1.0)), MODELS)[1]
    assembler = effects(project(id="assembler", sector="C", sold_locally=SURE(0.0)), MODELS)[1]
    assert total([parts, assembler], "value_added") == assembler.bands["value_added"]


def test_gross_output_of_several_projects_is_not_added_up():
    one, two = effects(project(id="1"), MODELS), effects(project(id="2"), MODELS)
    assert total([one[1], two[1]], "jobs").mid == pytest.approx(2 * one[1].bands["jobs"].mid)
    for found, kind, code in (([one[1], two[1]], "output", "double_count"), ([one[1], one[1]], "jobs", "counted_twice"),
                              ([one[0], two[1]], "jobs", "counted_twice"), ([one[1], two[1]], "water", "no_such_coefficient"), ([], "jobs", "nothing")):
        with pytest.raises(Refusal, match=code):
            total(found, kind)


@pytest.mark.parametrize("changes", [{"sector": "Q"}, {"sales": -1.0}, {"displacement": SURE(1.5)}, {"building": {"Q": 1.0}}])
def test_projects_that_cannot_be_are_refused(changes):
    with pytest.raises(Refusal):
        effects(project(**changes), MODELS)


def test_the_example_mark_reaches_the_projects_export():
    assert effects(project(), MODELS)[0].basis.exported("en")[0][0] == "Warning"


# ── visitors ──────────────────────────────────────────────────────────────
CLOSED = leontief.model(TABLE, Households(2500.0))
VISIT = [Spending("门票", SURE(10.0), "F"), Spending("住宿", Band(20.0, 25.0, 30.0), "E"), Spending("购物", SURE(40.0), "E", 0.25, "C", 0.1)]


def test_visitors_money_direct_indirect_and_induced_add_up_to_the_closed_model():
    found = tourism(VISIT, WHOLE, CLOSED)
    shock = np.zeros(6)
    shock[[4, 5, 2]] = 25 + 40 * 0.25, 10, 40 * 0.75 * 0.1
    parts = [part["output"].mid for part in (found.direct, found.indirect, found.induced)]
    assert parts[0] == pytest.approx(shock.sum())
    assert sum(parts) == pytest.approx(CLOSED.respond(shock).sum())
    assert found.leverage.mid == pytest.approx(sum(parts) / 10)
    assert found.leverage.low < found.leverage.high
    assert found.basis.closure == "II"


def test_no_tickets_no_leverage_and_unknown_sectors_are_refused():
    assert tourism(VISIT[1:], WHOLE, CLOSED).leverage is None
    with pytest.raises(Refusal):
        tourism([Spending("x", SURE(1.0), "Q")], WHOLE, CLOSED)
    with pytest.raises(Refusal):
        tourism(VISIT, CLOSED, CLOSED)
