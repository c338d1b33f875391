"""Requests close by what is visible, not by a click; nobody answers for another; nobody is asked what they cannot tell."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import access, periods
from diguan.kernel.facts import actions as batch_actions
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import Batch, DataRequest, RequestLine
from diguan.kernel.facts.requests import actions, queries
from diguan.kernel.facts.requests.answers import read_answer
from diguan.kernel.facts.requests.queries import About, Question, letters
from diguan.kernel.packs import catalogue
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import declare, values
from diguan.kernel.sheets.tests.ugly import code, xlsx
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
ABOUT = About("policy", "some-policy", "某政策")
HERE, THERE = code(1), code(2)
MONTH = "2026-08"


@pytest.fixture(autouse=True)
def alone(settings, tmp_path, monkeypatch):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-30"
    monkeypatch.setattr(declare, "_SUBJECTS", {})  # the kernel alone: no room has told it which enterprises there are


@pytest.fixture
def officer():
    return person_factory("policy_officer", from_day=dt.date(2026, 1, 1))


def question(uscc=HERE, fact="export.sales", period=MONTH):
    return Question(uscc, f"企业{uscc[-4:]}", fact, period, "第二条")


def ask(officer, *asked, to="tax_bureau", days=5):
    return actions.ask(letters=letters({to: asked or [question()]}, ABOUT, days), by=officer)


def deliver(*rows, complete=(), period=MONTH, by=None, source=""):
    """The tax bureau's file: code, tax paid, export sales."""
    book = xlsx([["统一社会信用代码", "入库税额", "出口销售额"], *(list(row) for row in rows)])
    clerk = by or person_factory("data_clerk")
    upload = deliveries.keep(f"税-{len(rows)}-{source}.xlsx", book, "tax_monthly", by=clerk)
    return deliveries.commit(deliveries.Request("tax_monthly", periods.parse(period), source, complete), upload, book, by=clerk)


def told(uscc, text, by, fact="export.sales", period=MONTH):
    return actions.tell(subject_id=uscc, rows=[read_answer(uscc, catalogue()[fact], period, text)], by=by)


def states():
    return sorted(RequestLine.objects.values_list("addressee", "subject_id", "state"))


# ── sending ──────────────────────────────────────────────────────────────────
def test_a_bureau_gets_one_request_and_every_firm_its_own(officer):
    found = letters({"tax_bureau": [question(), question(THERE)], "enterprise": [question(), question(THERE)]}, ABOUT)
    assert [(each.addressee, each.firms) for each in found] == [("tax_bureau", 2), ("enterprise", 1), ("enterprise", 1)]
    made = actions.ask(letters=found, by=officer).made
    assert [(row.addressee, row.subject_id, row.lines.count()) for row in made] == [("tax_bureau", "", 2), ("enterprise", HERE, 1), ("enterprise", THERE, 1)]


def test_the_due_date_passes_over_holidays_and_tells_how_it_came_about(officer, settings):
    settings.DIGUAN_TODAY = "2026-09-24"
    row = ask(officer).made[0]
    assert row.due.isoformat() == "2026-10-09"
    assert row.derivation == {"start": "2026-09-24", "workdays": 5, "provisional": False, "weekends": [], "holidays": [
        "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"]}


def test_what_is_open_is_not_asked_again_and_only_the_rest_is(officer):
    assert len(ask(officer).made) == 1
    again = ask(officer, question(), question(THERE))
    assert (again.waiting, [line.subject_id for line in again.made[0].lines.all()]) == (1, [THERE])
    assert ask(officer, question(), question(THERE)) == actions.Asked((), 2, 0)
    assert ask(officer, question(period="2026-07")).made  # another month is another question
    assert ask(officer, to="enterprise").made  # and so is another addressee


@pytest.mark.parametrize(("asked", "to", "days", "words"), [
    (question(fact="tax.exports"), "tax_bureau", 5, "目录里没有事实"),
    (question(), "hr_bureau", 5, "不由 hr_bureau 报送"),
    (question(fact="tax.paid"), "enterprise", 5, "不由企业自报"),
    (question(fact="enterprise.park", period="all"), "enterprise", 5, "不由企业自报"),
    (question(period="2026"), "tax_bureau", 5, "不是出口销售额的期间"),
    (question(period="八月"), "tax_bureau", 5, "不是出口销售额的期间"),
    (question(), "tax_bureau", 0, "期限要在"),
    (question(), "tax_bureau", 61, "期限要在"),
])
def test_what_its_addressee_cannot_answer_is_not_asked_and_nothing_is_sent(officer, asked, to, days, words):
    with pytest.raises(Refusal) as refused:
        actions.ask(letters=[*letters({"tax_bureau": [question(THERE)]}, ABOUT), *letters({to: [asked]}, ABOUT, days)], by=officer)
    assert words in str(refused.value)
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("role", ["leader", "data_clerk", "bureau_clerk", "administrator", "enterprise_agent", None])
def test_who_may_not_ask_asks_nothing(role):
    with pytest.raises(access.Forbidden):
        ask(person_factory(role))
    assert not DataRequest.objects.exists()


