"""The demo county's notices: who reads, answers and is sent a message, the same each time and not twice."""

import pytest

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import contact_factory
from diguan.kernel.events import Event
from diguan.kernel.facts import deliveries
from diguan.kernel.notices.models import Notice, Round
from diguan.policies.actions import run_match
from diguan.policies.tests import county
from diguan.policies.tests.county import PLAIN, RICH, SHORT
from diguan.site.demo import accounts, reach, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    county.begin(settings, tmp_path, monkeypatch)
    monkeypatch.setattr(reach, "CLIENTS", 1)
    Enterprise.objects.filter(uscc=SHORT).update(town="西渡镇")
    for row in Enterprise.objects.all():
        contact_factory(row)
    county.deliver((RICH, 600), (PLAIN, 100), (SHORT, 120))
    accounts.found([])
    run_match(by=accounts.person("clerk"))
    return tmp_path


def told():
    return [(row.uscc, row.state, row.reason) for row in Notice.objects.order_by("uscc")]


def test_two_agencies_answer_messages_go_out_and_one_file_of_receipts_waits(folder):
    reach.prepare(folder)
    assert told() == [(RICH, "opened", ""), (PLAIN, "acted", ""), (SHORT, "delivered", "")]
    assert [(row.kind, row.count) for row in Round.objects.order_by("id")] == [("page", 2), ("file", 1), ("receipt", 1)]


def test_a_start_that_was_interrupted_is_taken_up_and_a_second_one_does_nothing(folder):
    reach.prepare(folder)
    before, events = told(), Event.objects.count()
    reach.prepare(folder)
    assert (told(), Event.objects.count()) == (before, events)


def test_the_waiting_file_is_taken_by_the_ordinary_import(folder, monkeypatch):
    monkeypatch.setattr(reach, "AGENCIES", ())
    reach.prepare(folder)
    path = folder / waiting.FOLDER / f"{reach.FILE}.xlsx"
    found = deliveries.preview(deliveries.Request("notice_receipts"), path.name, path.read_bytes(), by=accounts.person("officer"))
    assert (found.checked.rows, found.checked.errors) == (1, [])
    assert sorted(told()) == sorted([(RICH, "delivered", ""), (PLAIN, "delivered", ""), (SHORT, "queued", "")])
