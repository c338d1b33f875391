"""Which sectors to ask next: equal to trying each, and what the first questions are worth."""

from dataclasses import replace

import numpy as np
import pytest

from diguan.chains.engine import example, leontief
from diguan.chains.engine.regional import Region, calibrate, delta_band, local_shares, regionalise
from diguan.chains.engine.survey import plan
from diguan.chains.engine.table import without_imports
from diguan.kernel.refusals import Refusal

TABLE = without_imports(example.table())
WHOLE = leontief.model(TABLE)
REGION = Region(TABLE.output * np.array([0.02, 0.001, 0.03, 0.01, 0.01, 0.008]), TABLE.output, name="某县")
WEIGHTS = REGION.local


def width(band):
    return band.high - band.low


def by_trying(asked, noise, doubt):
    """Low and high of the mean multiplier once these sectors were asked, by solving the whole model anew."""
    models = [regionalise(WHOLE, REGION, "FLQ", delta) for delta in (0.30, 0.20, 0.15)]
    shares = [dict(zip(WHOLE.codes, local_shares(each, WHOLE), strict=True)) for each in models]
    ends = []
    for at, sign in ((0, -1), (2, 1)):
        a = models[at].a.copy()
        for code, column in zip(WHOLE.codes, a.T, strict=True):
            least, most = max(0, shares[0][code] - doubt), min(1, shares[2][code] + doubt)
            if code in asked:
                column[:] = only(models[1], code, min(max(shares[1][code] * (1 + sign * noise), least), most))
            elif doubt:
                column[:] = only(models[at], code, (least, most)[sign > 0])
        ends.append(np.average(np.linalg.inv(np.eye(6) - a).sum(axis=0), weights=WEIGHTS))
    return ends


def only(model, code, share):
    return calibrate(model, WHOLE, {code: share}).model.a[:, WHOLE.codes.index(code)]


@pytest.mark.parametrize(("noise", "doubt"), [(0.0, 0.0), (0.05, 0.0), (0.2, 0.0), (0.05, 0.15), (0.0, 0.6)])
def test_every_question_is_the_one_that_narrows_most_as_trying_each_says(noise, doubt):
    found, asked = plan(WHOLE, REGION, WEIGHTS, noise=noise, doubt=doubt), []
    assert (found.doubted.low, found.doubted.high) == pytest.approx(tuple(by_trying([], noise, doubt)))
    for question in found.questions:
        tried = {code: by_trying([*asked, code], noise, doubt) for code in WHOLE.codes if code not in asked}
        best = min(tried, key=lambda code: tried[code][1] - tried[code][0])
        assert question.code == best
        assert (question.doubted.low, question.doubted.high) == pytest.approx(tuple(tried[best]))
        asked.append(best)
        assert (question.band.low, question.band.high) == pytest.approx(tuple(by_trying(asked, noise, 0.0)))
    assert sorted(asked) == sorted(WHOLE.codes)


def test_the_band_today_is_the_band_of_delta_and_narrows_to_nothing_when_all_are_asked_exactly():
    found = plan(WHOLE, REGION, WEIGHTS, noise=0.0)
    low, mid, high = (np.average(each.effect, weights=WEIGHTS) for each in delta_band(WHOLE, REGION))
    assert (found.band.low, found.band.mid, found.band.high) == pytest.approx((low, mid, high))
    widths = [width(found.band), *(width(each.band) for each in found.questions)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == pytest.approx(0, abs=1e-12)
    assert found.basis.delta == (0.15, 0.2, 0.3)


def test_how_many_are_enough():
    found = plan(WHOLE, REGION, WEIGHTS, goal=0.03)
    assert found.enough >= 1
    widths = [width(each.band) for each in found.questions]
    assert widths[found.enough - 1] <= 0.03 * found.band.mid < ([width(found.band), *widths])[found.enough - 1]
    assert plan(WHOLE, REGION, WEIGHTS, goal=1.0).enough == 0
    assert plan(WHOLE, REGION, WEIGHTS, goal=0.0001, most=2).enough is None


def test_doubt_widens_the_band_and_leaves_that_of_delta():
    sure, doubting = (plan(WHOLE, REGION, WEIGHTS, doubt=doubt) for doubt in (0.0, 0.2))
    assert sure.band == doubting.band == sure.doubted
    assert doubting.doubted.low < sure.band.low < sure.band.high < doubting.doubted.high


def test_what_is_known_is_not_asked_again_and_narrows_the_band_from_the_start():
    shares = dict(zip(WHOLE.codes, local_shares(regionalise(WHOLE, REGION), WHOLE), strict=True))
    first = plan(WHOLE, REGION, WEIGHTS)
    told = {each.code: shares[each.code] for each in first.questions[:2]}
    again = plan(WHOLE, REGION, WEIGHTS, told)
    assert not {each.code for each in again.questions} & told.keys()
    assert width(again.band) == pytest.approx(width(first.questions[1].band), rel=0.1)
    assert again.basis.surveyed == 2


def test_a_project_that_buys_of_one_sector_asks_that_sector_first():
    alike = Region(TABLE.output * 0.01, TABLE.output)
    for at, code in enumerate(WHOLE.codes):
        assert plan(WHOLE, alike, np.eye(6)[at], most=1).questions[0].code == code


def test_a_sector_that_buys_nothing_is_not_asked():
    a = WHOLE.a.copy()
    a[:, 2] = 0
    found = plan(replace(WHOLE, a=a), REGION, WEIGHTS)
    assert "C" not in {each.code for each in found.questions}
    assert len(found.questions) == 5


def test_plans_that_cannot_be_are_refused():
    for weights, known, noise in ((np.zeros(6), {}, 0.1), (-WEIGHTS, {}, 0.1), (WEIGHTS[:3], {}, 0.1), (WEIGHTS, {"Q": 0.1}, 0.1), (WEIGHTS, {"A": 1.1}, 0.1), (WEIGHTS, {}, 1.5)):
        with pytest.raises(Refusal):
            plan(WHOLE, REGION, weights, known, noise=noise)
