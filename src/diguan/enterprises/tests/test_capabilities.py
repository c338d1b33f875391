"""What an enterprise can do: one claims, another verifies; what counts, what is refused, what rules are told."""

from __future__ import annotations

import datetime as dt
import doctest

import pytest
from django.db import IntegrityError, transaction

from diguan.enterprises.actions import capabilities as actions
from diguan.enterprises.actions.capabilities import Proof
from diguan.enterprises.engine import capabilities as kinds
from diguan.enterprises.models import Capability
from diguan.enterprises.queries import attribute_rows
from diguan.enterprises.queries import capabilities as register
from diguan.enterprises.tests.factories import CLAIMS, COMMON, capability_factory, credit_code, enterprise_factory, hand
from diguan.kernel import measures, packs
from diguan.kernel.events import Event, EventSubject, verify
from diguan.kernel.evidence import sniff
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Upload
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.tests.factories import person_factory

pytestmark = pytest.mark.django_db
ONE, TWO = credit_code(1), credit_code(2)
TODAY = dt.date(2026, 10, 31)
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def one(db):
    return enterprise_factory(ONE, "衡阳样例钟表有限公司", cluster="钟表")


@pytest.fixture
def two(db):
    return enterprise_factory(TWO, "衡阳演示陶瓷有限公司", cluster="陶瓷")


def claim(enterprise, by, kind="product", *, proof=None, **told):
    return actions.claim_capability(enterprise=enterprise, kind=kind, told={**COMMON, **CLAIMS[kind], **told}, proof=proof, by=by)


# ── the kinds ────────────────────────────────────────────────────────────────
def test_the_examples_in_the_declaration_hold():
    assert doctest.testmod(kinds).failed == 0


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_takes_its_example_and_keeps_it_in_whole_numbers(one, clerk, kind):
    row = claim(one, clerk, kind)
    assert row.state == "claimed"
    assert all(isinstance(value, int | str | list) for value in Capability.objects.get(pk=row.pk).details.values())


def test_what_is_written_is_kept_as_it_is_counted(one, clerk):
    assert claim(one, clerk).details == {"category": "钟表", "unit": "piece", "daily_capacity": 30_000, "daily_output": 21_000}
    assert claim(one, clerk, "market").details == {"countries": ["DE", "JP", "US"]}
    assert claim(one, clerk, "share").details == {"share": 1_100, "market": "全球石英手表市场", "year": 2025, "statistics": "中国钟表协会", "basis": "quantity"}
    assert claim(one, clerk, "clean").details == {"clean_level": "advanced", "audit_date": "2025-06-30"}


@pytest.mark.parametrize("missing", ["market", "year", "statistics"])
def test_a_share_without_its_denominator_is_refused(one, clerk, missing):
    with pytest.raises(Refusal) as refused:
        claim(one, clerk, "share", **{missing: ""})
    assert refused.value.field == missing
    assert not Capability.objects.exists()


