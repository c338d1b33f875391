"""Pure functions on plain values: no Django, no clock, no reading or writing."""

from __future__ import annotations

import unicodedata


def name_key(name: str) -> str:
    """The form under which a name is searched, sorted and compared: half width, lower case, no spaces.

    >>> name_key("　Ａ区 一号 ")
    'a区一号'
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
