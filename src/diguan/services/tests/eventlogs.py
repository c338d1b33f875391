"""Small made-up logs for the tests of the bench, and the shortest of ways to write one."""

from __future__ import annotations

import datetime as dt
import io

from hypothesis import strategies as st

from diguan.services.engine import readers
from diguan.services.engine.eventlog import EventLog, Execution, Reading, log_of
from diguan.services.engine.instants import SECOND

ZONE = dt.timezone(dt.timedelta(hours=8))
MORNING = int(dt.datetime(2025, 3, 3, 9, tzinfo=ZONE).timestamp()) * SECOND


def read(text: str | bytes, columns: readers.Columns | None = None, zone: dt.tzinfo = ZONE) -> Reading:
    """A file's text, read."""
    return readers.read_log(io.BytesIO(text.encode() if isinstance(text, str) else text), zone, columns)


def xes(*traces: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<log xmlns="http://www.xes-standard.org/">\n' + "\n".join(traces) + "\n</log>\n"


def trace(case: str, *events: str) -> str:
    return f'<trace><string key="concept:name" value="{case}"/>\n' + "\n".join(events) + "\n</trace>"


def event(activity: str, at: str, transition: str = "complete", more: str = "") -> str:
    return (f'<event><string key="concept:name" value="{activity}"/><date key="time:timestamp" value="{at}"/>'
            f'<string key="lifecycle:transition" value="{transition}"/>{more}</event>')


def log(**cases: str) -> EventLog:
    """Cases in a line each: ``a=0-10 b=10-20 c=30``, in seconds from the morning; ``c`` has no known start; ``a@window`` names a unit."""
    rows = []
    for case, said in cases.items():
        for word in said.split():
            name, span = word.split("=")
            activity, _, unit = name.partition("@")
            start, _, end = span.partition("-")
            rows.append(Execution(case, activity, MORNING + int(end or start) * SECOND, MORNING + int(start) * SECOND if end else None, unit=unit))
    return log_of(rows)


def span(start: int | None, length: int) -> tuple[int | None, int]:
    begin = 0 if start is None else start
    return (None if start is None else MORNING + begin * SECOND), MORNING + (begin + length) * SECOND


_NAMES = st.sampled_from(["受理", "审查", "踏勘", "决定", "a<b&\"c'", "line\nbreak\ttab", "𠀀"])
spans = st.builds(span, st.none() | st.integers(0, 40), st.integers(0, 15))


@st.composite
def executions(draw: st.DrawFn, names: st.SearchStrategy[str] = _NAMES) -> list[Execution]:
    """Up to 40 executions of a few cases, close together, so that ties, overlaps and repetitions are many."""
    rows = draw(st.lists(st.tuples(st.integers(0, 4), names, spans, st.sampled_from(["", "张", "李"]), st.sampled_from(["", "窗口", "住建局"])), max_size=40))
    return [Execution(f"件{case}", name, end, start, who, unit) for case, name, (start, end), who, unit in rows]


logs = executions().map(log_of)
