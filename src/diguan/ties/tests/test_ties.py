"""Ties, the ways to a firm, and returnee proofs: sourced, verified by another, nobody in them without consent."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import dated, packs
from diguan.kernel.access import Forbidden
from diguan.kernel.packs import PackError
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory
from diguan.ties import queries
from diguan.ties.actions import people, returns
from diguan.ties.actions import ties as actions
from diguan.ties.actions.ties import FirmName
from diguan.ties.models import Purpose, Return, Tie, TiedFirm
from diguan.ties.queries import terms, ties
from diguan.ties.queries.paths import ways
from diguan.ties.tests.factories import (
    PDF,
    agreed,
    chamber_factory,
    person_kept,
    return_factory,
    tie_factory,
    town_factory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 31)
FIRM = "深圳样例机芯有限公司"


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, TODAY.isoformat()


@pytest.fixture
def officer(db):
    return person_factory("promotion_officer", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def person(officer):
    return person_kept(by=officer)


def other(officer, name="王样例", **more):
    return person_kept(name, by=officer, **({"phone": ""} | more))


def the_firm():
    return ties.firm_of("", FIRM)


# ── recorded and verified ────────────────────────────────────────────────────
def test_who_recorded_a_tie_does_not_verify_it(officer, person):
    row = tie_factory("executive", person, FIRM, by=officer, verified=False)
    with pytest.raises(Refusal) as refused:
        actions.verify_tie(tie=row, version=1, by=officer)
    assert refused.value.code == "own_claim"
    with pytest.raises(IntegrityError), transaction.atomic():
        Tie.objects.filter(pk=row.pk).update(state="verified", verified_by=officer, decided_on=TODAY)
    assert actions.verify_tie(tie=row, version=1, by=person_factory("promotion_officer")).state == "verified"


@pytest.mark.parametrize("role", ["leader", "town_officer", "policy_officer", "enterprise_agent"])
def test_a_role_without_the_right_verifies_nothing(officer, person, role):
    row = tie_factory("executive", person, FIRM, by=officer, verified=False)
    with pytest.raises(Forbidden):
        actions.verify_tie(tie=row, version=1, by=person_factory(role))


def test_two_who_decide_at_once_do_it_once(officer, person):
    row = tie_factory("executive", person, FIRM, by=officer, verified=False)
    one, two = person_factory("promotion_officer"), person_factory("promotion_officer")
    actions.reject_tie(tie=row, version=1, reason="查无此事", by=one)
    with pytest.raises(Refusal) as refused:
        actions.verify_tie(tie=row, version=1, by=two)
    assert refused.value.code == "conflict"


@pytest.mark.parametrize(("told", "field"), [({"source": ""}, "source"), ({"source_date": TODAY + dt.timedelta(days=1)}, "source_date"), ({"kind": "rumour"}, "kind"), ({"proof": ("a.pdf", b"no")}, "proof"),
                                             ({"other": FirmName("样")}, "firm_name"), ({"other": FirmName("", "91440300MA5X000010")}, "firm_uscc")])
def test_a_tie_without_source_day_or_firm_is_refused_at_its_field(officer, person, told, field):
    with pytest.raises(Refusal) as refused:
        actions.record_tie(**{"kind": "executive", "one": person, "other": FirmName(FIRM), "source": "本人来电", "source_date": TODAY, "by": officer, **told})
    assert refused.value.field == field
    assert not Tie.objects.exists()
    assert not TiedFirm.objects.exists()


def test_a_relation_joins_only_what_it_can_and_once(officer, person):
    chamber = chamber_factory(by=officer)
    for kind, one, two in (("legal_representative", person, chamber), ("classmate", person, FirmName(FIRM)), ("member", chamber, person), ("classmate", person, person)):
        with pytest.raises(Refusal) as refused:
            actions.record_tie(kind=kind, one=one, other=two, source="本人来电", source_date=TODAY, by=officer)
        assert refused.value.code == "wrong_ends"
    tie_factory("member", person, chamber, by=officer)
    with pytest.raises(Refusal) as refused:
        tie_factory("member", person, chamber, by=officer)
    assert refused.value.code == "tied_already"


def test_whom_a_colleague_knows_is_not_mine_to_record(officer, person):
    with pytest.raises(Refusal) as refused:
        actions.record_tie(kind="knows", one=person_factory("leader"), other=person, source="听说", source_date=TODAY, by=officer)
    assert refused.value.code == "own_word"


def test_a_town_officer_ties_nobody_they_may_not_see(officer):
    foreign = other(officer, town=town_factory("西渡样例镇"))
    town = person_factory("town_officer", town_factory("界牌样例镇"))
    with pytest.raises(Refusal) as refused:
        actions.record_tie(kind="executive", one=foreign, other=FirmName(FIRM), source="听说的", source_date=TODAY, by=town)
    assert refused.value.code == "no_consent"
    tie_factory("executive", foreign, FIRM, by=officer)
    assert not ties.visible_ties(town).exists()
    assert not ways(town, the_firm())


def test_a_firm_is_one_by_its_code_and_takes_a_code_it_is_told_later(officer, person):
    known = enterprise_factory(name="衡阳样例钟表有限公司")
    tie_factory("executive", person, "衡阳样例钟表有限公司", by=officer)
    tie_factory("shareholder", person, FirmName("", known.uscc), by=officer) if TiedFirm.objects.filter(uscc=known.uscc).exists() else tie_factory("shareholder", person, FirmName("衡阳样例钟表有限公司", known.uscc), by=officer)
    firm = TiedFirm.objects.get()
    assert (firm.uscc, firm.enterprise) == (known.uscc, known)


# ── who can introduce us ─────────────────────────────────────────────────────
def test_a_way_tells_every_hop_with_its_source_and_whether_it_is_verified(officer, person):
    friend = other(officer)
    tie_factory("classmate", person, friend, by=officer, source="同学录 2026")
    tie_factory("legal_representative", friend, FIRM, by=officer, verified=False, source_date=dt.date(2020, 1, 1))
    people.renew_consent(row=friend, agreed=agreed(Purpose.INTRODUCE), by=officer)
    found = ways(officer, the_firm())
    assert [[hop.kind for hop in way.hops] for way in found] == [["on_record", "legal_representative"], ["on_record", "classmate", "legal_representative"]]
    last = found[0].hops[-1]
    assert (last.verified, last.stale, last.source_date, found[0].unverified) == (False, True, dt.date(2020, 1, 1), 1)
    assert found[1].hops[1].source == "同学录 2026"
    assert found[0].cost < found[1].cost


def test_who_of_the_county_knows_somebody_is_a_better_start_than_the_record(officer, person):
    tie_factory("legal_representative", person, FIRM)
    tie_factory("relative", officer, person, by=officer)
    way, = ways(officer, the_firm())
    assert (way.hops[0].kind, way.hops[0].officer) == ("relative", officer)


def test_who_agreed_to_be_called_only_introduces_nobody(officer):
    person = person_kept(by=officer, consent=agreed(Purpose.CONTACT))
    tie_factory("legal_representative", person, FIRM)
    assert not ways(officer, the_firm())


def test_rejected_and_ended_ties_lead_nowhere(officer, person):
    row = tie_factory("legal_representative", person, FIRM, by=officer)
    assert ways(officer, the_firm())
    actions.end_tie(tie=row, version=row.version, reason="股份卖了", by=officer)
    assert not ways(officer, the_firm())


def test_a_chamber_leads_to_its_members(officer, person):
    chamber = chamber_factory(by=officer)
    tie_factory("secretary", person, chamber)
    tie_factory("member", FirmName(FIRM), chamber)
    way, = ways(officer, the_firm())
    assert [hop.to_kind for hop in way.hops] == ["person", "chamber", "firm"]


def test_terms_that_cannot_be_used_are_named_with_file_and_line(tmp_path, monkeypatch):
    text = next(packs.files("ties.yaml")).read_text("utf-8")
    assert terms.in_force(TODAY).strength["legal_representative"] > terms.in_force(TODAY).strength["knows"]
    with pytest.raises(PackError):
        terms.in_force(dt.date(2015, 12, 31))
    path = tmp_path / "ties.yaml"
    monkeypatch.setattr(packs, "files", lambda name: iter([path]))
    for broken in (text.replace("knows: 35", "knows: 0"), text.replace("knows:", "known:"), text.replace("hops: 4", "hops: 9"), text.replace("provisional", "provisionally"), text.replace("2016-01-01", "soon")):
        path.write_text(broken, "utf-8")
        dated._known.cache_clear()
        with pytest.raises(PackError) as error:
            terms.in_force(TODAY)
        assert "ties.yaml:" in error.value.where
    dated._known.cache_clear()


# ── 湘商回归 ──────────────────────────────────────────────────────────────────
def test_a_claim_counts_only_once_another_person_verified_its_file(officer, person):
    row = return_factory(person, by=officer, verified=False)
    assert (queries.returnee_proof(officer, name=FIRM).state, queries.returnee_proof(officer, name=FIRM).counts) == ("claimed", False)
    with pytest.raises(Refusal) as refused:
        returns.verify_return(proof=row, version=1, by=officer)
    assert refused.value.code == "own_claim"
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.filter(pk=row.pk).update(state="verified", verified_by=officer, decided_on=TODAY)
    returns.verify_return(proof=row, version=1, by=person_factory("leader"))
    found = queries.returnee_proof(officer, name="深圳样例机芯（有限公司）")
    assert (found.state, found.counts, found.number, found.decided_on) == ("verified", True, row.pk, TODAY)
    assert queries.returnee_proof(officer, name=FIRM, on=dt.date(2026, 10, 30)).state == "claimed"
    assert queries.returnee_proof(officer, name="别的公司").state == "none"
    assert queries.returnee_proof(person_factory("enterprise_agent"), name=FIRM).state == "none"


@pytest.mark.parametrize(("told", "field"), [({"basis": "birthplace"}, "basis"), ({"firm": None}, "firm_name"), ({"share": 5_000}, "share"), ({"share": None}, "share"), ({"share": 10_001}, "share"),
                                             ({"proof": None}, "proof"), ({"document": ""}, "document"), ({"basis": "hearsay"}, "basis")])
def test_a_proof_without_its_ground_or_file_is_refused(officer, person, told, field):
    with pytest.raises(Refusal) as refused:
        returns.claim_return(**{"person": person, "basis": "controlling_share", "document": "股东名册", "proof": PDF, "firm": FirmName(FIRM), "share": 6_000, "by": officer, **told})
    assert refused.value.field == field
    assert not Return.objects.exists()


def test_an_investor_is_proved_once_and_anew_after_a_rejection(officer, person):
    row = return_factory(person, by=officer, verified=False)
    with pytest.raises(Refusal) as refused:
        return_factory(person, by=officer)
    assert refused.value.code == "claimed_already"
    returns.reject_return(proof=row, version=1, reason="名册不全", by=person_factory("promotion_officer"))
    assert queries.returnee_proof(officer, name=FIRM).state == "none"
    again = return_factory(person, by=officer)
    returns.withdraw_return(proof=again, version=again.version, reason="控股已转让", by=officer)
    assert queries.returnee_proof(officer, name=FIRM).state == "none"


def test_a_person_is_proved_by_birthplace_and_the_proof_outlives_their_consent_without_naming_them(officer, person):
    row = returns.claim_return(person=person, basis="birthplace", document="张样例的出生证明", proof=PDF, by=officer)
    returns.verify_return(proof=row, version=1, by=person_factory("leader"))
    people.withdraw_consent(row=person, reason="本人要求", by=officer)
    found = queries.returnee_proof(officer, hometown_person=person.pk)
    assert found.counts
    assert "张样例" not in repr(found)


@pytest.mark.parametrize("role", ["leader", "policy_officer", "enterprise_agent"])
def test_a_role_without_the_right_enters_no_proof(officer, person, role):
    with pytest.raises(Forbidden):
        return_factory(person, by=person_factory(role))
