"""The lists of one policy: who is entitled, one step short, short of information; and what the search box finds."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.enterprises import queries as register
from diguan.kernel import access, money
from diguan.kernel.declare import Hit, Hits
from diguan.kernel.facts import runs
from diguan.kernel.facts.runs import Run
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.measures import MEASURES, behind
from diguan.kernel.shell import deliverers, source_name
from diguan.kernel.templatetags.diguan import moment
from diguan.policies import queries
from diguan.policies.queries import ENTITLED, NEAR, UNKNOWN, Standing, members
from diguan.policies.queries.members import Line
from diguan.policies.web import shown


def page(person: Any, standing: Standing, group: str, *, export: bool = False) -> ListPage:
    """One list of a policy as a list page: filters in the address, export of exactly what is filtered and may be exported."""
    rows = members.lines(person, standing, group) if group not in shown.MEASURES else behind(shown.MEASURES[group], person, standing)
    title = standing.policy.label(shown.language())
    return ListPage(
        title=_("{title}：{group}").format(title=title, group=name_of(group)), permission=queries.ENTITLEMENT, export_permission=queries.EXPORT,
        rows=lambda person: members.exportable(person, rows) if export else rows, fill=lambda lines: members.filled(standing, lines),
        columns=_columns(standing, group), file_name=f"{standing.policy.id}-{group}", order={ENTITLED: "-amount_fen", NEAR: "far"}.get(group, ""),
        empty=(_EMPTY.get(group, _("没有企业被这一条筛去")), ""), template="policies/group.html",
        about=about(standing.run, definition(standing, group)),
        filters=(Filter("q", gettext_lazy("企业名称、拼音首字母或信用代码"), kind="search", apply=lambda lines, text: _search(person, lines, text)),
                 Filter("town", gettext_lazy("所在乡镇"), choices=_words("town"), fields=("enterprise.town",)),
                 Filter("cluster", gettext_lazy("产业集群"), choices=_words("cluster"), fields=("enterprise.cluster",))))


def _why(judged: queries.Judged) -> str:
    """The reason beside a column that tells the distance."""
    return shown.sentence(judged, gap=False)


_EMPTY = {ENTITLED: gettext_lazy("没有可享的企业"), NEAR: gettext_lazy("没有差一步的企业"), UNKNOWN: gettext_lazy("没有待补信息的企业")}


def about(run: Run | None, definition: str) -> list[tuple[str, str]]:
    """What a file of one run says of itself: definition, day, last word counted."""
    if run is None:
        return []
    return [(_("口径"), definition), (_("判断日"), run.as_of.isoformat()), (_("所知截至"), moment(run.known_at)), (_("运行号"), run.run_id)]


def name_of(group: str) -> str:
    """What a list is called."""
    at = members.dropped_at(group)
    return str(shown.GROUPS[group][1]) if at is None else _("第 {n} 条筛去").format(n=at + 1)


def definition(standing: Standing, group: str) -> str:
    """What a list holds."""
    at = members.dropped_at(group)
    if at is None:
        return MEASURES[shown.MEASURES[group]].definition.text(shown.language())
    return _("前面各条都没有不符合，到这一条不符合：{clause}").format(clause=shown.reading(standing.policy.clauses[at]))


def _columns(standing: Standing, group: str) -> tuple[Column, ...]:
    def link(line: Line) -> str:
        return reverse("policies:explanation", args=[standing.policy.id, line.enterprise.uscc])

    def said(read: Any) -> Any:
        return lambda line: read(line.judged) if line.judged else None

    firm = (Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", link=link, note=lambda line: line.enterprise.uscc, head=True),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True))
    amount = Column("amount_fen", gettext_lazy("金额"), kind="money", sort=True, nothing=gettext_lazy("金额待定"))
    place = (Column("enterprise.town", gettext_lazy("所在乡镇"), sort=True, wide=True),
             Column("enterprise.cluster", gettext_lazy("产业集群"), sort=True, wide=True))
    own = {
        ENTITLED: (Column("why", gettext_lazy("怎么算的"), value=said(_why)), amount),
        NEAR: (Column("why", gettext_lazy("差在哪一条"), value=said(_why)), Column("far", gettext_lazy("差多少"), sort=True, value=said(shown.distance)),
               Column("amount", gettext_lazy("达到后的金额"), kind="money", value=said(lambda judged: judged.amount_fen or None))),
        UNKNOWN: (Column("why", gettext_lazy("缺哪些信息"), value=said(shown.sentence)), Column("gap", gettext_lazy("缺几条"), kind="number", value=said(lambda judged: len(judged.ask))),
                  amount)}
    at = members.dropped_at(group)
    if at is not None:
        return (*firm, Column("why", gettext_lazy("为什么"), value=said(lambda judged: shown.why(judged, at))), *place)
    return (*firm, *own[group], *place)


def _words(column: str) -> Any:
    return lambda person: [(text, text) for text in register.choices(person, column)]


def _search(person: Any, lines: list[Line], text: str) -> list[Line]:
    """The register's own search: name, former name, initials, code."""
    found = set(register.search(person, text).values_list("uscc", flat=True))
    return [line for line in lines if line.enterprise.uscc in found]


