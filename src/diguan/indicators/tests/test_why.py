from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from diguan.enterprises.models import Enterprise
from diguan.indicators.engine import changes, tables
from diguan.indicators.queries import register, sources, why
from diguan.indicators.tests.factories import HEAD, firms, pack, snapshot_factory, told
from diguan.kernel import packs
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2025, 9, 30)


def taxed(rows, amount, months=("2025-08",), whole=True):
    return told("tax.paid", {row.uscc: dict.fromkeys(months, amount) for row in rows}, whole=months if whole else ())


def asked(old, new, code="tax.paid", period="2025-08", role="leader", **more):
    return why.why(person_factory(role), old, new, register.book().newest(code), period, **more)


def parts(found):
    return {one.cause: (int(one.by), one.rows) for one in found.parts}


def exact(found):
    """The parts add up to the difference of the two cells, and to what the sides come to."""
    before, after = (Fraction(cell.num, cell.den) if cell.num is not None else None for cell in (found.before, found.after))
    assert sum((one.by for one in found.parts), Fraction(0)) == (after or 0) - (before or 0)
    shape = why.shape_of(found.one)
    assert after is None or shape.of([side.after for side in found.sides]) == after
    return found


def test_a_corrected_return_and_a_late_one_are_named_with_who_brought_them():
    rows = firms(5)
    taxed(rows[:4], 10_000)
    old = snapshot_factory(as_of=SEPTEMBER)
    correction = taxed(rows[:1], 30_001, whole=False)
    late = taxed(rows[4:], 7, whole=False)
    found = exact(asked(old, snapshot_factory(as_of=SEPTEMBER)))
    assert parts(found) == {changes.CORRECTED: (20_001, 1), changes.ADDED: (7, 1)}
    assert [(row.cause, row.label, row.before, row.after, row.told.number, row.told.source) for row in found.rows] == [
        (changes.CORRECTED, rows[0].name, 10_000, 30_001, correction.pk, "tax_bureau"), (changes.ADDED, rows[4].name, None, 7, late.pk, "tax_bureau")]
    assert found.rows[0].told.who == str(correction.created_by)
    assert (found.hidden, found.refused) == (0, None)


def test_a_withdrawn_delivery_takes_its_rows_away_and_says_who_took_it_back():
    from diguan.kernel.facts.actions import withdraw_batch

    rows = firms(4)
    taxed(rows[:3], 10_000, whole=False)
    batch = taxed(rows[3:], 500, whole=False)
    old = snapshot_factory(as_of=SEPTEMBER)
    clerk = person_factory("data_clerk")
    withdraw_batch(batch=batch, by=clerk, reason="报错了")
    found = exact(asked(old, snapshot_factory(as_of=SEPTEMBER)))
    assert parts(found) == {changes.GONE: (-500, 1)}
    assert (found.rows[0].told.withdrawn, found.rows[0].told.who) == (True, str(clerk))


def test_a_firm_that_moves_into_a_cluster_is_told_apart_from_what_it_paid():
    rows, other = firms(4), firms(4, "陶瓷")
    taxed([*rows, *other], 100)
    old = snapshot_factory(as_of=SEPTEMBER)
    Enterprise.objects.filter(pk=other[0].pk).update(cluster="钟表")
    taxed(other[:1], 130, whole=False)
    new = snapshot_factory(as_of=SEPTEMBER)
    found = exact(asked(old, new, dim="cluster", group="钟表"))
    assert parts(found) == {changes.REGISTER: (100, 1), changes.CORRECTED: (30, 1)}
    assert found.rows[0].note.zh == "产业集群 陶瓷 → 钟表"
    assert parts(exact(asked(old, new, dim="cluster", group="陶瓷"))) == {changes.REGISTER: (-100, 1)}
    assert parts(exact(asked(old, new))) == {changes.CORRECTED: (30, 1)}


def test_a_firm_new_on_the_register_brings_what_was_told_of_it_before():
    rows = firms(3)
    taxed(rows, 100)
    old = snapshot_factory(as_of=SEPTEMBER)
    (new_one,) = firms(1)
    taxed([new_one], 50, whole=False)
    found = exact(asked(old, snapshot_factory(as_of=SEPTEMBER)))
    assert parts(found) == {changes.ADDED: (50, 1)}


def test_growth_is_split_exactly_though_it_is_a_ratio():
    rows = firms(4)
    taxed(rows, 100, ("2024-01", "2024-02"))
    taxed(rows[:3], 260, ("2025-01", "2025-02"))
    old = snapshot_factory(as_of=dt.date(2025, 2, 28))
    taxed(rows[:1], 70, ("2024-02",), whole=False)
    taxed(rows[3:], 90, ("2025-02",), whole=False)
    found = exact(asked(old, snapshot_factory(as_of=dt.date(2025, 2, 28)), "tax.growth", "2025-02"))
    assert {one.cause for one in found.parts} == {changes.CORRECTED, changes.ADDED}
    assert [(row.side, row.cause, row.step, row.by) for row in found.rows] == [(0, changes.ADDED, "2025-02", 90), (1, changes.CORRECTED, "2024-02", -30)]


