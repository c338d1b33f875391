"""Pages of evaluations: ask, read the result, open the firms behind a number. The result page printed is the evaluation report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from diguan.kernel import access, jobs, periods
from diguan.kernel.facts.runs import Run
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, ListPage
from diguan.kernel.rules import tree, words
from diguan.kernel.rules.tree import Policy
from diguan.kernel.shell import asking, language, or_404
from diguan.policies import queries
from diguan.policies.actions import evaluation as actions
from diguan.policies.queries import evaluated, questions, sweeps
from diguan.policies.queries.evaluated import GROUPS, Line
from diguan.policies.queries.questions import EVALUATE, Question
from diguan.policies.queries.simulations import FEW
from diguan.policies.web import evaluation_chart as charts
from diguan.policies.web import evaluation_words as said
from diguan.policies.web.lists import about

GROUP_WORDS = {"near-left": gettext_lazy("门槛附近，没过的"), "near-right": gettext_lazy("门槛附近，过了的"), "received": gettext_lazy("前后比较中享受的"),
               "others": gettext_lazy("前后比较中没享受的"), "lost": gettext_lazy("前一段或后一段没有数据的")}


# ── the list, and a new one ──────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The evaluations that were kept, newest first, and those under way."""
    rows, going = evaluated.recent(asking(request)), jobs.going(actions.JOB)
    answer = render(request, "policies/evaluations.html", {"lines": [_brief(row) for row in rows], "going": going})
    if going:
        answer.headers["Refresh"] = "3"
    return answer


def _brief(run: Run) -> dict[str, Any]:
    question, told = evaluated.question_of(run), evaluated.told(run)
    fact = said.fact_of(question.fact)
    return {"run": run, "title": _title(question.policy), "outcome": fact.label(language()) if fact else question.fact, "question": question,
            "results": [{"name": name, "level": said.LEVELS[evaluated.level(method, told[method])], "interval": said.interval(told[method].get("effect"), fact) if not told[method]["refused"] else ""}
                        for method, name in said.METHODS.items()]}


def _title(policy_id: str) -> str:
    policy = queries.library().policies.get(policy_id)
    return policy.label(language()) if policy else policy_id


