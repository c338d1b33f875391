"""Importing through the pages: choose, check, commit; and what must not be possible."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, db):
    settings.DIGUAN_DATA = tmp_path
    for number in range(1, 10):
        enterprise_factory(code(number), f"演示企业{number}")


@pytest.fixture
def clerk(client):
    person = person_factory("data_clerk")
    client.force_login(person)
    return person


def send(client, data, name="税务.xlsx", **more):
    said = {"sheet": "tax_monthly", "period": "2026年8月", "source": "", "complete": "on", **more}
    return client.post(reverse("site:imports"), {**said, "file": SimpleUploadedFile(name, data)})


def press(client, preview_url):
    page = client.get(preview_url)
    after = re.search(r'name="after" value="(\d*)"', page.content.decode()).group(1)
    number, query = re.search(r"/imports/(\d+)/\?(.*)", preview_url).groups()
    return client.post(f"{reverse('site:import_commit', args=[number])}?{query}", {"after": after})


def test_a_clerk_checks_a_file_and_commits_it(client, clerk):
    answer = send(client, xlsx([HEADS, *body(), ["合计", None, None, 9]]))
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "入库这 3 行" in page
    assert Batch.objects.count() == 0
    done = press(client, answer.url)
    batch = Batch.objects.get()
    assert done.url == reverse("site:batch", args=[batch.pk])
    shown = client.get(done.url).content.decode()
    assert code(1) in shown
    assert "入库" in client.get(reverse("site:batches")).content.decode()
    assert "齐全" in client.get(reverse("site:coverage")).content.decode()


def test_a_file_with_errors_shows_them_by_cell_and_comes_back_marked(client, clerk):
    answer = send(client, xlsx([HEADS, *body(2), [3, code(3), "丙", -1]]))
    page = client.get(answer.url).content.decode()
    assert "D4" in page
    assert "入库这" not in page
    number = Upload.objects.get().pk
    back = client.get(reverse("site:import_marked", args=[number]) + "?" + answer.url.partition("?")[2])
    assert load_workbook(io.BytesIO(back.content)).sheetnames[0] == "错误清单"
    assert client.post(reverse("site:import_commit", args=[number]) + "?" + answer.url.partition("?")[2], {"after": ""}).status_code == 302
    assert Batch.objects.count() == 0


def test_a_file_that_is_no_sheet_is_refused_in_the_form(client, clerk):
    answer = send(client, b"%PDF-1.7", name="a.pdf")
    assert answer.status_code == 400
    assert "不是表格文件" in answer.content.decode()
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(("said", "ticked"), [({}, True), ({"complete": ""}, False)])
def test_a_file_sent_back_keeps_what_was_said_of_it_and_whether_it_is_complete(client, clerk, said, ticked):
    """A box ticked anew in silence would say of everybody who is not in the file that they have none."""
    answer = send(client, xlsx([["统一社会信用代码", "税"], [code(1), 1]]), **said)
    refused = client.get(answer.url)
    assert refused.url.startswith(reverse("site:imports"))
    page = client.get(refused.url).content.decode()
    box, = re.findall(r'<input[^>]*name="complete"[^>]*>', page)
    assert ("checked" in box) is ticked
    assert 'value="2026-08"' in page


def test_a_part_checked_as_complete_is_checked_as_a_part_by_one_press(client, clerk):
    press(client, send(client, xlsx([HEADS, *body()])).url)
    whole = send(client, xlsx([HEADS, [1, code(1), "演示企业1", 5]])).url
    page = client.get(whole).content.decode()
    assert "2 个数据上次有、这次没有" in page
    link = re.search(r'href="([^"]+)">[^<]*按不齐全核对', page).group(1).replace("&amp;", "&")
    part = client.get(link).content.decode()
    assert "这次没有" not in part
    press(client, link)
    assert Batch.objects.order_by("-pk").first().changes["gone"] == 0


def test_a_correction_shows_what_it_changes_and_links_what_it_corrects(client, clerk):
    press(client, send(client, xlsx([HEADS, *body()])).url)
    answer = send(client, xlsx([HEADS, *body(2), [3, code(3), "丙", 7]]))
    assert "与上次报送不同的" in client.get(answer.url).content.decode()
    press(client, answer.url)
    second = Batch.objects.order_by("-pk").first()
    assert second.supersedes == Batch.objects.order_by("pk").first()


def test_what_slipped_in_between_check_and_commit_sends_the_clerk_back(client, clerk):
    first = send(client, xlsx([HEADS, *body()]))
    client.get(first.url)
    press(client, send(client, xlsx([HEADS, *body(2)])).url)
    number = re.search(r"/imports/(\d+)/", first.url).group(1)
    answer = client.post(reverse("site:import_commit", args=[number]) + "?" + first.url.partition("?")[2], {"after": ""})
    assert answer.url.startswith(reverse("site:import_preview", args=[number]))
    assert Batch.objects.count() == 1


def test_another_persons_upload_is_neither_shown_nor_committed(client, clerk):
    url = send(client, xlsx([HEADS, *body()])).url
    client.force_login(person_factory("data_clerk"))
    assert client.get(url).url.startswith(reverse("site:imports") + "?")
    number = Upload.objects.get().pk
    assert client.post(reverse("site:import_commit", args=[number]), {"after": ""}).url == reverse("site:imports")
    assert Batch.objects.count() == 0


def test_who_may_not_import_is_refused_at_every_door(client, clerk):
    url = send(client, xlsx([HEADS, *body()])).url
    done = press(client, url)
    client.force_login(person_factory("enterprise_agent", uscc=code(1)))
    for address in (reverse("site:imports"), reverse("site:batches"), done.url, reverse("site:coverage")):
        assert client.get(address).status_code == 403, address
    assert client.post(reverse("site:batch_withdraw", args=[Batch.objects.get().pk]), {"reason": "x"}).status_code in (403, 404)
    client.force_login(person_factory("leader"))
    assert client.get(reverse("site:imports")).status_code == 403
    assert client.get(done.url).status_code == 200


def test_a_batch_is_withdrawn_with_a_reason(client, clerk):
    press(client, send(client, xlsx([HEADS, *body()])).url)
    batch = Batch.objects.get()
    client.post(reverse("site:batch_withdraw", args=[batch.pk]), {"reason": ""})
    batch.refresh_from_db()
    assert batch.state == "committed"
    client.post(reverse("site:batch_withdraw", args=[batch.pk]), {"reason": "发错了"})
    batch.refresh_from_db()
    assert batch.state == "withdrawn"
    assert "发错了" in client.get(reverse("site:batch", args=[batch.pk])).content.decode()


@pytest.mark.parametrize("address", ["/imports/999/", "/imports/999/marked/", "/batches/999/"])
def test_what_is_not_there_is_answered_without_an_error(client, clerk, address):
    assert client.get(address).status_code in (302, 404)


def test_a_period_nobody_can_read_is_named(client, clerk):
    assert "不是期间" in send(client, xlsx([HEADS, *body()]), period="上个月").content.decode()


def test_a_delivery_that_looks_wrong_asks_for_a_reason_and_only_new_changes_nothing(client, clerk):
    rows = [[number, code(number), f"演示企业{number}", 10 + number] for number in range(1, 7)]
    press(client, send(client, xlsx([HEADS, *rows]), period="2026-07").url)
    larger = [[*row[:3], row[3] * 10_000] for row in rows]
    where = send(client, xlsx([HEADS, *larger])).url
    page = client.get(where).content.decode()
    assert re.search(r"<h1>.*?dg-st-warn.*?看着不对，请先核对", page, re.DOTALL)
    assert "可以入库" not in page
    assert page.index("10,000 倍") < page.index("与上次报送不同的") < page.index("读到的前几行")
    assert "<th scope=\"row\">演示企业1<" in page  # what changes is told by the firm's name
    press(client, where)
    assert Batch.objects.count() == 1
    assert "没错的话，写明理由再入库" in client.get(where).content.decode()
    number, query = re.search(r"/imports/(\d+)/\?(.*)", where).groups()
    after = re.search(r'name="after" value="(\d*)"', page).group(1)
    client.post(f"{reverse('site:import_commit', args=[number])}?{query}", {"after": after, "reason": "口径改了"})
    assert Batch.objects.count() == 2


def test_an_office_that_is_a_sheets_other_source_commits_without_naming_itself(client, clerk):
    heads = ["统一社会信用代码", "企业名称", "期末用工人数（人）"]
    park = person_factory("bureau_clerk", unit_factory(code="watch-park"))
    client.force_login(clerk)
    press(client, send(client, xlsx([heads, [code(1), "演示企业1", 30]]), sheet="employment_monthly", period="2026-07").url)  # the main source has delivered already
    client.force_login(park)
    done = press(client, send(client, xlsx([heads, [code(1), "演示企业1", 31]]), sheet="employment_monthly", period="2026-08").url)
    batch = Batch.objects.get(source="park_office")
    assert done.url == reverse("site:batch", args=[batch.pk])
