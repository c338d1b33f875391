"""A pack no developer foresaw (a fact, a sheet, a source, a policy) and five firms that stand differently under it."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

from diguan.enterprises.models import Enterprise
from diguan.enterprises.tests.factories import credit_code, enterprise_factory
from diguan.kernel import periods
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import Batch
from diguan.kernel.sheets.tests.ugly import xlsx
from diguan.kernel.tests.factories import person_factory

POLICY = "clean-kiln-2026"
RICH, PLAIN, SHORT, SILENT, ELSEWHERE = (credit_code(number) for number in range(1, 6))
TEXT = """清洁窑炉用气补助办法（演示样本）
第一条 在本县登记的企业，均可申领。
第二条 最近一个月天然气用量不少于100立方米。
第三条 用量100立方米以上补助1万元，500立方米以上补助5万元。
"""
FACTS = """
- {name: kiln.gas, type: number, unit: 立方米, period: month, non_negative: true, title: {zh: 天然气用量, en: Natural gas used}, sources: [kiln_office]}
"""
SHEETS = """
- name: kiln_monthly
  title: {zh: 月度用气, en: Monthly gas}
  source: kiln_office
  period: month
  columns:
    - {name: uscc, type: uscc, required: true, title: {zh: 统一社会信用代码, en: Credit code}, headings: [统一社会信用代码]}
    - {name: gas, fact: kiln.gas, unit: 立方米, required: true, title: {zh: 天然气用量, en: Gas}, headings: [天然气用量]}
"""
DOCUMENT = """
id: {id}
title: {{zh: 清洁窑炉用气补助, en: Clean kiln gas grant}}
issuer: 县发改局
source: {{document: 演示〔2026〕1号, file: sources/kiln.txt, sha256: {sha256}}}
in_force: {{from: 2026-01-01, to: 2027-12-31}}
recorded_at: 2025-12-29
delivery: fast_claim
legal_basis: 县级财政预算支出（演示）
fair_competition_review: {{status: passed, date: 2025-12-18, record: 演示公竞审〔2026〕1号}}
clauses:
  - id: here
    cite: {{article: 第一条, quote: 在本县登记的企业}}
    when: {{fact: enterprise.registered_region, op: "=", value: "430421"}}
  - id: burns
    cite: {{article: 第二条, quote: 最近一个月天然气用量不少于100立方米}}
    when: {{fact: kiln.gas, over: latest, op: ">=", value: {least} 立方米}}
benefit:
  kind: tiers
  of: {{fact: kiln.gas, over: latest}}
  tiers: [{{at_least: 100 立方米, amount: 1万元}}, {{at_least: 500 立方米, amount: 5万元}}]
budget: {{amount: 4万元, order: [{{fact: kiln.gas, over: latest, desc: true}}], when_exhausted: waitlist}}
examples:
  - name: 够100立方米
    as_of: 2026-06-30
    facts: {{enterprise.registered_region: "430421", kiln.gas: {{2026-05: 100 立方米}}}}
    expect: {{status: eligible, amount: 1万元}}
  - name: 不到100立方米
    as_of: 2026-06-30
    facts: {{enterprise.registered_region: "430421", kiln.gas: {{2026-05: 9 立方米}}}}
    expect: {{status: ineligible}}
  - name: 没人报过用气
    as_of: 2026-06-30
    facts: {{enterprise.registered_region: "430421", kiln.gas: unknown}}
    expect: {{status: unknown}}
"""


def pack(folder: Path) -> Path:
    """Write the pack; it is used with ``DIGUAN_PACKS=base,FOLDER``."""
    (folder / "policies/sources").mkdir(parents=True)
    (folder / "facts.yaml").write_text(FACTS, "utf-8")
    (folder / "sheets.yaml").write_text(SHEETS, "utf-8")
    (folder / "sources.yaml").write_text("kiln_office: {zh: 窑炉办, en: Kiln office}\n", "utf-8")
    (folder / "policies/sources/kiln.txt").write_text(TEXT, "utf-8")
    policy(folder)
    return folder


def policy(folder: Path, name: str = POLICY, least: str = "100") -> None:
    """Write the policy document, maybe under another id or with another threshold."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    (folder / f"policies/{name}.yaml").write_text(DOCUMENT.format(id=name, sha256=sha256, least=least), "utf-8")


def begin(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """A data folder of its own, the county's day, the pack in force and its five firms on the register."""
    live(settings, tmp_path, monkeypatch)
    pack(tmp_path / "pack")
    firms()


def live(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """The data folder, the day and the packs every test here lives in."""
    settings.DIGUAN_DATA = tmp_path / "data"
    settings.DIGUAN_TODAY = "2026-10-31"
    monkeypatch.setenv("DIGUAN_PACKS", f"base,{tmp_path / 'pack'}")


def firms() -> None:
    """Five firms on the register."""
    for uscc, name, region in ((RICH, "衡阳大窑瓷业有限公司", "430421"), (PLAIN, "衡阳小窑瓷业有限公司", "430421"), (SHORT, "衡阳冷窑瓷业有限公司", "430421"),
                               (SILENT, "衡阳静窑瓷业有限公司", "430421"), (ELSEWHERE, "东莞远窑瓷业有限公司", "441900")):
        enterprise_factory(uscc, name, registered_region=region, cluster="陶瓷", town="界牌镇")


def deliver(*rows: tuple[str, Any], period: str = "2026-09") -> Batch:
    """Bring the kiln office's file in, as a clerk does; who is not in it stays unknown."""
    clerk = person_factory("data_clerk", from_day=dt.date(2026, 1, 1))
    book = xlsx([["统一社会信用代码", "天然气用量"], *(list(row) for row in rows)])
    upload = deliveries.keep(f"用气-{period}.xlsx", book, "kiln_monthly", by=clerk)
    batch = deliveries.commit(deliveries.Request("kiln_monthly", periods.parse(period), complete=()), upload, book, by=clerk)
    assert batch is not None
    return batch


def enterprise(uscc: str) -> Enterprise:
    """One of the firms."""
    return Enterprise.objects.get(uscc=uscc)
