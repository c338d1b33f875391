"""An allocation of a match: what it keeps, what it says on pages and in files, who may make and see one."""

from __future__ import annotations

import datetime as dt

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from diguan.kernel import jobs
from diguan.kernel.access import Forbidden
from diguan.kernel.actions import Refusal
from diguan.kernel.events import Event
from diguan.kernel.facts import runs
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions
from diguan.policies.actions.allocation import run_allocation
from diguan.policies.queries import allocations
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db
OTHER = "clean-kiln-too"


@pytest.fixture
def pack(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 500), (SHORT, 120))
    budget(tmp_path / "pack", "7万元")
    return tmp_path / "pack"


@pytest.fixture
def officer(pack):
    return person_factory("policy_officer", from_day=dt.date(2026, 1, 1))


def budget(folder, amount, name=POLICY, **more):
    """The policy with another budget, and other words where they are given."""
    county.policy(folder, name)
    path = folder / f"policies/{name}.yaml"
    text = path.read_text("utf-8").replace("amount: 4万元", f"amount: {amount}")
    for old, new in more.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def other(folder, amount="1万元"):
    """A second policy that excludes the first and pays everybody a little."""
    budget(folder, "9万元", OTHER, benefit=("amount: 5万元", f"amount: {amount}"), apart=("budget: {", f"exclusive_with: [{POLICY}]\nbudget: {{"))


def answers(run, policy=POLICY):
    rows = pq.read_table(run.folder / "allocation.parquet").to_pylist()
    return {row["enterprise_id"]: (row["state"], row["reason"], row["granted_fen"], row["place"], row["other_policy_id"]) for row in rows if row["policy_id"] == policy}


def test_the_line_follows_the_order_of_the_text_and_nobody_overtakes(officer):
    actions.run_match(by=officer)
    run = run_allocation(by=officer)
    found = answers(run)
    assert [found[firm] for firm in (RICH, PLAIN, SHORT)] == [
        ("granted", "in_budget", 5_000_000, 1, None), ("waitlisted", "budget_used", 0, 2, None), ("waitlisted", "behind", 0, 3, None)]
    assert found[SILENT] == ("undecided", "status_unknown", 0, None, None)
    one = allocations.totals_of(run)[POLICY]
    assert (one.granted_fen, one.budget_fen, one.left_fen, one.waitlisted_fen) == (5_000_000, 7_000_000, 2_000_000, 6_000_000)


def test_a_firm_that_waits_is_offered_its_next_and_one_that_is_served_is_displaced(officer, pack):
    other(pack)
    actions.run_match(by=officer)
    run = run_allocation(by=officer)
    assert answers(run)[PLAIN] == ("waitlisted", "budget_used", 0, 2, OTHER)
    assert answers(run, OTHER)[PLAIN] == ("granted", "in_budget", 1_000_000, 1, None)
    assert answers(run, OTHER)[RICH] == ("displaced", "excluded", 0, None, POLICY)


def test_the_same_match_is_the_same_allocation_to_the_byte_and_a_lost_file_is_written_again(officer):
    actions.run_match(by=officer)
    run = run_allocation(by=officer)
    before = [path.read_bytes() for path in sorted(run.folder.iterdir())]
    assert run_allocation(by=officer) == run
    (run.folder / "allocation.parquet").unlink()
    assert not runs.intact(run)
    assert allocations.find(officer, run.run_id) is None
    assert run_allocation(by=officer) == run
    assert [path.read_bytes() for path in sorted(run.folder.iterdir())] == before
    assert Event.objects.filter(verb="allocation_run").count() == 2


def test_what_an_earlier_allocation_granted_is_kept_and_lowers_the_budget(officer):
    actions.run_match(by=officer)
    first = run_allocation(by=officer)
    county.deliver((RICH, 9), (PLAIN, 900), (SHORT, 130), period="2026-10")
    actions.run_match(by=officer)
    run = run_allocation(by=officer, after=first.run_id)
    assert run != first
    assert answers(run)[RICH] == ("granted", "kept", 5_000_000, None, None)
    assert [answers(run)[firm][:2] for firm in (PLAIN, SHORT)] == [("waitlisted", "budget_used"), ("granted", "in_budget")]
    rows = {row["enterprise_id"]: row["in_match"] for row in pq.read_table(run.folder / "allocation.parquet").to_pylist()}
    assert not rows[RICH]
    assert rows[PLAIN]
    assert allocations.totals_of(run)[POLICY].kept_fen == 5_000_000


def test_a_budget_below_what_is_granted_is_refused_with_the_figures_and_leaves_nothing(officer, pack):
    actions.run_match(by=officer)
    first = run_allocation(by=officer)
    budget(pack, "4.99万元")
    actions.run_match(by=officer)
    with pytest.raises(Refusal) as refusal:
        run_allocation(by=officer, after=first.run_id)
    assert "49900.00" in str(refusal.value.reasons[0])
    assert "50000.00" in str(refusal.value.reasons[0])
    assert runs.Run.objects.filter(kind="allocation").count() == 1


