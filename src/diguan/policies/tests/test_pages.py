"""What the pages of policies show, and to whom they show nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, jobs
from diguan.kernel.access import roles
from diguan.kernel.catalogue import make_spec
from diguan.kernel.facts.runs import Run
from diguan.kernel.rules.differences import Change, Told
from diguan.kernel.tests.factories import person_factory
from diguan.policies import actions, queries
from diguan.policies.queries import members
from diguan.policies.tests import county
from diguan.policies.tests.county import ELSEWHERE, PLAIN, POLICY, RICH, SHORT, SILENT
from diguan.policies.web.differences import change_words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def october(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 90), (ELSEWHERE, 900))


@pytest.fixture
def officer():
    return person_factory("policy_officer", login_name="officer", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def run(officer):
    return actions.run_match(by=officer)


def log_in(client, role, **more):
    person = person_factory(role, from_day=dt.date(2026, 1, 1), **more)
    client.force_login(person)
    return person


def page(client, name, *args, status=200, query=""):
    answer = client.get(reverse(f"policies:{name}", args=args) + query)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode() if status == 200 else ""


# ── numbers ──────────────────────────────────────────────────────────────────
def test_a_policy_and_a_fact_no_developer_foresaw_get_answers_without_a_code_change(client, run):
    log_in(client, "policy_officer")
    html = page(client, "policy", POLICY)
    for words in ("清洁窑炉用气补助", "最近一期天然气用量不低于 100 立方米", "窑炉办", "还差 10 立方米", "缺天然气用量（窑炉办）", "达到 500 立方米这一档"):
        assert words in html, words
    totals = queries.totals_of(run)[POLICY]
    assert (totals.eligible, totals.near_miss, totals.unknown, totals.ineligible, totals.amount_fen) == (2, 1, 1, 2, 6_000_000)


def test_the_funnel_adds_up_to_the_totals(client, run):
    log_in(client, "policy_officer")
    funnels = [clause["funnel"] for clause in client.get(reverse("policies:policy", args=[POLICY])).context["page"]["clauses"]]
    assert funnels == [{"yes": 4, "unknown": 0, "out": 1, "left": 4}, {"yes": 2, "unknown": 1, "out": 1, "left": 3}]


def test_more_money_than_the_budget_is_said(client, run):
    log_in(client, "policy_officer")
    html = page(client, "policy", POLICY)
    assert "按下限算已超预算" in html
    assert "最近一期天然气用量由高到低" in html


def test_before_the_first_match_pages_say_so(client):
    log_in(client, "policy_officer")
    assert "还没有比对过" in page(client, "list")
    assert "还没有比对过" in page(client, "policy", POLICY)
    assert "还没有比对过" in page(client, "runs")
    assert "还没有比对过" in page(client, "explanation", POLICY, RICH)


def test_a_match_for_another_day_leaves_the_pages_alone(client, officer, run):
    actions.run_match(by=officer, as_of=dt.date(2026, 3, 31))
    actions.run_match(by=officer, as_of=dt.date(2027, 3, 31))
    client.force_login(officer)
    assert client.get(reverse("policies:list")).context["run"] == run


def test_a_changed_text_is_told_until_the_next_match(client, officer, run, tmp_path):
    client.force_login(officer)
    county.policy(tmp_path / "pack", least="80")
    assert "政策文件、认定标准或事实的口径在比对之后改过" in page(client, "policy", POLICY)
    assert "有改动" in page(client, "list")
    actions.run_match(by=officer)
    html = page(client, "policy", POLICY)
    assert "政策文件、认定标准或事实的口径在比对之后改过" not in html
    assert client.get(reverse("policies:policy", args=[POLICY])).context["page"]["figures"]["entitled"].num == 3


def test_of_a_changed_text_each_list_still_holds_as_many_as_its_figure_says(client, officer, run, tmp_path):
    county.policy(tmp_path / "pack", least="80")
    standing = queries.standing(officer, POLICY)
    figures = {"entitled": standing.totals.eligible, "near": standing.totals.near_miss, "unknown": standing.totals.unknown}
    assert figures == {"entitled": 2, "near": 1, "unknown": 1}
    assert {group: len(members.lines(officer, standing, group)) for group in figures} == figures
    client.force_login(officer)
    html = page(client, "group", POLICY, "near")
    assert SHORT in html
    assert ELSEWHERE not in html  # it misses one clause too, but by no distance


def test_a_policy_file_with_an_error_is_named_with_its_line(client, run, tmp_path):
    log_in(client, "policy_officer")
    wrong = tmp_path / "pack/policies/wrong.yaml"
    wrong.write_text((tmp_path / f"pack/policies/{POLICY}.yaml").read_text("utf-8").replace("kiln.gas, over", "kiln.gass, over"), "utf-8")
    html = page(client, "list")
    assert "有一份政策没有用上" in html
    assert "wrong.yaml:" in html


# ── lists and files ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(("group", "there", "words"), [
    ("entitled", {RICH, PLAIN}, "1 万元"), ("near", {SHORT}, "还差 10 立方米"), ("unknown", {SILENT}, "缺天然气用量（窑炉办）"),
    ("out-1", {ELSEWHERE}, "（441900）"), ("out-2", {SHORT}, "现有 90 立方米")])
def test_each_list_holds_its_enterprises_with_the_reason(client, run, group, there, words):
    log_in(client, "policy_officer")
    html = page(client, "group", POLICY, group)
    assert {uscc for uscc in (RICH, PLAIN, SHORT, SILENT, ELSEWHERE) if uscc in html} == there
    assert words in html


@pytest.mark.parametrize(("group", "out"), [("out-1", ELSEWHERE), ("out-2", SHORT)])
def test_whom_a_clause_screens_out_is_not_listed_by_a_text_no_match_has_judged(client, run, tmp_path, group, out):
    log_in(client, "policy_officer")
    assert out in page(client, "group", POLICY, group)
    county.policy(tmp_path / "pack", least="95")
    assert not {uscc for uscc in (RICH, PLAIN, SHORT, SILENT, ELSEWHERE) if uscc in page(client, "group", POLICY, group)}


def test_the_file_holds_exactly_what_is_filtered(client, run):
    log_in(client, "policy_officer")
    answer = client.get(reverse("policies:group", args=[POLICY, "entitled"]) + "?q=小窑&export=xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == [PLAIN]
    assert rows[1][rows[0].index("金额（元）")] == 10000
    said = dict(book["说明"].iter_rows(values_only=True))
    assert (said["条件"], said["行数"]) == ("企业名称、拼音首字母或信用代码 小窑", "1")
    assert "2026-10-31" in said["判断日"]


def test_every_number_of_the_funnel_opens_its_rows(client, run):
    log_in(client, "policy_officer")
    funnels = [clause["funnel"] for clause in client.get(reverse("policies:policy", args=[POLICY])).context["page"]["clauses"]]
    for number, funnel in enumerate(funnels, 1):
        assert client.get(reverse("policies:group", args=[POLICY, f"out-{number}"])).context["total"] == funnel["out"]
    page(client, "group", POLICY, f"out-{len(funnels) + 1}", status=404)


def test_one_step_short_shows_what_the_step_is_worth(client, run):
    log_in(client, "policy_officer")
    judged = queries.judge(queries.standing(person_factory("policy_officer", from_day=dt.date(2026, 1, 1)), POLICY), [SHORT])[SHORT]
    assert (judged.group, judged.amount_fen) == ("near", 1_000_000)
    assert "达到后约 1 万元" in page(client, "explanation", POLICY, SHORT)


def test_who_is_unknown_names_the_fact_to_ask_for_first(client, run):
    log_in(client, "policy_officer")
    html = page(client, "group", POLICY, "unknown")
    assert "先问这些" in html
    assert "1 户缺它" in html


def test_a_newly_registered_enterprise_waits_for_the_next_match(client, run):
    from diguan.enterprises.tests.factories import credit_code, enterprise_factory

    log_in(client, "policy_officer")
    enterprise_factory(credit_code(99), "衡阳新来有限公司")
    assert "这家企业还没有比对过" in page(client, "explanation", POLICY, credit_code(99))


def test_the_dossier_carries_the_entitlements(client, run):
    log_in(client, "policy_officer")
    html = client.get(reverse("enterprises:dossier", args=[RICH])).content.decode()
    assert "政策权益" in html
    assert "5 万元" in html


# ── an enterprise's own ──────────────────────────────────────────────────────
def test_an_agent_sees_what_their_enterprise_may_enjoy_and_why(client, run):
    log_in(client, "enterprise_agent", uscc=RICH)
    html = page(client, "mine")
    assert "衡阳大窑瓷业有限公司" in html
    assert "5</b> 万元" in html
    assert reverse("enterprises:dossier", args=[RICH]) in html
    assert "所知截至" not in page(client, "explanation", POLICY, RICH)  # a word of the house
    assert "最近一个月天然气用量不少于100立方米" in page(client, "explanation", POLICY, RICH)


def test_an_agent_reaches_no_other_enterprise_and_no_page_of_the_county(client, run):
    log_in(client, "enterprise_agent", uscc=RICH)
    page(client, "explanation", POLICY, PLAIN, status=404)
    assert client.get(reverse("policies:mine") + f"?uscc={PLAIN}").status_code == 404
    for name, args in (("list", ()), ("policy", (POLICY,)), ("group", (POLICY, "entitled")), ("runs", ()), ("run", (run.run_id,))):
        page(client, name, *args, status=403)
    assert client.post(reverse("policies:start_run")).status_code == 403
    assert PLAIN not in page(client, "mine")


def test_an_ended_delegation_ends_the_look(client, run):
    person = log_in(client, "enterprise_agent", uscc=RICH)
    person.delegations.update(to_day=dt.date(2026, 10, 30))
    page(client, "explanation", POLICY, RICH, status=404)
    assert RICH not in client.get(reverse("policies:mine"), follow=True).content.decode()


def test_a_policy_that_may_not_be_published_is_for_officials_alone(client, officer, tmp_path):
    text = (tmp_path / f"pack/policies/{POLICY}.yaml").read_text("utf-8")
    (tmp_path / f"pack/policies/{POLICY}.yaml").write_text(text.replace("legal_basis: 县级财政预算支出（演示）\n", ""), "utf-8")
    actions.run_match(by=officer)
    client.force_login(officer)
    assert "这份政策还不能发布" in page(client, "policy", POLICY)
    assert "还不能发布" in page(client, "list")
    page(client, "explanation", POLICY, RICH)
    log_in(client, "enterprise_agent", uscc=RICH)
    assert "清洁窑炉用气补助" not in page(client, "mine")
    page(client, "explanation", POLICY, RICH, status=404)


def test_an_agent_reads_the_source_text_and_every_period_behind_a_clause(client, run):
    log_in(client, "enterprise_agent", uscc=RICH)
    html = page(client, "explanation", POLICY, RICH)
    assert "500立方米以上补助5万元" in html
    link = reverse("enterprises:fact", args=[RICH, "kiln.gas"])
    assert link in html
    assert "2026-09" in client.get(link).content.decode()


# ── rights of officials ──────────────────────────────────────────────────────
def test_a_clerk_sees_totals_but_no_names_of_the_entitled(client, run):
    log_in(client, "data_clerk")
    html = page(client, "policy", POLICY)
    assert "机器条款与漏斗" in html
    assert RICH not in html
    assert "衡阳大窑瓷业有限公司" not in html
    page(client, "group", POLICY, "entitled", status=403)
    page(client, "explanation", POLICY, RICH, status=403)
    assert "政策权益" not in client.get(reverse("enterprises:dossier", args=[RICH])).content.decode()


def test_a_leader_reads_the_lists_but_takes_no_file_and_starts_no_match(client, run):
    log_in(client, "leader")
    assert "导出这" not in page(client, "group", POLICY, "entitled")
    page(client, "group", POLICY, "entitled", status=403, query="?export=xlsx")
    assert client.post(reverse("policies:start_run")).status_code == 403
    assert "重新比对" not in page(client, "list")


def test_an_administrator_sees_runs_but_no_policy(client, run):
    log_in(client, "administrator")
    page(client, "list", status=403)
    page(client, "policy", POLICY, status=403)
    assert run.run_id[:12] in page(client, "runs")


def test_a_right_that_reaches_some_enterprises_lists_only_those(client, run, monkeypatch):
    person = log_in(client, "policy_officer")
    narrow = {**roles.roles()["policy_officer"].permissions, "policies.view_entitlement": access.Scope.UNIT}
    role = roles.Role(**{**vars(roles.roles()["policy_officer"]), "permissions": narrow})
    monkeypatch.setattr("diguan.kernel.access.queries.roles", lambda: {"policy_officer": role})
    Enterprise.objects.filter(uscc=PLAIN).update(owner_unit=person.posts.get().unit)
    html = page(client, "group", POLICY, "entitled")
    assert PLAIN in html
    assert RICH not in html
    page(client, "explanation", POLICY, RICH, status=403)


# ── a match from the page ────────────────────────────────────────────────────
def test_the_button_queues_one_match_and_the_page_shows_it_going(client, officer):
    jobs.Job.objects.all().delete()
    client.force_login(officer)
    for _press in range(2):
        assert client.post(reverse("policies:start_run")).status_code == 302
    assert jobs.Job.objects.count() == 1
    assert "正在比对" in page(client, "runs")
    jobs.run_pending()
    assert Run.objects.count() == 1
    assert "正在比对" not in page(client, "runs")


def test_a_run_names_what_it_was_computed_from(client, run):
    log_in(client, "policy_officer")
    html = page(client, "run", run.run_id)
    assert "窑炉办" in html
    assert run.result_sha256[:16] in html
    page(client, "run", "0" * 64, status=404)


def test_who_moved_between_two_matches_and_what_moved_them(client, officer, run):
    county.deliver((SILENT, 5000), (SHORT, 90), (PLAIN, 50), period="2026-10")
    later = actions.run_match(by=officer)
    client.force_login(officer)
    assert "和上一次比" in page(client, "run", later.run_id)
    html = page(client, "changes", later.run_id, run.run_id)
    assert "天然气用量 2026-10 新报：未知 → 5,000 立方米（窑炉办）" in html
    assert "天然气用量 2026-10 新报：未知 → 50 立方米（窑炉办）" in html
    assert RICH not in html
    assert SHORT not in html
    only = page(client, "changes", later.run_id, run.run_id, query="?way=unknown-entitled")
    assert SILENT in only
    assert PLAIN not in only


def test_an_enterprise_is_told_what_the_last_match_changed_for_it_and_why(client, officer, run):
    log_in(client, "enterprise_agent", uscc=SILENT)
    assert "上次比对以来" not in page(client, "mine")
    county.deliver((SILENT, 5000), period="2026-10")
    actions.run_match(by=officer)
    html = page(client, "mine")
    assert "上次比对以来" in html
    assert "天然气用量 2026-10 新报：未知 → 5,000 立方米（窑炉办）" in html
    assert "原为待补信息" in html
    client.force_login(officer)
    assert "上次比对以来" in client.get(reverse("enterprises:dossier", args=[SILENT])).content.decode()
    assert "上次比对以来" not in client.get(reverse("enterprises:dossier", args=[RICH])).content.decode()
    log_in(client, "data_clerk")
    assert "上次比对以来" not in client.get(reverse("enterprises:dossier", args=[SILENT])).content.decode()


def test_one_changed_row_changes_the_figure_on_the_page(client, officer, run):
    client.force_login(officer)
    before = client.get(reverse("policies:policy", args=[POLICY])).context["page"]["figures"]
    county.deliver((RICH, 600), (PLAIN, 99), (SHORT, 90), (ELSEWHERE, 900))
    actions.run_match(by=officer)
    after = client.get(reverse("policies:policy", args=[POLICY])).context["page"]["figures"]
    assert (before["entitled"].num, after["entitled"].num) == (2, 1)
    assert (before["amount_low"].num, after["amount_low"].num) == (6_000_000, 5_000_000)


def test_another_day_and_another_text_are_named_as_what_moved_them(client, officer, run, tmp_path):
    client.force_login(officer)
    past = actions.run_match(by=officer, as_of=dt.date(2026, 9, 1))
    assert "判断日不同" in page(client, "changes", run.run_id, past.run_id)
    county.policy(tmp_path / "pack", least="80")
    later = actions.run_match(by=officer)
    assert "政策文本改过" in page(client, "changes", later.run_id, run.run_id)


def test_a_text_that_moved_nobody_is_not_blamed_for_what_a_fact_did(client, officer, run, tmp_path):
    path = tmp_path / f"pack/policies/{POLICY}.yaml"
    path.write_text(path.read_text("utf-8").replace("清洁窑炉用气补助, en", "清洁窑炉补助, en"), "utf-8")
    county.deliver((SILENT, 5000), period="2026-10")
    later = actions.run_match(by=officer)
    client.force_login(officer)
    html = page(client, "changes", later.run_id, run.run_id)
    assert "天然气用量 2026-10 新报" in html
    assert "政策文本改过" not in html


def test_what_excludes_one_another_is_said_and_not_added_up(client, officer, tmp_path):
    county.policy(tmp_path / "pack", name="other-kiln-2026")
    path = tmp_path / "pack/policies/other-kiln-2026.yaml"
    path.write_text(path.read_text("utf-8").replace("zh: 清洁窑炉用气补助", "zh: 另一项补助") + f"exclusive_with: [{POLICY}]\n", "utf-8")
    actions.run_match(by=officer)
    log_in(client, "enterprise_agent", uscc=RICH)
    html = page(client, "mine")
    assert "5</b> 万元" in html
    assert "另有 1 项和这里的只能选一项，没有计入" in html
    assert "和另一项补助只能享受一项" in html
    assert "和清洁窑炉用气补助只能享受一项" in html


def test_changes_are_for_who_may_see_runs_and_entitlements(client, officer, run):
    county.deliver((SILENT, 5000), period="2026-10")
    later = actions.run_match(by=officer)
    for role, more in (("data_clerk", {}), ("administrator", {}), ("enterprise_agent", {"uscc": SILENT})):
        log_in(client, role, **more)
        page(client, "changes", later.run_id, run.run_id, status=403)
    log_in(client, "leader")
    page(client, "changes", later.run_id, run.run_id)
    page(client, "changes", later.run_id, run.run_id, status=403, query="?export=xlsx")


def test_a_run_whose_files_are_lost_gives_way_to_the_one_before(client, officer, run):
    county.deliver((SILENT, 5000), period="2026-10")
    later = actions.run_match(by=officer)
    client.force_login(officer)
    assert client.get(reverse("policies:list")).context["run"] == later
    (later.folder / "run.json").unlink()
    assert client.get(reverse("policies:list")).context["run"] == run


def test_the_desk_says_what_is_over_budget_and_what_to_ask_for(client, run):
    log_in(client, "policy_officer")
    html = client.get("/").content.decode()
    assert "超预算" in html
    assert "先问天然气用量（窑炉办），1 户缺它" in html


def test_policies_are_found_by_name(client, run):
    log_in(client, "policy_officer")
    assert "清洁窑炉用气补助" in client.get("/search/?q=窑炉").content.decode()
    log_in(client, "enterprise_agent", uscc=RICH)
    assert "清洁窑炉用气补助" not in client.get("/search/?q=窑炉").content.decode()


@pytest.mark.parametrize(("kind", "unit", "was", "now", "words"), [
    ("money", "元", Told("unknown"), Told("value", 92_245_833), "事实 2026-08 新报：未知 → 92.2 万元（窑炉办）"),
    ("number", "人", Told("value", 5), Told("absent"), "事实 2026-08 更正：5 人 → 无记录（窑炉办）"),
    ("text", "", Told("value", "存续"), Told("unknown"), "事实 2026-08 撤回：存续 → 未知（窑炉办）"),
    ("bool", "", Told("absent"), Told("value", 1), "事实 2026-08 更正：无记录 → 是（窑炉办）")])
def test_a_change_is_told_in_plain_words(kind, unit, was, now, words):
    fact = make_spec("here", name="x.y", type=kind, unit=unit, period="month", title={"zh": "事实", "en": "Fact"}, sources=("kiln_office",))
    assert change_words(Change(fact, "2026-08", was, now)) == words