@pytest.mark.parametrize(("kind", "told", "field", "said"), [
    ("出口国", {}, "kind", "最接近的是“出口市场”"),
    ("product", {"daily_capacit": 3}, "daily_capacit", "最接近的是 daily_capacity"),
    ("product", {"daily_capacity": "约三万"}, "daily_capacity", "应为数字"),
    ("product", {"daily_capacity": -1}, "daily_capacity", "应在 1 到"),
    ("product", {"daily_capacity": 1.5}, "daily_capacity", "小数位太多"),
    ("product", {"daily_output": 30_001}, "daily_output", "日均产量比日产能还大"),
    ("product", {"unit": "匹"}, "unit", "不在 只、件、双、台 之中"),
    ("market", {"countries": "美国、德果"}, "countries", "最接近的是“德国”"),
    ("market", {"countries": "美国、中国"}, "countries", "不能有中国"),
    ("share", {"share": "101%"}, "share", "应在 0.01% 到 100% 之间"),
    ("share", {"share": "0"}, "share", "应在 0.01% 到 100% 之间"),
    ("share", {"year": 25}, "year", "应在 1990 到"),
    ("honour", {"level": "国级"}, "level", "最接近的是“国家级”"),
    ("robot", {"count": "12人"}, "count", "单位“人”不对"),
    ("clean", {"audit_date": "去年"}, "audit_date", "不是日期"),
    ("brand", {"name": "（）"}, "name", "没有填"),
    ("brand", {"name": "长" * 101}, "name", "太长"),
    ("brand", {"registration": "1\x00"}, "registration", "非法字符"),
    ("brand", {"issuer": ""}, "issuer", "谁证明的"),
    ("brand", {"issued": None}, "issued", "没有填"),
    ("brand", {"issued": dt.date(2026, 11, 1)}, "issued", "今天以前"),
    ("brand", {"valid_until": dt.date(2026, 2, 28)}, "valid_until", "早于出具日期"),
])
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_written(one, clerk, kind, told, field, said):
    with pytest.raises(Refusal) as refused:
        actions.claim_capability(enterprise=one, kind=kind, told={**COMMON, **CLAIMS.get(kind, {}), **told}, by=clerk)
    assert refused.value.field == field
    assert said in refused.value.reasons[0].zh
    assert refused.value.reasons[0].en
    assert not Capability.objects.exists()
    assert not Event.objects.filter(verb="capability_claimed").exists()


def test_the_country_list_is_iso_3166_and_every_name_finds_its_code():
    countries = packs.countries()
    assert len(countries) == 249
    assert len({name.zh for name in countries.values()}) == len({name.en for name in countries.values()}) == 249
    for code, name in countries.items():
        if code != "CN":
            assert kinds.country_codes(name.zh, countries) == kinds.country_codes(name.en, countries) == kinds.country_codes(code.lower(), countries) == [code]


# ── one claims, another verifies ─────────────────────────────────────────────
def test_a_claim_counts_once_another_person_has_verified_it(one, clerk, officer):
    row = claim(one, clerk)
    assert not row.counts(TODAY)
    done = actions.verify_capability(capability=row, version=row.version, by=officer)
    assert done.counts(TODAY)
    assert (done.entered_by, done.decided_by, done.decided_on) == (clerk, officer, TODAY)


def test_who_entered_a_claim_cannot_decide_on_it(one, officer):
    row = claim(one, officer)
    for deed in (actions.verify_capability, actions.reject_capability):
        with pytest.raises(Refusal, match="own_claim"):
            deed(capability=row, version=row.version, reason="不对", by=officer)
    assert Capability.objects.get().state == "claimed"


def test_who_entered_it_first_cannot_verify_what_another_entered_anew(one, clerk, officer):
    row = claim(one, officer)
    row = actions.change_capability(capability=row, version=row.version, told={**COMMON, **CLAIMS["product"], "daily_capacity": 40_000}, by=clerk)
    with pytest.raises(Refusal, match="own_claim"):
        actions.verify_capability(capability=row, version=row.version, by=officer)


