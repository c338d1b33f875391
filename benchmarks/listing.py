"""The list of enterprises: ``python benchmarks/listing.py [--enterprises 50000] [--rounds 12] [--databases sqlite postgresql]``.

Server time of the page with filters, search, sorting and pages far behind, through the whole stack of middleware and
templates, on SQLite and PostgreSQL. Every answer's status is asserted, and that both databases give the same firms
in the same order. Writes ``results/listing.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import record

MOST = 150.0
ASKED = ("", "?page=2", "?page=40", "?page=1000", "?page=2000", "?town=西渡镇", "?town=西渡镇&page=200", "?cluster=钟表&production_status=在产&sort=-established",
         "?sort=-name", "?sort=town&page=700", "?sort=-registered_capital_fen&page=30", "?q=恒正精密机芯", "?q=有限公司&page=900", "?q=hz", "?q=91430421MA0012",
         "?section=C&park=西渡高新区&sort=established&page=100", "?title=high_tech_enterprise&page=5", "?registered_region=430424&sort=industry")


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Milliseconds by address, on the database that is set."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.db import connection
        from django.test import Client

        codes = installation.register(count)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(installation.people(codes[:1])["officer"])
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # what its own daemon does within a minute of so many rows
        _get(client, ASKED[0])  # templates and catalogues are read once
        seconds: dict[str, list[float]] = {asked: [] for asked in ASKED}
        shown = hashlib.sha256()
        for turn in range(rounds):
            for asked in ASKED:
                begun = time.perf_counter()
                body = _get(client, asked)
                seconds[asked].append(time.perf_counter() - begun)
                if not turn:
                    shown.update(json.dumps([asked, re.findall(r"/enterprises/([0-9A-Z]{18})/", body)]).encode())
        return {"enterprises": count, "by_address": {asked: record.percentiles(found) for asked, found in seconds.items()},
                "all": record.percentiles([one for found in seconds.values() for one in found]), "digest": shown.hexdigest()}


def _get(client: Any, asked: str) -> str:
    answer = client.get(f"/enterprises/{asked}")
    assert answer.status_code == 200, (asked, answer.status_code)
    return str(answer.content.decode())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.enterprises, given.rounds), ensure_ascii=False))
        return 0
    found = installation.databases(given.databases, __file__, "--enterprises", given.enterprises, "--rounds", given.rounds)
    for name, line in found.items():
        worst = max(line["by_address"].items(), key=lambda item: item[1]["p95_ms"])
        print(f"{name:>11}: {line['all']['count']} answers, p50 {line['all']['p50_ms']} ms, p95 {line['all']['p95_ms']} ms; slowest {worst[0]} p95 {worst[1]['p95_ms']} ms", flush=True)
    same = len({line["digest"] for line in found.values()}) == 1
    goals = [record.goal(f"the list's p95 on {name}, ms", line["all"]["p95_ms"], MOST) for name, line in found.items()]
    record.write("listing", goals, given.results, same_order_on_both=same, databases=found)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
