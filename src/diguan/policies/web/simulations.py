"""Pages of simulations: turn a policy's numbers, see what they cost and whom they reach, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from diguan.kernel import access, money, packs
from diguan.kernel.facts.runs import Run
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, ListPage
from diguan.kernel.rules import tree, words
from diguan.kernel.rules.tree import Policy
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.actions.simulation import run_simulation, turned
from diguan.policies.engine import scenarios
from diguan.policies.engine.scenarios import Knob
from diguan.policies.queries import drafts, simulations
from diguan.policies.queries.simulations import FEW, GROUPS, MOVES, SIMULATE, Cell, Moved, Scenario, Sums
from diguan.policies.web import sweep_chart
from diguan.policies.web.lists import about

NAMES = {"town": gettext_lazy("乡镇"), "size": gettext_lazy("划型"), "industry": gettext_lazy("行业"), "cluster": gettext_lazy("集群")}
MOVE_WORDS = {"gained": ("ok", gettext_lazy("新增可享")), "lost": ("bad", gettext_lazy("不再可享")), "more": ("ok", gettext_lazy("金额增加")), "less": ("warn", gettext_lazy("金额减少"))}
KINDS = {"amount": gettext_lazy("补助金额"), "rate": gettext_lazy("补助比例"), "cap": gettext_lazy("补助上限"), "budget": gettext_lazy("预算"), "places": gettext_lazy("名额")}
STATUS = {tree.ELIGIBLE: ("ok", gettext_lazy("可享")), tree.UNDECIDED: ("unknown", gettext_lazy("待补信息")), tree.INELIGIBLE: ("mute", gettext_lazy("不可享"))}

SHORT_NAME = 12
"""A scenario's own name heads a column up to this length; a longer one stands in the title alone."""


# ── a knob in words ──────────────────────────────────────────────────────────
def label_of(policy: Policy, knob: Knob) -> str:
    """What a number is, as the form and the result call it."""
    if knob.kind != "limit":
        step = knob.path.split(":")[2] if knob.path.startswith("benefit:step") else ""
        which = _("（第 {n} 档）").format(n=int(step) + 1) if step else ""
        return f"{KINDS[knob.kind]}{which}"
    assert knob.of is not None
    if knob.clause is None:
        return _("第 {n} 档的起点").format(n=int(knob.path.split(":")[2]) + 1)
    return _("第 {n} 条：{what}").format(n=knob.clause + 1, what=words.subject(knob.of, language()))


def value_of(knob: Knob, language_: str = "zh") -> str:
    """The value as a policy text writes it: what the form shows and takes back."""
    if knob.kind in ("amount", "cap", "budget"):
        return money.words(int(knob.value), "zh").replace(" ", "")  # type: ignore[arg-type]  # fen
    if knob.kind == "places":
        return str(knob.value)
    assert knob.of is not None
    if knob.kind == "rate":
        assert isinstance(knob.of, tree.Read)
        assert isinstance(knob.value, Fraction)
        share = knob.value / 100
        return f"{float(share * 100):g}%" if knob.of.type == "money" else f"{float(share):g} 元/{knob.of.fact.unit}"
    return words.value(knob.value, knob.of, None, language_).replace(" ", "")


# ── the list, and a new one ──────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The simulations that were kept, newest first."""
    rows = simulations.recent(asking(request))
    lines = [{"run": row, "title": "、".join(dict.fromkeys(_title(one) for one in simulations.scenarios_of(row))), "count": len(row.inputs["scenarios"]),
              "results": simulations.results_of(row)} for row in rows]
    return render(request, "policies/simulations.html", {"lines": lines})


def _title(one: Scenario) -> str:
    policy = simulations.text_of(one.policy)
    if policy is None:
        return one.policy
    return _("{title}（草稿）").format(title=policy.label(language())) if one.policy.startswith(simulations.DRAFT) else policy.label(language())


