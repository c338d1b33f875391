"""The small parts of a chain file: ids, texts of one line, numbers, lists; each refuses what it cannot take, at its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from diguan.kernel import places
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import nodes
from diguan.kernel.rules.conditions import Reader, Refused

ID = re.compile(r"(?!(?:null|true|false)$)[a-z][a-z0-9_]{1,59}")
HS = re.compile(r"\d{2}(?:\d{2}(?:\.\d{2})?)?")
CODE = re.compile(r"\d{2,4}")
NUMBER = re.compile(r"0(?:\.\d{1,9})?|1(?:\.0{1,9})?")
_NOTHING = ("", "~", "null")
_BAD = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"
ONE_LINE = rf"[^\s=+@\-{_BAD}](?:[^{_BAD}]*[^\s{_BAD}])?"
"""What does not begin as a formula does, for a spreadsheet would take it for one."""
_ONE_LINE = re.compile(ONE_LINE)
_FLAGS = {"true": True, "false": False}


class Codes(Protocol):
    """The codes there are; :class:`diguan.kernel.packs.Codes` is one."""

    @property
    def regions(self) -> Mapping[str, str]: ...
    @property
    def industries(self) -> Mapping[str, str]: ...
    @property
    def retired(self) -> Mapping[str, tuple[str, str]]: ...
    def nearest_industry(self, code: str) -> str | None: ...
    def nearest_region(self, code: str) -> str | None: ...


def told(reader: Reader, keys: Mapping[str, nodes.Node], needed: tuple[str, ...]) -> Mapping[str, nodes.Node]:
    """Without the keys that may be left out and are there to say nothing (null); one that is needed says something."""
    for name in needed:
        if keys[name].text in _NOTHING:
            raise _empty(reader, keys[name])
    return {name: part for name, part in keys.items() if part.text not in _NOTHING}


def _empty(reader: Reader, part: nodes.Node) -> Refused:
    return reader.refuse(part, "这里还空着，要填", "this is still empty and has to be filled in")


def items(reader: Reader, part: nodes.Node) -> tuple[nodes.Node, ...]:
    if part.text in _NOTHING:
        return ()
    if part.items is None:
        raise reader.refuse(part, "这里应是列表", "a list is expected here")
    return part.items


def listed(reader: Reader, keys: Mapping[str, nodes.Node], name: str) -> tuple[nodes.Node, ...]:
    return items(reader, keys[name]) if name in keys else ()


def named(reader: Reader, part: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    if part.text in _NOTHING:
        return
    if part.keys is None:
        raise reader.refuse(part, "这里应是键值", "a mapping is expected here")
    for name, child in part.keys.items():
        checked_id(reader, child, name)
        yield name, child


def identity(reader: Reader, part: nodes.Node) -> str:
    return checked_id(reader, part, reader.text(part))


def checked_id(reader: Reader, part: nodes.Node, text: str) -> str:
    if ID.fullmatch(text) is None:
        raise reader.refuse(part, f"编号以小写字母起头，只用小写字母、数字和下划线，2 到 60 个，现为 {text}", f"an id begins with a letter and is made of 2 to 60 lower-case letters, digits and _: {text}")
    return text


def one_line(reader: Reader, part: nodes.Node) -> str:
    """A text that a cell of a spreadsheet can hold."""
    text = reader.text(part)
    if text in _NOTHING:
        raise _empty(reader, part)
    if _ONE_LINE.fullmatch(text) is None:
        raise reader.refuse(part, "写成一行，前后不留空格，不以 = + - @ 开头", "write it on one line, without blanks around it and not beginning with = + - @")
    return text


def word(reader: Reader, part: nodes.Node) -> str:
    """A text that a cell can hold beside others, with semicolons between."""
    text = one_line(reader, part)
    if ";" in text or "；" in text:
        raise reader.refuse(part, "词里不用分号", "a word holds no semicolon")
    return text


def words(reader: Reader, part: nodes.Node) -> Message:
    keys = reader.keys(part, ("zh", "en"), ("zh", "en"))
    return Message(one_line(reader, keys["zh"]), one_line(reader, keys["en"]))


def flag(reader: Reader, part: nodes.Node) -> bool:
    return _FLAGS[reader.word(part, _FLAGS)]


def share(reader: Reader, part: nodes.Node) -> float:
    return _number(reader, part, "份额", "a share")


def weight(reader: Reader, part: nodes.Node) -> float:
    found = _number(reader, part, "权重", "a weight")
    if found == 0:
        raise reader.refuse(part, "权重要大于 0；不算就不写这个代码", "a weight is above 0; leave the code out if it does not count")
    return found


def _number(reader: Reader, part: nodes.Node, zh: str, en: str) -> float:
    text = reader.text(part)
    if NUMBER.fullmatch(text) is None:
        raise reader.refuse(part, f"{zh}应为 0 到 1 的数，最多九位小数，现为 {text}", f"{en} is a number from 0 to 1 with at most nine decimals, not {text}")
    return float(text)


# ── codes of industries ───────────────────────────────────────────────────
def industry(reader: Reader, part: nodes.Node, code: str, codes: Codes) -> str:
    """A code of GB/T 4754-2017, of two to four digits; anything else is refused with the nearest."""
    if CODE.fullmatch(code) is None or code not in codes.industries:
        raise reader.refuse(part, *_no_code(code, codes))
    return code


def _no_code(code: str, codes: Codes) -> tuple[str, str, str | None]:
    """Why a code is refused: padded, of the 2011 edition, or none at all."""
    if code in codes.retired:
        old, now = codes.retired[code]
        return f"{code}（{old}）是 2011 年版的代码，2017 年版已改", f"{code} ({old}) is a code of the 2011 edition, changed in 2017", now
    plain = places.normal_industry(code)
    if plain != code and plain in codes.industries:
        return f"行业代码不带门类字母和空格：{code}", f"an industry code has no section letter and no blanks: {code}", plain
    near = nearest(plain, [known for known in codes.industries if len(known) == len(plain)]) or codes.nearest_industry(plain)
    if CODE.fullmatch(plain) and places.industry_well_formed(plain):
        return f"行业表里没有 {code}；若确是 GB/T 4754-2017 的代码，请先用 diguan industries 载入全表", f"no code {code} in the table of industries; if GB/T 4754-2017 does have it, load the whole table by diguan industries", near
    return f"{code} 不是 GB/T 4754-2017 的两位到四位代码", f"{code} is no GB/T 4754-2017 code of two to four digits", near
