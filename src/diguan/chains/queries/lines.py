"""The lines that figures of chains are folded from: which nodes are there, and what stays in the county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from diguan.chains.engine.chain import Node
from diguan.chains.models import Coverage, Role
from diguan.chains.queries import coverage as register
from diguan.chains.queries import maps, shelf
from diguan.chains.queries.taxonomy import taxonomy
from diguan.enterprises.models import Enterprise
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.measures import Asked, Findable, Line, counted, part_names
from diguan.kernel.messages import Message

HERE, AWAY = "本县", "县外"
"""Where a firm sells to or buys from."""
OTHERS = Message("其他", "Others")
"""What registers write of a firm that is in no cluster."""


class _Nodes:
    """The nodes of the packs, found as records are."""

    def filter(self, **wanted: Any) -> list[Node]:
        """Those with one of these ids."""
        known: Collection[str] = wanted["id__in"]
        return [node for key, node in shelf.nodes().items() if key in known]


def visible_nodes(person: Person) -> Findable:
    """Every node, for who may see chains.

    Raises:
        access.Forbidden: they may not.
    """
    access.require(person, register.VIEW_CHAIN)
    return _Nodes()


@counted("chains.node_lines", title=Message("产业链环节", "Nodes of chains"), unit="个", permission=register.VIEW_CHAIN, visible=visible_nodes, column="id", route="chains:sourcing_node", groups=("chain",),
         definition=Message("产业链的每个环节一行，有在产企业的是 1；企业环节须已核实，在建、未投产、停产的不算；企业环节没有历史，是现在的", "each node of each chain, 1 where a producing firm makes it; verified rows alone, unfinished and idle firms apart, as they stand now"))
def nodes(asked: Asked) -> Iterable[Line]:
    """One line a chain and node; rows of firms keep no history."""
    made = {row.node for row in _believed(asked.known_at).filter(role=Role.MAKE) if maps.produces(row)}
    return [Line(node.id, node.name.zh, int(node.id in made), of=1, groups={"chain": chain.name.zh}) for chain in shelf.chains().values() for node in chain.nodes]


def _believed(known_at: dt.datetime | None) -> Any:
    rows = register.believed().order_by("id")
    return rows if known_at is None else rows.filter(created_at__lte=known_at)


@part_names("node")
def node_name(group: str, language: str) -> str:
    """A node as its chain calls it."""
    found = shelf.node(group)
    return found.name.text(language) if found else ""


@part_names("chain")
def chain_name(group: str, language: str) -> str:
    """A chain as its file calls it in another language."""
    return next((chain.name.text(language) for chain in shelf.chains().values() if chain.name.zh == group), "") if language != "zh" else ""


@part_names("cluster")
def cluster_name(group: str, language: str) -> str:
    """A cluster as the county's system of industries calls it in another language; in Chinese it is the register's own word."""
    known = taxonomy() if language != "zh" else None
    found = known.of_cluster(group) if known else None
    return found.title.text(language) if found else OTHERS.text(language) if group == OTHERS.zh else ""


# ── what stays in the county ─────────────────────────────────────────────────
def firms_with_volumes(person: Person) -> Findable:
    """The firms of whose rows this person may see the amounts."""
    rows = access.visible(register.visible_coverages(person), person, register.VOLUME)
    return Enterprise.objects.filter(pk__in=rows.order_by().values("enterprise"))


def _traded(asked: Asked, role: str) -> Iterator[Line]:
    """Of each row what is traded in the county and what is not, both of the whole; a firm that did not tell is a line of nobody knows."""
    known = shelf.nodes()
    for row in _believed(asked.known_at).filter(role=role):
        name = f"{row.enterprise.name}（{known[row.node].name.zh if row.node in known else row.node}）"
        begins = dt.date(row.year, 1, 1) if row.year else row.told_on
        for where, fen in ((HERE, row.local_fen), (AWAY, _rest(row))):
            told = bool(row.amount_fen) and fen is not None
            yield Line(row.enterprise.uscc, name, fen if told else None, begins, of=row.amount_fen if told else None, groups={"node": row.node, "cluster": row.enterprise.cluster, "where": where})


def _rest(row: Coverage) -> int | None:
    return None if row.amount_fen is None or row.local_fen is None else row.amount_fen - row.local_fen


_YEAR = Message("企业环节须已核实；一行算从它说的那一年起，没有写年份的从来源日期起", "verified rows alone; a row counts from the year it speaks of, without one from the day of its source")


@counted("chains.sales_lines", title=Message("产值卖到哪里", "Where output is sold"), unit="元", permission=register.VOLUME, visible=firms_with_volumes, column="uscc", route="enterprises:dossier", firms=True, groups=("node", "cluster", "where"),
         definition=Message(f"每个生产环节的年产值分本县和县外两行。{_YEAR.zh}", f"the year's output of each making row, in the county and outside; {_YEAR.en}"))
def sales(asked: Asked) -> Iterable[Line]:
    """Two lines a row of who makes."""
    return _traded(asked, Role.MAKE)


@counted("chains.purchase_lines", title=Message("从哪里采购", "Where purchases come from"), unit="元", permission=register.VOLUME, visible=firms_with_volumes, column="uscc", route="enterprises:dossier", firms=True, groups=("node", "cluster", "where"),
         definition=Message(f"每个采购环节的年采购额分本县和县外两行。{_YEAR.zh}", f"the year's purchases of each using row, in the county and outside; {_YEAR.en}"))
def purchases(asked: Asked) -> Iterable[Line]:
    """Two lines a row of who uses."""
    return _traded(asked, Role.USE)
