"""Two texts held against each other, clause by clause and by who gains and who loses; and the firms behind every number of a trial."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.enterprises import queries as register
from diguan.kernel import access
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.rules import tree
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.models import Draft
from diguan.policies.queries import ENTITLED, NEAR, UNKNOWN, drafts, members, trials
from diguan.policies.queries.trials import Change, ClauseChange, Comparison, Trial
from diguan.policies.web import builder_shown, shown
from diguan.policies.web import builder_words as words
from diguan.policies.web.builder import draft_of

NOW, IN_FORCE = "draft", "inforce"
KINDS = {trials.GAINED: ("ok", gettext_lazy("新可享")), trials.LOST: ("bad", gettext_lazy("不再可享")), trials.MORE: ("ok", gettext_lazy("金额变多")), trials.LESS: ("warn", gettext_lazy("金额变少")),
         trials.ASKED: ("unknown", gettext_lazy("变成待补信息")), trials.CLEARED: ("mute", gettext_lazy("不用再补信息，不可享")), trials.OPEN: ("unknown", gettext_lazy("可享，金额一版算得出一版算不出"))}


def side(row: Draft, name: str) -> tuple[str, tree.Policy]:
    """One of the two texts by its name in the address: ``draft``, ``inforce`` or a version's number; its words and its tree.

    Raises:
        Http404: there is no such text, or it cannot be tried.
    """
    if name == IN_FORCE:
        policy = or_404(queries.library().policies.get(row.policy))
        return _("政策库里的"), drafts.tried_text(policy)
    if name != NOW and not (name.isdecimal() and len(name) < 9):
        raise Http404
    kept = row if name == NOW else or_404(drafts.version(row, int(name)))
    found = drafts.opened(kept.text, kept.source)
    return (_("草稿") if name == NOW else _("第 {n} 版").format(n=name)), or_404(found.policy and found.trial)


def sides(row: Draft, old: str = "", new: str = "") -> dict[str, Any]:
    """Both texts as the address names them; by default the library's, else the last version that differs, against the draft."""
    old = old or (IN_FORCE if row.policy in queries.library().policies else _before(row))
    new = new or NOW
    (old_name, one), (new_name, other) = side(row, old), side(row, new)
    return {"old": old, "new": new, "old_name": old_name, "new_name": new_name, "one": one, "other": other, "query": f"?old={old}&new={new}"}


def _before(row: Draft) -> str:
    """The last version that says something else than the draft, for a draft just kept is its own last version."""
    others = (one for one in drafts.versions(row) if (one.text, one.source) != (row.text, row.source) and drafts.opened(one.text, one.source).policy)
    return next((str(one.number) for one in others), str(row.saved or NOW))


@require_GET
def compare(request: HttpRequest, number: int) -> HttpResponse:
    """Two texts: every clause that differs, money and dates, and who gains and loses."""
    person, row = asking(request), draft_of(request, number)
    context = builder_shown.frame(person, row, "versions")
    try:
        found = sides(row, request.GET.get("old", ""), request.GET.get("new", ""))
    except Http404:
        if request.GET:
            raise
        return render(request, "policies/builder/compare.html", {**context, "impossible": True})
    counted = trials.compare(person, found["one"], found["other"]) if access.may(person, queries.ENTITLEMENT) else None
    choices = [(NOW, _("草稿")), *((str(one.number), _("第 {n} 版").format(n=one.number)) for one in drafts.versions(row)), *([(IN_FORCE, _("政策库里的"))] if row.policy in queries.library().policies else [])]
    return render(request, "policies/builder/compare.html", {
        **context, **found, "choices": choices, "lines": clause_lines(found["one"], found["other"]), "terms": term_lines(found["one"], found["other"]),
        "moves": moves(row, counted, found) if counted else [], "counted": counted, "net": net(counted) if counted else None})


# ── clause by clause ─────────────────────────────────────────────────────────
def clause_lines(old: tree.Policy, new: tree.Policy) -> list[dict[str, Any]]:
    """Every clause that differs: how, its condition in words before and after, what else about it is different."""
    kinds = {trials.ADDED: ("ok", _("新加")), trials.REMOVED: ("bad", _("去掉")), trials.CHANGED: ("warn", _("改了"))}
    return [{"kind": kinds[one.kind], "id": (one.new or one.old).id, "article": (one.new or one.old).cite.article, "before": _said(one.old), "after": _said(one.new), "more": _more(one)}  # type: ignore[union-attr]
            for one in trials.clause_changes(old, new)]


