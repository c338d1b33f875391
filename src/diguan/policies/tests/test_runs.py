"""Which run the pages speak from, and what tells one run from another: texts, catalogue, register, files."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from diguan.enterprises import actions as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import packs
from diguan.kernel.actions import Refusal
from diguan.kernel.facts import batches, runs
from diguan.kernel.rules import runfile
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 90))
    return person_factory("policy_officer", from_day=dt.date(2026, 1, 1))


def test_a_trial_for_a_day_to_come_leaves_what_is_known_of_today_as_it_is(officer):
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    firm = Enterprise.objects.get(uscc=RICH)
    register.add_title(enterprise=firm, kind="high_tech_enterprise", issued=dt.date(2024, 1, 1), valid_until=dt.date(2026, 12, 31), by=clerk)
    now = actions.run_match(by=officer)
    actions.run_match(by=officer, as_of=dt.date(2027, 6, 30))
    assert [row.period for row in batches.visible_batches() if row.replaces_all] == ["2026-10-31"]
    assert [row.period for row in batches.visible_batches(as_of=dt.date(2027, 7, 1)) if row.replaces_all] == ["2027-06-30"]
    again = actions.run_match(by=officer, known_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert {name: digest for name, digest in again.inputs["data"].items() if name.startswith("registry")} == {
        name: digest for name, digest in now.inputs["data"].items() if name.startswith("registry")}


def test_a_text_that_is_put_back_gets_its_own_run_back(officer, tmp_path):
    first = actions.run_match(by=officer)
    county.policy(tmp_path / "pack", least="80")
    second = actions.run_match(by=officer)
    assert queries.current_run() == second
    county.policy(tmp_path / "pack")
    assert actions.run_match(by=officer) == first
    assert queries.current_run() == first
    assert not queries.standing(officer, POLICY).changed


def test_a_version_of_ones_own_hides_no_change_of_the_text(officer, tmp_path):
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    path.write_text(path.read_text("utf-8") + "version: '1'\n", "utf-8")
    first = actions.run_match(by=officer)
    path.write_text(path.read_text("utf-8").replace("amount: 5万元", "amount: 6万元"), "utf-8")
    assert queries.standing(officer, POLICY).changed
    second = actions.run_match(by=officer)
    assert second != first
    assert queries.totals_of(second)[POLICY].amount_fen == queries.totals_of(first)[POLICY].amount_fen + 1_000_000


@pytest.fixture
def restarted():
    """What a restart forgets; called after an edit, and once more when the edited pack is gone."""

    def forget():
        for cache in (packs._catalogue, queries._library):
            cache.cache_clear()

    yield forget
    forget()


def test_another_meaning_of_a_fact_waits_for_the_next_match_and_is_another_run(officer, tmp_path, restarted):
    first = actions.run_match(by=officer)
    enterprise = Enterprise.objects.get(uscc=RICH)
    assert [item.policy.id for item in queries.entitlements(officer, enterprise).items] == [POLICY]
    facts = tmp_path / "pack/facts.yaml"
    facts.write_text(facts.read_text("utf-8").replace("non_negative: true, ", ""), "utf-8")
    restarted()
    standing = queries.standing(officer, POLICY)
    assert standing.changed
    assert queries.judge(standing, [RICH]) == {}
    assert queries.entitlements(officer, enterprise).items == ()
    second = actions.run_match(by=officer)
    assert second != first
    assert queries.current_run() == second
    assert not queries.standing(officer, POLICY).changed
    assert [item.policy.id for item in queries.entitlements(officer, enterprise).items] == [POLICY]


@pytest.mark.parametrize("harm", ["gone", "no_rows", "short", "tampered"])
def test_a_damaged_run_is_told_and_never_shown_and_can_be_made_again(client, officer, harm):
    run = actions.run_match(by=officer)
    document = run.folder / "run.json"
    if harm == "gone":
        for path in run.folder.iterdir():
            path.unlink()
        run.folder.rmdir()
    elif harm == "no_rows":
        (run.folder / "match.parquet").unlink()
    elif harm == "short":
        document.write_text(document.read_text("utf-8")[:40], "utf-8")
    else:
        told = json.loads(document.read_text("utf-8"))
        told["totals"][0]["eligible"] = 999
        document.write_text(json.dumps(told), "utf-8")
    client.force_login(officer)
    assert queries.current_run() is None
    assert "还没有比对过" in client.get(reverse("policies:list")).content.decode()
    assert "结果文件不见了或变了" in client.get(reverse("policies:runs")).content.decode()
    assert client.get(reverse("policies:run", args=[run.run_id])).status_code == 404
    assert client.get("/").status_code == 200
    assert not runs.intact(run)
    assert actions.run_match(by=officer) == run
    assert runs.intact(run)
    assert queries.current_run() == run


def test_a_run_of_an_older_version_is_known_by_the_digest_it_kept(officer):
    run = actions.run_match(by=officer)
    run.result_sha256 = runs._digests(run.folder, "match", (0, 0))[1]
    assert runs.intact(run)


def test_who_may_see_runs_but_no_policies_sees_what_went_in_and_no_totals(client, officer):
    run = actions.run_match(by=officer)
    client.force_login(person_factory("administrator", from_day=dt.date(2026, 1, 1)))
    html = client.get(reverse("policies:run", args=[run.run_id])).content.decode()
    assert "窑炉办" in html
    assert "清洁窑炉用气补助" not in html


def test_a_policy_changed_since_the_match_is_told_to_no_enterprise_until_the_next(client, officer, tmp_path):
    actions.run_match(by=officer)
    county.policy(tmp_path / "pack", least="80")
    client.force_login(person_factory("enterprise_agent", uscc=SHORT, from_day=dt.date(2026, 1, 1)))
    assert "清洁窑炉用气补助" not in client.get(reverse("policies:mine")).content.decode()
    actions.run_match(by=officer)
    assert "清洁窑炉用气补助" in client.get(reverse("policies:mine")).content.decode()


@pytest.mark.parametrize("name", ["mine", "runs"])
def test_a_word_of_the_addresses_is_no_policy_id(officer, tmp_path, name):
    county.policy(tmp_path / "pack", name=name)
    assert [problem.message.zh for problem in queries.library().problems] == [f"{name} 是页面地址用的词，政策编号换一个"]


def test_a_chinese_id_names_its_file_in_chinese(client, officer, tmp_path):
    county.policy(tmp_path / "pack", name="清洁窑炉")
    actions.run_match(by=officer)
    client.force_login(officer)
    answer = client.get(reverse("policies:group", args=["清洁窑炉", "entitled"]) + "?export=csv")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%B8%85")


# ── the catalogue, edited while a match is on ────────────────────────────────
def test_a_catalogue_edited_while_a_match_is_on_changes_the_next_match_and_not_this_one(settings, tmp_path, monkeypatch, restarted):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 120))
    officer = person_factory("policy_officer", from_day=dt.date(2026, 1, 1))
    quiet = actions.run_match(by=officer)
    catalogue, judge = tmp_path / "pack/facts.yaml", runfile.partly

    def edited(*args, **more):
        catalogue.write_text(county.FACTS.replace("kiln.gas,", "kiln.heat,"), "utf-8")
        return judge(*args, **more)

    county.deliver((RICH, 700), period="2026-10")
    monkeypatch.setattr(runfile, "partly", edited)
    run = actions.run_match(by=officer)
    assert run != quiet
    assert run.inputs["facts"] == quiet.inputs["facts"]
    assert runs.intact(run)
    monkeypatch.setattr(runfile, "partly", judge)
    restarted()
    with pytest.raises(Refusal, match="no_policies"):
        actions.run_match(by=officer)  # the policy reads a fact that is gone: refused, not judged otherwise
    assert "kiln.gas" in str(queries.library().problems[0])
    assert queries.current_run() == run
