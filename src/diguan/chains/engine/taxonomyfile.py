"""How a county groups its industries (a “4+3+X” system, say), as a pack tells it: ``taxonomy.yaml`` → typed values, or every problem with its line.

```yaml
id: four_three_x
title: {zh: “4+3+X”产业体系, en: The 4+3+X industries}
groups:
  - id: leading
    title: {zh: 四大产业集群, en: Four leading clusters}
    count: 4                             # how many the plan speaks of; none for an open end such as X
    industries:
      - id: watch
        title: {zh: 钟表, en: Watches and clocks}
        chains: [watch]
        gbt4754: ["4030"]
        clusters: [钟表]                  # as the register of enterprises writes it
  - id: three
    title: {zh: 三个产业, en: Three industries}
    count: 3
    open: {zh: 未见公开材料写明, en: not named in public}   # why fewer are listed than the count says
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from diguan.chains.engine import chainparts
from diguan.chains.engine.chainparts import Codes
from diguan.kernel.catalogue import Catalogue
from diguan.kernel.messages import Message, nearest
from diguan.kernel.rules import nodes
from diguan.kernel.rules.conditions import Reader, Refused
from diguan.kernel.rules.nodes import DocumentErrors

HEAD, GROUP = ("id", "title", "groups"), ("id", "title", "count", "industries", "open")
INDUSTRY = ("id", "title", "chains", "gbt4754", "clusters")


@dataclass(frozen=True)
class Industry:
    """One industry of the system. ``codes`` are its own classes of GB/T 4754-2017; what serves several industries (moulds, boxes) is in none."""

    id: str
    title: Message
    chains: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """A number of the system's name.

    Attributes:
        count: how many industries the plan speaks of; None for an open end.
        open: why fewer are listed; None where all are.
    """

    id: str
    title: Message
    count: int | None
    industries: tuple[Industry, ...]
    open: Message | None = None


@dataclass(frozen=True)
class Taxonomy:
    """A county's system of industries."""

    id: str
    title: Message
    groups: tuple[Group, ...]

    @property
    def industries(self) -> Iterator[Industry]:
        """Of every group, in order."""
        return (industry for group in self.groups for industry in group.industries)

    def of_cluster(self, word: str) -> Industry | None:
        """The industry that the register calls so."""
        return next((industry for industry in self.industries if word in industry.clusters), None)

    def of_code(self, code: str) -> Industry | None:
        """The industry that holds a class, by the class itself or by a group or division above it.

        >>> watch = Industry("watch", Message("钟表", "Watches"), codes=("403",))
        >>> found = Taxonomy("t", Message("", ""), (Group("g", Message("", ""), 1, (watch,)),)).of_code("4030")
        >>> found is watch
        True
        """
        return next((industry for industry in self.industries for own in industry.codes if code.startswith(own)), None)


def read(file: str, content: bytes, codes: Codes, chains: Collection[str]) -> Taxonomy:
    """The system in a file.

    Args:
        file: what errors call it.
        content: UTF-8 YAML.
        codes: the industries of the standard there are.
        chains: ids of the chains there are.

    Raises:
        DocumentErrors: an unknown key, chain or code, anything told twice, a group whose count and list differ without a word; all of it, with file and line.
    """
    reader = Reader(file, Catalogue(()), None)
    try:
        found = _Told(reader, codes, chains, set()).taxonomy(nodes.parse(content, file))
    except Refused:
        found = None
    if reader.problems or found is None:
        raise DocumentErrors(reader.problems)
    return found


