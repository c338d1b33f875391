"""``diguan doctor``: each thing it checks, once broken."""

from __future__ import annotations

import json

import pytest

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.indicators.tests.factories import briefing_factory
from diguan.kernel.evidence.actions import About
from diguan.kernel.evidence.tests.factories import evidence_factory
from diguan.kernel.facts import files
from diguan.kernel.facts.models import Batch
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.stages.tests.factories import course_factory
from diguan.kernel.tests.factories import person_factory
from diguan.kernel.tests.test_events import forge
from diguan.policies.models import Claim
from diguan.policies.tests import payment_factory
from diguan.services import queries
from diguan.services.models import MatterVersion
from diguan.services.tests.factories import life_event_factory, matter_factory
from diguan.site.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def county(settings, tmp_path, capsys):
    """One delivery."""
    settings.DIGUAN_DATA = tmp_path / "data"
    person_factory("data_clerk", login_name="clerk")
    for number in (1, 2, 3):
        enterprise_factory(code(number), f"演示企业{number}")
    (tmp_path / "tax.xlsx").write_bytes(xlsx([HEADS, *body()]))
    assert main(["import", str(tmp_path / "tax.xlsx"), "--sheet", "tax_monthly", "--period", "2026-08"]) == 0
    capsys.readouterr()


def doctor(capsys):
    left = main(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    return left, {check["name"] for check in said["checks"] if not check["ok"]}


def test_a_county_in_order_is_said_to_be(capsys):
    assert doctor(capsys) == (0, set())


@pytest.mark.parametrize(("name", "text", "check"), [
    ("workdays.yaml", "- {year: 2026, document: x, holidays: [2027-01-01], working_weekends: []}", "calendars"), ("facts.yaml", "- {name: [", "packs"),
    ("briefing.yaml", "- {title: {zh: x, en: x}, sections: [{title: {zh: x, en: x}, charts: [{title: {zh: x, en: x}, codes: [tax.payed]}]}]}", "packs"), ("open_data.yaml", "- {enabled: true}", "packs")])
def test_a_pack_that_cannot_be_used_is_named(capsys, monkeypatch, tmp_path, name, text, check):
    (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,hengyang,{tmp_path}")
    assert doctor(capsys) == (1, {check})


def test_a_briefing_whose_text_was_changed_is_named(capsys):
    row = briefing_factory()
    assert doctor(capsys) == (0, set())
    type(row).objects.filter(pk=row.pk).update(text={**row.text, "zh": {**row.text["zh"], "title": "别的"}})
    assert doctor(capsys) == (1, {"briefings"})


def test_a_forged_event_and_a_changed_upload_are_named(capsys, settings):
    forge("UPDATE kernel_event SET reason = %s WHERE seq = %s", "别的理由", 1)
    path, = (settings.DIGUAN_DATA / "files").rglob(Batch.objects.get().upload_sha256)
    path.write_bytes(b"another")
    assert doctor(capsys) == (1, {"chains", "uploads"})


@pytest.mark.parametrize(("name", "text"), [
    ("evidence.yaml", "licence: {type: certificat}"), ("stages/x.yaml", "id: x\ntitle: 测试\nsubject: policy\nstages: [{id: a, title: 一}]\n")])
def test_a_flow_or_dictionary_that_cannot_be_used_is_named(capsys, monkeypatch, tmp_path, name, text):
    ours = tmp_path / "ours"
    (ours / "stages").mkdir(parents=True)
    (ours / name).write_text(text, "utf-8")
    monkeypatch.setenv("DIGUAN_PACKS", f"base,hengyang,{ours}")
    assert doctor(capsys) == (1, {"packs"})


def test_a_changed_paper_and_a_running_flow_that_cannot_be_read_are_named(capsys, settings):
    officer = person_factory("policy_officer")
    row = evidence_factory("policy_text", About("policy", "x"), officer)
    course_factory("policy_life", officer, "x", kind="policy")
    assert doctor(capsys) == (0, set())
    files.upload_path(row.upload.sha256).write_bytes(b"another")
    forge("UPDATE kernel_flowversion SET text = replace(text, %s, %s)", "policy.legal_basis", "policy.legal_ground")
    assert doctor(capsys) == (1, {"uploads", "packs"})


def test_a_ledger_that_does_not_add_up_is_named(capsys):
    who = payment_factory.cast()
    claim = payment_factory.ready(who)
    payment_factory.sent(who, claim)
    assert doctor(capsys) == (0, set())
    Claim.objects.filter(pk=claim.pk).update(amount_fen=claim.amount_fen - 1)
    assert doctor(capsys) == (1, {"ledger"})


@pytest.mark.parametrize("sql", [
    "UPDATE services_matterversion SET digest = '0'",
    "UPDATE services_matterversion SET number = 2",
    "UPDATE services_lifeeventversion SET text = replace(text, 'days: 3', 'days: 30')",
    "UPDATE services_lifeeventversion SET valid_from = '2025-01-01'",
    "UPDATE services_matter SET key = 'other' WHERE key = 'seal_record'",
])
def test_a_matter_or_life_event_that_is_not_what_was_published_is_named(capsys, sql):
    matter_factory("company_registration")
    matter_factory("seal_record", name="公章刻制")
    life_event_factory()
    assert doctor(capsys) == (0, set())
    forge(sql)
    assert doctor(capsys) == (1, {"library"})


def test_a_version_forged_with_its_digest_is_told_by_its_event(capsys):
    matter_factory("company_registration")
    version = MatterVersion.objects.get()
    version.content = {**version.content, "promised_days": 30}
    MatterVersion.objects.filter(pk=version.pk).update(content=version.content)
    assert doctor(capsys) == (1, {"library"})
    MatterVersion.objects.filter(pk=version.pk).update(content=version.content, digest=queries.digest_of(version))
    assert queries.intact(MatterVersion.objects.get())
    assert doctor(capsys) == (1, {"library"})
