"""A briefing as PDF, by Typst: no system library is needed, only a Chinese font on the machine. The same briefing gives the same bytes."""

from __future__ import annotations

import functools
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from diguan.indicators.models import Briefing
from diguan.indicators.web import drawn
from diguan.kernel import clocks

LAYOUT = Path(__file__).resolve().parent.parent / "templates" / "indicators" / "briefing.typ"
SERIF = ("FangSong", "STFangsong", "FangSong_GB2312", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "WenQuanYi Zen Hei")
PPI = 192.0


class NoFont(RuntimeError):
    """There is no Chinese font on this machine, so a PDF would be empty boxes."""


@functools.cache
def fonts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the letters we would set in (serif, sans) those on this machine; looked up once."""
    known = set(import_module("typst").Fonts().families())
    return tuple(name for name in SERIF if name in known), tuple(name for name in SANS if name in known)


def ready() -> bool:
    """Whether a PDF, and charts as pictures, can be made here."""
    serif, sans = fonts()
    return bool(serif or sans)


def _families() -> tuple[list[str], list[str]]:
    serif, sans = fonts()
    if not (serif or sans):
        raise NoFont
    return list(serif or sans), list(sans or serif)


def picture(block: dict[str, Any], language: str) -> bytes:
    """A chart as PNG, for Word.

    Raises:
        NoFont: there is no Chinese font here.
    """
    _serif, sans = _families()
    page = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg", width: 470pt)'
    made: bytes = import_module("typst").compile(page, sys_inputs={"svg": drawn.svg(block, language, sans[0])}, format="png", ppi=PPI)
    return made


def pdf(row: Briefing, language: str, words: dict[str, Any]) -> bytes:
    """The document of a briefing as PDF.

    Args:
        row: the briefing.
        language: ``zh`` or ``en``.
        words: heads and lines around the document (``briefing_words.around``).

    Raises:
        NoFont: there is no Chinese font here.
    """
    return rendered(row, language, words, "pdf")


def pages(row: Briefing, language: str, words: dict[str, Any], ppi: float = 96.0) -> list[bytes]:
    """The pages of the same as pictures (PNG), to be looked at.

    Raises:
        NoFont: there is no Chinese font here.
    """
    made = rendered(row, language, words, "png", ppi)
    return made if isinstance(made, list) else [made]


def rendered(row: Briefing, language: str, words: dict[str, Any], form: str, ppi: float = 96.0) -> Any:
    """The document set in type."""
    serif, sans = _families()
    document = row.document(language)
    known = row.snapshot.known_at.astimezone(clocks.COUNTY_TIME)
    data = {**document, **words, "language": language, "serif": serif, "sans": sans, "date": [known.year, known.month, known.day], "sections": [_drawn(section, language, sans[0]) for section in document["sections"]]}
    more = {"ppi": ppi} if form == "png" else {}
    return import_module("typst").compile(LAYOUT.read_bytes(), sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, format=form, **more)


def _drawn(section: dict[str, Any], language: str, font: str) -> dict[str, Any]:
    return {**section, "blocks": [{**block, "svg": drawn.svg(block, language, font), "unit": drawn.lines(block, language).unit} if block["kind"] == "chart" else block for block in section["blocks"]]}
