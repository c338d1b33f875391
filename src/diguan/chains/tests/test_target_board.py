"""Ranking of target firms: rules as filters, unknown is a range and never zero, weights with their consistency, pages and the file."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from diguan.chains.actions import targets as actions
from diguan.chains.engine import ranking, targetfile
from diguan.chains.engine import targets as engine
from diguan.chains.engine.targetfile import FAILED, OPEN, PASSED
from diguan.chains.queries import target_board as boards
from diguan.chains.tests.factories import coverage_factory, entry, target_factory, targets_factory
from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import packs
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.kernel.sheets.tests.ugly import code
from diguan.kernel.tests.factories import person_factory

DOCUMENT = packs.SHIPPED / "base" / "targets.yaml"
GOOD = {"pollution": "none", "tax_per_mu": 20_000_000, "hometown_tie": 1, "growth": 1000, "jobs": 200, "local_share": 3000}


def read(*changes: tuple[str, str]) -> targetfile.Method:
    text = DOCUMENT.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return targetfile.read("targets.yaml", text.encode(), packs.catalogue(), packs.codes())


# ── the document ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("old", "new", "said"), [
    ("{more: gap, than: hometown, times: 3}", "{more: hometown, than: gap, times: 9}", "最对不上的一对是“乡情关联”比“补上的缺口”"), ("{more: gap, than: tax, times: 2}", "{more: gap, than: tax, times: 12}", "1 到 9"),
    ("    - {more: jobs, than: local, times: 1}\n", "", "没有判断：jobs–local"), ("{gap: 30, ", "{gap: 31, ", "101"), ("fact: target.growth\n    better: more", "fact: target.growth\n    better: less", "低于"), ("fact: target.jobs\n", "fact: jobs.headcount\n", "不是目标企业的事实"),
    ("fact: target.jobs\n", "fact: target.job\n", "没有这个事实"), ("zero: 0 人", "zero: 0 亩", "单位"), ("state: passed, gap: \"1\"", "state: unknown, gap: \"1\"", "对不上"), ("growth: \"0.5\"", "growth: \"0.4\"", "growth → 0.5"), ("use: ahp", "use: guess", "guess"),
    ("{fact: target.in_county, op: \"=\", value: false}", "{fact: enterprise.high_tech, op: \"=\", value: false}", "不是目标企业的事实"), ("轻污染: 0.7", "轻污染: 7", "0 到 1")])
def test_a_document_that_is_wrong_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        read((old, new))
    assert any(said in str(problem) for problem in refused.value.problems), refused.value
    assert all(problem.line for problem in refused.value.problems)


def test_a_scale_is_dated() -> None:
    of = read(("scales: [{in_force: {from: 2026-01-01}, source: {document: 演示基准, confirmed: false}, zero: 0 人, full: 500 人}]",
               "scales: [{in_force: {from: 2026-01-01, to: 2026-12-31}, source: {document: 演示基准, confirmed: false}, zero: 0 人, full: 500 人}, {in_force: {from: 2027-01-01}, source: {document: 新基准, confirmed: true}, zero: 0 人, full: 1000 人}]"))
    jobs = next(one for one in of.criteria if one.id == "jobs")
    told = [{"target.jobs": 250}]
    assert [jobs.column(told, day)[0] for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1))] == [0.5, 0.25]
    assert np.isnan(jobs.column(told, dt.date(2025, 12, 31))[0])


def test_judgements_that_contradict_one_another_are_refused_with_the_worst_pair() -> None:
    pairs = np.array([[1, 2, 9], [1 / 2, 1, 1 / 5], [1 / 9, 5, 1]])
    names = [Message(word, word) for word in ("甲", "乙", "丙")]
    with pytest.raises(Refusal, match="inconsistent") as refused:
        engine.judged(pairs, names)
    doubt = engine.worst_pair(pairs)
    off = abs(np.log(pairs / np.divide.outer(*[ranking.ahp(pairs).weights] * 2)))
    assert off[doubt.first, doubt.second] == pytest.approx(off.max())
    assert names[doubt.first].zh in refused.value.reasons[0].zh
    steady = np.array([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
    assert engine.judged(steady, names)[0] == pytest.approx([0.6, 0.3, 0.1])


# ── scores ───────────────────────────────────────────────────────────────────
cells = st.one_of(st.none(), st.integers(0, 20).map(lambda value: value / 20))
tables = st.integers(1, 12).flatmap(lambda size: st.lists(st.lists(cells, min_size=3, max_size=3), min_size=size, max_size=size))


def matrix(table: list[list[float | None]]) -> np.ndarray:
    return np.array([[np.nan if cell is None else cell for cell in line] for line in table], dtype=np.float64)


def plainly(values: np.ndarray, weights: np.ndarray, draws: int) -> tuple[list[float], list[int], list[bool], list[int], list[int]]:
    """Score, rank, tie, best and worst rank, one candidate against one other at a time."""
    share, unknown = weights / weights.sum(), np.isnan(values)
    mean = [column[~np.isnan(column)].mean() if (~np.isnan(column)).any() else 0.5 for column in values.T]
    score, low, high = ([float(np.where(unknown[at], other, values[at]) @ share) for at in range(len(values))] for other in (mean, 0.0, 1.0))
    drawn = share * np.random.default_rng(1).uniform(0.8, 1.2, (draws, len(share)))
    floors, ceilings = ([[float(np.where(unknown[at], other, values[at]) @ each) for at in range(len(values))] for each in (share, *(drawn / drawn.sum(axis=1, keepdims=True)))] for other in (0.0, 1.0))
    assert floors[0] == pytest.approx(low)
    assert ceilings[0] == pytest.approx(high)

    def ahead(mine: float, all_: list[float], at: int) -> int:
        return sum(other > mine + ranking.ALIKE for place, other in enumerate(all_) if place != at)

    size = range(len(values))
    return (score, [1 + ahead(score[at], score, at) for at in size], [any(abs(score[at] - score[other]) <= ranking.ALIKE for other in size if other != at) for at in size],
            [min(1 + ahead(up[at], down, at) for up, down in zip(ceilings, floors, strict=True)) for at in size], [max(1 + ahead(down[at], up, at) for up, down in zip(ceilings, floors, strict=True)) for at in size])


@settings(max_examples=60, deadline=None)
@given(tables, st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_ranks_and_ranges_are_those_counted_one_by_one(table: list[list[float | None]], weights: list[int]) -> None:
    values, given_ = matrix(table), np.array(weights, dtype=np.float64)
    found = ranking.scores(values, given_)
    score, rank, tied, low, high = plainly(values, given_, draws=50)
    best, worst = ranking.reached(found, range(len(values)), draws=50)
    assert np.allclose(found.score, score)
    for mine, theirs in ((found.rank, rank), (found.tied, tied), (best, low), (worst, high)):
        assert mine.tolist() == theirs
    assert np.allclose(found.parts.sum(axis=1), found.score)
    other = ranking.rank(values, given_, draws=50, middle=found.middle)
    assert (other.best.tolist(), other.worst.tolist(), other.score.tolist()) == (low, high, found.score.tolist())


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(0, 11), st.integers(0, 2))
def test_a_missing_fact_widens_and_never_lowers_below_the_low(table: list[list[float | None]], at: int, column: int) -> None:
    values, weights = matrix(table), np.array([3.0, 2.0, 1.0])
    at %= len(values)
    before = ranking.scores(values, weights)
    lost = values.copy()
    lost[at, column] = np.nan
    after = ranking.scores(lost, weights)
    assert after.low[at] <= before.low[at] + 1e-12
    assert after.high[at] >= before.high[at] - 1e-12
    assert after.low[at] - 1e-12 <= after.score[at] <= after.high[at] + 1e-12
    was, now = (ranking.reached(found, [at], draws=20) for found in (before, after))
    assert now[0][0] <= was[0][0]
    assert now[1][0] >= was[1][0]


def test_unknown_counts_as_the_mean_of_the_others_and_not_as_nothing() -> None:
    found = ranking.scores(np.array([[0.8], [0.4], [np.nan]]), np.array([1.0]))
    assert found.score == pytest.approx([0.8, 0.4, 0.6])
    assert (found.low[2], found.high[2]) == (0.0, 1.0)
    assert found.rank.tolist() == [1, 3, 2]


def test_equals_are_called_a_tie() -> None:
    found = ranking.scores(np.array([[0.5], [0.5], [0.1]]), np.array([1.0]))
    assert found.rank.tolist() == [1, 1, 3]
    assert found.tied.tolist() == [True, True, False]


# ── the board ────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_filter_nobody_can_judge_keeps_the_firm_and_one_that_fails_drops_it() -> None:
    person = person_factory("chain_officer")
    coverage_factory(node="movement_quartz", role="use", amount_fen=500_000_000)
    for name, more in (("示例样样有限公司", GOOD), ("示例待补有限公司", {}), ("示例平平有限公司", {**GOOD, "jobs": 10, "tax_per_mu": 11_000_000, "growth": 0}), ("示例重污有限公司", {**GOOD, "pollution": "heavy"})):
        target_factory(name, nodes=("movement_quartz",), kind="other", list_name=name, **more)
    target_factory("示例已在有限公司", kind="other", list_name="x", uscc=enterprise_factory().uscc, **GOOD)
    found = {line.firm.name: line for line in boards.board(person).lines}
    assert {name: line.state for name, line in found.items()} == {"示例样样有限公司": OPEN, "示例待补有限公司": OPEN, "示例平平有限公司": OPEN, "示例重污有限公司": FAILED, "示例已在有限公司": FAILED}
    board = boards.board(person)
    assert [line.firm.name for line in board.ranked] == ["示例样样有限公司", "示例待补有限公司", "示例平平有限公司"]
    assert found["示例重污有限公司"].at is None
    assert board.scores is not None
    poor = found["示例待补有限公司"].at
    assert poor is not None
    assert board.scores.score[poor] > board.scores.low[poor]
    assert board.scores.high[poor] > board.scores.score[poor]


@pytest.mark.django_db
def test_a_firm_of_which_everything_is_known_and_good_passes() -> None:
    person = person_factory("chain_officer")
    from diguan.chains.actions.feasibility import tell_feasibility

    open_ = {"land": "open", "energy": "open", "environment": "open", "source": "园区", "told_on": dt.date(2026, 1, 5)}
    tell_feasibility(node="movement_quartz", version=0, told=open_, by=person)
    coverage_factory(node="movement_quartz", role="use", amount_fen=500_000_000)
    firm = target_factory(uscc=code(4), nodes=("movement_quartz",), **GOOD)
    line, board = boards.line_of(person, firm)
    assert line.state == PASSED
    assert (line.told["target.gap_need"], line.told["target.feasible"], line.told["target.in_county"]) == (500_000_000, 1, 0)
    assert board.scores is not None
    assert line.at is not None
    assert board.scores.low[line.at] == board.scores.high[line.at]
    coverage_factory(node="movement_quartz", amount_fen=200_000_000)  # somebody here makes two fifths of it by now
    assert boards.line_of(person, firm)[0].told["target.gap_need"] == 300_000_000
    tell_feasibility(node="movement_quartz", version=1, told={**open_, "land": "closed"}, by=person)
    assert boards.line_of(person, firm)[0].state == FAILED


@pytest.mark.django_db
def test_a_need_nobody_knows_is_unknown_and_not_nothing() -> None:
    person = person_factory("chain_officer")
    coverage_factory(node="movement_quartz", role="use")
    line, board = boards.line_of(person, target_factory(nodes=("movement_quartz",)))
    assert "target.gap_need" not in line.told
    assert line.at is not None
    assert np.isnan(board.values[line.at, 0])


@pytest.mark.django_db
def test_every_way_of_weighing_and_one_that_cannot_be_had_says_so() -> None:
    person = person_factory("chain_officer")
    targets_factory(entry("示例一有限公司", jobs=10, growth=100), entry("示例二有限公司", row=6, jobs=400, growth=200))
    for use in ("ahp", "given", "entropy"):
        board = boards.board(person, use=use)
        assert board.weighing is not None
        assert board.weighing.use == use
        assert board.weighing.share.sum() == pytest.approx(1)
    consistency = boards.board(person, use="ahp").weighing
    assert consistency is not None
    assert consistency.consistency is not None
    assert consistency.consistency < 0.1
    first = boards.board(person, use="entropy")
    assert first.weighing is not None
    names = [one.id for one in first.method.criteria]
    assert first.weighing.share[names.index("local")] == 0  # nobody knows it of anybody: it tells nothing apart


@pytest.mark.django_db
def test_entropy_of_firms_that_are_all_alike_falls_back_and_says_so(client: Client) -> None:
    person = person_factory("chain_officer")
    targets_factory(entry("示例一有限公司"), entry("示例二有限公司", row=6))
    board = boards.board(person, use="entropy")
    assert board.refused is not None
    assert board.weighing is not None
    assert board.weighing.use == "ahp"
    client.force_login(person)
    page = client.get("/chains/targets/?use=entropy").content.decode()
    assert "熵权法给不出权重" in page
    assert "并列" in page


@pytest.mark.django_db
def test_a_node_narrows_who_is_ranked_and_the_other_filters_only_what_is_shown(client: Client) -> None:
    person = person_factory("chain_officer")
    targets_factory(entry("示例机芯有限公司", nodes=("movement_quartz",), region="440300", jobs=10), entry("示例表壳有限公司", row=6, nodes=("case",), region="110000", jobs=400), entry("示例两样有限公司", row=7, nodes=("case", "movement_quartz"), jobs=300))
    assert {line.firm.name for line in boards.board(person, "movement_quartz").lines} == {"示例机芯有限公司", "示例两样有限公司"}
    client.force_login(person)
    page = client.get("/chains/targets/?node=movement_quartz&province=44").content.decode()
    assert "示例机芯有限公司" in page
    assert "<details><summary>" in page  # the score opens to its parts
    assert "权重 31.8%" in page
    assert "示例两样有限公司" not in page
    assert "名次 1–2" in page
    assert "示例表壳有限公司" not in page


@pytest.mark.django_db
def test_the_file_says_on_what_it_rests(client: Client) -> None:
    person = person_factory("chain_officer")
    targets_factory(entry("示例机芯有限公司", nodes=("movement_quartz",), jobs=10, source="演示来源"))
    client.force_login(person)
    book = load_workbook(io.BytesIO(b"".join(client.get("/chains/targets/?export=xlsx"))))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    told = dict(zip(heads, [cell.value for cell in sheet[2]], strict=True))
    assert told["企业名称"] == "示例机芯有限公司"
    assert told["预计用工 得分"] == pytest.approx(0.2, abs=0.05)
    assert told["亩均税收 得分"].startswith("不知道（0–")
    assert "<" not in str(told["得分，由这几项来"])
    assert told["最低"] < told["最高"]
    said = "\n".join(f"{line[0].value} {line[1].value}" for line in book.worksheets[1].iter_rows())
    for words in ("演示来源", "2026", "一致性比率", "截至", "±20%", "中国民营企业500强", "还没有在本县登记"):
        assert words in said, words


@pytest.mark.django_db
def test_a_firm_page_opens_facts_rules_need_and_history(client: Client) -> None:
    person = person_factory("chain_officer")
    coverage_factory(node="movement_quartz", role="use", amount_fen=500_000_000)
    firm = target_factory("示例机芯有限公司", nodes=("movement_quartz",), pollution="heavy", jobs=120, told_on=dt.date(2026, 1, 1), source="演示来源")
    firm = actions.tell_target(firm=firm, version=firm.version, told={"jobs": 90}, source="走访", told_on=dt.date(2026, 1, 9), by=person)
    client.force_login(person)
    page = client.get(f"/chains/targets/{firm.pk}/").content.decode()
    for words in ("不符合", "不是重污染", "现在：重污染", "500 万元", "90 人", "另说：120 人", "演示来源", "补充目标企业信息", "还不知道：", "硬条件不符合，没有打分"):
        assert words in page, words
    assert client.get("/chains/targets/?state=failed").content.decode().count("示例机芯有限公司") >= 1
    assert "示例机芯有限公司" not in client.get("/chains/targets/").content.decode()


@pytest.mark.django_db
def test_forms_tell_note_prove_and_refuse_without_losing_what_was_typed(client: Client) -> None:
    firm = target_factory(parent="示例集团")
    client.force_login(person_factory("chain_officer"))
    address = f"/chains/targets/{firm.pk}/"
    sent = {"jobs": "-5", "source": "走访", "told_on": "2026-01-05", "version": firm.version}
    page = client.post(f"{address}tell/", sent)
    assert page.status_code == 422
    assert "走访" in page.content.decode()
    assert client.post(f"{address}tell/", {**sent, "jobs": "5", "tax_per_mu": "12", "land": "30.5", "growth": "-3.25", "nodes": ["dial"]}).status_code == 302
    firm.refresh_from_db()
    assert (firm.jobs, firm.tax_per_mu, firm.land, firm.growth) == (5, 12_000_000, 305_000, -325)
    page = client.post(f"{address}approach/", {"state": "dropped", "note": "", "on": "2026-01-05", "version": firm.version})
    assert page.status_code == 422
    assert client.post(f"{address}approach/", {"state": "dropped", "note": "已在外地落户", "on": "2026-01-05", "version": firm.version}).status_code == 302
    assert "已在外地落户" in client.get(address).content.decode()
    member = firm.memberships.get()
    assert client.post(f"/chains/targets/members/{member.pk}/prove/", {"proof": ""}).status_code == 422
    assert client.post(f"/chains/targets/members/{member.pk}/prove/", {"proof": "公示系统 2026-01-05"}).status_code == 302
    member.refresh_from_db()
    assert member.control_proof


def test_every_fact_of_target_firms_has_its_line_and_its_reader() -> None:
    from diguan.kernel.facts import declare

    told = {(spec.name, source) for spec in packs.catalogue().values() if spec.subject == targetfile.SUBJECT for source in spec.sources}
    assert told == set(declare.sources(targetfile.SUBJECT).items())


def test_the_document_lies_in_the_pack_the_board_reads() -> None:
    assert boards.method().sha256 == targetfile.load(Path(DOCUMENT), packs.catalogue(), packs.codes()).sha256
