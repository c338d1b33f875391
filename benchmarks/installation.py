"""Installations to measure: the demo county, or a synthetic register of any size with months of facts and a match.

Everything that counts goes through the actions; only the register's rows and the batches' Parquet are made in bulk.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import record

if TYPE_CHECKING:
    from diguan.kernel.access.models import Person

TODAY = "2026-10-31"
CLI = [sys.executable, "-c", "import sys; from diguan.site.cli import main; sys.exit(main())"]
TOWNS, CLUSTERS, PARKS = ("西渡镇", "界牌镇", "渣江镇", "台源镇", "演陂镇", "井头镇"), ("钟表", "小家电", "陶瓷", "鞋帽服装", ""), ("钟表产业园", "西渡高新区", "")
WORDS = ("恒正", "永昌", "启源", "同创", "和润", "瑞丰", "新程", "宏达", "百川", "致远", "晨光", "长盛", "广源", "嘉禾", "凯旋", "茂林")
TRADES = ("精密机芯", "表壳制造", "微电机", "日用瓷业", "鞋材科技", "服饰", "食品", "物流", "建材", "新材料")


def environment(data: Path) -> dict[str, str]:
    """The variables of an installation in a folder; whatever database is set stays."""
    return {**os.environ, "DIGUAN_DATA": str(data), "DIGUAN_TODAY": TODAY, "DIGUAN_DEMO": "1", "DIGUAN_LOG": "WARNING",
            "DJANGO_SETTINGS_MODULE": "diguan.site.settings"}


def start(data: Path) -> None:
    """Make this process one of the installation's, its tables up to date."""
    os.environ.update(environment(data))
    from diguan.kernel.tests import migrated
    from diguan.site.commands import serve, shared

    if not (os.environ.get("DIGUAN_DATABASE_URL") or (data / "db.sqlite3").exists()):
        migrated.into(data)  # making the tables is not what is measured
    shared.start_django()
    serve.prepare()


def demo(data: Path) -> Path:
    """The full demo county in a folder; made where it is not there."""
    print(f"  the demo county in {data.name} (made once, some minutes) …", file=sys.stderr, flush=True)
    done = subprocess.run([*CLI, "demo", "--no-serve"], env=environment(data), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return data


def uscc(number: int) -> str:
    """A valid credit code."""
    from diguan.kernel import uscc as codes

    first = f"91430421MA{number:07d}"
    return first + codes.check_character(first)


def register(count: int) -> list[str]:
    """Enterprises in the register, every column filled as registers are: nearly. Answers with their codes."""
    from diguan.enterprises import actions
    from diguan.enterprises.models import Enterprise, Title
    from diguan.kernel import clocks

    dice, now = np.random.default_rng(5), clocks.now()
    rows = []
    for number, draw in enumerate(dice.integers(0, 1 << 30, count).tolist()):
        name = f"衡阳{WORDS[draw % 16]}{WORDS[draw // 16 % 16]}{TRADES[draw // 256 % 10]}{number if draw % 3 else ''}有限公司"
        values: dict[str, Any] = {"name": name, "address": f"{TOWNS[draw % 6]}演示路{draw % 900}号", "legal_representative": ""}
        rows.append(Enterprise(
            uscc=uscc(number), registered_region="430421" if draw % 10 else "430424", town=TOWNS[draw % 6], cluster=CLUSTERS[draw % 5], park=PARKS[draw % 3],
            industry=("4030", "3813", "3074", "1953", "1811")[draw % 5], business_status="存续", production_status=("在产", "停产", "")[draw % 7 % 3],
            established=dt.date(2010, 1, 1) + dt.timedelta(days=draw % 5800), registered_capital_fen=draw % 9_000_000 * 100, created_at=now, changed_at=now,
            **values, **actions.keys_of(values)))
    Enterprise.objects.bulk_create(rows, batch_size=500)
    held = [Title(enterprise=row, kind="high_tech_enterprise", name="高新技术企业", issued=dt.date(2025, 1, 1)) for row in rows[::9]]
    Title.objects.bulk_create(held, batch_size=500)
    return [row.uscc for row in rows]


def people(agent_for: Sequence[str]) -> dict[str, Person]:
    """The demo's people, by login name."""
    from diguan.site.demo import accounts

    accounts.found(agent_for)
    found = {login: accounts.person(login) for login in accounts.ACCOUNTS}
    return {login: person for login, person in found.items() if person is not None}


def deliver(firms: Sequence[str], months: int, facts: int, clerk: Person) -> int:
    """So many monthly facts of every firm over the last months, one batch a fact. Answers with the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from diguan.kernel import packs
    from diguan.kernel.factrow import SCHEMA
    from diguan.kernel.facts import actions, files

    monthly = [spec for spec in packs.catalogue().values() if spec.period == "month" and spec.stored_as == "num" and spec.sources][:facts]
    span, dice, total = list(_months(months)), np.random.default_rng(6), 0
    for spec in monthly:
        count = len(firms) * months
        def each(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
            return pa.array(values, kind).take(pa.array(np.tile(np.arange(months), len(firms))))
        table = pa.table([
            pa.repeat(pa.scalar("enterprise"), count), pa.array(sorted(firms), pa.string()).take(pa.array(np.repeat(np.arange(len(firms)), months))),
            pa.repeat(pa.scalar(spec.name), count), each([month.text for month in span], pa.string()), each([month.start for month in span], pa.date32()),
            each([month.end for month in span], pa.date32()), pa.repeat(pa.scalar("value"), count), pa.array(dice.integers(0, 50_000_000, count)), pa.nulls(count, pa.string())],
            schema=SCHEMA)
        with files.temporary(files.folder("batches")) as path:
            pq.write_table(table, path, compression="zstd", row_group_size=65_536)
            digest = files.sha256_of(path)
            files.publish(path, files.batch_path(digest))
        source = spec.sources[0]
        actions.import_batch(by=clerk, staged=actions.Staged(source, "made", f"{span[0].text}/{span[-1].text}", digest, len(firms), count,
                                                            tuple((spec.name, month.text) for month in span), after=actions.newest(source)))
        total += count
    return total


def _months(count: int) -> Iterator[Any]:
    from diguan.kernel import periods

    last = dt.date.fromisoformat(TODAY)
    return periods.within(periods.add_months(last.replace(day=1), 1 - count), last, "month")


def county(firms: int, months: int, facts: int) -> dict[str, int]:
    """A county in the installation that has been started: register, people, facts and a match."""
    from diguan.policies.actions import run_match

    codes = register(firms)
    who = people(codes[:2])
    rows = deliver(codes, months, facts, who["clerk"])
    run_match(by=who["officer"])
    return {"firms": firms, "months": months, "facts": facts, "rows": rows}


def databases(wanted: Sequence[str], script: str, *arguments: object) -> dict[str, dict[str, Any]]:
    """What a script's ``--measure DATABASE`` says on each database; a cluster of PostgreSQL is thrown away afterwards."""
    found = {}
    for name in wanted:
        command = [sys.executable, script, "--measure", name, *map(str, arguments)]
        if name == "postgresql":
            command = [sys.executable, str(record.ROOT / "scripts" / "postgres.py"), *command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={key: value for key, value in os.environ.items() if key != "DIGUAN_DATABASE_URL"})
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        found[name] = dict(record.json.loads(done.stdout.splitlines()[-1]))
    return found
