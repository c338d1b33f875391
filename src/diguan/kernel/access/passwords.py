"""Passwords and the brake on guessing them.

Five wrong passwords in a row lock a name for fifteen minutes. A whole office sits behind one address, so an
address is braked, not shut: after fifty failures within fifteen minutes each name has two tries there, and only
after four hundred, which no few names can make, is it closed for a while. A browser from which a person has come
in before is *familiar* to that name and has five tries of its own: what strangers do at the name or the address
does not keep its owner out. A name nobody has is counted and locked just like a real one, and costs as much time:
the answers do not tell whether an account exists. Each attempt is charged *before* the password is looked at, so
attempts sent at once gain nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.http import HttpRequest

from diguan.kernel import clocks, events
from diguan.kernel.access.models import LoginThrottle, Person

log = logging.getLogger("diguan.access")
FAMILIAR_COOKIE = "diguan_familiar"
FAMILIAR_SECONDS = 180 * 24 * 3600
LONGEST = 1024  # of a password: what is longer is nobody's, and hashing it would cost
_signer = signing.TimestampSigner(salt="diguan.familiar")


@dataclass(frozen=True)
class Attempt:
    """The answer to one attempt: the person, or whether the brake is on."""

    person: Person | None = None
    locked: bool = False


class PersonBackend(BaseBackend):
    """Django's door to :func:`attempt`, and the lookup that ends sessions of the deactivated."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **extra: Any
    ) -> Person | None:
        """Return the person if name and password are right and the brake is off."""
        if username is None or password is None:
            return None
        return attempt(username, password, address_of(request)).person

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session; None once inactive, which ends the session."""
        return Person.objects.filter(pk=user_id, is_active=True).first()


def attempt(login_name: str, password: str, address: str = "", *, familiar: bool = False) -> Attempt:
    """Try to log in. Counts, locks, and on success resets the name's counters.

    ``familiar``: the browser has shown that this name came in from it before (:func:`is_familiar`).
    """
    name = login_name.strip().lower()
    keys = _brakes(name, address, familiar)
    # Looked at before anything is counted: who is locked at one place is not charged at another.
    if any(_locked(key) for key, _limit in keys) or not all(_charge(_digest(key), limit) for key, limit in keys):
        log.warning("login refused by the brake, name=%s address=%s", _digest(name)[:12], address)
        return Attempt(locked=True)
    person = Person.objects.filter(login_name=name).first() if "\x00" not in name else None
    if not _right(person, password):
        _after_failure(person, keys)
        log.info("login failed, name=%s address=%s", _digest(name)[:12], address)
        return Attempt()
    assert person is not None  # _right is False for nobody
    _forgive(keys)
    _mirror(person, failures=0, until=None)
    return Attempt(person=person)


def _brakes(name: str, address: str, familiar: bool) -> list[tuple[str, int]]:
    """What is counted, and how many failures each bears; the name's own counter stands first."""
    if familiar:
        return [(f"familiar:{name}", settings.LOGIN_FAILURES)]
    keys = [(f"name:{name}", settings.LOGIN_FAILURES)]
    if address:
        if _is_hot(address):
            keys.append((f"here:{address} {name}", settings.LOGIN_HOT_FAILURES))
        keys.append((f"address:{address}", settings.LOGIN_ADDRESS_LOCK))
    return keys


def _is_hot(address: str) -> bool:
    recent = LoginThrottle.objects.filter(key=_digest(f"address:{address}"), window_start__gt=clocks.now() - _lock_time())
    return recent.filter(failures__gte=settings.LOGIN_ADDRESS_FAILURES).exists()


def _locked(key: str) -> bool:
    return LoginThrottle.objects.filter(key=_digest(key), locked_until__gt=clocks.now()).exists()


def familiar_token(person: Person) -> str:
    """What a browser keeps after a login, to show that this name came in from it. It opens nothing by itself."""
    return _signer.sign(_digest(f"familiar:{person.login_name}"))


def is_familiar(request: HttpRequest, login_name: str) -> bool:
    """Whether the browser has shown that this name came in from it within half a year."""
    try:
        kept = _signer.unsign(request.COOKIES.get(FAMILIAR_COOKIE, ""), max_age=FAMILIAR_SECONDS)
    except signing.BadSignature:
        return False
    return kept == _digest(f"familiar:{login_name.strip().lower()}")


