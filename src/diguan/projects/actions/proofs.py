"""Writes of what counting needs a proof for: returnees, and like projects that are two."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from diguan.kernel import access
from diguan.kernel.access.models import Person
from diguan.kernel.actions import Done, action
from diguan.projects.actions import checking
from diguan.projects.actions.checking import Proof
from diguan.projects.actions.fields import no
from diguan.projects.models import CheckState, Project, ReturneeClaim, TwinRuling
from diguan.projects.queries.agreements import ENTER, VERIFY


@action(permission=ENTER, event="returnee_claimed", on="project")
def claim_returnee(*, project: Project, basis: str, proof: Proof | None, by: Person) -> Done[ReturneeClaim]:
    """Say that a project is a returnee's, with what proves it; it counts once another person has verified it.

    Raises:
        Refusal: ``invalid`` (field named), ``claimed_already``.
    """
    told = checking.words({"basis": basis}, ReturneeClaim, ("basis",))
    try:
        with transaction.atomic():
            row = ReturneeClaim.objects.create(project=project, **told, proof=checking.kept(proof, project.owner_unit_id, by), entered_by=by, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise no("claimed_already", "这个项目的回归认定已经登记过", "this project was claimed to be a returnee's already") from error
    return Done(row, after={"project": project.pk}, related=[project])


@action(permission=VERIFY, event="returnee_verified", on="claim")
def verify_returnee(*, claim: ReturneeClaim, version: int, by: Person) -> Done[ReturneeClaim]:
    """Say that the proof holds; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``conflict``.
    """
    checking.verified(claim, version, by)
    return Done(claim, before={"state": CheckState.ENTERED}, after={"state": claim.state}, related=[claim.project])


@action(permission=VERIFY, event="returnee_rejected", on="claim")
def reject_returnee(*, claim: ReturneeClaim, version: int, reason: str, by: Person) -> Done[ReturneeClaim]:
    """Say that it does not hold, and why; of one that was verified who entered it cannot, and it counts no more.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_row``, ``not_waiting``, ``conflict``.
    """
    before = claim.state
    (checking.undone if before == CheckState.VERIFIED else checking.rejected)(claim, version, reason, by)
    return Done(claim, before={"state": before}, after={"state": claim.state}, related=[claim.project])


@action(permission=ENTER, event="twins_ruled_apart", on="project")
def rule_apart(*, project: Project, other: Project, basis: str, proof: Proof | None, by: Person) -> Done[TwinRuling]:
    """Say that two like projects are two, with what proves it; they count as two once another person has verified it.

    Raises:
        access.Forbidden: the other is not within reach. Refusal: ``invalid`` (field named), ``ruled_already``.
    """
    access.require(by, ENTER, other)
    if project.pk == other.pk:
        raise no("invalid", "要选另一个项目", "choose another project", "other")
    told = checking.words({"basis": basis}, TwinRuling, ("basis",))
    first, second = sorted((project, other), key=lambda row: row.pk)
    try:
        with transaction.atomic():
            row = TwinRuling.objects.create(first=first, second=second, **told, proof=checking.kept(proof, project.owner_unit_id, by), entered_by=by, owner_unit_id=project.owner_unit_id, created_by=by, changed_by=by)
    except IntegrityError as error:
        raise no("ruled_already", "这两个项目已经认定过，或认定等人核实", "the two were ruled on already, or it waits to be verified") from error
    return Done(row, after={"first": first.pk, "second": second.pk}, related=[first, second])


@action(permission=VERIFY, event="twin_ruling_verified", on="ruling")
def verify_ruling(*, ruling: TwinRuling, version: int, by: Person) -> Done[TwinRuling]:
    """Say that the two are two; who entered it cannot.

    Raises:
        Refusal: ``own_row``, ``not_waiting``, ``conflict``.
    """
    checking.verified(ruling, version, by)
    return Done(ruling, before={"state": CheckState.ENTERED}, after={"state": ruling.state}, related=[ruling.first, ruling.second])


@action(permission=VERIFY, event="twin_ruling_rejected", on="ruling")
def reject_ruling(*, ruling: TwinRuling, version: int, reason: str, by: Person) -> Done[TwinRuling]:
    """Say that it does not hold, and why; of one that was verified who entered it cannot, and the two count as one again.

    Raises:
        Refusal: ``invalid`` without a reason, ``own_row``, ``not_waiting``, ``conflict``.
    """
    before = ruling.state
    (checking.undone if before == CheckState.VERIFIED else checking.rejected)(ruling, version, reason, by)
    return Done(ruling, before={"state": before}, after={"state": ruling.state}, related=[ruling.first, ruling.second])
