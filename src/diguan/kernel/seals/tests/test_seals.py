"""What is sealed cannot be edited, cut off or rewritten unseen, and is checked without a database."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diguan.kernel import chains, clocks, events
from diguan.kernel.access import Forbidden
from diguan.kernel.events import AppendOnlyError, Event
from diguan.kernel.seals import actions, casefile, merkle, queries, signing
from diguan.kernel.seals.models import Seal
from diguan.kernel.tests.factories import person_factory, unit_factory


# ── the tree ─────────────────────────────────────────────────────────────────
@given(st.lists(st.text(max_size=5), min_size=1, max_size=20))
def test_every_line_leads_to_the_root_and_no_other_does(lines):
    root = merkle.root(lines)
    for at, line in enumerate(lines):
        assert merkle.climb(line, merkle.path(lines, at)) == root
        assert merkle.climb(line + "x", merkle.path(lines, at)) != root


@given(st.lists(st.text(max_size=3), min_size=2, max_size=9, unique=True), st.randoms())
def test_another_order_is_another_root(lines, dice):
    other = list(lines)
    dice.shuffle(other)
    assert (merkle.root(other) == merkle.root(lines)) == (other == lines)


# ── signing ──────────────────────────────────────────────────────────────────
def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    suite, key = signing.private_key(tmp_path / "seal_key")
    assert signing.private_key(tmp_path / "seal_key") == (suite, key)
    assert stat.S_IMODE((tmp_path / "seal_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["seal_key"]


@pytest.mark.parametrize("text", ["", "ed25519-sha256", "rot13 00", "ed25519-sha256 xyz", "ed25519-sha256 00ff", "€"])
def test_a_key_file_that_is_none_is_said(tmp_path, text):
    (tmp_path / "seal_key").write_text(text, "utf-8")
    with pytest.raises(signing.KeyUnusable):
        signing.private_key(tmp_path / "seal_key")


@pytest.mark.parametrize(("public", "signature"), [("", ""), ("zz", "zz"), ("ab" * 32, "00" * 64), ("00", "00")])
def test_nonsense_is_no_signature(public, signature):
    assert not signing.Ed25519().holds(public, "text", signature)


# ── sealing ──────────────────────────────────────────────────────────────────
@pytest.fixture
def unit(db, settings, tmp_path):
    settings.DIGUAN_DATA, settings.DIGUAN_SEAL_KEY = tmp_path, tmp_path / "seal_key"
    found = unit_factory("县发改局")
    for number in range(3):
        events.append(found, "changed", by=None, reason=f"第 {number} 次", after={"number": number})
    events.append(unit_factory("县财政局"), "changed", by=None)
    return found


def document(unit):
    return json.loads(queries.chain_file(*events.key_of(unit)))


def faults(found, key=""):
    return [fault.zh for fault in casefile.check(json.dumps(found), key).faults]


def test_a_day_is_sealed_once_and_after_midnight_only(unit, monkeypatch):
    at = [dt.datetime(2099, 1, 5, 0, 3, tzinfo=clocks.COUNTY_TIME)]
    monkeypatch.setattr(clocks, "now", lambda: at[0].astimezone(dt.UTC))
    assert actions.seal_due() == 0  # what was begun before midnight may still be on its way
    at[0] += dt.timedelta(minutes=3)
    assert [actions.seal_due(), actions.seal_due()] == [1, 0]
    assert Seal.objects.get().until == dt.datetime(2099, 1, 5, tzinfo=clocks.COUNTY_TIME)


def test_a_sealed_chain_is_checked_with_the_public_key_alone(unit):
    seal = actions.seal(clocks.now())
    events.append(unit, "changed", by=None)  # one more, not sealed yet
    found = casefile.check(queries.chain_file(*events.key_of(unit)), seal.public_key)
    assert (found.events, found.sealed, found.faults) == (4, 3, [])
    assert list(queries.faults()) == []


def test_the_next_seal_holds_what_grew_and_follows_the_one_before(unit):
    first = actions.seal(clocks.now())
    assert actions.seal(first.until) is None  # two at once: one of them
    events.append(unit, "changed", by=None)
    second = actions.seal(clocks.now())
    assert json.loads(second.statement)["previous"] == chains.sha(first.statement)
    assert document(unit)["proof"]["seq"] == 4
    assert list(queries.faults()) == []


def test_what_was_never_sealed_says_so(unit):
    assert "没有封存" in faults(document(unit))[0]


# ── the attacks ──────────────────────────────────────────────────────────────
def rewritten(found):
    """The whole chain anew, every hash right."""
    previous = chains.FIRST
    for event in found["events"]:
        event["reason"], event["previous"] = "另一个说法", previous
        parts = {name: event[name] for name in ("seq", "verb", "actor", "reason", "before", "after", "personal", "subjects", "previous")}
        previous = event["hash"] = chains.link(root=found["root"], at=dt.datetime.fromisoformat(event["at"]), **parts)


def resigned(found):
    """The whole chain anew, under a tree and a key of one's own."""
    rewritten(found)
    suite, last = signing.Ed25519(), found["events"][-1]
    key = suite.new_key()
    statement = json.dumps({"until": "2099-01-01T00:00:00+00:00", "root": merkle.root([casefile.line_of(found["root"], last["seq"], last["hash"])])})
    found["seal"] = {"statement": statement, "suite": suite.name, "public_key": suite.public(key), "signature": suite.sign(key, statement)}
    found["proof"] = {"seq": last["seq"], "hash": last["hash"], "path": []}


