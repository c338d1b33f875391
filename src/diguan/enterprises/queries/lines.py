"""The lines that counts of enterprises are folded from."""

from __future__ import annotations

from collections.abc import Iterable

from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import VIEW, visible_enterprises
from diguan.kernel.measures import Asked, Line, counted
from diguan.kernel.messages import Message


@counted("enterprises.registered", title=Message("在库企业", "Enterprises on the register"), unit="户", permission=VIEW, visible=visible_enterprises, column="uscc", route="enterprises:dossier", firms=True,
         groups=("cluster", "town", "park", "industry", "production_status", "business_status"),
         definition=Message("企业库里的企业，从成立那天起算；集群、园区和生产状态是现在登记的", "enterprises on the register from the day of their establishment; cluster, park and production as registered now"))
def registered(asked: Asked) -> Iterable[Line]:
    """One line an enterprise. The register keeps no history of its attributes."""
    rows = Enterprise.objects.order_by("uscc").values_list("uscc", "name", "established", "cluster", "town", "park", "industry", "production_status", "business_status")
    for uscc, name, since, cluster, town, park, industry, producing, status in rows:
        yield Line(uscc, name, 1, since, groups={"cluster": cluster, "town": town, "park": park, "industry": industry[:2], "production_status": producing, "business_status": status})
