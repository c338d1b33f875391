"""Instants out of texts, many at once: what an event log's files write for a time, as microseconds since 1970 in UTC.

A text with a zone is that instant. A text without one is taken as local time of the zone given and counted, never guessed
silently. A day without an hour is its midnight and counted too: it orders nothing within its day.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Marks = np.ndarray[Any, np.dtype[np.int8]]

AWARE, NAIVE, DAY_ONLY, MISSING, UNREADABLE = range(5)
"""What a text was: an instant with its zone, a local time, a local day without an hour, nothing, or no time at all."""
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
EARLIEST, LATEST = (int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * SECOND for year in (1900, 2101))
"""Instants before or from these years are slips of the pen: they count as unreadable."""
_LONGEST = 64
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NOWHERE = -(2**62)
_SHAPES = 16
"""Ways of writing a time that are read all at once; what is written otherwise is read one by one."""
_AHEAD = r"(?P<zone>Z|[+-](?P<ahead_hours>\d{2})(?::?(?P<ahead_minutes>\d{2}))?)?"
_WRITTEN = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:(?:\s*T\s*|\s+|(?<=日))(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*(?:[:分]\s*(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?\s*秒?)?)?)?)?"
    r"\s*" + _AHEAD, re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?" + _AHEAD, re.IGNORECASE | re.ASCII)


def read_instants(texts: Sequence[str | None], zone: dt.tzinfo) -> tuple[Ints, Marks]:
    """Instants and, of each, what its text was.

    Args:
        texts: what is written, year first; None or blank where nothing is.
        zone: whose local time the texts without a zone are.

    Returns:
        Two columns as long as ``texts``: microseconds since 1970 UTC (0 where there is none), and one of :data:`AWARE`,
        :data:`NAIVE`, :data:`DAY_ONLY`, :data:`MISSING`, :data:`UNREADABLE`. Nothing is raised: a bad text is a mark.

    >>> at, mark = read_instants(["2026-10-31T09:00:00+08:00", "2026年10月31日 9:00", "31.10.2026", ""], dt.UTC)
    >>> (at[1] - at[0]) // HOUR, mark.tolist()
    (np.int64(8), [0, 1, 4, 3])
    """
    short = [text if len(text) <= _LONGEST else "?" for text in ((each or "").strip() for each in texts)]
    at, mark = np.zeros(len(short), np.int64), np.full(len(short), MISSING, np.int8)
    written = np.array(short, np.str_)
    letters = written.view(np.uint32).reshape(len(short), written.itemsize // 4)
    left = np.flatnonzero(written != "")
    for _ in range(_SHAPES):
        if not len(left):
            break
        left = _alike(short[int(left[0])], letters, left, zone, at, mark)
    known = {text: _one(text, zone) for text in {short[row] for row in left.tolist()}}
    for row in left.tolist():
        at[row], mark[row] = known[short[row]]
    wild = (mark < MISSING) & ((at < EARLIEST) | (at >= LATEST))
    at[wild], mark[wild] = 0, UNREADABLE
    return at, mark


def local(at: Ints, zone: dt.tzinfo) -> Ints:
    """The same instants as local microseconds: what a clock on the wall of that zone shows, as if it were UTC."""
    return at + _offsets(at, zone, utc=True)


def instants(at: Ints, zone: dt.tzinfo) -> Ints:
    """Local microseconds back as instants; of an hour that came twice the first is meant."""
    return at - _offsets(at, zone, utc=False)


def _offsets(at: Ints, zone: dt.tzinfo, *, utc: bool) -> Ints:
    """Microseconds a zone is ahead of UTC: looked up at both ends of each day that occurs, by the quarter hour in days on which it changes."""
    if not len(at):
        return at
    at = np.clip(at, EARLIEST, LATEST)
    first, last = (_looked_up(at, zone, DAY, utc, end) for end in (0, DAY - 1))
    changing = first != last
    if changing.any():
        first[changing] = _looked_up(at[changing], zone, HOUR // 4, utc, 0)
    return first


def _looked_up(at: Ints, zone: dt.tzinfo, step: int, utc: bool, end: int) -> Ints:
    """What the zone says at the beginning of the step an instant lies in, or so many microseconds later."""
    slot = at // step
    least = int(slot.min())
    table = np.zeros(int(slot.max()) - least + 1, np.int64)
    for place in np.flatnonzero(np.bincount(slot - least)).tolist():
        moment = _EPOCH + dt.timedelta(microseconds=(least + place) * step + end)
        ahead = (moment.astimezone(zone) if utc else moment.replace(tzinfo=zone)).utcoffset() or dt.timedelta()
        table[place] = ahead // dt.timedelta(microseconds=1)
    return table[slot - least]


def _alike(first: str, letters: np.ndarray[Any, np.dtype[np.uint32]], left: Ints, zone: dt.tzinfo, at: Ints, mark: Marks) -> Ints:
    """Read all texts that have digits where this one has, and the same letters elsewhere; which are still to be read."""
    found = _WRITTEN.fullmatch(first) or _COMPACT.fullmatch(first)
    if not found:
        at[left[0]], mark[left[0]] = _one(first, zone)
        return left[1:]
    shape = np.zeros(letters.shape[1], np.uint32)
    shape[:len(first)] = np.array([first], np.str_).view(np.uint32)
    digit = (shape >= 48) & (shape <= 57)
    mine = letters[left]
    numbers = mine[:, digit]
    like = ((numbers >= 48) & (numbers <= 57)).all(axis=1) & (mine[:, ~digit] == shape[~digit]).all(axis=1)
    rows, mine = left[like], mine[like].astype(np.int64) - 48

    def number(part: str, most: int = 9) -> Ints:
        begin, end = found.span(part)
        value = np.zeros(len(rows), np.int64)
        for place in range(begin, min(end, begin + most)):
            value = value * 10 + mine[:, place]
        return value
    year, month, day, hour, minute, second = (number(part) for part in ("year", "month", "day", "hour", "minute", "second"))
    good = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    begins, ends = ((months + more).astype("datetime64[D]").astype(np.int64) for more in (0, 1))
    good &= day <= ends - begins
    value = (begins + day - 1) * DAY + hour * HOUR + minute * 60 * SECOND + second * SECOND
    fraction = found.groupdict().get("fraction") or ""
    value += number("fraction", 6) * 10 ** (6 - min(len(fraction), 6)) if fraction else 0
    kind, value = _placed(found, value, number, zone)
    at[rows], mark[rows] = np.where(good & (value != _NOWHERE), value, 0), np.where(good & (value != _NOWHERE), kind, UNREADABLE)
    return left[~like]


def _placed(found: re.Match[str], value: Ints, number: Callable[[str], Ints], zone: dt.tzinfo) -> tuple[int, Ints]:
    """What sort of time it is, and the instants of local times; :data:`_NOWHERE` for a zone that is none."""
    if ahead := found["zone"]:
        minutes = number("ahead_hours") * 60 + (number("ahead_minutes") if found["ahead_minutes"] else 0)
        return AWARE, np.where(minutes < 1440, value - (-minutes if ahead[0] == "-" else minutes) * 60 * SECOND, _NOWHERE)
    return NAIVE if found["hour"] else DAY_ONLY, instants(value, zone)


def _one(text: str, zone: dt.tzinfo) -> tuple[int, int]:
    """One text by itself, whatever the width of its digits."""
    written = unicodedata.normalize("NFKC", text).strip()
    found = _WRITTEN.fullmatch(written) or _COMPACT.fullmatch(written)
    if not found:
        return 0, UNREADABLE if written else MISSING
    parts = found.groupdict()
    try:
        moment = dt.datetime(*(int(parts[each] or 0) for each in ("year", "month", "day", "hour", "minute", "second")),  # type: ignore[arg-type,misc]
                             int((parts.get("fraction") or "0")[:6].ljust(6, "0")), tzinfo=_zone(found) or zone)
        return (moment - _EPOCH) // dt.timedelta(microseconds=1), AWARE if parts["zone"] else NAIVE if parts["hour"] else DAY_ONLY
    except (ValueError, OverflowError):
        return 0, UNREADABLE


def _zone(found: re.Match[str]) -> dt.tzinfo | None:
    if not found["zone"]:
        return None
    ahead = dt.timedelta(hours=int(found["ahead_hours"] or 0), minutes=int(found["ahead_minutes"] or 0))
    return dt.timezone(-ahead if found["zone"][0] == "-" else ahead)