def _said(clause: tree.Clause | None) -> str:
    return words.reading(clause.condition) if clause else ""


def _more(one: ClauseChange) -> list[str]:
    if one.old is None or one.new is None:
        return []
    found = []
    if one.old.cite.quote != one.new.cite.quote or one.old.cite.article != one.new.cite.article:
        found.append(_("依据：{old} → {new}").format(old=f"{one.old.cite.article} {one.old.cite.quote}", new=f"{one.new.cite.article} {one.new.cite.quote}"))
    if one.old.on_missing != one.new.on_missing:
        names = {key: str(word) for key, word in words.MISSING}
        found.append(_("没有数据时：{old} → {new}").format(old=names[one.old.on_missing], new=names[one.new.on_missing]))
    return found


def term_lines(old: tree.Policy, new: tree.Policy) -> list[dict[str, str]]:
    """Benefit, budget, delivery and the rest, where they differ."""
    read = {_("怎么补"): lambda of: words.benefit(of.benefit) + _rounding(of.benefit), _("预算"): lambda of: words.budget(of.budget), _("怎么兑现"): lambda of: str(shown.DELIVERY[of.delivery]),
            _("不能同时享受"): lambda of: _("、").join(of.exclusive_with) or _("没有"), _("法律或政策依据"): lambda of: of.legal_basis or _("没有写"), _("公平竞争审查"): _review,
            _("政策名称"): lambda of: of.label("zh"), _("发文单位"): lambda of: of.issuer, _("文号"): lambda of: of.origin.document, _("原文"): lambda of: of.origin.sha256[:12]}
    return [{"label": label, "before": one, "after": other} for label, say in read.items() if (one := say(old)) != (other := say(new))]


def _rounding(benefit: tree.Benefit) -> str:
    return "" if benefit.rounding == "down_to_fen" else "，" + str(dict(words.ROUNDINGS)[benefit.rounding])


def _review(of: tree.Policy) -> str:
    if of.review is None:
        return _("没有")
    return " ".join(part for part in (str(dict(words.REVIEWS).get(of.review.status, of.review.status)), of.review.date.isoformat() if of.review.date else "", of.review.record) if part)