ATTACKS = {
    "edited": (lambda found: found["events"][1].update(reason="改了"), "内容改过"),
    "edited value": (lambda found: found["events"][1].update(after='{"number":9}'), "内容改过"),
    "another instant": (lambda found: found["events"][1].update(at="2020-01-01T00:00:00.000000+00:00"), "内容改过"),
    "one left out": (lambda found: found["events"].pop(1), "应有的位置"),
    "cut off": (lambda found: found["events"].pop(), "截掉"),
    "put in": (lambda found: found["events"].insert(1, found["events"][1]), "应有的位置"),
    "rewritten": (rewritten, "重写过"),
    "another chain": (lambda found: found.update(root=["kernel.unit", "999"]), "内容改过"),
    "resigned": (resigned, "不是这把公钥"),
    "statement": (lambda found: found["seal"].update(statement=found["seal"]["statement"].replace("heads", "Heads")), "签名不对"),
    "signature": (lambda found: found["seal"].update(signature="00" * 64), "签名不对"),
    "path": (lambda found: found["proof"].update(path=[["left", "00" * 32]]), "根之下"),
    "no seal": (lambda found: found.update(seal=None), "没有封存"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_told(unit, name):
    key = actions.seal(clocks.now()).public_key
    found = document(unit)
    assert faults(found, key) == []
    attack, words = ATTACKS[name]
    attack(found)
    assert any(words in fault for fault in faults(found, key))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "diguan-case/1"}', "[" * 5000])
def test_what_is_no_case_file_is_said(text):
    with pytest.raises(casefile.NoCaseFile):
        casefile.check(text)


@pytest.mark.parametrize("change", [
    {"proof": None}, {"proof": {}}, {"proof": {"seq": "3", "hash": "x", "path": []}}, {"proof": {"seq": -1, "hash": "x", "path": []}}, {"proof": {"seq": True, "hash": "x", "path": []}},
    {"proof": {"seq": 3, "hash": "x", "path": [["up", "00"]]}}, {"proof": {"seq": 3, "hash": "x", "path": [["left", "zz"]]}}, {"seal": {}}, {"seal": []}, {"events": []}, {"root": ["a"]},
    {"events": [{"seq": 1}]}])
def test_half_a_case_file_is_refused_and_not_believed(unit, change):
    actions.seal(clocks.now())
    with pytest.raises(casefile.NoCaseFile):
        casefile.check(json.dumps(document(unit) | change))


# ── in the database ──────────────────────────────────────────────────────────
def raw(**change):
    """As somebody with the database's password does it."""
    from django.db import models

    models.QuerySet(Event).filter(root_type="kernel.unit", seq=3).update(**change)


def test_a_rewritten_table_is_told_by_the_check(unit):
    actions.seal(clocks.now())
    raw(hash="00" * 32)
    assert any("截掉或重写过" in fault.zh for fault in queries.faults())


def test_a_lost_or_edited_list_is_told_by_the_check(unit):
    seal = actions.seal(clocks.now())
    path = queries.lines_path(seal.until)
    kept = path.read_text()
    for text in (None, kept + "kernel.unit\t7\t1\t00\n"):
        path.unlink() if text is None else path.write_text(text)
        assert any("清单" in fault.zh for fault in queries.faults())


def test_a_seal_is_never_changed(unit):
    seal = actions.seal(clocks.now())
    seal.signature = "00"
    with pytest.raises(AppendOnlyError):
        seal.save()


def test_an_unusable_key_stops_nothing_else(unit, settings, monkeypatch):
    Path(settings.DIGUAN_SEAL_KEY).write_text("nonsense")
    monkeypatch.setattr(clocks, "now", lambda: dt.datetime(2099, 1, 5, 4, tzinfo=dt.UTC))
    assert actions.seal_due() == 0
    assert not Seal.objects.exists()


# ── who may ──────────────────────────────────────────────────────────────────
def test_who_may_not_see_a_row_gets_no_file_of_it(unit):
    with pytest.raises(Forbidden):
        queries.case_file(person_factory("enterprise_agent"), unit)
