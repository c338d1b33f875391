"""An Excel file of 50,000 rows and 30 columns: ``python benchmarks/imports.py [--rows 50000]``.

A clerk's way through the pages: upload, preview, commit, and the facts visible in a dossier. The file is a real .xlsx
with every column of the 30 a fact or a word; the firms are in the register. Each step's seconds and the memory of the
process are told, and that what is visible is what the file says. It is done twice: with a commit that reaches the
process that made the preview, and with one that reaches another, as of two web processes either may.
Writes ``results/imports.json``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import installation
import numpy as np
import record

MOST = 15.0
COLUMNS, PERIOD = 30, "2026-09"


def sheet_of_thirty() -> Any:
    """A monthly sheet: code, name and 28 facts of money and counts, declared as a pack declares one."""
    from diguan.kernel import packs
    from diguan.kernel.sheets.declare import from_yaml

    monthly = [spec for spec in packs.catalogue().values() if spec.period == "month" and spec.stored_as == "num"][:COLUMNS - 2]
    assert len(monthly) == COLUMNS - 2, len(monthly)
    return from_yaml({"name": "thirty", "title": {"zh": "三十列月报", "en": "Thirty columns"}, "source": "tax_bureau", "period": "month",
                      "complete": [spec.name for spec in monthly],
                      "columns": [{"name": "uscc", "type": "uscc", "required": True, "headings": ["统一社会信用代码"]},
                                  {"name": "name", "type": "text", "headings": ["企业名称"]},
                                  *({"name": f"f{at}", "fact": spec.name, "headings": [spec.name]} for at, spec in enumerate(monthly))]}, "bench", packs.catalogue())


def workbook(sheet: Any, rows: list[tuple[str, str]]) -> bytes:
    """The file as a spreadsheet program writes it; one cell in fifteen is empty, money has two decimals."""
    from openpyxl import Workbook

    from diguan.kernel import packs

    dice, book = np.random.default_rng(9), Workbook(write_only=True)
    page = book.create_sheet("月报")
    page.append([column.headings[0] for column in sheet.columns])
    money = [packs.catalogue()[column.fact].type == "money" for column in sheet.facts]
    numbers = dice.integers(0, 90_000_000, (len(rows), len(money)))
    for at, (code, name) in enumerate(rows):
        page.append([code, name, *(None if number % 15 == 0 else number / 100 if paid else number % 3000 for number, paid in zip(numbers[at].tolist(), money, strict=True))])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def measure(count: int, *, apart: bool) -> dict[str, Any]:
    """Seconds of each step; ``apart``: nothing that the preview left in this process helps the commit."""
    with tempfile.TemporaryDirectory(prefix="diguan-bench-") as folder:
        installation.start(Path(folder))
        from django.core.files.uploadedfile import SimpleUploadedFile
        from django.test import Client

        from diguan.enterprises.models import Enterprise
        from diguan.kernel import packs
        from diguan.kernel.facts import deliveries
        from diguan.kernel.facts.models import Batch
        from diguan.kernel.sheets import shelf

        installation.register(count)
        clerk = installation.people([])["clerk"]
        sheet = sheet_of_thirty()
        known = {**shelf.sheets(), sheet.name: sheet}
        shelf.sheets = lambda: known  # type: ignore[assignment]
        rows = list(Enterprise.objects.order_by("id").values_list("uscc", "name"))
        content = workbook(sheet, rows)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(clerk)
        assert client.get("/imports/").status_code == 200
        record.peak(reset=True)
        steps, begun, cpu = {}, time.perf_counter(), time.process_time()

        def step(name: str, answer: Any, status: int) -> Any:
            nonlocal begun
            assert answer.status_code == status, (name, answer.status_code, answer.content[:2000].decode())
            steps[name], begun = round(time.perf_counter() - begun, 3), time.perf_counter()
            return answer

        given = {"sheet": "thirty", "file": SimpleUploadedFile("月报.xlsx", content), "period": PERIOD, "source": "", "complete": "on"}
        address = step("upload", client.post("/imports/", given), 302)["Location"]
        page = step("preview", client.get(address), 200).content.decode()
        after = re.search(r'name="after" value="(\d*)"', page)
        assert after is not None
        target = address.replace("/?", "/commit/?")
        if apart:
            deliveries._last = None
        step("commit", client.post(target, {"after": after[1]}), 302)
        dossier = f"/enterprises/{rows[count // 2][0]}/facts/"
        told = step("visible in a dossier", client.get(dossier), 200).content.decode()
        most, cpu = record.peak(), time.process_time() - cpu
        batch = Batch.objects.get(sheet="thirty")
        assert batch.rows == count
        assert PERIOD in told
        return {"rows": count, "columns": COLUMNS, "file_mib": round(len(content) / 2**20, 1), "facts": batch.facts, "steps": steps, "seconds": round(sum(steps.values()), 3),
                "cpu_seconds": round(cpu, 3), "peak_mib": round(most), "digest": batch.sha256, "same": _same(content, sheet, batch.sha256, packs.catalogue())}


def _same(content: bytes, sheet: Any, sha256: str, catalogue: Any) -> bool:
    """Whether the batch holds exactly what the workbook says, read by another reader."""
    import pyarrow.parquet as pq
    from openpyxl import load_workbook

    from diguan.kernel.facts import files

    table = pq.read_table(files.batch_path(sha256))
    held = set(zip(table["subject_id"].to_pylist(), table["fact"].to_pylist(), table["num"].to_pylist(), strict=True))
    lines = load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(min_row=2, values_only=True)
    said = {(line[0], column.fact, round(value * catalogue[column.fact].scale)) for line in lines for column, value in zip(sheet.facts, line[2:], strict=False) if value is not None}  # trailing blanks are cut
    return held == said and len(table) == len(said) and set(table["period_start"].to_pylist()) == {dt.date(2026, 9, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--results", type=Path, default=record.RESULTS, help="folder of the result file")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--apart", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.rows, apart=given.apart), ensure_ascii=False))
        return 0
    found, apart = (record.child(__file__, "--measure", "--rows", given.rows, *more) for more in ((), ("--apart",)))
    for one in (found, apart):
        print(f"{one['rows']} rows × {one['columns']} columns, {one['file_mib']} MiB, {one['facts']} facts: "
              + ", ".join(f"{name} {seconds} s" for name, seconds in one["steps"].items()) + f"; {one['cpu_seconds']} CPU s, {one['peak_mib']} MiB at most; {'as the file says' if one['same'] else 'DIFFERENT'}", flush=True)
    words = "upload, preview, commit and visible, seconds"
    record.write("imports", [record.goal(words, found["seconds"], MOST), record.goal(f"{words}, where the commit reaches another web process", apart["seconds"], MOST)],
                 given.results, **found, apart={name: apart[name] for name in ("steps", "seconds", "cpu_seconds", "peak_mib", "same")})
    return 0 if found["same"] and apart["same"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
