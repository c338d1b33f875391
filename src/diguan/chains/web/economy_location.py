"""The page of concentration: quotients with bands, why industries grew, what is near to what the county has."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from diguan.chains.actions.economy import bring_places
from diguan.chains.queries import economy as queries
from diguan.chains.queries.economy_places import Located, located
from diguan.chains.web import economy_words as said
from diguan.chains.web.economy_forms import PlacesForm
from diguan.kernel import access, packs
from diguan.kernel.forms import done
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, whole

MOST = 60
BEST = 10


def location(request: HttpRequest) -> HttpResponse:
    """The county's industries against a reference, and the form to bring counts."""
    person = asking(request)
    access.require(person, queries.VIEW)
    may = access.may(person, queries.IMPORT)
    if request.method == "POST":
        access.require(person, queries.IMPORT)
    form = PlacesForm(request.POST, request.FILES) if request.method == "POST" else PlacesForm()
    saved = done(request, form, lambda: bring_places(file=form.sent(), home=form.cleaned_data["home"], source=form.cleaned_data["source"], counts=form.cleaned_data["counts"] == "firms", by=person))  # type: ignore[arg-type]
    if saved:
        messages.success(request, _("行业户数表已导入"))
        return redirect("chains:location")
    found, wrong = None, list[str]()
    try:
        found = located(person, request.GET.get("against", "")[:100], whole(request.GET.get("first", ""), 4), whole(request.GET.get("last", ""), 4))
    except Forbidden:
        raise
    except Refusal as refusal:
        wrong = refusal.texts(language())
    context: dict[str, Any] = {"tabs": said.tabs(), "form": form if may else None, "found": found, "wrong": wrong}
    if found:
        context |= {"lines": _lines(found)[:MOST], "more": max(len(found.industries) - MOST, 0), "shifts": _shifts(found)[:MOST], "near": _near(found), "hhi": f"{found.hhi:.3f}", "krugman": said.ratio(found.krugman),
                    "no_related": found.no_related.text(language()) if found.no_related else "", "eci": _eci(found), "others": [each for each in found.regions if each != found.row.home][:500]}
    return render(request, "chains/economy_location.html", context, status=422 if form.errors or wrong else 200)


def _name(industry: str) -> str:
    """An industry's name beside its code, where it is a code."""
    named = packs.codes().industries.get(industry, "")
    return f"{industry} {named}" if named else industry


def _figure(value: float) -> str:
    return said.count(value) if abs(value) >= 100 else f"{said.rounded(value):g}"


def _lines(found: Located) -> list[dict[str, Any]]:
    of, order = found.quotients, np.argsort(-np.nan_to_num(found.quotients.quotient), kind="stable")
    return [{"name": _name(found.industries[at]), "local": _figure(float(found.local[at])), "quotient": said.ratio(float(of.quotient[at])), "band": f"{said.ratio(float(of.low[at]))}–{said.ratio(float(of.high[at]))}" if found.row.counts else "",
             "symmetric": said.ratio(float(of.symmetric[at])), "unsure": bool(of.unsure[at])} for at in order if found.local[at] > 0]


def _shifts(found: Located) -> list[dict[str, Any]]:
    if found.shifts is None:
        return []
    parts = found.shifts
    order = np.argsort(-np.abs(parts.change), kind="stable")
    lines = [{"name": _name(found.industries[at]), **{word: _signed(float(getattr(parts, word)[at])) for word in ("change", "national", "mix", "competitive")}} for at in order if parts.change[at] or found.local[at]]
    return [{"name": _("合计"), **{word: _signed(float(getattr(parts, word).sum())) for word in ("change", "national", "mix", "competitive")}}, *lines]


def _signed(value: float) -> str:
    shown = said.rounded(value)
    return "0" if abs(shown) < 0.05 else (f"{shown:+,.1f}" if abs(shown) < 100 else f"{shown:+,.0f}").replace("-", "−")


def _near(found: Located) -> list[dict[str, Any]]:
    """Industries the county has not, nearest first."""
    if found.related is None:
        return []
    density, gain = found.related.density[found.at], found.related.gain[found.at]
    lacking = np.flatnonzero(np.isfinite(density) & ~found.related.has[found.at])
    order = sorted(lacking, key=lambda at: -float(density[at]))[:BEST]
    return [{"name": _name(found.industries[at]), "density": said.share(float(density[at]), 0), "gain": said.ratio(float(gain[at])), "pci": said.ratio(float(found.related.pci[at]))} for at in order]


def _eci(found: Located) -> dict[str, Any] | None:
    if found.related is None or not np.isfinite(found.related.eci[found.at]):
        return None
    known = found.related.eci[np.isfinite(found.related.eci)]
    return {"value": said.ratio(float(found.related.eci[found.at])), "rank": int((known > found.related.eci[found.at]).sum()) + 1, "of": len(known)}
