"""The answers that were published: recomputed from the tables that lie beside the project. Skipped where these are absent."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from diguan.chains.engine import leontief, tablefile
from diguan.chains.engine.basis import Basis
from diguan.chains.engine.leontief import Households
from diguan.chains.engine.table import Table, column_gaps, row_gaps, without_imports
from diguan.chains.queries import shelf
from diguan.kernel import packs
from diguan.kernel.refusals import Refusal
from diguan.kernel.sheets import industries

PLACE = Path("shared", "data", "chain")
FOLDER = next((above / PLACE for above in Path(__file__).resolve().parents if (above / PLACE).is_dir()), PLACE)
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published tables ../shared/data/chain are not here")


def rows(name):
    path = FOLDER / name
    text = gzip.decompress(path.read_bytes()).decode("utf-8-sig") if path.suffix == ".gz" else path.read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def matrix(name):
    return np.array([[float(value) for key, value in row.items() if key != "code"] for row in rows(name)])


def column(found, name):
    return np.array([np.nan if row[name] in (".", "") else float(row[name]) for row in found])


def published(folder, flows, year, output="TOut"):
    sectors = rows(f"{folder}/sectors.csv")
    codes = tuple(row["code"] for row in sectors)
    households = "use_Households" if "use_Households" in sectors[0] else "use_Final consumption expenditure by households"
    inputs = {word: column(sectors, word) for word in ("Imports", "RUKImp", "RoWImp", "TlSPrds") if word in sectors[0]}
    return Table(codes, codes, matrix(f"{folder}/{flows}"), column(sectors, output), {"households": column(sectors, households)},
                 {"wages": column(sectors, "CoE"), "rest": column(sectors, "GVA") - column(sectors, "CoE")}, Basis(folder, year, "published", "GBP million"), inputs)


@pytest.fixture(scope="module")
def scotland():
    return published("io_scotland_2016", "Z_industry_by_industry_gbp_m.csv.gz", 2016)


@pytest.fixture(scope="module")
def china():
    content = gzip.decompress((FOLDER / "io_china/china_2020_153.csv.gz").read_bytes())
    return tablefile.read("中国2020年投入产出表.csv", content)


def test_scotland_type_i(scotland):
    answer = rows("io_scotland_2016/published_multipliers_typeI.csv")
    model = leontief.model(scotland)
    assert np.abs(model.inverse - matrix("io_scotland_2016/published_leontief_typeI.csv.gz")).max() < 1e-7
    assert np.abs(leontief.multipliers(model).effect - column(answer, "Output multiplier")).max() < 1e-7
    income, added = leontief.multipliers(model, "income"), leontief.multipliers(model, "value_added")
    assert np.abs(income.effect - column(answer, "Income effect")).max() < 1e-7
    assert np.abs(added.effect - column(answer, "GVA effect")).max() < 1e-7
    for found, name in ((income, "Income multiplier"), (added, "GVA multiplier")):
        known = np.isfinite(found.ratio)
        assert np.abs(found.ratio - column(answer, name))[known].max() < 1e-6


def test_scotland_type_ii_over_household_income_from_all_sources(scotland):
    income = json.loads((FOLDER / "io_scotland_2016/meta.json").read_text())["household_income_denominator_gbp_m"]
    answer = rows("io_scotland_2016/published_multipliers_typeII.csv")
    model = leontief.model(scotland, Households(income))
    assert np.abs(leontief.multipliers(model).effect - column(answer, "Output multiplier")).max() < 1e-4
    assert np.abs(leontief.multipliers(model, "value_added").effect - column(answer, "GVA effect")).max() < 1e-4
    assert np.abs(leontief.multipliers(model, "income").effect - column(answer, "Income effect")).max() < 1e-4


def test_scotland_closed_on_wages_is_refused_or_labelled(scotland):
    wages = float(scotland.value_added["wages"].sum())
    with pytest.raises(Refusal, match="closed_on_wages"):
        leontief.model(scotland, Households(wages))
    labelled = leontief.model(scotland, Households(wages, leontief.WAGES_ONLY))
    right = leontief.model(scotland, Households(143398.0))
    assert "wage-closed" in labelled.basis.caption("en")
    over = leontief.multipliers(labelled).effect.mean() / leontief.multipliers(right).effect.mean() - 1
    assert 0.17 < over < 0.19


def test_united_kingdom_inverse_from_the_published_coefficients():
    a = matrix("io_uk_2019/published_A.csv.gz")
    model = leontief.Model(tuple(map(str, range(len(a)))), a, {}, Basis("UK", 2019, "ONS", "GBP million"))
    assert np.abs(model.inverse - matrix("io_uk_2019/published_leontief_typeI.csv.gz")).max() < 1e-12


def test_united_kingdom_effects_and_multipliers():
    table = published("io_uk_2019", "Z_domestic_use_gbp_m.csv.gz", 2019)
    model = leontief.model(table)
    effects, ratios = rows("io_uk_2019/published_effects_typeI.csv"), rows("io_uk_2019/published_multipliers_typeI.csv")
    for kind, name in (("output", "Output"), ("income", "Compensation of employees"), ("value_added", "Gross value added")):
        found = leontief.multipliers(model, kind)
        for mine, answer in ((found.effect, column(effects, name)), (found.ratio, column(ratios, name))):
            told = np.isfinite(answer) & np.isfinite(mine)
            assert told.sum() >= 100
            assert np.abs(mine - answer)[told].max() < 1e-4


def test_china_balances_and_its_mean_multiplier_falls_when_imports_are_taken_out(china):
    assert len(china) == 153
    assert np.abs(row_gaps(china)).max() / china.output.max() < 1e-9
    assert np.abs(column_gaps(china)).max() / china.output.max() < 1e-9
    assert china.added().sum() / 1e4 == pytest.approx(1_016_422.0, abs=0.1)
    assert china.names[0] == "农产品"
    adjusted = without_imports(china)
    for table, answer in ((china, 2.6721), (adjusted, 2.3233)):  # the means are weighted by output
        assert np.average(leontief.multipliers(leontief.model(table)).effect, weights=china.output) == pytest.approx(answer, abs=5e-5)
    assert np.abs(row_gaps(adjusted)).max() / china.output.max() < 1e-9


def test_the_industries_of_the_standard_are_all_read_and_every_one_has_its_parent():
    """The office brings the table itself; what is shipped are parts of it."""
    wanted = {row["code"]: row for row in rows("codes/gbt4754_2017.csv")}
    out = io.StringIO()
    csv.writer(out).writerows([("代码", "名称", "上级代码"), *((code, row["name"], row["parent"]) for code, row in wanted.items())])
    found = industries.read("行业.csv", out.getvalue().encode())
    assert (found.odd, found.missing(), found.padded) == ([], [], 0)
    assert found.names == {code: row["name"] for code, row in wanted.items()}
    assert [sum(len(code) == length for code in found.names) for length in (1, 2, 3, 4)] == [20, 97, 473, 1381]
    assert all(row["parent"] in found.names if len(code) > 1 else not row["parent"] for code, row in wanted.items())


def test_no_code_of_the_2011_edition_is_in_the_standard_of_2017():
    wanted = {row["code"]: row["name"] for row in rows("codes/gbt4754_2017.csv")}
    retired = packs.codes().retired
    assert len(retired) > 20
    assert not set(retired) & set(wanted)
    for (code, name), now in packs.edition_2011().items():
        assert wanted.get(code) != name
        assert now in wanted
        assert (code in wanted) != (code in retired)


def test_every_code_of_the_shipped_packs_is_in_the_standard_under_the_same_name():
    wanted = {row["code"]: row["name"] for row in rows("codes/gbt4754_2017.csv")}
    shipped = packs.codes().industries
    assert {code: name for code, name in shipped.items() if wanted.get(code) != name} == {}
    assert {code for node in shelf.nodes().values() for code in node.codes} <= set(wanted)
