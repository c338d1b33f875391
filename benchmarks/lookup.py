"""The look-up of duplicates while a lead is typed: ``python benchmarks/lookup.py [--firms 200000] [--rounds 20] [--databases sqlite postgresql]``.

Server time of the fragment through the whole stack over a register of so many firms and some thousand leads: names as they are, with a slip,
half typed, of nobody; credit codes; telephones. Every answer is asserted: what is there is found, what is not is not. The peer is what most
systems do, ``LIKE '%…%'`` over names and codes, on the same rows; it finds no slip. Writes ``results/lookup.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

MOST = 100.0
LEADS = 4_000
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
SOUNDS = {"精": "晶", "科": "柯", "宏": "洪"}


def firm(number: int) -> str:
    """A name of a firm from elsewhere, another for each number."""
    one, two, three, four = (SURNAMES[number // 32 ** place % 32] for place in range(4))
    return f"深圳{one}{two}记{three}{four}精工科技有限公司"


def fill(by: Any) -> None:
    """Leads, registered by the import as a file would bring them."""
    from diguan.kernel import clocks
    from diguan.kernel.facts.models import Upload
    from diguan.projects.actions.lead_import import Plan, import_leads
    from diguan.projects.actions.leads import Said

    rows = tuple(Said(f"线索{number}", firm(number * 7919), "online", clocks.today(), contact_phone=f"138{number:08d}") for number in range(LEADS))
    import_leads(plan=Plan(rows, 0), upload=Upload.objects.create(name="线索.xlsx", sha256="0" * 64, size=1, sheet="leads", created_by=by, changed_by=by), by=by)


def asked(codes: list[str], rounds: int) -> list[tuple[str, dict[str, str], bool]]:
    """What is looked up: the kind, the fields, whether it is there."""
    from diguan.enterprises.models import Enterprise

    found: list[tuple[str, dict[str, str], bool]] = []
    step = max(1, len(codes) // rounds)
    for turn in range(rounds):
        name, lead = Enterprise.objects.get(uscc=codes[turn * step]).name, firm(turn * 7919)
        found += [("tenant by name", {"q": name}, True), ("lead by name", {"q": lead}, True), ("lead with a slip", {"q": lead.replace("精", SOUNDS["精"])}, True),
                  ("half typed", {"q": name[:7]}, False), ("of nobody", {"q": f"东莞独家{SURNAMES[turn % 32]}样例光学有限公司"}, False),
                  ("by code", {"uscc": codes[turn * step]}, True), ("by telephone", {"contact_phone": f"138{turn:08d}"}, True)]
    return found


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Milliseconds by kind of question, ours and the scan's, on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        codes = installation.register(count)
        by = installation.people(codes[:1])["invest"]
        fill(by)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client, address = Client(SERVER_NAME="127.0.0.1"), reverse("projects:lead_lookup")
        client.force_login(by)
        client.get(address, {"q": firm(0)})  # templates and catalogues are read once
        ours: dict[str, list[float]] = {}
        scan: dict[str, list[float]] = {}
        questions = asked(codes, rounds)
        for kind, fields, there in questions:
            begun = time.perf_counter()
            answer = client.get(address, fields)
            ours.setdefault(kind, []).append(time.perf_counter() - begun)
            assert answer.status_code == 200, (kind, answer.status_code)
            assert kind == "half typed" or ("<li>" in answer.content.decode()) == there, (kind, fields)
        for kind, fields, _there in questions[: 7 * min(rounds, 5)]:
            begun = time.perf_counter()
            scanned(fields)
            scan.setdefault(kind, []).append(time.perf_counter() - begun)
        return {"firms": count, "leads": LEADS, "by_kind": {kind: record.percentiles(found) for kind, found in ours.items()}, "all": record.percentiles([one for found in ours.values() for one in found]),
                "scan_by_kind": {kind: record.percentiles(found) for kind, found in scan.items()}, "scan": record.percentiles([one for found in scan.values() for one in found])}


def scanned(fields: dict[str, str]) -> int:
    """The peer: whatever holds the words, wherever they stand; no page around it."""
    from django.db.models import Q

    from diguan.enterprises import engine
    from diguan.enterprises.models import Contact, Enterprise
    from diguan.projects.models import Lead, Project

    key, code, phone = engine.name_key(fields.get("q", "")), fields.get("uscc", ""), fields.get("contact_phone", "")
    if phone:
        return len(Lead.objects.filter(contact_phone__contains=phone)[:20]) + len(Contact.objects.filter(phone__contains=phone)[:20])
    found = 0
    for rows, name, number in ((Lead.objects.all(), "name_key", "uscc"), (Project.objects.all(), "investor_key", "investor_uscc"), (Enterprise.objects.all(), "name_key", "uscc")):
        wanted = Q(**{f"{number}__contains": code}) if code else Q(**{f"{name}__contains": key})
        found += len(rows.order_by().filter(wanted)[:20])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--firms", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.firms, given.rounds), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--firms", given.firms, "--rounds", given.rounds)
    for name, line in found.items():
        print(f"{name:>11}: p50 {line['all']['p50_ms']} ms, p95 {line['all']['p95_ms']} ms; scan p50 {line['scan']['p50_ms']} ms, p95 {line['scan']['p95_ms']} ms", flush=True)
        for kind, one in line["by_kind"].items():
            print(f"             {kind:<18} p50 {one['p50_ms']:>8} p95 {one['p95_ms']:>8}   scan p50 {line['scan_by_kind'][kind]['p50_ms']:>8}", flush=True)
    goals = [record.goal(f"p95 of the look-up over {line['firms']} firms on {name}, ms", line["all"]["p95_ms"], MOST) for name, line in found.items()]
    record.write("lookup", goals, given.results, databases=found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
