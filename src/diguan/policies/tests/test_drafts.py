"""Drafts: what they hold is a pack's document; who may write, who may not; two at once; publishing and its refusals."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import pytest

from diguan.kernel import clocks
from diguan.kernel.events import Event
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.rules import document
from diguan.kernel.stages import shelf
from diguan.kernel.stages.models import Course, FlowVersion, Passage, Task, TaskState
from diguan.kernel.tests.factories import person_factory
from diguan.policies import queries
from diguan.policies.actions import drafts as actions
from diguan.policies.engine import clausetree, leaves, yamltext
from diguan.policies.models import Draft, DraftVersion
from diguan.policies.queries import drafts
from diguan.policies.tests import county

pytestmark = pytest.mark.django_db
POLICY = "equipment-upgrade-2026"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path / "data"


@pytest.fixture
def officer():
    return person_factory("policy_officer", login_name="officer", from_day=dt.date(2026, 1, 1))


@pytest.fixture
def draft(officer):
    return actions.copy_policy(policy=POLICY, by=officer)


def told(policy):
    """A typed tree without the lines and files it was read from."""
    return (policy.id, dict(policy.title), policy.in_force_from, policy.in_force_to, [(one.id, one.cite, one.condition, one.on_missing) for one in policy.clauses], policy.benefit,
            policy.origin, policy.text, policy.issuer, policy.recorded_at, policy.delivery, policy.legal_basis, policy.review, policy.exclusive_with, policy.budget,
            [(one.name, one.as_of, yamltext.plain(document.Node(1, keys=dict(one.facts))), yamltext.plain(document.Node(1, keys=dict(one.expect)))) for one in policy.examples])


def open_draft(row):
    return drafts.opened(row.text, row.source)


def life(policy, stage, by, at=None):
    """A course of the policy that stands at a stage it passed into at an instant."""
    flow = shelf.known()["policy_life"]
    frozen, _made = FlowVersion.objects.get_or_create(sha256=flow.sha256, defaults={"flow": flow.id, "text": flow.text})
    course = Course.objects.create(flow=flow.id, frozen=frozen, subject_kind="policy", subject_id=policy, title=policy, created_by=by)
    Task.objects.create(course=course, key=stage, state=TaskState.OPEN)
    Passage.objects.create(course=course, kind="passed", target="published" if stage != "drafted" else "drafted", day=dt.date(2026, 1, 1), at=at or clocks.now(), by=by)
    return course


# ── the same document ────────────────────────────────────────────────────────
def test_every_shipped_policy_opened_and_saved_unchanged_is_the_same_tree_and_the_same_text(officer):
    library = queries.library().policies
    assert len(library) > 20
    for policy in library.values():
        row = actions.copy_policy(policy=policy.id, by=officer)
        row = actions.change_draft(draft=row, version=row.version, data=yamltext.read(row.text), by=officer)
        assert row.text == policy.path.read_text("utf-8")
        found = open_draft(row)
        assert found.usable
        assert told(found.policy) == told(policy)
        assert found.policy.digest == policy.digest


def test_every_shipped_policy_written_anew_is_the_same_tree():
    for policy in queries.library().policies.values():
        text = yamltext.write(yamltext.read(policy.path.read_text("utf-8")))
        found = drafts.opened(text, policy.text)
        assert found.usable, (policy.id, found.faults)
        assert told(found.policy) == told(policy)


def test_every_comparison_of_every_shipped_policy_survives_its_form():
    for policy in queries.library().policies.values():
        data = yamltext.read(policy.path.read_text("utf-8"))
        for at in range(len(data["clauses"])):
            for spot in clausetree.spots(data, at):
                if spot.group is None:
                    assert leaves.leaf_of(leaves.fields_of(spot.condition), spot.condition) == spot.condition
                    fresh = clausetree.put(data, spot.place, leaves.leaf_of(leaves.fields_of(spot.condition)))
                    assert [clause.condition for clause in drafts.opened(yamltext.write(fresh), policy.text).policy.clauses] == [clause.condition for clause in policy.clauses]


def test_a_changed_value_leaves_every_other_line_and_comment_alone(draft, officer):
    data = yamltext.read(draft.text)
    leaf = clausetree.condition_at(data, (3,))
    after = actions.change_draft(draft=draft, version=draft.version, by=officer, data=clausetree.put(data, (3,), {**leaf, "value": "400万元"}))
    old, new = draft.text.splitlines(), after.text.splitlines()
    assert new[0] == "# 演示样本 / sample, not a real document"
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [
        ('    when: {fact: investment.equipment, over: previous_year, agg: sum, op: ">=", value: 200万元}',
         '    when: {fact: investment.equipment, over: previous_year, agg: sum, op: ">=", value: 400万元}')]


# ── faults ───────────────────────────────────────────────────────────────────
def test_a_draft_keeps_what_was_typed_and_says_what_is_wrong_where_and_what_is_nearest(draft, officer):
    data = clausetree.put(yamltext.read(draft.text), (3,), {"fact": "investment.equipmnet", "over": "previous_year", "agg": "sum", "op": ">=", "value": "500"})
    row = actions.change_draft(draft=draft, version=draft.version, by=officer, data=data)
    found = open_draft(row)
    assert 'investment.equipmnet' in row.text
    (fault,) = found.at("clauses", 3)
    assert (fault.place, fault.nearest) == (("clauses", 3, "when", "fact"), "investment.equipment")
    assert row.text.splitlines()[fault.line - 1].strip().startswith("when:")
    assert found.policy is None
    assert found.left_out == {3}
    assert [clause.id for clause in found.trial.clauses] == ["registered_here", "manufacturing", "not_deregistered", "rd_share"]


def test_a_quote_that_is_not_in_the_source_is_a_fault_of_its_clause(draft, officer):
    data = clausetree.describe(yamltext.read(draft.text), 4, name="rd_share", article="第四条", quote="研发费用不低于百分之三", on_missing="ask")
    row = actions.change_draft(draft=draft, version=draft.version, by=officer, data=data)
    assert [fault.place for fault in open_draft(row).faults] == [("clauses", 4, "cite", "quote")]


def test_an_example_that_does_not_hold_leaves_the_policy_to_be_tried_and_not_to_be_used(draft, officer):
    data = clausetree.put(yamltext.read(draft.text), (3,), {"fact": "investment.equipment", "over": "previous_year", "agg": "sum", "op": ">=", "value": "900万元"})
    found = open_draft(actions.change_draft(draft=draft, version=draft.version, by=officer, data=data))
    assert found.policy is not None
    assert not found.usable
    assert {fault.place[:2] for fault in found.faults} == {("examples", 0), ("examples", 2), ("examples", 3)}


def test_a_draft_begun_from_nothing_names_what_is_missing_and_can_be_tried_with_its_first_clause(officer):
    row = actions.new_draft(policy="new-one", title="新政策", issuer="县科工局", document="演示〔2026〕1号", source="第一条 甲企业。\r\n第二条 乙。", by=officer)
    assert row.source == "第一条 甲企业。\n第二条 乙。\n"
    data, place = clausetree.add_clause(yamltext.read(row.text), "甲企业", "第一条", {"fact": "enterprise.registered_region", "op": "in", "value": ["430421"]})
    row = actions.change_draft(draft=row, version=row.version, by=officer, data=data)
    found = open_draft(row)
    assert place == (0,)
    assert {fault.place[0] for fault in found.faults} == {"benefit", "examples"}
    assert [clause.id for clause in found.trial.clauses] == ["registered_region"]


# ── two officers ─────────────────────────────────────────────────────────────
def test_who_saves_second_is_refused_and_nothing_of_the_first_is_lost(draft, officer):
    data = yamltext.read(draft.text)
    first = actions.change_draft(draft=draft, version=draft.version, by=officer, data={**data, "issuer": "县发改局"})
    with pytest.raises(Refusal) as refused:
        actions.change_draft(draft=draft, version=draft.version, by=officer, data={**data, "issuer": "县财政局"})
    assert refused.value.code == "changed_meanwhile"
    assert Draft.objects.get().text == first.text
    with pytest.raises(Refusal):
        actions.save_version(draft=draft, version=draft.version, note="改口径", by=officer)
    assert DraftVersion.objects.count() == 0


def test_a_version_is_kept_once_with_a_note_and_one_event(draft, officer):
    with pytest.raises(Refusal) as refused:
        actions.save_version(draft=draft, version=draft.version, note="  ", by=officer)
    assert refused.value.field == "note"
    row = actions.save_version(draft=draft, version=draft.version, note="照抄", by=officer)
    kept = DraftVersion.objects.get()
    assert (kept.number, kept.text, kept.digest, row.saved) == (1, draft.text, queries.library().policies[POLICY].digest, 1)
    with pytest.raises(Refusal) as refused:
        actions.save_version(draft=row, version=row.version, note="又一版", by=officer)
    assert refused.value.code == "nothing_new"
    assert list(Event.objects.filter(root_type="policies.draft").values_list("verb", flat=True)) == ["draft_begun", "draft_version_saved"]


# ── who may ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["leader", "data_clerk", "administrator", "bureau_clerk"])
def test_only_a_policy_officer_drafts(draft, role):
    other = person_factory(role, login_name="other", from_day=dt.date(2026, 1, 1))
    for deed in (lambda: actions.copy_policy(policy=POLICY, by=other), lambda: actions.change_draft(draft=draft, version=draft.version, data={}, text="id: x\n", by=other),
                 lambda: actions.save_version(draft=draft, version=draft.version, note="x", by=other)):
        with pytest.raises(Forbidden):
            deed()
    assert drafts.visible_drafts(other).exists() is (role == "leader")


# ── coming in ────────────────────────────────────────────────────────────────
def test_a_file_written_for_another_source_text_is_refused_and_one_of_its_own_comes_in_as_it_is(draft, officer):
    with pytest.raises(Refusal) as refused:
        actions.import_draft(text=draft.text, source=draft.source + "第八条 另文。\n", by=officer)
    assert refused.value.code == "other_source"
    row = actions.import_draft(text=draft.text, source=draft.source, by=officer)
    assert row.text == draft.text
    for bad, code in (("a: [", "not_yaml"), ("- a\n", "not_yaml"), ("id: a/b\n", "no_id"), ("a: &x 1\nb: *x\n", "not_yaml")):
        with pytest.raises(Refusal) as refused:
            actions.import_draft(text=bad, source=draft.source, by=officer)
        assert refused.value.code == code


def test_what_no_column_takes_is_left_out_of_a_drafts_title(draft, officer):
    row = actions.import_draft(text='id: nul\ntitle: "补\\0助"\n', source=draft.source, by=officer)
    assert row.title == "补助"


def test_an_imported_source_name_cannot_lead_out_of_the_folder(draft, officer):
    data = yamltext.read(draft.text)
    row = actions.import_draft(text=yamltext.rewrite(draft.text, {**data, "source": {**data["source"], "file": "../../evil.txt"}}), source=draft.source, by=officer)
    assert yamltext.read(row.text)["source"]["file"].startswith(f"sources/{POLICY}-")
    assert open_draft(row).usable


# ── publishing ───────────────────────────────────────────────────────────────
def kept(row, by, note="一版"):
    return DraftVersion.objects.get(draft=actions.save_version(draft=row, version=row.version, note=note, by=by), number=row.saved + 1)


def publish(version, by):
    return actions.publish_draft(draft_version=version, by=by)


@pytest.mark.parametrize("stage", ["drafted", "fair_competition_reviewed", "legality_reviewed", None])
def test_a_version_whose_course_has_not_reached_published_is_refused(draft, officer, stage):
    version = kept(draft, officer)
    if stage:
        life(POLICY, stage, officer)
    with pytest.raises(Refusal) as refused:
        publish(version, officer)
    assert refused.value.code == "not_reviewed"
    assert not queries.own_folder().exists()


def test_a_version_kept_after_the_last_publication_needs_its_own_review(draft, officer):
    life(POLICY, "matching", officer, at=clocks.now() - dt.timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        publish(kept(draft, officer), officer)
    assert refused.value.code == "not_reviewed"


def test_a_published_version_is_in_the_library_at_the_next_page_and_in_force_over_the_packs(draft, officer):
    data = yamltext.read(draft.text)
    row = actions.change_draft(draft=draft, version=draft.version, by=officer, data={**data, "budget": {**data["budget"], "amount": "2500万元"}})
    version = kept(row, officer)
    life(POLICY, "published", officer)
    publish(version, officer)
    found = queries.library()
    assert not found.problems
    assert found.policies[POLICY].digest == version.digest
    assert found.policies[POLICY].budget.amount_fen == 2500_0000_00
    assert Draft.objects.get().published == 1
    publish(version, officer)
    assert sorted(path.name for path in queries.own_folder().rglob("*")) == [f"{POLICY}.txt", f"{POLICY}.yaml", "sources"]


@pytest.mark.parametrize(("change", "code"), [({"legal_basis": ""}, "unpublishable"), ({"fair_competition_review": {"status": "pending"}}, "unpublishable"), ({"examples": []}, "not_usable")])
def test_what_the_loader_or_the_law_refuses_is_not_published(draft, officer, change, code):
    row = actions.change_draft(draft=draft, version=draft.version, by=officer, data={**yamltext.read(draft.text), **change})
    version = kept(row, officer)
    life(POLICY, "published", officer)
    with pytest.raises(Refusal) as refused:
        publish(version, officer)
    assert refused.value.code == code
    assert not queries.own_folder().exists()


def test_another_text_under_the_name_of_a_source_is_never_overwritten(draft, officer):
    version = kept(draft, officer)
    life(POLICY, "published", officer)
    path = queries.own_folder() / f"sources/{POLICY}.txt"
    path.parent.mkdir(parents=True)
    path.write_text("另一份", "utf-8")
    with pytest.raises(Refusal) as refused:
        publish(version, officer)
    assert refused.value.code == "source_taken"
    assert path.read_text("utf-8") == "另一份"


def test_who_may_not_publish_is_refused(draft, officer):
    version = kept(draft, officer)
    life(POLICY, "published", officer)
    with pytest.raises(Forbidden):
        publish(version, person_factory("data_clerk", login_name="clerk", from_day=dt.date(2026, 1, 1)))
    assert not queries.own_folder().exists()  # not a file of it was written


@pytest.mark.parametrize("name", ["evil.yaml", "sources/evil.yml", "../evil.txt", "/tmp/evil.txt"])
def test_a_source_text_never_becomes_a_document_of_the_library_by_its_name(draft, officer, name):
    data = yamltext.read(draft.text)
    row = actions.change_draft(draft=draft, version=draft.version, data={**data, "source": {**data["source"], "file": name}}, by=officer)
    version = kept(row, officer)
    life(POLICY, "published", officer)
    with pytest.raises(Refusal) as refused:
        publish(version, officer)
    assert refused.value.code in ("source_name", "not_usable")
    assert not queries.own_folder().exists()


def test_the_drafts_have_an_address_no_policy_may_take(draft):
    found = drafts.opened(yamltext.rewrite(draft.text, {**yamltext.read(draft.text), "id": "drafts"}), draft.source)
    assert [fault.place for fault in found.faults] == [("id",)]


def test_a_published_policy_that_can_be_read_no_more_gives_no_way_to_the_packs_older_text(draft, officer):
    version = kept(draft, officer)
    life(POLICY, "published", officer)
    publish(version, officer)
    path = queries.own_folder() / f"{POLICY}.yaml"
    path.write_text(version.text.replace("investment.equipment", "investment.gone"), "utf-8")
    found = queries.library()
    assert POLICY not in found.policies
    assert any(problem.nearest for problem in found.problems)
    assert len(found.policies) > 20


class Killed(BaseException):
    """The process is gone: nothing after it runs that a kill would not let run."""


@pytest.mark.parametrize("step", range(14))
def test_a_publication_cut_off_at_any_step_leaves_the_old_text_or_the_new_and_is_made_good_by_doing_it_again(officer, monkeypatch, tmp_path, step):
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{county.pack(tmp_path / 'pack')}")
    draft = actions.copy_policy(policy=county.POLICY, by=officer)
    first = kept(draft, officer)
    life(county.POLICY, "published", officer)
    publish(first, officer)
    row = Draft.objects.get()
    row = actions.change_draft(draft=row, version=row.version, data={**yamltext.read(draft.text), "issuer": "别的局"}, source=draft.source + "第八条 另有规定的，从其规定。\n", by=officer)
    second = kept(row, officer, "二版")
    Passage.objects.create(course=Course.objects.get(), kind="passed", target="published", day=dt.date(2026, 1, 1), by=officer)
    left = [step]

    def dies(function):
        def run(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return function(*args, **kwargs)
        return run

    with monkeypatch.context() as cut:
        cut.setattr(Path, "replace", dies(Path.replace))
        cut.setattr(Path, "unlink", lambda self, missing_ok=False: None)  # a killed process tidies nothing
        cut.setattr(actions, "flush", dies(actions.flush))
        cut.setattr(actions, "record_published", dies(actions.record_published))
        with contextlib.suppress(Killed):
            publish(second, officer)
    found = queries.library()
    assert not found.problems
    assert found.policies[county.POLICY].digest in (first.digest, second.digest)
    assert (left[0] < 0) == (Draft.objects.get().published == 1)
    publish(second, officer)
    assert queries.library().policies[county.POLICY].digest == second.digest
    assert Draft.objects.get().published == 2
