"""The page of what changed between two matches: who moved, from where to where, and what did it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises.models import Enterprise
from diguan.kernel import access, money
from diguan.kernel.facts.runs import Run
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.packs import SELF
from diguan.kernel.rules.differences import CORRECTED, NEW, Change, Told
from diguan.kernel.rules.scalar import ABSENT, UNTOLD
from diguan.kernel.shell import deliverers, language, source_name
from diguan.kernel.templatetags.diguan import moment, quantity
from diguan.policies import queries
from diguan.policies.queries import differences
from diguan.policies.queries.differences import Moved
from diguan.policies.web import shown
from diguan.policies.web.lists import about

MOST = 3
KINDS = {NEW: gettext_lazy("新报"), CORRECTED: gettext_lazy("更正")}


def page(old: Run, new: Run) -> ListPage:
    """The moves between two runs as a list page."""
    titles = _titles()
    ways = [(f"{was}-{now}", _("{was} → {now}").format(was=shown.GROUPS[was][1], now=shown.GROUPS[now][1]))
            for was in differences.STATUSES.values() for now in differences.STATUSES.values() if was != now]
    return ListPage(
        title=_("两次比对之间的变化"), permission=queries.ENTITLEMENT, export_permission=queries.EXPORT, file_name="changes",
        rows=lambda person: differences.moved(person, old, new), fill=lambda lines: differences.explained(old, new, lines),
        template="policies/changes.html", about=[(_("原来"), moment(old.known_at)), *about(new, _("两次比对之间结果变了的企业"))], empty=(gettext_lazy("没有一户变动"), gettext_lazy("两次比对之间，每一户在每份政策下的结果都一样。")),
        columns=(
            Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", head=True, link=_link, note=lambda line: line.enterprise.uscc),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            Column("policy_id", gettext_lazy("政策"), sort=True, value=lambda line: titles.get(line.policy_id, line.policy_id)),
            Column("was", gettext_lazy("原来"), kind="status", sort=True, value=lambda line: shown.GROUPS[line.was]),
            Column("now", gettext_lazy("现在"), kind="status", sort=True, value=lambda line: shown.GROUPS[line.now]),
            Column("why", gettext_lazy("因为"), value=why)),
        filters=(
            Filter("policy", gettext_lazy("政策"), choices=sorted(titles.items()), fields=("policy_id",)),
            Filter("way", gettext_lazy("怎么变的"), choices=ways, apply=lambda lines, way: [line for line in lines if f"{line.was}-{line.now}" == way])))


def rail(person: Any, row: Enterprise) -> dict[str, Any] | None:
    """What the last match changed for one enterprise, beside its dossier; nothing where nothing moved or may be seen."""
    if not access.may(person, queries.ENTITLEMENT, row):
        return None
    found = differences.lately(person, row)
    return {"old": found[0], "changes": entries(found[1]), "uscc": row.uscc} if found and found[1] else None


def entries(moved: list[Moved]) -> list[dict[str, Any]]:
    """Moves of one enterprise, in words."""
    titles = _titles()
    return [{"title": titles[line.policy_id], "policy": line.policy_id, "was": shown.GROUPS[line.was], "now": shown.GROUPS[line.now],
             "why": why(line)} for line in moved if line.policy_id in titles]


def _titles() -> dict[str, str]:
    return {name: policy.label(language()) for name, policy in queries.library().policies.items()}


def _link(line: Moved) -> str:
    return reverse("policies:explanation", args=[line.policy_id, line.enterprise.uscc])


def why(line: Moved) -> str:
    """What moved one enterprise, in words; the facts that turned it before those that only changed as well."""
    changes = [change for change in line.why.changes if not line.why.decisive or change.fact.name in line.why.decisive]
    said = [change_words(change, own=(change.fact.name, change.period) in line.why.own) for change in changes[:MOST]]
    if len(changes) > MOST:
        said.append(_("另有 {n} 处").format(n=len(changes) - MOST))
    if line.why.other_day:
        said.insert(0, _("判断日不同"))
    if line.why.other_text:
        said.insert(0, _("政策文本改过"))
    return _("；").join(said) or _("没有找到原因")


def change_words(change: Change, *, own: bool = False) -> str:
    """出口销售额 2026-08 新报：未知 → 29.5 万元（县税务局）; ``own``: the enterprise told it of itself."""
    who = source_name(SELF) if own else _("、").join(deliverers(change.fact))
    return _("{fact} {period} {kind}：{was} → {now}（{who}）").format(
        fact=change.fact.label(language()), period=change.period, kind=KINDS.get(change.kind, _("撤回")),
        was=_told(change, change.before), now=_told(change, change.after), who=who).replace("  ", " ")


def _told(change: Change, told: Told) -> str:
    if told.state == UNTOLD:
        return _("未知")
    if told.state == ABSENT or told.value is None:
        return _("无记录")
    if change.fact.type == "money" and isinstance(told.value, int):
        return money.words(told.value, language())
    unit = {"date": "date", "bool": "bool"}.get(change.fact.type, change.fact.unit)
    return str(quantity(told.value, unit)) if isinstance(told.value, int) else told.value
