"""The brake on guessing passwords."""

from __future__ import annotations

import datetime as dt

import pytest

from diguan.kernel import clocks, events
from diguan.kernel.access import passwords
from diguan.kernel.access.models import LoginThrottle
from diguan.kernel.tests.factories import PASSWORD, person_factory

pytestmark = pytest.mark.django_db


def guess(name: str, times: int = 5, address: str = "") -> list[passwords.Attempt]:
    return [passwords.attempt(name, "wrong", address) for _ in range(times)]


def test_five_wrong_passwords_lock_the_name_even_for_the_right_one():
    person = person_factory(password=PASSWORD)
    assert not any(attempt.locked for attempt in guess(person.login_name))
    assert passwords.attempt(person.login_name, PASSWORD) == passwords.Attempt(locked=True)
    person.refresh_from_db()
    assert person.is_locked
    assert events.Event.objects.get(root_id=str(person.pk)).verb == "login_locked"


def test_a_name_nobody_has_is_answered_like_a_real_one():
    person = person_factory(password=PASSWORD)
    assert guess(person.login_name, 7) == guess("nobody-at-all", 7)


def test_the_lock_ends_after_its_minutes_and_success_resets_the_count(monkeypatch):
    person = person_factory(password=PASSWORD)
    guess(person.login_name)
    later = clocks.now() + dt.timedelta(minutes=16)
    monkeypatch.setattr(clocks, "now", lambda: later)
    guess(person.login_name, 4)
    assert passwords.attempt(person.login_name, PASSWORD).person == person
    assert not any(attempt.locked for attempt in guess(person.login_name, 4))


def test_one_address_guessing_many_names_is_locked(settings):
    settings.LOGIN_ADDRESS_FAILURES = 6
    for number in range(6):
        assert not passwords.attempt(f"name{number}", "wrong", "192.0.2.1").locked
    assert passwords.attempt("name9", "wrong", "192.0.2.1").locked
    assert not passwords.attempt("name9", "wrong", "192.0.2.2").locked


def test_the_inactive_and_those_without_a_password_cannot_log_in():
    closed = person_factory(password=PASSWORD, is_active=False)
    assert passwords.attempt(closed.login_name, PASSWORD).person is None
    assert passwords.attempt(person_factory().login_name, "").person is None


def test_counters_hold_no_names_and_are_swept(monkeypatch):
    guess("somebody", address="192.0.2.1")
    assert not LoginThrottle.objects.filter(key__contains="somebody").exists()
    later = clocks.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clocks, "now", lambda: later)
    assert passwords.sweep() == 2


def test_a_forwarded_address_is_believed_only_behind_our_own_proxy(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
    settings.DIGUAN_PROXIES = 0
    assert passwords.address_of(request) == "10.0.0.1"
    settings.DIGUAN_PROXIES = 1
    assert passwords.address_of(request) == "192.0.2.7"
