"""Names of firms: the keys they are found by, and how likely two entries are the same firm. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

# What separates words but is no part of a name: spaces, brackets of every make, dots and dashes.
_NOISE = re.compile(r"[\s()\[\]{}<>〈〉《》「」『』【】〔〕·•・.,，。、;；:：'\"“”‘’`_\-–—/\\|*＊#&+]+")
_FORM = re.compile(
    r"(股份有限责任公司|有限责任公司|股份有限公司|集团有限公司|有限公司|股份公司|合伙企业有限合伙|合伙企业普通合伙|合伙企业"
    r"|个人独资企业|个体工商户|农民专业合作社|专业合作社|分公司|总公司|公司|总厂|工厂|厂|集团|经营部|商行|工作室)$")
_REGION_TAIL = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|省|市|县|区)$")
KEPT = 32_768  # names whose keys are remembered: a file is checked twice before it is written
# Readings a phrase dictionary gets wrong in names: surnames, and places with a reading of their own.
_READINGS = {
    "单县": "sx", "解州": "xz", "乐亭": "lt", "大埔": "db", "六合": "lh", "曾氏": "zs", "曾记": "zj", "解氏": "xs", "单氏": "ss",
    "仇氏": "qs", "查氏": "zs", "盖氏": "gs", "覃氏": "qs", "朝阳": "cy", "朝晖": "zh", "长沙": "cs", "重庆": "cq", "行健": "xj", "行知": "xz",
    "会稽": "kj", "铅山": "ys", "都庞": "dp", "㮾梨": "ll",
}
_SURNAMES = {"曾": "z", "单": "s", "解": "x", "仇": "q", "查": "z", "盖": "g", "覃": "q", "区": "o", "朴": "p", "翟": "z", "尉": "w"}
_PHRASES = re.compile("|".join(sorted(map(re.escape, _READINGS), key=len, reverse=True)))
_GIVEN = re.compile(r"(?<=[省市县])([曾单解仇查盖覃朴翟])(?=[一-鿿])")


def name_key(name: str) -> str:
    """The form in which names are searched and sorted: NFKC, lower case, no spaces or brackets.

    >>> name_key("衡阳（样例）钟表 有限公司") == name_key("衡阳(样例)钟表有限公司")
    True
    >>> name_key("ＡＢ精密")
    'ab精密'
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", name).lower())


@functools.lru_cache(maxsize=KEPT)
def pinyin_key(name: str) -> str:
    """Initials of the name's pinyin; Latin letters and digits stay as they are.

    >>> pinyin_key("衡阳样例钟表有限公司"), pinyin_key("长沙单县3D打印厂")
    ('hyylzbyxgs', 'cssx3ddyc')
    """
    key = name_key(name)
    parts, last = [], 0
    for found in _PHRASES.finditer(key):
        parts += [_initials(key[last:found.start()]), _READINGS[found.group()]]
        last = found.end()
    return "".join([*parts, _initials(key[last:])])


def _initials(text: str) -> str:
    """Initials of a stretch without corrected phrases."""
    if not text:
        return ""
    from pypinyin import Style, lazy_pinyin

    # A polyphonic surname is read as one only where a place name ends before it: 衡阳市曾…
    pieces = _GIVEN.split(text)
    return "".join(
        _SURNAMES[piece] if index % 2 else "".join(lazy_pinyin(piece, style=Style.FIRST_LETTER)).lower()
        for index, piece in enumerate(pieces) if piece
    )


def name_core(name: str, regions: Collection[str] = ()) -> str:
    """What is left of a name key without region and legal form: what makes the firm *that* firm.

    Args:
        name: a name as written.
        regions: region names as the code table spells them, 衡阳县, 湖南省.

    >>> name_core("湖南省衡阳县样例钟表有限公司", ["湖南省", "衡阳县"])
    '样例钟表'
    >>> name_core("样例钟表（衡阳）有限责任公司", ["衡阳市"])
    '样例钟表'
    """
    key = _strip_form(name_key(name))
    for word in _region_words(frozenset(regions)):
        if key.startswith(word) and len(key) > len(word) + 1:
            key = key[len(word):]
    for word in _region_words(frozenset(regions)):
        if key.endswith(word) and len(key) > len(word) + 1:
            key = key[: -len(word)]
    return key