def test_the_database_itself_keeps_no_claim_verified_by_who_entered_it(one, officer):
    row = claim(one, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Capability.objects.filter(pk=row.pk).update(state="verified", decided_by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Capability.objects.filter(pk=row.pk).update(state="verified", decided_by=None)


def test_neither_a_clerk_nor_an_agent_may_verify(one, clerk, officer):
    row = claim(one, officer)
    for person in (clerk, hand("leader"), hand("enterprise_agent", uscc=ONE)):
        with pytest.raises(Forbidden):
            actions.verify_capability(capability=row, version=row.version, by=person)
        with pytest.raises(Forbidden):
            actions.reject_capability(capability=row, version=row.version, reason="不对", by=person)


def test_an_agent_claims_for_their_own_firm_and_for_no_other(one, two, officer):
    agent = hand("enterprise_agent", uscc=ONE)
    mine = claim(one, agent)
    with pytest.raises(Forbidden):
        claim(two, agent)
    theirs = claim(two, officer)
    for deed, more in ((actions.change_capability, {"told": {}}), (actions.withdraw_capability, {"reason": "不要了"})):
        with pytest.raises(Forbidden):
            deed(capability=theirs, version=1, by=agent, **more)
    assert set(register.visible_capabilities(agent)) == {mine}
    assert register.capability(agent, theirs.pk) is None


def test_who_may_not_claim_cannot(one):
    for person in (hand("leader"), hand("administrator"), person_factory()):
        with pytest.raises(Forbidden):
            claim(one, person)


def test_a_claim_without_proof_is_not_verified(one, clerk, officer):
    row = claim(one, clerk, document="")
    with pytest.raises(Refusal, match="no_proof"):
        actions.verify_capability(capability=row, version=row.version, by=officer)
    row = actions.change_capability(capability=row, version=row.version, told={**COMMON, **CLAIMS["product"], "document": ""}, proof=Proof("证明.pdf", PDF), by=clerk)
    assert actions.verify_capability(capability=row, version=row.version, by=officer).state == "verified"


def test_a_rejected_claim_says_why_and_may_be_entered_anew(one, clerk, officer):
    row = claim(one, clerk)
    with pytest.raises(Refusal, match="invalid"):
        actions.reject_capability(capability=row, version=row.version, reason=" ", by=officer)
    row = actions.reject_capability(capability=row, version=row.version, reason="与设备清单不符", by=officer)
    assert (row.state, row.decision) == ("rejected", "与设备清单不符")
    with pytest.raises(Refusal, match="not_waiting"):
        actions.verify_capability(capability=row, version=row.version, by=officer)
    row = actions.change_capability(capability=row, version=row.version, told={**COMMON, **CLAIMS["product"], "daily_capacity": 25_000}, by=clerk)
    assert (row.state, row.decision, row.decided_by) == ("claimed", "", None)


def test_a_verified_claim_that_is_changed_waits_again(one, clerk, officer):
    row = capability_factory(one, clerk, verified_by=officer)
    row = actions.change_capability(capability=row, version=row.version, told={**COMMON, **CLAIMS["product"], "daily_capacity": 90_000}, by=clerk)
    assert (row.state, row.counts(TODAY)) == ("claimed", False)


def test_a_withdrawn_claim_counts_for_nothing_and_is_not_withdrawn_twice(one, clerk, officer):
    row = capability_factory(one, clerk, verified_by=officer)
    row = actions.withdraw_capability(capability=row, version=row.version, reason="生产线已拆", by=clerk)
    assert (row.state, row.decision, row.counts(TODAY)) == ("withdrawn", "生产线已拆", False)
    with pytest.raises(Refusal, match="not_waiting"):
        actions.withdraw_capability(capability=row, version=row.version, reason="再来", by=clerk)


def test_who_wrote_any_of_it_cannot_verify_it_by_a_third_hand(one, clerk, officer):
    row = claim(one, clerk)
    told = {**COMMON, **CLAIMS["product"]}
    actions.change_capability(capability=row, version=1, told={**told, "daily_capacity": 40_000}, by=officer)
    row.refresh_from_db()
    actions.change_capability(capability=row, version=2, told={**told, "daily_capacity": 41_000}, by=clerk)
    row.refresh_from_db()
    with pytest.raises(Refusal, match="own_claim"):
        actions.verify_capability(capability=row, version=3, by=officer)


def test_who_comes_second_writes_nothing(one, clerk, officer):
    row = claim(one, clerk)
    actions.change_capability(capability=row, version=row.version, told={**COMMON, **CLAIMS["product"], "daily_capacity": 40_000}, by=clerk)
    for deed, more in ((actions.verify_capability, {}), (actions.reject_capability, {"reason": "不对"})):
        with pytest.raises(Refusal, match="conflict"):
            deed(capability=row, version=row.version, by=officer, **more)
    assert (Capability.objects.get().state, Capability.objects.get().version) == ("claimed", 2)


def test_the_same_claim_is_not_told_twice(one, two, clerk):
    row = claim(one, clerk)
    with pytest.raises(Refusal, match="there already"):
        claim(one, clerk, name="石英 手表")
    claim(two, clerk)
    other = claim(one, clerk, name="机械手表")
    with pytest.raises(Refusal, match="there already"):
        actions.change_capability(capability=other, version=1, told={**COMMON, **CLAIMS["product"]}, by=clerk)
    assert (Capability.objects.get(pk=row.pk).version, Capability.objects.get(pk=other.pk).version) == (1, 1)


def test_every_deed_leaves_one_event_on_the_claim_that_shows_at_the_enterprise(one, clerk, officer):
    row = claim(one, clerk)
    row = actions.change_capability(capability=row, version=1, told={**COMMON, **CLAIMS["product"], "daily_capacity": 40_000}, by=clerk)
    row = actions.verify_capability(capability=row, version=2, by=officer)
    actions.withdraw_capability(capability=row, version=3, reason="停产", by=clerk)
    events = Event.objects.filter(root_type="enterprises.capability", root_id=str(row.pk)).order_by("seq")
    assert [event.verb for event in events] == ["capability_claimed", "capability_changed", "capability_verified", "capability_withdrawn"]
    assert events[1].before["details"]["daily_capacity"] == 30_000
    assert verify(row) == []
    assert EventSubject.objects.filter(subject_type="enterprises.enterprise", subject_id=str(one.pk)).count() == 4


# ── proof ────────────────────────────────────────────────────────────────────
def test_a_proof_is_kept_once_by_its_content_and_is_no_orphan(one, two, clerk):
    first, second = (claim(row, clerk, proof=Proof("../营业/证明.pdf", PDF)) for row in (one, two))
    assert first.proof.sha256 == second.proof.sha256
    assert files.upload_path(first.proof.sha256).read_bytes() == PDF
    assert len([path for path in files.folder("files").rglob("*") if path.is_file()]) == 1
    assert first.proof.name == "证明.pdf"
    assert files.orphans() == []


@pytest.mark.parametrize("content", [b"", b"<script>alert(1)</script>", b"PK\x03\x04", b"%PDF-" + b"0" * sniff.MOST_BYTES])
def test_a_proof_of_the_wrong_kind_or_size_is_refused_and_not_kept(one, clerk, content):
    with pytest.raises(Refusal) as refused:
        claim(one, clerk, proof=Proof("证明.pdf", content))
    assert refused.value.field == "proof"
    assert (Upload.objects.count(), Capability.objects.count()) == (0, 0)


# ── what counts on a day ─────────────────────────────────────────────────────
def test_a_claim_counts_from_its_issue_to_its_end_both_included(one, clerk, officer):
    row = capability_factory(one, clerk, verified_by=officer, valid_until=dt.date(2026, 12, 31))
    assert [row.counts(day) for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 1))] == [False, True, True, False]
    assert row.standing(dt.date(2027, 1, 1)) == "expired"