# ── who gains, who loses ─────────────────────────────────────────────────────
def moves(row: Draft, of: Comparison, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each way of changing, with how many and how much, and where they are listed."""
    return [{"kind": KINDS[kind], "sum": of.sums[kind], "url": reverse("policies:builder_moved", args=[row.pk, found["old"], found["new"], kind]) if of.sums[kind].count else ""} for kind in trials.CHANGES]


def net(of: Comparison) -> dict[str, int]:
    """What the change costs altogether: the low amounts before and after."""
    return {"old": of.old.totals.amount_fen, "new": of.new.totals.amount_fen, "change": of.new.totals.amount_fen - of.old.totals.amount_fen}


@require_GET
def moved(request: HttpRequest, number: str, old: str, new: str, kind: str) -> HttpResponseBase:
    """The firms that change in one way between two texts, with what they had and what they would have."""
    person, row = asking(request), draft_of(request, int(number))
    found = sides(row, old, new)
    counted = or_404(trials.compare(person, found["one"], found["other"]))
    page = ListPage(
        title=_("{title}：{kind}").format(title=found["other"].label(language()), kind=KINDS[kind][1]), permission=queries.ENTITLEMENT, export_permission=queries.EXPORT, template="policies/builder/people.html",
        rows=lambda who: exportable(request, trials.changes(who, counted, [kind])), file_name=f"{row.policy}-{kind}", order="-difference", about=_about(counted.new, _("{old} 和 {new} 比").format(old=found["old_name"], new=found["new_name"])),
        columns=(*FIRM, Column("was", gettext_lazy("原来"), kind="status", sort=True, value=lambda line: shown.GROUPS[line.was]), Column("now", gettext_lazy("改后"), kind="status", sort=True, value=lambda line: shown.GROUPS[line.now]),
                 Column("old_fen", gettext_lazy("原来的金额"), kind="money", sort=True, value=lambda line: _paid(line, "was")), Column("new_fen", gettext_lazy("改后的金额"), kind="money", sort=True, value=lambda line: _paid(line, "now")),
                 Column("difference", gettext_lazy("相差"), kind="money", sort=True), *PLACE),
        filters=FILTERS)
    return page.show(request, draft=row, run=counted.new.run, definition=_("{old} 和 {new} 按同一天、同一批数据判").format(old=found["old_name"], new=found["new_name"]), back=reverse("policies:builder_compare", args=[row.pk]) + found["query"])


def _paid(line: Change, when: str) -> int | None:
    group, fen = (line.was, line.old_fen) if when == "was" else (line.now, line.new_fen)
    return fen if group in (ENTITLED, UNKNOWN) else None


@require_GET
def people(request: HttpRequest, number: str, group: str) -> HttpResponseBase:
    """The firms of one list of a trial: entitled, one step short, to be asked, or screened out at a clause."""
    person, row = asking(request), draft_of(request, int(number))
    found = drafts.opened(row.text, row.source)
    text = or_404(found.trial)
    if (members.dropped_at(group) or 0) >= len(text.clauses):
        raise Http404
    of = or_404(trials.trial(person, text))
    at = members.dropped_at(group)
    name = str(shown.GROUPS[group][1]) if at is None else _("第 {n} 条筛去").format(n=builder_shown.numbers(found)[at])
    why = Column("why", gettext_lazy("为什么"), value=lambda line: shown.sentence(line.judged) if at is None else shown.why(line.judged, at))
    more = (Column("far", gettext_lazy("差多少"), sort=True, value=lambda line: shown.distance(line.judged)),) if group == NEAR else (Column("amount_fen", gettext_lazy("金额"), kind="money", sort=True, nothing=gettext_lazy("金额待定")),) if at is None else ()
    page = ListPage(title=_("试算 {title}：{group}").format(title=text.label(language()), group=name), permission=queries.ENTITLEMENT, export_permission=queries.EXPORT, template="policies/builder/people.html",
                    rows=lambda who: exportable(request, trials.lines(who, of, group)), fill=lambda lines: trials.filled(of, lines), columns=(*FIRM, why, *more, *PLACE),
                    file_name=f"{row.policy}-{group}", order={ENTITLED: "-amount_fen", NEAR: "far"}.get(group, ""), about=_about(of, name), filters=FILTERS, empty=(gettext_lazy("没有企业"), ""))
    return page.show(request, draft=row, run=of.run, definition=_("草稿试算，不是比对结果；没有人会收到通知"), back=reverse("policies:builder", args=[row.pk]))


FIRM = (Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", head=True, link=lambda line: reverse("enterprises:dossier", args=[line.enterprise.uscc]), note=lambda line: line.enterprise.uscc),
        Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True))
FILTERS = (Filter("town", gettext_lazy("所在乡镇"), choices=lambda person: [(text, text) for text in register.choices(person, "town")], fields=("enterprise.town",)),
           Filter("cluster", gettext_lazy("产业集群"), choices=lambda person: [(text, text) for text in register.choices(person, "cluster")], fields=("enterprise.cluster",)))
PLACE = (Column("enterprise.town", gettext_lazy("所在乡镇"), sort=True, wide=True), Column("enterprise.cluster", gettext_lazy("产业集群"), sort=True, wide=True))


def exportable(request: HttpRequest, found: list[Any]) -> list[Any]:
    """Who may see more than they may take out takes out only the latter."""
    if request.GET.get("export") not in ("xlsx", "csv"):
        return found
    allowed = set(access.visible(register.visible_enterprises(asking(request)), asking(request), queries.EXPORT).filter(pk__in=[line.enterprise.pk for line in found]).values_list("pk", flat=True))
    return [line for line in found if line.enterprise.pk in allowed]


def _about(of: Trial, definition: str) -> list[tuple[str, str]]:
    return [(_("口径"), definition), (_("判断日"), of.run.as_of.isoformat()), (_("运行号"), of.run.run_id), (_("说明"), _("草稿试算，不是比对结果"))]