class Ask(forms.Form):
    """The question; the threshold's choices are those of the policy."""

    fact = forms.ChoiceField(label=gettext_lazy("看什么结果"), help_text=gettext_lazy("事先想好一个。换着结果多试几次，总会碰巧看到“有差别”。"))
    agg = forms.ChoiceField(label=gettext_lazy("怎么算"), choices=list(said.AGGREGATIONS.items()), help_text=gettext_lazy("销售、税收用合计；人数、用量可以用最近一次。"))
    before = forms.CharField(label=gettext_lazy("前一段"), max_length=10, help_text=gettext_lazy("一年 2025、一季 2025-Q3，或截至某月的十二个月 2025-09"))
    after = forms.CharField(label=gettext_lazy("后一段"), max_length=10, help_text=gettext_lazy("写法和前一段一样，要在享受政策之后"))
    limit = forms.ChoiceField(label=gettext_lazy("在哪一条的门槛两侧比"), required=False)
    match = forms.ChoiceField(label=gettext_lazy("看哪一次比对时的企业"), required=False, help_text=gettext_lazy("享受政策时的那一次。没有的话，先用命令按那一天比对一次。"))

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        knobs = sweeps.sweepable(policy)
        options: dict[str, list[tuple[str, str]]] = {
            "fact": [(fact.name, f"{fact.label(language())}（{fact.unit}）") for fact in questions.outcomes()],
            "limit": [*((knob.path, f"{(knob.clause or 0) + 1}. {words.reading(policy.clauses[knob.clause or 0].condition, language())}") for knob in knobs), ("", _("不比门槛，只比前后"))],
            "match": [("", _("合适的一次"))] + [(row.run_id, row.as_of.isoformat()) for row in questions.matches() if policy.id in row.inputs["policies"]]}
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                field.choices = options.get(name, field.choices)
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"

    def question(self, policy: str) -> Question:
        """What was filled in."""
        return Question(policy, **self.cleaned_data)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask; it is worked out in the background."""
    person = asking(request)
    access.require(person, EVALUATE)
    policy = or_404(queries.library().policies.get(request.GET.get("policy", "")))
    form = Ask(policy, request.POST or None, initial=_first(policy))
    if done(request, form, lambda: actions.ask_evaluation(question=form.question(policy.id), by=person)) is not None:
        messages.success(request, _("已排上队，算好会显示在这里"))
        return redirect("policies:evaluations")
    return render(request, "policies/evaluate.html", {"policy": policy, "title": policy.label(language()), "form": form, "match": queries.current_run()})


def _first(policy: Policy) -> dict[str, str]:
    """The last quarter that is over and the same one a year before; the fact the benefit is reckoned from."""
    run = queries.current_run()
    facts = {fact.name for fact in questions.outcomes()}
    read = [source for source in (getattr(policy.benefit, "of", None),) if isinstance(source, tree.Read) and source.fact.name in facts]
    found = {"fact": read[0].fact.name, "agg": "sum" if read[0].fact.type == "money" else "latest"} if read else {}
    found["limit"] = next((knob.path for knob in sweeps.sweepable(policy)), "")
    if run is not None:
        last = periods.of_day(periods.previous_day(periods.of_day(periods.next_day(run.as_of), "quarter").start), "quarter")
        found |= {"after": last.text, "before": periods.of_day(periods.add_months(last.start, -12), "quarter").text}
    return found


# ── one ──────────────────────────────────────────────────────────────────────
@require_GET
def one(request: HttpRequest, run_id: str) -> HttpResponse:
    """An evaluation: each method with its interval, its checks and what it cannot say."""
    run = or_404(evaluated.find(asking(request), run_id))
    question, told = evaluated.question_of(run), evaluated.told(run)
    fact, policy, listed = said.fact_of(question.fact), queries.library().policies.get(question.policy), evaluated.may_list(asking(request))
    name = fact.label(language()) if fact else question.fact
    knob = next((each for each in sweeps.sweepable(policy) if each.path == question.limit), None) if policy else None
    shown = {method: _method(run, method, told[method], fact, name, listed) for method in said.METHODS}
    context = {"run": run, "question": question, "title": _title(question.policy), "known": policy is not None, "outcome": name, "agg": said.AGGREGATIONS[question.agg], "methods": list(shown.values()),
               "received": said.RECEIVED[run.inputs["received"]["by"]], "limits": said.LIMITS, "counts": _counts(run, told["counts"], listed), "rivals": _rivals(told["threshold"]),
               "clause": words.reading(policy.clauses[knob.clause or 0].condition, language()) if policy and knob else "",
               "threshold": _threshold(told["threshold"], fact, knob), "change": _change(told["change"], fact)}
    return render(request, "policies/evaluation.html", context)


def _method(run: Run, method: str, found: Mapping[str, Any], fact: Any, name: str, listed: bool) -> dict[str, Any]:
    effect = found.get("effect")
    groups = ("near-left", "near-right") if method == "threshold" else ("others", "received")
    firms = [{"name": GROUP_WORDS[group], "count": _few(effect[side], listed), "url": _url(run, group) if listed else ""} for group, side in zip(groups, ("left", "right"), strict=True)] if effect else []
    return {"key": method, "name": said.METHODS[method], "level": said.LEVELS[evaluated.level(method, found)], "interval": said.interval(effect, fact) if effect else "", "firms": firms,
            "text": said.said(method, found, fact, name), "doubts": said.doubts(method, found)}


def _url(run: Run, group: str) -> str:
    return reverse("policies:evaluation_firms", args=[run.run_id, group])


def _few(count: int, listed: bool) -> str:
    """A count; a few are not told to who may not see which."""
    return str(count) if listed or count == 0 or count >= FEW else f"<{FEW}"


def _counts(run: Run, found: Mapping[str, Any], listed: bool) -> dict[str, Any]:
    rows = [{"name": _("享受的") if name == "received" else _("没享受的"), **{key: _few(value, listed) for key, value in group.items()}} for name, group in found["groups"].items()]
    lost = sum(group["firms"] - group["both"] for group in found["groups"].values())
    return {"rows": rows, **{name: _few(found[name], listed) for name in ("firms", "shut_out", "open")}, "lost": _few(lost, listed), "lost_url": _url(run, "lost") if listed and lost else ""}


def _rivals(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = queries.library().policies
    return [(_title(name), reverse("policies:policy", args=[name]) if name in known else "") for name in dict.fromkeys(one["policy"] for one in found.get("rivals", ()))]


def _threshold(found: Mapping[str, Any], fact: Any, knob: Any) -> dict[str, Any]:
    """What is drawn and listed of the threshold; empty where nothing was estimated."""
    if found["refused"]:
        return {}

    def away(value: float) -> str:
        return words.value(Fraction(f"{value:.3g}"), knob.of, None, language()) if knob else f"{value:.3g}"

    limit = float(Fraction(found["limit"]))
    return {"chart": charts.at_threshold(found), "limit": away(limit), "low": away(limit - found["bandwidth"]), "high": away(limit + found["bandwidth"]), "bandwidth": away(found["bandwidth"]),
            "shares": [f"{found[name]:.0%}" for name in ("share_left", "share_right")], "sharp": found["sharp"], "near": (found["near_left"], found["near_right"]), "density_p": said.chance(found["density_p"]),
            "bins": [{"low": away(limit + one["low"]), "high": away(limit + one["high"]), "over": one["over"], "count": one["count"] if one["count"] >= FEW else f"<{FEW}",
                      "mean": said.figure(one["mean"], fact)} for one in found["bins"]],
            "sensitivity": [{"name": _("{n} 倍").format(n=f"{multiple:g}"), **_estimate(each, fact)} for multiple, each in found["sensitivity"]],
            "placebos": [{"name": away(limit + at), **_estimate(each, fact)} for at, each in found["placebos"]],
            "balance": [_settled(name, each, fact) for name, each in found["balance"]]}


def _settled(name: str, found: Mapping[str, Any] | None, outcome: Any) -> dict[str, str]:
    """One line of what was settled before: the outcome itself, or another fact."""
    fact = outcome if name == "before" else said.fact_of(name)
    return {"name": _("前一段的结果") if name == "before" else fact.label(language()) if fact else name, **_estimate(found, fact)}


def _estimate(found: Mapping[str, Any] | None, fact: Any) -> dict[str, str]:
    return {"interval": said.interval(found, fact), "estimate": said.figure(found["estimate"], fact) if found else "—", "p": said.chance(found["p"]) if found else "—"}


def _change(found: Mapping[str, Any], fact: Any) -> dict[str, Any]:
    if found["refused"]:
        return {}
    texts = found["periods"]
    trends: Sequence[Any] = found["trends"]
    return {"chart": charts.before_and_after(found), "means": [{"period": text, "left": said.figure(left, fact), "right": said.figure(right, fact)}
                                                              for text, left, right in zip(texts, found["means_left"], found["means_right"], strict=True)],
            "trends": [{"name": _("{early} 到 {late}").format(early=texts[-3 - back], late=texts[-2 - back]), **_estimate(each, fact)} for back, each in enumerate(trends)],
            "without": _estimate(found["without_largest"], fact)}


# ── the firms behind a figure ────────────────────────────────────────────────
@require_GET
def firms(request: HttpRequest, run_id: str, group: str) -> HttpResponse:
    """The firms one number counts."""
    run = or_404(evaluated.find(asking(request), run_id))
    if group not in GROUPS:
        raise Http404
    question = evaluated.question_of(run)
    policy, fact = queries.library().policies.get(question.policy), said.fact_of(question.fact)
    knob = next((each for each in sweeps.sweepable(policy) if each.path == question.limit), None) if policy else None
    return _firms(run, group, fact, knob).show(request, run=run)


def _firms(run: Run, group: str, fact: Any, knob: Any) -> ListPage:
    read = tree.Read(fact, tree.Word("year"), "sum") if fact else None

    def shown(value: Fraction | None, of: Any) -> str:
        return "—" if value is None else words.value(value, of, None, language()) if of is not None else str(float(value))

    return ListPage(
        title=str(GROUP_WORDS[group]), permission=EVALUATE, export_permission=queries.EXPORT, rows=lambda person: evaluated.lines(person, run, group), template="policies/evaluated.html",
        file_name="evaluation", empty=(gettext_lazy("没有这样的企业"), ""), about=about(run, _("评估中比较的企业；不是对哪一户的评价")),
        columns=(
            Column("enterprise.name", gettext_lazy("企业"), sort="enterprise.name_key", head=True, link=lambda line: reverse("enterprises:dossier", args=[line.enterprise.uscc]),
                   note=lambda line: line.enterprise.uscc),
            Column("enterprise.uscc", gettext_lazy("统一社会信用代码"), in_file=True),
            Column("received", gettext_lazy("享受"), kind="status", value=_received),
            Column("running", gettext_lazy("门槛用的数"), sort="running", value=lambda line: shown(line.running, knob.of if knob else None)),
            Column("before", gettext_lazy("前一段"), sort="before", value=lambda line: shown(line.before, read)),
            Column("after", gettext_lazy("后一段"), sort="after", value=lambda line: shown(line.after, read)),
            Column("enterprise.town", gettext_lazy("所在乡镇"), sort=True, wide=True)))


def _received(line: Line) -> tuple[str, str]:
    return ("ok", _("享受了")) if line.received else ("mute", _("没享受"))
