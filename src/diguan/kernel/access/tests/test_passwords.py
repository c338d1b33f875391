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


def test_few_accounts_never_shut_an_address(settings):
    """Ten colleagues who all forget their passwords do not keep the eleventh out."""
    colleague = person_factory(password=PASSWORD)
    for number in range(12):
        guess(f"forgetful{number}", 30, "192.0.2.1")
    assert passwords.attempt(colleague.login_name, PASSWORD, "192.0.2.1").person == colleague


def test_hammering_one_locked_account_charges_nobody_else(settings):
    settings.LOGIN_ADDRESS_FAILURES, settings.LOGIN_ADDRESS_LOCK = 6, 8
    colleague = person_factory(password=PASSWORD)
    guess("forgetful", 50, "192.0.2.1")
    assert [one.locked for one in guess(colleague.login_name, 2, "192.0.2.1")] == [False, False]


def test_an_address_that_guesses_many_names_has_two_tries_a_name_there_and_five_elsewhere(settings):
    settings.LOGIN_ADDRESS_FAILURES = 6
    guesses = [passwords.attempt(f"name{number}", "wrong", "192.0.2.1") for number in range(6)]
    assert not any(one.locked for one in guesses)
    person = person_factory(password=PASSWORD)
    assert [one.locked for one in guess(person.login_name, 3, "192.0.2.1")] == [False, False, True]
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.2").person == person


def test_an_address_that_goes_on_guessing_is_closed_but_not_to_a_familiar_browser(settings):
    settings.LOGIN_ADDRESS_FAILURES, settings.LOGIN_ADDRESS_LOCK = 6, 10
    person = person_factory(password=PASSWORD)
    for number in range(10):
        assert not passwords.attempt(f"name{number}", "wrong", "192.0.2.1").locked
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.1").locked
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.1", familiar=True).person == person
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.2").person == person


def test_a_closed_address_cannot_lock_a_name(settings):
    settings.LOGIN_ADDRESS_LOCK = 10
    for number in range(10):
        passwords.attempt(f"name{number}", "wrong", "192.0.2.1")
    person = person_factory(password=PASSWORD)
    guess(person.login_name, 20, "192.0.2.1")
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.2").person == person


def test_a_stranger_who_locks_a_name_does_not_keep_its_owner_out_of_a_familiar_browser():
    person = person_factory(password=PASSWORD)
    guess(person.login_name, 9, "198.51.100.9")
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.1").locked
    assert passwords.attempt(person.login_name, PASSWORD, "192.0.2.1", familiar=True).person == person


def test_a_familiar_browser_has_five_tries_too_and_the_administrator_unlocks_both():
    person = person_factory(password=PASSWORD)
    tries = [passwords.attempt(person.login_name, "wrong", familiar=True) for _ in range(6)]
    assert [one.locked for one in tries] == [False] * 5 + [True]
    assert passwords.attempt(person.login_name, PASSWORD, familiar=True).locked
    person.refresh_from_db()
    assert person.is_locked
    passwords.unlock(person)
    assert passwords.attempt(person.login_name, PASSWORD, familiar=True).person == person


def test_a_browser_is_familiar_to_one_name_and_a_forged_token_to_none(rf):
    person, other = person_factory(), person_factory()
    request = rf.get("/")
    request.COOKIES[passwords.FAMILIAR_COOKIE] = passwords.familiar_token(person)
    assert passwords.is_familiar(request, person.login_name)
    assert passwords.is_familiar(request, f" {person.login_name.upper()} ")
    assert not passwords.is_familiar(request, other.login_name)
    for forged in ("", "x", "x:y:z", passwords.familiar_token(person)[:-1]):
        request.COOKIES[passwords.FAMILIAR_COOKIE] = forged
        assert not passwords.is_familiar(request, person.login_name)


@pytest.mark.parametrize(("name", "password"), [("a\x00b", "x"), ("somebody", "x" * 1_000_000), ("somebody", "\x00")])
def test_a_name_or_password_nobody_can_have_is_only_wrong(name, password):
    person_factory(login_name="somebody", password=PASSWORD)
    assert passwords.attempt(name, password, "192.0.2.1") == passwords.Attempt()


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
