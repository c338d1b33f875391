"""Phone numbers as pages show them."""

from __future__ import annotations

import re


def masked(phone: str) -> str:
    """A phone number with its middle hidden; a short one wholly.

    >>> masked("13800000001"), masked("0734-6812345"), masked("110")
    ('138****0001', '073****2345', '****')
    """
    digits = re.sub(r"\D", "", phone)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else "****" if phone else ""