def found(person: Any, text: str, limit: int) -> Hits:
    """Policies by title, number, issuer or id; for who may see the county's."""
    try:
        standings = queries.standings(person)
    except access.Forbidden:
        return Hits((), 0)
    key = text.strip().lower()
    hits = [standing.policy for standing in standings if key and key in _searched(standing.policy)]
    return Hits([Hit(policy.label(shown.language()), reverse("policies:policy", args=[policy.id]), f"{policy.issuer} · {policy.origin.document}",
                     shown.state(policy)) for policy in hits[:limit]], len(hits), reverse("policies:list"))


def _searched(policy: Any) -> str:
    return " ".join([*policy.title.values(), policy.id, policy.issuer, policy.origin.document]).lower()


def address(standing: Standing, group: str) -> str:
    """Where one list of a policy is."""
    return reverse("policies:group", args=[standing.policy.id, group])


def heads(person: Any, standing: Standing, count: int) -> dict[str, list[dict[str, Any]]]:
    """The first lines of each list as the policy's page shows them: the largest amounts, the shortest distances, else by name."""
    lines = {group: members.lines(person, standing, group) for group in queries.GROUPS}
    lines[ENTITLED].sort(key=lambda line: -(line.amount_fen or 0))
    lines[NEAR].sort(key=lambda line: line.far or 0)
    told = [(group, line) for group, found in lines.items() for line in found[:count]]
    filled = members.filled(standing, [line for _group, line in told])
    return {group: [_head(standing, line, group) for (each, _bare), line in zip(told, filled, strict=True) if each == group] for group in lines}


def _head(standing: Standing, line: Line, group: str) -> dict[str, Any]:
    return {"name": line.enterprise.name, "url": reverse("policies:explanation", args=[standing.policy.id, line.enterprise.uscc]),
            "why": _why(line.judged) if line.judged else "", "result": _result(line, group)}


def _result(line: Line, group: str) -> str:
    if line.judged is None or group == ENTITLED:
        return money.words(line.amount_fen, shown.language()) if line.amount_fen is not None else _("金额待定")
    return shown.distance(line.judged)


def asked(standing: Standing) -> list[dict[str, Any]]:
    """Which facts to ask for first: the fact, who tells it, how many enterprises lack it."""
    catalogue = {fact.name: fact for fact in standing.policy.facts}
    return [{"label": catalogue[name].label(shown.language()), "sources": _("、").join(deliverers(catalogue[name])), "by_standard": catalogue[name].by_standard, "count": count}
            for name, count in members.asks(standing)]


def told(run: Run) -> list[dict[str, Any]]:
    """The batches a run read, by source."""
    return [{"source": source_name(row.source), "period": row.period, "rows": row.rows, "at": row.committed_at, "number": row.pk,
             "digest": row.sha256} for row in runs.told(run)]
