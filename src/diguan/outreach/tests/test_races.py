"""Several at once, in threads, on whichever database is under test: a visit is corrected once, a guest is asked once."""

from __future__ import annotations

import pytest

from diguan.kernel.stages.tests.test_races import at_once
from diguan.outreach.actions import visits
from diguan.outreach.models import Invitation, VisitLog
from diguan.outreach.tests.factories import invitation_factory, officer_factory, told_visit, visit_factory

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_corrections_at_once_one_is_kept():
    by = officer_factory()
    row = visit_factory(by)

    def corrected(number):
        return lambda: visits.correct_visit(visit=VisitLog.objects.get(pk=row.pk), values=told_visit(said=f"更正 {number}"), reason="记错了", by=by).pk

    found = at_once(*map(corrected, range(6)))
    assert found.count("conflict") == 5
    assert VisitLog.objects.filter(corrects=row).count() == 1


def test_of_invitations_at_once_one_is_kept():
    by = officer_factory()
    found = at_once(*[lambda: invitation_factory(by, name="宁波样例控制板有限公司").pk] * 6)
    assert found.count("asked_already") == 5
    assert Invitation.objects.count() == 1
