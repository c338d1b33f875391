"""A case file 留痕文件: one chain of events with its place under a signed root. Written anywhere, checked with nothing but this module.

``{"format", "root": [type, id], "events": […], "seal": {"statement", "suite", "public_key", "signature"}, "proof": {"seq", "hash", "path"}}``
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diguan.kernel import chains
from diguan.kernel.messages import Message
from diguan.kernel.seals import merkle, signing

FORMAT = "diguan-case/1"
_EVENT: dict[str, Any] = {"seq": int, "verb": str, "at": str, "actor": (int, type(None)), "reason": str, "before": str, "after": str, "personal": str, "subjects": list, "previous": str, "hash": str}


class NoCaseFile(ValueError):
    """A text that is no case file."""


@dataclass
class Checked:
    """What came out: ``faults`` is empty where all holds; events up to ``sealed`` are under the signature of ``until``."""

    events: int = 0
    sealed: int = 0
    until: str = ""
    key: str = ""
    faults: list[Message] = field(default_factory=list)


def line_of(root: Sequence[str], seq: int, digest: str) -> str:
    """A chain's head as the tree holds it."""
    return "\t".join((*root, str(seq), digest))


def check(text: str, key: str = "") -> Checked:
    """Check a case file against a public key; without one, against the key it names itself, which then has to be compared by hand.

    Raises:
        NoCaseFile: it is none, or half of one; says what is missing.
    """
    document = _read(text)
    found = Checked(len(document["events"]))
    _events(document, found)
    if document.get("seal") is None:
        found.faults.append(Message("没有封存：文件里没有签名，末尾有没有被截掉、整份有没有被重写都查不出来", "not sealed: without a signature nobody can tell whether its end was cut off or all of it rewritten"))
        return found
    _seal(document, key, found)
    return found


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoCaseFile(f"no JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NoCaseFile(f"format is not {FORMAT}")
    root, events = document.get("root"), document.get("events")
    if not (isinstance(root, list) and len(root) == 2 and all(isinstance(word, str) for word in root)):
        raise NoCaseFile("root is not [type, id]")
    if not (isinstance(events, list) and events and all(_is_event(event) for event in events)):
        raise NoCaseFile("events are not a list of events")
    return document


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict) or not all(isinstance(event.get(name), kind) for name, kind in _EVENT.items()):
        return False
    pairs = all(isinstance(pair, list) and len(pair) == 2 and all(isinstance(word, str) for word in pair) for pair in event["subjects"])
    return pairs and _instant(event["at"]) is not None


def _instant(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _events(document: Mapping[str, Any], found: Checked) -> None:
    """Each event is what its hash says, and follows the one before."""
    previous = chains.FIRST
    for number, event in enumerate(document["events"], 1):
        at = _instant(event["at"])
        assert at is not None  # read so
        digest = chains.link(root=document["root"], at=at, **{name: event[name] for name in _EVENT if name not in ("at", "hash")})
        if event["seq"] != number:
            found.faults.append(Message(f"第 {number} 条应有的位置上是第 {event['seq']} 条", f"event {event['seq']} stands where {number} should"))
        if event["previous"] != previous:
            found.faults.append(Message(f"第 {number} 条接不上前一条", f"event {number} does not follow the one before"))
        if event["hash"] != digest:
            found.faults.append(Message(f"第 {number} 条的内容改过", f"event {number} was edited"))
        previous = event["hash"]


def _seal(document: Mapping[str, Any], key: str, found: Checked) -> None:
    """The signature is by the key, the statement names the root, and the root holds this chain's head."""
    seal = document["seal"]
    if not (isinstance(seal, dict) and all(isinstance(seal.get(name), str) for name in ("statement", "suite", "public_key", "signature")) and seal["suite"] in signing.SUITES):
        raise NoCaseFile("the seal is incomplete, or of an unknown suite")
    found.key = signing.fingerprint(seal["public_key"])
    if key and seal["public_key"] != key:
        found.faults.append(Message(f"签名用的不是这把公钥：文件里是 {found.key}", f"signed by another key than the given one: the file names {found.key}"))
    if not signing.SUITES[seal["suite"]].holds(seal["public_key"], seal["statement"], seal["signature"]):
        found.faults.append(Message("签名不对：声明或签名改过", "the signature does not hold: statement or signature was edited"))
    statement = _statement(seal["statement"])
    found.until = statement["until"]
    _head(document, statement["root"], found)


def _head(document: Mapping[str, Any], root: str, found: Checked) -> None:
    """The head that was sealed leads to the root, and is the event of that number here."""
    seq, digest, leads = _proven(document)
    if leads != root:
        found.faults.append(Message("这条链不在签名封存的根之下", "this chain is not under the root that was signed"))
        return
    if seq > found.events:
        found.faults.append(Message(f"末尾被截掉了：封存时已有 {seq} 条，文件里只有 {found.events} 条", f"its end was cut off: {seq} events were sealed, {found.events} are there"))
    elif document["events"][seq - 1]["hash"] != digest:
        found.faults.append(Message(f"整条链被重写过：第 {seq} 条和封存的不是同一条", f"the chain was rewritten: event {seq} is not the one that was sealed"))
    found.sealed = min(seq, found.events)


def _proven(document: Mapping[str, Any]) -> tuple[int, str, str]:
    """The number and hash of the sealed head, and the root they lead to."""
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise NoCaseFile("there is no proof")
    seq, digest, steps = proof.get("seq"), proof.get("hash"), proof.get("path")
    if not (type(seq) is int and seq > 0 and isinstance(digest, str) and isinstance(steps, list)):
        raise NoCaseFile("the proof is incomplete")
    try:
        return seq, digest, merkle.climb(line_of(document["root"], seq, digest), steps)
    except (TypeError, ValueError) as error:
        raise NoCaseFile("the proof is no path") from error


def _statement(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NoCaseFile("the statement is no JSON") from error
    if not (isinstance(found, dict) and all(isinstance(found.get(name), str) for name in ("until", "root"))):
        raise NoCaseFile("the statement is incomplete")
    return found
