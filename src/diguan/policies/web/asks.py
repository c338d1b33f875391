"""The page on which an official asks for what is missing: who would be asked what, by when; sent as one action a letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diguan.kernel import access, clocks, packs
from diguan.kernel.facts.requests import actions as requests
from diguan.kernel.facts.requests.queries import ASK, WORKDAYS, Letter, Question, letters, open_already
from diguan.kernel.messages import Message
from diguan.kernel.packs import SELF
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, source_name, whole
from diguan.kernel.templatetags.diguan import address
from diguan.policies import actions, queries
from diguan.policies.queries import UNKNOWN, Standing, members, wanting
from diguan.policies.queries.members import Line
from diguan.policies.web import lists, shown


def chosen_lines(request: HttpRequest, standing: Standing) -> list[Line]:
    """The undecided enterprises the address names: one by its code, else those that pass the filters of the list."""
    listed = lists.page(asking(request), standing, UNKNOWN)
    rows: list[Line] = listed.narrowed(request)
    wanted = request.GET.get("uscc")
    return members.filled(standing, [row for row in rows if wanted is None or row.enterprise.uscc == wanted])


def preview(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Who would be asked what and by when; bureaus are ticked, the enterprises themselves are for the official to tick."""
    access.require(asking(request), ASK)
    listed = chosen_lines(request, standing)
    found = wanting.questions(listed)
    firms = len({question.subject_id for each in found.values() for question in each})
    due = clocks.due_after(clocks.today(), WORKDAYS, packs.calendar())
    groups = [_group(addressee, each, standing) for addressee, each in found.items()]
    return render(request, "policies/ask.html", {
        "policy": standing.policy, "title": standing.policy.label(language()), "groups": groups, "days": WORKDAYS, "due": due,
        "firms": firms, "nobody": len(listed) - firms, "most": requests.MOST_WORKDAYS,
        "back": lists.address(standing, UNKNOWN)})


def _group(addressee: str, questions: list[Question], standing: Standing) -> dict[str, Any]:
    """One addressee: what is asked by firm, and how much of it is being asked already."""
    open_ = open_already([Letter(addressee, tuple(questions), wanting.about(standing.policy))])[addressee]
    by_firm: dict[str, list[Question]] = {}
    for question in questions:
        by_firm.setdefault(question.subject_id, []).append(question)
    return {"addressee": addressee, "name": _("企业自己") if addressee == SELF else source_name(addressee), "own": addressee == SELF,
            "count": len(questions), "waiting": sum(question.key in open_ for question in questions),
            "facts": _("、").join(dict.fromkeys(packs.catalogue()[question.fact].label(language()) for question in questions)),
            "firms": [{"uscc": uscc, "name": each[0].name, "asks": what(each)} for uscc, each in by_firm.items()]}


def what(questions: Iterable[Question]) -> str:
    """Facts with their periods in words: 出口销售额 2026-08、研发费用 2025-01 至 2025-12（12 期）."""
    by_fact: dict[str, list[str]] = {}
    for question in questions:
        by_fact.setdefault(question.fact, []).append(question.period)
    return _("、").join(f"{packs.catalogue()[fact].label(language())} {_span(found)}".strip() for fact, found in by_fact.items())


def _span(found: list[str]) -> str:
    found = sorted(text for text in found if text != "all")
    if len(found) < 3:
        return _("、").join(found)
    return _("{first} 至 {last}（{n} 期）").format(first=found[0], last=found[-1], n=len(found))


def send(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Send what was ticked, all or nothing; the questions are worked out anew, the page only says of whom."""
    access.require(asking(request), ASK)
    to, firms = set(request.POST.getlist("to")), set(request.POST.getlist("firm"))
    picked = {addressee: [each for each in found if f"{addressee}|{each.subject_id}" in firms]
              for addressee, found in wanting.questions(chosen_lines(request, standing)).items() if addressee in to}
    picked = {addressee: found for addressee, found in picked.items() if found}
    try:
        if not picked:
            raise _nothing()
        term = whole(request.POST.get("days", ""), 3)
        asked = actions.ask_for_facts(letters=letters(picked, wanting.about(standing.policy), term), by=asking(request))
    except access.Forbidden:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.texts(language())))
        return redirect(f"{reverse('policies:ask', args=[standing.policy.id])}?{request.GET.urlencode()}")
    messages.success(request, _told(asked))
    return redirect(f"{address('site:requests')}?policy={standing.policy.id}")


def _nothing() -> Refusal:
    return Refusal("nothing_chosen", [Message("没有选要问谁；至少选一个部门或企业", "nobody was chosen; choose a bureau or an enterprise at least")])


def _told(asked: requests.Asked) -> str:
    said = [ngettext("已发出 {n} 份征询", "已发出 {n} 份征询", len(asked.made)).format(n=len(asked.made)) if asked.made else _("没有新的要问")]
    if asked.waiting:
        said.append(ngettext("{n} 条早已在问，没有重复问", "{n} 条早已在问，没有重复问", asked.waiting).format(n=asked.waiting))
    if asked.told:
        said.append(ngettext("{n} 条已经有数了，下次比对就用上", "{n} 条已经有数了，下次比对就用上", asked.told).format(n=asked.told))
    return _("；").join(said)


# ── what an enterprise is offered ────────────────────────────────────────────
def answer_url(person: Any, uscc: str, judged: Iterable[queries.Judged]) -> str:
    """Where an enterprise tells of itself what would decide these policies; empty where there is nothing it may tell."""
    if uscc not in access.usccs_of(person):
        return ""
    also = dict.fromkeys(f"{fact}@{period}" for each in judged if each.group == UNKNOWN for fact, period in wanting.own_answers(each))
    query = "&".join(f"also={text}" for text in list(also)[:shown.MOST_ALSO])
    return f"{address('site:answer', uscc)}?{query}" if query else ""
