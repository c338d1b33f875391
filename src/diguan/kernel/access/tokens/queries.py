"""Whose token this is, and which tokens a person has."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db.models import Q, QuerySet

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.tokens.models import ApiToken

PREFIX = "dgt_"
LONGEST = 100
# Noting every single use would make every read a write; a minute's grain is enough.
GRAIN = dt.timedelta(minutes=1)


def make() -> str:
    """A fresh token: 256 random bits after a prefix by which leak scanners know it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is stored of a token. A plain hash will do: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def tokens_of(person: Person) -> QuerySet[ApiToken]:
    """A person's tokens, newest first, those that are over included."""
    return ApiToken.objects.filter(person=person)


def person_of(token: str) -> Person | None:
    """Who asks with this token; None for one that is unknown, revoked or over, and for the deactivated. Notes the use."""
    if not token.startswith(PREFIX) or len(token) > LONGEST:
        return None
    live = ApiToken.objects.filter(digest=digest_of(token), revoked_at__isnull=True, last_day__gte=clocks.today())
    row = live.filter(person__is_active=True).select_related("person").first()
    if row is None:
        return None
    now = clocks.now()
    if row.last_used_at is None or row.last_used_at < now - GRAIN:
        ApiToken.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=now), pk=row.pk).update(last_used_at=now)
    return row.person
