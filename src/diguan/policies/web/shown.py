"""Words of the pages of policies: a policy's head, its clauses and funnel, its money, one enterprise's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diguan.kernel import clocks, money, packs
from diguan.kernel.measures import value
from diguan.kernel.packs import SELF
from diguan.kernel.rules import tree, words
from diguan.kernel.shell import VERDICTS, deliverers, language, source_name
from diguan.policies.engine import quotes
from diguan.policies.queries import ENTITLED, NEAR, NOT, OUT, UNKNOWN, Judged, Standing, life

GROUPS = {ENTITLED: ("ok", gettext_lazy("可享")), NEAR: ("warn", gettext_lazy("差一步")),
          UNKNOWN: ("unknown", gettext_lazy("待补信息")), NOT: ("mute", gettext_lazy("不适用"))}
LIVES = {life.SUSPENDED: ("warn", gettext_lazy("暂停执行")), life.EXPIRED: ("mute", gettext_lazy("已失效")), life.CLAWBACK: ("bad", gettext_lazy("追回资金中"))}
MEASURES = {ENTITLED: "policies.entitled", NEAR: "policies.near_miss", UNKNOWN: "policies.unknown"}
DELIVERY = {"automatic_entitlement": gettext_lazy("免申即享"), "fast_claim": gettext_lazy("快申快享"), "application": gettext_lazy("申报")}
MOST_ALSO = 60
"""Facts an enterprise is offered to tell on one form."""


# ── a policy ─────────────────────────────────────────────────────────────────
def head(person: Any, standing: Standing) -> dict[str, Any]:
    """A policy's name, state and figures, as a line of the list and the top of its page."""
    policy = standing.policy
    figures = {name.partition(".")[2]: value(name, person, standing) for name in (*MEASURES.values(), "policies.judged", "policies.amount_low", "policies.amount_high")}
    return {"policy": policy, "title": policy.label(language()), "delivery": DELIVERY[policy.delivery], "state": state(policy), "standing": standing,
            "figures": figures, "counted": standing.totals is not None,
            "cells": [(name, GROUPS[name][1], figures[MEASURES[name].partition(".")[2]]) for name in MEASURES], "money": span(standing)}


def state(policy: tree.Policy) -> tuple[str, Any]:
    """Whether it is in force today, by its document and by its life."""
    day, stand = clocks.today(), life.stands().get(policy.id)
    if not policy.publishable:
        return ("warn", _("还不能发布"))
    if stand is not None and stand.bars is not None:
        return LIVES.get(stand.status, ("mute", _("还没发布")))
    if policy.in_force(day):
        return ("ok", _("施行中"))
    return ("mute", _("还没施行")) if day < policy.in_force_from else ("mute", _("已到期"))


def span(standing: Standing) -> str:
    """The money from low to high; at least so much where an amount cannot be told yet."""
    if standing.totals is None:
        return "—"
    words = money.span(standing.totals.amount_fen, standing.totals.high_fen, language())
    return _("至少 {money}").format(money=words) if standing.amounts_open else words


def text(policy: tree.Policy) -> list[list[quotes.Piece]]:
    """The document by paragraphs, its quoted sentences marked."""
    return quotes.paragraphs(policy.text, [clause.cite.span for clause in policy.clauses])


def clauses(standing: Standing) -> list[dict[str, Any]]:
    """The machine's reading of each clause, who tells its facts, and how many are left behind it."""
    found, totals, left = [], standing.totals, 0
    if totals:
        left = totals.judged
    for at, clause in enumerate(standing.policy.clauses):
        line: dict[str, Any] = {"number": at + 1, "dropped": f"{OUT}{at + 1}", "reading": reading(clause), "sources": sources(clause)}
        if totals and left and at < len(totals.first_false):
            out = totals.first_false[at]
            left -= out
            unknown = totals.still_unknown[at]
            line["funnel"] = {"yes": left - unknown, "unknown": unknown, "out": out, "left": left}
        found.append(line)
    return found


def reading(clause: tree.Clause) -> str:
    """A clause as a sentence."""
    return words.reading(clause.condition, language(), packs.codes().names)


def sources(clause: tree.Clause) -> str:
    """Who tells the facts a clause reads."""
    return _("、").join(dict.fromkeys(name for each in tree.sources_of(clause.condition) for fact in each.facts for name in deliverers(fact)))


