"""A briefing composed from one snapshot: every sentence, table and chart comes from its cells, every figure has its note and its state.

A document is plain values, so that it can be kept, digested and printed by page, Word and PDF alike:
``{title, month, snapshot: {id, as_of, known_at}, sections: [{title, blocks: […]}], changes: [pieces…], partial: [{text, code, period}], notes: [{n, text}]}``;
a block is ``{kind: text, pieces}``, ``{kind: table, title, heads, rows: [[pieces…]…]}`` or ``{kind: chart, title, unit, labels, series: [{name, points}], note}``;
a piece is ``{t}`` or, of a figure, ``{t, code, period, dim, group, state, n}``. Points are numbers as text, None a gap.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from diguan.indicators.engine import patterns, spans, tables
from diguan.indicators.engine.patterns import GREW, MOM, VALUE, YOY, Ask
from diguan.indicators.engine.terms import Indicator, Over
from diguan.indicators.queries import compute, rankings, snapshots, wording
from diguan.indicators.queries.briefing_template import Drawing, Section, Sheet, Template
from diguan.indicators.queries.snapshots import Cell, Figures
from diguan.kernel import clocks
from diguan.kernel.facts.runs import Run
from diguan.kernel.messages import Message, beside

Node = dict[str, Any]
LANGUAGES = ("zh", "en")
LINES = 4
"""So many lines at most in one chart."""
_SHORT = 12
Changes = Callable[["Composer"], Sequence[list[Node]]]
"""Tells what differs from the last briefing."""
_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def digest(document: Node) -> str:
    """Of a document in all its languages."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def both(figures: Figures, month: str, template: Template, changes: Changes | None = None) -> Node:
    """The briefing of a month in both languages; ``changes`` adds what differs from the last one."""
    return {language: Composer(figures, month, language).document(template, changes) for language in LANGUAGES}


def version_of(figures: Figures, cell: Cell) -> Indicator:
    """The version of an indicator that a cell was made by."""
    return next((one for one in figures.book.versions[cell.code] if one.version == cell.version), figures.book.newest(cell.code))


def snapshot_of(run: Run) -> Node:
    """What a footnote says of a snapshot."""
    return {"id": run.run_id, "as_of": run.as_of.isoformat(), "known_at": f"{run.known_at.astimezone(clocks.COUNTY_TIME):%Y-%m-%d %H:%M}"}


