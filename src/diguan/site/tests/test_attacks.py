"""What somebody might try: numbers that are not theirs, forms sent twice, rights that have just ended, odd uploads."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import access
from diguan.kernel.access.models import Delegation, Person, Post, Unit
from diguan.kernel.facts.models import Batch, Upload
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.tests.factories import county_factory, delegation_factory, person_factory, post_factory, unit_factory

pytestmark = pytest.mark.django_db
WORD = "qingcao-chitang-33"
HUGE = "9" * 40  # no database holds it


@pytest.fixture(autouse=True)
def october(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-31"


@pytest.fixture
def admin(client):
    person = person_factory("administrator")
    client.force_login(person)
    return person


def deed(person, name, row=None):
    return reverse("site:person_deed", args=[person.pk, name]) + (f"?row={row.pk}" if row else "")


# ── rights that have just ended ──────────────────────────────────────────────
def dossier(client, number=1):
    return client.get(reverse("enterprises:dossier", args=[credit_code(number)])).status_code


def test_on_the_day_after_its_last_a_delegation_opens_nothing_in_a_session_still_open(client, settings):
    enterprise_factory(credit_code(1))
    agent = person_factory("enterprise_agent", from_day=dt.date(2026, 10, 1))
    delegation_factory(agent, credit_code(1), from_day=dt.date(2026, 10, 1), to_day=dt.date(2026, 10, 31))
    client.force_login(agent)
    assert dossier(client) == 200
    settings.DIGUAN_TODAY = "2026-11-01"
    assert dossier(client) in (403, 404)
    assert credit_code(1) not in client.get(reverse("enterprises:list")).content.decode()


def test_a_delegation_for_one_firm_opens_no_other(client):
    for number in (1, 2):
        enterprise_factory(credit_code(number))
    client.force_login(person_factory("enterprise_agent", uscc=credit_code(1)))
    assert (dossier(client, 1), dossier(client, 2)) == (200, 404)


def test_a_delegation_without_the_post_of_an_agent_opens_nothing(client):
    enterprise_factory(credit_code(1))
    client.force_login(person_factory(uscc=credit_code(1)))
    assert dossier(client) == 403


def test_on_the_day_after_its_last_a_post_gives_no_right_in_a_session_still_open(client, settings):
    client.force_login(person_factory("data_clerk", from_day=dt.date(2026, 10, 1), to_day=dt.date(2026, 10, 31)))
    assert client.get(reverse("site:imports")).status_code == 200
    settings.DIGUAN_TODAY = "2026-11-01"
    for name in ("site:imports", "site:batches", "enterprises:list"):
        assert client.get(reverse(name)).status_code == 403, name
    assert client.get("/").status_code == 200


def test_a_post_in_a_closed_unit_gives_no_right(client, admin):
    unit = unit_factory("县数据局")
    clerk = person_factory("data_clerk", unit)
    session = type(client)()
    session.force_login(clerk)
    assert session.get(reverse("site:imports")).status_code == 200
    client.post(reverse("site:unit", args=[unit.pk]), {"name": unit.name, "parent": unit.parent_id, "reason": "撤并"})
    assert session.get(reverse("site:imports")).status_code == 403


# ── forged numbers in the administration ─────────────────────────────────────
@pytest.mark.parametrize("role", ["leader", "policy_officer", "data_clerk", "enterprise_agent"])
def test_nobody_but_an_administrator_does_a_deed_whatever_the_number(client, role):
    victim, boss = person_factory("leader"), person_factory("administrator")
    person = person_factory(role)
    client.force_login(person)
    before = list(Post.objects.values_list("pk", "role", "to_day").order_by("pk"))
    for target in (victim, boss, person):
        for name in ("appoint", "end_post", "delegate", "revoke", "change", "reset", "unlock", "deactivate", "reactivate"):
            sent = {"role": "administrator", "unit": county_factory().pk, "password": WORD, "reason": "x", "name": "x",
                    "uscc_code": credit_code(1), "evidence": "x"}
            assert client.post(deed(target, name, target.posts.first()), sent).status_code == 403, name
    for address in (reverse("site:unit_new"), reverse("site:unit", args=[county_factory().pk]), reverse("site:person_new")):
        assert client.post(address, {"name": "x"}).status_code == 403
    assert list(Post.objects.values_list("pk", "role", "to_day").order_by("pk")) == before
    assert not Delegation.objects.exists()


def test_a_deed_on_one_person_cannot_name_another_persons_row(client, admin):
    one, other = person_factory("leader"), person_factory("leader")
    given = delegation_factory(person_factory("enterprise_agent"), credit_code(1))
    assert client.post(deed(one, "end_post", other.posts.get()), {"reason": "x"}).status_code == 404
    assert client.post(deed(one, "revoke", given), {"reason": "x"}).status_code == 404
    for number in ("", "abc", "-1", "0", HUGE, "１", "²"):
        assert client.post(f"{deed(one, 'end_post')}?row={number}", {"reason": "x"}).status_code == 404, number
    assert access.may(other, "enterprises.view_enterprise")


def test_numbers_and_words_nobody_offered_are_errors_of_the_form(client, admin):
    person = person_factory()
    closed = unit_factory(active=False)
    for unit in (closed.pk, HUGE, "abc", -1, 0):
        assert client.post(deed(person, "appoint"), {"role": "leader", "unit": unit}).status_code == 422, unit
    for role in ("root", "administrator ", "", "leader,administrator", "__line__"):
        assert client.post(deed(person, "appoint"), {"role": role, "unit": county_factory().pk}).status_code == 422, role
    for day in ("2026-13-01", "0000-00-00", HUGE, "昨天"):
        assert client.post(deed(person, "appoint"), {"role": "leader", "unit": county_factory().pk, "from_day": day}).status_code == 422, day
    assert not person.posts.exists()
    assert client.get(f"/people/{HUGE}/").status_code == 404
    assert client.get(f"/units/{HUGE}/").status_code == 404
    assert client.get(deed(person, "be-administrator")).status_code == 404


def test_fields_the_form_does_not_have_are_not_taken(client, admin):
    sent = {"login_name": "zhou", "name": "周样本", "phone": "", "password": WORD, "is_active": "", "must_change_password": "", "role": "administrator", "by": "1"}
    client.post(reverse("site:person_new"), sent)
    made = Person.objects.get(login_name="zhou")
    assert made.must_change_password
    assert not made.posts.exists()


def test_an_administrator_gives_nothing_to_themselves(client, admin):
    bureau = unit_factory()
    assert client.post(deed(admin, "appoint"), {"role": "leader", "unit": bureau.pk}).status_code == 422
    assert client.post(deed(admin, "delegate"), {"uscc_code": credit_code(1), "evidence": "授权书"}).status_code == 422
    assert client.post(deed(admin, "reset"), {"password": WORD}).status_code == 422
    assert client.post(deed(admin, "deactivate"), {"reason": "x"}).status_code == 422
    assert admin.posts.count() == 1


def test_the_unit_of_the_last_administrator_is_not_closed(client, admin):
    unit = admin.posts.get().unit
    answer = client.post(reverse("site:unit", args=[unit.pk]), {"name": unit.name, "parent": unit.parent_id, "reason": "撤并"})
    assert answer.status_code == 422
    assert "最后一位系统管理员" in answer.content.decode()
    assert Unit.objects.get(pk=unit.pk).active
    person_factory("administrator")
    assert client.post(reverse("site:unit", args=[unit.pk]), {"name": unit.name, "parent": unit.parent_id, "reason": "撤并"}).status_code == 302


def test_a_unit_is_not_moved_below_itself_by_a_forged_parent(client, admin):
    upper = unit_factory()
    lower = unit_factory(parent=upper)
    for parent in (upper.pk, lower.pk, "", HUGE):
        assert client.post(reverse("site:unit", args=[upper.pk]), {"name": "x", "parent": parent, "active": "on"}).status_code == 422, parent
    assert Unit.objects.get(pk=upper.pk).parent == county_factory()


# ── forms sent twice ─────────────────────────────────────────────────────────
def test_a_delegation_registered_twice_is_one_and_revoking_it_ends_the_right(client, admin):
    agent = person_factory("enterprise_agent")
    sent = {"uscc_code": credit_code(1), "evidence": "授权书"}
    assert client.post(deed(agent, "delegate"), sent).status_code == 302
    assert client.post(deed(agent, "delegate"), sent).status_code == 422
    client.post(deed(agent, "revoke", Delegation.objects.get()), {"reason": "离职"})
    assert access.usccs_of(agent) == set()
    assert client.post(deed(agent, "revoke", Delegation.objects.get()), {"reason": "离职"}).status_code == 422
    assert client.post(deed(agent, "delegate"), sent).status_code == 302
    assert access.usccs_of(agent) == {credit_code(1)}


def test_a_post_given_twice_is_one_even_when_it_begins_later(client, admin):
    person, unit = person_factory(), unit_factory()
    sent = {"role": "leader", "unit": unit.pk, "from_day": "2026-11-10", "to_day": ""}
    assert client.post(deed(person, "appoint"), sent).status_code == 302
    assert client.post(deed(person, "appoint"), sent).status_code == 422
    assert client.post(deed(person, "appoint"), {**sent, "from_day": ""}).status_code == 422
    assert person.posts.count() == 1
    before = {**sent, "from_day": "2026-10-01", "to_day": "2026-11-09"}
    assert client.post(deed(person, "appoint"), before).status_code == 302


def test_ending_a_post_again_does_not_lengthen_it(client, admin):
    person = person_factory("leader", from_day=dt.date(2026, 1, 1), to_day=dt.date(2026, 3, 31))
    assert client.post(deed(person, "end_post", person.posts.get()), {"reason": "x"}).status_code == 422
    assert person.posts.get().to_day == dt.date(2026, 3, 31)


def test_an_account_made_twice_is_one(client, admin):
    sent = {"login_name": "zhou", "name": "周样本", "phone": "", "password": WORD}
    assert client.post(reverse("site:person_new"), sent).status_code == 302
    assert client.post(reverse("site:person_new"), {**sent, "login_name": " ZHOU "}).status_code == 422
    assert Person.objects.filter(login_name__iexact="zhou").count() == 1


@pytest.mark.parametrize("name", ["site:logout", "site:language", "site:theme"])
def test_a_link_from_elsewhere_changes_nothing(client, admin, name):
    assert client.get(reverse(name)).status_code == 405


def test_a_form_without_its_token_is_refused(admin):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    person = person_factory("leader")
    assert strict.post(deed(person, "deactivate"), {"reason": "x"}).status_code == 403
    assert strict.post(reverse("site:login"), {"login_name": "x", "password": "x"}).status_code == 403
    assert Person.objects.get(pk=person.pk).is_active


# ── uploads ──────────────────────────────────────────────────────────────────
@pytest.fixture
def clerk(client):
    for number in range(1, 5):
        enterprise_factory(code(number), f"演示企业{number}")
    person = person_factory("data_clerk")
    client.force_login(person)
    return person


def send(client, name="税务.xlsx", kind="application/octet-stream", data=None, **more):
    file = SimpleUploadedFile("x", data or xlsx([HEADS, *body()]), content_type=kind)
    file._name = name  # past the tidy name the test client would send
    said = {"sheet": "tax_monthly", "period": "2026-08", "source": "", "complete": "on", **more}
    return client.post(reverse("site:imports"), {**said, "file": file})


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x.xlsx", "..\\..\\x.xlsx", "/etc/passwd.xlsx", "C:\\temp\\x.xlsx", "x\r\nSet-Cookie: a=b.xlsx",
                                  'x".xlsx', "税" * 300 + ".xlsx", "<script>alert(1)</script>.xlsx", "&#x2e;&#x2e;/x.xlsx", ".xlsx"])
def test_a_name_with_a_path_or_a_trick_in_it_is_only_a_name(client, clerk, tmp_path, name):
    answer = send(client, name)
    assert answer.status_code in (302, 400)
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.parent.name not in ("files", "batches", "projections")]
    assert outside == []
    upload = Upload.objects.first()
    if upload is None:
        return
    assert "/" not in upload.name
    assert "\\" not in upload.name
    assert "<script>alert" not in client.get(answer.url).content.decode()
    back = client.get(reverse("site:import_marked", args=[upload.pk]) + "?" + answer.url.partition("?")[2])
    assert "Set-Cookie: a" not in str(back.headers)
    assert "\n" not in back.headers.get("Content-Disposition", "")


@pytest.mark.parametrize(("kind", "data"), [
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"<html><script>alert(1)</script></html>"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"MZ\x90\x00\x03"),
    ("text/csv", b"%PDF-1.7\n%\xe2\xe3"),
    ("image/png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
])
def test_what_a_file_is_is_read_from_it_not_from_what_the_browser_says(client, clerk, kind, data):
    assert send(client, "x.xlsx", kind, data).status_code == 400
    assert Upload.objects.count() == 0


def test_a_sheet_that_calls_itself_a_picture_is_read_and_answered_as_a_page(client, clerk):
    answer = send(client, "税务.xlsx", "text/html")
    page = client.get(answer.url)
    assert page.headers["Content-Type"].startswith("text/html; charset")
    assert "入库这 3 行" in page.content.decode()
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["source=hr_bureau", "source=registry", "source=../x", "source=%27%20OR%201=1", "period=2026-13", "period=0000-01",
                                   "period=99999-01", "period=2026-08;drop", "period=all", "source=" + "x" * 5000, "period=" + "9" * 5000])
def test_a_source_or_period_forged_in_the_address_brings_nothing_in(client, clerk, query):
    url = send(client).url
    number = Upload.objects.get().pk
    for address in (reverse("site:import_preview", args=[number]), reverse("site:import_marked", args=[number])):
        assert client.get(f"{address}?{query}").status_code in (200, 302), address
    answer = client.post(f"{reverse('site:import_commit', args=[number])}?{query}", {"after": ""})
    assert answer.status_code == 302
    assert not Batch.objects.exclude(source="tax_bureau").exists()
    assert url


def test_a_sheet_of_which_the_form_does_not_know_is_refused(client, clerk):
    for sheet in ("enterprise_secret", "../tax_monthly", "", "tax_monthly "):
        assert send(client, sheet=sheet).status_code == 400, sheet


def test_the_same_file_pressed_twice_is_one_batch(client, clerk):
    url = send(client).url
    number, query = Upload.objects.get().pk, url.partition("?")[2]
    address = f"{reverse('site:import_commit', args=[number])}?{query}"
    client.post(address, {"after": ""})
    client.post(address, {"after": ""})
    client.post(address, {"after": str(Batch.objects.first().pk)})
    assert Batch.objects.count() == 1


def test_an_upload_kept_before_the_right_ended_is_neither_shown_nor_brought_in(client, clerk):
    url = send(client).url
    Post.objects.filter(person=clerk).update(to_day=dt.date(2026, 10, 30))
    assert client.get(url).status_code == 403
    assert client.post(reverse("site:import_commit", args=[Upload.objects.get().pk]), {"after": ""}).status_code == 403
    assert Batch.objects.count() == 0


@pytest.mark.parametrize("number", ["0", HUGE])
@pytest.mark.parametrize("place", ["import_preview", "import_marked"])
def test_an_upload_number_nobody_has_is_answered_like_another_persons(client, clerk, number, place):
    assert client.get(f"/imports/{number}/{'marked/' if place == 'import_marked' else ''}").status_code in (302, 404)


@pytest.mark.parametrize("wanted", ["²", HUGE, "9" * 5000, "-1", "0", "abc", ""])
def test_a_page_number_nobody_has_is_answered(client, clerk, wanted):
    send_and_commit(client)
    assert client.get(reverse("site:batch", args=[Batch.objects.get().pk]), {"page": wanted}).status_code == 200
    assert client.get(reverse("site:batches"), {"page": wanted}).status_code == 200


def send_and_commit(client):
    query = send(client).url.partition("?")[2]
    client.post(f"{reverse('site:import_commit', args=[Upload.objects.get().pk])}?{query}", {"after": ""})


def test_a_post_of_somebody_else_is_not_a_right_of_mine(client):
    """Two posts of two people in one unit: each has their own role only."""
    unit = unit_factory()
    leader = person_factory("leader", unit)
    post_factory(person_factory(), "administrator", unit)
    client.force_login(leader)
    assert client.get(reverse("site:people")).status_code == 403
