"""Conditions from YAML nodes: the closed grammar ``all / any / not / leaf``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from diguan.kernel import places
from diguan.kernel.catalogue import Catalogue, FactSpec
from diguan.kernel.messages import Message, nearest
from diguan.kernel.packs import Codes
from diguan.kernel.rules import tree, values, windows
from diguan.kernel.rules.nodes import Node, Problem

LEAF_KEYS = ("fact", "ratio", "over", "agg", "op", "value")
READ_KEYS = ("fact", "over", "agg")
_TEXTUAL = ("text", "region", "industry")


class Refused(Exception):
    """Raised after a problem was noted; the part cannot be built."""


@dataclass
class Reader:
    """What the parts of one document share: where it lies, what facts and codes there are, what went wrong."""

    name: str
    catalogue: Catalogue
    codes: Codes | None
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: Node, zh: str, en: str, nearest: str | None = None) -> Refused:
        """Note a problem; raise what it returns."""
        self.problems.append(Problem(self.name, node.line, Message(zh, en), nearest))
        return Refused()

    def keys(self, node: Node, allowed: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Node]:
        """The mapping's keys; unknown and missing ones are problems."""
        if node.keys is None:
            raise self.refuse(node, "这里应是键值", "a mapping is expected here")
        allowed = tuple(allowed)
        for key, child in node.keys.items():
            if key not in allowed:
                self.refuse(child, f"不认识的键 {key}", f"unknown key {key}", nearest(key, allowed, 0.4))
        for key in needed:
            if key not in node.keys:
                raise self.refuse(node, f"缺少 {key}", f"{key} is missing")
        return node.keys

    def text(self, node: Node) -> str:
        if node.text == "":
            raise self.refuse(node, "这里还空着，要填", "this is still empty and has to be filled in")
        if not node.text:
            raise self.refuse(node, "这里应是文字", "a text is expected here")
        return node.text

    def word(self, node: Node, allowed: Iterable[str]) -> str:
        """One of a closed list of words."""
        allowed = tuple(allowed)
        found = self.text(node)
        if found not in allowed:
            raise self.refuse(node, f"{found!r} 不在 {'、'.join(allowed)} 之中", f"{found!r} is none of {', '.join(allowed)}",
                              nearest(found, allowed, 0.3))
        return found

    def fact(self, node: Node) -> FactSpec:
        name = self.text(node)
        if name not in self.catalogue:
            raise self.refuse(node, f"没有这个事实：{name}", f"unknown fact {name}", self.catalogue.nearest(name))
        return self.catalogue[name]

    def valued(self, node: Node, make: object, *args: object, **kwargs: object) -> object:
        """Call a parser of ``values``; its problem becomes one of this line."""
        try:
            return make(*args, **kwargs)  # type: ignore[operator]
        except values.ValueProblem as problem:
            raise self.refuse(node, problem.message.zh, problem.message.en, problem.nearest) from None


def condition(reader: Reader, node: Node) -> tree.Condition:
    """Build one condition."""
    keys = node.keys or {}
    groups = [key for key in ("all", "any", "not") if key in keys]
    if not groups:
        return leaf(reader, node)
    reader.keys(node, groups[:1])
    inner = keys[groups[0]]
    if groups[0] == "not":
        return tree.Not(condition(reader, inner))
    if not inner.items:
        raise reader.refuse(inner, f"{groups[0]} 下面要有条件", f"{groups[0]} needs conditions")
    parts = tuple(condition(reader, part) for part in inner.items)
    return tree.All(parts) if groups[0] == "all" else tree.Any(parts)


def leaf(reader: Reader, node: Node) -> tree.Compare:
    """Build one comparison."""
    keys = reader.keys(node, LEAF_KEYS, ("op",))
    op = reader.text(keys["op"])
    op = tree.SYNONYMS.get(op, op)
    if op not in tree.OPERATORS:
        reader.word(keys["op"], tree.OPERATORS)
    if ("fact" in keys) == ("ratio" in keys):
        raise reader.refuse(node, "fact 和 ratio 写且只写一个", "exactly one of fact and ratio")
    of: tree.Source = ratio(reader, node, keys) if "ratio" in keys else read(reader, node, keys, exists=op == "exists")
    _fits(reader, keys["op"], of, op)
    return tree.Compare(of, op, _values(reader, node, keys, of, op))


def read(reader: Reader, node: Node, keys: dict[str, Node], *, exists: bool = False) -> tree.Read:
    """Build a read of one fact, for a condition or a benefit."""
    if "fact" not in keys:
        raise reader.refuse(node, "缺少 fact", "fact is missing")
    fact = reader.fact(keys["fact"])
    agg = reader.word(keys["agg"], tree.AGGREGATIONS) if "agg" in keys else None
    if fact.period == "none":
        if "over" in keys or agg:
            raise reader.refuse(keys.get("over", node), f"{fact.name} 没有周期，不写 over 和 agg", f"{fact.name} has no period: no over, no agg")
        return tree.Read(fact)
    if "over" not in keys:
        raise reader.refuse(node, f"{fact.name} 要写 over", f"{fact.name} needs over")
    word = period_word(reader, keys["over"], fact)
    if keys["over"].text == "latest":
        if agg not in (None, "latest"):
            raise reader.refuse(keys["agg"], "over: latest 只能配 agg: latest", "over: latest goes with agg: latest only")
        agg = "latest"
    if agg is None and not exists:
        raise reader.refuse(node, f"{fact.name} 要写 agg（{'、'.join(tree.AGGREGATIONS)}）", f"{fact.name} needs agg ({', '.join(tree.AGGREGATIONS)})")
    found = tree.Read(fact, word, agg)
    reader.valued(node, values.check_read, found)
    return found


