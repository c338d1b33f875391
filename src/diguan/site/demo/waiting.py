"""Files that wait in ``待导入`` for a newcomer to import: some that fill a gap, two that have to go back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diguan.kernel import uscc
from diguan.site.demo import files
from diguan.site.demo.books import Cell, write_xlsx
from diguan.site.demo.files import Delivery, Row, Table
from diguan.site.demo.firm import Firm

FOLDER = "待导入"
GOOD = "税务-2026-08-出口补齐"
BAD = "用工-2026-10-有错"
REST = "用工-2026-10-补齐"


def write_all(folder: Path, firms: Sequence[Firm], rows: Sequence[Row], late: Sequence[Table] = (), *returned: Table) -> list[Delivery]:
    """Write the files, ``late`` ones of other bureaus and those to be ``returned`` too; none of them is imported by the demo."""
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    august, october = ([row for row in rows if row[1].period.text == month] for month in ("2026-08", "2026-10"))
    return [
        files.write(place, Table(GOOD, "tax_monthly", "2026-08", august)),
        files.write(place, Table(REST, "employment_monthly", "2026-10", october)),
        _wrong(place / f"{BAD}.xlsx", firms, october),
        *(files.write(place, table) for table in (*late, *returned)),
    ]


def _wrong(path: Path, firms: Sequence[Firm], rows: Sequence[Row]) -> Delivery:
    """What really goes wrong in such files, one thing a row."""
    source, title, columns = files.SHEETS["employment_monthly"]
    body: list[list[Cell]] = [[number, firm.uscc, firm.name, *(column.value(month) / column.divisor for column in columns)]
                              for number, (firm, month) in enumerate(rows[:12], start=1)]
    stranger = "91430421MA9999999"
    body[1][1] = f"{body[1][1]}"[:17] + ("0" if f"{body[1][1]}"[17] != "0" else "1")  # wrong check digit
    body[2][3] = -8
    body[3][3] = "约四十人"
    body[4][3] = "#N/A"
    body[5] = [6, *body[6][1:]]  # the row after it once more
    body[7][1], body[7][2] = stranger + uscc.check_character(stranger), "衡阳样例未登记企业有限公司"
    body[8][7] = "1,23,4.5"
    body[9][3] = 12.5
    body[10][1:3] = [firms[0].uscc[:12], firms[0].name]
    write_xlsx(path, f"{title} 2026-10 {files.MARK}", ["序号", "统一社会信用代码", "企业名称", *(c.heading for c in columns)], body,
               ["合计", None, None, *[None] * len(columns)])
    return Delivery(path, "employment_monthly", source, "2026-10", ())