@dataclass(frozen=True)
class _Told:
    """What the parts share; ``seen`` holds what may be told once, by sort and word."""

    reader: Reader
    codes: Codes
    chains: Collection[str]
    seen: set[tuple[str, str]]

    def taxonomy(self, root: nodes.Node) -> Taxonomy:
        keys = chainparts.told(self.reader, self.reader.keys(root, HEAD, HEAD), HEAD)
        found = Taxonomy(chainparts.identity(self.reader, keys["id"]), chainparts.words(self.reader, keys["title"]), tuple(filter(None, map(self._group, chainparts.items(self.reader, keys["groups"])))))
        self._nested(found, keys["groups"])
        return found

    def _group(self, part: nodes.Node) -> Group | None:
        reader = self.reader
        try:
            keys = chainparts.told(reader, reader.keys(part, GROUP, ("id", "title")), ("id", "title"))
            group = Group(
                self._once("group", keys["id"], chainparts.identity(reader, keys["id"])), chainparts.words(reader, keys["title"]), self._count(keys.get("count")),
                tuple(filter(None, map(self._industry, chainparts.listed(reader, keys, "industries")))), chainparts.words(reader, keys["open"]) if "open" in keys else None)
        except Refused:
            return None
        self._complete(group, keys.get("count", part), keys.get("open", part), len(chainparts.listed(reader, keys, "industries")))
        return group

    def _count(self, part: nodes.Node | None) -> int | None:
        text = part.text if part else None
        if part is None:
            return None
        if not (text and text.isascii() and text.isdigit() and 0 < int(text) < 100):
            raise self.reader.refuse(part, f"count 是 1 到 99 的整数，现为 {text}", f"count is a whole number from 1 to 99, not {text}")
        return int(text)

    def _complete(self, group: Group, at: nodes.Node, open_at: nodes.Node, listed: int) -> None:
        if group.count is not None and listed > group.count:
            self.reader.refuse(at, f"{group.id} 应有 {group.count} 个产业，列了 {listed} 个", f"{group.id} is to have {group.count} industries, {listed} are listed")
        elif group.open is None and (listed == 0 or (group.count or 0) > listed):
            missing = "还没有列出产业" if group.count is None else f"应有 {group.count} 个产业，只列了 {listed} 个"
            self.reader.refuse(at, f"{group.id} {missing}；未定的要用 open 写明原因", f"{group.id} lists {listed} industries; what is left open needs its reason in open")
        elif group.open is not None and group.count == listed:
            self.reader.refuse(open_at, f"{group.id} 已列全，不再需要 open", f"{group.id} is complete and needs no open")

    def _industry(self, part: nodes.Node) -> Industry | None:
        reader = self.reader
        try:
            keys = chainparts.told(reader, reader.keys(part, INDUSTRY, ("id", "title")), ("id", "title"))
            return Industry(
                self._once("industry", keys["id"], chainparts.identity(reader, keys["id"])), chainparts.words(reader, keys["title"]),
                tuple(self._chain(one) for one in chainparts.listed(reader, keys, "chains")),
                tuple(self._once("code", one, chainparts.industry(reader, one, reader.text(one), self.codes)) for one in chainparts.listed(reader, keys, "gbt4754")),
                tuple(self._once("cluster", one, chainparts.one_line(reader, one)) for one in chainparts.listed(reader, keys, "clusters")))
        except Refused:
            return None

    def _chain(self, part: nodes.Node) -> str:
        name = self.reader.text(part)
        if name not in self.chains:
            raise self.reader.refuse(part, f"没有这条产业链：{name}", f"no chain {name}", nearest(name, self.chains, 0.4))
        return self._once("chain", part, name)

    def _once(self, sort: str, part: nodes.Node, word: str) -> str:
        if (sort, word) in self.seen:
            raise self.reader.refuse(part, f"{word} 写了两次", f"{word} is told twice")
        self.seen.add((sort, word))
        return word

    def _nested(self, found: Taxonomy, at: nodes.Node) -> None:
        """A class below another industry's group would belong to both."""
        owners: Mapping[str, Industry] = {code: industry for industry in found.industries for code in industry.codes}
        for code, industry in owners.items():
            for width in range(2, len(code)):
                if code[:width] in owners:
                    self.reader.refuse(at, f"{industry.id} 的 {code} 已含在 {owners[code[:width]].id} 的 {code[:width]} 里", f"{code} of {industry.id} is within {code[:width]} of {owners[code[:width]].id}")
