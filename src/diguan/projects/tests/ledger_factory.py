"""Rows of the ledger for the tests of this room and of those above it: agreements, promises, funds, obligations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from diguan.kernel.access.models import Person
from diguan.projects.actions import agreements, fulfilment, funds, promises
from diguan.projects.models import Agreement, Fund, Obligation, Project, Promise

PROOF = ("凭证.pdf", b"%PDF-1.4\n%%EOF\n")
DAY = dt.date(2026, 3, 2)


def agreement_factory(project: Project, by: Person, verifier: Person | None = None, **values: Any) -> Agreement:
    """A contract of 10 million yuan without promises; with ``verifier`` it is verified."""
    replaces = values.pop("replaces", None)
    told = {"kind": "contract", "number": f"合同{Agreement.objects.count() + 1}", "signed_on": DAY, "counterparty": project.investor, "minor": 1_000_000_000, "no_promises": True} | values
    row = agreements.enter_agreement(project=project, said=agreements.Said(**told), proof=PROOF, by=by, replaces=replaces)
    return agreements.verify_agreement(agreement=row, version=row.version, by=verifier) if verifier else row


def fund_factory(project: Project, by: Person, verifier: Person | None = None, **values: Any) -> Fund:
    """A payment of one million yuan for equipment; with ``verifier`` it is verified."""
    told = {"kind": "equipment", "origin": "other_province", "payer": project.investor, "paid_on": DAY, "amount_fen": 100_000_000, "document": f"FP-{Fund.objects.count() + 1:04d}"} | values
    row = funds.enter_fund(project=project, said=funds.Said(**told), proof=PROOF, by=by)
    return funds.verify_fund(fund=row, version=row.version, by=verifier) if verifier else row


def promise_factory(agreement: Agreement, by: Person, **values: Any) -> Promise:
    """A promise of land with its legal basis, not reviewed yet."""
    agreement.refresh_from_db()
    told = {"kind": "land", "text": "按规划供应工业用地 30 亩", "legal_basis": "土地管理法第五十四条"} | values
    return promises.add_promise(agreement=agreement, version=agreement.version, by=by, **told)


def obligation_factory(agreement: Agreement, by: Person, **values: Any) -> Obligation:
    """The investor owes 200 jobs by the end of the year."""
    told = {"side": "investor", "text": "投产后用工 200 人", "due_on": dt.date(2026, 12, 31), "measure": "jobs", "target": 200} | values
    return fulfilment.add_obligation(agreement=agreement, said=fulfilment.Said(**told), by=by)
