"""A matter's field as one cell of a file or one box of a form, and back: what is written is read as the same.

Lines stand under one another. A requirement is ``营业执照|B|复印件|2份|容缺|告知承诺20日|3个月内|场所=租赁/借用|说明…``, a fee ``名目|标准|依据``, a result
``名称|出证|有样本``; several stand under one another or are divided by ``；``. English words are read as well: ``original``, ``2 copies``,
``may follow``, ``commitment 20 days``, ``3 months``; ``certificate``, ``document``, ``done``, ``sample``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from diguan.kernel import messages
from diguan.kernel.evidence import dictionary
from diguan.kernel.messages import Message
from diguan.services.engine import fields
from diguan.services.engine.fields import Spec
from diguan.services.engine.matters import Known

FORM_WORDS = {"original": "原件", "copy": "复印件", "electronic": "电子件"}
TOLERANT = "容缺"
NOTE = "说明："
SAMPLE = "有样本"
_FORMS = {word: name for name, word in FORM_WORDS.items()} | {name: name for name in FORM_WORDS}
_TOLERANT = (TOLERANT, "may follow")
_SAMPLE = (SAMPLE, "sample")
_RESULTS = {word: word for word in fields.RESULT_KINDS} | dict(zip(("certificate", "document", "done"), fields.RESULT_KINDS, strict=True))
_COUNTED = {"copies": re.compile(r"([0-9]{1,2})\s*(?:份|cop(?:y|ies))"), "fresh_months": re.compile(r"([0-9]{1,3})\s*(?:个月内|months?)"),
            "commitment_days": re.compile(r"(?:告知承诺|commitment)\s*([0-9]{1,3})\s*(?:个?工?作?日|days?)")}
_YES = {"是": True, "有": True, "支持": True, "y": True, "yes": True, "true": True, "1": True, "否": False, "无": False, "不支持": False, "n": False, "no": False, "false": False, "0": False}
_ON_THE_SPOT = ("即办", "当场办结", "当场", "即时办结")


class Unreadable(ValueError):
    """A cell that cannot be read; ``message`` says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.message = Message(zh, en)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


# ── to a cell ────────────────────────────────────────────────────────────────
def written(spec: Spec, value: Any, known: Known) -> Any:
    """A field as a cell holds it; nothing told is an empty text."""
    writer = _WRITERS.get(spec.type)
    return writer(value, known) if writer else "" if value is None else value


def _write_requirement(one: Mapping[str, Any], known: Known) -> str:
    parts = [title_of(one["meaning"], known), one["quality"], FORM_WORDS[one["form"]]]
    parts += [f"{one['copies']}份"] if one["copies"] != 1 else []
    parts += [TOLERANT] if one["tolerant"] else []
    parts += [f"告知承诺{days}日"] if (days := one.get("commitment_days")) else []
    parts += [f"{one['fresh_months']}个月内"] if one["fresh_months"] else []
    parts += [f"{_question(name, known)}={'/'.join(_answer(name, value, known) for value in values)}" for name, values in one["when"].items()]
    return "|".join([*parts, *([NOTE + one["note"]] if one["note"] else [])])


def title_of(meaning: str, known: Known) -> str:
    """What the dictionary calls a meaning, where no other is called so."""
    entry = known.meanings.get(meaning)
    return meaning if entry is None or dictionary.named(known.meanings).get(entry.label()) != meaning or re.search(r"[|｜；;]", entry.label()) else entry.label()


def _question(name: str, known: Known) -> str:
    same = [each for each in known.questions.values() if name in known.questions and each.label() == known.questions[name].label()]
    return known.questions[name].label() if len(same) == 1 and not re.search(r"[|=/；;\n]", same[0].label()) else name


def _answer(name: str, value: str, known: Known) -> str:
    question = known.questions.get(name)
    if question is None or value not in question.answers:
        return value
    word = question.answer(value)
    same = [one for one in question.answers if question.answer(one) == word]
    return word if len(same) == 1 and not re.search(r"[|=/；;\n]", word) else value


_WRITERS: Mapping[str, Callable[[Any, Known], str]] = {
    "yes": lambda value, _known: "是" if value else "否",
    "lines": lambda value, _known: "\n".join(value),
    "choices": lambda value, _known: "、".join(value),
    "fees": lambda value, _known: "\n".join(f"{one['name']}|{one['standard']}|{one['basis']}" for one in value),
    "results": lambda value, _known: "\n".join("|".join([one["name"], one["kind"], *([SAMPLE] if one["sample"] else [])]) for one in value),
    "requirements": lambda value, known: "\n".join(_write_requirement(one, known) for one in value),
}


# ── from a cell ──────────────────────────────────────────────────────────────
def read(spec: Spec, text: Any, known: Known) -> Any:
    """What a cell or a box says, as the content keeps it.

    Raises:
        Unreadable: it says nothing this field can hold.
    """
    words = str(text).strip()
    reader = _READERS.get(spec.type)
    return reader(spec, words, known) if reader else words


def _read_days(spec: Spec, text: str, _known: Known) -> int | None:
    plain = _plain(text)
    if plain in _ON_THE_SPOT:
        return 0
    found = re.fullmatch(r"([0-9]{1,4})(?:\.0)?\s*(?:个)?(?:工作日|次)?", plain)
    if not plain:
        return None
    if found is None:
        raise Unreadable(f"{spec.zh}应是整数（工作日），现为“{text}”", f"{spec.en} is a whole number, not “{text}”")
    return int(found[1])