def test_a_share_of_records_is_split_over_both_its_sides():
    rows = firms(5, production_status="停产")
    old = snapshot_factory(as_of=SEPTEMBER)
    Enterprise.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(production_status="在产")
    new = snapshot_factory(as_of=SEPTEMBER)
    found = exact(asked(old, new, "enterprises.production_rate", "2025-09"))
    assert {one.cause: one.by for one in found.parts} == {changes.REGISTER: Fraction(3, 5)}


def test_another_version_of_a_definition_is_told_apart_from_other_rows(tmp_path, monkeypatch):
    first = f"- code: a.tax{HEAD}  fact: tax.paid\n"
    second = f"- code: a.tax\n  version: 2\n  why: {{zh: 只算钟表, en: Watches alone}}{HEAD.replace('2020-01-01', '2025-08-01')}  fact: tax.paid\n  where: {{cluster: [钟表]}}\n"

    def packed(text):
        folder = pack(tmp_path, text)
        monkeypatch.setattr(register.packs, "files", lambda name: iter([folder / name]) if name == register.FILE else packs.SHIPPED.glob(f"base/{name}"))

    rows, other = firms(4), firms(3, "陶瓷")
    taxed([*rows, *other], 100)
    packed(first)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(rows[:1], 150, whole=False)
    packed(first + second)
    new = snapshot_factory(as_of=SEPTEMBER)
    found = exact(asked(old, new, "a.tax"))
    assert parts(found) == {changes.DEFINITION: (-300, 0), changes.CORRECTED: (50, 1)}
    assert sorted(row.by for row in found.rows if row.cause == changes.DEFINITION) == [-100, -100, -100]
    assert (found.before.version, found.after.version) == (1, 2)


def test_a_definition_changed_in_place_is_still_told_by_what_the_old_rows_come_to(tmp_path, monkeypatch):
    def packed(more):
        folder = pack(tmp_path, f"- code: a.tax{HEAD}  fact: tax.paid\n{more}")
        register._book.cache_clear()
        monkeypatch.setattr(register.packs, "files", lambda name: iter([folder / name]) if name == register.FILE else packs.SHIPPED.glob(f"base/{name}"))

    taxed([*firms(4), *firms(3, "陶瓷")], 100)
    packed("")
    old = snapshot_factory(as_of=SEPTEMBER)
    packed("  where: {cluster: [钟表]}\n")
    new = snapshot_factory(as_of=SEPTEMBER)
    assert parts(exact(asked(old, new, "a.tax"))) == {changes.DEFINITION: (-300, 0)}
    packed("  where: {cluster: [陶瓷]}\n")
    assert asked(old, new, "a.tax").refused == why.OLD_TERMS


def test_a_figure_of_two_firms_is_not_taken_apart():
    firms(5, "陶瓷")
    two = firms(2)
    taxed(two, 100)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(two[:1], 300, whole=False)
    found = asked(old, snapshot_factory(as_of=SEPTEMBER), dim="cluster", group="钟表")
    assert (found.parts, found.rows, found.refused) == (None, (), why.FEW)


def narrowed(monkeypatch, *rows):
    """Only these firms may be seen."""
    seen = sources.visible_enterprises
    monkeypatch.setattr(sources, "visible_enterprises", lambda person: seen(person).filter(pk__in=[row.pk for row in rows]))


def test_rows_that_may_not_be_seen_are_one_line_whatever_moved_them(monkeypatch):
    rows = firms(6)
    taxed(rows[:5], 100)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(rows[:4], 300, whole=False)
    taxed(rows[5:], 7, whole=False)
    new = snapshot_factory(as_of=SEPTEMBER)
    narrowed(monkeypatch, rows[0], rows[1])
    found = exact(asked(old, new))
    assert parts(found) == {changes.CORRECTED: (400, 2), changes.HIDDEN: (407, 3)}
    assert ({row.label for row in found.rows}, found.hidden, found.refused) == ({rows[0].name, rows[1].name}, 3, None)
    narrowed(monkeypatch)
    assert (asked(old, new).rows, asked(old, new).hidden) == ((), 5)


def test_fewer_than_three_firms_that_may_not_be_seen_are_veiled(monkeypatch):
    rows = firms(5)
    taxed(rows, 100)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(rows[:4], 300, whole=False)
    narrowed(monkeypatch, *rows[2:])
    found = asked(old, snapshot_factory(as_of=SEPTEMBER))
    assert (found.hidden, found.parts, found.rows, found.sides, found.refused) == (2, None, (), (), why.VEILED)


def test_what_the_earlier_snapshot_did_not_know_counts_from_nothing():
    rows = firms(3)
    old = snapshot_factory(as_of=SEPTEMBER)
    taxed(rows, 100)
    found = exact(asked(old, snapshot_factory(as_of=SEPTEMBER)))
    assert found.before.state == tables.UNKNOWN
    assert parts(found) == {changes.ADDED: (300, 3)}