def test_the_list_and_the_row_agree_on_every_state(one, clerk, officer):
    capability_factory(one, clerk, verified_by=officer, name="有效")
    capability_factory(one, clerk, verified_by=officer, name="过期", valid_until=dt.date(2026, 10, 30))
    capability_factory(one, clerk, verified_by=officer, name="今天到期", valid_until=TODAY)
    capability_factory(one, clerk, name="等着")
    row = capability_factory(one, clerk, name="驳回")
    actions.reject_capability(capability=row, version=1, reason="不符", by=officer)
    rows = register.visible_capabilities(officer)
    for state, names in {"verified": {"有效", "今天到期"}, "expired": {"过期"}, "claimed": {"等着"}, "rejected": {"驳回"}, "withdrawn": set()}.items():
        assert {one.name for one in register.in_state(rows, state, TODAY)} == names
        assert {one.name for one in rows if one.standing(TODAY) == state} == names
    assert {one.name for one in register.ending(rows, TODAY)} == {"今天到期"}


def test_verified_and_waiting_figures_are_never_added_up(one, two, clerk, officer):
    capability_factory(one, clerk, verified_by=officer)
    capability_factory(two, clerk, daily_capacity=5_000, daily_output="")
    verified, waiting = register.abilities(officer)
    for of, capacity in ((verified, 30_000), (waiting, 5_000)):
        assert measures.value("enterprises.daily_capacity", officer, of.only("product", category="钟表")).num == capacity
        assert sum(row.details["daily_capacity"] for row in measures.behind("enterprises.daily_capacity", officer, of)) == capacity


