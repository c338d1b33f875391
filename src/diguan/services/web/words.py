"""Words of this room's pages: the national words in the page's language, a field as a person reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel import clocks
from diguan.kernel.messages import Message
from diguan.kernel.shell import language
from diguan.services.engine import fields, lifeevents, matters
from diguan.services.engine.fields import Spec
from diguan.services.engine.merging import Merged, Why
from diguan.services.models import Matter, MatterState, MatterVersion
from diguan.services.queries import shelf

WORDS: Mapping[str, Any] = {
    "行政许可": gettext_lazy("行政许可"), "行政确认": gettext_lazy("行政确认"), "行政给付": gettext_lazy("行政给付"), "行政奖励": gettext_lazy("行政奖励"),
    "行政裁决": gettext_lazy("行政裁决"), "行政征收": gettext_lazy("行政征收"), "行政检查": gettext_lazy("行政检查"), "其他行政权力": gettext_lazy("其他行政权力"), "公共服务": gettext_lazy("公共服务"),
    "国家级": gettext_lazy("国家级"), "省级": gettext_lazy("省级"), "市级": gettext_lazy("市级"), "县级": gettext_lazy("县级"), "乡级": gettext_lazy("乡级"),
    "法定机关": gettext_lazy("法定机关"), "授权组织": gettext_lazy("授权组织"), "受委托组织": gettext_lazy("受委托组织"), "公共企事业单位": gettext_lazy("公共企事业单位"),
    "自然人": gettext_lazy("自然人"), "法人": gettext_lazy("法人"), "自然人和法人": gettext_lazy("自然人和法人"), "即办件": gettext_lazy("即办件"), "承诺件": gettext_lazy("承诺件"),
    "窗口办理": gettext_lazy("窗口办理"), "网上办理": gettext_lazy("网上办理"), "快递申请": gettext_lazy("快递申请"), "自助终端": gettext_lazy("自助终端"),
    "出证": gettext_lazy("出证"), "出文": gettext_lazy("出文"), "审批办结": gettext_lazy("审批办结"),
    "Ⅰ": "Ⅰ", "Ⅱ": "Ⅱ", "Ⅲ": "Ⅲ", "Ⅳ": gettext_lazy("Ⅳ（全程网办）"),
}
QUALITIES = {"A": gettext_lazy("A 发证机关出具"), "B": gettext_lazy("B 窗口核对过"), "C": gettext_lazy("C 上传，要核原件"), "D": gettext_lazy("D 自己写并承诺")}
FORMS = {"original": gettext_lazy("原件"), "copy": gettext_lazy("复印件"), "electronic": gettext_lazy("电子件")}
EDGES = {lifeevents.LEGAL: gettext_lazy("法定"), lifeevents.DATA: gettext_lazy("数据"), lifeevents.PHYSICAL: gettext_lazy("实物"), lifeevents.HABIT: gettext_lazy("习惯")}
EDGE_KINDS = {lifeevents.LEGAL: "bad", lifeevents.DATA: "accent", lifeevents.PHYSICAL: "warn", lifeevents.HABIT: "mute"}
RULES = {"quality": gettext_lazy("可信等级"), "form": gettext_lazy("形式"), "copies": gettext_lazy("份数"), "tolerant": gettext_lazy("能不能后补"), "fresh_months": gettext_lazy("多久内的"), "commitment_days": gettext_lazy("能不能用承诺代替")}


def word(text: str) -> str:
    """A national word in the page's language; any other text as it is."""
    return str(WORDS.get(text, text))


def choices(words: Iterable[str]) -> list[tuple[str, Any]]:
    """Words as a form or a filter offers them."""
    return [(text, WORDS.get(text, text)) for text in words]


def days(number: int | None) -> str:
    """A limit in words."""
    if number is None:
        return _("法律没有规定")
    return _("当场办结") if number == 0 else ngettext("%(n)s 个工作日", "%(n)s 个工作日", number) % {"n": number}


def visits(number: int | None) -> str:
    """Visits in words."""
    return "—" if number is None else _("不用跑") if number == 0 else ngettext("到场 %(n)s 次", "到场 %(n)s 次", number) % {"n": number}


def meaning(name: str) -> str:
    """What the dictionary calls a meaning."""
    entry = shelf.known().meanings.get(name)
    return entry.label(language()) if entry else name


def situation(when: Mapping[str, Iterable[str]]) -> str:
    """A situation in words; nothing where it always holds."""
    from diguan.services.engine import situations

    return situations.words({name: list(values) for name, values in when.items()}, shelf.questions(), language())


def state_of(row: Matter) -> tuple[str, str]:
    """Where a matter stands: published ones that are provisional say so."""
    if row.state == MatterState.PUBLISHED:
        return ("warn", _("暂录待核")) if row.provisional else ("ok", _("已发布"))
    return ("mute", str(row.get_state_display()))


def told(spec: Spec, value: Any) -> list[str]:
    """A field's value as lines that a person reads; none where nothing is told."""
    if spec.type == "yes":
        return [_("是") if value else _("否")]
    if value in ("", None, []) and spec.name != "statutory_days":
        return []
    return _LINES.get(spec.type, lambda one: [word(str(one))])(days(value) if spec.type == "days" else visits(value) if spec.name == "visits" else value)


