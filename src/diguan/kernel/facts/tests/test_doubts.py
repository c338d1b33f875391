"""A delivery that looks wrong though every cell is in order: another unit, a renamed column, an original after its correction."""

from __future__ import annotations

import pytest

from diguan.kernel import periods
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries, doubts
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.tests.test_deliveries import HEADS, bring, code, look, paid, tax, xlsx
from diguan.kernel.sheets import guard

pytestmark = pytest.mark.django_db
FIRMS = (3.2, 41, 12.5, 8, 130, 27)


def again(clerk, data, period, *, name="税务.xlsx", reason="", **more):
    upload = deliveries.keep(name, data, "tax_monthly", by=clerk)
    return deliveries.commit(deliveries.Request("tax_monthly", periods.parse(period), **more), upload, data, by=clerk, reason=reason)


def in_yuan(*amounts):
    """The same figures with the unit changed in the figures and not in the heading."""
    return tax(*(amount * 10_000 for amount in amounts))


# ── another unit ─────────────────────────────────────────────────────────────
def test_figures_ten_thousand_times_as_large_are_not_written_until_somebody_says_why(clerk):
    bring(clerk, tax(*FIRMS), "2026-07")
    found = look(clerk, in_yuan(*FIRMS))
    assert found.ok
    doubt, = found.doubts
    assert "“入库税额”这一列的数普遍是以前的 10,000 倍（6 家如此）" in doubt.zh
    assert "10,000 times" in doubt.en
    with pytest.raises(Refusal) as refused:
        again(clerk, in_yuan(*FIRMS), "2026-08")
    assert refused.value.code == "doubtful"
    assert Batch.objects.count() == 1
    again(clerk, in_yuan(*FIRMS), "2026-08", reason="八月起按合并口径")
    assert Batch.objects.count() == 2
    assert Event.objects.filter(verb="batch_imported").order_by("-id")[0].reason == "八月起按合并口径"


def test_figures_that_shrink_as_much_are_doubted_too(clerk):
    bring(clerk, in_yuan(*FIRMS), "2026-07")
    doubt, = look(clerk, tax(*FIRMS)).doubts
    assert "普遍只有以前的 1/10,000" in doubt.zh


@pytest.mark.parametrize("amounts", [FIRMS, tuple(amount * 3 for amount in FIRMS), (3200, *FIRMS[1:])])
def test_growth_and_a_single_odd_firm_are_no_other_unit(clerk, amounts):
    bring(clerk, tax(*FIRMS), "2026-07")
    assert look(clerk, tax(*amounts)).doubts == []


def test_too_few_firms_and_a_first_delivery_are_not_judged(clerk):
    assert look(clerk, in_yuan(*FIRMS)).doubts == []
    bring(clerk, tax(*FIRMS[:4]), "2026-07")
    assert look(clerk, in_yuan(*FIRMS[:4])).doubts == []


# ── a renamed column ─────────────────────────────────────────────────────────
def test_a_column_renamed_since_the_last_delivery_is_named_with_the_nearest_heading(clerk):
    renamed = [*HEADS[:-1], HEADS[-1], "增值税款（万元）"]
    before = xlsx([[*HEADS, "增值税（万元）"], [1, code(1), "演示企业1", 3, 1]])
    bring(clerk, before, "2026-07")
    found = look(clerk, xlsx([renamed, [1, code(1), "演示企业1", 3, 1]]))
    doubt, = found.doubts
    assert "增值税（最接近的是“增值税款（万元）”）" in doubt.zh
    assert not any(fact == "tax.vat" for fact, _period in found.coverage)


def test_a_remark_beside_all_the_columns_there_were_is_no_doubt(clerk):
    bring(clerk, tax(*FIRMS), "2026-07")
    assert look(clerk, xlsx([[*HEADS, "备注"], [1, code(1), "演示企业1", 3, "好"]]), complete=()).doubts == []


