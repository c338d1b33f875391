"""The flow of one case: acceptance at the window, every matter as early as what binds it allows, one delivery. Pure text in, text out.

The text is a flow of ``kernel.stages`` (a graph): each case freezes its own, so that the order in which it is done can be read from it
years later. Only legal, data and physical edges bind; what was done one after another out of habit runs side by side.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from diguan.services.engine.lifeevents import Edge

ACCEPT, DELIVER = "case_accepted", "case_delivered"
DECLINED, STOPPED, WITHDRAWN = "not_accepted", "stopped", "withdrawn"
"""How a case ends without its delivery: not accepted by the window, ended by law, taken back by its applicant."""
ENDS = ((DECLINED, "不予受理", "Not accepted"), (STOPPED, "终止办理", "Ended"), (WITHDRAWN, "申请人撤回", "Taken back"))
SUBJECT = "case"
HANDLE = "services.handle_case"
CORRECTION = "一次性告知补正"
EXCLUDED = "行政许可法第四十五条：听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审"
LICENCE = "行政许可"
ACCEPT_DAYS, DELIVER_DAYS, LICENCE_EXTENSION = 5, 10, 10


@dataclass(frozen=True)
class Work:
    """One matter of the case: its content as the library has it, and the code of the office that does it (empty: the window)."""

    key: str
    content: Mapping[str, Any]
    unit: str = ""


def flow(event: str, title: Mapping[str, str], works: Sequence[Work], edges: Collection[Edge], papers: Sequence[str], tolerant: Collection[str]) -> str:
    """The YAML of a case's flow.

    Args:
        event: id of the life event.
        title: what pages call the case, ``zh`` and ``en``.
        works: the matters, in the order of the document.
        edges: edges among them, of every kind.
        papers: ids of the dictionary that must be held before the case is accepted.
        tolerant: those of them that may follow later (容缺).
    """
    return yaml.safe_dump({"id": f"case_{event}"[:60], "title": dict(title), "subject": SUBJECT, "tasks": _tasks(works, edges, papers, tolerant),
                           "statuses": [{"id": name, "title": {"zh": zh, "en": en}, "final": True, **({"from": [ACCEPT]} if name == DECLINED else {})} for name, zh, en in ENDS]},
                          allow_unicode=True, sort_keys=False, width=10_000)


def _tasks(works: Sequence[Work], edges: Collection[Edge], papers: Sequence[str], tolerant: Collection[str]) -> list[dict[str, Any]]:
    before = binding(works, edges)
    open_ends = [work.key for work in works if not any(work.key in found for found in before.values())]
    accept: dict[str, Any] = {"evidence": list(papers), "waiver": [name for name in papers if name in tolerant]} if papers else {}
    return [
        {"id": ACCEPT, "title": {"zh": "受理", "en": "Acceptance"}, "gate": {**accept, "roles": [HANDLE], "clock": {
            "days": ACCEPT_DAYS, "basis": "行政许可法第三十二条：五日内一次告知，逾期视为受理", "pauses": [CORRECTION]}}},
        *(_task(work, before[work.key]) for work in works),
        {"id": DELIVER, "title": {"zh": "统一发证", "en": "Delivery"}, "after": open_ends, "final": True, "gate": {"roles": [HANDLE], "clock": {
            "days": DELIVER_DAYS, "basis": "行政许可法第四十四条：十日内颁发、送达"}}}]


def _task(work: Work, before: Sequence[str]) -> dict[str, Any]:
    content = work.content
    owner = {"owner": {"unit": work.unit}} if work.unit else {}
    return {"id": work.key, "title": {"zh": content["name"], "en": content["name"]}, "after": list(before) or [ACCEPT], **owner, "gate": {"roles": [HANDLE], "clock": clock(content)}}


def clock(content: Mapping[str, Any]) -> dict[str, Any]:
    """The clock of a matter: its promise, the pauses the law knows, and for a licence the extension its head may grant.

    What is done on the spot has until the end of the next working day, since a clock counts whole days after its first.

    >>> clock({"promised_days": 0, "statutory_days": None, "kind": "公共服务", "provisional": True})["days"]
    1
    """
    statutory = content["statutory_days"]
    law = f"，法定 {statutory} 个工作日" if statutory is not None else ""
    return {"days": max(1, content["promised_days"] or 0), "basis": f"承诺时限{law}", "provisional": bool(content["provisional"]), "pauses": [EXCLUDED],
            "extend": LICENCE_EXTENSION if content["kind"] == LICENCE else 0}


def binding(works: Sequence[Work], edges: Collection[Edge]) -> dict[str, list[str]]:
    """What each matter has to wait for, in the order of the works.

    >>> two = [Work("a", {}), Work("b", {})]
    >>> binding(two, [Edge("a", "b", "habit")]), binding(two, [Edge("a", "b", "legal")])
    ({'a': [], 'b': []}, {'a': [], 'b': ['a']})
    """
    there = [work.key for work in works]
    return {key: [name for name in there if any(edge.binds and edge.start == name and edge.end == key for edge in edges)] for key in there}


def produced(works: Sequence[Work], names: Mapping[str, str]) -> frozenset[str]:
    """The dictionary ids that come out of these matters themselves, so that nobody can be asked to hand them in first.

    ``names`` are the names and other names of dictionary entries, each with its id.
    """
    return frozenset(names[result["name"]] for work in works for result in work.content["results"] if result["name"] in names)
