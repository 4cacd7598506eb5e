"""Large tables as Excel and old export programs write them, and the peak memory of reading one in a process of its own."""

import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

from tests.ledger.intake.making import workbook

SCRIPT = """
    import resource, sys
    from keshu.ledger.intake.heads import Column, Holds
    from keshu.ledger.intake.reading import open_table
    columns = (Column("region", ("地区",), True), Column("amount", ("数值",), True, Holds.NUMBER))
    with open_table(sys.argv[1], columns=columns) as table:
        count = sum(1 for row in table.body() if table.head.pick(row))
    print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def make_xlsx(path: Path, rows: int) -> None:
    """Eight columns, three of them texts of their own in the shared strings, as Excel itself would save them."""
    path.write_bytes(workbook({"表": ""}))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    names = ["地区", "数值", "年份", "代码", "名称", "比例", "备注", "来源"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts.items():
            if "sheet1" not in name and "sharedStrings" not in name:
                package.writestr(name, content)
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as out:
            out.write(b"<sst>" + "".join(f"<si><t>{one}</t></si>" for one in names).encode())
            for n in range(rows):
                out.write(
                    f"<si><t>第{n}县</t></si><si><t>青禾某某科技有限公司{n}</t></si><si><t>来源{n}</t></si>".encode()
                )
            out.write(b"</sst>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            head = "".join(f'<c r="{chr(65 + n)}1" t="s"><v>{n}</v></c>' for n in range(8))
            out.write(f'<worksheet><sheetData><row r="1">{head}</row>'.encode())
            for n in range(rows):
                r, s = n + 2, 8 + 3 * n
                out.write(
                    f'<row r="{r}"><c r="A{r}" t="s"><v>{s}</v></c><c r="B{r}"><v>{n}.37</v></c><c r="C{r}"><v>2026</v></c>'
                    f'<c r="D{r}"><v>{n}</v></c><c r="E{r}" t="s"><v>{s + 1}</v></c><c r="F{r}"><v>0.{n}</v></c>'
                    f'<c r="G{r}"><v>1</v></c><c r="H{r}" t="s"><v>{s + 2}</v></c></row>'.encode()
                )
            out.write(b"</sheetData></worksheet>")


def make_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="gbk", newline="") as out:
        out.write("地区,数值,年份,代码,名称,比例,备注,来源\r\n")
        for n in range(rows):
            out.write(f"第{n}县,{n}.37,2026,{n},青禾某某科技有限公司{n},0.{n},,来源{n}\r\n")


def peak(path: Path) -> tuple[int, int]:
    """(rows, kilobytes at the peak) of reading the file in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    rows, kilobytes = done.stdout.split()
    return int(rows), int(kilobytes)
