"""Steps of many cases ticked in an office's inbox: written once, shown once more, all done or none; and who may not."""

from __future__ import annotations

import pytest

from diguan.kernel.evidence.models import Evidence
from diguan.kernel.stages import actions as stage_actions
from diguan.services.engine.caseflow import EXCLUDED
from diguan.services.tests.test_case_pages import at, page, send
from diguan.services.tests.test_cases import accepted, done, opened, states, task, who

__all__ = ["who"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def several(who):
    found = [opened(who) for _ in range(3)]
    for case in found:
        accepted(who, case)
    return found


def ticked(*rows, **more):
    return {"tick": [f"{row.pk}:{row.version}" for row in rows], **more}


def test_an_office_ticks_confirms_and_finishes_what_waits_for_it(client, who, several):
    rows = [task(case, "power") for case in several]
    shown = page(client, who.power, at("finish_many"))
    assert "用电报装批复" in shown
    assert "项目备案" not in shown  # another office's
    assert at("finish_many") in page(client, who.power, at("inbox"))
    sent = ticked(*rows[:2], issued="2026-11-09", reason="集中验收", **{f"number-{rows[0].pk}": "电〔2026〕1 号"})
    shown = send(client, who.power, at("finish_many"), 200, **sent)
    assert "有要出结果的没有写证号" in shown
    assert [states(case)["power"] for case in several] == ["open"] * 3  # shown once more first
    send(client, who.power, at("finish_many"), 302, **sent, confirmed="1")
    assert [states(case)["power"] for case in several] == ["done", "done", "open"]
    given = Evidence.objects.filter(subject_kind="case", number="电〔2026〕1 号").get()
    assert (given.subject_id, str(given.issued)) == (str(several[0].pk), "2026-11-09")


def test_one_that_somebody_did_meanwhile_is_named_with_who_and_nothing_is_done(client, who, several):
    rows = [task(case, "power") for case in several]
    done(several[1], "power", who.officer)
    for more in ({}, {"confirmed": "1"}):
        shown = send(client, who.power, at("finish_many"), 409, **ticked(*rows, reason="集中验收", **more))
        assert "一项也没有办" in shown
        assert f"{who.officer.name}在 2026-11-09 已经办结了这一项" in shown
        assert 'value="集中验收"' in shown
    assert [states(case)["power"] for case in several] == ["open", "done", "open"]


def test_one_that_changed_or_stands_still_stops_all(client, who, several):
    first, second = task(several[0], "power"), task(several[1], "power")
    stage_actions.pause_clock(task=second, to="power", version=second.version, article=EXCLUDED, reason="现场勘察", by=who.power)
    shown = page(client, who.power, at("finish_many"))
    assert "时限暂停，不能办" in shown
    assert f'value="{second.pk}:' not in shown
    shown = send(client, who.power, at("finish_many"), 409, **ticked(first, second, confirmed="1"))
    assert "一项也没有办" in shown
    assert states(several[0])["power"] == "open"


def test_nothing_ticked_too_long_a_number_and_a_bad_day_are_said(client, who, several):
    row = task(several[0], "power")
    assert "请勾选要办结的环节" in send(client, who.power, at("finish_many"), 422)
    assert "最多 100 字" in send(client, who.power, at("finish_many"), 422, **ticked(row, **{f"number-{row.pk}": "字" * 101}))
    send(client, who.power, at("finish_many"), 422, **ticked(row, issued="昨天"))
    send(client, who.power, at("finish_many"), 422, tick=["x:y", "", f"{10**30}:1"])
    assert states(several[0])["power"] == "open"


def test_another_offices_step_and_a_stranger_finish_nothing(client, who, several):
    row = task(several[0], "filing")
    send(client, who.power, at("finish_many"), 409, **ticked(row, confirmed="1"))
    send(client, who.agent, at("finish_many"), 403, **ticked(row, confirmed="1"))
    assert page(client, who.agent, at("finish_many"), 403)
    assert states(several[0])["filing"] == "open"