def ratio(reader: Reader, node: Node, keys: dict[str, Node]) -> tree.Ratio:
    """Build a ratio of two sums."""
    sides = keys["ratio"].items or ()
    if len(sides) != 2 or "over" not in keys or "agg" in keys:
        raise reader.refuse(keys["ratio"], "ratio 写成 [分子, 分母]，配 over，不写 agg", "write ratio: [a, b] with over and without agg")
    facts = [reader.fact(side) for side in sides]
    for fact, side in zip(facts, sides, strict=True):
        if not fact.numeric or fact.period == "none":
            raise reader.refuse(side, f"{fact.name} 不能求和", f"{fact.name} cannot be summed")
    words = [period_word(reader, keys["over"], fact) for fact in facts]
    if keys["over"].text == "latest":
        raise reader.refuse(keys["over"], "ratio 不能配 latest", "a ratio has no latest")
    return tree.Ratio(facts[0], facts[1], words[0])


def period_word(reader: Reader, node: Node, fact: FactSpec) -> tree.Word:
    """A period word that does not cut the fact's periods."""
    text = reader.text(node)
    word = windows.parse_word(text)
    if word is None:
        raise reader.refuse(node, f"不认识的期间词 {text}", f"unknown period word {text}", nearest(text, windows.WORDS, 0.4))
    cut = windows.cuts(word, fact.period)
    if cut:
        raise reader.refuse(node, cut.zh, cut.en)
    return word


def _fits(reader: Reader, node: Node, of: tree.Source, op: str) -> None:
    kind = of.type
    if isinstance(of, tree.Ratio) and op in ("in", "starts_with", "exists"):
        raise reader.refuse(node, f"ratio 不能用 {op}", f"a ratio cannot be compared with {op}")
    if op in tree.ORDERED and kind in ("bool", *_TEXTUAL):
        raise reader.refuse(node, f"{op} 只用于数和日期", f"{op} is for numbers and dates")
    if op == "starts_with" and kind not in _TEXTUAL:
        raise reader.refuse(node, "starts_with 只用于文字和代码", "starts_with is for texts and codes")


def _values(reader: Reader, node: Node, keys: dict[str, Node], of: tree.Source, op: str) -> tuple[tree.Value, ...]:
    given = keys.get("value")
    if op == "exists":
        if given is not None:
            raise reader.refuse(given, "exists 不写 value", "exists takes no value")
        return ()
    if given is None:
        raise reader.refuse(node, "缺少 value", "value is missing")
    wants_list = op in ("in", "between") or (op == "starts_with" and given.items is not None)
    parts = given.items if wants_list else (given,)
    if not parts or (op == "between" and len(parts) != 2):
        raise reader.refuse(given, f"{op} 的 value 应是列表" + ("，写 [下限, 上限]" if op == "between" else ""), f"{op} takes a list" + (" [low, high]" if op == "between" else ""))
    found: tuple[tree.Value, ...] = tuple(
        reader.valued(part, values.parse, reader.text(part), of, reader.codes, prefix=op == "starts_with")  # type: ignore[misc]
        for part in parts
    )
    if op == "between" and _above(*found):
        low, high = (reader.text(part) for part in parts)
        raise reader.refuse(given, f"between 的下限 {low} 高于上限 {high}", f"between: the low end {low} is above the high end {high}", f"[{high}, {low}]")
    if op == "starts_with" and of.type == "industry":
        _no_section_alone(reader, given, found)
    return found


def _no_section_alone(reader: Reader, node: Node, found: tuple[tree.Value, ...]) -> None:
    """Codes of industries are digits: no enterprise's begins with the letter of a section, which would quietly mean nobody."""
    held = {places.section_of(str(value)) for value in found if str(value) not in places.SECTIONS and len(str(value)) > 1}
    for value in found:
        if str(value) in places.SECTIONS and str(value) not in held:
            first, last, zh, en = places.SECTIONS[str(value)]
            raise reader.refuse(node, f"企业的行业代码是数字，没有以门类 {value} 开头的；{zh}写成 {first:02d} 到 {last:02d} 各大类", f"industry codes are digits, none begins with section {value}; {en.lower()} is divisions {first:02d} to {last:02d}")


def _above(low: tree.Value, high: tree.Value) -> bool:
    """Whether nothing can lie between; a day named and one told from as_of cannot be compared before there is an as_of."""
    if isinstance(low, tree.AsOf) and isinstance(high, tree.AsOf):
        return low.months > high.months
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        return low > high
    return isinstance(low, dt.date) and isinstance(high, dt.date) and low > high