# ── closing by what is visible ───────────────────────────────────────────────
def test_a_value_or_the_word_that_there_is_none_answers_and_silence_does_not(officer):
    row = ask(officer, question(), question(THERE), question(period="2026-07")).made[0]
    batch = deliver((HERE, 5, 12), (THERE, 5, "无"))
    assert dict(row.lines.values_list("subject_id", "batch").filter(period=MONTH)) == {HERE: batch.pk, THERE: batch.pk}
    row.refresh_from_db()
    assert (row.state, row.lines.get(period="2026-07").state) == ("open", "open")


def test_an_empty_cell_answers_nothing(officer):
    ask(officer)
    deliver((HERE, 5, None))
    assert states() == [("tax_bureau", HERE, "open")]


def test_a_delivery_said_to_be_complete_answers_for_who_is_not_in_it(officer):
    row = ask(officer).made[0]
    batch = deliver((THERE, 5, 12), complete=("export.sales",))
    row.refresh_from_db()
    assert (row.state, row.lines.get().batch_id, row.closed_at is None) == ("answered", batch.pk, False)


def test_what_a_firm_says_of_itself_answers_the_firm_and_not_the_bureau(officer):
    ask(officer)
    ask(officer, to="enterprise")
    told(HERE, "3万元", person_factory("enterprise_agent", uscc=HERE))
    assert states() == [("enterprise", HERE, "answered"), ("tax_bureau", HERE, "open")]
    assert ask(officer).waiting == 1  # the bureau is still being asked
    deliver((HERE, 5, 30000))
    assert states() == [("enterprise", HERE, "answered"), ("tax_bureau", HERE, "answered")]


def test_a_bureau_that_speaks_first_answers_for_the_firm(officer):
    ask(officer, to="enterprise")
    deliver((HERE, 5, 30000))
    assert states() == [("enterprise", HERE, "answered")]


def test_a_batch_taken_back_opens_again_what_it_alone_had_told(officer):
    row, clerk = ask(officer, question(), question(THERE)).made[0], person_factory("data_clerk")
    first = deliver((HERE, 5, 12), by=clerk)
    second = deliver((HERE, 6, 13), (THERE, 6, 14), by=clerk)
    row.refresh_from_db()
    assert row.state == "answered"
    batch_actions.withdraw_batch(batch=second, by=clerk, reason="错了")
    assert states() == [("tax_bureau", HERE, "answered"), ("tax_bureau", THERE, "open")]
    batch_actions.withdraw_batch(batch=first, by=clerk, reason="也错了")
    row.refresh_from_db()
    assert (row.state, row.closed_at, set(row.lines.values_list("state", "batch"))) == ("open", None, {("open", None)})


def test_what_is_asked_anew_is_not_opened_twice(officer):
    clerk = person_factory("data_clerk")
    ask(officer)
    batch = deliver((HERE, 5, 12), by=clerk)
    batch_actions.withdraw_batch(batch=batch, by=clerk, reason="错了")
    assert (ask(officer).waiting, states()) == (1, [("tax_bureau", HERE, "open")])


# ── ending it otherwise ──────────────────────────────────────────────────────
def test_what_was_declined_says_why_and_may_be_asked_again(officer):
    clerk, row = person_factory("data_clerk"), ask(officer, question(), question(THERE)).made[0]
    deliver((HERE, 5, 12))
    actions.decline_request(request=row, by=clerk, reason="这家不在我们这里报税")
    assert (row.state, row.said) == ("declined", "这家不在我们这里报税")
    assert states() == [("tax_bureau", HERE, "answered"), ("tax_bureau", THERE, "declined")]
    with pytest.raises(Refusal, match="not_open"):
        actions.withdraw_request(request=row, by=officer, reason="不用了")
    assert ask(officer, question(THERE)).made


def test_nothing_ends_without_a_reason(officer):
    row = ask(officer).made[0]
    for deed, by in ((actions.decline_request, person_factory("data_clerk")), (actions.withdraw_request, officer)):
        with pytest.raises(Refusal, match="no_reason"):
            deed(request=row, by=by, reason=" ")
    assert states() == [("tax_bureau", HERE, "open")]


def test_it_is_overdue_from_the_day_after(officer, settings):
    row = ask(officer, days=1).made[0]
    settings.DIGUAN_TODAY = row.due.isoformat()
    assert (row.overdue, queries.overdue(queries.requests(officer)).count()) == (False, 0)
    settings.DIGUAN_TODAY = "2026-11-03"
    assert (row.overdue, queries.overdue(queries.requests(officer)).count()) == (True, 1)


