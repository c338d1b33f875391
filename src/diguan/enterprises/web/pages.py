"""Pages of the register: the list, the dossier and its parts. Each asks who may see the enterprise before anything else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.enterprises import actions, queries
from diguan.enterprises.actions.imports import IMPORT
from diguan.enterprises.models import Enterprise
from diguan.enterprises.queries import capabilities, dossier
from diguan.enterprises.web import lists, shown
from diguan.kernel import access, clocks
from diguan.kernel.facts import series
from diguan.kernel.forms import refused
from diguan.kernel.shell import asking, or_404

Facts = list[series.FactSeries]


def enterprise(request: HttpRequest, uscc: str) -> Enterprise:
    """The enterprise of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), queries.VIEW)
    return or_404(queries.enterprise(asking(request), uscc))


# ── list ─────────────────────────────────────────────────────────────────────
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Enterprises with filters in the address and export of what is filtered."""
    return lists.PAGE.show(request, may_change=access.may(asking(request), queries.CHANGE), may_import=access.may(asking(request), IMPORT))


# ── dossier ──────────────────────────────────────────────────────────────────
@require_GET
def overview(request: HttpRequest, uscc: str) -> HttpResponse:
    """一企一档: figures, panels of other rooms, key facts, identity; contacts and timeline beside."""
    return show_overview(request, enterprise(request, uscc))


def show_overview(request: HttpRequest, row: Enterprise, status: int = 200, **more: Any) -> HttpResponse:
    """The overview, with what a form on it has to say."""
    person, found = asking(request), dossier.facts(asking(request), row)
    context = frame(request, row, "overview", found)
    context |= {
        "figures": [shown.figure(one, reverse("enterprises:fact", args=[row.uscc, one.fact.spec.name])) for one in dossier.figures(found or [])],
        "key_facts": [shown.fact_line(row, one) for one in shown.key_facts(found or [])],
        "contacts": dossier.contacts(person, row), "may_reveal": access.may(person, queries.REVEAL, row),
        "timeline": shown.entries(dossier.timeline(person, row, found or [])[:shown.RECENT]),
    }
    return render(request, "enterprises/dossier.html", {**context, **more}, status=status)


def frame(request: HttpRequest, row: Enterprise, tab: str, found: Facts | None) -> dict[str, Any]:
    """What every page of a dossier shows above its body; enterprises' own people get their own frame."""
    person = asking(request)
    own = access.scope(person, queries.VIEW) is access.Scope.OWN
    address = [row.uscc]
    tabs: list[tuple[str, str, str, int | None]] = [("overview", _("概览"), reverse("enterprises:dossier", args=address), None)]
    if found is not None:
        known = sum(one.standing.state != "unknown" for one in found)
        tabs.append(("facts", _("事实"), reverse("enterprises:facts", args=address), known or None))
        tabs.append(("standards", _("划型与认定"), reverse("enterprises:standards", args=address), None))
    if access.may(person, capabilities.VIEW):
        verified = capabilities.in_state(capabilities.visible_capabilities(person).filter(enterprise=row), "verified", clocks.today()).count()
        tabs.append(("capabilities", _("能力"), reverse("enterprises:enterprise_capabilities", args=address), verified or None))
    tabs.append(("history", _("留痕"), reverse("enterprises:history", args=address), None))
    return {
        "row": row, "frame": "kernel/public.html" if own else "kernel/staff.html", "tabs": tabs, "tab": tab, "state": lists.status_of(row),
        "held": dossier.held_titles(row), "titles": row.titles.all(), "former": row.former_names.all(),
        "registered": dossier.region(row.registered_region), "place": dossier.region(row.place_region), "industry": dossier.industry(row.industry),
        "town": dossier.word(row.town), "cluster": dossier.word(row.cluster), "park": dossier.word(row.park), "address": dossier.word(row.address),
        "authority": dossier.word(row.registered_authority), "person": dossier.word(row.legal_representative),
        "elsewhere": bool(row.registered_region and row.place_region and row.registered_region != row.place_region),
        "may_change": access.may(person, queries.CHANGE, row), "known_facts": found is not None,
    }


@require_GET
def facts(request: HttpRequest, uscc: str) -> HttpResponse:
    """Every fact: last value, period, trend, source, day of delivery."""
    row = enterprise(request, uscc)
    access.require(asking(request), series.VIEW)
    found = dossier.facts(asking(request), row) or []
    lines = [shown.fact_line(row, one) for one in found]
    return render(request, "enterprises/facts.html", {**frame(request, row, "facts", found), "lines": lines})


@require_GET
def fact(request: HttpRequest, uscc: str, name: str) -> HttpResponse:
    """The rows behind one fact: every period, every source, what was corrected since."""
    row = enterprise(request, uscc)
    one = or_404(series.history_of(asking(request), row.uscc, name))
    points = [num for _period, num in one.trend(dossier.TREND)]
    context = {"fact": one.spec.label(shown.language()), "spec": one.spec, "rows": shown.fact_rows(one), "points": points if len(points) > 1 else [],
               "sources": [shown.source_name(source) for source in one.spec.sources], "may_batch": access.may(asking(request), "facts.view_batch")}
    return render(request, "enterprises/fact.html", {**frame(request, row, "facts", []), **context})


@require_GET
def history(request: HttpRequest, uscc: str) -> HttpResponse:
    """Everything that was done to the entry and everything that arrived about it."""
    row = enterprise(request, uscc)
    found = dossier.facts(asking(request), row)
    lines = shown.entries(dossier.timeline(asking(request), row, found or []))
    return render(request, "enterprises/history.html", {**frame(request, row, "history", found), "timeline": lines})


# ── a contact's full number ──────────────────────────────────────────────────
@require_POST
def reveal(request: HttpRequest, uscc: str, number: int) -> HttpResponse:
    """Show a full phone number against a reason; the look is logged, and the page says so."""
    row = enterprise(request, uscc)
    contact = or_404(dossier.contact(asking(request), row, number))
    reason = request.POST.get("reason", "")
    refusal = refused(lambda: actions.reveal_contact(enterprise=row, contact=contact, reason=reason, by=asking(request)))
    if refusal is not None:
        return show_overview(request, row, 422, reveal_error=" ".join(refusal.texts(get_language() or "zh")), reveal_of=contact.pk, reveal_reason=reason)
    return show_overview(request, row, revealed=contact)
