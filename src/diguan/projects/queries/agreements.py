"""Reads of agreements and promises: who may see which, and what the gates of a project know of them."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from diguan.enterprises import engine as names
from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.projects.models import Agreement, AgreementKind, CheckState, Project, Promise, ReviewConclusion
from diguan.projects.queries.projects import teller

VIEW = "projects.view_agreement"
ENTER = "projects.enter_agreement"
VERIFY = "projects.verify_agreement"
EXPORT = "projects.export_agreement"
REVIEW = "projects.review_promise"
LIVE = (CheckState.ENTERED, CheckState.VERIFIED)


def visible_agreements(person: Person) -> QuerySet[Agreement]:
    """The agreements a person may see, the last signed first."""
    rows = access.visible(Agreement.objects.all(), person, VIEW)
    return rows.select_related("project", "entered_by", "verified_by", "voided_by", "replaces", "proof").order_by("-signed_on", "-id")


def agreement(person: Person, number: int) -> Agreement | None:
    """One agreement; None where there is none for this person."""
    return visible_agreements(person).filter(pk=number).first()


def search(rows: QuerySet[Agreement], text: str) -> QuerySet[Agreement]:
    """Those whose number, project or counterparty holds the text."""
    key, plain = names.name_key(text), text.strip()
    return rows.filter(Q(number__contains=plain) | Q(counterparty__contains=plain) | Q(project__name_key__contains=key) | Q(project__number__contains=plain))


def promises_of(row: Agreement) -> QuerySet[Promise]:
    """The promises of an agreement the person may see already."""
    return row.promises.select_related("entered_by", "reviewed_by", "review_proof").order_by("id")


def promise(person: Person, number: int) -> Promise | None:
    """One promise; None where there is none for this person."""
    return access.visible(Promise.objects.all(), person, VIEW).select_related("agreement__project", "review_proof").filter(pk=number).first()


def to_review(person: Person) -> QuerySet[Promise]:
    """Promises that wait for this person's review: another entered them."""
    rows = Promise.objects.filter(conclusion=ReviewConclusion.WAITING, agreement__state__in=LIVE).exclude(entered_by=person)
    return access.visible(rows, person, REVIEW).select_related("agreement__project").order_by("id")


def to_verify(person: Person) -> QuerySet[Agreement]:
    """Agreements that wait for this person: another entered them."""
    return access.visible(Agreement.objects.filter(state=CheckState.ENTERED).exclude(entered_by=person), person, VERIFY).order_by("id")


@teller
def _signed(row: Project, day: dt.date) -> dict[str, int | str]:
    """Frameworks and contracts that were verified, and whether every promise of what holds was let pass. Without any agreement nobody knows of promises."""
    rows = list(Agreement.objects.filter(project=row, state__in=LIVE, signed_on__lte=day).values_list("pk", "kind", "state", "no_promises"))
    verified = {kind for _pk, kind, state, _none in rows if state == CheckState.VERIFIED}
    told: dict[str, int | str] = {
        "project.framework_signed": int(AgreementKind.FRAMEWORK in verified), "project.contract_signed": int(bool(verified & {AgreementKind.CONTRACT, AgreementKind.REPLACEMENT}))}
    if rows:
        conclusions = list(Promise.objects.filter(agreement__in=[pk for pk, *_rest in rows]).values_list("agreement", "conclusion"))
        silent = {pk for pk, _kind, _state, none in rows if not none} - {pk for pk, _conclusion in conclusions}
        told["project.promises_cleared"] = int(not silent and all(conclusion in (ReviewConclusion.PASSED, ReviewConclusion.EXEMPT) for _pk, conclusion in conclusions))
    return told
