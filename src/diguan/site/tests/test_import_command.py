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
    ["--sheet", "tax"], ["--sheet", "tax_monthly", "--period", "August"], ["--sheet", "tax_monthly", "--source", "bank"],
    ["--sheet", "tax_monthly", "--by", "nobody"], ["--sheet", "tax_monthly"], ["--sheet", "tax_monthly", "--period", "2026-08-31"],
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