@dataclass
class Composer:
    """One document in one language; notes and what is not whole gather as figures are told."""

    figures: Figures
    month: str
    language: str
    notes: dict[tuple[str, int], int] = field(default_factory=dict)
    partial: dict[tuple[str, str], Node] = field(default_factory=dict)

    def document(self, template: Template, changes: Changes | None = None) -> Node:
        """The whole of it."""
        title = "".join(each["t"] for each in self.sentence(template.title.of(self.language)))
        sections = [self._section(each) for each in template.sections]
        changed = list(changes(self)) if changes else []
        return {"title": title, "month": self.month, "template": template.digest, "snapshot": snapshot_of(self.figures.run), "sections": sections, "changes": changed,
                "partial": list(self.partial.values()), "notes": [{"n": number, "text": self._note(*name)} for name, number in self.notes.items()]}

    def say(self, zh: str, en: str) -> str:
        """One of two words."""
        return zh if self.language == "zh" else en

    # ── pieces ───────────────────────────────────────────────────────────────
    def _section(self, section: Section) -> Node:
        blocks: list[Node] = [{"kind": "text", "pieces": self.sentence(each.of(self.language))} for each in section.paragraphs]
        blocks += [self._table(one) for one in section.tables]
        blocks += [self._chart(one) for one in section.charts]
        return {"title": section.title.text(self.language), "blocks": blocks}

    def sentence(self, pieces: Sequence[patterns.Piece]) -> list[Node]:
        """A pattern filled in; spaces stand where Chinese meets digits."""
        found: list[Node] = []
        for piece in pieces:
            told = [{"t": piece}] if isinstance(piece, str) else [{"t": self._word(piece.name)}] if isinstance(piece, patterns.Word) else self._asked(piece)
            for each in told:
                found.append({**each, "t": _joined(found[-1]["t"], each["t"])} if found and self.language == "zh" else each)
        return found

    def _word(self, name: str) -> str:
        number = int(self.month[5:])
        return {"county": self._county, "year": lambda: self.month[:4], "month": lambda: self.say(str(number), _MONTHS[number])}[name]()

    def _county(self) -> str:
        """The county's name; in English as the catalogue has it."""
        with translation.override("en" if self.language == "en" else "zh-hans"):
            return gettext(rankings.own_name())

    def _asked(self, ask: Ask) -> list[Node]:
        if not ask.by:
            return [self.figure(ask)]
        parts = [(group, self.cell(ask.code, ask.by, group)) for group in self.figures.groups(ask.code, ask.by) if group]
        told = sorted([(group, cell) for group, cell in parts if cell and cell.num is not None], key=lambda pair: -self._value(pair[1]))
        found: list[Node] = []
        for group, _cell in told:
            name, said = snapshots.group_label(ask.by, group, self.language), self.figure(Ask(ask.code, ask.form, ask.by, group), bare=True)
            between = patterns.listed(["", ""], self.language) if found else ""
            found += [{"t": f"{between}{beside(name, said['t']).removesuffix(said['t']) if self.language == 'zh' else f'{name} '}"}, said]
        if len(parts) > len(told):
            left = len(parts) - len(told)
            found.append({"t": self.say(f"（另有 {left} 组没有数据或不足 3 户，不列）", f" ({left} more without data or of fewer than 3 firms)")})
        return found or [{"t": self.say("没有数据", "no data")}]

    def figure(self, ask: Ask, *, bare: bool = False) -> Node:
        """One figure as it is asked for, with what a reader must know of it; ``bare``: the sentence has said against what."""
        cell = self.cell(ask.code, ask.dim, ask.group)
        text = self._compared(ask, cell, bare) if ask.form in (YOY, MOM) else self._told(ask, cell, bare)
        return self._node(ask.code, cell, ask.dim, ask.group, text)

    def _node(self, code: str, cell: Cell | None, dim: str, group: str, text: str) -> Node:
        period = cell.period if cell else self.period(code)
        return {"t": text, "code": code, "period": period, "dim": dim, "group": group, "state": cell.state if cell else tables.UNKNOWN, "n": self._number(code, cell)}

    def _told(self, ask: Ask, cell: Cell | None, bare: bool) -> str:
        lacks = self._lacks(ask.code, cell, ask.dim)
        if cell is None or cell.num is None:
            return lacks
        one, value = version_of(self.figures, cell), self._value(cell)
        text = patterns.moved(value, one.change, points=False, language=self.language, bare=bare) if ask.form == GREW else wording.amount(one, value, self.language)
        return text + self._bracketed(lacks)

    def _compared(self, ask: Ask, cell: Cell | None, bare: bool) -> str:
        """This period against the one before, with the sign in words; another definition is not joined with it."""
        then = self.earlier(ask, cell)
        lacks = self._lacks(ask.code, cell, ask.dim) or self._lacks(ask.code, then, ask.dim)
        name = patterns.AGAINST[ask.form].zh
        if cell is None or then is None or cell.num is None or then.num is None:
            return self.say(f"{name}没有可比的数", "with nothing to compare")
        if cell.version != then.version:
            return self.say(f"口径已改，{name}不可比", "by another definition than before, not compared")
        rate = version_of(self.figures, cell).unit == "%"
        by = patterns.changed(self._value(cell), self._value(then), rate=rate)
        if by is None:
            return self.say(f"{name}基数不大于零，不可比", "from nothing before, not compared")
        return patterns.moved(by, ask.form, points=rate, language=self.language, bare=bare) + self._bracketed(lacks)

    def earlier(self, ask: Ask, cell: Cell | None) -> Cell | None:
        """The cell a comparison is held against."""
        return self.figures.cell(ask.code, spans.before(cell.span, cell.period, ask.form), ask.dim, ask.group) if cell else None

    def _bracketed(self, lacks: str) -> str:
        return self.say(f"（{lacks}）", f" ({lacks})") if lacks else ""

    # ── cells ────────────────────────────────────────────────────────────────
    def period(self, code: str) -> str:
        """The period of an indicator that ends with the month, or last ended before it."""
        return wording.period_of(compute.span_of(self.figures.book, self.figures.book.newest(code)), self.month)

    def cell(self, code: str, dim: str = "", group: str = "") -> Cell | None:
        """The cell of the month."""
        return self.figures.cell(code, self.period(code), dim, group)

    def _value(self, cell: Cell) -> Decimal:
        found = cell.value(version_of(self.figures, cell))
        assert found is not None
        return found

    def _lacks(self, code: str, cell: Cell | None, dim: str) -> str:
        """What keeps a figure from being whole, noted for the gate: parts nobody told of are no lack of the whole."""
        one = version_of(self.figures, cell) if cell else self.figures.book.newest(code)
        said, state, period = wording.lacking(one, cell, self.language), cell.state if cell else tables.UNKNOWN, cell.period if cell else self.period(code)
        if state in (tables.PARTIAL, tables.RUNNING) or (state == tables.UNKNOWN and not dim):
            name = f"{one.title.text(self.language)}{self.say('，', ', ')}{wording.period(compute.span_of(self.figures.book, one), period, self.language)}{self.say('：', ': ')}"
            self.partial.setdefault((code, period), {"text": name + (self.say("分组里", "of a part, ") if dim else "") + said, "code": code, "period": period})
        return said

    def _number(self, code: str, cell: Cell | None) -> int:
        version = cell.version if cell else self.figures.book.newest(code).version
        return self.notes.setdefault((code, version), len(self.notes) + 1)

    def _note(self, code: str, version: int) -> str:
        one = next((each for each in self.figures.book.versions[code] if each.version == version), self.figures.book.newest(code))
        made = snapshot_of(self.figures.run)
        words = [one.title.text(self.language), one.definition.text(self.language), one.source.text(self.language), one.owner.text(self.language)]
        return self.say("{0}（{code} 第 {v} 版）：{1}。来源：{2}，{3}。快照 {id}，数据截至 {as_of}，数据入库到 {known_at}。",
                        "{0} ({code}, version {v}): {1}. Source: {2}, {3}. Snapshot {id}, data as of {as_of}, known at {known_at}.").format(
                            *words, code=code, v=version, id=made["id"][:_SHORT], as_of=made["as_of"], known_at=made["known_at"])

    # ── tables ───────────────────────────────────────────────────────────────
    def _table(self, sheet: Sheet) -> Node:
        rows = self._by_part(sheet) if sheet.by else [self._against(code) for code in sheet.codes]
        heads = [self.say("分组", "Part"), *(self._head(code) for code in sheet.codes)] if sheet.by else [self.say("指标", "Figure"), self.say("期间", "Period"), self.say("本期", "This period"), self.say("上年同期", "A year before"), self.say("增减", "Change")]
        return {"kind": "table", "title": sheet.title.text(self.language), "heads": heads, "rows": rows}

    def _head(self, code: str) -> str:
        one = self.figures.book.newest(code)
        return f"{one.title.text(self.language)}{self.say('，', ', ')}{wording.period(compute.span_of(self.figures.book, one), self.period(code), self.language)}"

    def _against(self, code: str) -> list[list[Node]]:
        """A row: the indicator, its period, now, a year before, the change."""
        one, cell = self.figures.book.newest(code), self.cell(code)
        span = compute.span_of(self.figures.book, one)
        then = self.earlier(Ask(code, YOY), cell)
        was = {**self._node(code, then, "", "", self._plain(code, then)), "n": self._number(code, cell)} if then else {"t": self._plain(code, then)}
        return [[{"t": one.title.text(self.language)}], [{"t": wording.period(span, self.period(code), self.language)}], [self.figure(Ask(code, VALUE))], [was], [self.figure(Ask(code, YOY), bare=True)]]

    def _plain(self, code: str, cell: Cell | None) -> str:
        if cell is None or cell.num is None:
            return wording.lacking(self.figures.book.newest(code), cell, self.language)
        return wording.amount(version_of(self.figures, cell), self._value(cell), self.language) + self._bracketed(self._lacks(code, cell, ""))

    def _by_part(self, sheet: Sheet) -> list[list[list[Node]]]:
        first = sheet.codes[0]
        groups = list(dict.fromkeys(group for code in sheet.codes for group in self.figures.groups(code, sheet.by)))
        order = {group: self._value(cell) if (cell := self.cell(first, sheet.by, group)) and cell.num is not None else Decimal("-Infinity") for group in groups}
        rows = [[[{"t": snapshots.group_label(sheet.by, group, self.language) or self.say("没有填", "Not told")}], *([self.figure(Ask(code, VALUE, sheet.by, group))] for code in sheet.codes)]
                for group in sorted(groups, key=lambda group: (group == "", -order[group], group))]
        return [*rows, [[{"t": self.say("全县", "County")}], *([self.figure(Ask(code, VALUE))] for code in sheet.codes)]]

    # ── charts ───────────────────────────────────────────────────────────────
    def _chart(self, drawing: Drawing) -> Node:
        ask = [(code, "", "") for code in drawing.codes] if not drawing.by else [(drawing.codes[0], drawing.by, group) for group in self._largest(drawing)]
        labels = [cell.period for cell in self.figures.series(drawing.codes[0]) if cell.period <= self.period(drawing.codes[0])][-drawing.months:]
        series, torn = [], []
        for code, dim, group in ask:
            cells = [self.figures.cell(code, label, dim, group) for label in labels]
            torn += [cell for cell in cells if cell is not None and cell.num is not None and self._lacks(code, cell, dim)]
            series += self._lines(code, dim, group, cells)
        one = self.figures.book.newest(drawing.codes[0])
        return {"kind": "chart", "title": drawing.title.text(self.language), "unit": wording.unit(one.unit, self.language), "labels": labels, "series": series, "note": self._of_chart(drawing, torn),
                "ns": sorted({self._number(code, self.figures.cell(code, self.period(code), dim, group)) for code, dim, group in ask})}

    def _largest(self, drawing: Drawing) -> list[str]:
        code = drawing.codes[0]
        told = [(group, cell) for group in self.figures.groups(code, drawing.by) if group and (cell := self.cell(code, drawing.by, group)) and cell.num is not None]
        return [group for group, _cell in sorted(told, key=lambda pair: (-self._value(pair[1]), pair[0]))[:LINES]]

    def _lines(self, code: str, dim: str, group: str, cells: Sequence[Cell | None]) -> list[Node]:
        """A line; another definition begins another one."""
        known = sorted({cell.version for cell in cells if cell})
        name = snapshots.group_label(dim, group, self.language) if dim else self.figures.book.newest(code).title.text(self.language)
        return [{"name": name if len(known) == 1 else f"{name} {self.say(f'第 {version} 版口径', f'definition {version}')}",
                 "points": [str(self._value(cell)) if cell and cell.num is not None and cell.version == version else None for cell in cells]} for version in known]

    def _of_chart(self, drawing: Drawing, torn: Sequence[Cell]) -> str:
        said = [self.say(f"只画最大的 {LINES} 组", f"the {LINES} largest parts")] if drawing.by else []
        if torn:
            periods = patterns.listed(sorted({cell.period for cell in torn}), self.language)
            said.append(self.say(f"数据不全或期间未完：{periods}", f"incomplete or still running: {periods}"))
        return self.say("；", "; ").join(said)


