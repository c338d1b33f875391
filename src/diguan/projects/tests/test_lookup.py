"""The duplicate look-up: it tells that there is a match and who has it, and nothing else; on import too."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel import packs
from diguan.kernel.facts.models import Upload
from diguan.kernel.packs import PackError
from diguan.kernel.refusals import Forbidden
from diguan.kernel.sheets.reader import read_file
from diguan.kernel.sheets.tests.ugly import code, xlsx
from diguan.kernel.stages import queries as stages
from diguan.kernel.tests.factories import person_factory, unit_factory
from diguan.projects.models import Lead
from diguan.projects.queries import leads, lookup, terms
from diguan.projects.queries.lookup import Asked, Match
from diguan.projects.tests.factories import lead_factory, project_factory
from diguan.projects.web import lead_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def october(settings: Any) -> None:
    settings.DIGUAN_TODAY = "2026-10-30"


@pytest.fixture
def officer() -> Any:
    return person_factory("promotion_officer", unit_factory("商务局"), name="甲专员")


@pytest.mark.parametrize("asked", [
    Asked("深圳样例机芯有限公司"), Asked("样例机芯"), Asked("样例机芯(深圳)有限公司"), Asked("深圳样例机芯股份有限公司"), Asked(uscc=code(7)), Asked(phone="138 0000 1234"), Asked("别的名字", phone="+86 13800001234"),
])
def test_a_firm_is_found_by_name_code_or_phone(officer: Any, asked: Asked) -> None:
    lead_factory(officer, uscc=code(7) if asked.uscc else "", contact_phone="13800001234")
    assert lookup.matches(officer, asked) == [Match("lead", "甲专员", "商务局")]


@pytest.mark.parametrize("name", ["", "样", "东莞别家表壳有限公司", "有限公司", "深圳", "深圳样例机床有限公司"])
def test_what_is_another_firm_is_none(officer: Any, name: str) -> None:
    lead_factory(officer)
    assert lookup.matches(officer, Asked(name)) == []


def test_a_slip_of_the_input_method_is_found_wherever_it_is(officer: Any) -> None:
    lead_factory(officer, firm="深圳宏运精密钟表有限公司")
    for name in ("深圳鸿运精密钟表有限公司", "深圳宏运精密中表有限公司"):
        assert [one.kind for one in lookup.matches(officer, Asked(name))] == ["lead"]


def test_it_tells_of_what_the_asker_may_not_see_and_nothing_but_who_has_it(client: Any, officer: Any) -> None:
    lead_factory(officer, title="绝密的一桩事", investment_fen=98_765_432_100, contact_name="欧阳", contact_phone="13800001234")
    town = person_factory("town_officer", unit_factory("界牌镇"))
    assert not leads.visible_leads(town).exists()
    client.force_login(town)
    page = client.get(reverse("projects:lead_lookup"), {"q": "深圳样例机芯有限公司"}).content.decode()
    assert "甲专员（商务局）" in page
    for secret in ("绝密", "9876", "9.87", "欧阳", "1380000", "线索-", "/leads/"):
        assert secret not in page


def test_projects_and_tenants_of_the_county_are_found_too(officer: Any) -> None:
    project_factory(officer, investor="东莞样例表壳有限公司")
    firm = enterprise_factory(name="衡阳样例陶瓷有限公司")
    assert lookup.matches(officer, Asked("东莞样例表壳有限公司")) == [Match("project", "甲专员", "商务局")]
    assert [one.kind for one in lookup.matches(officer, Asked("衡阳样例陶瓷有限公司"))] == ["tenant"]
    assert [one.kind for one in lookup.matches(officer, Asked(uscc=firm.uscc))] == ["tenant"]


@pytest.mark.parametrize("role", ["policy_officer", "administrator", "enterprise_agent"])
def test_who_may_register_no_leads_looks_nothing_up(client: Any, role: str) -> None:
    person = person_factory(role)
    with pytest.raises(Forbidden):
        lookup.matches(person, Asked("深圳样例机芯有限公司"))
    client.force_login(person)
    assert client.get(reverse("projects:lead_lookup"), {"q": "深圳"}).status_code == 403


def test_without_script_the_form_asks_before_it_registers(client: Any, officer: Any) -> None:
    lead_factory(officer)
    client.force_login(person_factory("promotion_officer"))
    told = {"firm_name": "深圳样例机芯有限公司", "title": "想来看看", "source": "online", "came_on": "2026-10-30", "told": "做机芯"}
    asked = client.post(reverse("projects:lead_new"), told)
    assert asked.status_code == 422
    assert "甲专员（商务局）" in asked.content.decode()
    assert "做机芯" in asked.content.decode()
    assert Lead.objects.count() == 1
    assert client.post(reverse("projects:lead_new"), told | {"checked": "on"}).status_code == 302
    assert Lead.objects.count() == 2


def test_a_list_is_exported_only_with_its_right(client: Any, officer: Any) -> None:
    lead_factory(officer)
    for role, status in (("promotion_officer", 200), ("policy_officer", 403), ("data_clerk", 403)):
        client.force_login(person_factory(role))
        assert client.get(reverse("projects:leads") + "?export=csv").status_code == status


# ── the sheet ────────────────────────────────────────────────────────────────
HEADS = ("投资方", "线索", "线索来源", "得到线索", "联系电话", "意向投资（万元）", "重复时")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"


def checked(rows: list[tuple[Any, ...]], by: Any) -> Any:
    return lead_sheet.preview(read_file(lead_sheet.SHEET, packs.catalogue(), "线索.xlsx", xlsx([HEADS, *rows])), by=by)


def upload() -> Upload:
    return Upload.objects.create(name="线索.xlsx", sha256="0" * 64, size=1)


def firm(number: int) -> str:
    one, two, three, four = (SURNAMES[number // 32 ** place % 32] for place in range(4))
    return f"深圳{one}{two}记{three}{four}精工科技有限公司"


def test_five_thousand_rows_show_their_near_duplicates_with_who_has_them_and_leave_them_out(officer: Any) -> None:
    for number in range(3):
        lead_factory(officer, firm=firm(number * 7919))
    rows = [(firm(number * 7919), "想来看看", "线上", "2026-10-29", "", 120, "") for number in range(4700)]
    rows += [(firm(number * 7919).replace("有限公司", "股份有限公司"), "也是这家", "线上", "2026-10-29", "", 120, "") for number in range(1000, 1300)]
    begun = time.process_time()
    found = checked(rows, person_factory("promotion_officer"))
    assert found.errors == []
    assert found.changes == {"new": 4697, "skipped": 303}
    assert sum("甲专员（商务局）" in one.message.zh for one in found.warnings) == 3
    by = person_factory("promotion_officer")
    lead_sheet.commit(found, by=by, upload=upload())
    assert time.process_time() - begun < 30
    assert Lead.objects.count() == 4700
    row = Lead.objects.latest("id")
    task = stages.current(row.course)
    assert (row.holder, task.key, task.due) == (by, "registered", dt.date(2026, 11, 2))


def test_a_row_that_says_so_is_registered_all_the_same(officer: Any) -> None:
    lead_factory(officer)
    found = checked([("深圳样例机芯有限公司", "", "线上", "", "", "", "仍登记")], officer)
    assert found.changes == {"new": 1, "skipped": 0}


def test_a_sheet_with_one_wrong_row_brings_nothing(officer: Any) -> None:
    found = checked([(firm(1), "", "线上", "2026-10-29", "", 10, ""), (firm(77_777), "", "天上", "2026-10-29", "", 10, ""), (firm(555_555), "", "线上", "2026-12-29", "", -1, "")], officer)
    assert not found.ok
    assert {one.row for one in found.errors} == {3, 4}
    with pytest.raises(Forbidden):
        lead_sheet.commit(found, by=person_factory("leader"), upload=upload())
    assert not Lead.objects.exists()


# ── terms ────────────────────────────────────────────────────────────────────
GOOD: dict[str, Any] = {"effective_from": dt.date(2026, 1, 1), "source": {"zh": "文", "en": "text"}, "feedback_days": 5, "progress_days": 10, "protection_days": 30, "protection_most": 90}


@pytest.mark.parametrize(("wrong", "says"), [
    ({"protection_day": 3}, "protection_days"), ({"feedback_days": 0}, "feedback_days"), ({"progress_days": "10"}, "progress_days"), ({"effective_to": dt.date(2025, 1, 1)}, "effective_to"),
    ({"source": {"zh": "文"}}, "source"), ({"protection_most": 10}, "protection_most"), ({"feedback_days": True}, "feedback_days"),
])
def test_terms_that_cannot_be_used_are_named_with_their_line(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(PackError) as refused:
        terms.read("promotion.yaml:7", GOOD | wrong)
    assert "promotion.yaml:7" in str(refused.value)
    assert says in str(refused.value)


def test_terms_hold_from_their_day(monkeypatch: Any, tmp_path: Path) -> None:
    path = tmp_path / "promotion.yaml"
    path.write_text("".join(f"- {{effective_from: {day}, source: {{zh: 文, en: text}}, feedback_days: {days}, progress_days: 10, protection_days: 30, protection_most: 90}}\n" for day, days in (("2026-01-01", 5), ("2026-07-01", 3))), "utf-8")
    monkeypatch.setattr("diguan.kernel.packs.files", lambda name: iter([path]))
    assert [terms.in_force(dt.date(2026, month, 30)).feedback_days for month in (6, 7)] == [5, 3]
