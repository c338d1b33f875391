"""A calendar file as RFC 5545 has it: lines of 75 octets ended by CRLF, text escaped, times in Asia/Shanghai with its VTIMEZONE."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ZONE = ("BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19910915T010000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0800", "TZNAME:CST", "END:STANDARD", "END:VTIMEZONE")
"""Since the last summer time ended (tz database, Asia/Shanghai)."""


@dataclass(frozen=True)
class Entry:
    """One appointment; ``uid`` stays the same for the same one, ``sequence`` counts its changes. Times are local to the county."""

    uid: str
    begins: dt.datetime
    ends: dt.datetime
    title: str
    place: str = ""
    about: str = ""
    sequence: int = 0
    cancelled: bool = False


def escaped(text: str) -> str:
    r"""Text as a value (RFC 5545 3.3.11): backslash, semicolon, comma and line breaks; other controls vanish.

    >>> escaped("杭州; 3,4 层\n\\门")
    '杭州\\; 3\\,4 层\\n\\\\门'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter for letter in plain if letter >= " " and letter != "\x7f")


def folded(line: str) -> str:
    r"""A content line in parts of at most 75 octets, no character torn (RFC 5545 3.1).

    >>> folded("X:" + "表" * 30).split("\r\n ")[0] == "X:" + "表" * 24
    True
    """
    parts, size, part = list[str](), 0, ""
    for letter in line:
        wide = len(letter.encode())
        if size + wide > 75:
            parts.append(part)
            part, size = "", 1  # the space that the next line begins with counts
        part, size = part + letter, size + wide
    return "\r\n ".join([*parts, part])


def calendar(entries: Iterable[Entry], stamp: dt.datetime, name: str) -> bytes:
    """The file. ``stamp`` is when it was made, in UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Diguan//outreach//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", *ZONE]
    for entry in entries:
        lines += _event(entry, stamp)
    return ("\r\n".join(map(folded, [*lines, "END:VCALENDAR"])) + "\r\n").encode()


def _event(entry: Entry, stamp: dt.datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART;TZID=Asia/Shanghai:{entry.begins:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID=Asia/Shanghai:{entry.ends:%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{escaped(entry.title)}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    if entry.about:
        yield f"DESCRIPTION:{escaped(entry.about)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"