# ── an original after its correction ─────────────────────────────────────────
def test_an_original_after_its_correction_fills_gaps_and_puts_nothing_back(clerk):
    bring(clerk, tax(3.2), "2026-07")
    bring(clerk, tax(5), "2026-08", name="税务 2026-08 更正.xlsx", complete=())
    original = tax(4, 9)
    doubt, = look(clerk, original).doubts
    assert "是这一期的更正" in doubt.zh
    with pytest.raises(Refusal):
        again(clerk, original, "2026-08")
    batch = again(clerk, original, "2026-08", only_new=True)
    assert paid(clerk, 1)[-1] == ("2026-08", "value", 5_000_000)
    assert paid(clerk, 2)[-1] == ("2026-08", "value", 9_000_000)
    assert batch.changes["new"] == 1
    assert batch.changes["changed"] == 0


def test_a_second_correction_is_an_ordinary_correction(clerk):
    bring(clerk, tax(5), "2026-08", name="税务 2026-08 更正.xlsx")
    found = deliveries.preview(deliveries.Request("tax_monthly", periods.parse("2026-08")), "税务 2026-08 再次更正.xlsx", tax(6), by=clerk)
    assert found.doubts == []


def test_a_file_with_nothing_new_is_not_an_empty_batch(clerk):
    bring(clerk, tax(5, 6), "2026-08")
    with pytest.raises(Refusal) as refused:
        again(clerk, tax(4, 3), "2026-08", only_new=True)
    assert refused.value.code == "nothing_new"
    assert Batch.objects.count() == 1


# ── deliveries that overlap ──────────────────────────────────────────────────
def test_of_two_deliveries_that_overlap_the_later_word_counts_key_by_key(clerk):
    months = xlsx([[*HEADS[:-1], "所属期", HEADS[-1]],
                   *([1, code(1), "演示企业1", f"2026-{month:02d}", month] for month in (6, 7))])
    bring(clerk, tax(70, 80), "2026-07")
    found = look(clerk, months, period="2026")
    assert found.counts == {"new": 1, "changed": 1, "same": 0, "gone": 1}
    bring(clerk, months, "2026")
    assert paid(clerk, 1) == [("2026-06", "value", 6_000_000), ("2026-07", "value", 7_000_000)]
    assert paid(clerk, 2) == [("2026-07", "absent", None)]


def test_small_corrections_do_not_blind_the_check(clerk):
    bring(clerk, tax(*FIRMS), "2026-05")
    for number in range(3):
        bring(clerk, tax(FIRMS[0] + number + 1), f"2026-0{number + 1}", complete=())
    assert "10,000 倍" in look(clerk, in_yuan(*FIRMS)).doubts[0].zh


def test_one_month_of_a_year_in_another_unit_is_doubted(clerk):
    bring(clerk, tax(*FIRMS), "2026-05")
    heads = [*HEADS[:-1], "所属期", HEADS[-1]]
    rows = [[number, code(number), f"演示企业{number}", f"2026-{month:02d}", amount * (10_000 if month == 8 else 1)]
            for month in (6, 7, 8) for number, amount in enumerate(FIRMS, 1)]
    assert len(look(clerk, xlsx([heads, *rows]), period="2026").doubts) == 1


def test_a_third_of_the_rows_in_another_unit_is_doubted(clerk):
    firms = tuple(float(3 + number) for number in range(18))
    bring(clerk, tax(*firms), "2026-07")
    mixed = tuple(amount * (10_000 if number % 3 == 0 else 1) for number, amount in enumerate(firms))
    assert "（6 家如此）" in look(clerk, tax(*mixed)).doubts[0].zh


def test_thousands_under_a_heading_of_ten_thousands_are_doubted(clerk):
    bring(clerk, tax(*FIRMS), "2026-07")
    assert "10 倍" in look(clerk, tax(*(amount * 10 for amount in FIRMS))).doubts[0].zh


def test_the_same_month_again_in_another_unit_is_doubted(clerk):
    bring(clerk, tax(*FIRMS), "2026-08")
    assert "10,000 倍" in look(clerk, in_yuan(*FIRMS)).doubts[0].zh


def test_a_correction_of_another_month_is_no_reason_to_doubt(clerk):
    bring(clerk, tax(5), "2026-07", name="税务 2026-07 更正.xlsx", complete=())
    assert look(clerk, tax(5.5)).doubts == []


