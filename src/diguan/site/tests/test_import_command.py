"""``diguan import``: its JSON and its exits are what scripts rely on."""

from __future__ import annotations

import json

import pytest

from diguan.enterprises.tests.factories import enterprise_factory
from diguan.kernel.facts.models import Batch
from diguan.kernel.sheets.tests.ugly import HEADS, body, code, xlsx
from diguan.kernel.tests.factories import person_factory
from diguan.site.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DIGUAN_DATA = tmp_path
    person_factory("data_clerk", login_name="clerk")
    for number in range(1, 10):
        enterprise_factory(code(number), f"演示企业{number}")


def write(tmp_path, data, name="tax.xlsx"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def answer(capsys, *args):
    left = main(["import", *args, "--json"])
    out, err = capsys.readouterr()
    return left, (json.loads(out) if out else None), err


def test_a_good_file_is_one_batch(tmp_path, capsys):
    path = write(tmp_path, xlsx([HEADS, *body()]))
    left, said, _err = answer(capsys, path, "--sheet", "tax_monthly", "--period", "2026-08", "--by", "clerk")
    assert left == 0
    assert (said["sheet"], said["rows"], said["accepted"], said["rejected"], said["errors"]) == ("tax_monthly", 3, 3, 0, [])
    assert said["batch"] == Batch.objects.get().pk


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    left, said, _err = answer(capsys, write(tmp_path, xlsx([HEADS, *body()])), "--sheet", "tax_monthly", "--period", "2026-08", "--dry-run")
    assert (left, said["accepted"], said["batch"]) == (0, 3, None)
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(("more", "source"), [((), "hr_bureau"), (("--source", "park_office"), "park_office")])
def test_a_delivery_is_of_the_sheets_source_or_of_the_one_that_is_named(tmp_path, capsys, more, source):
    path = write(tmp_path, xlsx([["统一社会信用代码", "期末用工人数"], [code(1), 20]]))
    left, said, err = answer(capsys, path, "--sheet", "employment_monthly", "--period", "2026-08", *more)
    assert (left, said and said["accepted"]) == (0, 1), err
    assert Batch.objects.get().source == source


def test_errors_exit_one_with_the_row_and_cell_that_excel_shows(tmp_path, capsys):
    path = write(tmp_path, xlsx([["2026年8月税收"], HEADS, *body(2), [3, code(3), "丙", -1]]))
    marked = tmp_path / "marked.xlsx"
    left, said, _err = answer(capsys, path, "--sheet", "tax_monthly", "--marked", str(marked))
    assert (left, said["rows"], said["accepted"], said["rejected"], said["batch"]) == (1, 3, 0, 1, None)
    (error,) = said["errors"]
    assert set(error) == {"row", "column", "cell", "value", "message"}
    assert (error["row"], error["cell"], error["column"], error["value"]) == (5, "D5", "入库税额（万元）", "-1")
    assert "负数" in error["message"]
    assert "negative" in error["message"]
    assert marked.exists()


@pytest.mark.parametrize(("data", "name", "words"), [
    (b"%PDF-1.7", "a.pdf", "no sheet"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a.xls", "old Excel"), (b"a,b\n1,2\n", "a.csv", "no heading row"),
])
def test_a_file_that_is_no_such_sheet_exits_two_with_one_sentence(tmp_path, capsys, data, name, words):
    left, said, err = answer(capsys, write(tmp_path, data, name), "--sheet", "tax_monthly", "--period", "2026-08")
    assert (left, said) == (2, None)
    assert words in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("args", [
    ["--sheet", "tax"], ["--sheet", "tax_monthly", "--period", "August"], ["--sheet", "tax_monthly", "--period", "2026-08", "--source", "bank"],
    ["--sheet", "tax_monthly", "--period", "2026-08", "--by", "nobody"], ["--sheet", "tax_monthly"], ["--sheet", "tax_monthly", "--period", "2026-08-31"],
])
def test_bad_arguments_exit_two(tmp_path, capsys, args):
    left, said, err = answer(capsys, write(tmp_path, xlsx([HEADS, *body()])), *args)
    assert (left, said) == (2, None)
    assert err


def test_a_file_that_is_not_there_exits_two(capsys):
    assert answer(capsys, "/nowhere/a.xlsx", "--sheet", "tax_monthly")[0] == 2


def test_a_file_of_sixty_megabytes_exits_two_before_it_is_read(tmp_path, capsys):
    path = tmp_path / "big.xlsx"
    with path.open("wb") as stream:
        stream.truncate(60 * 1024 * 1024)
    left, _said, err = answer(capsys, str(path), "--sheet", "tax_monthly")
    assert left == 2
    assert "60 MB" in err


def test_the_same_file_again_exits_two_and_names_its_batch(tmp_path, capsys):
    path = write(tmp_path, xlsx([HEADS, *body()]))
    arguments = (path, "--sheet", "tax_monthly", "--period", "2026-08")
    assert answer(capsys, *arguments)[0] == 0
    left, _said, err = answer(capsys, *arguments)
    assert left == 2
    assert str(Batch.objects.get().pk) in err


def test_an_unentitled_person_exits_two(tmp_path, capsys):
    person_factory("leader", login_name="leader")
    assert answer(capsys, write(tmp_path, xlsx([HEADS, *body()])), "--sheet", "tax_monthly", "--period", "2026-08", "--by", "leader")[0] == 2


def shown(name, data, tmp_path, capsys, *more):
    """Both outputs of the command as a person sees them."""
    left = main(["import", write(tmp_path, data, name), "--sheet", "tax_monthly", "--period", "2026-08", "--dry-run", *more])
    out, err = capsys.readouterr()
    return left, out, err


BAD_FILES = {
    "a wrong check digit": ([1, code(1)[:17] + ("0" if code(1)[17] != "0" else "1"), "甲", 1], "B2", "check character"),
    "a negative amount": ([1, code(1), "甲", -1], "D2", "negative"),
    "no number": ([1, code(1), "甲", "NaN"], "D2", "no value"),
    "an unknown unit": ([1, code(1), "甲", "3 匹"], "D2", "does not fit"),
    "a total with a code": ([1, code(1), "合计", 3], "C2", "a total is no data"),
    "a formula": ([1, code(1), "甲", "=1+1"], "D2", "formula"),
}


@pytest.mark.parametrize(("row", "cell", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_every_error_names_file_and_cell_in_both_languages_and_nothing_is_written(tmp_path, capsys, row, cell, words):
    left, out, err = shown("坏.xlsx", xlsx([HEADS, row]), tmp_path, capsys)
    assert left == 1
    line = next(line for line in err.splitlines() if cell in line)
    assert "坏.xlsx" in line
    assert words in line
    assert " / " in line
    assert "0 accepted" in out
    assert "nothing was committed" in err
    assert Batch.objects.count() == 0


def test_an_unknown_unit_in_the_heading_is_said_once(tmp_path, capsys):
    _left, _out, err = shown("坏.xlsx", xlsx([[*HEADS[:3], "入库税额（万匹）"], *body(3)]), tmp_path, capsys)
    assert sum("万匹" in line for line in err.splitlines()) == 1


def test_what_a_complete_delivery_drops_is_said(tmp_path, capsys):
    answer(capsys, write(tmp_path, xlsx([HEADS, *body(3)]), "eins.xlsx"), "--sheet", "tax_monthly", "--period", "2026-08")
    _left, _out, err = shown("zwei.xlsx", xlsx([HEADS, *body(1)]), tmp_path, capsys)
    assert "--partial" in err
    _left, _out, err = shown("zwei.xlsx", xlsx([HEADS, *body(1)]), tmp_path, capsys, "--partial")
    assert "--partial" not in err


def test_without_a_database_a_sentence_says_what_to_do_first(tmp_path):
    import os
    import subprocess
    import sys

    environment = {key: value for key, value in os.environ.items() if key != "DIGUAN_DATABASE_URL"}
    path = write(tmp_path, xlsx([HEADS, *body()]))
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", "import sys; from diguan.site.cli import main; sys.exit(main())",
                           "import", path, "--sheet", "tax_monthly"], capture_output=True, text=True, timeout=60, check=False,
                          env=environment | {"DIGUAN_DATA": str(tmp_path / "new"), "DJANGO_SETTINGS_MODULE": "diguan.site.settings"})
    assert done.returncode == 2
    assert "diguan serve first" in done.stderr


def test_figures_in_another_unit_exit_one_and_go_in_with_a_reason(tmp_path, capsys):
    asked = ("--sheet", "tax_monthly", "--by", "clerk")
    rows = [[number, code(number), f"演示企业{number}", 10 + number] for number in range(1, 7)]
    answer(capsys, write(tmp_path, xlsx([HEADS, *rows])), *asked, "--period", "2026-07")
    larger = write(tmp_path, xlsx([HEADS, *([*row[:3], row[3] * 10_000] for row in rows)]), "august.xlsx")
    left, said, err = answer(capsys, larger, *asked, "--period", "2026-08")
    assert (left, said["accepted"], said["batch"], said["errors"]) == (1, 0, None, [])
    assert "10,000 倍" in said["doubts"][0]["zh"]
    assert main(["import", larger, *asked, "--period", "2026-08"]) == 1
    assert "--reason" in capsys.readouterr().err
    assert Batch.objects.count() == 1
    left, said, err = answer(capsys, larger, *asked, "--period", "2026-08", "--reason", "口径改了")
    assert (left, said["batch"]) == (0, Batch.objects.latest("id").pk)
    assert err == ""
