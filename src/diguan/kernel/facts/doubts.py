"""What looks wrong in a delivery though every cell is in order: it is not written until its bringer says why it is right.

Another unit than before, a column that has been renamed, an original that arrives after its correction, a part that is
said to be the whole.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diguan.kernel.catalogue import Catalogue
from diguan.kernel.facts import batches, duck
from diguan.kernel.facts.models import Batch, Coverage
from diguan.kernel.messages import Message, nearest
from diguan.kernel.sheets import header

if TYPE_CHECKING:
    from diguan.kernel.sheets.check import Checked

FACTOR = 50
"""A figure so many times what it was, or so small a part, speaks in another unit, if many in its column do."""
MANY = 0.3
TENS = ((7, 14), (70, 140), (700, 1400), (7_000, 14_000))
"""Nearly all figures of a column apart by one such factor: ten is 千元 under a heading that says 万元."""
NEARLY_ALL = 0.8
LEAST = 5
"""Fewer enterprises than this say nothing of a column."""
LOOKED_AT = 3
MANY_ROWS = 20
"""Fewer rows a period say nothing of who is missing: what is rare, a punishment say, happens twice in one quarter and seven times in the next."""
CORRECTS = "corrects"
"""The word under which a batch's counts remember that its file called itself a correction."""
CORRECTION = re.compile("更正|修正|订正|修订|改正")
_ASIDE = frozenset({"序号", "编号", "行号", "备注", "说明"})
"""Headings of columns that never held a figure."""
_TIMES = """
WITH before AS (SELECT fact, subject_id, median(abs(num)) AS size FROM said WHERE state = 'value' AND num <> 0 GROUP BY fact, subject_id)
SELECT fact, list(abs(sent.num) / size) FROM sent JOIN before USING (fact, subject_id) WHERE sent.num <> 0 GROUP BY fact, period ORDER BY fact, period
"""


def of(source: str, sheet: str, name: str, checked: Checked, catalogue: Catalogue) -> list[Message]:
    """Every doubt about a delivery that has no error in a cell.

    Args:
        source: who sends it.
        sheet: which sheet it is.
        name: the file's name.
        checked: what was read of it.
        catalogue: what the facts are called.
    """
    sent = [row for row in batches.visible_batches() if (row.source, row.sheet) == (source, sheet)]
    if not sent:
        return []
    large = [row for row in sent if 2 * row.rows >= checked.rows] or sent  # corrections of a few firms say nothing of a column
    with duck.connect() as db:
        duck.load(db, large[-LOOKED_AT:])
        db.register("sent", checked.facts)
        times = db.execute(_TIMES).fetchall()
        before = [fact for fact, in db.execute("SELECT DISTINCT fact FROM said WHERE state = 'value' AND num <> 0 ORDER BY fact").fetchall()]
    return [*_units(times, catalogue), *_renamed(before, checked, catalogue), *_too_late(sent, name, checked)]


def _units(times: Iterable[tuple[str, Sequence[float]]], catalogue: Catalogue) -> list[Message]:
    """Columns many of whose figures in one period are many times what is typical of their enterprises; each column once."""
    found: dict[str, Message] = {}
    for fact, ratios in times:
        odd = _odd(ratios)
        if odd and fact in catalogue and fact not in found:
            found[fact] = _unit(catalogue[fact].label(), catalogue[fact].label("en"), statistics.median(odd), len(odd))
    return list(found.values())


def _odd(ratios: Sequence[float]) -> list[float]:
    """The figures that speak in another unit, one way or the other; none where they are few."""
    for turned in (ratios, [1 / ratio for ratio in ratios]):
        far = [ratio for ratio in turned if ratio >= FACTOR]
        if len(far) >= max(LEAST, MANY * len(turned)):
            return far if turned is ratios else [1 / ratio for ratio in far]
        for least, most in TENS:
            near = [ratio for ratio in turned if least <= ratio <= most]
            if len(near) >= max(LEAST, NEARLY_ALL * len(turned)):
                return near if turned is ratios else [1 / ratio for ratio in near]
    return []