def _strip_form(key: str) -> str:
    """Take legal forms off the end, until none is left or nothing would be."""
    while True:
        shorter = _FORM.sub("", key)
        if shorter == key or not shorter:
            return key
        key = shorter


@functools.lru_cache(maxsize=8)
def _region_words(regions: frozenset[str]) -> tuple[str, ...]:
    """Region names with and without their kind; provinces come before what lies in them by length of the list."""
    words = {name_key(name) for name in regions}
    words |= {short for word in words if len(short := _REGION_TAIL.sub("", word)) >= 2}
    # Larger areas are written first (湖南衡阳…); two passes over longest-first cover either order.
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return (*ordered, *ordered, *ordered)


@dataclass(frozen=True)
class Identity:
    """What is compared of a firm; ``""`` where nothing is known.

    ``address`` and ``person`` are name keys; ``initials`` are those of the whole name, only to be found by.
    """

    uscc: str = ""
    core: str = ""
    person: str = ""
    phones: frozenset[str] = frozenset()
    address: str = ""
    initials: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike two entries are: 0–100, and the reasons: uscc, core, sound, near, person, phone, address."""

    score: int
    reasons: tuple[str, ...]


NEAR = 80
VERY_NEAR = 92
SOUND = 90
ADDRESS = 6  # letters of an address that say more than a town's name


def likeness(one: Identity, other: Identity) -> Likeness:
    """Compare two entries; a score of 0 means "not the same firm as far as this shows".

    The same code is the same firm; the same core name nearly so; a near name counts only together
    with a shared legal representative, phone or address, unless it is very near, or differs in one
    character that is read the same (the usual slip of an input method).

    >>> likeness(Identity(core="样例精密机芯", person="赵样"), Identity(core="样例精密机芯件", person="赵样")).reasons
    ('near', 'person')
    >>> likeness(Identity(core="宏运钟表"), Identity(core="鸿运钟表")).reasons
    ('sound',)
    >>> likeness(Identity(core="样例精密"), Identity(core="样例精工")).score
    0
    >>> likeness(Identity(core="样例精密", person="赵样"), Identity(core="样例精工", person="赵样")).reasons
    ('near', 'person')
    """
    if one.uscc and one.uscc == other.uscc:
        return Likeness(100, ("uscc",))
    shared = _shared(one, other)
    if one.core and one.core == other.core:
        return Likeness(96 + len(shared), ("core", *shared))
    near = round(fuzz.ratio(one.core, other.core)) if one.core and other.core else 0
    if sound_alike(one.core, other.core):
        return Likeness(SOUND + len(shared), ("sound", *shared))
    if near >= VERY_NEAR or (shared and (near >= NEAR or one_letter(one.core, other.core))):
        return Likeness(min(95, near + 2 * len(shared)), ("near", *shared))
    return Likeness(0, ())


def one_letter(one: str, other: str) -> bool:
    """Whether two cores of at least four characters differ in one: written wrong, left out or too many.

    >>> one_letter("样例精密", "样例精工"), one_letter("样例精密", "样例精密件"), one_letter("样例", "样品")
    (True, True, False)
    """
    return min(len(one), len(other)) >= 4 and Levenshtein.distance(one, other, score_cutoff=1) == 1


def sound_alike(one: str, other: str) -> bool:
    """Whether two cores of one length differ in a single character that is read the same.

    >>> sound_alike("宏运钟表", "鸿运钟表"), sound_alike("宏运钟表", "弘元钟表"), sound_alike("宏", "鸿")
    (True, False, False)
    """
    if len(one) != len(other) or len(one) < 3:
        return False
    different = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and len({_sound(letter) for letter in different[0]}) == 1


@functools.lru_cache(maxsize=4096)
def _sound(letter: str) -> str:
    """A character's commonest reading without its tone."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(letter)).lower()


def _shared(one: Identity, other: Identity) -> tuple[str, ...]:
    found = {
        "person": bool(one.person) and one.person == other.person,
        "phone": bool(one.phones & other.phones),
        "address": len(one.address) >= ADDRESS and one.address == other.address,
    }
    return tuple(word for word, same in found.items() if same)


