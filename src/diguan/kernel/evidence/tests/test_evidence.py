"""Evidence: the dictionary's slips, who enters and who verifies, what a file may be, what is personal."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from diguan.kernel import access, clocks, events, packs, timelines
from diguan.kernel.access import Forbidden
from diguan.kernel.events import EventPersonal
from diguan.kernel.evidence import actions, dictionary, queries
from diguan.kernel.evidence.actions import About, Paper
from diguan.kernel.evidence.models import Evidence
from diguan.kernel.evidence.tests.factories import PDF, evidence_factory, paper
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Upload
from diguan.kernel.refusals import Refusal
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.kernel.tests.factories import person_factory, unit_factory

USCC = "91430421MA0001000X"
POLICY = About("policy", "equipment")
GOOD = """\
licence:
  type: certificate
  title: {zh: 执照, en: Licence}
  issuer: registry
  months: 12
  shared: [{fact: enterprise.status}, {evidence: basis}]
basis:
  type: field
  title: {zh: 依据, en: Basis}
  value: {type: money}
"""


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path


@pytest.fixture
def officer(db):
    return person_factory("policy_officer")


@pytest.fixture
def clerk(db):
    return person_factory("data_clerk")


def load(tmp_path, text):
    path = tmp_path / "evidence.yaml"
    path.write_text(text, encoding="utf-8")
    return dictionary.load([path], packs.catalogue(), packs.sources())


# ── the dictionary ───────────────────────────────────────────────────────────
@pytest.mark.one_database
def test_the_dictionary_is_read_whole(tmp_path):
    found = load(tmp_path, GOOD)
    assert (found["licence"].kind, found["licence"].takes_file, found["basis"].takes_file) == ("certificate", True, False)
    assert found["licence"].ends(dt.date(2026, 1, 31)) == dt.date(2027, 1, 31)
    assert found["basis"].ends(dt.date(2026, 1, 31)) is None
    assert dictionary.stored(found["basis"], "3万元") == 3_000_000


@pytest.mark.one_database
@pytest.mark.parametrize(("old", "new", "line", "said", "nearest"), [
    ("type: certificate", "type: certificat", 2, "certificat", "certificate"),
    ("issuer: registry", "isuer: registry", 4, "isuer", "issuer"),
    ("issuer: registry", "issuer: registri", 4, "registri", "registry"),
    ("fact: enterprise.status", "fact: enterprise.statos", 6, "enterprise.statos", "enterprise.status"),
    ("evidence: basis", "evidence: bases", 2, "bases", "basis"),
    ("evidence: basis", "evidence: licence", 2, "licence", "licence"),
    ("months: 12", "months: 0", 5, "0", None),
    ("  value: {type: money}\n", "", 8, "要写 fact 或 value", None),
    ("value: {type: money}", "value: {type: mony}", 10, "mony", "money"),
    ("value: {type: money}", "fact: tax.paid", 10, "带期间", None),
    ("basis:\n  type", "Basis-1:\n  type", 8, "小写字母", None),
    (", en: Basis}", "}", 9, "缺少 en", None),
])
def test_a_slip_is_named_with_its_line_and_the_nearest_word(tmp_path, old, new, line, said, nearest):
    assert old in GOOD
    with pytest.raises(DocumentErrors) as caught:
        load(tmp_path, GOOD.replace(old, new))
    slip = next(one for one in caught.value.problems if said in one.message.zh)
    assert (slip.line, slip.nearest) == (line, nearest)


@pytest.mark.one_database
def test_the_shipped_dictionary_loads_and_what_flows_need_tells_facts():
    found = dictionary.known()
    assert len(found) >= 20
    assert {entry.value.name for entry in found.values() if entry.tells} == {
        spec.name for spec in packs.catalogue().values() if "evidence" in spec.sources}
    assert found["bank_account"].personal


# ── entered by one, verified by another ──────────────────────────────────────
def test_it_counts_once_another_person_has_verified_it(officer, clerk):
    day, subject = clocks.today(), [("policy", "equipment")]
    row = evidence_factory("fair_competition_review", POLICY, clerk)
    assert queries.holdings(["fair_competition_review"], subject, day)["fair_competition_review"].state == "waiting"
    actions.verify(evidence=row, version=1, by=officer)
    held = queries.holdings(["fair_competition_review", "policy_text"], subject, day)
    assert (held["fair_competition_review"].state, held["fair_competition_review"].value, held["policy_text"].state) == ("held", 1, "missing")
    assert [line.verb for line in timelines.of(officer, row)] == ["evidence_verified", "evidence_entered"]


def test_who_entered_it_cannot_verify_it_and_the_database_refuses_it_too(officer):
    row = evidence_factory("fair_competition_review", POLICY, officer)
    for deed in (actions.verify, actions.reject):
        with pytest.raises(Refusal, match="own_evidence"):
            deed(evidence=row, version=1, by=officer, reason="不对")
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=row.pk).update(state="verified", verified_by=officer)


def test_of_two_who_decide_at_once_the_second_is_told(officer, clerk):
    row = evidence_factory("fair_competition_review", POLICY, clerk)
    stale = Evidence.objects.get(pk=row.pk)
    actions.reject(evidence=row, version=1, by=officer, reason="缺盖章")
    with pytest.raises(Refusal, match="changed_meanwhile"):
        actions.verify(evidence=stale, version=1, by=officer)
    with pytest.raises(Refusal, match="not_waiting"):
        actions.withdraw(evidence=row, version=2, by=clerk, reason="重报")
    assert queries.holdings(["fair_competition_review"], [("policy", "equipment")], clocks.today())["fair_competition_review"].state == "missing"


def test_it_ends_and_the_newest_in_force_is_the_one_held(officer, clerk):
    old, day = clocks.today() - dt.timedelta(days=400), clocks.today()
    evidence_factory("budget_approval", POLICY, clerk, officer, issued=old, valid_until=old + dt.timedelta(days=30))
    subject = [("policy", "equipment")]
    assert queries.holdings(["budget_approval"], subject, day)["budget_approval"].state == "expired"
    assert queries.holdings(["budget_approval"], subject, old)["budget_approval"].state == "held"
    assert queries.holdings(["budget_approval"], subject, old - dt.timedelta(days=1))["budget_approval"].state == "missing"
    newer = evidence_factory("budget_approval", POLICY, clerk, officer)
    evidence_factory("budget_approval", POLICY, clerk)  # another, not verified: what is held stays held
    assert queries.holdings(["budget_approval"], subject, day)["budget_approval"].row == newer


# ── what is taken ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("content", [b"", b"<script>", b"PK\x03\x04", b"%PDF-" + b"0" * 10 * 1024 * 1024])
def test_a_file_that_is_no_proof_is_refused(clerk, content):
    with pytest.raises(Refusal) as caught:
        actions.enter(entry="policy_text", about=POLICY, paper=Paper(file_name="a.pdf", content=content), by=clerk)
    assert (caught.value.code, caught.value.field) == ("invalid", "file")
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("entry", "more", "field"), [
    ("policy_tex", {}, "entry"), ("policy_text", {"content": None}, "file"), ("fair_competition_review", {"number": " "}, "number"),
    ("fair_competition_review", {"issued": None}, "issued"), ("fair_competition_review", {"issued": dt.date(2999, 1, 1)}, "issued"),
    ("fair_competition_review", {"valid_until": dt.date(2000, 1, 1)}, "valid_until"), ("fair_competition_review", {"value": "yes"}, "value"),
    ("legal_basis", {"value": ""}, "value")])
def test_a_paper_that_says_nothing_or_nonsense_is_refused_at_its_field(clerk, entry, more, field):
    given = paper(entry if entry in dictionary.known() else "policy_text", **more)
    with pytest.raises(Refusal) as caught:
        actions.enter(entry=entry, about=POLICY, paper=given, by=clerk)
    assert caught.value.field == field
    if field == "entry":
        assert "policy_text" in str(caught.value)


def test_a_file_is_kept_once_by_its_content_and_is_no_orphan(officer, clerk):
    one, two = evidence_factory("policy_text", POLICY, clerk), evidence_factory("confirmed_list", POLICY, clerk)
    assert one.upload.sha256 == two.upload.sha256
    assert files.upload_path(one.upload.sha256).read_bytes() == PDF
    assert files.orphans() == []
    assert queries.file_of(officer, one) == one.upload
    assert Upload.objects.count() == 2


# ── who sees what ────────────────────────────────────────────────────────────
def test_what_is_personal_is_masked_and_a_look_leaves_a_trace(officer, clerk):
    claim = About("policy_claim", f"equipment:{USCC}", USCC)
    row = evidence_factory("bank_account", claim, clerk, value="6222020012345678")
    (seen,) = queries.pieces(clerk, [("policy_claim", claim.id)], clocks.today())
    assert (seen.value, seen.hidden) == ("************5678", True)
    with pytest.raises(Forbidden):
        actions.reveal(evidence=row, reason="核对账户", by=clerk)
    with pytest.raises(Refusal, match="invalid"):
        actions.reveal(evidence=row, reason=" ", by=officer)
    actions.reveal(evidence=row, reason="核对账户", by=officer)
    line = timelines.of(officer, row)[0]
    assert (line.verb, line.reason) == ("evidence_revealed", "核对账户")
    assert "6222020012345678" not in "".join(f"{line.before}{line.after}" for line in timelines.of(officer, row))
    assert EventPersonal.objects.count() == 1
    events.erase_personal(row)
    assert events.verify(row) == []


def test_the_file_of_a_personal_one_is_given_to_nobody_without_a_trace(officer, clerk):
    row = evidence_factory("objection", About("policy_claim", "x", USCC), clerk)
    assert queries.file_of(officer, row) is None


def test_an_agent_enters_and_sees_what_is_about_their_enterprise_alone(officer):
    agent, other = (person_factory("enterprise_agent", uscc=code) for code in (USCC, "91430421MA0002000Y"))
    mine = About("policy_claim", "equipment:1", USCC)
    row = evidence_factory("intent_confirmation", mine, agent)
    assert [one.row for one in queries.pieces(agent, [("policy_claim", mine.id)], clocks.today())] == [row]
    assert queries.pieces(other, [("policy_claim", mine.id)], clocks.today()) == []
    for about in (mine, About("policy", "equipment")):
        with pytest.raises(Forbidden):
            evidence_factory("intent_confirmation", about, other)
    with pytest.raises(Forbidden):
        actions.verify(evidence=row, version=1, by=agent)
    assert Evidence.objects.count() == 1


def test_a_bureau_verifies_what_belongs_to_it_alone(officer):
    ours, theirs = unit_factory(), unit_factory()
    row = evidence_factory("legal_basis", About("policy", "x", owner_unit=ours.pk), officer)
    with pytest.raises(Forbidden):
        actions.verify(evidence=row, version=1, by=person_factory("bureau_clerk", theirs))
    actions.verify(evidence=row, version=1, by=person_factory("bureau_clerk", ours))
    stranger = person_factory()
    assert not access.may(stranger, queries.VIEW)
    assert queries.pieces(stranger, [("policy", "x")], clocks.today()) == []
