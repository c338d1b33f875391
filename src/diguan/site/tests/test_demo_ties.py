"""The demo's hometown people: made once, through the actions, so that some target firms can be reached in two or three steps."""

from __future__ import annotations

import pytest

from diguan.kernel.access.models import Unit
from diguan.site.demo import accounts, ties
from diguan.ties.models import Chamber, HometownPerson, Return, Tie
from diguan.ties.queries.paths import ways
from diguan.ties.queries.people import running_out, visible_people
from diguan.ties.queries.returns import returnee_proof
from diguan.ties.queries.ties import firm_of

pytestmark = pytest.mark.django_db


def test_the_demos_ties_are_made_once_and_lead_to_target_firms(settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_TODAY = tmp_path, "2026-10-31"
    accounts.found([])
    for _again in range(2):
        ties.prepare()
    invest = accounts.known("invest")
    assert (HometownPerson.objects.count(), Chamber.objects.count(), Return.objects.count()) == (40, 12, 4)
    assert 80 <= Tie.objects.count() <= 110
    assert visible_people(accounts.known("town")).filter(owner_unit=Unit.objects.get(code="jiepai")).count() == visible_people(accounts.known("town")).count() == 16
    assert running_out(invest).exists()
    lengths = {name: [len(way.hops) for way in ways(invest, firm_of("", name))] for name in ties.TARGETS}
    assert all(lengths.values())
    assert 2 in lengths["深圳示例机芯科技有限公司"]
    assert returnee_proof(invest, name="深圳示例机芯科技有限公司").counts