# ── who may not ──────────────────────────────────────────────────────────────
def test_an_office_sees_and_answers_what_is_asked_of_it_alone(officer):
    tax, other = (person_factory("bureau_clerk", unit_factory(code=name)) for name in ("tax", "human-resources"))
    row, own = ask(officer).made[0], ask(officer, to="enterprise").made[0]
    assert [found.pk for found in queries.requests(tax)] == [row.pk]
    assert not queries.requests(other).exists()
    assert {queries.may_answer(person, each) for person, each in ((other, row), (other, own), (tax, own))} == {False}
    with pytest.raises(access.Forbidden):
        actions.decline_request(request=row, by=other, reason="没有")
    actions.decline_request(request=row, by=tax, reason="没有")
    assert row.state == "declined"


def test_an_office_delivers_for_its_own_source_alone(officer):
    ask(officer)
    other = person_factory("bureau_clerk", unit_factory(code="human-resources"))
    assert "tax_monthly" not in {sheet.name for sheet in deliveries.sheets_for(other)}
    with pytest.raises(access.Forbidden):
        deliver((HERE, 5, 12), by=other)
    assert (Batch.objects.count(), states()) == (0, [("tax_bureau", HERE, "open")])
    deliver((HERE, 5, 12), by=person_factory("bureau_clerk", unit_factory(code="tax")))
    assert states() == [("tax_bureau", HERE, "answered")]


def test_an_office_that_delivers_a_sheet_beside_another_delivers_it_as_its_own(officer):
    park = person_factory("bureau_clerk", unit_factory(code="watch-park"))
    book = xlsx([["统一社会信用代码", "期末用工人数"], [HERE, 20]])
    found = deliveries.preview(deliveries.Request("employment_monthly", periods.parse(MONTH), "", ()), "用工.xlsx", book, by=park)
    assert found.source == "park_office"


def test_another_firm_neither_sees_answers_nor_declines(officer):
    row, stranger = ask(officer, to="enterprise").made[0], person_factory("enterprise_agent", uscc=THERE)
    assert not queries.requests(stranger).exists()
    assert queries.asked_of(stranger, HERE) == []
    with pytest.raises(access.Forbidden):
        told(HERE, "3", stranger)
    with pytest.raises(access.Forbidden):
        actions.decline_request(request=row, by=stranger, reason="不想")
    assert (Batch.objects.count(), states()) == (0, [("enterprise", HERE, "open")])


@pytest.mark.parametrize("role", ["data_clerk", "policy_officer", "leader"])
def test_no_official_speaks_for_a_firm(officer, role):
    official, row = person_factory(role), ask(officer, to="enterprise").made[0]
    with pytest.raises(access.Forbidden):
        told(HERE, "3", official)
    with pytest.raises(access.Forbidden):
        actions.decline_request(request=row, by=official, reason="代它说")
    assert not Batch.objects.exists()


def test_a_firm_tells_only_what_the_catalogue_lets_it(officer):
    agent = person_factory("enterprise_agent", uscc=HERE)
    for fact, period in (("tax.paid", MONTH), ("enterprise.park", "all"), ("export.sales", "2026")):
        with pytest.raises(Refusal, match="may_not_tell"):
            told(HERE, "3" if fact != "enterprise.park" else "无", agent, fact, period)
    with pytest.raises(Refusal, match="nothing_told"):
        actions.tell(subject_id=HERE, rows=[], by=agent)
    assert not Batch.objects.exists()


# ── what is typed ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("fact", "text", "num"), [("export.sales", "12.5万元", 12_500_000), ("export.sales", "１，２００", 120_000), ("jobs.headcount", "30人", 30), ("space.land", "1.5", 15_000)])
def test_an_answer_is_read_as_a_sheet_reads_its_cells(fact, text, num):
    period = MONTH if catalogue()[fact].period == "month" else "2025"
    assert read_answer(HERE, catalogue()[fact], period, text).num == num


@pytest.mark.parametrize("text", ["约三十", "12,34", "3人", "-5", "0.001", "#N/A"])
def test_a_bad_answer_says_what_was_expected(text):
    with pytest.raises(values.ValueProblem):
        read_answer(HERE, catalogue()["export.sales"], MONTH, text)


def test_empty_tells_nothing_and_none_tells_that_there_is_none():
    assert read_answer(HERE, catalogue()["export.sales"], MONTH, " — ") is None
    assert read_answer(HERE, catalogue()["export.sales"], MONTH, "无").state == "absent"


@pytest.mark.parametrize("period", ["9999-12", "2027-01", "0001-01", "2026"])
def test_a_month_to_come_or_of_another_kind_is_neither_asked_nor_told(settings, period):
    settings.DIGUAN_TODAY = "2026-10-31"
    spec = catalogue()["loan.new"]
    assert actions.fits(spec, "2026-10")
    assert not actions.fits(spec, period)


def test_a_figure_too_large_to_be_true_is_refused():
    with pytest.raises(values.ValueProblem, match="核对一下单位"):
        read_answer("x", catalogue()["loan.new"], "2026-08", "92233720368547758.07")
