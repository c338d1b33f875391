"""A match keeps what nothing new concerns, says so, and gives the very bytes of a match of everything."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import random
import zipfile

import pytest

from diguan.enterprises import actions as register
from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import packs, periods
from diguan.kernel.actions import Refusal
from diguan.kernel.facts import actions as facts
from diguan.kernel.facts import deliveries, runs, store
from diguan.kernel.facts.models import Batch, Coverage
from diguan.kernel.rules import runfile, sets, standards
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.tests import county
from diguan.policies.tests.county import ELSEWHERE, PLAIN, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db
GAS, COAL, CLUSTER, SIZE = "gas", "coal", "cluster", "size"
NUMBERS = itertools.count()
FIRMS = (RICH, PLAIN, SHORT, SILENT, ELSEWHERE)


@pytest.fixture
def pack(settings, tmp_path, monkeypatch):
    """Four policies: two read a delivered fact each, one an attribute of the register, one what a standard tells."""
    folder = tmp_path / "pack"
    county.begin(settings, tmp_path, monkeypatch)
    for name in ("facts", "sheets"):
        path = folder / f"{name}.yaml"
        text = path.read_text("utf-8")
        path.write_text(text + text.replace("gas", "coal").replace("kiln_monthly", "coal_monthly").replace("天然气用量", "用煤量").replace("月度用气", "月度用煤"), "utf-8")
    for clear in (packs._catalogue, queries._library):
        clear.cache_clear()
    (folder / f"policies/{county.POLICY}.yaml").unlink()
    for name in (GAS, COAL, CLUSTER, SIZE):
        policy(folder, name)
    yield folder
    for clear in (packs._catalogue, queries._library):
        clear.cache_clear()


def policy(folder, name, least="100"):
    """One of the four documents."""
    county.policy(folder, name, least)
    path = folder / f"policies/{name}.yaml"
    text = path.read_text("utf-8")
    if name == COAL:
        text = text.replace("kiln.gas", "kiln.coal")
    elif name in (CLUSTER, SIZE):
        fact, value, none = {CLUSTER: ("enterprise.cluster", "陶瓷", "钟表"), SIZE: ("enterprise.size_class", "微型", "大型")}[name]
        head, _, rest = text.partition("benefit:")
        head = head.replace('{fact: kiln.gas, over: latest, op: ">=", value: ' + least + " 立方米}", f'{{fact: {fact}, op: "=", value: {value}}}')
        _, _, rest = rest.partition("budget:")
        rest = rest.replace("fact: kiln.gas, over: latest, desc", "fact: enterprise.established, desc")
        for old, new in (("kiln.gas: {2026-05: 100 立方米}", f"{fact}: {value}"), ("kiln.gas: {2026-05: 9 立方米}", f"{fact}: {none}"), ("kiln.gas: unknown", f"{fact}: unknown")):
            rest = rest.replace(old, new)
        text = f"{head}benefit: {{kind: flat, amount: 1万元}}\nbudget:{rest}" + (f"# {least}\n" if least != "100" else "")
        path.write_text(text, "utf-8")
        return
    path.write_text(text, "utf-8")


@pytest.fixture
def officer(pack):
    assert not queries.library().problems
    return person_factory("policy_officer", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def clerk(pack):
    return person_factory("data_clerk", from_day=dt.date(2026, 1, 1))


def deliver(clerk, what, rows, period="2026-09", *, complete=True):
    heading = {"gas": "天然气用量", "coal": "用煤量"}[what]
    book = xlsx([["统一社会信用代码", heading], *(list(row) for row in rows)])
    sheet = {"gas": "kiln_monthly", "coal": "coal_monthly"}[what]
    book = unlike(book)
    upload = deliveries.keep(f"{what}-{period}.xlsx", book, sheet, by=clerk)
    return deliveries.commit(deliveries.Request(sheet, periods.parse(period), **({} if complete else {"complete": ()})), upload, book, by=clerk)


def unlike(book):
    """The same workbook as another file: what was delivered once is not taken twice."""
    file = io.BytesIO(book)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = str(next(NUMBERS)).encode()
    return file.getvalue()


def kept(run):
    return set(run.inputs.get("reused", {}))


def is_whole(run, tmp_path):
    """The run is what judging everything gives: name, rows, totals and bytes."""
    policies = list(queries.library().policies.values())
    data = standards.for_policies(store.open_batches(runs.told(run), packs.catalogue()), policies, run.as_of)
    full = runfile.match(policies, data, run.as_of, run.known_at.isoformat())
    assert full.run_id == run.run_id
    assert runfile.write(full, tmp_path / full.run_id) == run.result_sha256
    for name in runfile.FILES:
        assert (tmp_path / full.run_id / name).read_bytes() == (run.folder / name).read_bytes()
    return True


def test_a_new_batch_judges_only_the_policies_that_read_its_facts(officer, clerk, tmp_path, monkeypatch):
    deliver(clerk, "gas", [(RICH, 600)])
    deliver(clerk, "coal", [(RICH, 600)])
    first = actions.run_match(by=officer)
    assert kept(first) == set()
    judged, judge = [], sets.judge
    deliver(clerk, "gas", [(RICH, 700), (PLAIN, 300)])
    with monkeypatch.context() as watching:
        watching.setattr(sets, "judge", lambda policies, *given, **more: (judged.append([policy.id for policy in policies]), judge(policies, *given, **more))[1])
        second = actions.run_match(by=officer)
    assert judged == [[GAS]]
    assert second.inputs["reused"] == dict.fromkeys([COAL, CLUSTER, SIZE], first.run_id)
    assert is_whole(second, tmp_path)


def test_coverage_alone_is_news(officer, clerk, tmp_path):
    actions.run_match(by=officer)
    batch = deliver(clerk, "gas", [(RICH, 600)], complete=False)
    Coverage.objects.create(batch=batch, fact="kiln.coal", period="all")
    run = actions.run_match(by=officer)
    assert kept(run) == {CLUSTER, SIZE}
    assert is_whole(run, tmp_path)


def test_a_changed_text_judges_itself_alone_and_a_new_one_too(officer, clerk, pack, tmp_path):
    deliver(clerk, "gas", [(RICH, 600), (PLAIN, 110)])
    first = actions.run_match(by=officer)
    policy(pack, GAS, "90")
    second = actions.run_match(by=officer)
    assert kept(second) == {COAL, CLUSTER, SIZE}
    assert is_whole(second, tmp_path)
    policy(pack, "later")
    (pack / f"policies/{COAL}.yaml").unlink()
    third = actions.run_match(by=officer)
    assert third.inputs["reused"] == {GAS: second.run_id, CLUSTER: first.run_id, SIZE: first.run_id}
    assert is_whole(third, tmp_path)


def test_an_attribute_of_the_register_judges_who_reads_it_also_through_a_standard(officer, clerk, tmp_path):
    actions.run_match(by=officer)
    change(clerk, RICH, cluster="钟表")
    run = actions.run_match(by=officer)
    assert kept(run) == {GAS, COAL, SIZE}
    assert is_whole(run, tmp_path)
    change(clerk, RICH, industry="1953")
    run = actions.run_match(by=officer)
    assert kept(run) == {GAS, COAL, CLUSTER}
    assert is_whole(run, tmp_path)


@pytest.mark.parametrize("known", [{"registered_region": "430421", "cluster": "陶瓷"}, {"registered_region": "", "industry": ""}])
def test_another_enterprise_judges_everything_whatever_is_known_of_it(officer, clerk, tmp_path, known):
    deliver(clerk, "gas", [(RICH, 600)])
    actions.run_match(by=officer)
    enterprise_factory(credit_code(77), "衡阳新窑瓷业有限公司", **known)
    run = actions.run_match(by=officer)
    assert kept(run) == set()
    assert is_whole(run, tmp_path)


def test_another_day_another_program_or_a_damaged_run_lend_nothing(officer, clerk, tmp_path, monkeypatch):
    deliver(clerk, "gas", [(RICH, 600)])
    first = actions.run_match(by=officer)
    assert kept(actions.run_match(by=officer, as_of=dt.date(2026, 10, 30))) == set()
    deliver(clerk, "gas", [(RICH, 601)])
    with monkeypatch.context() as other:
        other.setattr(runfile, "fingerprint", lambda: "another engine")
        assert kept(actions.run_match(by=officer)) == set()
    (first.folder / "match.parquet").write_bytes(b"")
    deliver(clerk, "gas", [(RICH, 602)])
    run = actions.run_match(by=officer)
    assert kept(run) == set()
    assert is_whole(run, tmp_path)


def test_a_standard_changed_under_a_match_is_refused_and_leaves_no_run(officer, monkeypatch):
    digests = standards.digests
    monkeypatch.setattr(standards, "digests", lambda policies: dict.fromkeys(digests(policies), "before"))
    with pytest.raises(Refusal, match="changed_meanwhile"):
        actions.run_match(by=officer)
    assert not runs.Run.objects.exists()


def test_what_was_withdrawn_is_news_too(officer, clerk, tmp_path):
    batch = deliver(clerk, "coal", [(RICH, 600)])
    deliver(clerk, "gas", [(RICH, 600)])
    actions.run_match(by=officer)
    facts.withdraw_batch(batch=batch, by=clerk, reason="报错了")
    run = actions.run_match(by=officer)
    assert kept(run) == {GAS, CLUSTER, SIZE}
    assert is_whole(run, tmp_path)


def change(clerk, uscc, **fields):
    row = Enterprise.objects.get(uscc=uscc)
    register.change_enterprise(enterprise=row, values=fields, version=row.version, by=clerk)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_between_two_matches_the_bytes_are_those_of_a_match_of_everything(officer, clerk, pack, tmp_path, seed):
    dice, seen = random.Random(seed), 0
    for step in range(9):
        for _ in range(dice.choice([1, 1, 2])):
            happen(dice, clerk, pack, step)
        run = actions.run_match(by=officer)
        seen += len(kept(run))
        assert is_whole(run, tmp_path)
    assert seen >= 6


def happen(dice, clerk, pack, step):
    """One thing a county does."""
    what = dice.choice(["gas", "gas", "coal", "coal", "withdraw", "register", "text", "firm"])
    if what in ("gas", "coal"):
        rows = [(uscc, dice.choice([0, 90, 100, 499, 500, 700])) for uscc in FIRMS if dice.random() < 0.6] or [(RICH, step)]
        deliver(clerk, what, rows, dice.choice(["2026-08", "2026-09", "2026-10"]), complete=dice.random() < 0.5)
    elif what == "withdraw":
        batch = Batch.objects.filter(state="committed").exclude(source=store.REGISTRY).order_by("?").first()
        if batch is not None:
            facts.withdraw_batch(batch=batch, by=clerk, reason="试")
    elif what == "register":
        change(clerk, dice.choice(FIRMS), **dice.choice([{"cluster": "钟表"}, {"cluster": "陶瓷"}, {"industry": "3072"}, {"town": "西渡镇"}]))
    elif what == "text":
        policy(pack, dice.choice([GAS, COAL, CLUSTER, SIZE]), str(99 - step))
        assert not queries.library().problems
    elif dice.random() < 0.3:
        enterprise_factory(credit_code(100 + step), f"衡阳第{step}窑瓷业有限公司", registered_region="430421", cluster="陶瓷")