def _joined(before: str, text: str) -> str:
    """A piece as it follows another: with a space where Chinese meets digits."""
    return text if not before or not text or before.endswith(" ") or text.startswith(" ") else beside(before, text).removeprefix(before)


def figures_of(document: Node) -> list[Node]:
    """Every figure of a document in one language, in order."""
    said: list[Node] = []
    for section in document["sections"]:
        for block in section["blocks"]:
            said += block["pieces"] if block["kind"] == "text" else [piece for row in block.get("rows", ()) for cell in row for piece in cell]
    return [piece for piece in said if "code" in piece]


# ── what differs from the last briefing ──────────────────────────────────────
def against(before: Figures, told: Sequence[Node]) -> Changes:
    """What an earlier briefing told that is told otherwise now: each figure, what it was, what it is, and whether its definition changed or its data."""

    def changed(composer: Composer) -> list[list[Node]]:
        found = []
        for code, period, dim, group in dict.fromkeys((each["code"], each["period"], each["dim"], each["group"]) for each in told if each["state"] != tables.UNKNOWN):
            was, now = before.cell(code, period, dim, group), composer.figures.cell(code, period, dim, group) if code in composer.figures.book.versions else None
            if was is not None and (now is None or (was.version, was.num, was.den, was.state) != (now.version, now.num, now.den, now.state) or definition(before, was) != definition(composer.figures, now)):
                found.append(_changed(composer, before, was, now))
        return found

    return changed


