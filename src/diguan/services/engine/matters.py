"""What a matter says (政务服务事项): its plain form, what is wrong in it, its digest, and what differs between two.

A matter's content is a mapping by the names of :mod:`fields`, JSON all through. The consistency rules are those by which cities
check their lists: a promise within the law, a visit with its reason, a fee with its basis. What is wrong stops a publication;
what could be better is advice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import messages
from diguan.kernel.evidence.dictionary import Entry
from diguan.kernel.messages import Message
from diguan.services.engine import fields
from diguan.services.engine.fields import BY_NAME, SPECS, Spec
from diguan.services.engine.merging import Asking
from diguan.services.engine.situations import Question

Content = Mapping[str, Any]
LICENCE = "行政许可"
STEPS_OF_A_LICENCE = 5
ORDINARY_DAYS = 20
MOST_REQUIREMENTS = 200
MOST_COMMITMENT_DAYS = 250
REQUIREMENT: Mapping[str, Any] = {"meaning": "", "quality": "C", "form": "electronic", "copies": 1, "tolerant": False, "fresh_months": None, "when": {}, "note": ""}
FEE: Mapping[str, Any] = {"name": "", "standard": "", "fen": None, "basis": ""}
RESULT: Mapping[str, Any] = {"name": "", "kind": "审批办结", "sample": False}
_CODES = {"catalog_code": re.compile(r"[0-9A-Z]{12}"), "task_code": re.compile(r"[0-9A-Z]{31}"), "task_handle_item": re.compile(r"[0-9A-Z]{33}")}
_LENGTHS = {"catalog_code": 12, "task_code": 31, "task_handle_item": 33}
_PLAIN_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?元")
_CERTIFICATE = re.compile(r"(证|证书|执照|牌照|许可证)$")
_DOCUMENT = re.compile(r"(批复|批文|意见书|决定书|通知书|核准文件|备案文|函)$")
KEY = re.compile(r"[a-z0-9][a-z0-9_]{1,59}")


@dataclass(frozen=True)
class Known:
    """What a matter may name: the meanings of the dictionary and the questions of the situations."""

    meanings: Mapping[str, Entry] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


@dataclass(frozen=True)
class Wrong:
    """One thing wrong, by field. ``advice``: it may be published all the same."""

    field: str
    message: Message
    advice: bool = False


def fen_of(standard: str) -> int | None:
    """A plain amount in fen; None where the fee has to be worked out.

    >>> fen_of("80元"), fen_of("12.5元"), fen_of("按建筑面积每平方米10元"), fen_of("")
    (8000, 1250, None, None)
    """
    found = _PLAIN_AMOUNT.fullmatch(standard.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def whole(told: Mapping[str, Any]) -> dict[str, Any]:
    """The content with every field there is, in one order, so that equal contents have equal digests; strange keys are dropped.

    >>> whole({"name": " 公司设立登记 ", "promised_days": 1})["name"]
    '公司设立登记'
    """
    found = fields.blank()
    for spec in SPECS:
        if spec.name in told and told[spec.name] is not None:
            found[spec.name] = _tidy(spec, told[spec.name])
    found["fees"] = [{**FEE, **one, "fen": fen_of(one.get("standard", ""))} for one in found["fees"]]  # type: ignore[attr-defined]
    found["results"] = [{**RESULT, **one} for one in found["results"]]  # type: ignore[attr-defined]
    found["requirements"] = [_requirement(one) for one in found["requirements"]]  # type: ignore[attr-defined]
    return found


def _tidy(spec: Spec, value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if spec.type in ("lines", "choices"):
        return [str(one).strip() for one in value if str(one).strip()]
    return value


def _requirement(told: Mapping[str, Any]) -> dict[str, Any]:
    found = {**REQUIREMENT, **told}
    if not found.get("commitment_days"):  # left out where no promise will do, so that contents from before it was known keep their digest
        found.pop("commitment_days", None)
    return {**found, "when": {name: sorted(values) for name, values in sorted(found["when"].items())}}


def digest(content: Content, *more: str) -> str:
    """The sha256 of a content and of what else makes up a version.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}), digest({"a": 1}) == digest({"a": 1}, "2026-01-01")
    (True, False)
    """
    text = json.dumps([content, *more], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(before: Content, after: Content) -> Iterator[tuple[Spec, Any, Any]]:
    """Every field on which two contents differ.

    >>> [(spec.name, was, now) for spec, was, now in differences(whole({"visits": 2}), whole({"visits": 1}))]
    [('visits', 2, 1)]
    """
    return ((spec, before.get(spec.name), after.get(spec.name)) for spec in SPECS if before.get(spec.name) != after.get(spec.name))


def askings(content: Content, matter: str, needed: Callable[[Mapping[str, Any]], bool | None]) -> Iterator[Asking]:
    """What one matter asks for, as merging takes it; what its situation rules out is left out."""
    for one in content["requirements"]:
        wanted = needed(one["when"])
        if wanted is not False:
            yield Asking(one["meaning"], matter, wanted, one["quality"], one["form"], one["copies"], one["tolerant"], one["fresh_months"], one["note"], one.get("commitment_days"))


# ── what is wrong ────────────────────────────────────────────────────────────
def problems(content: Content, known: Known) -> list[Wrong]:
    """Everything wrong in a whole content, in the order of its fields; the same field may be named more than once."""
    found = [*_plain(content), *(wrong for rule in RULES for wrong in rule(content)), *_asked(content, known)]
    order = {spec.name: place for place, spec in enumerate(SPECS)}
    return sorted(found, key=lambda wrong: (order[wrong.field], wrong.advice))


def errors(content: Content, known: Known) -> list[Wrong]:
    """What stops a publication."""
    return [wrong for wrong in problems(content, known) if not wrong.advice]


def _plain(content: Content) -> Iterator[Wrong]:
    """Each field by itself: there where needed, a word of its list, within its bounds."""
    for spec in SPECS:
        value = content[spec.name]
        if value in ("", None, []):
            if spec.needed:
                yield Wrong(spec.name, Message(f"没有填{spec.zh}", f"{spec.en} is missing"))
            continue
        yield from _one(spec, value)


def _one(spec: Spec, value: Any) -> Iterator[Wrong]:
    if spec.type in ("days", "count") and not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= spec.most):
        yield Wrong(spec.name, Message(f"{spec.zh}应是 0 到 {spec.most} 的整数", f"{spec.en} is a whole number from 0 to {spec.most}"))
    for word in [value] if spec.type == "choice" else value if spec.type == "choices" else ():
        if word not in spec.choices:
            yield Wrong(spec.name, _none_of(spec, word))
    for text in [value] if spec.type in ("text", "long") else value if spec.type == "lines" else ():
        if len(text) > spec.most or "\x00" in text:
            yield Wrong(spec.name, Message(f"{spec.zh}最多 {spec.most} 个字", f"{spec.en} has at most {spec.most} characters"))


def _none_of(spec: Spec, word: str) -> Message:
    near = messages.nearest(word, spec.choices, 0.3)
    return Message(f"{spec.zh}“{word}”不在 {'、'.join(spec.choices)} 之中" + (f"，最接近的是“{near}”" if near else ""),
                   f"{spec.en}: “{word}” is none of {', '.join(spec.choices)}" + (f"; the nearest is “{near}”" if near else ""))


def _wrong(name: str, zh: str, en: str, *, advice: bool = False) -> Wrong:
    return Wrong(name, Message(f"{BY_NAME[name].zh}：{zh}", f"{BY_NAME[name].en}: {en}"), advice)


def codes(content: Content) -> Iterator[Wrong]:
    """Codes in their form; the handling item's begins with the matter's own; only a provisional record may be without."""
    for name, pattern in _CODES.items():
        if content[name] and not pattern.fullmatch(content[name]):
            yield _wrong(name, f"应是 {_LENGTHS[name]} 位数字和大写字母，现为 {len(content[name])} 位", f"has {_LENGTHS[name]} digits and capital letters, not {len(content[name])}")
    if content["task_handle_item"] and not (content["task_code"] and content["task_handle_item"].startswith(content["task_code"])):
        yield _wrong("task_handle_item", "应以实施编码开头", "begins with the implementation code")
    for name in ("catalog_code", "task_code"):
        if not content[name]:
            yield _wrong(name, "还没有核到编码", "not confirmed yet", advice=True) if content["provisional"] else _wrong(
                name, "没有填；编码还没核到的，先标为暂录待核", "missing; where it is not confirmed yet, mark the record as provisional")


def limits(content: Content) -> Iterator[Wrong]:
    """The promise is within the law; an immediate matter is done the same day or the next, another takes a day or more."""
    statutory, promised = content["statutory_days"], content["promised_days"]
    if isinstance(statutory, int) and isinstance(promised, int) and promised > statutory:
        yield _wrong("promised_days", f"承诺 {promised} 个工作日，超过法定的 {statutory} 个工作日", f"{promised} working days are promised, the law allows {statutory}")
    if content["case_type"] == fields.INSTANT and isinstance(promised, int) and promised > 1:
        yield _wrong("promised_days", f"即办件的承诺时限只能是 0（当场）或 1 个工作日，现为 {promised}", f"an immediate matter takes 0 (on the spot) or 1 working day, not {promised}")
    if content["case_type"] == fields.PROMISED and promised == 0:
        yield _wrong("case_type", "承诺时限为 0 的是即办件", "what takes 0 days is an immediate matter")
    if content["kind"] == LICENCE and statutory is None:
        yield _wrong("statutory_days", f"许可没有写法定时限；法律没有另行规定的是 {ORDINARY_DAYS} 个工作日",
                     f"a licence without a statutory limit; where no law says otherwise it is {ORDINARY_DAYS} working days", advice=True)


def visits(content: Content) -> Iterator[Wrong]:
    """Whoever has to come is told why; who need not has another way; fully online means no visit."""
    times = content["visits"]
    if not isinstance(times, int):
        return
    if times and not content["visits_reason"]:
        yield _wrong("visits_reason", f"要跑 {times} 次，应说明为什么必须到现场", f"{times} visits need a reason")
    if not times and fields.ONLINE not in content["handling_form"] and not content["mail_in"]:
        yield _wrong("visits", "不用到现场的，要能网上办理或寄件", "without a visit there has to be a way online or by post")
    if times and content["online_depth"] == fields.FULLY_ONLINE:
        yield _wrong("online_depth", f"Ⅳ级（全程网办）不用到现场，现为 {times} 次", f"depth Ⅳ means no visit, not {times}")
    if content["online_depth"] == fields.FULLY_ONLINE and fields.ONLINE not in content["handling_form"]:
        yield _wrong("handling_form", "Ⅳ级（全程网办）应含网上办理", "depth Ⅳ is handled online")


def fees(content: Content) -> Iterator[Wrong]:
    """A fee has its item, its standard and its basis; where there is none, nothing is paid."""
    if content["is_fee"] and not content["fees"]:
        yield _wrong("fees", "写了收费，没有收费项目", "a fee is charged, yet no item is named")
    if not content["is_fee"] and content["fees"]:
        yield _wrong("is_fee", "列了收费项目，却写不收费", "items are listed, yet no fee is charged")
    if not content["is_fee"] and content["online_payment"]:
        yield _wrong("online_payment", "不收费的没有网上支付", "without a fee nothing is paid online")
    for one in content["fees"]:
        if not one["basis"]:
            yield _wrong("fees", f"“{one['name']}”没有收费依据", f"“{one['name']}” has no basis")
        if not one["name"] or not one["standard"]:
            yield _wrong("fees", f"“{one['name'] or one['standard']}”要有名目和标准", f"“{one['name'] or one['standard']}” needs a name and a standard")


def results(content: Content) -> Iterator[Wrong]:
    """What is a certificate by its name is issued as one, what is a document as one."""
    for one in content["results"]:
        meant = "出证" if _CERTIFICATE.search(one["name"]) else "出文" if _DOCUMENT.search(one["name"]) else ""
        if one["kind"] not in fields.RESULT_KINDS:
            yield _wrong("results", f"“{one['name']}”的结果类型应是 {'、'.join(fields.RESULT_KINDS)}", f"“{one['name']}” is one of {', '.join(fields.RESULT_KINDS)}")
        elif meant and one["kind"] != meant:
            yield _wrong("results", f"“{one['name']}”应是{meant}，不是{one['kind']}", f"“{one['name']}” is {meant}, not {one['kind']}")
    if not content["results"]:
        yield _wrong("results", "没有写办完得到什么", "what comes out is not said", advice=True)
    elif not all(one["sample"] for one in content["results"]):
        yield _wrong("results", "有的结果还没有样本", "a result has no sample yet", advice=True)


def served(content: Content) -> Iterator[Wrong]:
    """Topics are of those it serves."""
    for name, word, en in (("topic_natural", "自然人", "natural persons"), ("topic_legal", "法人", "legal persons")):
        serves = word in content["service_object"]
        if content[name] and content["service_object"] and not serves:
            yield _wrong(name, f"服务对象里没有{word}", f"it does not serve {en}")
        if serves and not content[name]:
            yield _wrong(name, "还没有分类", "not classified yet", advice=True)


def contact(content: Content) -> Iterator[Wrong]:
    """Questions and complaints go to different ears."""
    if content["consult"] and content["consult"] == content["complaint"]:
        yield _wrong("complaint", "咨询和投诉不能是同一个电话", "questions and complaints do not go to the same number")
    if not (content["consult"] and content["complaint"]):
        yield _wrong("consult" if not content["consult"] else "complaint", "还没有填", "not filled in yet", advice=True)


def guidance(content: Content) -> Iterator[Wrong]:
    """A licence tells its five steps, and answers a question that is often asked."""
    if content["kind"] != LICENCE:
        return
    if len(content["steps"]) < STEPS_OF_A_LICENCE:
        yield _wrong("steps", "许可至少有受理、审核、审批、办结、送达五步", "a licence has at least five steps: receipt, check, decision, end, delivery", advice=True)
    if not content["faqs"]:
        yield _wrong("faqs", "许可至少有一个常见问题", "a licence answers at least one question", advice=True)


RULES: tuple[Callable[[Content], Iterable[Wrong]], ...] = (codes, limits, visits, fees, results, served, contact, guidance)


def _asked(content: Content, known: Known) -> Iterator[Wrong]:
    """Every meaning is one of the dictionary, every situation one that can be asked; nothing is asked twice in one situation."""
    seen: set[str] = set()
    if len(content["requirements"]) > MOST_REQUIREMENTS:
        yield _wrong("requirements", f"最多 {MOST_REQUIREMENTS} 项", f"at most {MOST_REQUIREMENTS}")
    for one in content["requirements"]:
        mark = json.dumps([one["meaning"], one["when"]], sort_keys=True)
        if mark in seen:
            yield _wrong("requirements", f"{one['meaning']} 在同一情形下写了两次", f"{one['meaning']} is asked for twice in one situation")
        seen.add(mark)
        yield from _meaning(one, known)
        yield from _situation(one, known)


def _meaning(one: Mapping[str, Any], known: Known) -> Iterator[Wrong]:
    name = one["meaning"]
    if name not in known.meanings:
        near = messages.nearest(name, known.meanings, 0.4)
        yield _wrong("requirements", f"字典里没有“{name}”" + (f"，最接近的是 {near}" if near else ""), f"the dictionary has no “{name}”" + (f"; the nearest is {near}" if near else ""))
    months = one["fresh_months"]
    good = one["quality"] in fields.QUALITIES and one["form"] in fields.FORMS and isinstance(one["copies"], int) and 1 <= one["copies"] <= 20
    yield from _commitment(one, known)
    if not good or not (months is None or (isinstance(months, int) and 1 <= months <= 120)):
        yield _wrong("requirements", f"“{name}”的等级、形式、份数或时效写得不对", f"“{name}”: trust level, form, copies or age cannot be read")


def _commitment(one: Mapping[str, Any], known: Known) -> Iterator[Wrong]:
    """A promise takes the place of a paper, never of what is filled in, and is checked within a year."""
    days, entry = one.get("commitment_days"), known.meanings.get(one["meaning"])
    if days is not None and not (isinstance(days, int) and 1 <= days <= MOST_COMMITMENT_DAYS):
        yield _wrong("requirements", f"“{one['meaning']}”的告知承诺应在 1 到 {MOST_COMMITMENT_DAYS} 个工作日内核查", f"“{one['meaning']}”: a commitment is checked within 1 to {MOST_COMMITMENT_DAYS} working days")
    elif days and entry is not None and entry.kind == "field":
        yield _wrong("requirements", f"“{entry.label()}”是填的内容，不能用告知承诺代替", f"“{entry.label('en')}” is filled in: no commitment takes its place")


def _situation(one: Mapping[str, Any], known: Known) -> Iterator[Wrong]:
    for question, values in one["when"].items():
        if question not in known.questions:
            near = messages.nearest(question, known.questions, 0.4)
            yield _wrong("requirements", f"没有这个情形问题：{question}" + (f"，最接近的是 {near}" if near else ""), f"no question {question}" + (f"; the nearest is {near}" if near else ""))
            continue
        for value in values:
            if value not in known.questions[question].answers:
                near = messages.nearest(value, known.questions[question].answers, 0.3)
                yield _wrong("requirements", f"问题 {question} 没有答案 {value}" + (f"，最接近的是 {near}" if near else ""), f"question {question} has no answer {value}" + (f"; the nearest is {near}" if near else ""))
