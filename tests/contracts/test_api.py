"""Every operation of the API: known, described, refused to strangers and to who has no right, and no wider than the pages."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from ninja import Schema

from diguan.kernel.clocks import today
from diguan.kernel.events import Event
from diguan.kernel.lists import Filter
from diguan.site.web.api import API
from tests.contracts.api_world import CALLS, Call, ask, covered, figured, led, people, promoted, token_of
from tests.contracts.world import World, build

SNAPSHOT = Path(__file__).parent / "openapi.json"
PROBLEM = {"code", "message", "reasons", "fields"}
pytestmark = pytest.mark.slow


def schema() -> dict[str, Any]:
    """The API as it describes itself, in plain JSON."""
    found: dict[str, Any] = json.loads(json.dumps(API.get_openapi_schema(path_prefix="/api/"), default=str))
    return found


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {operation["operationId"]: (method, path, operation) for path, methods in schema()["paths"].items() for method, operation in methods.items()}


@pytest.fixture
def world(db: Any, settings: Any, tmp_path: Path) -> World:
    settings.DIGUAN_DATA = tmp_path
    found = build(tmp_path)
    covered(found)
    promoted(found)
    figured(found)
    for stage in ("registered", "responded", "following"):
        led(found, stage)
    return found


# ── the description ──────────────────────────────────────────────────────────
@pytest.mark.one_database
def test_the_description_is_what_the_snapshot_says() -> None:
    found = json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("DIGUAN_SNAPSHOT"):
        SNAPSHOT.write_text(found, "utf-8")
    assert found == SNAPSHOT.read_text("utf-8"), "DIGUAN_SNAPSHOT=1 writes it anew; a change of what is shipped needs a line in the changelog"


def _objects(part: Any, known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every object a description of a body holds, through its references."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if not isinstance(part, dict):
        return
    if "$ref" in part:
        yield from _objects(known[part["$ref"].rpartition("/")[2]], known)
    if "properties" in part:
        yield part
    for each in part.values():
        yield from _objects(each, known)


@pytest.mark.one_database
def test_no_body_takes_a_field_it_does_not_know() -> None:
    known = schema()["components"]["schemas"]
    bodies = [(name, content["application/json"]["schema"]) for name, (_method, _path, operation) in operations().items()
              if "application/json" in (content := operation.get("requestBody", {}).get("content", {}))]
    assert len(bodies) > 10
    open_ = [name for name, body in bodies for each in _objects(body, known) if each.get("additionalProperties") is not False]
    assert open_ == []


@pytest.mark.one_database
def test_the_description_is_openapi_3_1_and_every_operation_is_called_here() -> None:
    assert schema()["openapi"].startswith("3.1")
    assert sorted(operations()) == sorted(CALLS)


@pytest.mark.one_database
def test_every_operation_says_who_may_ask_what_it_is_and_how_it_refuses() -> None:
    rooms = {"site", "facts", "notices", "enterprises", "chains", "indicators", "projects", "policies", "services"}
    for name, (_method, _path, operation) in operations().items():
        assert operation["security"] == [{"Token": []}, {"Session": []}], name
        assert operation["description"], name
        assert set(operation["tags"]) <= rooms, name
        assert {"401", "403", "404", "422"} <= set(operation["responses"]), name


def models(of: type[Schema]) -> Iterator[type[Schema]]:
    for model in of.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.one_database
def test_no_two_rooms_give_one_name_to_two_shapes() -> None:
    """In one description the second would silently stand for the first."""
    ours = [model.__name__ for model in models(Schema) if model.__module__.startswith("diguan.")]
    assert len(ours) > 30
    assert [name for name, count in Counter(ours).items() if count > 1] == []


def money_faults(found: dict[str, Any]) -> list[str]:
    """Numbers that speak of money and are no whole fen, or are not called so."""
    wrong = []
    for name, model in found["components"]["schemas"].items():
        for key, described in model.get("properties", {}).items():
            kinds = {described.get("type"), *(each.get("type") for each in described.get("anyOf", ()))} - {None, "null"}
            if key.endswith("_fen") and kinds != {"integer"}:
                wrong.append(f"{name}.{key} is {kinds}")
            if not key.endswith("_fen") and kinds & {"integer", "number"} and any(word in key for word in ("amount", "money", "capital", "budget")) and key != "amount_unknown":
                wrong.append(f"{name}.{key} is money without its unit")
    return wrong


@pytest.mark.one_database
def test_money_is_whole_fen_and_is_called_so() -> None:
    assert money_faults(schema()) == []
    planted = {"components": {"schemas": {"X": {"properties": {"amount": {"type": "number"}, "cost_fen": {"type": "number"}}}}}}
    assert money_faults(planted) == ["X.amount is money without its unit", "X.cost_fen is {'number'}"]


@pytest.mark.one_database
@pytest.mark.parametrize(("operation", "filters"), [
    ("list_enterprises", "diguan.enterprises.web.lists"), ("list_batches", "diguan.site.web.batches"), ("list_requests", "diguan.site.web.requests"),
    ("list_capabilities", "diguan.enterprises.web.capabilities.lists"), ("list_chain_coverages", "diguan.chains.web.coverage_lists"), ("list_outbox", "diguan.kernel.web.notices")])
def test_a_list_takes_every_filter_of_its_page(operation: str, filters: str) -> None:
    from importlib import import_module

    module = import_module(filters)
    declared: list[Filter] = list(module.FILTERS if hasattr(module, "FILTERS") else module.OUTBOX.filters if hasattr(module, "OUTBOX") else module.batch_filters())
    taken = {each["name"] for each in operations()[operation][2]["parameters"]}
    assert {each.key for each in declared} <= taken


# ── who may ─────────────────────────────────────────────────────────────────
def said(answer: Any) -> str:
    return answer.content.decode()


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What is written inside is taken back at the end, so that one county serves every operation."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_nobody_is_answered_without_saying_who_they_are(world: World) -> None:
    almost = token_of(world.people["data_clerk"])[:-1]
    for name, call in CALLS.items():
        for token in (None, "dgt_nonsense", almost):
            answer = ask(call, world, token)
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"] == "Bearer", name
            assert answer.json().keys() == PROBLEM, name
            assert world.firm.uscc not in said(answer), name


def test_who_may_is_answered(world: World) -> None:
    for name, call in CALLS.items():
        with undone():
            answer = ask(call, world, token_of(people(world, call.who)))
            assert answer.status_code == call.gives, (name, said(answer))
            assert answer.headers["Content-Type"].startswith(call.media), name
            assert "no-store" in answer.headers["Cache-Control"], name


def refusal_faults(name: str, call: Call, world: World, who: str, token: str) -> list[str]:
    """What is wrong with the answer to somebody in house who has no right to this."""
    before = Event.objects.count()
    answer = ask(call, world, token)
    if name == "list_sheets":
        return [] if answer.json() == [] else [f"{name}: sheets for {who}"]
    wanted = 404 if name == "one_job" else 403  # of somebody else's job nobody learns whether there is one
    wrong = [] if answer.status_code == wanted else [f"{name}: {answer.status_code} to {who}"]
    wrong += [] if answer.json().keys() == PROBLEM else [f"{name}: no problem to {who}"]
    wrong += [f"{name}: tells {who} of a firm"] if world.firm.uscc in said(answer) else []
    return wrong + ([] if Event.objects.count() == before else [f"{name}: wrote for {who}"])


def test_who_has_no_right_is_refused_and_nothing_is_written(world: World) -> None:
    tokens = {who: token_of(people(world, who)) for who in (*world.people, "agent", "nobody")}
    assert [wrong for name, call in CALLS.items() for who in (call.not_who, "nobody") if who
            for wrong in refusal_faults(name, call, world, who, tokens[who])] == []


def test_another_firms_agent_learns_nothing_of_this_one(world: World) -> None:
    token = token_of(world.other_agent)
    before = Event.objects.count()
    for name, call in CALLS.items():
        answer = ask(call, world, token)
        assert world.firm.uscc not in said(answer), name
        assert world.firm.name not in said(answer), name
        assert answer.status_code in ((200, 404) if call.own else (403, 404)), (name, said(answer))
    assert Event.objects.count() == before


def test_an_agent_reaches_their_own_firm(world: World) -> None:
    token = token_of(world.agent)
    for name, call in CALLS.items():
        if call.own:
            assert ask(call, world, token).status_code == 200, name


def test_the_description_is_for_who_is_known(world: World) -> None:
    assert Client().get("/api/openapi.json").status_code == 401
    found = Client(headers={"Authorization": f"Bearer {token_of(world.nobody)}"}).get("/api/openapi.json")
    assert found.json()["openapi"].startswith("3.1")


def test_any_other_address_is_a_problem_too(world: World) -> None:
    for path in ("/api/", "/api/nothing", "/api/enterprises/%00"):
        assert Client().get(path).status_code == 404
        assert Client().get(path).json()["code"] == "not_found"
    answer = Client().delete("/api/enterprises")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}
    assert answer.json()["code"] == "method_not_allowed"


# ── writes ───────────────────────────────────────────────────────────────────
WRITES = {name: call for name, call in CALLS.items() if call.method != "get"}
VERBS = {"withdraw_batch": "batch_withdrawn", "bring_file": "file_uploaded", "commit_import": "batch_imported", "create_enterprise": "enterprise_created",
         "change_enterprise": "enterprise_changed", "add_former_name": "former_name_added", "add_title": "title_added", "withdraw_title": "title_withdrawn",
         "send_requests": "request_sent", "decline_request": "request_declined", "withdraw_request": "request_withdrawn", "answer_questions": "facts_told",
         "open_notice": "notice_opened", "answer_notice": "notice_answered", "claim_capability": "capability_claimed", "change_capability": "capability_changed",
         "bring_proof": "capability_changed", "verify_capability": "capability_verified", "reject_capability": "capability_rejected",
         "withdraw_capability": "capability_withdrawn", "run_simulation_now": "simulation_run",
         "open_claims": "claims_opened", "start_claim": "claim_started", "pass_claim": "claim_passed",
         "send_claim_back": "claim_sent_back", "answer_claim": "claim_answered", "give_up_claim": "claim_withdrawn",
         "begin_policy_life": "life_begun", "pass_policy_stage": "life_moved", "send_policy_back": "life_sent_back",
         "hold_policy": "life_held", "resume_policy": "life_resumed", "decide_review": "review_decided"}


VERBS |= {"enter_payment_check": "payment_check_entered", "decide_payment_check": "payment_check_decided",
          "draft_payment": "payment_order_drafted", "approve_payment": "payment_order_approved", "send_payment": "payment_order_sent", "cancel_payment": "payment_order_cancelled",
          "recall_payment": "payment_order_recalled", "enter_payment_result": "payment_result_entered", "book_payment_result": "payment_result_booked",
          "reject_payment_result": "payment_result_rejected", "reverse_ledger_entry": "ledger_entry_reversed", "hand_in_clawback_paper": "evidence_entered",
          "demand_back": "clawback_demanded", "book_repayment": "repayment_booked"}
VERBS |= {"open_project": "project_opened", "move_project": "project_moved"}
VERBS |= {"open_case": "case_opened", "hand_in_paper": "case_supplemented", "note_case_touch": "case_touched", "rate_case": "case_rated", "withdraw_case": "case_withdrawn", "close_case": "case_closed", "verify_case_papers": "case_papers_verified", "accept_case": "case_accepted", "ask_correction": "case_correction_asked",
          "finish_matter": "case_matter_done", "finish_with_result": "case_matter_done", "pause_step": "clock_paused", "resume_step": "clock_resumed", "ask_step_extension": "extension_asked",
          "deliver_case": "case_delivered", "finish_steps": "case_matter_done", "decide_case_extension": "extension_decided", "check_commitment": "commitment_checked"}
VERBS |= {"register_lead": "lead_registered", "respond_to_lead": "lead_responded", "judge_lead": "lead_judged", "tell_lead_progress": "lead_progress_told"}
VERBS |= {"claim_chain_coverage": "coverage_claimed", "change_chain_coverage": "coverage_changed", "verify_chain_coverage": "coverage_verified", "reject_chain_coverage": "coverage_rejected",
          "withdraw_chain_coverage": "coverage_withdrawn"}
# Something else that each role may do, and what of it is another request than the sample's.
ELSE = {"chain_officer": ("claim_chain_coverage", {"source": "另一次走访"}), "leader": ("demand_back", {"reason": "另一个理由"}), "promotion_officer": ("register_lead", {"title": "另一家想来"}), "finance_officer": ("book_repayment", {"amount_fen": 200}), "service_officer": ("open_case", {"applicant": "示例另一筹建组"})}


def another(who: str) -> Call:
    """A write that this role may do and that is no sample."""
    name, more = ELSE.get(who, ("claim_capability", {"document": "示例〔2026〕99号"}))
    body = WRITES[name].body
    assert body is not None
    return replace(WRITES[name], body=lambda world: body(world) | more)


def written(call: Call, world: World, token: str, **headers: str) -> tuple[Any, list[tuple[str, int]]]:
    """The answer, and the events it left as (verb, who)."""
    before = Event.objects.count()
    answer = ask(call, world, token, **headers)
    return answer, list(Event.objects.order_by("id").values_list("verb", "actor")[before:])


def test_every_write_leaves_the_event_its_page_leaves_and_twice_is_once(world: World) -> None:
    for name, call in WRITES.items():
        person = people(world, call.who)
        with undone():
            token, headers = token_of(person), {"Idempotency-Key": "one", **({"If-Match": call.match(world)} if call.match else {})}
            first, events = written(call, world, token, **headers)
            assert first.status_code == call.gives, (name, said(first))
            assert events == ([(VERBS[name], person.pk)] if name in VERBS else []), name
            again, none = written(call, world, token, **headers)
            assert (again.status_code, said(again), none) == (first.status_code, said(first), []), name
            assert again.headers["Idempotency-Replayed"] == "true", name
            assert again.headers.get("ETag") == first.headers.get("ETag"), name


def test_a_key_used_for_something_else_is_a_conflict(world: World) -> None:
    for name, call in WRITES.items():
        with undone():
            token = token_of(people(world, call.who))
            assert ask(another(call.who), world, token, **{"Idempotency-Key": "k"}).status_code == 201
            answer, events = written(call, world, token, **{"Idempotency-Key": "k"})
            assert (answer.status_code, answer.json()["code"], events) == (409, "key_reused", []), name


def test_a_key_is_its_persons_own(world: World) -> None:
    call = WRITES["start_run"]
    first = ask(call, world, token_of(world.people["policy_officer"]), **{"Idempotency-Key": "k"})
    second = ask(Call("post", lambda world: "/api/runs?other=1"), world, token_of(world.people["data_clerk"]), **{"Idempotency-Key": "k"})
    assert (first.status_code, second.status_code) == (202, 202)


def test_who_lost_the_right_is_not_told_the_kept_answer(world: World) -> None:
    clerk = world.people["data_clerk"]
    token, call, headers = token_of(clerk), WRITES["change_enterprise"], {"Idempotency-Key": "k", "If-Match": '"1"'}
    assert ask(call, world, token, **headers).status_code == 200
    clerk.posts.update(to_day=today() - dt.timedelta(days=1))
    assert ask(call, world, token, **headers).status_code == 403


def test_a_change_without_a_version_or_with_an_old_one_is_refused(world: World) -> None:
    for name, call in WRITES.items():
        if call.match is None:
            continue
        token = token_of(people(world, call.who))
        for nothing in ("", "*", "W/x", f"*, {call.match(world)}", f"{call.match(world)} *"):
            answer, events = written(call, world, token, **{"If-Match": nothing})
            assert (answer.status_code, answer.json()["code"], events) == (428, "unversioned", []), name
        old, events = written(call, world, token, **{"If-Match": '"old"'})
        if name == "commit_import":  # the version that would pass is told by a check alone
            assert (old.status_code, old.json()["code"], "ETag" in old.headers, events) == (412, "changed_meanwhile", False, []), name
            continue
        assert (old.status_code, old.json()["code"], events) == (412, "stale", []), name
        assert old.headers["ETag"] == call.match(world), name
        assert call.match(world) in old.json()["message"], name