def test_capacities_of_different_products_or_units_have_no_sum(one, clerk, officer):
    capability_factory(one, clerk, verified_by=officer)
    capability_factory(one, clerk, verified_by=officer, name="皮鞋", category="鞋", unit="双")
    verified, _waiting = register.abilities(officer)
    assert register.figure("daily_capacity", officer, verified).num is None
    assert register.capacities(verified) == [("钟表", "piece"), ("鞋", "pair")]


def test_a_country_several_firms_export_to_counts_once(one, two, clerk, officer):
    capability_factory(one, clerk, "market", verified_by=officer, countries="美国、德国")
    capability_factory(two, clerk, "market", verified_by=officer, countries="德国、法国")
    capability_factory(two, clerk, "market", countries="日本", name="瓷器")
    verified, waiting = register.abilities(officer)
    assert register.figure("export_markets", officer, verified).num == 3
    assert register.figure("export_markets", officer, waiting).num == 1
    assert [(code, firms) for code, _name, firms in register.markets_by_country(verified)] == [("DE", 2), ("FR", 1), ("US", 1)]


def test_the_figures_of_a_cluster_are_those_of_its_firms(one, two, clerk, officer):
    capability_factory(one, clerk, "robot", verified_by=officer)
    capability_factory(two, clerk, "robot", verified_by=officer, count=3)
    for row in (one, two):
        for name in ("清洁生产审核", "复审"):
            capability_factory(row, clerk, "clean", verified_by=officer, name=name)
    for name, number in (("a", "GB/T 1"), ("b", "GB/T 1")):
        capability_factory(one, clerk, "standard", verified_by=officer, name=name, number=number)
    verified, _waiting = register.abilities(officer)
    assert [register.figure(name, officer, verified).num for name in ("robots", "clean_firms", "standards", "capability_firms")] == [15, 2, 1, 2]
    ceramics = verified.of_cluster("陶瓷")
    assert [register.figure(name, officer, ceramics).num for name in ("robots", "clean_firms", "standards", "honours")] == [3, 1, 0, 0]


def test_an_enterprise_that_nobody_may_see_is_in_no_figure(one, two, clerk, officer):
    capability_factory(one, clerk, "robot", verified_by=officer)
    capability_factory(two, clerk, "robot", verified_by=officer)
    agent = hand("enterprise_agent", uscc=TWO)
    verified, _waiting = register.abilities(agent)
    assert register.figure("robots", agent, verified).num == 12
    county, _rest = register.abilities(officer)
    assert [row.enterprise for row in measures.behind("enterprises.robots", agent, county)] == [two]
    with pytest.raises(Forbidden):
        register.figure("robots", person_factory(), county)


# ── what rules are told ──────────────────────────────────────────────────────
def told(day=TODAY):
    return {(row.subject_id, row.fact): row.value for row in attribute_rows(day) if row.fact.startswith("capability.")}


def test_rules_are_told_only_what_is_verified_and_holds_on_the_day(one, two, clerk, officer):
    assert told() == {}
    capability_factory(one, clerk, "robot")
    assert told() == {}  # waiting: nobody has looked, so it is unknown and not zero
    capability_factory(one, clerk, "robot", verified_by=officer, name="焊接机器人", count=4)
    capability_factory(one, clerk, "standard", verified_by=officer)
    capability_factory(one, clerk, "standard", verified_by=officer, number="GB/T 2", role="参与")
    capability_factory(two, clerk, "honour", verified_by=officer, valid_until=dt.date(2026, 6, 30))
    capability_factory(two, clerk, "clean", verified_by=officer)
    assert told() == {(ONE, "capability.robots"): 4, (ONE, "capability.standards_led"): 1, (TWO, "capability.honours_national"): 0, (TWO, "capability.clean_production"): 1}
    assert told(dt.date(2026, 6, 30))[TWO, "capability.honours_national"] == 1
    assert told(dt.date(2026, 2, 28)) == {}


def test_every_fact_told_is_in_the_catalogue():
    assert {name for name in packs.catalogue() if name.startswith("capability.")} == set(register.FACTS)
