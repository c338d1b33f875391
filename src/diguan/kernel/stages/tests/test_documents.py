"""Flows as data: the closed grammar, every slip with its line and the nearest name; the shipped ones as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from diguan.kernel import packs
from diguan.kernel.rules.nodes import DocumentErrors
from diguan.kernel.stages import document, shelf
from diguan.kernel.stages.tests.factories import flow_of, graph_text
from diguan.kernel.stages.tree import DUE, WAIT

pytestmark = pytest.mark.one_database
FLOW = """\
id: test_flow
title: {zh: 测试, en: Test}
subject: policy
stages:
  - id: drafted
    title: {zh: 起草, en: Drafted}
    next: [published]
  - id: published
    title: {zh: 发布, en: Published}
    final: true
    gate:
      evidence: [legal_basis]
      roles: [leader]
      facts:
        - {id: basis, says: 有依据, when: {fact: policy.legal_basis, op: exists}}
      waiver: [basis]
      clock: {days: 3, basis: 三日内}
statuses:
  - {id: held, title: {zh: 暂停, en: Held}, from: [published]}
"""


def problems(text):
    with pytest.raises(DocumentErrors) as caught:
        flow_of(text)
    return caught.value.problems


def test_a_flow_is_read_whole():
    flow = flow_of(FLOW)
    gate = flow.step["published"].gate
    assert (flow.shape, flow.first.id, flow.terms["drafted"][0][0]) == ("pipeline", "drafted", "published")
    assert (gate.evidence, gate.roles, gate.waiver, gate.term.days, gate.term.kind) == (("legal_basis",), ("leader",), ("basis",), 3, DUE)
    assert [fact.name for fact in gate.reads] == ["policy.legal_basis"]
    assert flow.status["held"].start == ("published",)


@pytest.mark.parametrize(("old", "new", "line", "said", "nearest"), [
    ("subject: policy", "subjects: policy", 3, "subjects", "subject"),
    ("    next: [published]", "    nexts: [published]", 7, "nexts", "next"),
    ("next: [published]", "next: [publish]", 7, "publish", "published"),
    ("evidence: [legal_basis]", "evidence: [legal_bases]", 12, "legal_bases", "legal_basis"),
    ("roles: [leader]", "roles: [leeder]", 13, "leeder", "leader"),
    ("fact: policy.legal_basis", "fact: policy.legal_basi", 15, "policy.legal_basi", "policy.legal_basis"),
    ("op: exists", "op: exist", 15, "exist", "exists"),
    ("waiver: [basis]", "waiver: [bases]", 16, "bases", "basis"),
    ("days: 3", "days: 0", 17, "1 到 250", None),
    ("days: 3", "days: three", 17, "three", None),
    ("clock: {days: 3, basis: 三日内}", "clock: {days: 3, basis: 三日内, kind: wayt}", 17, "wayt", "wait"),
    ("from: [published]", "from: [publishd]", 19, "publishd", "published"),
    ("id: held", "id: active", 19, "active", None),
    ("    final: true\n", "", 8, "final", None),
    ("subject: policy", "subject: policy\nreads: [enterprize]", 4, "enterprize", "enterprise"),
    ("fact: policy.legal_basis, op: exists", "fact: enterprise.high_tech, op: exists", 15, "reads", None),
    ("    final: true\n", "    final: yes please\n", 10, "yes please", "false"),
])
def test_a_slip_is_named_with_its_line_and_the_nearest_word(old, new, line, said, nearest):
    assert old in FLOW
    found = problems(FLOW.replace(old, new))
    slip = next(one for one in found if said in one.message.zh)
    assert (slip.file, slip.line, slip.nearest) == ("stages/test.yaml", line, nearest)
    assert slip.message.en
    assert slip.message.en != slip.message.zh


@pytest.mark.parametrize(("steps", "said"), [
    ("[{id: a, title: 一, next: [b]}, {id: b, title: 二, next: [a]}]", "a → b → a"),
    ("[{id: a, title: 一, final: true}, {id: b, title: 二, final: true}]", "走不到 b"),
    ("[{id: a, title: 一, next: [b]}, {id: b, title: 二}]", "b 后面没有下一步"),
    ("[{id: a, title: 一, final: true}, {id: a, title: 二, final: true}]", "编号 a 重复"),
    ("[{id: a, title: 一, next: [b]}, {id: b, title: 二, final: true, back: [b]}]", "只能退回到前面的阶段，b 不是"),
    ("[{id: a, title: 一, next: [b, c]}, {id: b, title: 二, final: true, back: [c]}, {id: c, title: 三, final: true}]", "只能退回到前面的阶段，c 不是"),
    ("[{id: a, title: 一, final: true, gate: {clock: {days: 2, basis: 两日}}}]", "没有时限可计"),
    ("[{id: a, title: 一, final: true, gate: {evidence: [policy_text, policy_text]}}]", "重复"),
])
def test_a_pipeline_that_cannot_be_walked_is_refused(steps, said):
    found = problems(f"id: x\ntitle: 测试\nsubject: policy\nstages: {steps}\n")
    assert any(said in one.message.zh for one in found), found


@pytest.mark.parametrize(("after", "said"), [
    ({"a": ["c"], "b": ["a"], "c": ["b"]}, "绕成了圈"), ({"a": [], "b": ["x"]}, "没有这个步骤：x"), ({"a": ["a"]}, "a → a")])
def test_a_graph_that_cannot_be_done_is_refused(after, said):
    assert any(said in one.message.zh for one in problems(graph_text(after)))


def test_the_ends_of_a_graph_are_marked_and_nothing_else_is():
    text = graph_text({"a": [], "b": ["a"]})
    assert "又没写 final" in problems(text.replace(", final: true", ""))[0].message.zh
    assert "后面却还有环节" in problems(text.replace("en: Task a}", "en: Task a}, final: true"))[0].message.zh
    assert any("不认识的键 next" in one.message.zh for one in problems(text.replace("en: Task a}", "en: Task a}, next: [b]")))


def test_every_problem_of_every_file_is_told_at_once(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(FLOW.replace("roles: [leader]", "roles: [leeder]").replace("[legal_basis]", "[legal_bases]"), encoding="utf-8")
    with pytest.raises(DocumentErrors) as caught:
        document.load_all(sorted(tmp_path.glob("*.yaml")), shelf.names())
    assert {one.file.rpartition("/")[2] for one in caught.value.problems} == {"one.yaml", "two.yaml"}


def test_a_long_chain_is_no_trouble():
    names = [f"t{number}" for number in range(500)]
    flow = flow_of(graph_text({name: names[at - 1:at] if at else [] for at, name in enumerate(names)}))
    assert len(flow.steps) == 500
    with pytest.raises(DocumentErrors):
        flow_of(graph_text({f"t{number}": [] for number in range(501)}))


# ── what is shipped ──────────────────────────────────────────────────────────
def test_the_shipped_flows_load_and_say_what_they_must():
    flows = shelf.known()
    life, claim = flows["policy_life"], flows["policy_claim"]
    published = life.step["published"].gate
    assert {fact.name for fact in published.reads} == {"policy.legal_basis", "policy.fair_competition_passed", "policy.legality_passed", "policy.papers_agree"}
    assert published.waiver == ()
    assert [step.id for step in life.steps] == ["drafted", "fair_competition_reviewed", "legality_reviewed", "published", "matching", "confirmed", "publicised",
                                                "payment_ordered", "paid", "evaluated"]
    assert set(life.status) == {"suspended", "expired", "clawback"}
    assert (life.terms["published"][0][1].days, life.terms["publicised"][0][1].kind) == (3, WAIT)
    ordered = claim.step["payment_ordered"].gate
    assert ordered.verifier_not_doer
    assert {fact.name for fact in ordered.reads} == {"claim.conditions_verified", "claim.payee_matches", "claim.payment_ordered"}
    assert claim.step["confirmed"].next == ("publicised", "refused")


def test_no_shipped_number_of_days_claims_to_be_confirmed():
    terms = [term for flow in shelf.known().values() for found in flow.terms.values() for _to, term in found]
    assert terms
    assert all(term.provisional for term in terms)


def test_a_later_pack_may_replace_a_flow(tmp_path, monkeypatch):
    ours = tmp_path / "ours"
    (ours / "stages").mkdir(parents=True)
    (ours / "stages" / "policy_life.yaml").write_text(FLOW.replace("id: test_flow", "id: policy_life"), encoding="utf-8")
    monkeypatch.setattr(packs, "folders", lambda: (packs.SHIPPED / "base", ours))
    assert len(shelf.known()["policy_life"].steps) == 2


def test_two_texts_are_two_versions():
    assert flow_of(FLOW).sha256 != flow_of(FLOW + "# 注\n").sha256


def test_the_example_of_the_documentation_is_a_flow():
    page = (Path(__file__).resolve().parents[5] / "docs" / "add-data.md").read_text("utf-8")
    block = page.partition("id: workshop_lease")[2].partition("```")[0]
    flow = flow_of("id: workshop_lease" + block)
    assert (len(flow.steps), flow.terms["applied"][0][1].days, list(flow.status)) == (3, 10, ["suspended"])
