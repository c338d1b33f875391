"""Worth asking, asked: a working day from the match that cannot decide to the one that can; and who may not."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, jobs, packs
from diguan.kernel.facts.models import Batch, DataRequest, RequestLine
from diguan.kernel.facts.requests import actions as requests
from diguan.kernel.notices.models import Notice
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.policies import queries
from diguan.policies.actions import run_match
from diguan.policies.queries import ENTITLED, UNKNOWN, members, wanting
from diguan.policies.queries import differences as moves
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, POLICY, RICH, SHORT, SILENT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kilns(settings, tmp_path, monkeypatch):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path / "data", "2026-10-31"
    folder = county.pack(tmp_path / "pack")
    (folder / "facts.yaml").write_text(county.FACTS.replace("[kiln_office]", "[kiln_office, enterprise]"), "utf-8")
    (folder / "sources.yaml").write_text("kiln_office: {zh: 窑炉办, en: Kiln office, unit: kilns}\nother_office: {zh: 别的办, en: Other office, unit: others}\n", "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{folder}")
    county.firms()


@pytest.fixture
def officer():
    return person_factory("policy_officer")


def bureau(code):
    return person_factory("bureau_clerk", unit_factory(code=code))


def standing(officer, uscc):
    found = queries.entitlements(officer, Enterprise.objects.get(uscc=uscc))
    return found.of(POLICY).group


def asks(client, officer, *picked, to=("kiln_office", "enterprise"), query=""):
    client.force_login(officer)
    return client.post(f"{reverse('policies:ask', args=[POLICY])}{query}", {"days": "5", "to": to, "firm": picked}, follow=True)


def test_a_working_day_from_the_question_to_the_decision(client, officer):
    office, agent = bureau("kilns"), person_factory("enterprise_agent", uscc=PLAIN)
    county.deliver((RICH, 900))
    before = run_match(by=officer)
    assert {standing(officer, uscc) for uscc in (PLAIN, SILENT, SHORT)} == {UNKNOWN}

    # The officer looks at what would be asked of whom, and sends it: the bureau is asked of one, a firm of itself.
    client.force_login(officer)
    page = client.get(reverse("policies:ask", args=[POLICY])).content.decode()
    assert "窑炉办" in page
    assert "企业自己" in page
    assert "天然气用量 2026-10" in page
    page = asks(client, officer, f"kiln_office|{SILENT}", f"enterprise|{PLAIN}").content.decode()
    assert "已发出 2 份征询" in page
    of_bureau, of_firm = DataRequest.objects.order_by("addressee").reverse()
    assert (of_bureau.addressee, of_firm.addressee) == ("kiln_office", "enterprise")
    assert of_bureau.due == dt.date(2026, 11, 6)  # Saturday the 31st, then five working days

    # The bureau takes the sheet, which names firm and month, fills in the figure and brings it back.
    client.force_login(office)
    book = load_workbook(io.BytesIO(client.get(reverse("site:request_sheet", args=[of_bureau.pk, "kiln_monthly"]) + "?period=2026-10").content))
    sheet = book.worksheets[0]
    assert sheet.cell(2, 1).value == SILENT
    sheet.cell(2, sheet.max_column).value = 700
    file = io.BytesIO()
    book.save(file)
    preview = client.post(reverse("site:request_upload", args=[of_bureau.pk, "kiln_monthly"]) + "?period=2026-10", {"file": SimpleUploadedFile("答.xlsx", file.getvalue())})
    assert "complete=0" in preview.url
    assert client.get(preview.url).status_code == 200
    committed = client.post(preview.url.replace("?", "commit/?"), {"after": str(Batch.objects.filter(source="kiln_office").latest("id").pk)})
    told = Batch.objects.filter(source="kiln_office").latest("id")
    assert committed.url == reverse("site:batch", args=[told.pk])
    assert not told.coverage.exists()  # an answer about one firm says nothing of the others

    # The firm answers on its phone; the first figure it types is none.
    client.force_login(agent)
    assert "请补报：天然气用量" in client.get(reverse("notices:inbox")).content.decode()
    asked = Notice.objects.get(kind="policies.asked")
    assert (asked.uscc, asked.link) == (PLAIN, reverse("site:answer", args=[PLAIN]))
    assert "2026-11-06 前答复" in client.get(reverse("notices:one", args=[asked.pk])).content.decode()
    assert "县里请您补 1 条数据" in client.get(reverse("policies:mine")).content.decode()
    form = reverse("site:answer", args=[PLAIN])
    wrong = client.post(form, {"kiln.gas@2026-10": "约三百"})
    assert wrong.status_code == 422
    assert "这里应为数字" in wrong.content.decode()
    assert not Batch.objects.filter(source="enterprise").exists()
    client.post(form, {"kiln.gas@2026-10": "300"})
    own = Batch.objects.get(source="enterprise")

    # Both requests closed by what the batches tell; nobody clicked.
    assert set(RequestLine.objects.values_list("state", "batch", "subject_id")) == {("answered", told.pk, SILENT), ("answered", own.pk, PLAIN)}
    assert set(DataRequest.objects.values_list("state", flat=True)) == {"answered"}

    # The next match decides the firms, says whose word it is, and the difference names the fact.
    assert {access.may(job.by, "policies.run_match") for job in jobs.Job.objects.filter(name="policies.run_match")} == {True}  # not the agent, not the bureau
    after = run_match(by=officer)
    assert {standing(officer, uscc) for uscc in (PLAIN, SILENT)} == {ENTITLED}
    assert standing(officer, SHORT) == UNKNOWN
    assert not Notice.objects.get(pk=asked.pk).holds  # it has been answered: nothing is asked of the firm any more
    client.force_login(officer)
    assert "企业自报，未经部门核实" in client.get(reverse("policies:explanation", args=[POLICY, PLAIN])).content.decode()
    assert "企业自报，未经部门核实" not in client.get(reverse("policies:explanation", args=[POLICY, SILENT])).content.decode()
    found = {line.enterprise.uscc: line for line in moves.explained(before, after, moves.moved(officer, before, after))}
    assert [change.fact.name for change in found[PLAIN].why.changes] == ["kiln.gas"]
    assert "天然气用量 2026-10 新报" in client.get(reverse("policies:changes", args=[after.run_id, before.run_id])).content.decode()


def test_the_bureau_wins_over_what_the_firm_said_of_itself(client, officer):
    run_match(by=officer)
    agent = person_factory("enterprise_agent", uscc=PLAIN)
    client.force_login(agent)
    client.post(f"{reverse('site:answer', args=[PLAIN])}?also=kiln.gas@2026-10", {"kiln.gas@2026-10": "900"})
    run_match(by=officer)
    found = queries.entitlements(officer, Enterprise.objects.get(uscc=PLAIN)).of(POLICY)
    assert (found.group, [fact.name for fact in found.self_reported]) == (ENTITLED, ["kiln.gas"])
    county.deliver((PLAIN, 20), period="2026-10")
    run_match(by=officer)
    found = queries.entitlements(officer, Enterprise.objects.get(uscc=PLAIN)).of(POLICY)
    assert (found.group == ENTITLED, found.self_reported) == (False, ())


def test_asking_twice_asks_once(client, officer):
    run_match(by=officer)
    asks(client, officer, f"kiln_office|{SILENT}", to=("kiln_office",))
    page = asks(client, officer, f"kiln_office|{SILENT}", to=("kiln_office",)).content.decode()
    assert "1 条早已在问" in page
    assert DataRequest.objects.count() == 1
    assert "其中 1 条已在征询" in client.get(reverse("policies:ask", args=[POLICY])).content.decode()


def test_a_question_that_is_still_open_keeps_its_notice_through_a_match(client, officer):
    run_match(by=officer)
    asks(client, officer, f"enterprise|{PLAIN}")
    county.deliver((SILENT, 700), period="2026-10")  # another firm's figure
    run_match(by=officer)
    assert DataRequest.objects.get().state == "open"
    assert Notice.objects.get(kind="policies.asked").holds


def test_a_firm_is_asked_until_it_answers_or_declines_or_the_question_is_taken_back(client, officer):
    run_match(by=officer)
    asks(client, officer, *(f"enterprise|{uscc}" for uscc in (RICH, PLAIN, SHORT, SILENT)))
    client.force_login(person_factory("enterprise_agent", uscc=RICH))
    client.post(reverse("site:answer", args=[RICH]), {"kiln.gas@2026-10": "300"})
    requests.decline_request(request=DataRequest.objects.get(subject_id=PLAIN), by=person_factory("enterprise_agent", uscc=PLAIN), reason="没有抄表")
    requests.withdraw_request(request=DataRequest.objects.get(subject_id=SHORT), by=officer, reason="不用了")
    run_match(by=officer)
    assert dict(DataRequest.objects.values_list("subject_id", "state")) == {RICH: "answered", PLAIN: "declined", SHORT: "withdrawn", SILENT: "open"}
    asked = Notice.objects.filter(kind="policies.asked")
    assert asked.count() == 4
    assert [notice.uscc for notice in asked if notice.holds] == [SILENT]


def test_what_has_come_since_the_match_is_not_asked(client, officer):
    run_match(by=officer)
    county.deliver((SILENT, 700), period="2026-10")
    page = asks(client, officer, f"kiln_office|{SILENT}", to=("kiln_office",)).content.decode()
    assert "1 条已经有数了" in page
    assert not DataRequest.objects.exists()


def test_one_firm_is_asked_from_its_own_explanation(client, officer):
    run_match(by=officer)
    client.force_login(officer)
    page = client.get(reverse("policies:explanation", args=[POLICY, SILENT])).content.decode()
    assert f"{reverse('policies:ask', args=[POLICY])}?uscc={SILENT}" in page
    asks(client, officer, f"kiln_office|{SILENT}", f"kiln_office|{SHORT}", query=f"?uscc={SILENT}")
    assert list(RequestLine.objects.values_list("subject_id", flat=True)) == [SILENT]


def test_as_many_firms_as_a_large_county_has_are_asked_at_once(client, officer):
    run_match(by=officer)
    many = [f"kiln_office|9143{number:014d}" for number in range(40_000)]
    assert "已发出 1 份征询" in asks(client, officer, *many, f"kiln_office|{SILENT}").content.decode()


def test_nothing_chosen_sends_nothing(client, officer):
    run_match(by=officer)
    assert "没有选要问谁" in asks(client, officer, to=("kiln_office",)).content.decode()
    assert "期限要在 1 到 60" in client.post(reverse("policies:ask", args=[POLICY]), {"days": "x", "to": "kiln_office", "firm": f"kiln_office|{SILENT}"}, follow=True).content.decode()
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("role", ["leader", "data_clerk", "bureau_clerk", "administrator"])
def test_who_may_not_ask_is_refused(client, officer, role):
    run_match(by=officer)
    client.force_login(person_factory(role))
    assert client.get(reverse("policies:ask", args=[POLICY])).status_code == 403
    assert client.post(reverse("policies:ask", args=[POLICY]), {"days": "5", "to": "kiln_office", "firm": f"kiln_office|{SILENT}"}).status_code == 403
    assert not DataRequest.objects.exists()


def test_another_firm_neither_sees_nor_answers(client, officer):
    run_match(by=officer)
    asks(client, officer, f"enterprise|{PLAIN}")
    row, stranger = DataRequest.objects.get(), person_factory("enterprise_agent", uscc=SHORT)
    client.force_login(stranger)
    assert client.get(reverse("site:request", args=[row.pk])).status_code == 404
    assert client.get(reverse("site:answer", args=[PLAIN])).status_code == 404
    assert client.post(reverse("site:answer", args=[PLAIN]), {"kiln.gas@2026-10": "300"}).status_code == 404
    assert client.post(reverse("site:request_decline", args=[row.pk]), {"reason": "不想"}).status_code == 404
    assert "衡阳小窑" not in client.get(reverse("site:requests")).content.decode()
    assert not Batch.objects.filter(source="enterprise").exists()


def test_another_office_neither_sees_nor_answers(client, officer):
    run_match(by=officer)
    asks(client, officer, f"kiln_office|{SILENT}", to=("kiln_office",))
    row = DataRequest.objects.get()
    client.force_login(bureau("others"))
    assert client.get(reverse("site:request", args=[row.pk])).status_code == 404
    assert client.get(reverse("site:request_sheet", args=[row.pk, "kiln_monthly"])).status_code == 404
    assert client.post(reverse("site:request_upload", args=[row.pk, "kiln_monthly"]), {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 404
    assert client.post(reverse("site:request_decline", args=[row.pk]), {"reason": "没有"}).status_code == 404
    row.refresh_from_db()
    assert row.state == "open"



def test_what_a_standard_tells_is_asked_for_by_what_the_standard_lacks(officer):
    folder = packs.folders()[-1]
    text = (folder / f"policies/{POLICY}.yaml").read_text("utf-8")
    clause = 'when: {fact: kiln.gas, over: latest, op: ">=", value: 100 立方米}'
    text = text.replace(clause, 'when: {fact: enterprise.reaches_above_scale, op: "=", value: true}').replace("id: clean-kiln-2026", "id: scale-kiln-2026")
    text = text.partition("examples:")[0] + "".join(f"""{'examples:' if number == 0 else ''}
  - {{name: 例{number}, as_of: 2026-06-30, facts: {{enterprise.registered_region: "{region}"}}, expect: {{status: {status}}}}}"""
                                                    for number, (region, status) in enumerate((("430421", "unknown"), ("441900", "ineligible"), ("430400", "ineligible"))))
    (folder / "policies/scale-kiln-2026.yaml").write_text(text, "utf-8")
    assert not queries.library().problems
    Enterprise.objects.filter(uscc=SILENT).update(industry="4030")
    run_match(by=officer)
    judged = queries.entitlements(officer, Enterprise.objects.get(uscc=SILENT)).of("scale-kiln-2026")
    assert judged.ask == ["enterprise.reaches_above_scale"]
    found = wanting.questions([members.Line(Enterprise.objects.get(uscc=SILENT), None, judged=judged)])
    assert "standard" not in found
    assert {(question.fact, question.why) for each in found.values() for question in each} == {("finance.main_revenue", "第二条")}


def test_the_outbox_offers_one_entry_for_all_that_was_asked(client, officer):
    county.deliver((RICH, 900))
    run_match(by=officer)
    asks(client, officer, f"enterprise|{PLAIN}", f"enterprise|{SILENT}")
    assert Notice.objects.filter(kind="policies.asked").count() == 2
    html = client.get(reverse("notices:outbox"), {"about": "kind:policies.asked"}).content.decode()
    assert html.count("请补报数据</option>") == 1
    assert "请补报：天然气用量</option>" not in html
    assert "共 2 条" in html
    handing = client.get(reverse("notices:rounds")).content.decode()
    assert "请补报" not in handing[handing.index("<select"):handing.index("</select>")]
