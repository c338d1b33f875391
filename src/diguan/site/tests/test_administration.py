"""Units, people, posts, delegations: what an administrator does, and that nobody else can."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.kernel import access, clocks, events
from diguan.kernel.access.models import Delegation, Person, Post, Unit
from diguan.kernel.sheets.tests.ugly import code
from diguan.kernel.tests.factories import county_factory, delegation_factory, person_factory, post_factory, unit_factory

pytestmark = pytest.mark.django_db
WORD = "qingcao-chitang-33"


@pytest.fixture
def admin(client):
    person = person_factory("administrator", name="王管理")
    client.force_login(person)
    return person


def deed(person, name, row=None):
    return reverse("site:person_deed", args=[person.pk, name]) + (f"?row={row.pk}" if row else "")


def test_an_account_is_made_and_the_next_step_is_a_post(client, admin):
    answer = client.post(reverse("site:person_new"), {"login_name": "zhou", "name": "周样本", "phone": "", "password": WORD})
    made = Person.objects.get(login_name="zhou")
    assert answer.url == deed(made, "appoint")
    unit = unit_factory("县科工局")
    client.post(answer.url, {"role": "policy_officer", "unit": unit.pk, "from_day": "", "to_day": ""})
    assert access.may(made, "policies.run_match")
    page = client.get(reverse("site:person", args=[made.pk])).content.decode()
    assert "县科工局 政策专员" in page
    assert "任职 · 王管理" in page


def test_what_is_refused_keeps_the_entries_and_names_the_field(client, admin):
    person_factory(login_name="taken")
    answer = client.post(reverse("site:person_new"), {"login_name": "taken", "name": "周样本", "password": WORD})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "登录名 taken 已经有了" in page
    assert 'value="周样本"' in page
    assert 'href="#id_login_name"' in page


def test_a_post_is_ended_on_a_page_that_says_what_happens(client, admin):
    clerk = person_factory("data_clerk")
    post = clerk.posts.get()
    assert "权限立即收回" in client.get(deed(clerk, "end_post", post)).content.decode()
    client.post(deed(clerk, "end_post", post), {"reason": "调岗"})
    assert not access.may(clerk, "facts.import_batch")
    assert "调岗" in client.get(reverse("site:person", args=[clerk.pk])).content.decode()


def test_the_last_administrator_stays(client, admin):
    page = client.post(deed(admin, "end_post", admin.posts.get()), {"reason": ""}).content.decode()
    assert "最后一位系统管理员" in page
    assert access.may(admin, "access.manage_person")


def test_a_delegation_is_registered_and_revoked_with_a_reason(client, admin):
    agent = person_factory("enterprise_agent")
    wrong = client.post(deed(agent, "delegate"), {"uscc_code": "9143", "evidence": "授权书"})
    assert wrong.status_code == 422
    client.post(deed(agent, "delegate"), {"uscc_code": code(1), "evidence": "授权书"})
    row = Delegation.objects.get()
    assert access.usccs_of(agent) == {code(1)}
    assert client.post(deed(agent, "revoke", row), {"reason": ""}).status_code == 422
    assert access.usccs_of(agent) == {code(1)}
    client.post(deed(agent, "revoke", row), {"reason": "离职"})
    assert access.usccs_of(agent) == set()


def test_an_account_is_closed_with_a_reason_and_opened_again(client, admin):
    clerk = person_factory("data_clerk")
    assert client.post(deed(clerk, "deactivate"), {"reason": ""}).status_code == 422
    client.post(deed(clerk, "deactivate"), {"reason": "调离"})
    clerk.refresh_from_db()
    assert not clerk.is_active
    client.post(deed(clerk, "reactivate"), {"reason": ""})
    clerk.refresh_from_db()
    assert clerk.is_active
    assert events.verify(clerk) == []


def test_a_locked_account_is_found_and_unlocked(client, admin):
    clerk = person_factory("data_clerk", name="锁甲", locked_until=clocks.now() + dt.timedelta(minutes=9))
    assert "锁甲" in client.get(reverse("site:people") + "?state=locked").content.decode()
    assert "锁甲" not in client.get(reverse("site:people") + "?state=active").content.decode()
    client.post(deed(clerk, "unlock"), {"reason": ""})
    clerk.refresh_from_db()
    assert not clerk.is_locked


def test_a_password_is_reset_and_must_be_changed(client, admin):
    clerk = person_factory("data_clerk")
    assert client.post(deed(clerk, "reset"), {"password": "123"}).status_code == 422
    client.post(deed(clerk, "reset"), {"password": WORD})
    clerk.refresh_from_db()
    assert clerk.must_change_password
    assert clerk.check_password(WORD)


def test_nobody_appoints_delegates_to_or_closes_themselves(client, admin):
    unit = unit_factory()
    assert client.post(deed(admin, "appoint"), {"role": "leader", "unit": unit.pk}).status_code == 422
    assert client.post(deed(admin, "delegate"), {"uscc_code": code(1), "evidence": "x"}).status_code == 422
    assert client.post(deed(admin, "deactivate"), {"reason": "x"}).status_code == 422
    assert Post.objects.filter(person=admin).count() == 1


def test_units_are_added_renamed_moved_and_closed_with_a_reason(client, admin):
    county, bureau = county_factory(), unit_factory("县科工局")
    client.post(reverse("site:unit_new"), {"code": "park", "name": "高新区", "kind": "park", "parent": county.pk})
    park = Unit.objects.get(code="park")
    client.post(reverse("site:unit", args=[park.pk]), {"name": "西渡高新区", "parent": bureau.pk, "active": "on"})
    park.refresh_from_db()
    assert (park.name, park.parent) == ("西渡高新区", bureau)
    assert client.post(reverse("site:unit", args=[park.pk]), {"name": "西渡高新区", "parent": bureau.pk, "reason": ""}).status_code == 422
    client.post(reverse("site:unit", args=[park.pk]), {"name": "西渡高新区", "parent": bureau.pk, "reason": "并入"})
    park.refresh_from_db()
    assert not park.active
    client.post(reverse("site:unit", args=[county.pk]), {"name": "样例县", "reason": ""})
    county.refresh_from_db()
    assert (county.name, county.active, county.parent) == ("样例县", True, None)
    assert "西渡高新区" in client.get(reverse("site:units")).content.decode()


def test_a_unit_is_not_moved_below_itself(client, admin):
    upper = unit_factory("甲")
    lower = unit_factory("乙", parent=upper)
    assert client.post(reverse("site:unit", args=[upper.pk]), {"name": "甲", "parent": lower.pk, "active": "on"}).status_code == 422


def test_a_row_of_somebody_else_is_not_reached_through_ones_own_page(client, admin):
    clerk, other = person_factory("data_clerk"), person_factory("data_clerk")
    for row in ("", "0", "x", "9" * 30, str(other.posts.get().pk)):
        assert client.post(deed(clerk, "end_post") + f"?row={row}", {"reason": "x"}).status_code == 404
    assert access.may(other, "facts.import_batch")


def addresses(person, post, row):
    plain = [reverse("site:people"), reverse("site:person_new"), reverse("site:person", args=[person.pk]), reverse("site:units"),
             reverse("site:unit_new"), reverse("site:unit", args=[Unit.objects.order_by("pk").first().pk])]
    names = ("appoint", "delegate", "change", "reset", "unlock", "deactivate", "reactivate")
    return [*plain, *(deed(person, name) for name in names), deed(person, "end_post", post), deed(person, "revoke", row)]


@pytest.mark.parametrize("role", ["leader", "policy_officer", "data_clerk", "enterprise_agent"])
def test_no_other_role_reaches_any_page_of_administration(client, role):
    victim = person_factory("data_clerk")
    row = delegation_factory(victim, code(2))
    client.force_login(person_factory(role, uscc=code(1) if role == "enterprise_agent" else None))
    for address in addresses(victim, victim.posts.get(), row):
        assert client.get(address).status_code == 403, address
        if address not in (reverse("site:people"), reverse("site:person", args=[victim.pk]), reverse("site:units")):
            assert client.post(address, {"reason": "x", "name": "x", "password": WORD, "role": "leader"}).status_code == 403, address
    victim.refresh_from_db()
    assert victim.is_active
    assert access.may(victim, "facts.import_batch")


def test_a_stranger_is_sent_to_the_login_page(client):
    victim = person_factory("data_clerk")
    row = delegation_factory(victim, code(2))
    for address in addresses(victim, victim.posts.get(), row):
        assert client.get(address).headers["Location"].startswith("/login/"), address


def test_an_administrator_whose_post_ended_is_out_at_the_next_click(client):
    yesterday = clocks.today() - dt.timedelta(days=1)
    gone = person_factory()
    post_factory(gone, "administrator", from_day=yesterday - dt.timedelta(days=9), to_day=yesterday)
    client.force_login(gone)
    assert client.get(reverse("site:people")).status_code == 403


@pytest.mark.parametrize("name", ["people", "units", "person_new", "unit_new"])
def test_pages_have_a_title_a_language_one_heading_and_labelled_fields(client, admin, name):
    page = client.get(reverse(f"site:{name}")).content.decode()
    assert page.count("<h1>") == 1
    assert '<html lang="zh-Hans"' in page
    assert "<title>" in page
    import re

    for field in re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]+)"', page):
        assert f'for="{field}"' in page, field
