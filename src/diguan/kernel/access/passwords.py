"""Logging in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from diguan.kernel.access.models import Person


class PersonBackend(BaseBackend):
    """Finds people for the session."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        return None

    def get_user(self, user_id: int) -> Person | None:
        return Person.objects.filter(pk=user_id, is_active=True).first()