def test_a_correction_that_says_so_in_its_title_alone_is_remembered(clerk):
    bring(clerk, xlsx([["2026年8月税收（更正）"], HEADS, [1, code(1), "演示企业1", 5]]), "2026-08", complete=())
    doubt, = look(clerk, tax(4)).doubts
    assert "是这一期的更正" in doubt.zh


@pytest.mark.parametrize("period", ["2062-10", "2027-01", "0001-01", "1900-01"])
def test_a_period_that_has_not_begun_or_is_too_far_back_is_refused(clerk, settings, period):
    settings.DIGUAN_TODAY = "2026-10-31"
    with pytest.raises(guard.SheetRefused, match="核对一下期间"):
        look(clerk, tax(1), period=period)


def test_a_delivery_that_slips_in_while_the_file_is_read_refuses_the_commit(clerk, monkeypatch):
    bring(clerk, tax(1), "2026-07")
    check = deliveries.check_file

    def slow(*args):
        monkeypatch.setattr(deliveries, "check_file", check)
        bring(clerk, tax(2), "2026-08", name="别人.xlsx")
        return check(*args)

    monkeypatch.setattr(deliveries, "check_file", slow)
    with pytest.raises(Refusal) as refused:
        again(clerk, tax(3), "2026-08")
    assert refused.value.code == "changed_meanwhile"


def test_a_correction_brought_in_for_its_year_is_remembered_for_each_of_its_months(clerk):
    months = xlsx([[*HEADS[:-1], "所属期", HEADS[-1]], [1, code(1), "演示企业1", "2026-08", 5]])
    bring(clerk, months, "2026", name="税务 2026 更正.xlsx", complete=())
    doubt, = look(clerk, tax(4)).doubts
    assert "是这一期的更正" in doubt.zh


# ── a part that is said to be the whole ──────────────────────────────────────
@pytest.fixture
def six_are_many(monkeypatch):
    monkeypatch.setattr(doubts, "MANY_ROWS", 6)


@pytest.mark.usefixtures("six_are_many")
@pytest.mark.parametrize("period", ["2026-07", "2026-08"])
def test_a_part_said_to_be_the_whole_is_not_written_until_somebody_says_why(clerk, period):
    """For the month it corrects and for a new one: of all the others it would say that they paid nothing."""
    bring(clerk, tax(*FIRMS), "2026-07")
    part = tax(*FIRMS[:2])
    doubt, = look(clerk, part, period).doubts
    assert f"说是齐全的，每期却只有 2 行，而第 {Batch.objects.get().pk} 号批次每期有 6 行" in doubt.zh
    assert "it has 2 rows a period" in doubt.en
    for more in ({}, {"only_new": True}):
        with pytest.raises(Refusal) as refused:
            again(clerk, part, period, **more)
        assert refused.value.code == "doubtful"
    assert Batch.objects.count() == 1
    again(clerk, part, period, complete=())
    assert ("2026-07", "value") in {point[:2] for point in paid(clerk, 6)}


@pytest.mark.usefixtures("six_are_many")
def test_a_part_is_no_doubt_when_it_says_so_and_half_the_firms_or_a_small_sheet_are_none(clerk):
    bring(clerk, tax(*FIRMS), "2026-07")
    assert look(clerk, tax(*FIRMS[:2]), complete=()).doubts == []
    assert look(clerk, tax(*FIRMS[:3])).doubts == []
    again(clerk, tax(*FIRMS[:2]), "2026-08", reason="其余四家已注销")
    assert look(clerk, tax(*FIRMS[:1]), "2026-08").doubts != []  # the last complete ones count, not the smallest of them


def test_few_firms_say_nothing_of_who_is_missing(clerk):
    bring(clerk, tax(*FIRMS), "2026-07")
    assert look(clerk, tax(*FIRMS[:1])).doubts == []


@pytest.mark.usefixtures("six_are_many")
def test_a_month_after_a_whole_year_in_one_file_is_no_part(clerk):
    year = [[code(n), month, amount] for n, amount in enumerate(FIRMS, 1) for month in ("2025-01", "2025-02", "2025-03")]
    bring(clerk, xlsx([["统一社会信用代码", "所属期", "入库税额（万元）"], *year]), "2025")
    assert look(clerk, tax(*FIRMS)).doubts == []
    assert look(clerk, tax(*FIRMS[:2])).doubts != []
