"""The pages: who may, what they show of whom, and what they keep of what was typed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.events import Event
from diguan.kernel.tests.factories import person_factory
from diguan.ties.actions import people as actions
from diguan.ties.models import Chamber, HometownPerson, Return, Tie
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
WITHOUT = ["policy_officer", "data_clerk", "bureau_clerk", "service_officer", "enterprise_agent", "administrator"]
FIRM = "深圳样例机芯有限公司"


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, TODAY.isoformat()


@pytest.fixture
def officer(client):
    person = person_factory("promotion_officer", from_day=dt.date(2026, 1, 1))
    client.force_login(person)
    return person


@pytest.fixture
def row(officer):
    return person_kept(by=officer, employer="深圳样例公司")


def file():
    return SimpleUploadedFile(*PDF)


def text(answer):
    return answer.content.decode()


def consent(**more):
    return {"purposes": ["introduce"], "words": "引荐企业", "given_on": "2026-10-31", "expires_on": "2027-10-31", "how": "signed", "proof": file(), **more}


@pytest.mark.parametrize("role", WITHOUT)
def test_a_role_without_the_right_is_refused_every_page(client, row, role):
    client.force_login(person_factory(role))
    for name, args in (("people", []), ("lapsed", []), ("person_new", []), ("person", [row.pk]), ("person_change", [row.pk]), ("consent", [row.pk]), ("chambers", []), ("ties", []), ("tie_new", []), ("paths", []), ("returns", []), ("return_new", [])):
        assert client.get(reverse(f"ties:{name}", args=args)).status_code == 403, name


def test_the_list_masks_numbers_also_in_the_file_and_leaves_out_whose_consent_is_over(client, officer, row, settings):
    person_kept("王样例", by=officer, phone="138 0000 0002", consent=agreed(days=5))
    settings.DIGUAN_TODAY = "2026-11-10"
    page, exported = text(client.get(reverse("ties:people"))), client.get(reverse("ties:people") + "?export=csv").content.decode("utf-8-sig")
    for found in (page, exported):
        assert "张样例" in found
        assert "138****0001" in found
        assert "王样例" not in found
        assert "0000 0001" not in found
    client.force_login(person_factory("leader"))
    assert client.get(reverse("ties:people") + "?export=csv").status_code == 403
    hidden = HometownPerson.objects.get(name="王样例")
    assert reverse("ties:person", args=[hidden.pk]) not in text(client.get(reverse("site:search") + "?q=王样例"))
    assert reverse("ties:person", args=[row.pk]) in text(client.get(reverse("site:search") + "?q=张样例"))


def test_filters_narrow_by_purpose_province_and_day(client, officer, row):
    person_kept("王样例", by=officer, phone="", region="330300", consent=agreed(days=5))
    assert "王样例" not in text(client.get(reverse("ties:people") + "?region=440000"))
    assert "张样例" not in text(client.get(reverse("ties:people") + "?ending=1"))
    assert "张样例" in text(client.get(reverse("ties:people") + "?purpose=introduce&q=深圳样例"))


def test_opening_a_page_is_noted_and_the_number_is_shown_once_with_a_reason(client, officer, row):
    page = text(client.get(reverse("ties:person", args=[row.pk])))
    assert "138****0001" in page
    assert "0000 0001" not in page
    assert Event.objects.filter(verb="person_viewed", actor=officer).count() == 1
    refused = client.post(reverse("ties:person_reveal", args=[row.pk]), {"reason": ""})
    assert refused.status_code == 422
    assert "0000 0001" not in text(refused)
    assert "138 0000 0001" in text(client.post(reverse("ties:person_reveal", args=[row.pk]), {"reason": "邀请参会"}))
    assert "0000 0001" not in text(client.get(reverse("ties:person", args=[row.pk])))
    leader = person_factory("leader")
    client.force_login(leader)
    assert "看完整号码" not in text(client.get(reverse("ties:person", args=[row.pk])))
    assert client.post(reverse("ties:person_reveal", args=[row.pk]), {"reason": "想看"}).status_code == 403


def test_somebody_is_kept_by_the_form_and_not_without_consent(client, officer):
    told = {"name": "李样例", "kind": "talent", "phone": "138 0000 0003"}
    refused = client.post(reverse("ties:person_new"), {**told, **consent(purposes=[])})
    assert refused.status_code == 422
    assert "李样例" in text(refused)
    assert not HometownPerson.objects.exists()
    assert client.post(reverse("ties:person_new"), {**told, **consent()}).status_code == 302
    row = HometownPerson.objects.get()
    assert client.post(reverse("ties:person_change", args=[row.pk]), {"name": "李样例", "kind": "merchant", "version": 1}).status_code == 302
    assert "0000 0003" not in text(client.get(reverse("ties:person_change", args=[row.pk])))
    row.refresh_from_db()
    assert (row.kind, row.phone) == ("merchant", "138 0000 0003")


def test_after_expiry_the_page_is_gone_and_the_renewal_shows_no_name(client, officer, row, settings):
    actions.renew_consent(row=row, agreed=agreed(days=210), by=officer)
    settings.DIGUAN_TODAY = "2027-09-30"
    assert client.get(reverse("ties:person", args=[row.pk])).status_code == 404
    for address in (reverse("ties:lapsed"), reverse("ties:consent", args=[row.pk])):
        page = text(client.get(address))
        assert f"#{row.pk}" in page
        assert "张样例" not in page
    wrong = client.post(reverse("ties:consent", args=[row.pk]), {"name": "王样例", **consent(given_on="2027-09-01", expires_on="2028-09-01")})
    assert wrong.status_code == 422
    assert client.post(reverse("ties:consent", args=[row.pk]), {"name": "张样例", **consent(given_on="2027-09-01", expires_on="2028-09-01")}).status_code == 302
    assert client.get(reverse("ties:person", args=[row.pk])).status_code == 200


def test_a_withdrawal_by_the_page_needs_a_reason_and_erases(client, officer, row):
    assert client.post(reverse("ties:consent_withdraw", args=[row.pk]), {"reason": ""}).status_code == 422
    assert client.post(reverse("ties:consent_withdraw", args=[row.pk]), {"reason": "本人来电"}).status_code == 302
    assert HometownPerson.objects.get().name == ""
    assert client.get(reverse("ties:consent", args=[row.pk])).status_code == 404


def test_the_proof_of_consent_is_sent_to_who_may_reveal_and_noted(client, officer, row):
    assert b"".join(client.post(reverse("ties:consent_proof", args=[row.pk]))).startswith(b"%PDF")
    assert Event.objects.filter(verb="person_revealed").count() == 1
    client.force_login(person_factory("leader"))
    assert client.post(reverse("ties:consent_proof", args=[row.pk])).status_code == 403


def test_a_town_officer_gets_nothing_of_another_town(client, officer, row):
    foreign = person_kept("王样例", by=officer, phone="", town=town_factory("西渡样例镇"))
    client.force_login(person_factory("town_officer", town_factory("界牌样例镇")))
    assert "王样例" not in text(client.get(reverse("ties:people")))
    for name in ("person", "person_change", "consent"):
        assert client.get(reverse(f"ties:{name}", args=[foreign.pk])).status_code == 404


def test_a_chamber_is_registered_changed_and_its_number_masked(client, officer):
    told = {"name": "深圳市样例商会", "region": "深圳市", "members": 120, "contact_name": "李示例", "contact_phone": "0755-12345678", "source": "名册", "source_date": "2026-10-01"}
    assert client.post(reverse("ties:chamber_new"), told).status_code == 302
    row = Chamber.objects.get()
    assert row.region == "440300"
    again = client.post(reverse("ties:chamber_new"), told)
    assert again.status_code == 422
    assert "已经登记过" in text(again)
    page = text(client.get(reverse("ties:chamber", args=[row.pk])))
    assert "075****5678" in page
    assert "12345678" not in page
    assert "0755-12345678" in text(client.post(reverse("ties:chamber_reveal", args=[row.pk]), {"reason": "登门拜访"}))
    assert client.post(reverse("ties:chamber_reveal", args=[row.pk]), {"reason": ""}).status_code == 422
    assert client.post(reverse("ties:chamber_change", args=[row.pk]), {**told, "members": "", "contact_phone": "", "version": 1}).status_code == 302
    row.refresh_from_db()
    assert (row.members, row.contact_phone) == (None, "0755-12345678")


def test_a_tie_is_recorded_by_number_or_name_and_decided_by_another(client, officer, row):
    told = {"one_kind": "person", "one": str(row.pk), "kind": "executive", "other_kind": "firm", "other": FIRM, "source": "本人来电", "source_date": "2026-10-30"}
    assert "value=\"" + str(row.pk) in text(client.get(reverse("ties:tie_new") + f"?person={row.pk}"))
    wrong = client.post(reverse("ties:tie_new"), {**told, "one": "没有这个人"})
    assert wrong.status_code == 422
    assert "没有找到" in text(wrong)
    assert client.post(reverse("ties:tie_new"), told).status_code == 302
    tie = Tie.objects.get()
    assert client.post(reverse("ties:tie_verify", args=[tie.pk]), {"version": 1}).status_code == 422
    client.force_login(person_factory("promotion_officer"))
    assert client.post(reverse("ties:tie_reject", args=[tie.pk]), {"version": 1, "reason": ""}).status_code == 422
    assert client.post(reverse("ties:tie_verify", args=[tie.pk]), {"version": 1}).status_code == 302
    assert client.post(reverse("ties:tie_end", args=[tie.pk]), {"version": 1, "reason": "卖了"}).status_code == 409
    assert client.post(reverse("ties:tie_end", args=[tie.pk]), {"version": 2, "reason": "卖了"}).status_code == 302


def test_of_namesakes_the_number_is_asked_for(client, officer, row):
    person_kept(by=officer, phone="", city="东莞")
    told = {"one_kind": "person", "one": "张样例", "kind": "executive", "other_kind": "firm", "other": FIRM, "source": "本人来电", "source_date": "2026-10-30"}
    assert "不止一个" in text(client.post(reverse("ties:tie_new"), told))


def test_the_way_to_a_firm_is_found_by_name_code_or_part_and_says_where_it_ends(client, officer, row):
    known = enterprise_factory(name="衡阳样例钟表有限公司")
    friend = person_kept("王样例", by=officer, phone="")
    tie_factory("classmate", row, friend)
    tie_factory("legal_representative", friend, FIRM, verified=False, source="公示的股东名册")
    page = text(client.get(reverse("ties:paths") + f"?firm={FIRM}"))
    for words in ("先找 王样例", "王样例", "公示的股东名册", "待核实", "已核实"):
        assert words in page
    assert f"firm={FIRM}" in text(client.get(reverse("ties:paths") + "?firm=机芯")) or "您要找的是哪一家" in text(client.get(reverse("ties:paths") + "?firm=机芯"))
    assert known.name in text(client.get(reverse("ties:paths") + "?firm=样例钟表"))
    assert "没有找到这家企业" in text(client.get(reverse("ties:paths") + "?firm=没人认识的公司"))

    actions.withdraw_consent(row=friend, reason="本人要求", by=officer)
    assert "还没有引荐的路" in text(client.get(reverse("ties:paths") + f"?firm={FIRM}"))


def test_a_returnee_is_claimed_by_one_and_verified_by_another_by_the_pages(client, officer, row):
    told = {"person": str(row.pk), "basis": "controlling_share", "firm_name": FIRM, "share": "51.5", "document": "股东名册", "proof": file()}
    low = client.post(reverse("ties:return_new"), {**told, "share": "50", "proof": file()})
    assert low.status_code == 422
    assert client.post(reverse("ties:return_new"), told).status_code == 302
    proof = Return.objects.get()
    assert proof.share == 5_150
    assert client.post(reverse("ties:return_verify", args=[proof.pk]), {"version": 1}).status_code == 422
    client.force_login(person_factory("leader"))
    assert client.post(reverse("ties:return_verify", args=[proof.pk]), {"version": 1}).status_code == 302
    assert FIRM in text(client.get(reverse("ties:returns") + "?state=verified"))
    assert client.post(reverse("ties:return_withdraw", args=[proof.pk]), {"version": 2, "reason": "转让"}).status_code == 403


def test_a_proof_of_somebody_without_consent_shows_a_number_instead_of_the_name(client, officer, row):
    proof = return_factory(row)
    actions.withdraw_consent(row=row, reason="本人要求", by=officer)
    for address in (reverse("ties:return", args=[proof.pk]), reverse("ties:returns")):
        assert "张样例" not in text(client.get(address))
    chamber_factory(by=officer)


def test_the_file_of_a_proof_is_opened_and_a_claim_verified_by_nobody_once_the_person_was_erased(client, officer, row):
    proved, claimed = return_factory(row), return_factory(row, "东莞别家表壳有限公司", verified=False)
    address = reverse("ties:return_proof", args=[proved.pk])
    assert client.get(address).status_code == 200
    actions.withdraw_consent(row=row, reason="本人要求", by=officer)
    assert client.get(address).status_code == 404
    assert address not in text(client.get(reverse("ties:return", args=[proved.pk])))
    client.force_login(person_factory("leader"))
    assert client.post(reverse("ties:return_verify", args=[claimed.pk]), {"version": claimed.version}).status_code == 422
    assert Return.objects.get(pk=claimed.pk).state == "claimed"


def test_the_desk_tells_of_ties_and_proofs_that_wait_and_of_consents_that_run_out(client, officer):
    one = person_kept(by=officer, consent=agreed(days=5))
    tie_factory("executive", one, FIRM, verified=False)
    return_factory(one, verified=False)
    page = text(client.get("/"))
    for words in ("条乡情关系等人核实", "份湘商回归材料等人核实", "位同乡的同意快到期"):
        assert words in page
