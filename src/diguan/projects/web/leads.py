"""Pages of leads: each asks for the right before anything else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines, uscc
from diguan.kernel.forms import done, refused
from diguan.kernel.phones import masked
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.kernel.stages import queries as stages
from diguan.projects.actions import leads as actions
from diguan.projects.models import Lead
from diguan.projects.queries import leads, lookup, projects, terms
from diguan.projects.web import lead_deeds, lead_forms, lead_lists
from diguan.projects.web import lead_words as words
from diguan.projects.web.lead_sheet import alike_words
from diguan.ties.queries import people, ties


def lead_of(request: HttpRequest, number: int) -> Any:
    """The lead of this address, with where it stands.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), leads.VIEW)
    return or_404(leads.visible_leads(asking(request)).filter(pk=number).first())


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with filters in the address and export of what is filtered."""
    person = asking(request)
    return lead_lists.PAGE.show(request, may_register=access.may(person, leads.CHANGE), may_import=access.may(person, leads.IMPORT), offers=leads.offered_to(person).count())


@require_GET
def lead(request: HttpRequest, number: int) -> HttpResponse:
    """One of them, what may be done with it and what was."""
    return show(request, lead_of(request, number))


def show(request: HttpRequest, row: Any, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a lead; ``more`` is what was refused, or the contact somebody has just been let see."""
    person = asking(request)
    task = stages.current(row.course) if row.course else None
    deeds = lead_deeds.offered(person, row, more.pop("form", None), more.pop("deed", ""))
    context = {
        "row": row, "stage": words.stage_of(row), "clock": words.clock_of(row), "held": words.held_by(row), "phone": masked(row.contact_phone), "may_change": access.may(person, leads.CHANGE, row),
        "may_reveal": access.may(person, leads.REVEAL, row) and bool(row.contact_name or row.contact_phone), "referrer": people.visible_people(person).filter(pk=row.referrer_id or 0).first(), "project": projects.visible_projects(person).filter(lead=row).first() if row.stage == leads.PROMOTED else None, "steps": list(leads.steps(row)[:50]), "offer": leads.offer(row), "terms": terms.in_force(clocks.today()),
        "due_words": [found for step in (task.step.next if task else ()) if task and (found := stages.due_words(task, step))],
        "first": [one for one in deeds if one[0].first], "others": [one for one in deeds if not one[0].first], "free": leads.free(Lead.objects.filter(pk=row.pk)).exclude(holder=person).exists() and access.may(person, leads.CHANGE),
        "may_path": access.may(person, ties.VIEW), "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "projects/lead.html", context, status=status)


# ── registered and changed ───────────────────────────────────────────────────
def new(request: HttpRequest) -> HttpResponse:
    """Register a lead; a firm that looks known is shown with who has it, and must be confirmed."""
    access.require(asking(request), leads.CHANGE)
    form = lead_forms.LeadForm(asking(request), request.POST or None, initial=lead_forms.prefilled(request.GET) | {"came_on": clocks.today()})
    found = _found(request, request.POST) if request.method == "POST" else []
    if request.method != "POST" or not form.is_valid() or (found and not form.cleaned_data["checked"]):
        return _form(request, form, found)
    row = done(request, form, lambda: actions.register_lead(said=form.said(), by=asking(request)))
    if row is None:
        return _form(request, form, found)
    messages.success(request, _("已登记 {number}，由您跟进").format(number=row.number))
    return redirect(lead_lists.address_of(row))


def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is told of it; the contact is for who may see it."""
    row = lead_of(request, number)
    access.require(asking(request), leads.CHANGE, row)
    access.require(asking(request), leads.REVEAL, row)
    form = lead_forms.LeadForm(asking(request), request.POST or None, initial=lead_forms.initial_of(row) | {"version": row.version})
    saved = done(request, form, lambda: actions.change_lead(lead=row, version=form.cleaned_data["version"] or 0, said=form.said(row.industry), by=asking(request)))
    return redirect(lead_lists.address_of(saved)) if saved else _form(request, form, [], row)


def _form(request: HttpRequest, form: lead_forms.LeadForm, found: list[str], row: Lead | None = None) -> HttpResponse:
    asked = bool(found) and not form.errors
    return render(request, "projects/lead_form.html", {"form": form, "found": found, "asked": asked, "row": row}, status=422 if form.errors or asked else 200)


@require_GET
def look_up(request: HttpRequest) -> HttpResponse:
    """A fragment while typing: whether somebody has this firm, and who. For those who may register leads."""
    access.require(asking(request), leads.CHANGE)
    return render(request, "projects/_lookup.html", {"found": _found(request, request.GET)})


def _found(request: HttpRequest, data: Any) -> list[str]:
    name, code, phone = (str(data.get(key, ""))[:200] for key in ("firm_name", "uscc", "contact_phone"))
    asked = lookup.Asked(name or str(data.get("q", ""))[:200], uscc.normalise(code), phone)
    return [alike_words(one).text(language()) for one in lookup.matches(asking(request), asked)]


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show whom to call against a reason; the look is logged, and the page says so."""
    row, reason = lead_of(request, number), request.POST.get("reason", "")[:200]
    refusal = refused(lambda: actions.reveal_contact(lead=row, reason=reason, by=asking(request)))
    if refusal is not None:
        return show(request, row, 422, reveal_error=" ".join(refusal.texts(language())), reveal_reason=reason)
    return show(request, row, revealed=True)
