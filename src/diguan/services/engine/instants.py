"""Instants out of texts, many at once: what an event log's files write for a time, as microseconds since 1970 in UTC.

A text with a zone is that instant. A text without one is taken as local time of the zone given and counted, never guessed
silently. A day without an hour is its midnight and counted too: it orders nothing within its day.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
_WRITTEN = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:(?:\s*T\s*|\s+|(?<=日))(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*(?:[:分]\s*(?:(\d{1,2})(?:[.,](\d+))?\s*秒?)?)?)?)?"
    r"\s*(Z|[+-]\d{2}(?::?\d{2})?)?", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}(?::?\d{2})?)?", re.IGNORECASE | re.ASCII)


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
    column = pa.array(texts, pa.string())
    at, mark = _all_aware(column) or _all_local(column, zone) or _one_by_one(texts, zone)
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


def _all_aware(column: pa.Array) -> tuple[Ints, Marks] | None:
    """The usual log: every text is ISO 8601 with a zone."""
    try:
        read = pc.cast(column, pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return None
    return _values(read), np.where(_nulls(column), MISSING, AWARE).astype(np.int8)


def _all_local(column: pa.Array, zone: dt.tzinfo) -> tuple[Ints, Marks] | None:
    """The usual sheet: every text is ISO 8601 without a zone."""
    try:
        read = pc.cast(column, pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    short = pc.fill_null(pc.less_equal(pc.utf8_length(column), 10), False).to_numpy(zero_copy_only=False)
    missing = _nulls(column)
    at = _values(read)
    at[~missing] = instants(at[~missing], zone)
    return at, np.where(missing, MISSING, np.where(short, DAY_ONLY, NAIVE)).astype(np.int8)


def _values(read: pa.Array) -> Ints:
    return np.array(pc.fill_null(pc.cast(read, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)


def _nulls(column: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False))


def _one_by_one(texts: Sequence[str | None], zone: dt.tzinfo) -> tuple[Ints, Marks]:
    """Any mixture; each distinct text is read once."""
    known: dict[str | None, tuple[int, int]] = {text: _one(text, zone) for text in set(texts)}
    pairs = np.array([known[text] for text in texts], np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].astype(np.int8)


def _one(text: str | None, zone: dt.tzinfo) -> tuple[int, int]:
    if len(text or "") > _LONGEST:
        return 0, UNREADABLE
    written = unicodedata.normalize("NFKC", text or "").strip()
    if not written:
        return 0, MISSING
    found = _WRITTEN.fullmatch(written)
    parts = found.groups() if found else None
    if parts is None and (short := _COMPACT.fullmatch(written)):
        parts = (*short.groups()[:6], None, short.group(7))
    if parts is None:
        return 0, UNREADABLE
    year, month, day, hour, minute, second, fraction, ahead = parts
    try:
        moment = dt.datetime(int(year or 0), int(month or 0), int(day or 0), int(hour or 0), int(minute or 0), int(second or 0),
                             int((fraction or "0")[:6].ljust(6, "0")), tzinfo=_zone(ahead) or zone)
        return (moment - _EPOCH) // dt.timedelta(microseconds=1), AWARE if ahead else NAIVE if hour else DAY_ONLY
    except (ValueError, OverflowError):
        return 0, UNREADABLE


def _zone(written: str | None) -> dt.tzinfo | None:
    if not written:
        return None
    if written in "Zz":
        return dt.UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-ahead if written[0] == "-" else ahead)
