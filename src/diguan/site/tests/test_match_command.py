"""``diguan match`` and ``diguan explain`` on the county's own database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from diguan.enterprises.models import Enterprise
from diguan.kernel import packs
from diguan.kernel.access.models import Person
from diguan.kernel.facts import deliveries
from diguan.kernel.facts.models import Batch
from diguan.kernel.facts.runs import Run
from diguan.kernel.periods import parse
from diguan.kernel.sheets.tests.ugly import HEADS, code, xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.site.cli import main

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
POLICY = "trade-fair-voucher-2026"


@pytest.fixture(autouse=True)
def county(settings: Any, tmp_path: Path) -> Any:
    """Three firms, one month of tax, and people who may."""
    settings.DIGUAN_DATA = tmp_path
    for number in (1, 2, 3):
        Enterprise.objects.create(uscc=code(number), name=f"演示企业{number}", registered_region="430421", cluster="钟表")
    clerk = person_factory("data_clerk", login_name="clerk")
    person_factory("policy_officer", login_name="officer")
    data = xlsx([HEADS, *([n, code(n), f"演示企业{n}", n] for n in (1, 2))])
    upload = deliveries.keep("8月.xlsx", data, "tax_monthly", by=clerk)
    return deliveries.commit(deliveries.Request("tax_monthly", parse("2026-08")), upload, data, by=clerk)


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any, str]:
    left = main([*args, "--json"])
    out, err = capsys.readouterr()
    return left, json.loads(out) if out else None, err


def test_totals_are_those_of_the_recorded_run(capsys: pytest.CaptureFixture[str]) -> None:
    left, said, err = answer(capsys, "match")
    assert left == 0, err
    run = Run.objects.get()
    assert (said["as_of"], said["engine"], said["run"]) == ("2026-10-31", "duckdb", run.run_id)
    kept = json.loads((run.folder / "run.json").read_text())["totals"]
    assert said["policies"] == [{key: total[key] for key in said["policies"][0]} for total in kept]
    assert {total["id"] for total in kept} == {path.stem for folder in packs.files("policies") for path in folder.glob("*.yaml")}
    assert all(line["eligible"] + line["ineligible"] + line["unknown"] == 3 for line in said["policies"])


def test_the_command_and_the_pages_tell_the_same_totals(capsys: pytest.CaptureFixture[str], client: Any) -> None:
    said = {line["id"]: line for line in answer(capsys, "match")[1]["policies"]}
    client.force_login(Person.objects.get(login_name="officer"))
    lines = client.get("/policies/").context["lines"]
    assert {line["policy"].id for line in lines} == said.keys()
    for line in lines:
        shown = client.get(f"/policies/{line['policy'].id}/").context["page"]
        for figures in (line["figures"], shown["figures"]):
            assert [figures[name].num for name in ("entitled", "near_miss", "unknown", "amount_low")] == [
                said[line["policy"].id][key] for key in ("eligible", "near_miss", "unknown", "amount_fen")]
        assert shown["figures"]["judged"].num == sum(said[line["policy"].id][key] for key in ("eligible", "ineligible", "unknown"))


def test_asked_twice_it_is_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "match")[1] == answer(capsys, "match", "--by", "clerk")[1]
    assert Run.objects.count() == 1


def test_the_result_folder_holds_what_the_run_holds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    left, said, _err = answer(capsys, "match", "--out", str(tmp_path / "out"))
    assert left == 0
    for name in ("match.parquet", "run.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "runs" / said["run"] / name).read_bytes()


def test_what_came_later_is_not_counted_before_it_was_known(capsys: pytest.CaptureFixture[str], county: Batch) -> None:
    answer(capsys, "match")
    before = county.committed_at.isoformat()
    left, said, err = answer(capsys, "match", "--known-at", before)
    assert left == 0, err
    assert said["policies"][0]["eligible"] + said["policies"][0]["ineligible"] + said["policies"][0]["unknown"] == 0  # no register yet
    left, _said, err = answer(capsys, "match", "--known-at", "2001-01-01")
    assert left == 2
    assert "import the register first" in err


def test_other_policies_are_tried_and_not_recorded(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    (folder / "sources").mkdir(parents=True)
    shipped = packs.SHIPPED / "hengyang" / "policies"
    document = yaml.safe_load((shipped / f"{POLICY}.yaml").read_text())
    (folder / "ours.yaml").write_text(yaml.safe_dump({**document, "id": "ours"}, allow_unicode=True))
    (folder / document["source"]["file"]).write_bytes((shipped / document["source"]["file"]).read_bytes())
    left, said, err = answer(capsys, "match", "--policies", str(folder), "--out", str(tmp_path / "out"))
    assert left == 0, err
    assert [line["id"] for line in said["policies"]] == ["ours"]
    assert Run.objects.count() == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text())["run_id"] == said["run"]


def test_an_explanation_says_what_the_match_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    answer(capsys, "match", "--out", str(tmp_path / "out"))
    rows = {(row["policy_id"], row["enterprise_id"]): row for row in pq.read_table(tmp_path / "out" / "match.parquet").to_pylist()}
    left, said, err = answer(capsys, "explain", code(1), POLICY)
    assert left == 0, err
    assert said["status"] == ["ineligible", "eligible", "unknown"][rows[(POLICY, code(1))]["status"]]
    assert {"id", "verdict", "observed", "threshold", "gap", "unit", "cite", "source"} <= set(said["clauses"][0])
    assert "export.sales" in said["ask"]


def test_an_explanation_sees_the_register_as_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys, "match")
    Enterprise.objects.filter(uscc=code(2)).update(registered_region="440306")
    _left, said, _err = answer(capsys, "explain", code(2), POLICY)
    assert (said["status"], said["clauses"][0]["verdict"]) == ("ineligible", "false")


@pytest.mark.parametrize("args", [
    ("match", "--by", "nobody"), ("match", "--by", "leader"), ("explain", code(1), "no-such-policy"),
    ("explain", code(9), POLICY), ("explain", code(1), POLICY, "--by", "clerk"), ("explain", code(1), POLICY, "--by", "agent"),
])
def test_what_is_not_there_or_not_allowed_exits_two_in_both_languages(capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    person_factory("leader", login_name="leader")
    person_factory("enterprise_agent", login_name="agent", uscc=code(2))
    left, said, err = answer(capsys, *args)
    assert (left, said) == (2, None)
    assert " / " in err
    assert any("\u4e00" <= letter <= "\u9fff" for letter in err)


def test_an_agent_may_have_their_own_enterprise_explained(capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys, "match")
    person_factory("enterprise_agent", login_name="agent", uscc=code(2))
    assert answer(capsys, "explain", code(2), POLICY, "--by", "agent")[0] == 0
