"""Every figure is the number of the rows behind it, or their sum; and shows itself only to who may see it."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import access, measures
from diguan.kernel.messages import Message
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def standing(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 90))
    actions.run_match(by=officer())
    found = queries.standing(officer(), POLICY)
    assert found is not None
    return found


def officer():
    return person_factory("policy_officer", from_day=dt.date(2026, 1, 1))


def ours():
    return {name: found for name, found in measures.MEASURES.items() if name.startswith("policies.")}


def test_every_count_is_the_number_of_rows_behind_it(standing):
    person = officer()
    counts = [name for name, found in ours().items() if found.unit == "户" and found.rows]
    assert len(counts) == 9
    for name in counts:
        assert measures.value(name, person, standing).num == len(measures.behind(name, person, standing)), name


def test_every_amount_is_the_sum_of_the_rows_behind_it(standing):
    person = officer()
    amounts = [name for name, found in ours().items() if found.unit == "元"]
    assert len(amounts) == 2
    for name in amounts:
        rows = [line.amount_fen for line in measures.behind(name, person, standing)]
        assert measures.value(name, person, standing).num == (None if None in rows else sum(rows)), name


def test_the_high_amount_is_known_once_every_amount_is(standing):
    assert measures.value("policies.amount_high", officer(), standing).num is None
    county.deliver((SILENT, 700), period="2026-10")
    actions.run_match(by=officer())
    after = queries.standing(officer(), POLICY)
    assert measures.value("policies.amount_high", officer(), after).num == sum(
        line.amount_fen for line in measures.behind("policies.amount_high", officer(), after)) == 11_000_000


def test_a_figure_says_of_which_day_it_is_and_what_was_known(standing):
    figure = measures.value("policies.entitled", officer(), standing)
    assert (figure.period, figure.known_at) == ("2026-10-31", standing.run.known_at)


def test_without_a_match_a_figure_is_not_known_which_is_not_zero(standing):
    bare = queries.Standing(standing.policy)
    assert measures.value("policies.entitled", officer(), bare).num is None
    assert measures.behind("policies.entitled", officer(), bare) == []


def test_who_may_not_see_policies_sees_no_figure_and_who_may_not_see_entitlements_no_row(standing):
    with pytest.raises(access.Forbidden):
        measures.value("policies.entitled", person_factory("administrator", from_day=dt.date(2026, 1, 1)), standing)
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    assert measures.value("policies.entitled", clerk, standing).num == 2
    with pytest.raises(access.Forbidden):
        measures.behind("policies.entitled", clerk, standing)


def test_a_name_is_declared_once():
    with pytest.raises(TypeError, match=r"policies\.entitled"):
        measures.measure("policies.entitled", title=Message("甲", "a"), unit="户", definition=Message("乙", "b"), permission="x")(lambda of: 1)


def test_every_measure_says_what_it_is_in_both_languages():
    for found in measures.MEASURES.values():
        assert all((found.title.zh, found.title.en, found.definition.zh, found.definition.en)), found.name
