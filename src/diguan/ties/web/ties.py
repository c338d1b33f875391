"""Pages of ties, and who can introduce us to a firm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done, refused
from diguan.kernel.lists.files import sent
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole
from diguan.ties.actions import ties as actions
from diguan.ties.actions.ties import End, FirmName
from diguan.ties.models import Tie
from diguan.ties.queries import chambers, people, terms, ties
from diguan.ties.queries import paths as ways
from diguan.ties.web import forms, tie_lists, words
from diguan.ties.web.people import tabs


def tie_of(request: HttpRequest, number: int) -> Tie:
    """The tie of this address.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), ties.VIEW)
    return or_404(ties.tie(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All that this person may see."""
    return tie_lists.PAGE.show(request, may_change=access.may(asking(request), ties.CHANGE), tabs=tabs(asking(request)))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One tie: both ends, source, who verified it."""
    return _show(request, tie_of(request, number))


def _show(request: HttpRequest, row: Tie, status: int = 200, **more: Any) -> HttpResponse:
    person = asking(request)
    own = row.recorded_by_id == person.pk
    context = {"row": row, "one": words.end(row, "a"), "other": words.end(row, "b"), "state": words.state_of(row), "own": own and row.state == "claimed", "reason": forms.ReasonForm(initial={"version": row.version}, auto_id="reason-%s"),
               "may_decide": row.state == "claimed" and not own and access.may(person, ties.VERIFY, row), "may_end": row.state in ties.OPEN and access.may(person, ties.CHANGE, row),
               "timeline": trail(timelines.of(person, row)), **more}
    return render(request, "ties/tie.html", context, status=status)


def new(request: HttpRequest) -> HttpResponse:
    """Record a tie; the address may name the first end."""
    person = asking(request)
    access.require(person, ties.CHANGE)
    form = forms.TieForm(request.POST or None, request.FILES or None, initial=_from(request))
    row = done(request, form, lambda: _record(person, form.cleaned_data))
    if row:
        messages.success(request, _("记下了，等另一个人核实"))
        return redirect(words.tie_address(row))
    return render(request, "ties/form.html", {"form": form, "title": _("记一条关系"), "back": reverse("ties:ties"), "button": _("记下"), "room": (_("乡情关系"), reverse("ties:ties"))}, status=422 if form.errors else 200)


def _from(request: HttpRequest) -> dict[str, str]:
    person = people.hometown_person(asking(request), whole(request.GET.get("person", "")))
    chamber = chambers.chamber(asking(request), whole(request.GET.get("chamber", "")))
    if person:
        return {"one_kind": forms.PERSON, "one": str(person.pk)}
    return {"other_kind": forms.CHAMBER, "other": chamber.name, "kind": "member"} if chamber else {}


def _record(person: Any, data: dict[str, Any]) -> Tie:
    one, other = (_end(person, data[f"{side}_kind"], data[side], data["firm_uscc"], side) for side in ("one", "other"))
    return actions.record_tie(kind=data["kind"], one=one, other=other, source=data["source"], source_date=data["source_date"], proof=data["proof"], by=person)


def _end(person: Any, kind: str, text: str, code: str, field: str) -> End:
    """Who or what is meant.

    Raises:
        Refusal: ``invalid`` at the field: nobody, or several.
    """
    if kind == forms.ME:
        return person
    if kind == forms.FIRM:
        return FirmName(text, code)
    found: list[Any] = list(ties.people_named(person, text) if kind == forms.PERSON else ties.chambers_named(person, text))
    if len(found) == 1:
        end: End = found[0]
        return end
    raise named(found, field)


def named(found: list[Any], field: str) -> Refusal:
    """That nobody is meant, or several; of people their numbers."""
    if found:
        numbers = "、".join(f"#{row.pk}" for row in found)
        return Refusal("invalid", [Message(f"不止一个：{numbers}，请写编号", f"there are several: {numbers}; give the number")], field=field)
    return Refusal("invalid", [Message("没有找到；同乡要在册、同意有效，商会要先登记", "not found: people have to be on record with a consent in force, chambers registered first")], field=field)


def _deed(request: HttpRequest, number: int, deed: Callable[..., Tie], said: str, **more: Any) -> HttpResponse:
    row = tie_of(request, number)
    refusal = refused(lambda: deed(tie=row, version=whole(request.POST.get("version", "")), by=asking(request), **more))
    if refusal is not None:
        return _show(request, row, 409 if refusal.code == "conflict" else 422, error=" ".join(refusal.texts(language())))
    messages.success(request, said)
    return redirect(words.tie_address(row))


@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is so."""
    return _deed(request, number, actions.verify_tie, _("已核实"))


@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is not."""
    return _deed(request, number, actions.reject_tie, _("已驳回，录入人能看到原因"), reason=request.POST.get("reason", "")[:200])


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is no more."""
    return _deed(request, number, actions.end_tie, _("已结束，引荐路径从现在起不用它"), reason=request.POST.get("reason", "")[:200])


@require_GET
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a tie, as a download."""
    return sent(or_404(tie_of(request, number).proof))


@require_GET
def paths(request: HttpRequest) -> HttpResponse:
    """Who can introduce us to a firm: the best ways, each hop with its source; where the text fits several, which is meant."""
    person = asking(request)
    access.require(person, ties.VIEW)
    text = request.GET.get("firm", "").strip()[:100]
    firm = ties.firm_of(text, text) if text else None
    now = terms.in_force(clocks.today())
    context = {"text": text, "firm": firm, "suggestions": ties.suggestions(person, text) if text and firm is None else [], "ways": [_way(way) for way in ways.ways(person, firm)] if firm else [],
               "terms": now, "source": now.source.text(language()), "tabs": tabs(person), "may_change": access.may(person, ties.CHANGE)}
    return render(request, "ties/paths.html", context)


def _way(way: ways.Way) -> dict[str, Any]:
    return {"way": way, "first": words.reached(way.hops[0].to_kind, way.hops[0].to), "hops": [
        {"hop": hop, "to": words.reached(hop.to_kind, hop.to), "kind": words.kind(hop.kind), "url": words.tie_address(hop.tie) if hop.tie else words.person_address(hop.to), "officer": hop.officer.name if hop.officer else "",
         "office": hop.consent.person.owner_unit.name if hop.consent and hop.consent.person.owner_unit else ""} for hop in way.hops]}