def unlock(person: Person) -> None:
    """Take the brake off a name; the action ``unlock_person`` calls this."""
    keys = [_digest(f"{lane}:{person.login_name}") for lane in ("name", "familiar")]
    LoginThrottle.objects.filter(key__in=keys).delete()
    _mirror(person, failures=0, until=None)


def sweep() -> int:
    """Forget counters nobody has touched for a day; ``tick`` calls this. Returns how many."""
    stale = clocks.now() - dt.timedelta(days=1)
    rows = LoginThrottle.objects.filter(window_start__lt=stale)
    return rows.filter(Q(locked_until__isnull=True) | Q(locked_until__lt=clocks.now())).delete()[0]


def address_of(request: HttpRequest | None) -> str:
    """The client's address; behind our own proxies the one that the outermost of them saw.

    Without proxies of ours (``DIGUAN_PROXIES``) the header is whatever the client wrote, so it is not read.
    """
    if request is None:
        return ""
    proxies = settings.DIGUAN_PROXIES
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(seen) >= proxies:
        return seen[-proxies]
    return str(request.META.get("REMOTE_ADDR") or "")


def _right(person: Person | None, password: str) -> bool:
    if len(password) > LONGEST:
        return False
    if person is None or not person.is_active or not person.has_usable_password():
        make_password(password)  # spends the time a real check would
        return False
    return person.check_password(password)


def _charge(key: str, limit: int) -> bool:
    """Count an attempt; False when the key is locked or its attempts are used up."""
    now = clocks.now()
    row = _row(key)
    # A window that is over, or a lock that has run out, starts the count again.
    LoginThrottle.objects.filter(pk=row.pk).filter(
        Q(locked_until__lte=now) | Q(locked_until__isnull=True, window_start__lte=now - _lock_time())
    ).update(failures=0, window_start=now, locked_until=None)
    free = LoginThrottle.objects.filter(pk=row.pk, locked_until__isnull=True, failures__lt=limit)
    if free.update(failures=F("failures") + 1):
        return True
    LoginThrottle.objects.filter(pk=row.pk, locked_until__isnull=True).update(locked_until=now + _lock_time())
    return False


def _row(key: str) -> LoginThrottle:
    found = LoginThrottle.objects.filter(key=key).first()
    if found is None:
        try:
            with transaction.atomic():
                found = LoginThrottle.objects.create(key=key, window_start=clocks.now())
        except IntegrityError:
            found = LoginThrottle.objects.get(key=key)
    return found


def _after_failure(person: Person | None, keys: list[tuple[str, int]]) -> None:
    until = clocks.now() + _lock_time()
    for key, limit in keys:
        LoginThrottle.objects.filter(key=_digest(key), failures__gte=limit, locked_until__isnull=True).update(locked_until=until)
    row = LoginThrottle.objects.filter(key=_digest(keys[0][0])).first()
    if person is None or row is None:
        return
    _mirror(person, failures=row.failures, until=row.locked_until)
    if row.locked_until is not None:
        events.append(person, "login_locked", by=None, after={"until": row.locked_until})


def _forgive(keys: list[tuple[str, int]]) -> None:
    own = [_digest(key) for key, _limit in keys if not key.startswith("address:")]
    LoginThrottle.objects.filter(key__in=own).delete()
    # The address keeps its other failures: one good password must not reset a guesser's counter.
    shared = [_digest(key) for key, _limit in keys if key.startswith("address:")]
    LoginThrottle.objects.filter(key__in=shared, failures__gt=0).update(failures=F("failures") - 1)


def _mirror(person: Person, *, failures: int, until: dt.datetime | None) -> None:
    # What the administration page shows; the brake itself reads LoginThrottle only.
    Person.objects.filter(pk=person.pk).update(failed_logins=failures, locked_until=until)
    person.failed_logins, person.locked_until = failures, until


def _lock_time() -> dt.timedelta:
    return dt.timedelta(minutes=settings.LOGIN_LOCK_MINUTES)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
