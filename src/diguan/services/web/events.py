"""Pages of life events: the list, and one with its questions answered live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.kernel import access, clocks, timelines
from diguan.kernel.forms import done
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.services import queries as library
from diguan.services.actions import retirement
from diguan.services.engine import lifeevents
from diguan.services.engine.merging import Merged
from diguan.services.queries import life_events as reads
from diguan.services.queries import shelf
from diguan.services.queries.life_events import Picture, Summary
from diguan.services.web import words
from diguan.services.web.forms import RetireForm


@dataclass(frozen=True)
class Asked:
    """One merged thing as the page shows it."""

    name: str
    summary: str
    who: tuple[str, ...]
    whys: tuple[str, ...]
    needed: bool
    held: bool


def _summary(request: HttpRequest, key: str) -> Summary:
    access.require(asking(request), reads.VIEW)
    return or_404(next((one for one in reads.summaries(asking(request)) if one.row.key == key), None))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The life events in force."""
    person = asking(request)
    access.require(person, reads.VIEW)
    found = reads.summaries(person)
    lines, distinct = [_line(one) for one in found], len({name for one in found for name in one.document.keys})
    pending = len(library.pending()) + len(reads.pending()) if access.may(person, library.PUBLISH) and access.may(person, reads.PUBLISH) else 0
    return render(request, "services/life_events.html", {"lines": lines, "distinct": distinct, "pending": pending, "retired": reads.retired(person, clocks.today())})


def _line(one: Summary) -> dict[str, Any]:
    told = one.document
    return {"title": told.label(language()), "url": reverse("services:life_event", args=[one.row.key]), "matters": len(told.parts), "questions": len(told.asked),
            "days": sum(part.before.days for part in told.parts), "trips": sum(part.before.trips for part in told.parts),
            "provisional": told.provisional, "number": one.version.number, "valid_from": one.version.valid_from}


@require_GET
def event(request: HttpRequest, key: str) -> HttpResponse:
    """One life event: its questions, and what follows from the answers."""
    return _show(request, _summary(request, key))


def _show(request: HttpRequest, found: Summary, form: RetireForm | None = None) -> HttpResponse:
    person, ended = asking(request), reads.retirement(found.row)
    may = ended is None and access.may(person, reads.PUBLISH, found.row)
    return render(request, "services/life_event.html", {**_context(request, found), "timeline": trail(timelines.of(person, found.row)), "ended": ended,
                                                        "retire": (form or RetireForm(initial={"version": found.row.version})) if may else None}, status=422 if form else 200)


@require_POST
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """End it from a day on."""
    found, person = _summary(request, key), asking(request)
    access.require(person, reads.PUBLISH, found.row)
    form = RetireForm(request.POST)
    if done(request, form, lambda: retirement.retire_life_event(life_event=found.row, **form.cleaned_data, by=person)) is None:
        return _show(request, found, form)
    messages.success(request, _("停用已记下；要恢复就发布新的一版"))
    return redirect("services:life_event", key)


@require_GET
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """The part of that page that changes with an answer."""
    found = _summary(request, key)
    answer = render(request, "services/_picture.html", _context(request, found))
    answer.headers["HX-Replace-Url"] = f"{reverse('services:life_event', args=[key])}?{urlencode(_answers(request, found))}"
    return answer


def _answers(request: HttpRequest, found: Summary) -> dict[str, str]:
    return {one.question: value for one in found.document.asked if (value := request.GET.get(one.question, "")) in shelf.questions()[one.question].answers}


def _context(request: HttpRequest, found: Summary) -> dict[str, Any]:
    shown = reads.picture(found.document, _answers(request, found), clocks.today())
    matters = [_matter(shown, name, state) for name, state in shown.chosen.matters.items()]
    papers, fields = [_asked(shown, one) for one in shown.papers], [_asked(shown, one) for one in shown.fields]
    return {"row": found.row, "version": found.version, "told": found.document, "title": found.document.label(language()), "shown": shown,
            "questions": _questions(found, shown), "matters": matters, "sure": len(shown.chosen.sure), "papers": papers, "fields": fields,
            "paper_counts": shown.handed_in, "field_counts": shown.filled_in, "edges": [_edge(shown, one) for one in shown.chosen.edges],
            "edge_counts": _edge_counts(shown), "fees": shown.fees, "fee_lines": [(shown.title(one.matter), one) for one in shown.fees], "fixed_fen": sum(one.fen or 0 for one in shown.fees),
            "open_fees": sum(one.fen is None for one in shown.fees), "statutory": shown.promises[0], "promised": shown.promises[1]}


def _questions(found: Summary, shown: Picture) -> list[dict[str, Any]]:
    return [{"id": question.id, "label": question.label(language()), "answers": [(value, question.answer(value, language()), shown.situation.answers.get(question.id) == value) for value in question.answers]}
            for question in (shelf.questions()[name] for name in shown.situation.put)]


def _matter(shown: Picture, name: str, state: bool | None) -> dict[str, Any]:
    content, before = (shown.versions[name].content if name in shown.versions else None), next(part.before for part in shown.document.parts if part.matter == name)
    return {"key": name, "name": shown.title(name), "sure": state is True, "there": content is not None, "bureau": content["bureau"] if content else "",
            "statutory": words.days(content["statutory_days"]) if content else "", "promised": words.days(content["promised_days"]) if content else "",
            "visits": words.visits(content["visits"]) if content else "", "days_before": before.days, "trips_before": before.trips,
            "when": words.situation(next(part.when for part in shown.document.parts if part.matter == name)) if state is None else ""}


def _asked(shown: Picture, one: Merged) -> Asked:
    entry = shelf.known().meanings.get(one.meaning)
    return Asked(words.meaning(one.meaning), words.summary(one), tuple(shown.title(name) for name in one.matters), tuple(words.why(each, shown.title) for each in one.whys),
                 one.needed is True, bool(entry and entry.shared))


def _edge(shown: Picture, one: lifeevents.Edge) -> dict[str, Any]:
    return {"start": shown.title(one.start), "end": shown.title(one.end), "kind": words.EDGE_KINDS[one.kind], "word": words.EDGES[one.kind],
            "evidence": _("原先一件办完再办下一件，没有找到依据") if one.evidence == lifeevents.UNREASONED else one.evidence, "reviewer": one.reviewer, "binds": one.binds}


def _edge_counts(shown: Picture) -> list[tuple[str, Any, int]]:
    return [(words.EDGE_KINDS[kind], words.EDGES[kind], sum(edge.kind == kind for edge in shown.chosen.edges)) for kind in lifeevents.KINDS]
