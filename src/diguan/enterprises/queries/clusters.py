"""Reads of industry clusters as the register has them today: how many firms each has, and how many of them produce."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from diguan.enterprises.models import NONE_WORD, Enterprise, ProductionStatus
from diguan.enterprises.queries import VIEW, visible_enterprises
from diguan.kernel import access, clocks
from diguan.kernel.access.models import Person
from diguan.kernel.measures import measure
from diguan.kernel.messages import Message

NO_CLUSTER = ("", NONE_WORD, "其他")
"""What the register says of a firm that belongs to none."""


@dataclass(frozen=True)
class Cluster:
    """One cluster: its name, the firms of it a person may see, and those that produce, on a day."""

    name: str
    firms: int
    making: int
    as_of: dt.date
    known_at: dt.datetime | None = None


def clusters(person: Person) -> list[Cluster]:
    """The clusters with a firm this person may see, the largest first; none for who may see no enterprise."""
    if not access.may(person, VIEW):
        return []
    rows = visible_enterprises(person).exclude(cluster__in=NO_CLUSTER).order_by().values_list("cluster")
    found = rows.annotate(firms=Count("pk"), making=Count("pk", filter=Q(production_status=ProductionStatus.PRODUCING)))
    today = clocks.today()
    return sorted((Cluster(name, firms, making, today) for name, firms, making in found), key=lambda one: (-one.firms, one.name))


def firms_of(person: Person, of: Cluster) -> list[Enterprise]:
    """The firms of a cluster this person may see, by name."""
    return list(visible_enterprises(person).filter(cluster=of.name))


@measure("enterprises.cluster_firms", title=Message("引进企业", "Firms introduced"), unit="户", permission=VIEW, rows=firms_of,
         definition=Message("名册里归入这个产业集群的企业，在建、未投产、停产、注销的也算", "Firms the register puts in the cluster; those being built, not started, stopped or struck off count too"))
def cluster_firms(of: Cluster) -> int:
    """How many."""
    return of.firms


@measure("enterprises.cluster_producing", title=Message("投产企业", "Firms producing"), unit="户", permission=VIEW, rows=lambda person, of: [row for row in firms_of(person, of) if row.production_status == ProductionStatus.PRODUCING],
         definition=Message("其中名册上生产状态是在产的", "Those of them that the register says are producing"))
def cluster_producing(of: Cluster) -> int:
    """How many."""
    return of.making
