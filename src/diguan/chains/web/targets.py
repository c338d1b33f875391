"""Pages of target firms: the ranked list, one firm, the weights, and pairs that may be one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from diguan.chains.actions import targets as actions
from diguan.chains.engine.targetfile import FAILED, METHODS
from diguan.chains.models import Membership, TargetFirm
from diguan.chains.queries import shelf
from diguan.chains.queries import target_board as boards
from diguan.chains.queries import targets as register
from diguan.chains.web import targets_lists as lists
from diguan.chains.web import targets_views as views
from diguan.chains.web import targets_words as said
from diguan.chains.web.targets_forms import ApproachForm, TellForm
from diguan.kernel import access, clocks
from diguan.kernel.forms import done, refused
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.shell import asking, language, or_404, trail, whole


def firm_of(request: HttpRequest, number: int) -> TargetFirm:
    """The firm of this address; of one merged into another, that other.

    Raises:
        Http404: there is none for this person.
    """
    access.require(asking(request), register.VIEW)
    return or_404(register.firm(asking(request), number))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Candidates after the filters, ranked; those ruled out only where they are asked for."""
    person = asking(request)
    access.require(person, register.VIEW)
    node = shelf.node(request.GET.get("node", ""))
    use = request.GET.get("use", "")
    board = boards.board(person, node.id if node else "", use if use in METHODS else "")
    brought = register.lists(person)
    page = lists.page_of(board, brought)
    if request.GET.get("state") != FAILED:
        page = views.only_candidates(page, board)
    return page.show(request, **views.around(person, board, brought))


@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One firm: facts and their sources, filters in three columns, the score opened, what it would fill."""
    firm = firm_of(request, number)
    return redirect(said.address(firm)) if firm.pk != number else _show(request, firm)


def _show(request: HttpRequest, firm: TargetFirm, status: int = 200, form: ApproachForm | None = None, **more: Any) -> HttpResponse:
    person = asking(request)
    line, board = boards.line_of(person, firm)
    from diguan.kernel import timelines

    return render(request, "chains/target.html", {
        **views.firm(person, line, board), "timeline": trail(timelines.of(person, firm)), "may_change": access.may(person, register.CHANGE),
        "approach_form": form or ApproachForm(initial={"state": firm.approach, "on": clocks.today(), "version": firm.version}), **more}, status=status)


def tell(request: HttpRequest, number: int) -> HttpResponse:
    """Tell something of a firm, with who says so."""
    person, firm = asking(request), firm_of(request, number)
    access.require(person, register.CHANGE, firm)
    form = TellForm(request.POST if request.method == "POST" else None, initial={"told_on": clocks.today(), "version": firm.version})
    saved = done(request, form, lambda: actions.tell_target(firm=firm, version=form.cleaned_data["version"] or 0, told=form.told(), nodes=tuple(form.cleaned_data["nodes"]), source=form.cleaned_data["source"],
                                                            told_on=form.cleaned_data["told_on"], by=person))
    if saved:
        messages.success(request, _("记下了，排序从现在起用它"))
        return redirect(said.address(saved))
    return render(request, "chains/target_form.html", {"firm": firm, "form": form}, status=422 if form.errors else 200)


@require_POST
def approach(request: HttpRequest, number: int) -> HttpResponse:
    """Note what was done."""
    person, firm = asking(request), firm_of(request, number)
    form = ApproachForm(request.POST)
    saved = done(request, form, lambda: actions.note_approach(firm=firm, version=form.cleaned_data["version"] or 0, state=form.cleaned_data["state"], note=form.cleaned_data["note"], on=form.cleaned_data["on"], by=person))
    if saved:
        messages.success(request, _("记下了"))
        return redirect(said.address(firm))
    return _show(request, firm, 422, form)


@require_POST
def prove(request: HttpRequest, number: int) -> HttpResponse:
    """Say by what control of a subsidiary is proved."""
    person = asking(request)
    access.require(person, register.VIEW)
    row = or_404(access.visible(Membership.objects.select_related("firm", "list"), person, register.VIEW).filter(pk=number).first())
    refusal = refused(lambda: actions.prove_control(membership=row, proof=request.POST.get("proof", "")[:100], by=person))
    if refusal is not None:
        return _show(request, row.firm, 422, error=" ".join(refusal.texts(language())))
    messages.success(request, _("记下了，从现在起算名单成员"))
    return redirect(said.address(row.firm))


@require_GET
def weights(request: HttpRequest) -> HttpResponse:
    """Judgements, consistency, and what the ranking would be with other weights."""
    person = asking(request)
    access.require(person, register.VIEW)
    return render(request, "chains/target_weights.html", views.weights(person))


def twins(request: HttpRequest) -> HttpResponse:
    """Pairs whose names are alike: somebody says whether they are one."""
    person = asking(request)
    access.require(person, register.VIEW)
    error, status = "", 200
    if request.method == "POST":
        first, second = (or_404(register.visible_firms(person).filter(pk=whole(request.POST.get(name, ""))).first()) for name in ("first", "second"))
        try:
            if request.POST.get("same") == "1":
                actions.merge_targets(kept=first, other=second, by=person)
                messages.success(request, _("并为一家，名单、环节和说过的都归到“{name}”").format(name=first.name))
            else:
                actions.part_targets(first=first, second=second, by=person)
                messages.success(request, _("记下了：是两家，不再提示"))
            return redirect(request.path)
        except Forbidden:
            raise
        except Refusal as refusal:
            error, status = " ".join(refusal.texts(language())), 409 if refusal.code == "conflict" else 422
    return render(request, "chains/target_twins.html", {"pairs": views.pairs(person), "may_change": access.may(person, register.CHANGE), "error": error}, status=status)


