"""What an evaluation says in plain words: the interval first, then how sure it is, then what it cannot say. Never a cause where a check failed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import money, packs
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.shell import language
from diguan.policies.queries.evaluated import BREAKS, DOUBT, OPEN, REFUSED, SHOWN, level

METHODS = {"threshold": gettext_lazy("门槛两侧：刚过的和差一点的"), "change": gettext_lazy("前后变化：享受的和没享受的")}
LEVELS = {REFUSED: ("mute", gettext_lazy("不能判断")), DOUBT: ("warn", gettext_lazy("有差别，原因不明")), OPEN: ("unknown", gettext_lazy("没有看出差别")), SHOWN: ("ok", gettext_lazy("有差别，检查没有发现问题"))}
RECEIVED = {"paid": gettext_lazy("已经拨付的企业"), "granted": gettext_lazy("分配中拟安排的企业（还没有拨付记录）"), "eligible": gettext_lazy("比对中可享的企业（没有拨付也没有分配记录，不一定真的拿到）")}
AGGREGATIONS = {"sum": gettext_lazy("整段合计"), "latest": gettext_lazy("段内最近一次")}
REASONS = {
    "no_limit": gettext_lazy("没有选门槛，或者这份政策没有可比的数值门槛。"),
    "too_few": gettext_lazy("一边 {left} 户，另一边 {right} 户。不到 20 户的一边说明不了问题，不估计。"),
    "all_received": gettext_lazy("能比的企业全都享受了，没有可以对照的。"),
    "none_received": gettext_lazy("能比的企业没有一户享受。"),
    "outcome_unknown": gettext_lazy("有一边，结果已知的企业不到一半（已知：{left} 户和 {right} 户）。没有数据不等于零，不估计。"),
    "no_variation": gettext_lazy("所有企业的结果都一样，没有可以比较的变化。"),
    "no_jump": gettext_lazy("过了门槛的企业并不比没过的更常享受，这个门槛分不出谁享受。"),
    "no_spread": gettext_lazy("门槛附近的数值几乎都一样，分不出远近。"),
}
DOUBTS = {
    "small": gettext_lazy("有一边不到 50 户。换几户企业，结果就可能不同。"),
    "unstable": gettext_lazy("换一个比较范围，差别的方向就变了。"),
    "placebo": gettext_lazy("在没有门槛的地方也有跳跃。差别可能不是门槛带来的。"),
    "no_placebo": gettext_lazy("企业不够，没能到没有门槛的地方去核对。"),
    "bunching": gettext_lazy("门槛两侧的户数不像是碰巧的。可能有企业为了达标调过数字。"),
    "unbalanced": gettext_lazy("享受之前，两侧的企业就不一样。"),
    "no_balance": gettext_lazy("没有享受之前的数据，核对不了两侧是否可比。"),
    "fuzzy": gettext_lazy("过了门槛的没有全部享受，或没过的也有享受。这里说的是跨过门槛的差别，不是拿到钱的差别。"),
    "attrition": gettext_lazy("两边结果已知的比例相差一成以上。没有数据的，可能正是关停或迁走的。"),
    "few_values": gettext_lazy("门槛附近只有几种数值，按直线估计靠不住。"),
    "pretrend": gettext_lazy("享受之前，两组的走势就已经不同。"),
    "no_pretrend": gettext_lazy("没有更早的数据，不知道两组以前是不是一起变。"),
    "one_firm": gettext_lazy("去掉每组变化最大的一户，结论就变了。"),
    "other_policies": gettext_lazy("别的政策在相近的门槛上也给好处，分不开是谁的作用。"),
    "same_fact": gettext_lazy("结果正是门槛用的那个数。按高低挑出来的企业，下一年本来就会往中间回。"),
    "straddles": gettext_lazy("后一段里有享受之前的日子。"),
    "before_late": gettext_lazy("前一段里有享受之后的日子。"),
    "early": gettext_lazy("离享受还不到一年，作用可能还没有显出来。"),
    "text_changed": gettext_lazy("政策在那次比对之后改过，门槛按现在的文本。"),
}
LIMITS = (
    gettext_lazy("只说门槛附近的企业。离门槛远的企业，这里什么也没有说。"),
    gettext_lazy("来办的企业可能本来就更有劲头（自己选的）。前后比较去不掉这一点。"),
    gettext_lazy("企业事先知道有政策，可能提前或推迟投资、用工（预期）。"),
    gettext_lazy("去年特别高或特别低的企业，今年往往自己回到中间（回归均值）。"),
    gettext_lazy("户数少，没有看出差别不等于没有作用。"),
    gettext_lazy("享受的企业可能带动别的企业，也可能挤掉别的企业（外溢）。两者的差就不等于作用。"),
    gettext_lazy("换着结果多评几次，二十次里大约有一次会碰巧“有差别”。只评一个事先想好的结果，最可信。"),
)


def fact_of(name: str) -> FactSpec | None:
    """The outcome, where the catalogue still knows it."""
    return packs.catalogue().get(name)


def figure(value: float | None, fact: FactSpec | None) -> str:
    """An estimate with its unit, rounded for reading."""
    if value is None:
        return "—"
    if fact is not None and fact.type == "money":
        return money.words(round(value * 100), language())
    unit = "" if fact is None else _("天") if fact.type == "date" else fact.unit
    number = money.digits(Decimal(f"{value:.6g}"), 2) if abs(value) >= 0.01 or value == 0 else f"{value:.2g}"
    return f"{number} {unit}".strip()


def chance(p: float) -> str:
    """A probability for reading; a small one is never told as none.

    >>> chance(0.0000012), chance(0.0421)
    ('<0.001', '0.042')
    """
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def interval(estimate: Mapping[str, Any] | None, fact: FactSpec | None) -> str:
    """An interval in words."""
    if estimate is None:
        return _("企业不够，不估计")
    return _("{low} 至 {high}").format(low=figure(estimate["low"], fact), high=figure(estimate["high"], fact))


def said(method: str, found: Mapping[str, Any], fact: FactSpec | None, name: str) -> str:
    """The sentence under the interval: what was compared, what came out, what it is worth."""
    worth = level(method, found)
    if worth == REFUSED:
        return str(REASONS.get(found["refused"], found["refused"])).format(left=found["left"], right=found["right"])
    effect = found["effect"]
    told = {"left": effect["left"], "right": effect["right"], "value": figure(abs(effect["estimate"]), fact), "name": name}
    more = effect["estimate"] > 0
    if method == "threshold":
        first = _("刚过门槛的 {right} 户和差一点的 {left} 户相比，{name}平均高 {value}。") if more else _("刚过门槛的 {right} 户和差一点的 {left} 户相比，{name}平均低 {value}。")
    else:
        first = _("享受的 {right} 户和没享受的 {left} 户相比，{name}的变化平均多 {value}。") if more else _("享受的 {right} 户和没享受的 {left} 户相比，{name}的变化平均少 {value}。")
    return first.format(**told) + str(_worth(method, worth))


def _worth(method: str, worth: str) -> str:
    if worth == OPEN:
        return _("区间里有零：这点数据说不准有没有差别，也不能说没有作用。")
    if worth == DOUBT:
        return _("区间里没有零，是有差别；但下面有检查没有通过，不能说是政策带来的。")
    if method == "threshold":
        return _("区间里没有零，检查也没有发现问题：对门槛附近的企业，可以认为差别是跨过门槛带来的。")
    return _("区间里没有零，检查也没有发现问题：与政策有作用相符，但这个办法证明不了是政策带来的。")


def doubts(method: str, found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is doubtful, each with whether it breaks the conclusion; those that do first."""
    codes = sorted(found.get("warnings", ()), key=lambda code: code not in BREAKS[method])
    return [("bad", _("没有通过"), str(DOUBTS[code])) if code in BREAKS[method] else ("warn", _("注意"), str(DOUBTS[code])) for code in codes]
