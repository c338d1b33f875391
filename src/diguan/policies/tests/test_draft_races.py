"""Two officers at one moment: one saves, the others are told; on whichever database is under test."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection

from diguan.kernel.events import Event
from diguan.kernel.refusals import Refusal
from diguan.kernel.tests.factories import person_factory
from diguan.policies.actions import drafts as actions
from diguan.policies.engine import yamltext
from diguan.policies.models import Draft, DraftVersion
from diguan.policies.tests import county

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


@pytest.fixture
def draft(settings, tmp_path, monkeypatch):
    settings.DIGUAN_DATA = tmp_path / "data"
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{county.pack(tmp_path / 'pack')}")
    return actions.copy_policy(policy=county.POLICY, by=person_factory("policy_officer", login_name="racer", from_day=dt.date(2026, 1, 1)))


def at_once(deed):
    """The deed in many threads let go together, each with its number; what came of each."""
    gate, found = threading.Barrier(MANY), [None] * MANY

    def run(number):
        try:
            gate.wait()
            deed(number)
            found[number] = "done"
        except Refusal as refusal:
            found[number] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_many_who_save_one_state_one_saves_and_the_rest_are_told(draft):
    data = yamltext.read(draft.text)
    found = at_once(lambda number: actions.change_draft(draft=draft, version=draft.version, data={**data, "issuer": f"第{number}个单位"}, by=draft.created_by))
    assert sorted(found) == ["changed_meanwhile"] * (MANY - 1) + ["done"]
    row = Draft.objects.get()
    assert yamltext.read(row.text)["issuer"] == f"第{found.index('done')}个单位"
    assert row.version == draft.version + 1
    assert Event.objects.filter(verb="draft_changed").count() == 1


def test_a_version_has_one_number_however_many_keep_it_at_once(draft):
    found = at_once(lambda number: actions.save_version(draft=draft, version=draft.version, note=f"第{number}个人", by=draft.created_by))
    assert found.count("done") == 1
    kept = DraftVersion.objects.get()
    assert (kept.number, kept.note) == (1, f"第{found.index('done')}个人")