def spending(shown: dict[str, Any]) -> dict[str, Any]:
    """What the policy costs, low and high, against its budget, and what is left out of the count."""
    standing: Standing = shown["standing"]
    budget, totals = standing.policy.budget, standing.totals
    if totals is None:
        return {}
    low, high = totals.amount_fen, totals.high_fen
    over = budget is not None and high > budget.amount_fen
    return {"low": low, "high": high, "budget": budget.amount_fen if budget else None, "low_of": totals.eligible, "high_of": totals.unknown,
            "open": standing.amounts_open, "order": _order(budget) if budget and over else ""}


def way(key: tree.OrderKey) -> str:
    """How an order goes, with a place for what it goes by."""
    if key.of.type == "date":
        return _("{what}由近到远") if key.descending else _("{what}由远到近")
    return _("{what}由高到低") if key.descending else _("{what}由低到高")


def _order(budget: tree.Budget) -> str:
    keys = _("、").join(way(key).format(what=words.subject(key.of, language())) for key in budget.order)
    return _("超出的部分按{keys}排序，另行分配；不影响这里是否可享。").format(keys=keys) if keys else ""


# ── one enterprise under one policy ──────────────────────────────────────────
def answer(judged: Judged) -> dict[str, Any]:
    """What one enterprise has by one policy: status, a sentence, the result."""
    kind, word = GROUPS[NOT if judged.group == NEAR and not judged.within_reach else judged.group]
    return {"policy": judged.policy, "title": judged.policy.label(language()), "group": judged.group, "kind": kind, "word": word,
            "sentence": sentence(judged), "result": result(judged), "delivery": DELIVERY[judged.policy.delivery]}


def sentence(judged: Judged, *, gap: bool = True) -> str:
    """Why it stands as it does: what the amount rests on, how far is left (unless ``gap`` is off), what is missing.

    What rests on an enterprise's own word says so.
    """
    said = _sentence(judged, gap)
    return _("{sentence}（{own}）").format(sentence=said, own=self_reported(judged)) if judged.self_reported else said


def self_reported(judged: Judged) -> str:
    """Which facts nobody but the enterprise itself has told."""
    return _("{facts}为企业自报，未经部门核实").format(facts=_("、").join(fact.label(language()) for fact in judged.self_reported)) if judged.self_reported else ""


def _sentence(judged: Judged, gap: bool) -> str:
    if judged.group == ENTITLED:
        basis = words.basis(judged.policy.benefit, judged.facts, judged.as_of, language())
        return _("{n} 条全部符合。{basis}").format(n=len(judged.policy.clauses), basis=basis) if gap else basis
    if judged.group == UNKNOWN:
        return _("缺{facts}").format(facts=_("、").join(missing(judged)))
    said = why(judged, judged.missed if judged.missed is not None else _first_false(judged), gap=gap)
    return said if judged.verdict.n_false < 2 else _("{n} 条不符合，其中一条：{why}").format(n=judged.verdict.n_false, why=said)


def why(judged: Judged, at: int, *, gap: bool = True) -> str:
    """Why one clause (counted from 0) stands as it does, and of what it speaks."""
    clause, finding = judged.policy.clauses[at], judged.verdict.findings[at]
    said = words.reason(clause, finding, judged.as_of, language(), packs.codes().names, distance=gap)
    if isinstance(clause.condition, tree.Compare) and clause.condition.op in tree.ORDERED and finding.observed is not None:
        return _("{what}：{why}").format(what=words.subject(clause.condition.of, language()), why=said)
    return said


def _first_false(judged: Judged) -> int:
    return next(at for at, finding in enumerate(judged.verdict.findings) if finding.verdict == tree.FALSE)


def missing(judged: Judged) -> list[str]:
    """The facts that could settle it, each with who should tell it."""
    catalogue = {fact.name: fact for fact in judged.policy.facts}
    open_ = [clause for clause, finding in zip(judged.policy.clauses, judged.verdict.findings, strict=True) if finding.verdict == tree.UNKNOWN]
    reads = [source for clause in open_ for source in tree.sources_of(clause.condition)]
    when = words.untold(reads, judged.facts, judged.as_of, language())
    return [_("{fact}（{who}）").format(fact=f"{catalogue[name].label(language())} {when.get(name, '')}".strip(),
                                      who=_("、").join(deliverers(catalogue[name]))) for name in judged.ask]


def result(judged: Judged) -> str:
    """The amount, sure or possible; in words where it cannot be told."""
    fen = judged.amount_fen
    if judged.group == NOT or (judged.group == NEAR and not fen):
        return ""
    if fen is None:
        return _("金额待定")
    amount = money.words(fen, language())
    return {ENTITLED: amount, NEAR: _("达到后约 {amount}").format(amount=amount), UNKNOWN: _("补齐且符合，{amount}").format(amount=amount)}[judged.group]


