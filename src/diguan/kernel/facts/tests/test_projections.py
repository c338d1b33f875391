"""Projections: a few subjects read the short way are what the query gives; a damaged projection is made anew."""

from __future__ import annotations

import datetime as dt
import random
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq
import pytest

from diguan.kernel import packs, periods
from diguan.kernel.facts import actions, batches, files, projections, series, store
from diguan.kernel.facts.declare import Attribute
from diguan.kernel.sheets.tests.ugly import code

pytestmark = pytest.mark.django_db
FIRMS = [code(number) for number in range(1, 41)]


@pytest.fixture
def delivered(clerk, monkeypatch):
    """Three sources' deliveries with corrections, absences and attributes, in small row groups."""
    monkeypatch.setattr(projections, "_GROUP", 2048)
    dice = random.Random(7)
    facts = [spec for spec in packs.catalogue().values() if spec.period == "month" and spec.stored_as == "num"][:12]
    months = list(periods.within(dt.date(2025, 1, 1), dt.date(2026, 8, 31), "month"))
    for turn, source in enumerate(("tax_bureau", "hr_bureau", "tax_bureau")):
        rows = [_row(firm, spec.name, month, dice) for firm in FIRMS for spec in facts for month in months if dice.random() < 0.6]
        staged = actions.Staged(source, "tax_monthly", f"2026-0{turn + 1}", files.write_batch(rows), len(FIRMS), len(rows),
                                tuple((facts[at].name, months[at].text) for at in range(8)), after=actions.newest(source))
        actions.import_batch(staged=staged, by=clerk)
    told = [Attribute(firm, "enterprise.registered_region", "value", "430421") for firm in FIRMS[::2]]
    told += [Attribute(firm, "enterprise.cluster", "absent", None) for firm in FIRMS[::5]]
    store.export_registry(told, subjects=FIRMS[:-3], by=clerk, complete=["enterprise.registered_region"])
    return batches.visible_batches()


def _row(firm, fact, month, dice):
    value = dice.random() < 0.9
    return {"subject": "enterprise", "subject_id": firm, "fact": fact, "period": month.text, "period_start": month.start, "period_end": month.end,
            "state": "value" if value else "absent", "num": dice.randrange(10**9) if value else None, "text": None}


@pytest.mark.parametrize("wanted", [FIRMS[:1], FIRMS[5:9], [FIRMS[-1]], ["91430421MA00000000"], [*FIRMS[::7], FIRMS[-2]]])
def test_a_few_subjects_read_the_short_way_are_what_the_query_gives(delivered, monkeypatch, wanted):
    short = store.open_batches(delivered, packs.catalogue(), only=wanted)
    monkeypatch.setattr(store, "FEW", 0)
    long = store.open_batches(delivered, packs.catalogue(), only=wanted)
    assert (short.ids, short.keys, short.coverage, short.sources) == (long.ids, long.keys, long.coverage, long.sources)
    assert short.rows.equals(long.rows)
    assert short.attributes.equals(long.attributes)
    assert [short.subject_facts(firm).rows for firm in short.ids] == [long.subject_facts(firm).rows for firm in long.ids]


def test_of_several_words_the_source_that_goes_first_is_chosen_and_of_one_source_the_last(delivered):
    order = {spec.name: list(spec.sources) for spec in packs.catalogue().values()}
    said = {}
    for batch, row in enumerate(delivered):
        for told in pq.read_table(files.batch_path(row.sha256)).to_pylist():
            said.setdefault((told["subject_id"], told["fact"], told["period"]), []).append((batch, row.source, told["state"], told["num"], told["text"]))

    def place(fact, source):
        return order[fact].index(source) if source in order.get(fact, ()) else 1_000_000

    folder = projections.projection(delivered, packs.catalogue())
    facts = {(row["subject_id"], row["fact"], row["period"]): (row["state"], row["num"], row["text"]) for row in pq.read_table(folder / projections.FACTS).to_pylist()}
    assert facts == {key: min(words, key=lambda word: (place(key[1], word[1]), -word[0]))[2:] for key, words in said.items()}
    series = pq.read_table(folder / projections.SERIES).to_pylist()
    assert len(series) == sum(map(len, said.values())) > len(facts), "some were told more than once"
    for row in series:
        words = said[row["subject_id"], row["fact"], row["period"]]
        assert row["current"] == (row["batch"] == max(word[0] for word in words if word[1] == row["source"]))
    keys = [(row["subject_id"], row["fact"], row["period_start"], row["period"], row["place"], -row["batch"]) for row in series]
    assert keys == sorted(keys)


def test_a_delivery_that_tells_one_thing_twice_is_not_written():
    row = _row(FIRMS[0], "tax.paid", periods.parse("2026-08"), random.Random(1))
    with pytest.raises(ValueError, match="twice"):
        files.write_batch([row, row | {"num": 1}])
    assert files.write_batch([]), "an empty one is"


def test_the_short_way_reads_few_row_groups(delivered):
    path = projections.projection(delivered, packs.catalogue()) / projections.SERIES
    assert pq.ParquetFile(path).metadata.num_row_groups > 4
    every = pq.read_table(path).to_pylist()
    for firm in (FIRMS[0], FIRMS[17], FIRMS[-1]):
        assert projections.rows_of(path, "enterprise", [firm]) == [row for row in every if row["subject_id"] == firm]
    assert projections.rows_of(path, "project", [FIRMS[0]]) == []


@pytest.mark.parametrize("harm", ["cut", "changed", "lost", "unsealed"])
def test_a_damaged_projection_is_made_anew(delivered, clerk, harm):
    folder = projections.projection(delivered, packs.catalogue())
    before = series.facts_of(clerk, FIRMS[3])
    path = folder / projections.SERIES
    content = path.read_bytes()
    if harm == "lost":
        path.unlink()
    elif harm == "unsealed":
        (folder / projections.SEAL).write_text("{}", "utf-8")
    else:
        path.write_bytes(content[: len(content) // 2] if harm == "cut" else content[:500] + bytes(8) + content[508:])
    assert projections.projection(delivered, packs.catalogue()) == folder
    assert path.read_bytes() == content
    assert series.facts_of(clerk, FIRMS[3]) == before != []


def test_of_many_who_want_it_at_once_one_makes_it(delivered, monkeypatch):
    made = []
    real = projections._project
    monkeypatch.setattr(projections, "_project", lambda *given: (made.append(1), real(*given)))
    catalogue = packs.catalogue()
    with ThreadPoolExecutor(6) as pool:
        folders = set(pool.map(lambda _turn: projections.projection(delivered, catalogue), range(6)))
    assert len(folders) == len(made) == 1
