"""The API under made-up requests: what it answers is what its description says, and never a fault of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from ninja import NinjaAPI, Schema
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from diguan.site.web.api import API
from diguan.site.wsgi import application
from tests.contracts.api_world import CALLS, people, token_of
from tests.contracts.world import POLICY, World, build

EXAMPLES = 5
# A check character, a cursor of ours, a day to come: the description cannot say all that is refused.
BEYOND_DESCRIPTION = [positive_data_acceptance]
pytestmark = pytest.mark.slow


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A server closes old connections around each request; here all requests share the test's own transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations(api: NinjaAPI) -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))
    schema.app = application
    found = [each.ok() for each in schema.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


def try_out(operation: Any, mode: GenerationMode, headers: Mapping[str, str], known: Mapping[str, Any]) -> list[str]:
    """What is wrong with the answers to requests of one kind: as the description allows, at ``known`` addresses, or as it does not."""

    @how(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
         suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters.update({name: value for name, value in known.items() if name in case.path_parameters})
        with transaction.atomic():
            case.call_and_validate(headers=dict(headers), excluded_checks=BEYOND_DESCRIPTION)
            transaction.set_rollback(True)

    try:
        run()
    except BaseException as error:
        return [f"{operation.label} {mode}: {str(error)[:900]}"]
    return []


def known_to(name: str, world: World) -> dict[str, Any]:
    """The rows an operation's address may name."""
    number = {"one_job": world.job.pk, "withdraw_title": world.title.pk, "preview_import": world.upload.pk, "commit_import": world.upload.pk}
    number |= {each: world.letter.pk for each in CALLS if "request" in each} | {each: world.notice.pk for each in CALLS if "notice" in each}
    number |= {each: world.payout.pk for each in CALLS if "claim" in each}
    number |= {each: world.pay.drafted.pk for each in CALLS if each.endswith("_payment")} | {each: world.pay.result.pk for each in CALLS if "payment_result" in each}
    number |= {"enter_payment_result": world.pay.open.pk, "reverse_ledger_entry": world.pay.entry.pk, "claim_entries": world.pay.paid.pk, "hand_in_clawback_paper": world.pay.paid.pk,
               "demand_back": world.pay.paid.pk, "payment_check": world.pay.checking.pk, "enter_payment_check": world.pay.fresh.pk, "decide_payment_check": world.pay.checking.pk, "book_repayment": world.pay.demanded.pk}
    number |= {each: world.capability.pk for each in CALLS if "capabilit" in each or "proof" in each}
    return {"uscc": world.firm.uscc, "number": number.get(name, world.batch.pk), "name": "tax.paid", "policy_id": POLICY, "run_id": "current", "old_id": world.run.run_id}


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_what_is_answered_is_what_is_described(settings: Any, tmp_path: Path) -> None:
    settings.DIGUAN_DATA = tmp_path
    world, faults = build(tmp_path), []
    tokens = {who: token_of(people(world, who)) for who in {call.who for call in CALLS.values()}}
    for name, operation in operations(API).items():
        call = CALLS[name]
        headers = {"Authorization": f"Bearer {tokens[call.who]}", **({"If-Match": call.match(world)} if call.match else {})}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            faults += try_out(operation, mode, headers, known_to(name, world))
    assert not faults, "\n\n".join(faults)


# ── the contract names its planted violation ─────────────────────────────────
@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_a_planted_answer_that_is_not_described_is_named() -> None:
    class Counted(Schema):
        count: int

    planted = NinjaAPI(title="planted", docs_url=None, urls_namespace="planted")

    @planted.get("/facts", response=Counted, operation_id="list_facts")
    def view(request: Any) -> Any:
        raise AssertionError  # never called: the real API answers at this address, and asks who is there

    (operation,) = operations(planted).values()
    assert "Undocumented status code" in "".join(try_out(operation, GenerationMode.POSITIVE, {}, {}))