class Turn(forms.Form):
    """One field a number; an empty one stays as it is."""

    title = forms.CharField(label=gettext_lazy("方案名称"), max_length=40, required=False)

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs["class"] = "form-control"
        for knob in scenarios.knobs(policy):
            self.fields[knob.path] = forms.CharField(label=label_of(policy, knob), required=False, max_length=40, help_text=_("现在是 {value}").format(value=value_of(knob)),
                                                     widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}))

    def scenario(self, policy: str) -> Scenario:
        """What was filled in."""
        told = dict(self.cleaned_data)
        return Scenario(policy, title=told.pop("title").strip(), changes={path: text.strip() for path, text in told.items() if text.strip()})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Turn a policy's numbers: beside the policy as it stands, or beside the scenarios of a simulation."""
    person = asking(request)
    access.require(person, SIMULATE)
    before = or_404(simulations.find(person, request.GET["from"])) if request.GET.get("from") else None
    given = simulations.scenarios_of(before) if before else _asked(request)
    wrong = simulations.wrong_in(given[-1].policy)
    if wrong is not None:
        return render(request, "policies/simulate.html", {"problem": wrong, "title": _("草稿"), "draft": given[-1].policy.removeprefix(simulations.DRAFT)})
    policy = or_404(simulations.text_of(given[-1].policy))
    form = Turn(policy, request.POST if request.method == "POST" else None)
    run = done(request, form, lambda: run_simulation(scenarios=_with(given, form.scenario(given[-1].policy)), by=person))
    if run is not None:
        return redirect("policies:simulation", run.run_id)
    return render(request, "policies/simulate.html", {"policy": policy, "title": policy.label(language()), "form": form, "before": before, "given": len(given),
                                                      "full": len(given) >= scenarios.MOST, "match": queries.current_run(),
                                                      "draft": given[-1].policy.removeprefix(simulations.DRAFT) if given[-1].policy.startswith(simulations.DRAFT) else ""})


def _asked(request: HttpRequest) -> list[Scenario]:
    """A policy as it stands; or a draft, beside the text in force that it is made from."""
    if not request.GET.get("draft"):
        return [Scenario(request.GET.get("policy", ""))]
    number = request.GET["draft"]
    row = or_404(drafts.draft(asking(request), int(number)) if number.isdecimal() and len(number) < 10 else None)
    old = next((name for name, policy in queries.library().policies.items() if name == row.policy or policy.digest == row.copied_from), None)
    return [*([Scenario(old)] if old else []), Scenario(f"{simulations.DRAFT}{row.pk}")]


def _with(given: Sequence[Scenario], more: Scenario) -> list[Scenario]:
    """One more, unless nothing was turned and there are two to compare already."""
    return [*given, more] if more.changes or len(given) == 1 else list(given)


# ── one ──────────────────────────────────────────────────────────────────────
@require_GET
def one(request: HttpRequest, run_id: str) -> HttpResponse:
    """A simulation: its scenarios side by side, who moves, by group, and a limit moved over its values."""
    person = asking(request)
    run = or_404(simulations.find(person, run_id))
    found, listed = simulations.scenarios_of(run), simulations.may_list(person)
    by = request.GET.get("by") if request.GET.get("by") in GROUPS else "town"
    policies = _as_now(found)
    columns = [_column(run, at, one, policies, listed) for at, one in enumerate(simulations.results_of(run))]
    return render(request, "policies/simulation.html", {
        "run": run, "columns": columns, "rows": _rows(run, by or "town", listed), "by": by, "may_list": listed, "full": len(found) >= scenarios.MOST,
        "tabs": [(name, label, f"?by={name}#groups") for name, label in NAMES.items()], "sweep": sweep_chart.of(request, run, policies)})


def _as_now(found: Sequence[Scenario]) -> list[Policy] | None:
    """The scenarios as policies, where their texts still are what was judged."""
    return turned(found) if all(simulations.text_of(one.policy) for one in found) else None


def _column(run: Run, at: int, one: simulations.Result, policies: Sequence[Policy] | None, listed: bool) -> dict[str, Any]:
    known = simulations.text_of(one.scenario.policy)
    titled = {knob.path: label_of(known, knob) for knob in scenarios.knobs(known)} if known else {}
    fresh = policies is not None and policies[at].digest == run.inputs["scenarios"][at]["digest"]
    moves = simulations.sums_of(run, at) if at else {}
    return {"at": at, "name": one.scenario.title or _name(one.scenario, at), "title": _title(one.scenario),
            "changes": [(titled.get(path, path), text) for path, text in one.scenario.changes.items()], "draft": one.scenario.policy.startswith(simulations.DRAFT), "totals": one.totals, "budget": one.budget_fen, "stale": not fresh,
            "open": one.totals.amount_unknown + one.totals.undecided_amount_unknown,
            "moves": [_move(run, at, move, moves[move], listed) for move in MOVES] if at else []}


def _move(run: Run, at: int, move: str, sums: Sums, listed: bool, query: str = "") -> dict[str, Any]:
    """Who moves one way, in one line; a few firms are not told to who may not see which."""
    told = listed or sums.firms == 0 or sums.firms >= FEW
    url = reverse("policies:simulation_moved", args=[run.run_id, at, move]) + query if listed and sums.firms else ""
    return {"kind": MOVE_WORDS[move][0], "word": MOVE_WORDS[move][1], "firms": str(sums.firms) if told else f"<{FEW}", "fen": sums.fen if told else None, "open": sums.open if told else 0, "url": url}


