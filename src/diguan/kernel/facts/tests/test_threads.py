"""Eight threads querying at once never see another's rows."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from diguan.kernel.facts import duck, files
from diguan.kernel.facts.models import Batch


def batch(number: int) -> Batch:
    rows = [{"subject": "enterprise", "subject_id": f"S{number}", "fact": "tax.paid", "period": f"{2000 + place}", "num": number,
             "period_start": dt.date(2000 + place, 1, 1), "period_end": dt.date(2000 + place, 12, 31), "state": "value", "text": None}
            for place in range(500)]
    return Batch(pk=number, source=f"source{number}", sha256=files.write_batch(rows))


def test_eight_threads_querying_at_once_never_see_anothers_rows(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    found = [batch(number) for number in range(8)]

    def ask(number: int) -> list[tuple[str, int, int]]:
        answers = []
        for _again in range(12):
            with duck.connect() as db:
                duck.load(db, [found[number]])
                answers += db.execute("SELECT source, num, count(*) FROM said GROUP BY ALL").fetchall()
        return answers

    with ThreadPoolExecutor(8) as pool:
        for number, answers in enumerate(pool.map(ask, range(8))):
            assert set(answers) == {(f"source{number}", number, 500)}
