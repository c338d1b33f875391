"""Pages of reviews: the list, one finding with what changed, its decision; and what of them waits on the work desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diguan.kernel import access, packs, timelines
from diguan.kernel.declare import DeskItem
from diguan.kernel.forms import done
from diguan.kernel.lists import Column, Filter, ListPage
from diguan.kernel.rules import tree, words
from diguan.kernel.shell import asking, language, or_404, trail
from diguan.kernel.templatetags.diguan import value
from diguan.policies import queries
from diguan.policies.actions import reviews as actions
from diguan.policies.models import Claim, ClaimReview, ReviewState
from diguan.policies.queries import reviews
from diguan.policies.web.payments.shown import yuan

COLOURS = {ReviewState.OPEN: "warn", ReviewState.KEPT: "ok", ReviewState.STOPPED: "mute", ReviewState.CLAWBACK: "bad", ReviewState.LAPSED: "mute"}
STATUSES = {tree.ELIGIBLE: gettext_lazy("符合"), tree.INELIGIBLE: gettext_lazy("不符合"), tree.UNDECIDED: gettext_lazy("还判不了")}
KINDS = {"new": gettext_lazy("新报的"), "corrected": gettext_lazy("更正"), "withdrawn": gettext_lazy("撤回")}
SHOWN = 5


def state(row: ClaimReview) -> tuple[str, str]:
    """Colour and word of what became of it."""
    found = ReviewState(row.state)
    return (COLOURS[found], str(found.label))


def title_of(claim: Claim) -> str:
    """The policy of a claim as pages call it."""
    policy = queries.library().policies.get(claim.policy)
    return policy.label(language()) if policy else claim.policy


def address(row: ClaimReview) -> str:
    """Where one finding is."""
    return reverse("policies:review", args=[row.pk])


def _moved(row: ClaimReview) -> str:
    """From what to what: the verdict, or where that is the same the amount, to the fen, for a few yuan are a finding too."""
    if row.was_status == row.now_status:
        return _("金额 {was} → {now}").format(was=_fen(row.was_fen), now=_fen(row.now_fen))
    return _("{was} → {now}").format(was=STATUSES[row.was_status], now=STATUSES[row.now_status])


def _fen(fen: int | None, nothing: str = "") -> str:
    return (nothing or _("金额待定")) if fen is None else yuan(fen)


PAGE = ListPage(
    title=gettext_lazy("兑现复核"), permission=reviews.VIEW, rows=reviews.visible_reviews, file_name="claim-reviews", template="policies/reviews.html",
    empty=(gettext_lazy("没有要复核的兑现"), gettext_lazy("比对之后，哪一件的依据变了，会列在这里。")),
    columns=(
        Column("claim.enterprise.name", gettext_lazy("企业"), sort="claim__enterprise__name_key", head=True, link=address, note=lambda row: title_of(row.claim)),
        Column("state", gettext_lazy("状态"), kind="status", value=state),
        Column("paid", gettext_lazy("钱"), value=lambda row: _("已拨付") if row.paid else _("没拨付")),
        Column("moved", gettext_lazy("变化"), value=_moved),
        Column("was_fen", gettext_lazy("原金额"), kind="money", sort=True, nothing=gettext_lazy("金额待定")),
        Column("now_fen", gettext_lazy("现金额"), kind="money", sort=True, nothing=gettext_lazy("没有")),
        Column("created_at", gettext_lazy("发现于"), kind="moment", sort=True, wide=True)),
    filters=(Filter("q", gettext_lazy("企业名称或信用代码"), kind="search", fields=("claim__enterprise__name", "claim__enterprise__uscc")),
             Filter("state", gettext_lazy("状态"), choices=[(one.value, one.label) for one in ReviewState]),
             Filter("paid", gettext_lazy("只看已拨付的"), kind="bool")))


def listing(request: HttpRequest) -> HttpResponse:
    """Every finding the person may see, the open first."""
    return PAGE.show(request)


class Decide(forms.Form):
    """What follows from one finding."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
    decision = forms.ChoiceField(label=gettext_lazy("决定"), widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)

    def __init__(self, paid: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = (ReviewState.CLAWBACK.value, _("建议追回：转入追回程序")) if paid else (ReviewState.STOPPED.value, _("不再兑现"))
        self.fields["decision"].choices = [(ReviewState.KEPT.value, _("维持：照原来的金额办")), other]  # type: ignore[attr-defined]


def review_of(request: HttpRequest, number: int) -> ClaimReview:
    """The finding of this address.

    Raises:
        Forbidden: the person may see none. Http404: there is none for them.
    """
    access.require(asking(request), reviews.VIEW)
    return or_404(reviews.visible_reviews(asking(request)).filter(pk=number).first())


def one(request: HttpRequest, number: int) -> HttpResponse:
    """One finding and, for who may, the form that decides it."""
    row, person = review_of(request, number), asking(request)
    may = row.state == ReviewState.OPEN and access.may(person, actions.DECIDE, row)
    own = may and row.claim.officer_id == person.pk
    if request.method == "POST":
        access.require(person, actions.DECIDE, row)
    form = Decide(row.paid, request.POST or None, initial={"version": row.version})
    if done(request, form, lambda: actions.decide_review(review=row, by=person, **form.cleaned_data)):
        messages.success(request, _("已记下决定"))
        return redirect("policies:review", number)
    return render(request, "policies/review.html", {**_page(row), "form": form if may and not own else None, "own": own, "timeline": trail(timelines.of(person, row))},
                  status=422 if form.errors else 200)


def _page(row: ClaimReview) -> dict[str, Any]:
    policy, codes = queries.library().policies.get(row.claim.policy), packs.codes().names
    clauses = [words.reading(clause.condition, language(), codes) for clause in policy.clauses if clause.id in row.clauses] if policy else row.clauses
    return {"row": row, "title": title_of(row.claim), "was_fen": _fen(row.was_fen, "—"), "now_fen": _fen(row.now_fen, "—"), "state": state(row), "was": STATUSES[row.was_status], "now": STATUSES[row.now_status],
            "changes": [_change(change) for change in row.changed], "clauses": clauses}


def _change(change: dict[str, Any]) -> dict[str, Any]:
    spec = packs.catalogue().get(change["fact"])
    return {"label": spec.label(language()) if spec else change["fact"], "period": change["period"], "kind": KINDS.get(change["kind"], change["kind"]),
            "before": _told(spec, change["before"]), "after": _told(spec, change["after"])}


def _told(spec: Any, said: dict[str, Any]) -> Any:
    given, unit = said["value"], ""
    if spec is not None:
        unit = {"date": "date", "bool": "bool", "money": "元"}.get(spec.type, spec.unit)
    return value(num=given if isinstance(given, int) else None, text=None if isinstance(given, int) else given, unit=unit, state=said["state"])


def notices(person: Any, claim: Claim) -> list[dict[str, Any]]:
    """What a claim's page says of its findings, newest first: ``policies/_claim_reviews.html`` shows it. None for who may see none."""
    return [{"row": row, "state": state(row), "moved": _moved(row), "url": address(row), "open": row.state == ReviewState.OPEN} for row in reviews.reviews_of(person, claim)]


def desk(person: Any) -> Iterator[DeskItem]:
    """The findings this person may decide, the paid first."""
    if not access.may(person, actions.DECIDE):
        return
    rows = access.visible(ClaimReview.objects.filter(state=ReviewState.OPEN), person, actions.DECIDE).exclude(claim__officer=person.pk)
    found = list(rows.select_related("claim__enterprise").order_by("-paid", "id")[:SHOWN + 1])
    for row in found[:SHOWN]:
        yield DeskItem("first", "bad" if row.paid else "warn", _("兑现要复核"), row.claim.enterprise.name, _("{title}：{moved}").format(title=title_of(row.claim), moved=_moved(row)),
                       _("已拨付") if row.paid else "", address(row), _("看变了什么"), 8)
    if len(found) > SHOWN:
        yield DeskItem("first", "warn", _("兑现要复核"), _("还有更多要复核的兑现"), "", "", reverse("policies:reviews") + "?state=open", _("看全部"), 9)
