"""Pages of the chains: the map, the same as a list, the gaps with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from diguan.chains.actions.feasibility import FIELDS, TELL, tell_feasibility
from diguan.chains.engine.chain import Chain
from diguan.chains.engine.gaps import CRITERIA, WEIGHTS
from diguan.chains.models import Feasibility, Room
from diguan.chains.queries import coverage as register
from diguan.chains.queries import economy, shelf, targets
from diguan.chains.queries import maps as queries
from diguan.chains.queries import warning as warnings
from diguan.chains.queries.sourcing import MATCH
from diguan.chains.queries.taxonomy import taxonomy
from diguan.chains.web import map_words as said
from diguan.chains.web import words
from diguan.kernel import access, clocks
from diguan.kernel.forms import day_field, done
from diguan.kernel.shell import asking, or_404, whole


def chain_of(request: HttpRequest, key: str) -> Chain:
    """The chain of this address.

    Raises:
        Http404: the packs have none of that name.
    """
    access.require(asking(request), register.VIEW_CHAIN)
    return or_404(shelf.chains().get(key))


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every chain with its figures."""
    person = asking(request)
    access.require(person, register.VIEW_CHAIN)
    lines = {key: said.line(person, view) for key, view in queries.views(person, list(shelf.chains().values())).items()}
    kept = taxonomy()
    return render(request, "chains/chains.html", {"groups": said.groups(kept, lines), "count": len(lines), "taxonomy": words.said(kept.title) if kept else ""})


@require_GET
def chain(request: HttpRequest, key: str) -> HttpResponse:
    """The map, the first gaps, and the node that was chosen."""
    person, found = asking(request), chain_of(request, key)
    view = queries.view(person, found)
    chosen = view.stands.get(request.GET.get("node", "")) or (view.ranked[0][1] if view.ranked else next(iter(view.stands.values()), None))
    return render(request, "chains/chain.html", {
        "chain": found, "name": words.said(found.name), "picture": said.picture(view, chosen), "figures": said.figures(person, view), "legend": said.LEGEND,
        "gaps": said.gap_lines(person, view)[:8], "more": max(len(view.ranked) - 8, 0), "panel": said.panel(person, view, chosen) if chosen else None, "chosen": chosen,
        "stale": sum(stand.stale for stand in view.stands.values()), "nobody": not view.rows, **_rights(person)})


@require_GET
def as_list(request: HttpRequest, key: str) -> HttpResponse:
    """The same as a nested list: stage, node, who stands there."""
    person, found = asking(request), chain_of(request, key)
    view = queries.view(person, found)
    return render(request, "chains/chain_list.html", {"chain": found, "name": words.said(found.name), "stages": said.stages(person, view), "figures": said.figures(person, view), **_rights(person)})


@require_GET
def gaps(request: HttpRequest, key: str) -> HttpResponse:
    """The gaps, ranked, with weights that may be turned and every score opened to its parts."""
    person, found = asking(request), chain_of(request, key)
    weights, error = _weights(request)
    view = queries.view(person, found, weights)
    error = error or _unknown(view, weights)
    return render(request, "chains/gaps.html", {
        "chain": found, "name": words.said(found.name), "lines": said.gap_lines(person, view), "weights": [(word, said.CRITERIA[word], round(weights[word] * 100)) for word in CRITERIA], "error": error,
        "turned": weights != WEIGHTS, "nobody": not view.rows, "sound": len(view.stands) - len(view.ranked) - len(view.closed), "closed": [(words.said(stand.node.name), said.node_address(found, stand.node.id)) for stand in view.closed], **_rights(person)}, status=422 if error else 200)


def _weights(request: HttpRequest) -> tuple[Mapping[str, float], str]:
    """The weights of the address in percent; the usual ones where it names none or names them wrongly, which is said."""
    if not any(word in request.GET for word in CRITERIA):
        return WEIGHTS, ""
    told = [request.GET.get(word, "") for word in CRITERIA]
    if all(each.isascii() and each.isdigit() and int(each or 0) <= 100 for each in told if len(each) < 4) and all(1 <= len(each) < 4 for each in told) and sum(map(int, told)) > 0:
        whole_ = sum(map(int, told))
        return {word: int(each) / whole_ for word, each in zip(CRITERIA, told, strict=True)}, ""
    return WEIGHTS, _("权重要填 0 到 100 的整数，不能全是 0；下面按通常的权重排。")


def _unknown(view: queries.ChainView, weights: Mapping[str, float]) -> str:
    """Said where nothing is known of any criterion that has a weight: then there is no order."""
    told = any(weights[word] and view.gaps.known[:, column].any() for column, word in enumerate(CRITERIA))
    return "" if told or not view.ranked else _("有权重的几项都没有数据，排不出先后。")


def _rights(person: Any) -> dict[str, bool]:
    return {"may_claim": access.may(person, register.CLAIM), "may_tell": access.may(person, TELL), "may_verify": access.may(person, register.VERIFY), "may_see": access.may(person, register.VIEW),
            "may_match": access.may(person, MATCH), "may_warn": access.may(person, warnings.VIEW), "may_estimate": access.may(person, economy.ESTIMATE), "may_target": access.may(person, targets.VIEW),
            "may_export": access.may(person, register.EXPORT_CHAIN)}


# ── feasibility ──────────────────────────────────────────────────────────────
class FeasibilityForm(forms.Form):
    """What land, energy and environment allow; blank is not known."""

    land = forms.ChoiceField(label=gettext_lazy("土地和厂房"), required=False)
    energy = forms.ChoiceField(label=gettext_lazy("能源"), required=False)
    environment = forms.ChoiceField(label=gettext_lazy("环保"), required=False)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=100, help_text=gettext_lazy("谁说的、凭什么，如：县生态环境分局 2026-10 复函"))
    told_on = day_field(gettext_lazy("来源日期"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS[:3]:
            self.fields[name].choices = [("", _("不知道")), *Room.choices]  # type: ignore[attr-defined]


def feasibility(request: HttpRequest, key: str) -> HttpResponse:
    """Say whether the county could take in a node."""
    person, node = asking(request), or_404(shelf.node(key))
    access.require(person, TELL)
    row = Feasibility.objects.filter(node=key).first()
    initial = {name: getattr(row, name) for name in (*FIELDS, "version")} if row else {"told_on": clocks.today(), "version": 0}
    form = FeasibilityForm(request.POST if request.method == "POST" else None, initial=initial)
    saved = done(request, form, lambda: tell_feasibility(node=key, version=whole(str(form.cleaned_data["version"] or 0)), told=form.cleaned_data, by=person))
    chain = shelf.chains_of(key)[0]
    if saved:
        messages.success(request, _("记下了，补链排序从现在起用它"))
        return redirect(said.node_address(chain, key))
    return render(request, "chains/feasibility.html", {"node": node, "name": words.said(node.name), "chain": chain, "form": form, "row": row}, status=422 if form.errors else 200)
