"""Where a firm is and what it does, as codes: regions (GB/T 2260) and industries (GB/T 4754-2017).

Parents follow from the prefix of a code alone. Public tables hold nesting errors (3240 under 323) and
padded spellings (C4030), so no table's own parent column is believed. Pure: no table is read here.

The first six digits after the type of a credit code name the *registration* authority and stay when a
firm moves. Nothing here derives a place from a credit code, and nothing elsewhere may.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from diguan.kernel.messages import Message

_REGION = re.compile(r"[1-9]\d{5}")
_INDUSTRY = re.compile(r"[A-T]|\d{2,4}")
# First and last division of each section of GB/T 4754-2017, and the section's name.
SECTIONS: dict[str, tuple[int, int, str, str]] = {
    "A": (1, 5, "农、林、牧、渔业", "Agriculture, forestry, animal husbandry and fishery"),
    "B": (6, 12, "采矿业", "Mining"),
    "C": (13, 43, "制造业", "Manufacturing"),
    "D": (44, 46, "电力、热力、燃气及水生产和供应业", "Electricity, heat, gas and water"),
    "E": (47, 50, "建筑业", "Construction"),
    "F": (51, 52, "批发和零售业", "Wholesale and retail"),
    "G": (53, 60, "交通运输、仓储和邮政业", "Transport, storage and post"),
    "H": (61, 62, "住宿和餐饮业", "Accommodation and catering"),
    "I": (63, 65, "信息传输、软件和信息技术服务业", "Information and software"),
    "J": (66, 69, "金融业", "Finance"),
    "K": (70, 70, "房地产业", "Real estate"),
    "L": (71, 72, "租赁和商务服务业", "Leasing and business services"),
    "M": (73, 75, "科学研究和技术服务业", "Research and technical services"),
    "N": (76, 79, "水利、环境和公共设施管理业", "Water, environment and public facilities"),
    "O": (80, 82, "居民服务、修理和其他服务业", "Household and repair services"),
    "P": (83, 83, "教育", "Education"),
    "Q": (84, 85, "卫生和社会工作", "Health and social work"),
    "R": (86, 90, "文化、体育和娱乐业", "Culture, sport and entertainment"),
    "S": (91, 96, "公共管理、社会保障和社会组织", "Public administration and social organisations"),
    "T": (97, 97, "国际组织", "International organisations"),
}


def region_well_formed(code: str) -> bool:
    """Whether the text has the shape of a region code.

    >>> region_well_formed("430421"), region_well_formed("4304"), region_well_formed("衡阳县")
    (True, False, False)
    """
    return _REGION.fullmatch(code) is not None


def region_parents(code: str) -> tuple[str, ...]:
    """The province and the prefecture of a region, largest first, without the code itself.

    >>> region_parents("430421"), region_parents("430400"), region_parents("430000")
    (('430000', '430400'), ('430000',), ())
    """
    above = (code[:2] + "0000", code[:4] + "00")
    return tuple(dict.fromkeys(parent for parent in above if parent != code))


def section_of(code: str) -> str | None:
    """The section letter of an industry code; None where no section holds its division.

    >>> section_of("4030"), section_of("C"), section_of("9999")
    ('C', 'C', None)
    """
    if code in SECTIONS:
        return code
    division = int(code[:2])
    return next((letter for letter, (first, last, _, _) in SECTIONS.items() if first <= division <= last), None)


def normal_industry(text: str) -> str:
    """An industry code as we keep it: half-width, without a padded section letter.

    The letter is taken off only when it is the right one; ``D4030`` stays and is refused.

    >>> normal_industry("Ｃ４０３０"), normal_industry("4030 "), normal_industry("D4030")
    ('4030', '4030', 'D4030')
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    padded = re.fullmatch(r"([A-T])(\d{2,4})", code)
    return padded.group(2) if padded and section_of(padded.group(2)) == padded.group(1) else code


def industry_well_formed(code: str) -> bool:
    """Whether a normal code could be one of GB/T 4754-2017: section, division, group or class.

    >>> industry_well_formed("4030"), industry_well_formed("C"), industry_well_formed("0030"), industry_well_formed("40301")
    (True, True, False, False)
    """
    return _INDUSTRY.fullmatch(code) is not None and section_of(code) is not None


def industry_parents(code: str) -> tuple[str, ...]:
    """Section, division and group above a code, largest first, from its prefix alone.

    >>> industry_parents("4030"), industry_parents("40"), industry_parents("C")
    (('C', '40', '403'), ('C',), ())
    """
    if len(code) < 2:
        return ()
    return (section_of(code) or "", *(code[:length] for length in (2, 3) if length < len(code)))


@dataclass(frozen=True)
class Nesting:
    """A row of a code table that cannot be used (``left_out``) or hangs in the wrong place; ``line`` counts from 1."""

    line: int
    code: str
    message: Message
    left_out: bool = False


def check_industries(rows: Iterable[tuple[int, str, str, str]]) -> tuple[dict[str, str], list[Nesting]]:
    """Read a table of the standard: what is usable, and what is wrong with the rest.

    Args:
        rows: (line, code, name, the parent the table itself gives or "").

    Returns:
        Names by normal code in the table's order, and the rows to look at. A row whose *own* parent
        differs from its prefix is kept under the prefix and reported; one without code or name, of no
        known section, given twice under two names, or whose parent is nowhere in the table is reported;
        only the first three are left out.
    """
    found: dict[str, str] = {}
    odd: list[Nesting] = []
    at: dict[str, int] = {}
    for line, raw, name, claimed in rows:
        code = normal_industry(raw)
        problem = _row_problem(code, name.strip(), found)
        if problem is not None:
            odd.append(Nesting(line, code, problem, left_out=True))
            continue
        found[code], at[code] = name.strip(), line
        parents = industry_parents(code)
        if claimed and parents and normal_industry(claimed) != parents[-1]:
            odd.append(Nesting(line, code, Message(
                f"表中上级写作 {claimed}，按代码前缀应为 {parents[-1]}，已按前缀归位",
                f"the table says parent {claimed}, the prefix says {parents[-1]}; the prefix is kept")))
    for code, line in at.items():
        lost = [parent for parent in industry_parents(code) if parent not in found and parent not in SECTIONS]
        if lost:
            odd.append(Nesting(line, code, Message(f"表中没有上级 {lost[-1]}", f"its parent {lost[-1]} is not in the table")))
    return found, sorted(odd, key=lambda row: row.line)


def _row_problem(code: str, name: str, found: dict[str, str]) -> Message | None:
    if not code or not name:
        return Message("缺代码或名称", "code or name is missing")
    if not industry_well_formed(code):
        return Message(f"{code} 不是国民经济行业代码", f"{code} is no GB/T 4754-2017 code")
    if found.get(code, name) != name:
        return Message(f"{code} 出现两次，名称不同：{found[code]}、{name}", f"{code} comes twice under two names")
    return None
