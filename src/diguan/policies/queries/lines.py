"""The lines that figures of policy money are folded from: what reached enterprises, by the ledger."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Exists, OuterRef, QuerySet

from diguan.enterprises.models import NONE_WORD, Enterprise
from diguan.kernel.access.models import Person
from diguan.kernel.measures import Asked, Line, counted, part_choices, part_names
from diguan.kernel.messages import Message
from diguan.policies import queries
from diguan.policies.models import Delivery, EntryKind, LedgerEntry
from diguan.policies.queries import ledgers

BACK = (EntryKind.RETURNED, EntryKind.REPAID)
part_choices("movement", EntryKind)
part_choices("delivery", Delivery)


def firms_of_claims(person: Person) -> QuerySet[Enterprise]:
    """The enterprises whose payments this person may see."""
    return Enterprise.objects.filter(pk__in=ledgers.visible_claims(person).order_by().values("enterprise"))


_of_claims = functools.partial(counted, permission=ledgers.VIEW, visible=firms_of_claims, column="uscc", route="enterprises:dossier", firms=True, groups=("policy", "movement", "delivery", "cluster"))


@_of_claims("policies.paid_lines", title=Message("兑现资金", "Policy money paid"), unit="元",
            definition=Message("台账里已支付的算加，银行退回和退缴的算减，在各自那天；冲销过的一笔和它的冲销都不算", "what the ledger has as paid, less what banks returned and firms repaid, each on its day; an entry that was reversed and its reversal do not count"))
def paid(asked: Asked) -> Iterable[Line]:
    """One line an entry."""
    known = LedgerEntry.objects.all() if asked.known_at is None else LedgerEntry.objects.filter(at__lte=asked.known_at)
    rows = known.filter(kind__in=(EntryKind.PAID, *BACK), day__lte=asked.as_of).exclude(Exists(known.filter(reverses=OuterRef("pk"))))
    told = rows.order_by("id").values_list("claim__enterprise__uscc", "claim__enterprise__name", "claim__enterprise__cluster", "claim__policy", "claim__delivery", "kind", "fen", "day")
    for uscc, name, cluster, policy, delivery, kind, fen, day in told:
        yield Line(uscc, name, -fen if kind in BACK else fen, day, groups={"policy": policy, "movement": kind, "delivery": delivery, "cluster": "" if cluster == NONE_WORD else cluster})


@_of_claims("policies.paid_firm_lines", title=Message("兑现企业", "Enterprises paid"), unit="户",
            definition=Message("台账里支付过的企业，在支付那天；冲销过的不算，后来退回的也算", "enterprises the ledger has a payment to, on its day; not what was reversed, also what came back later"))
def paid_firms(asked: Asked) -> Iterable[Line]:
    """One line a payment."""
    return [replace(line, num=1) for line in paid(asked) if line.groups["movement"] == EntryKind.PAID]


@part_names("policy")
def policy_name(group: str, language: str) -> str:
    """What a policy is called; nothing where its document is gone."""
    found = queries.library().policies.get(group)
    return found.label(language) if found else ""
