"""A briefing as a Word file. A county's own ``briefing.docx`` gives paper, heads and styles; the text is put where ``{{briefing}}`` stands, else at its end.

The same briefing gives the same bytes: the archive is written anew with one date. Charts are pictures (PNG) where a Chinese font is there, else tables.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from diguan.indicators.models import Briefing
from diguan.indicators.queries.briefing_template import word_file
from diguan.indicators.web import briefing_pdf, drawn

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARK = "{{briefing}}"
_STAMP = (1980, 1, 1, 0, 0, 0)
_BODY, _HEAD = "仿宋", "黑体"


def docx(row: Briefing, language: str, words: dict[str, Any]) -> bytes:
    """The document of a briefing for Word; ``words`` as for the PDF."""
    document, own = row.document(language), word_file()
    word = _Word(own, language)
    mark = word.fill({"{{title}}": document["title"], "{{month}}": row.month, "{{edition}}": str(row.edition), "{{snapshot}}": document["snapshot"]["id"][:12]})
    first = len(word.body)
    word.title(document["title"], words)
    for box in words["boxes"]:
        word.paragraph([{"t": box["title"]}], bold=True)
        for line in box["lines"]:
            word.paragraph([{"t": line}])
    for section in document["sections"]:
        word.section(section, words)
    if document["changes"]:
        word.heading(words["changes_title"])
        for change in document["changes"]:
            word.paragraph(change)
    for line in words["signed"]:
        word.paragraph([{"t": line}], indent=False)
    word.heading(words["notes_title"])
    for note in document["notes"]:
        word.paragraph([{"t": f"[{note['n']}] {note['text']}"}], indent=False, size=9)
    word.move(first, mark)
    return word.saved(document["title"], row.snapshot.known_at)


class _Word:
    """A Word document being written."""

    def __init__(self, own: Path | None, language: str) -> None:
        self.module = import_module("docx")
        self.shared, self.oxml, self.qn = import_module("docx.shared"), import_module("docx.oxml"), import_module("docx.oxml.ns").qn
        self.book = self.module.Document(str(own) if own else None)
        self.language, self.own = language, own is not None
        if not self.own:
            self._dress()

    @property
    def body(self) -> Any:
        """The elements of the text, its section's settings the last."""
        return self.book.element.body

    def _dress(self) -> None:
        """Paper, margins and letters of our own: A4, the fonts named as official documents have them, none of them shipped."""
        section = self.book.sections[0]
        section.page_width, section.page_height = self.shared.Cm(21), self.shared.Cm(29.7)
        section.left_margin = section.right_margin = self.shared.Cm(2.6)
        section.top_margin, section.bottom_margin = self.shared.Cm(2.6), self.shared.Cm(2.4)
        for name, font, size in (("Normal", _BODY, 12), ("Title", _HEAD, 20), ("Heading 1", _HEAD, 14)):
            style = self.book.styles[name]
            style.font.name, style.font.size, style.font.color.rgb = "Times New Roman", self.shared.Pt(size), self.shared.RGBColor(0, 0, 0)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(self.qn(key), None)
            fonts.set(self.qn("w:eastAsia"), font)
        for border in list(self.book.styles["Title"].element.iter(self.qn("w:pBdr"))):
            border.getparent().remove(border)
        for grid in list(section._sectPr.iter(self.qn("w:docGrid"))):
            section._sectPr.remove(grid)

    def style(self, name: str) -> str | None:
        """A style the document has, None where it lacks it."""
        return name if name in {style.name for style in self.book.styles} else None

    # ── a county's own file ──────────────────────────────────────────────────
    def fill(self, values: dict[str, str]) -> Any:
        """Put words where they are asked for, in text, heads and feet; answers the paragraph that is to give way, None where none is."""
        found = None
        for paragraph in self._paragraphs():
            if paragraph.text.strip() == MARK:
                found = paragraph
            elif any(key in paragraph.text for key in values):
                text = paragraph.text
                for key, value in values.items():
                    text = text.replace(key, value)
                for run in paragraph.runs[1:]:
                    run.text = ""
                paragraph.runs[0].text = text
        return found

    def _paragraphs(self) -> list[Any]:
        around = [part for section in self.book.sections for part in (section.header, section.footer)] if self.own else []
        return [*self.book.paragraphs, *(paragraph for part in around for paragraph in part.paragraphs)]

    def move(self, first: int, mark: Any) -> None:
        """Bring what was written since ``first`` to where it was asked for."""
        if mark is None:
            return
        for element in list(self.body)[first - 1:-1]:
            mark._p.addprevious(element)
        self.body.remove(mark._p)

    # ── text ─────────────────────────────────────────────────────────────────
    def title(self, text: str, words: dict[str, Any]) -> None:
        """The title, the mark of a draft, and the line of the snapshot."""
        if words["mark"]:
            self.paragraph([{"t": words["mark"]}], bold=True, indent=False)
        head = self.book.add_paragraph(text, style=self.style("Title"))
        head.alignment = 1
        under = self.paragraph([{"t": words["under"]}], indent=False, size=9)
        under.alignment = 1
        if not self.own:
            self._foot(words["foot"])

    def _foot(self, text: str) -> None:
        """Snapshot and page number at the foot."""
        foot = self.book.sections[0].footer.paragraphs[0]
        foot.style.font.size = self.shared.Pt(8)
        foot.add_run(f"{text}　")
        run = foot.add_run()
        for kind, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
            element = self.oxml.OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(self.qn("w:fldCharType"), kind)
            else:
                element.text = instruction
            run._r.append(element)

    def heading(self, text: str) -> None:
        """A head of a part."""
        self.book.add_paragraph(text, style=self.style("Heading 1"))

    def paragraph(self, pieces: Sequence[dict[str, Any]], *, bold: bool = False, indent: bool = True, size: int = 0) -> Any:
        """A paragraph of pieces, each figure with its note."""
        made = self.book.add_paragraph()
        if indent and self.language == "zh":
            made.paragraph_format.first_line_indent = self.shared.Pt(24)
        self._runs(made, pieces, bold=bold, size=size)
        return made

    def _runs(self, paragraph: Any, pieces: Sequence[dict[str, Any]], *, bold: bool = False, size: int = 0) -> None:
        for piece in pieces:
            run = paragraph.add_run(piece["t"])
            run.bold = bold or None
            if size:
                run.font.size = self.shared.Pt(size)
            if "n" in piece:
                note = paragraph.add_run(f"[{piece['n']}]")
                note.font.superscript = True

    def section(self, section: dict[str, Any], words: dict[str, Any]) -> None:
        """One part: sentences, tables, charts."""
        self.heading(section["title"])
        for block in section["blocks"]:
            if block["kind"] == "text":
                self.paragraph(block["pieces"])
            elif block["kind"] == "table":
                self.paragraph([{"t": block["title"]}], bold=True, indent=False, size=10).paragraph_format.keep_with_next = True
                self.table(block["heads"], block["rows"])
            else:
                self.chart(block, words)

    # ── tables and charts ────────────────────────────────────────────────────
    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Sequence[dict[str, Any]]]]) -> None:
        """A table whose head is repeated on every page and whose rows are not torn."""
        made = self.book.add_table(rows=0, cols=len(heads), style=self.style("Table Grid"))
        for at, cells in enumerate([[[{"t": head}] for head in heads], *rows]):
            row = made.add_row()
            properties = row._tr.get_or_add_trPr()
            for name in ("w:cantSplit", *(("w:tblHeader",) if at == 0 else ())):
                properties.append(self.oxml.OxmlElement(name))
            for column, (cell, pieces) in enumerate(zip(row.cells, cells, strict=True)):
                paragraph = cell.paragraphs[0]
                paragraph.alignment = 2 if column else 0
                paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = self.shared.Pt(2)
                paragraph.paragraph_format.line_spacing = 1.0
                self._runs(paragraph, pieces, bold=at == 0, size=9)
        self.book.add_paragraph()

    def chart(self, block: dict[str, Any], words: dict[str, Any]) -> None:
        """A picture of the chart, described; without a Chinese font its numbers as a table."""
        chart = drawn.lines(block, self.language)
        unit = f"{words['unit']}{chart.unit}" if chart.unit else ""
        dates = f"{block['labels'][0]}–{block['labels'][-1]}" if block["labels"] else ""
        notes = "".join(f"[{number}]" for number in block["ns"])
        self.paragraph([{"t": " ".join(filter(None, (f"{block['title']}　{unit}".strip(), dates, notes)))}], bold=True, indent=False, size=10).paragraph_format.keep_with_next = True
        try:
            picture = briefing_pdf.picture(block, self.language)
        except briefing_pdf.NoFont:
            self.table(["", *(one["name"] for one in block["series"])], [[[{"t": label}], *([{"t": text}] for text, _url in texts)] for label, texts in chart.rows])
        else:
            shape = self.book.add_picture(io.BytesIO(picture), width=self.shared.Cm(15.6))
            shape._inline.docPr.set("descr", block["title"])
        if block["note"]:
            self.paragraph([{"t": block["note"]}], indent=False, size=9)

    def saved(self, title: str, at: dt.datetime) -> bytes:
        """The file, with the dates of the snapshot and none of today."""
        about = self.book.core_properties
        about.title, about.author, about.last_modified_by, about.comments = title, "", "", ""
        about.created = about.modified = at.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
        about.revision = 1
        raw, out = io.BytesIO(), io.BytesIO()
        self.book.save(raw)
        with zipfile.ZipFile(raw) as found, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
            for name in sorted(found.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                written.writestr(zipfile.ZipInfo(name, _STAMP), found.read(name), zipfile.ZIP_DEFLATED)
        return out.getvalue()