def _read_yes(spec: Spec, text: str, _known: Known) -> bool:
    plain = _plain(text).lower()
    if plain and plain not in _YES:
        raise Unreadable(f"{spec.zh}应是“是”或“否”，现为“{text}”", f"{spec.en} is 是 or 否 (yes or no), not “{text}”")
    return _YES.get(plain, False)


def _items(text: str) -> list[list[str]]:
    return [[part.strip() for part in re.split(r"[|｜]", item)] for item in re.split(r"[\n；;]", text) if item.strip()]


def _read_fees(spec: Spec, text: str, _known: Known) -> list[dict[str, Any]]:
    found = []
    for parts in _items(text):
        if len(parts) != 3:
            raise Unreadable(f"收费项目写成 名目|标准|依据，现为“{'|'.join(parts)}”", f"a fee is written name|standard|basis, not “{'|'.join(parts)}”")
        found.append(dict(zip(("name", "standard", "basis"), parts, strict=True)))
    return found


def _read_results(spec: Spec, text: str, _known: Known) -> list[dict[str, Any]]:
    found = []
    for name, *rest in _items(text):
        strange = [word for word in rest if word not in _RESULTS and word not in _SAMPLE]
        if strange:
            raise Unreadable(f"审批结果写成 名称|出证|有样本，认不出“{strange[0]}”", f"a result is written name|certificate|sample; “{strange[0]}” is neither")
        kind = next((_RESULTS[word] for word in rest if word in _RESULTS), "审批办结")
        found.append({"name": name, "kind": kind, "sample": any(word in _SAMPLE for word in rest)})
    return found


def _read_requirements(spec: Spec, text: str, known: Known) -> list[dict[str, Any]]:
    return [_requirement(parts, known) for parts in _items(text)]


def _requirement(parts: list[str], known: Known) -> dict[str, Any]:
    found: dict[str, Any] = {"meaning": meaning_of(parts[0], known)}
    for part in parts[1:]:
        if part.startswith(NOTE):
            found["note"] = part.removeprefix(NOTE)
            continue
        _part(found, _plain(part), known)
    return found


def _part(found: dict[str, Any], part: str, known: Known) -> None:
    if part in fields.QUALITIES:
        found["quality"] = part
    elif part in _FORMS:
        found["form"] = _FORMS[part]
    elif part in _TOLERANT:
        found["tolerant"] = True
    elif counted := next(((name, told) for name, pattern in _COUNTED.items() if (told := pattern.fullmatch(part))), None):
        found[counted[0]] = int(counted[1][1])
    elif "=" in part:
        question, values = _when(part, known)
        found.setdefault("when", {})[question] = values
    elif part not in ("必要", ""):
        raise Unreadable(f"材料后面认不出“{part}”；可写等级 A–D、原件/复印件/电子件、2份、容缺、告知承诺20日、3个月内、问题=答案、说明：…",
                         f"“{part}” cannot be read; there are a trust level A–D, original/copy/electronic, 2 copies, may follow, commitment 20 days, 3 months, question=answer")


def meaning_of(text: str, known: Known) -> str:
    """The meaning id of a name: an id, a title, or a name some bureau gives it.

    Raises:
        Unreadable: the dictionary knows none; the nearest is offered.
    """
    named = dictionary.named(known.meanings)
    if text in known.meanings or text in named:
        return text if text in known.meanings else named[text]
    near = messages.nearest(text, [*named, *known.meanings], 0.4)
    raise Unreadable(f"材料字典里没有“{text}”" + (f"，最接近的是“{near}”" if near else ""), f"the dictionary has no “{text}”" + (f"; the nearest is “{near}”" if near else ""))


def _when(part: str, known: Known) -> tuple[str, list[str]]:
    name, _, rest = part.partition("=")
    named = {_plain(question.label()): question.id for question in known.questions.values()}
    question = name if name in known.questions else named.get(name, "")
    if not question:
        near = messages.nearest(name, [*known.questions, *named], 0.3)
        raise Unreadable(f"没有这个情形问题：“{name}”" + (f"，最接近的是“{near}”" if near else ""), f"no question “{name}”" + (f"; the nearest is “{near}”" if near else ""))
    answers = known.questions[question].answers
    worded = {_plain(known.questions[question].answer(value)): value for value in answers}
    values = [value if value in answers else worded.get(value, "") for value in rest.split("/")]
    if not all(values):
        raise Unreadable(f"“{name}”没有答案“{rest}”；有 {'、'.join(worded)}", f"“{name}” has no answer “{rest}”; there are {', '.join(worded)}")
    return question, values


def _read_choice(spec: Spec, text: str, _known: Known) -> str:
    plain = _plain(text)
    return next((word for word in spec.choices if _plain(word) == plain), text)


_READERS: Mapping[str, Callable[[Spec, str, Known], Any]] = {
    "days": _read_days, "count": _read_days, "yes": _read_yes, "choice": _read_choice,
    "choices": lambda _spec, text, _known: [word for word in re.split(r"[、，,；;\n|]", text) if word.strip()],
    "lines": lambda _spec, text, _known: [line.strip() for line in text.splitlines() if line.strip()],
    "fees": _read_fees, "results": _read_results, "requirements": _read_requirements,
}