def _unit(zh: str, en: str, typical: float, count: int) -> Message:
    size = f"{round(typical if typical >= 1 else 1 / typical):,}"
    much = Message(f"普遍是以前的 {size} 倍", f"typically {size} times") if typical >= 1 else Message(f"普遍只有以前的 1/{size}", f"typically 1/{size} of")
    return Message(f"“{zh}”这一列的数{much.zh}（{count} 家如此）：单位是不是换了，比如万元和元？",
                   f"the figures of “{en}” are {much.en} what they were ({count} enterprises): has the unit changed, say from ten thousand yuan to yuan?")


def _renamed(before: Iterable[str], checked: Checked, catalogue: Catalogue) -> list[Message]:
    """Columns that were there and are not, beside headings the sheet does not know."""
    strange = [words for words in header.unmatched(checked.read.header) if words not in _ASIDE]
    here = {found.column.fact for found in checked.read.header.found.values()}
    lost = [catalogue[fact] for fact in before if fact in catalogue and fact not in here]
    if not strange or not lost:
        return []
    near = {spec.name: nearest(spec.label(), strange, 0.3) for spec in lost}
    zh = "、".join(spec.label() + (f"（最接近的是“{near[spec.name]}”）" if near[spec.name] else "") for spec in lost)
    en = ", ".join(spec.label("en") + (f" (nearest: “{near[spec.name]}”)" if near[spec.name] else "") for spec in lost)
    return [Message(f"以前有的列这次没有：{zh}；没认出来的表头有“{'”“'.join(strange)}”，它们不会入库", f"columns that used to be there are not: {en}; unknown headings, which are not read: {', '.join(strange)}")]


def _too_late(sent: Sequence[Batch], name: str, checked: Checked) -> list[Message]:
    """An original brought in after its correction: it would put back what was corrected."""
    if corrects(name, checked):
        return []
    corrected = [row for row in sent if (row.changes.get(CORRECTS) or CORRECTION.search(row.file_name))
                 and any(batches.speaks_of(row, period) for period in checked.periods)]
    return [Message(f"第 {row.pk} 号批次（{row.file_name}）是这一期的更正，这份没有写“更正”，像是原来那份：入库会盖掉更正过的数",
                    f"batch {row.pk} ({row.file_name}) corrects this very period and this file is not called a correction: it would put the corrected figures back")
            for row in corrected[-1:]]


def part_for_whole(source: str, sheet: str, rows: int, covered: Iterable[tuple[str, str]]) -> Message | None:
    """A delivery said to be complete that names less than half as many as the last complete ones: of all the others it would say that there is none.

    Args:
        source: who sends it.
        sheet: which sheet it is.
        rows: how many rows it has.
        covered: the facts and periods it is said to be complete for.
    """
    spoken_of = {period for _fact, period in covered}
    if not spoken_of:
        return None
    sent = [row for row in batches.visible_batches() if (row.source, row.sheet) == (source, sheet)]
    told = Counter(number for number, _period in Coverage.objects.filter(batch__source=source, batch__sheet=sheet).order_by("batch").values_list("batch", "period").distinct())
    whole = [(row.rows / told[row.pk], row) for row in sent if told[row.pk]][-LOOKED_AT:]
    usual, row = max(whole, key=lambda one: one[0], default=(0, None))
    here = rows / len(spoken_of)
    if row is None or usual < MANY_ROWS or 2 * here >= usual:
        return None
    return Message(f"说是齐全的，每期却只有 {here:,.0f} 行，而第 {row.pk} 号批次每期有 {usual:,.0f} 行：没写到的企业都会记成“无”。只是一部分的话，请按不齐全核对",
                   f"said to be complete, but it has {here:,.0f} rows a period where batch {row.pk} has {usual:,.0f}: of every enterprise it does not name it would say that there is none. Check it as a part if it is one")


def corrects(name: str, checked: Checked) -> bool:
    """Whether a file calls itself a correction, by its name or in a title."""
    return bool(CORRECTION.search(name)) or any(CORRECTION.search(str(value)) for _row, _column, value in header.titles(checked.read.header))