_LINES: Mapping[str, Any] = {
    "lines": list, "choices": lambda value: [_("、").join(word(one) for one in value)],
    "fees": lambda value: [f"{one['name']} {one['standard']}（{one['basis']}）" for one in value],
    "results": lambda value: [f"{one['name']} · {word(one['kind'])}" for one in value],
    "requirements": lambda value: [_asked(one) for one in value],
}


def _asked(one: Mapping[str, Any]) -> str:
    more = [situation(one["when"])] if one["when"] else []
    return " · ".join([meaning(one["meaning"]), one["quality"], str(FORMS[one["form"]]), *demands(one), *more])


def demands(one: Mapping[str, Any]) -> list[str]:
    """What a requirement demands besides its level and form."""
    found = [_("%(n)s 份") % {"n": one["copies"]}] if one["copies"] != 1 else []
    found += [_("可后补（容缺）")] if one["tolerant"] else []
    found += [value_of("commitment_days", days)] if (days := one.get("commitment_days")) else []
    return found + ([_("%(n)s 个月内的") % {"n": one["fresh_months"]}] if one["fresh_months"] else [])


@dataclass(frozen=True)
class Group:
    """One card of a matter's page: its fields with the lines of each."""

    id: str
    title: str
    rows: tuple[tuple[str, list[str]], ...]


def groups(content: Mapping[str, Any]) -> list[Group]:
    """A content as the page shows it; what is asked for stands in a table of its own."""
    found = []
    for name, (zh, en) in fields.GROUPS.items():
        rows = tuple((spec.label(language()), lines) for spec in fields.SPECS
                     if spec.group == name and spec.name not in ("name", "requirements") and (lines := told(spec, content[spec.name])))
        if rows:
            found.append(Group(name, zh if language() == "zh" else en, rows))
    return found


@dataclass(frozen=True)
class Asked:
    """One line of what a matter asks for."""

    name: str
    kind: str
    quality: str
    form: str
    demands: str
    situation: str
    held: bool


def asked(content: Mapping[str, Any]) -> list[Asked]:
    """What a matter asks for: fields first, then papers, in its own order."""
    known = shelf.known().meanings
    lines = [(known.get(one["meaning"]), one) for one in content["requirements"]]
    return [Asked(meaning(one["meaning"]), entry.kind if entry else "material", str(QUALITIES[one["quality"]]), str(FORMS[one["form"]]), _("、").join(demands(one)),
                  situation(one["when"]), bool(entry and entry.shared)) for entry, one in sorted(lines, key=lambda pair: pair[0] is None or pair[0].kind != "field")]


@dataclass(frozen=True)
class Difference:
    """One field on which two versions differ."""

    label: str
    before: list[str]
    after: list[str]


def differences(before: MatterVersion | None, after: MatterVersion) -> list[Difference]:
    """What a version changed; nothing for the first."""
    if before is None:
        return []
    found = [Difference(spec.label(language()), told(spec, was), told(spec, now)) for spec, was, now in matters.differences(before.content, after.content)]
    return [Difference(one.label, [line for line in one.before if line not in one.after], [line for line in one.after if line not in one.before]) for one in found]


def standing(version: MatterVersion, now: MatterVersion | None, day: dt.date | None = None) -> tuple[str, str]:
    """Where a version stands on a day, today unless given."""
    today = day or clocks.today()
    if not version.published:
        return ("warn", _("草稿"))
    if now is not None and version.pk == now.pk:
        return ("ok", _("现行"))
    return ("accent", _("还没到启用日")) if version.valid_from > today else ("mute", _("以前的"))


def value_of(rule: str, value: Any) -> str:
    """A merged rule's value in words."""
    if rule == "quality":
        return str(QUALITIES[value])
    if rule == "form":
        return str(FORMS[value])
    if rule == "copies":
        return _("%(n)s 份") % {"n": value}
    if rule == "tolerant":
        return _("可后补（容缺）") if value else _("当场要交")
    if rule == "commitment_days":
        return _("可承诺代替，受理后 %(n)s 个工作日内核查") % {"n": value} if value else _("不能用承诺代替")
    return _("%(n)s 个月内的") % {"n": value} if value else _("不限多久")


def why(one: Why, title: Any) -> str:
    """Why a rule is as strict as it is, as a sentence: who demands it, and how many would be content with what."""
    names = _("、").join(title(name) for name in one.demanded_by)
    values = list(dict.fromkeys(value for _name, value in one.content_with))
    less = _("、").join(_("%(n)s 个事项只要“%(value)s”") % {"n": sum(each == value for _name, each in one.content_with), "value": value_of(one.rule, value)} for value in values)
    return _("%(rule)s取最严：%(who)s要“%(value)s”；%(less)s") % {"rule": RULES[one.rule], "who": names, "value": value_of(one.rule, one.value), "less": less}


def summary(one: Merged) -> str:
    """What a merged paper has to be."""
    found = [value_of(rule, one.value(rule)) for rule in ("quality", "form")]
    found += [value_of("copies", one.value("copies"))] if one.value("copies") != 1 else []
    found += [value_of(rule, one.value(rule)) for rule in ("tolerant", "commitment_days") if one.value(rule)]
    return _("、").join([*found, *([value_of("fresh_months", one.value("fresh_months"))] if one.value("fresh_months") else [])])


def said(message: Message) -> str:
    """A sentence in the page's language."""
    return message.text(language())
