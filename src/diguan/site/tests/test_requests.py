"""The pages of data requests: what is listed for whom, filters and export, the desk, errors field by field."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.facts.models import Batch, DataRequest, RequestLine, RequestState, Upload
from diguan.kernel.facts.requests import actions
from diguan.kernel.facts.requests.queries import About, Question, letters
from diguan.kernel.sheets.tests.ugly import code
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db
HERE, THERE = code(1), code(2)


@pytest.fixture
def sent(settings, tmp_path):
    """One request to the tax bureau for two months of two firms, one to a firm, of two policies."""
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-30"
    names = {HERE: "衡阳甲有限公司", THERE: "衡阳乙有限公司"}
    for uscc, name in names.items():
        enterprise_factory(uscc, name)
    officer = person_factory("policy_officer")
    asked = [Question(uscc, name, "export.sales", period, "第二条") for uscc, name in names.items() for period in ("2026-07", "2026-08")]
    own = [Question(HERE, names[HERE], fact, period, "第三条") for fact, period in (("jobs.headcount", "2026-08"), ("rd.expense", "2026-08"))]
    actions.ask(letters=letters({"tax_bureau": asked}, About("policy", "one", "第一份政策")), by=officer)
    actions.ask(letters=letters({"enterprise": own}, About("policy", "two", "第二份政策"), 10), by=officer)
    return officer


def page(client, person, name, *args, query=""):
    client.force_login(person)
    return client.get(f"{reverse(name, args=args)}{query}").content.decode()


@pytest.mark.parametrize(("query", "there", "gone"), [
    ("?addressee=tax_bureau", "第一份政策", "第二份政策</td>"), ("?policy=two", "衡阳甲有限公司", "县税务局</td>"), ("?q=衡阳乙", "第一份政策", "第二份政策</td>"),
    ("?state=answered", "没有符合条件的", "第一份政策</td>"), ("?overdue=1", "没有符合条件的", "第一份政策</td>"),
])
def test_the_list_is_narrowed_by_its_filters(client, sent, query, there, gone):
    found = page(client, sent, "site:requests", query=query)
    assert there in found
    assert gone not in found


def test_what_is_late_is_found_and_exported(client, sent, settings):
    settings.DIGUAN_TODAY = "2026-11-10"
    assert "超期 4 天" in page(client, sent, "site:requests", query="?overdue=1")
    book = load_workbook(io.BytesIO(client.get(reverse("site:requests") + "?overdue=1&export=xlsx").content))
    assert [[cell.value for cell in row][1:3] for row in book.worksheets[0].iter_rows(min_row=2)] == [["县税务局", "第一份政策"]]
    client.force_login(person_factory("leader"))
    assert client.get(reverse("site:requests") + "?export=xlsx").status_code == 403


def test_the_desk_tells_who_asked_what_is_late_and_who_must_answer_what_is_due(client, sent, settings):
    tax, other = (person_factory("bureau_clerk", unit_factory(code=name)) for name in ("tax", "human-resources"))
    DataRequest.objects.filter(addressee="tax_bureau").update(to_unit=tax.posts.get().unit)
    assert "2 份数据征询等答复" in page(client, sent, "site:home")
    assert "1 份数据征询等答复" in page(client, tax, "site:home")
    settings.DIGUAN_TODAY = "2026-11-10"
    row = DataRequest.objects.get(addressee="tax_bureau")
    assert f"征询 {row.pk}：县税务局还没答" in page(client, sent, "site:home")
    DataRequest.objects.exclude(pk=row.pk).update(due="2026-11-12")
    desk = page(client, sent, "site:home")
    assert "1 份数据征询等答复" in desk
    assert f"{reverse('site:requests')}?state=due" in desk
    listed = page(client, sent, "site:requests", query="?state=due")
    assert (f"/requests/{row.pk}/" in listed, "第二份政策</td>" in listed) == (False, True)
    DataRequest.objects.exclude(pk=row.pk).update(due="2026-11-06")
    assert "去答复" in page(client, tax, "site:home")
    assert "数据征询等答复" not in page(client, other, "site:home")


def test_a_request_says_what_it_asks_for_what_until_when_and_how_that_was_counted(client, sent):
    row = DataRequest.objects.get(addressee="tax_bureau")
    found = page(client, sent, "site:request", row.pk)
    for words in ("第一份政策", "衡阳乙有限公司", "出口销售额", "2026-07", "第二条", "2026-11-06", "从 2026-10-30 起第 5 个工作日"):
        assert words in found


def test_the_sheet_holds_code_name_and_period_and_only_the_columns_asked_for(client, sent):
    row = DataRequest.objects.get(addressee="tax_bureau")
    client.force_login(person_factory("data_clerk"))
    book = load_workbook(io.BytesIO(client.get(reverse("site:request_sheet", args=[row.pk, "tax_monthly"])).content))
    lines = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
    assert lines[0] == ["统一社会信用代码", "企业名称", "所属期", "入库税额（元）", "出口销售额（元）"]
    assert lines[1] == [HERE, "衡阳甲有限公司", "2026-07", None, None]
    assert len(lines) == 5
    assert client.get(reverse("site:request_sheet", args=[row.pk, "loans_monthly"])).status_code == 404


def test_a_file_that_is_no_sheet_is_sent_back_with_its_reason(client, sent):
    row = DataRequest.objects.get(addressee="tax_bureau")
    client.force_login(person_factory("data_clerk"))
    there = reverse("site:request_upload", args=[row.pk, "tax_monthly"])
    assert client.post(there, {"file": SimpleUploadedFile("a.xlsx", b"not a workbook")}, follow=True).status_code == 200
    assert "请选要传回的文件" in client.post(there, follow=True).content.decode()
    assert not Batch.objects.filter(source="tax_bureau").exists()


def test_every_wrong_field_is_named_and_nothing_is_taken_until_all_are_right(client, sent):
    client.force_login(person_factory("enterprise_agent", uscc=HERE))
    there = reverse("site:answer", args=[HERE])
    form = client.get(there).content.decode()
    assert "《第二份政策》第三条要用，2026-11-13 前答复" in form
    bad = client.post(there, {"jobs.headcount@2026-08": "三十", "rd.expense@2026-08": "12,34"}).content.decode()
    assert "有 2 处要改" in bad
    assert "期末用工人数 2026-08" in bad
    assert 'value="三十"' in bad
    assert "一项也没有填" in client.post(there, {}).content.decode()
    assert not Batch.objects.filter(source="enterprise").exists()
    client.post(there, {"jobs.headcount@2026-08": "30", "rd.expense@2026-08": ""})
    assert (Batch.objects.get(source="enterprise").facts, DataRequest.objects.get(addressee="enterprise").state) == (1, "open")
    client.post(there, {"rd.expense@2026-08": "无"})
    assert DataRequest.objects.get(addressee="enterprise").state == "answered"


@pytest.mark.parametrize("also", ["tax.paid@2026-08", "export.sales@2026", "export.sales@昨天", "nothing@2026-08", "enterprise.park@all", "x"])
def test_an_address_adds_no_field_that_an_enterprise_may_not_tell(client, sent, also):
    client.force_login(person_factory("enterprise_agent", uscc=THERE))
    there = f"{reverse('site:answer', args=[THERE])}?also={also}"
    assert "现在没有要您补的数据" in client.get(there).content.decode()
    assert client.post(there, {also: "3"}).status_code == 422
    assert not Batch.objects.filter(source="enterprise").exists()


def test_the_batch_a_firm_made_is_called_self_reported(client, sent):
    client.force_login(person_factory("enterprise_agent", uscc=HERE))
    client.post(reverse("site:answer", args=[HERE]), {"jobs.headcount@2026-08": "30"})
    assert "企业自报" in page(client, sent, "site:batches")
    assert "企业自报" in page(client, sent, "enterprises:fact", HERE, "jobs.headcount")


def test_who_asked_may_withdraw_and_who_is_asked_may_decline_but_not_the_other_way(client, sent):
    row, clerk = DataRequest.objects.get(addressee="tax_bureau"), person_factory("data_clerk")
    client.force_login(sent)
    assert client.post(reverse("site:request_decline", args=[row.pk]), {"reason": "没有"}).status_code == 403
    client.force_login(clerk)
    assert client.post(reverse("site:request_withdraw", args=[row.pk]), {"reason": "没有"}).status_code == 403
    assert "请写明原因" in client.post(reverse("site:request_decline", args=[row.pk]), {"reason": ""}, follow=True).content.decode()
    client.post(reverse("site:request_decline", args=[row.pk]), {"reason": "税务系统里没有"})
    assert "税务系统里没有" in page(client, sent, "site:request", row.pk)


def test_no_official_is_offered_to_answer_for_a_firm_nor_may_send_its_file(client, sent):
    own, bureau = (DataRequest.objects.get(addressee=addressee).pk for addressee in ("enterprise", "tax_bureau"))
    clerk = person_factory("data_clerk")
    assert [reverse("site:request_decline", args=[number]) in page(client, clerk, "site:request", number) for number in (own, bureau)] == [False, True]
    assert reverse("site:request_decline", args=[bureau]) not in page(client, sent, "site:request", bureau)
    client.force_login(clerk)
    assert client.post(reverse("site:request_upload", args=[own, "tax_monthly"]), {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 404
    assert not Upload.objects.exists()


def test_a_request_answered_in_part_says_so(client, sent):
    first = DataRequest.objects.order_by("id").first()
    RequestLine.objects.create(request=first, addressee=first.addressee, subject_id="x", name="甲", fact="tax.paid", period="2026-01", state=RequestState.ANSWERED)
    DataRequest.objects.filter(pk=first.pk).update(state=RequestState.DECLINED)
    html = page(client, sent, "site:requests")
    assert "答了一部分，其余答不了" in html
