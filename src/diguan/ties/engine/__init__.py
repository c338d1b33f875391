"""Pure functions on plain values: what finds doubles, and the paths between people, firms and chambers."""

from __future__ import annotations

import hashlib
import hmac

from diguan.enterprises.engine import name_key, phone_key

__all__ = ["digest", "name_key", "phone_key"]


def digest(phone: str, secret: str) -> str:
    """What a phone number is compared by without being shown: keyed, so that nobody finds the number by trying them all. Empty for none.

    >>> digest("138-0000-0001", "k") == digest("＋86 13800000001", "k"), digest("", "k")
    (True, '')
    """
    key = phone_key(phone)
    return hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest() if key else ""
