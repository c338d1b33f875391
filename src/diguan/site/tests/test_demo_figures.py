"""The public figures, worked out from what the ordinary import brought in and not from what was drawn."""

from __future__ import annotations

import pytest

from diguan.kernel import duck, packs
from diguan.kernel.facts import batches, store
from diguan.site.demo import accounts, build, county, files, more

CLUSTERS = ("钟表", "小家电", "鞋帽服装")
TAX = """
SELECT sum(num) FILTER (WHERE period BETWEEN '2024-01' AND '2024-08'), sum(num) FILTER (WHERE period BETWEEN '2025-01' AND '2025-08')
FROM read_parquet(?) WHERE fact = 'tax.paid' AND state = 'value' AND subject_id IN (SELECT unnest(?))
"""
OUTPUT = "SELECT sum(num) FROM read_parquet(?) WHERE fact = 'finance.output_value' AND period = '2024' AND subject_id IN (SELECT unnest(?))"


@pytest.fixture(scope="module")
def drawn():
    """The three clusters of the whole county, and the tables that speak of the years in question."""
    params = county.parameters()
    firms = county.draw_firms(params)
    rows = [row for row in county.draw_rows(firms, params) if row[0].cluster in CLUSTERS]
    ours = [firm for firm in firms if firm.cluster in CLUSTERS]
    named = {table.name: table for table in (*files._tables(rows, params, files.random.Random(1)), *more.tables(rows, params))}
    return ours, [named[name] for name in ("税务-2024", "税务-2025", "年报财务-2024")]


@pytest.fixture
def told(drawn, tmp_path, settings, db):
    """Where what was imported lies, and the firms of each cluster as the register has them."""
    from diguan.enterprises.models import Enterprise

    settings.DIGUAN_DATA = str(tmp_path / "data")
    accounts.found([])
    clerk, (firms, tables) = accounts.person("clerk"), drawn
    register = files._register(tmp_path / "register.xlsx", firms)
    for delivery in (register, *(files.write(tmp_path, table) for table in tables)):
        assert build.bring_in(delivery, by=clerk)
    path = store.projection(batches.visible_batches(), packs.catalogue()) / "facts.parquet"
    return str(path), {cluster: list(Enterprise.objects.filter(cluster=cluster).values_list("uscc", flat=True)) for cluster in CLUSTERS}


def test_the_clusters_pay_and_put_out_what_the_public_figures_say(told):
    path, members = told
    assert {cluster: len(codes) for cluster, codes in members.items()} == {"钟表": 143, "小家电": 32, "鞋帽服装": 41}
    growth = {}
    with duck.open_private() as db:
        for cluster, codes in members.items():
            before, after = db.execute(TAX, [path, codes]).fetchone()
            growth[cluster] = f"{(after / before - 1) * 100:.2f} %"
        output = db.execute(OUTPUT, [path, members["钟表"]]).fetchone()[0]
    assert growth == {"鞋帽服装": "62.63 %", "钟表": "160.62 %", "小家电": "5.17 %"}
    assert output == 5_430_000_000 * 100