def _name(one: Scenario, at: int) -> str:
    if one.changes:
        return _("方案 {n}").format(n=at)
    return _("草稿") if one.policy.startswith(simulations.DRAFT) else _("现行")


def _rows(run: Run, by: str, listed: bool) -> list[dict[str, Any]]:
    found = []
    moves = [simulations.sums_by(run, at, by) if at else {} for at in range(len(run.inputs["scenarios"]))]
    for value, cells in simulations.cells(run, by).items():
        shown = [_cell(run, at, (by, value), cell, moves[at].get(value, {}), listed) for at, cell in enumerate(cells)]
        found.append({"name": _value_name(by, value), "cells": shown})
    return found


def _cell(run: Run, at: int, where: tuple[str, str], cell: Cell, moves: dict[str, Sums], listed: bool) -> dict[str, Any]:
    few = any(0 < count < FEW for count in (cell.eligible, cell.unknown))  # money is told of the entitled alone, so they must be enough by themselves
    hidden, query = few and not listed, "?" + urlencode({"by": where[0], "value": where[1]})
    url = reverse("policies:simulation_firms", args=[run.run_id, at]) + query if listed and cell.firms else ""
    return {"cell": cell, "hidden": hidden, "url": url, "moves": [_move(run, at, move, moves[move], listed, query) for move in MOVES if move in moves]}


def _value_name(by: str, value: str) -> str:
    if not value:
        return _("没有记录")
    return f"{packs.codes().industries.get(value, '')}（{value}）" if by == "industry" else value


# ── the firms behind a figure ────────────────────────────────────────────────
@require_GET
def moved(request: HttpRequest, run_id: str, scenario: int, move: str) -> HttpResponse:
    """Who gains, loses, gets more or less by a scenario."""
    run = or_404(simulations.find(asking(request), run_id))
    if move not in MOVES or not 0 < scenario < len(run.inputs["scenarios"]):
        raise Http404
    by, value = _within(request)
    title = _("{word}：{now}与{was}相比").format(word=MOVE_WORDS[move][1], now=_called(run, scenario), was=_called(run, 0)) + (f"：{_value_name(by, value)}" if by else "")
    return _firms(run, scenario, title, lambda person: simulations.movers(person, run, scenario, move, by, value)).show(request, run=run)


def _within(request: HttpRequest) -> tuple[str, str]:
    """The group and its value the address keeps to; empty for everybody."""
    by = request.GET.get("by", "")
    if by and by not in GROUPS:
        raise Http404
    return by, request.GET.get("value", "")


@require_GET
def firms(request: HttpRequest, run_id: str, scenario: int) -> HttpResponse:
    """The firms a figure of a scenario counts."""
    run = or_404(simulations.find(asking(request), run_id))
    by, value = _within(request)
    if not 0 <= scenario < len(run.inputs["scenarios"]):
        raise Http404
    title = _("{name}：可享和待补信息的企业").format(name=_called(run, scenario)) + (f"：{_value_name(by, value)}" if by else "")
    return _firms(run, scenario, title, lambda person: simulations.counted(person, run, scenario, by, value)).show(request, run=run)


def _called(run: Run, at: int) -> str:
    """A scenario by the name its column has."""
    one = simulations.scenarios_of(run)[at]
    return one.title or _name(one, at)


def _heading(run: Run, at: int) -> str:
    name = _called(run, at)
    return name if len(name) <= SHORT_NAME else _name(simulations.scenarios_of(run)[at], at)


def _firms(run: Run, scenario: int, title: str, rows: Any) -> ListPage:
    first, now = _heading(run, 0), _heading(run, scenario)
    money_of = _("{name}的金额")
    beside = (Column("was", first, kind="status", value=lambda line: STATUS[line.was]), Column("was_fen", money_of.format(name=first), kind="money", sort=True, value=lambda line: _paid(line, now=False)))
    return ListPage(
        title=title, permission=SIMULATE, export_permission=queries.EXPORT, rows=rows, template="policies/simulated.html", file_name="simulation",
        empty=(gettext_lazy("没有这样的企业"), ""), about=about(run, _("试算中的企业；不是决定")),
        columns=(
            Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", head=True, link=lambda line: reverse("enterprises:dossier", args=[line.enterprise.uscc]),
                   note=lambda line: line.enterprise.uscc),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            *(beside if scenario else ()),
            Column("now", now, kind="status", value=lambda line: STATUS[line.now]),
            Column("now_fen", money_of.format(name=now), kind="money", sort=True, value=lambda line: _paid(line, now=True)),
            Column("enterprise.town", gettext_lazy("所在乡镇"), sort=True, wide=True)))


def _paid(line: Moved, *, now: bool) -> int | None:
    return line.now_fen if now else line.was_fen