def definition(figures: Figures, cell: Cell) -> tuple[Any, ...]:
    """The digests of the definition a cell was made by, and of those it divides, as its snapshot keeps them."""
    kept: dict[str, str] = figures.run.inputs["indicators"]
    one = version_of(figures, cell)
    parts = (one.of.top, one.of.bottom) if isinstance(one.of, Over) else ()
    return (cell.version, kept.get(f"{cell.code}@{cell.version}"), *(sorted((name, value) for name, value in kept.items() if name.rpartition("@")[0] in parts)))


def _changed(composer: Composer, before: Figures, was: Cell, now: Cell | None) -> list[Node]:
    say, one = composer.say, version_of(composer.figures, now or was)
    where = wording.period(was.span, was.period, composer.language) + (f" {snapshots.group_label(was.dim, was.group, composer.language)}" if was.dim else "")
    old = {"t": _amount(composer, before, was, wording.lacking(version_of(before, was), was, composer.language))}
    new = composer._node(was.code, now, was.dim, was.group, _amount(composer, composer.figures, now, composer._lacks(was.code, now, was.dim)))  # held by the gate as every figure is
    why = _why(composer, before, was, now)
    return [{"t": say(f"{one.title.zh}（{where}）：上次简报为 ", f"{one.title.en} ({where}): ")}, old, {"t": say("，现为 ", " in the last briefing, now ")}, new, {"t": say(f"。{why}。", f". {why}."), "changed": was.code, "from": before.run.run_id, "of": {"period": was.period, "dim": was.dim, "group": was.group}}]


