"""What is wrong with one served page, read as HTML: pure, so that it can be shown planted pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

ADDRESSES = {"src", "href", "action", "formaction", "poster", "data", "srcset", "hx-get", "hx-post"}
NEEDS_LABEL = {"input", "select", "textarea"}
SAYS_NO_DEED = ("提交", "确定", "OK", "Submit")
"""Words no button is made of: it says its deed."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.title = ""
        self.lang = ""
        self.h1 = 0
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, str, bool]] = []
        self.ids: list[str] = []
        self.solid = 0
        self._inside: list[str] = []
        self._bare_tables = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.h1 += tag == "h1"
        if tag == "html":
            self.lang = said.get("lang", "")
        if tag == "style" or (tag == "script" and "src" not in said):
            self.wrong.append(f"<{tag}> inside the page: the policy refuses it")
        for name, value in said.items():
            self._attribute(tag, name, value)
        if "id" in said:
            self.ids.append(said["id"])
        if tag == "label" and "for" in said:
            self.labelled.add(said["for"])
        if tag in NEEDS_LABEL and said.get("type") not in ("hidden", "submit", "button"):
            named = bool(said.get("aria-label") or said.get("aria-labelledby") or "label" in self._inside)
            self.fields.append((tag, said.get("id", said.get("name", "?")), named))
        self._table(tag, said)
        pressed = tag == "button" or "btn" in said.get("class", "").split()
        self.solid += "btn-primary" in said.get("class", "").split()
        if tag in ("label", "title") or pressed:
            self._inside.append(tag if tag in ("label", "title") else f"press {tag}")

    def _table(self, tag: str, said: dict[str, str]) -> None:
        if tag == "th" and said.get("scope") not in ("row", "col", "rowgroup", "colgroup"):
            self.wrong.append("<th> without a scope")
        if tag == "table":
            self._bare_tables += 1
        if tag == "caption":
            self._bare_tables -= 1
        if tag == "tbody" and self._bare_tables:
            self._bare_tables = 0
            self.wrong.append("<table> without a caption")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "style" or name.startswith("on"):
            self.wrong.append(f"<{tag} {name}=…>: the policy refuses it")
        if name in ADDRESSES and (urlsplit(value).netloc or re.match(r"(?i)(javascript|https?):", value)):
            self.wrong.append(f"<{tag} {name}={value}> leads out of the house")

    def handle_endtag(self, tag: str) -> None:
        for name in (tag, f"press {tag}"):
            if name in self._inside:
                self._inside.remove(name)

    def handle_data(self, data: str) -> None:
        if "title" in self._inside and not self.title:
            self.title = data.strip()
        if any(name.startswith("press ") for name in self._inside) and data.strip().startswith(SAYS_NO_DEED):
            self.wrong.append(f"a button says “{data.strip()}”, not its deed")


def fragment_faults(html: str) -> list[str]:
    """What no piece of a page may hold: addresses of other houses, script or style within."""
    reader = _Reader()
    reader.feed(html)
    return reader.wrong


def page_faults(html: str) -> list[str]:
    """:func:`fragment_faults`, and what every whole page must have: title, lang, one h1, at most one solid button, a label for each field."""
    reader = _Reader()
    reader.feed(html)
    wrong = reader.wrong
    if not reader.title.split("·")[0].strip():
        wrong.append("no title")
    if not reader.lang:
        wrong.append("no lang")
    if reader.h1 != 1:
        wrong.append(f"{reader.h1} h1")
    if reader.solid > 1:
        wrong.append(f"{reader.solid} solid buttons: one a page")
    wrong += [f"<{tag} {name}> has no label" for tag, name, named in reader.fields if not named and name not in reader.labelled]
    wrong += sorted({f"id {name} twice" for name in reader.ids if reader.ids.count(name) > 1})
    return wrong