def test_a_policy_whose_text_changed_or_that_may_not_be_published_is_left_out_and_said(client, officer, pack):
    other(pack)
    budget(pack, "9万元", "kiln-secret", review=("fair_competition_review: {status: passed, ", "fair_competition_review: {status: pending, "))
    actions.run_match(by=officer)
    other(pack, "2万元")
    run = run_allocation(by=officer, match=actions.queries.current_run().run_id)
    told = allocations.totals_of(run)
    assert (told[OTHER].left_out, told["kiln-secret"].left_out, told[POLICY].left_out) == ("changed", "unpublishable", "")
    assert (told[OTHER].granted, told[OTHER].undecided) == (0, 0)
    client.force_login(officer)
    html = client.get(reverse("policies:allocation", args=[run.run_id])).content.decode()
    assert "比对之后改过，重新比对才能分配" in html
    assert "还不能发布" in html


def test_places_are_counted_down_the_line_and_fewer_than_are_granted_are_refused(officer, pack):
    budget(pack, "90万元, places: 2")
    actions.run_match(by=officer)
    first = run_allocation(by=officer)
    assert [answers(first)[firm][:2] for firm in (RICH, PLAIN, SHORT)] == [("granted", "in_budget"), ("granted", "in_budget"), ("waitlisted", "places_used")]
    assert allocations.totals_of(first)[POLICY].places == 2
    budget(pack, "90万元, places: 1")
    actions.run_match(by=officer)
    with pytest.raises(Refusal, match="below_granted") as refusal:
        run_allocation(by=officer, after=first.run_id)
    assert "名额 1 个，少于已安排的 2 个" in str(refusal.value.reasons[0])


def test_shares_add_up_to_the_budget(officer, pack):
    budget(pack, "3.33万元", way=("when_exhausted: waitlist", "when_exhausted: prorate"))
    actions.run_match(by=officer)
    found = answers(run_allocation(by=officer))
    assert sum(row[2] for row in found.values()) == 3_330_000
    assert found[RICH][:3] == ("granted", "shared", 1_513_637)


def test_nothing_to_allocate_is_said(officer):
    with pytest.raises(Refusal, match="还没有比对过"):
        run_allocation(by=officer)
    with pytest.raises(Refusal, match="没有这次比对"):
        run_allocation(by=officer, match="0" * 64)
    actions.run_match(by=officer)
    with pytest.raises(Refusal, match="没有这次分配"):
        run_allocation(by=officer, after="0" * 64)


# ── who may ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["leader", "data_clerk", "administrator", "enterprise_agent"])
def test_only_a_policy_officer_allocates(officer, client, role):
    match = actions.run_match(by=officer)
    person = person_factory(role, from_day=dt.date(2026, 1, 1), **({"uscc": RICH} if role == "enterprise_agent" else {}))
    with pytest.raises(Forbidden):
        run_allocation(by=person)
    assert [path.name for path in runs.runs_folder().iterdir()] == [match.run_id]
    client.force_login(person)
    assert client.post(reverse("policies:start_allocation", args=[match.run_id])).status_code == 403
    assert not jobs.Job.objects.filter(name="policies.allocate").exists()


@pytest.mark.parametrize(("role", "status"), [("leader", 200), ("policy_officer", 200), ("data_clerk", 403), ("enterprise_agent", 403)])
def test_a_leader_reads_and_a_firm_does_not(officer, client, role, status):
    match = actions.run_match(by=officer)
    run = run_allocation(by=officer)
    client.force_login(person_factory(role, from_day=dt.date(2026, 1, 1), **({"uscc": RICH} if role == "enterprise_agent" else {})))
    assert client.get(reverse("policies:allocation", args=[run.run_id])).status_code == status
    assert client.get(reverse("policies:allocated", args=[run.run_id, POLICY])).status_code == status
    page = client.get(reverse("policies:run", args=[match.run_id]))
    assert (run.run_id[:12] in page.content.decode()) == (status == 200)


def test_a_leader_takes_no_file_out(officer, client):
    actions.run_match(by=officer)
    address = reverse("policies:allocated", args=[run_allocation(by=officer).run_id, POLICY]) + "?export=csv"
    client.force_login(person_factory("leader", from_day=dt.date(2026, 1, 1)))
    assert client.get(address).status_code == 403
    client.force_login(officer)
    assert "前面还有金额更大的在等" in b"".join(client.get(address)).decode("utf-8-sig")


# ── pages ────────────────────────────────────────────────────────
def test_from_the_run_to_the_list_of_a_policy(officer, client):
    match = actions.run_match(by=officer)
    client.force_login(officer)
    client.post(reverse("policies:start_allocation", args=[match.run_id]))
    jobs.run_pending()
    run = runs.Run.objects.get(kind="allocation")
    assert reverse("policies:allocation", args=[run.run_id]) in client.get(reverse("policies:run", args=[match.run_id])).content.decode()
    assert reverse("policies:allocated", args=[run.run_id, POLICY]) in client.get(reverse("policies:policy", args=[POLICY])).content.decode()
    html = client.get(reverse("policies:allocation", args=[run.run_id])).content.decode()
    assert "清洁窑炉用气补助" in html
    assert "2 万元" in html
    html = client.get(reverse("policies:allocated", args=[run.run_id, POLICY]), {"state": "waitlisted"}).content.decode()
    assert "排第 2 位，预算已由排在前面的用完" in html
    assert "余下的 2 万元 够它，但前面还有金额更大的在等，不越过" in html
    assert "衡阳大窑瓷业" not in html
    assert client.get(reverse("policies:allocated", args=[run.run_id, "no-such"])).status_code == 404