def _amount(composer: Composer, figures: Figures, cell: Cell | None, lacks: str) -> str:
    """A figure and what it lacks; only that where it is not told."""
    found = cell.value(version_of(figures, cell)) if cell else None
    return lacks if cell is None or found is None else wording.amount(version_of(figures, cell), found, composer.language) + composer._bracketed(lacks)


def _why(composer: Composer, before: Figures, was: Cell, now: Cell | None) -> str:
    """Another definition, a late delivery, or a correction."""
    if now is not None and definition(before, was) != definition(composer.figures, now):
        one = version_of(composer.figures, now)
        told: Message | None = one.why if now.version != was.version else None
        return composer.say("口径变更", "A change of definition") + (composer.say("：", ": ") + told.text(composer.language) if told else "")
    if now is not None and tables.FEW in (now.state, was.state):
        return composer.say("不足 3 户，不说明", "fewer than 3 firms, not explained")
    if now is not None and (now.told, now.expected) != (was.told, was.expected):
        return composer.say(f"补报或名录变动：原来 {was.expected:,} 条里有 {was.told:,} 条，现在 {now.expected:,} 条里有 {now.told:,} 条", f"Late delivery or a change of the register: {was.told:,} of {was.expected:,} then, {now.told:,} of {now.expected:,} now")
    return composer.say("数据更正，口径没有变", "A correction of the data; the definition is the same")