def alike(one: Identity, others: Iterable[tuple[int, Identity]], most: int = 5) -> list[tuple[int, Likeness]]:
    """The most alike of the others, best first; ``others`` are (id, identity).

    >>> alike(Identity(core="甲乙"), [(1, Identity(core="甲乙")), (2, Identity(core="丙丁"))])[0][0]
    1
    """
    scored = [(key, likeness(one, other)) for key, other in others]
    return sorted((pair for pair in scored if pair[1].score), key=lambda pair: (-pair[1].score, pair[0]))[:most]


@dataclass(frozen=True)
class YearSoFar:
    """A flow added up from the year's first known month to its last. ``change`` in basis points on the same months a year before."""

    first: str
    last: str
    total: int
    gaps: int
    change: int | None = None


def year_so_far(months: Mapping[str, int]) -> YearSoFar | None:
    """Add up the year of the last month told of; None where no month is.

    Args:
        months: storage units by month, ``2026-08``; a month that is not in it is unknown.

    >>> year_so_far({"2025-01": 80, "2025-02": 120, "2026-01": 110, "2026-02": 110})
    YearSoFar(first='2026-01', last='2026-02', total=220, gaps=0, change=1000)
    >>> year_so_far({"2026-01": 5, "2026-03": 7})
    YearSoFar(first='2026-01', last='2026-03', total=12, gaps=1, change=None)
    """
    if not months:
        return None
    last = max(months)
    year, until = last[:4], int(last[5:])
    wanted = [f"{month:02d}" for month in range(1, until + 1)]
    told = [months[f"{year}-{month}"] for month in wanted if f"{year}-{month}" in months]
    before = [months.get(f"{int(year) - 1}-{month}") for month in wanted]
    base = sum(one for one in before if one is not None)
    whole = len(told) == len(wanted) and None not in before and base > 0
    change = (sum(told) - base) * 10_000 // base if whole else None
    return YearSoFar(f"{year}-01", last, sum(told), len(wanted) - len(told), change)


def phone_key(phone: str) -> str:
    """The digits of a phone number, half-width, without the country code.

    >>> phone_key("＋86 138-0000-0001")
    '13800000001'
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def tidy_phone(phone: str) -> str:
    """A phone number as it is kept: half-width, single spaces.

    >>> tidy_phone(" ０７３４-６８１２３４５ ")
    '0734-6812345'
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", phone)).strip()


def mask_name(name: str) -> str:
    """A person's name with only the first letter shown.

    >>> mask_name("赵样本"), mask_name("")
    ('赵**', '')
    """
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else name


def split_names(text: str) -> list[str]:
    """Several names in one cell, each once.

    >>> split_names("甲厂、乙厂；甲厂,丙（衡阳）厂")
    ['甲厂', '乙厂', '丙（衡阳）厂']
    """
    return list(dict.fromkeys(part.strip() for part in re.split(r"[、；;，,\n]+", text) if name_key(part)))


def split_titles(text: str) -> list[tuple[str, ...]]:
    """Titles in one cell: ``name|issuer|date|until`` joined by ``；``; what is not written is ``""``.

    >>> split_titles("高新技术企业|省科技厅|2023-12-05|2026-12-04；规上工业企业||2024-02-01")
    [('高新技术企业', '省科技厅', '2023-12-05', '2026-12-04'), ('规上工业企业', '', '2024-02-01', '')]
    """
    lines = [[part.strip() for part in re.split(r"[|｜]", line)] for line in re.split(r"[；;\n]+", text) if line.strip()]
    return [(*line, *[""] * (4 - len(line))) for line in lines]


def organisation_check(code: str) -> str:
    """The check character of an organisation code (GB 11714) from its first eight characters.

    >>> organisation_check("M000100Y"), organisation_check("MA000022")
    ('4', '6')
    """
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(alphabet.index(letter) * weight for letter, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def organisation_code_holds(uscc: str) -> bool:
    """Whether characters 9–17 of a credit code are an organisation code with a right check character.

    Codes issued since the reform are not all so; a mismatch is no error, only worth a look.

    >>> organisation_code_holds("91350100M000100Y43")
    True
    """
    return len(uscc) == 18 and organisation_check(uscc[8:16]) == uscc[16]
