"""Plans, tasks and notes of progress: somebody answers for each, done counts only when another person verified it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from diguan.indicators.actions import goals, progress, reminders
from diguan.indicators.actions import plans as actions
from diguan.indicators.models import NoteState, ProgressNote, TaskState
from diguan.indicators.queries import own_lines, plans
from diguan.indicators.tests.plan_factories import (
    PROOF,
    clerk,
    note_factory,
    owner_factory,
    plan_factory,
    target_factory,
    task_factory,
)
from diguan.kernel import access, clocks
from diguan.kernel.events import Event
from diguan.kernel.measures import Asked
from diguan.kernel.notices.models import Notice
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory, unit_factory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def october(settings):
    settings.DIGUAN_TODAY = "2026-10-30"


def set_task(plan, **more):
    unit, owner = owner_factory()
    told = {"number": 1, "values": {"text": "样例任务"}, "owner_unit": unit, "owner": owner, "due_on": dt.date(2026, 11, 30)} | more
    return actions.set_task(plan=plan, by=clerk(), **told)


# ── who answers for it ───────────────────────────────────────────────────────
@pytest.mark.parametrize(("more", "code", "says"), [
    ({"owner_unit": None}, "no_owner", "这项任务没有责任单位，不能下达：先定由谁负责"),
    ({"owner": None}, "no_owner", "这项任务没有责任人，不能下达：先定由谁来办"),
])
def test_a_task_nobody_answers_for_is_refused_in_plain_words(more, code, says):
    plan = plan_factory()
    with pytest.raises(Refusal) as refused:
        set_task(plan, **more)
    assert (refused.value.code, refused.value.texts("zh")) == (code, [says])
    assert not plan.tasks.exists()


def test_who_has_no_post_in_the_office_does_not_carry_out_its_tasks():
    unit, _one = owner_factory()
    for stranger in (person_factory("policy_officer"), person_factory("administrator", unit), person_factory("policy_officer", unit, from_day=dt.date(2026, 1, 1), to_day=dt.date(2026, 10, 1))):
        with pytest.raises(Refusal) as refused:
            set_task(plan_factory(), owner_unit=unit, owner=stranger)
        assert refused.value.code == "not_in_post"


def test_a_number_is_taken_once_and_a_year_mistaken_is_said():
    plan = plan_factory()
    set_task(plan)
    with pytest.raises(Refusal) as twice:
        set_task(plan)
    assert twice.value.code == "number_taken"
    with pytest.raises(Refusal) as early:
        set_task(plan, number=2, due_on=dt.date(2025, 11, 30))
    assert early.value.code == "bad_day"


def test_a_change_needs_a_reason_and_is_told_anew_when_its_day_moves():
    row = task_factory()
    reminders.tell_due(task=row, version=row.version, late=False, by=clerk())
    row.refresh_from_db()
    told = {"values": {"text": "改过的任务"}, "owner_unit": row.owner_unit, "owner": row.owner, "due_on": dt.date(2026, 12, 20), "by": clerk()}
    with pytest.raises(Refusal):
        actions.change_task(task=row, version=row.version, reason="", **told)
    changed = actions.change_task(task=row, version=row.version, reason="县长办公会调整", **told)
    assert (changed.text, changed.soon_told_on) == ("改过的任务", None)
    with pytest.raises(Refusal) as second:
        actions.change_task(task=row, version=row.version, reason="再来", **told)
    assert second.value.code == "conflict"


# ── progress ─────────────────────────────────────────────────────────────────
def test_done_counts_only_when_another_person_verified_it():
    note = note_factory()
    task = note.task
    task.refresh_from_db()
    assert task.state == TaskState.OPEN
    assert plans.standing(plans.task(person_factory("leader"), task.pk), clocks.today(), plans.soon_day()) == plans.WAITING
    done = progress.verify_note(note=note, version=note.version, by=clerk())
    task.refresh_from_db()
    assert (done.state, task.state, task.done_on) == (NoteState.VERIFIED, TaskState.DONE, dt.date(2026, 10, 30))
    assert Event.objects.filter(verb="progress_verified").count() == 1


def test_who_noted_it_never_verifies_rejects_or_undoes_it():
    unit, head = owner_factory(role="bureau_head")
    note = note_factory(task_factory(owner=head, unit=unit))
    for deed, more in ((progress.verify_note, {}), (progress.reject_note, {"reason": "不对"})):
        with pytest.raises(Refusal) as refused:
            deed(note=note, version=note.version, by=head, **more)
        assert refused.value.code == "own_note"
    progress.verify_note(note=note, version=note.version, by=clerk())
    note.task.refresh_from_db()
    with pytest.raises(Refusal) as undone:
        progress.reopen_task(task=note.task, version=note.task.version, reason="其实没有", by=head)
    assert undone.value.code == "own_note"


def test_finished_without_a_file_is_refused_and_a_note_without_one_is_never_verified():
    task = task_factory()
    with pytest.raises(Refusal) as refused:
        note_factory(task, proof=None)
    assert (refused.value.code, refused.value.field) == ("invalid", "proof")
    plain = note_factory(task, finished=False, proof=None, said="开了一次会")
    with pytest.raises(Refusal) as unproved:
        progress.verify_note(note=plain, version=plain.version, by=clerk())
    assert unproved.value.code == "no_proof"


def test_a_rejected_note_leaves_the_task_open_and_another_may_follow():
    note = note_factory()
    with pytest.raises(Refusal) as twice:
        note_factory(note.task)
    assert twice.value.code == "finished_already"
    with pytest.raises(Refusal):
        progress.reject_note(note=note, version=note.version, reason="", by=clerk())
    progress.reject_note(note=note, version=note.version, reason="照片不是这个项目的", by=clerk())
    again = note_factory(note.task)
    progress.verify_note(note=again, version=again.version, by=clerk())
    with pytest.raises(Refusal) as over:
        note_factory(note.task)
    assert over.value.code == "over"


def test_a_task_wrongly_done_is_opened_again_and_its_note_rejected():
    note = note_factory()
    progress.verify_note(note=note, version=note.version, by=clerk())
    note.task.refresh_from_db()
    row = progress.reopen_task(task=note.task, version=note.task.version, reason="抽查发现没有装", by=clerk())
    note.refresh_from_db()
    assert (row.state, row.done_on, note.state, note.decision) == (TaskState.OPEN, None, NoteState.REJECTED, "抽查发现没有装")


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2024, 12, 31)])
def test_progress_lies_neither_in_the_future_nor_long_before_the_plan(day):
    with pytest.raises(Refusal) as refused:
        note_factory(on=day)
    assert refused.value.field == "on"


def test_a_dropped_task_is_verified_no_more():
    note = note_factory()
    task = note.task
    task.refresh_from_db()
    actions.drop_task(task=task, version=task.version, reason="上级取消", by=clerk())
    with pytest.raises(Refusal) as refused:
        progress.verify_note(note=note, version=note.version, by=clerk())
    assert refused.value.code == "over"
    note.refresh_from_db()
    assert note.state == NoteState.ENTERED


# ── the clock ────────────────────────────────────────────────────────────────
def test_the_owner_alone_is_told_once_that_it_is_near_and_once_that_it_is_late(settings):
    person_factory("administrator")
    task = task_factory(due_on=dt.date(2026, 11, 4))
    far = task_factory(due_on=dt.date(2026, 12, 31))
    assert reminders.remind_due() == 1
    assert reminders.remind_due() == 0
    settings.DIGUAN_TODAY = "2026-11-05"
    assert reminders.remind_due() == 1
    assert reminders.remind_due() == 0
    told = list(Notice.objects.all())
    assert {row.person_id for row in told} == {task.owner_id}
    assert {row.kind for row in told} == {"indicators.task_soon", "indicators.task_late"}
    assert far.owner_id not in {row.person_id for row in told}


def test_what_waits_to_be_verified_is_neither_late_nor_told():
    person_factory("administrator")
    note_factory(task_factory(due_on=dt.date(2026, 10, 1)), on=dt.date(2026, 9, 30))
    assert reminders.remind_due() == 0
    assert not plans.in_standing(plans.visible_tasks(person_factory("leader")), plans.LATE).exists()


# ── who may not ──────────────────────────────────────────────────────────────
def test_nobody_without_the_right_sets_notes_or_verifies():
    plan, task, note = plan_factory(), task_factory(), note_factory()
    unit, officer = owner_factory()
    for role in ("leader", "policy_officer", "bureau_clerk", "enterprise_agent"):
        by = person_factory(role)
        with pytest.raises(access.Forbidden):
            actions.make_plan(values={"code": "x", "kind": "year", "name": "甲", "source": "乙"}, year=2026, by=by)
        with pytest.raises(access.Forbidden):
            actions.set_task(plan=plan, number=9, values={"text": "任务"}, owner_unit=unit, owner=officer, due_on=dt.date(2026, 12, 1), by=by)
        with pytest.raises(access.Forbidden):
            progress.note_progress(task=task, on=clocks.today(), said="不是我的任务", by=by)
    for role in ("policy_officer", "bureau_clerk", "bureau_head", "administrator", "enterprise_agent"):
        with pytest.raises(access.Forbidden):
            progress.verify_note(note=note, version=note.version, by=person_factory(role))


def test_an_officer_sees_the_tasks_of_their_office_and_no_other(client):
    mine, others = task_factory(text="我们单位的任务"), task_factory(text="别的单位的任务")
    client.force_login(person_factory("bureau_clerk", mine.owner_unit))
    seen = client.get(reverse("indicators:tasks")).content.decode()
    assert "我们单位的任务" in seen
    assert "别的单位的任务" not in seen
    assert client.get(reverse("indicators:task", args=[others.pk])).status_code == 404
    assert client.post(reverse("indicators:task_note", args=[others.pk]), {"on": "2026-10-30", "said": "不行"}).status_code == 404
    assert client.get(reverse("indicators:plan", args=[others.plan_id])).status_code == 200
    assert "别的单位的任务" not in client.get(reverse("indicators:plan", args=[others.plan_id])).content.decode()


def test_a_colleague_of_the_owner_reads_but_notes_nothing_and_opens_no_file(client):
    note = note_factory()
    client.force_login(person_factory("bureau_clerk", note.task.owner_unit))
    assert client.get(reverse("indicators:task", args=[note.task_id])).status_code == 200
    assert client.post(reverse("indicators:task_note", args=[note.task_id]), {"on": "2026-10-30", "said": "代填"}).status_code == 403
    assert client.get(reverse("indicators:note_proof", args=[note.pk])).status_code == 403
    assert client.get(reverse("indicators:tasks") + "?export=xlsx").status_code == 403


def test_an_export_holds_no_more_than_the_list(client):
    task_factory(text="别的单位的任务")
    mine = task_factory(text="我们单位的任务")
    client.force_login(person_factory("policy_officer", mine.owner_unit))
    file = client.get(reverse("indicators:tasks") + "?export=csv").content.decode()
    assert "我们单位的任务" in file
    assert "别的单位的任务" not in file


# ── pages ────────────────────────────────────────────────────────────────────
def test_the_page_takes_a_note_with_its_file_and_another_person_verifies_it(client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    task = task_factory()
    client.force_login(task.owner)
    sent = {"on": "2026-10-30", "said": "装好了", "finished": "on", "proof": SimpleUploadedFile(*PROOF)}
    assert client.post(reverse("indicators:task_note", args=[task.pk]), sent).status_code == 302
    note = ProgressNote.objects.get()
    own = client.get(reverse("indicators:task", args=[task.pk])).content.decode()
    assert "您填的，要由另一个人核实" in own
    assert reverse("indicators:note_verify", args=[note.pk]) not in own
    client.force_login(person_factory("leader"))
    assert reverse("indicators:note_verify", args=[note.pk]) in client.get(reverse("indicators:task", args=[task.pk])).content.decode()
    assert client.post(reverse("indicators:note_verify", args=[note.pk]), {"version": note.version}).status_code == 302
    task.refresh_from_db()
    assert task.state == TaskState.DONE


def test_a_page_keeps_what_was_written_when_it_is_refused(client):
    task = task_factory()
    client.force_login(task.owner)
    page = client.post(reverse("indicators:task_note", args=[task.pk]), {"on": "2026-10-30", "said": "没有材料", "finished": "on"})
    assert page.status_code == 422
    assert "没有材料" in page.content.decode()
    assert "要有佐证材料" in page.content.decode()


def test_a_form_without_an_owner_says_so_at_its_field(client):
    plan = plan_factory()
    client.force_login(clerk())
    page = client.post(reverse("indicators:task_new", args=[plan.pk]), {"number": 1, "text": "没人负责的任务", "due_on": "2026-12-01", "owner_unit": unit_factory().pk})
    assert page.status_code == 422
    assert "没有责任人，不能下达：先定由谁来办" in page.content.decode()


def test_the_desk_shows_mine_late_and_soon_and_what_i_may_verify(client):
    unit, owner = owner_factory()
    task_factory(owner=owner, unit=unit, text="逾期的任务", due_on=dt.date(2026, 10, 20))
    task_factory(owner=owner, unit=unit, text="快到期的任务", due_on=dt.date(2026, 11, 3))
    task_factory(text="别人的任务", due_on=dt.date(2026, 10, 20))
    note_factory(task_factory(text="等核实的任务"))
    client.force_login(owner)
    desk = client.get(reverse("site:home")).content.decode()
    assert "逾期的任务" in desk
    assert "快到期的任务" in desk
    assert "别人的任务" not in desk
    client.force_login(clerk())
    assert "等核实的任务" in client.get(reverse("site:home")).content.decode()


@pytest.mark.parametrize("standing", plans.STANDINGS)
def test_a_filter_finds_what_stands_so(standing):
    made = {plans.OPEN: task_factory(), plans.SOON_DUE: task_factory(due_on=dt.date(2026, 11, 2)), plans.LATE: task_factory(due_on=dt.date(2026, 10, 2)), plans.WAITING: note_factory().task}
    done = note_factory()
    progress.verify_note(note=done, version=done.version, by=clerk())
    made[plans.DONE] = done.task
    gone = task_factory()
    made[plans.DROPPED] = actions.drop_task(task=gone, version=gone.version, reason="取消", by=clerk())
    leader = person_factory("leader")
    assert [row.pk for row in plans.in_standing(plans.visible_tasks(leader), standing)] == [made[standing].pk]
    found = plans.task(leader, made[standing].pk)
    assert plans.standing(found, clocks.today(), plans.soon_day()) == standing


def test_counts_of_a_plan_are_of_the_tasks_one_may_see():
    plan = plan_factory()
    mine = task_factory(plan)
    note_factory(task_factory(plan, due_on=dt.date(2026, 11, 2)))
    task_factory(plan, due_on=dt.date(2026, 10, 2))
    assert plans.counts(person_factory("leader"))[plan.pk] == plans.Counts(total=3, done=0, waiting=1, late=1, soon=0)
    assert plans.counts(person_factory("bureau_clerk", mine.owner_unit))[plan.pk].total == 1


def test_every_count_of_a_plan_opens_as_many_tasks(client):
    plan = plan_factory()
    for number, due in ((1, dt.date(2026, 10, 1)), (2, dt.date(2026, 11, 2)), (3, dt.date(2026, 12, 31))):
        set_task(plan, number=number, due_on=due)
    gone = set_task(plan, number=4)
    actions.drop_task(task=gone, version=gone.version, reason="并入别的任务", by=clerk())
    person = person_factory("leader")
    counted = plans.counts(person)[plan.pk]
    assert (counted.total, counted.late, counted.soon) == (3, 1, 1)
    client.force_login(person)
    for name, args in (("plans", []), ("plan", [plan.pk])):
        seen = client.get(reverse(f"indicators:{name}", args=args)).content.decode()
        for standing, count in ((plans.KEPT, counted.total), (plans.LATE, counted.late), (plans.SOON_DUE, counted.soon), (plans.DONE, 0)):
            url = f"{reverse('indicators:tasks')}?plan={plan.pk}&standing={standing}"
            assert url.replace("&", "&amp;") in seen, (name, standing)
            assert len(client.get(url).context["page"].paginator.object_list) == count


def test_a_plan_of_targets_alone_counts_them_and_opens_them(client):
    plan, other = plan_factory(), plan_factory()
    gone = target_factory(plan, indicator="enterprises.registered")
    goals.take_back_target(target=gone, version=gone.version, reason="重复了", by=clerk())
    mine = target_factory(plan)
    target_factory(other)
    person = person_factory("leader")
    assert plans.target_counts(person) == {plan.pk: 1, other.pk: 1}
    assert plans.target_counts(person_factory("bureau_clerk", mine.owner_unit)) == {plan.pk: 1}
    client.force_login(person)
    url = f"{reverse('indicators:targets')}?plan={plan.pk}"
    assert url in client.get(reverse("indicators:plans")).content.decode()
    assert [one.pk for one in client.get(url).context["page"].paginator.object_list] == [mine.pk]


def test_a_task_is_open_until_the_day_it_is_done_and_done_from_then_on():
    row = task_factory()
    note = note_factory(row)
    progress.verify_note(note=note, version=note.version, by=person_factory("leader"))
    task_factory(row.plan)
    day, found = clocks.today(), list(own_lines.task_lines(Asked(clocks.today())))
    standing = [(line.on, line.until, line.groups["standing"]) for line in found if line.key == str(row.pk)]
    assert standing == [(None, day - dt.timedelta(days=1), "open"), (day, None, "done")]
    assert {line.groups["standing"] for line in own_lines.task_lines(Asked(day - dt.timedelta(days=1)))} == {"open"}
