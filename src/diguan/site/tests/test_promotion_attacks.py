"""Investment promotion attacked at its addresses: numbers of other units' rows, exports without the right, a post that ended, a file of near-duplicates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from diguan.kernel import clocks
from diguan.kernel.access.models import Person, Post
from diguan.kernel.facts import deliveries
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.outreach.tests import factories as trips
from diguan.projects.actions import joint, proofs
from diguan.projects.models import Lead
from diguan.projects.tests import board_factories as board
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.tests.ledger_factory import (
    PROOF,
    agreement_factory,
    fund_factory,
    obligation_factory,
    promise_factory,
)
from diguan.ties.tests import factories as ties

pytestmark = pytest.mark.django_db
SECRET, PHONE, CONTACT = "保密样例项目", "13800001234", "张三丰"


@pytest.fixture
def numbers() -> dict[str, int]:
    """A row of each kind, all of commerce, by what its addresses begin with."""
    team = board.Team()
    by = team.officer
    project = project_factory(by, SECRET)
    agreement = agreement_factory(project, by, team.second)
    trip, person = trips.trip_factory(by), ties.person_kept(by=by)
    visit = trips.visit_factory(by)
    return {
        "project": project.pk, "agreement": agreement.pk, "fund": fund_factory(project, by, team.second).pk, "promise": promise_factory(agreement_factory(project, by), by).pk, "obligation": obligation_factory(agreement, by).pk,
        "lead": lead_factory(by, contact_name=CONTACT, contact_phone=PHONE).pk, "access": board.met(project_factory(by, "评审样例项目"), team).pk, "joint": joint.start_joint(project=project, by=by).pk,
        "claim": proofs.claim_returnee(project=project, basis="本县出生", proof=PROOF, by=by).pk, "trip": trip.pk, "call": trips.call_factory(trip, by, contact_name=CONTACT, contact_phone=PHONE).pk, "visit": visit.pk,
        "follow": trips.follow_up_factory(visit, by, by).pk, "guest": trips.invitation_factory(by).pk, "person": person.pk, "tie": ties.tie_factory("member", person, ties.chamber_factory(by=by), by=by).pk,
        "return": ties.return_factory(person, by=by).pk}


@pytest.fixture
def stranger(client: Any, numbers: dict[str, int]) -> Person:
    """An officer of a town, who has most of the rights, of their own town."""
    person = person_factory("town_officer", ties.town_factory("别的镇"))
    client.force_login(person)
    return person


READ = {
    "project": "projects:project projects:change projects:agreement_new projects:project_funds projects:performance projects:returnee", "agreement": "projects:agreement projects:agreement_proof", "fund": "projects:fund projects:fund_proof",
    "promise": "projects:promise_proof", "obligation": "projects:obligation projects:obligation_proof", "lead": "projects:lead projects:lead_change", "access": "projects:access projects:access_answers projects:access_print",
    "joint": "projects:joint", "claim": "projects:returnee_proof", "trip": "outreach:trip outreach:change outreach:plan outreach:calendar outreach:booklet", "call": "outreach:call_change", "visit": "outreach:visit",
    "follow": "outreach:follow_up", "guest": "outreach:guest", "person": "ties:person ties:consent", "tie": "ties:tie ties:tie_proof", "return": "ties:return ties:return_proof"}
DONE = (
    ("lead", "projects:lead_reveal", ()), ("lead", "projects:lead_claim", ()), ("lead", "projects:lead_do", ("lose",)), ("fund", "projects:fund_do", ("reverse",)), ("fund", "projects:fund_slip", ()), ("agreement", "projects:agreement_do", ("void",)),
    ("project", "projects:deed", ("move",)), ("project", "projects:deed", ("team",)), ("project", "projects:deed", ("waive",)), ("project", "projects:deed", ("paper",)), ("obligation", "projects:obligation_do", ("waive",)),
    ("trip", "outreach:expense", ()), ("trip", "outreach:start", ()), ("call", "outreach:call_reveal", ()), ("follow", "outreach:follow_done", ()), ("guest", "outreach:guest_answer", ()), ("person", "ties:consent_withdraw", ()),
    ("person", "ties:consent_proof", ()))


def test_no_row_of_another_unit_opens_by_its_number(client: Any, numbers: dict[str, int], stranger: Person) -> None:
    for kind, names in READ.items():
        for name in names.split():
            assert client.get(reverse(name, args=[numbers[kind]])).status_code in (403, 404), name
    for address in (f"/api/leads/{numbers['lead']}", f"/api/projects/{numbers['project']}"):
        assert client.get(address).status_code == 404


def test_nothing_is_done_to_a_row_of_another_unit_by_its_number(client: Any, numbers: dict[str, int], stranger: Person) -> None:
    for kind, name, more in DONE:
        sent = {"version": 1, "reason": "试试看", "to": "x", "entry": "x"}
        assert client.post(reverse(name, args=[numbers[kind], *more]), sent).status_code in (403, 404), (name, more)


LISTS = ("projects:list", "projects:leads", "projects:funds", "projects:agreements", "projects:obligations", "projects:counting", "projects:figures", "outreach:trips", "outreach:visits", "outreach:follow_ups", "outreach:guests",
         "outreach:chambers", "ties:people", "ties:returns", "ties:chambers")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_lists_and_their_files_hold_nothing_of_another_unit_and_files_need_their_own_right(client: Any, numbers: dict[str, int], stranger: Person, kind: str) -> None:
    given = set()
    for name in LISTS:
        shown, file = client.get(reverse(name)), client.get(f"{reverse(name)}?export={kind}")
        assert not any(word in shown.content.decode() for word in (SECRET, PHONE, CONTACT)), name
        if file.status_code == 200:
            given.add(name)
            assert not any(word.encode() in file.content for word in (SECRET, PHONE, CONTACT)), name
    assert given == {"projects:leads", "ties:people"}


def test_a_post_that_ended_ends_everything_though_the_session_is_kept(client: Any) -> None:
    by = person_factory("promotion_officer")
    lead = lead_factory(by)
    client.force_login(by)
    assert client.get(reverse("projects:lead", args=[lead.pk])).status_code == 200
    Post.objects.filter(person=by).update(to_day=clocks.today() - dt.timedelta(days=1))
    for name, args in (("projects:lead", [lead.pk]), ("projects:leads", []), ("projects:board", []), ("projects:funds", []), ("outreach:log", []), ("outreach:log_who", []), ("ties:people", [])):
        assert client.get(reverse(name, args=args)).status_code == 403, name
    assert client.post(reverse("projects:lead_claim", args=[lead.pk])).status_code == 403
    assert client.get("/api/leads").status_code == 403


@pytest.mark.slow
def test_of_5000_rows_with_300_known_firms_the_300_are_told_with_who_has_them_and_left_out() -> None:
    by, other = person_factory("promotion_officer", unit_factory("商务局")), person_factory("promotion_officer", unit_factory("工信局"), name="乙专员")
    known = [f"{chr(0x4E00 + turn)}{chr(0x5E00 + turn)}{chr(0x6E00 + turn)}机芯" for turn in range(300)]
    for name in known:
        lead_factory(other, firm=f"深圳{name}有限公司")
    rows = [["投资方", "线索来源"], *([f"东莞{chr(0x4E00 + turn % 3000)}{chr(0x5F00 + turn % 2500)}{chr(0x7000 + turn // 7)}配件有限公司", "产业链招商"] for turn in range(4_700)), *([f"深圳市{name}股份有限公司", "产业链招商"] for name in known)]
    content, asked = xlsx(rows), deliveries.Request("leads")
    found = deliveries.preview(asked, "线索.xlsx", content, by=by).checked
    assert (found.ok, found.changes) == (True, {"new": 4_700, "skipped": 300})
    assert all("乙专员（工信局）" in warning.message.zh and "深圳" not in warning.message.zh for warning in found.warnings)
    assert len(found.warnings) == 300
    upload = deliveries.keep("线索.xlsx", content, "leads", by=by)
    deliveries.commit(asked, upload, content, by=by)
    assert Lead.objects.filter(holder=by).count() == 4_700