def distance(judged: Judged) -> str:
    """How far one step short is from the step; how many facts are missing."""
    if judged.group == UNKNOWN:
        return ngettext("缺 {n} 条", "缺 {n} 条", len(judged.ask)).format(n=len(judged.ask))
    far = words.gap(*judged.step, judged.as_of, language()) if judged.step else None
    if not far:
        return ""
    return far if judged.within_reach else _("{far}，补不上了").format(far=far)


def findings(judged: Judged) -> list[dict[str, Any]]:
    """Clause by clause: what it takes, what there is, how far apart, the quoted words, who told."""
    found = []
    for number, (clause, finding) in enumerate(zip(judged.policy.clauses, judged.verdict.findings, strict=True), 1):
        kind, word = VERDICTS[finding.verdict]
        reads = list(tree.sources_of(clause.condition))
        open_ = words.untold(reads, judged.facts, judged.as_of, language()) if finding.verdict == tree.UNKNOWN else {}
        found.append({"number": number, "reading": reading(clause), "kind": kind, "word": word, "article": clause.cite.article,
                      "quote": clause.cite.quote, "sources": _told_by(clause, judged), "open": _open(open_, judged),
                      "finding": words.reason(clause, finding, judged.as_of, language(), packs.codes().names),
                      "facts": [{"name": fact.name, "label": fact.label(language())} for fact in dict.fromkeys(fact for read in reads for fact in read.facts) if fact.period != "none"]})
    return found


def _told_by(clause: tree.Clause, judged: Judged) -> str:
    """Who tells the facts a clause reads, the enterprise itself where its own word is used."""
    reads = {fact for source in tree.sources_of(clause.condition) for fact in source.facts}
    own = [source_name(SELF)] if reads & set(judged.self_reported) else []
    return _("、").join(filter(None, [sources(clause), *own]))


def _open(periods: Mapping[str, str], judged: Judged) -> str:
    """The periods a clause waits for; where several facts wait, each with its own."""
    names = {fact.name: fact.label(language()) for fact in judged.policy.facts}
    if len(periods) < 2:
        return "".join(periods.values())
    return _("、").join(f"{names[name]} {when}".strip() for name, when in periods.items())


def counted(judged: Judged) -> str:
    """5 条符合 4 条."""
    met = sum(finding.verdict == tree.TRUE for finding in judged.verdict.findings)
    return _("{n} 条里符合 {met} 条").format(n=len(judged.verdict.findings), met=met)


def sum_of(items: Iterable[Judged]) -> dict[str, Any]:
    """What an enterprise has now, in one figure; and what it may have besides once it is known."""
    items = list(items)
    sure = _together([item for item in items if item.group == ENTITLED])
    maybe = [item for item in items if item.group == UNKNOWN]
    figure, unit = money.words(sum(item.amount_fen or 0 for item in sure), language()).split(" ", 1)
    return {"figure": figure, "unit": unit, "count": len(sure), "words": f"{figure} {unit}",
            "undecided": sum(item.amount_fen is None for item in sure), "beside": sum(item.group == ENTITLED for item in items) - len(sure), "more": _more(maybe)}


def not_with(judged: Judged, entitled: Iterable[tree.Policy]) -> str:
    """The other policies it is entitled to and may not enjoy beside this one."""
    others = [policy.label(language()) for policy in entitled if judged.group == ENTITLED and excludes(judged.policy, policy)]
    return _("和{others}只能享受一项").format(others=_("、").join(others)) if others else ""


def excludes(one: tree.Policy, other: tree.Policy) -> bool:
    """Whether the two may not be enjoyed together: it is enough that one of the documents says so."""
    return other.id in one.exclusive_with or one.id in other.exclusive_with


def _together(sure: list[Judged]) -> list[Judged]:
    """Of what excludes one another only the larger; which it will be is decided when it is paid."""
    kept: list[Judged] = []
    for item in sorted(sure, key=lambda item: (-(item.amount_fen or 0), item.policy.id)):
        if not any(excludes(item.policy, other.policy) for other in kept):
            kept.append(item)
    return kept


def _more(maybe: list[Judged]) -> str:
    facts = len({name for item in maybe for name in item.ask})
    if not facts:
        return ""
    fen = sum(item.amount_fen or 0 for item in maybe)
    if not fen:
        return ngettext("再补 {n} 条信息，可能还有更多", "再补 {n} 条信息，可能还有更多", facts).format(n=facts)
    return ngettext("再补 {n} 条信息，最多还有 {amount}", "再补 {n} 条信息，最多还有 {amount}", facts).format(n=facts, amount=money.words(fen, language()))
