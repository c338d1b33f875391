"""How to call every operation of the API in the small county: who may, who may not, with what."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from diguan.enterprises.models import Enterprise
from diguan.kernel.access.models import Person
from diguan.kernel.access.tokens import actions, queries
from diguan.kernel.clocks import today
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from tests.contracts.world import POLICY, World


@dataclass(frozen=True)
class Call:
    """One operation: ``who`` may (a role or ``agent``), ``not_who`` may not (403; None where everybody in post may).

    ``own``: an enterprise's agent may ask it of their own firm. ``gives`` is the status of success.
    """

    method: str
    path: Callable[[World], str]
    who: str = "policy_officer"
    not_who: str | None = "administrator"
    body: Callable[[World], Any] | None = None
    gives: int = 200
    own: bool = False
    match: Callable[[World], str] | None = None
    file: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def _at(text: str) -> Callable[[World], str]:
    return lambda world: "/api" + text.format(
        uscc=world.firm.uscc, batch=world.batch.pk, upload=world.upload.pk, run=world.run.run_id, policy=POLICY, job=world.job.pk, title=world.title.pk)


def _version(world: World) -> str:
    return f'"{Enterprise.objects.get(pk=world.firm.pk).version}"'


CALLS: dict[str, Call] = {
    "one_job": Call("get", _at("/jobs/{job}"), "data_clerk", None),
    "list_facts": Call("get", _at("/facts"), own=True),
    "list_sheets": Call("get", _at("/sheets"), "data_clerk", None, own=True),
    "list_batches": Call("get", _at("/batches")),
    "one_batch": Call("get", _at("/batches/{batch}")),
    "batch_rows": Call("get", _at("/batches/{batch}/rows")),
    "withdraw_batch": Call("post", _at("/batches/{batch}/withdraw"), "data_clerk", "policy_officer", lambda world: {"reason": "报错了月份"}, match=lambda world: '"committed"'),
    "get_coverage": Call("get", _at("/coverage")),
    "bring_file": Call("post", _at("/imports"), "data_clerk", "policy_officer", lambda world: {"sheet": "tax_monthly", "period": "2026-07"}, 201, file=True),
    "preview_import": Call("get", _at("/imports/{upload}?period=2026-09"), "data_clerk", "leader"),
    "commit_import": Call("post", _at("/imports/{upload}/commit"), "data_clerk", "leader", lambda world: {"period": "2026-09"}, 201,
                          match=lambda world: f'"after-{world.batch.pk}"'),
    "list_enterprises": Call("get", _at("/enterprises"), own=True),
    "create_enterprise": Call("post", _at("/enterprises"), "data_clerk", "policy_officer",
                              lambda world: {"uscc": code(77), "name": "衡阳另一家钟表有限公司", "checked": True}, 201),
    "one_enterprise": Call("get", _at("/enterprises/{uscc}"), own=True),
    "change_enterprise": Call("patch", _at("/enterprises/{uscc}"), "data_clerk", "policy_officer", lambda world: {"town": "界牌镇"}, match=_version),
    "enterprise_facts": Call("get", _at("/enterprises/{uscc}/facts"), own=True),
    "enterprise_fact": Call("get", _at("/enterprises/{uscc}/facts/tax.paid"), own=True),
    "add_former_name": Call("post", _at("/enterprises/{uscc}/former-names"), "data_clerk", "policy_officer", lambda world: {"name": "衡阳更早有限公司"}),
    "add_title": Call("post", _at("/enterprises/{uscc}/titles"), "data_clerk", "policy_officer", lambda world: {"kind": "sred_sme", "issued": "2025-01-05"}),
    "withdraw_title": Call("post", _at("/enterprises/{uscc}/titles/{title}/withdraw"), "data_clerk", "policy_officer",
                           lambda world: {"on_day": "2026-10-01", "reason": "复审没过"}),
    "list_policies": Call("get", _at("/policies")),
    "one_policy": Call("get", _at("/policies/{policy}")),
    "policy_rows": Call("get", _at("/policies/{policy}/rows/unknown"), not_who="data_clerk"),
    "list_entitlements": Call("get", _at("/enterprises/{uscc}/entitlements"), not_who="data_clerk", own=True),
    "explain_entitlement": Call("get", _at("/enterprises/{uscc}/entitlements/{policy}"), not_who="data_clerk", own=True),
    "enterprise_changes": Call("get", _at("/enterprises/{uscc}/changes"), not_who="data_clerk", own=True),
    "list_runs": Call("get", _at("/runs"), not_who="agent"),
    "start_run": Call("post", _at("/runs"), "policy_officer", "leader", gives=202),
    "one_run": Call("get", _at("/runs/current"), not_who="agent"),
    "run_changes": Call("get", _at("/runs/{run}/since/{run}"), not_who="data_clerk"),
}


def token_of(person: Person) -> str:
    """A token as the page issues it."""
    token = queries.make()
    actions.issue_token(person=person, name="试验", last_day=today(), token=token, by=person)
    return token


def people(world: World, who: str) -> Person:
    """Somebody by role, the agent of the firm, of another one, or a person without a post."""
    own = {"agent": world.agent, "other_agent": world.other_agent, "nobody": world.nobody}
    return own[who] if who in own else world.people[who]


@functools.cache
def book() -> bytes:
    """One and the same file each time: a workbook written anew holds another time of writing."""
    return xlsx([HEADS, *([n, code(n), f"衡阳演示{n}有限公司", n * 10] for n in (1, 2, 3))])


def ask(call: Call, world: World, token: str | None, **more: str) -> Any:
    """The answer to one call."""
    headers = {**call.headers, **({"Authorization": f"Bearer {token}"} if token else {}), **({"If-Match": call.match(world)} if call.match else {}), **more}
    body = call.body(world) if call.body else None
    client = Client(headers=headers)
    if call.file:
        return client.post(call.path(world), {**body, "file": SimpleUploadedFile("七月.xlsx", book())})
    return getattr(client, call.method)(call.path(world), *((body,) if body is not None else ()), **({"content_type": "application/json"} if call.method != "get" else {}))
