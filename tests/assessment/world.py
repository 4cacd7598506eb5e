"""A city that was assessed by its province on five items, and the sheet as it came. The five indicators and the city's places are
those a city told in a speech of 2024 (11th, 4th, 13th, 10th, 13th of its province; 12th overall); the points are made up."""

import csv
import io
from pathlib import Path

from keshu.assessment.keeping import keep_assessment
from keshu.assessment.models import Assessment, Item
from keshu.assessment.sheet import apply_sheet
from keshu.directory.actors import Actor

HEAD = ["考核项", "权重", "满分", "得分", "扣分", "全省位次", "数据年", "责任县区", "可争取分值", "争取期限"]
ROWS = [
    ["综合科技进步水平指数", "20", "20", "14", "6", "11", "2022", "", "", ""],
    ["研发经费投入强度", "20", "20", "17", "3", "4", "2022", "", "1.5", "2024-10-31"],
    ["财政科技支出占一般公共预算支出比重", "20", "20", "12", "8", "13", "2022", "", "", ""],
    ["技术合同成交额占地区生产总值比重", "20", "20", "13", "7", "10", "2023", "望岭县", "3", "2024-12-10"],
    ["每万家企业法人中高新技术企业数", "20", "20", "12.5", "7.5", "13", "2023", "岚川县", "3", "2024-11-15"],
]
TEXTS = {
    "year": "2023",
    "assessor": "省科学技术厅",
    "scheme": "市州强科技行动考核",
    "document": "2023年度考核结果通报",
    "doc_no": "科发〔2024〕6号",
    "released_on": "2024-03-20",
    "total": "100",
    "score": "68.5",
    "rank": "12",
    "population": "14",
    "exclusions": "",
}


def a_file(folder: Path, rows: list[list[str]], head: list[str] = HEAD, name: str = "得分.csv") -> Path:
    """A score sheet as a file."""
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    path = folder / name
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def an_assessment(actor: Actor, **texts: str) -> Assessment:
    """The assessment as its document gives it, without items."""
    return keep_assessment(actor, {**TEXTS, **texts})


def with_items(actor: Actor, folder: Path, rows: list[list[str]] = ROWS, **texts: str) -> Assessment:
    """The assessment with the items of its sheet."""
    made = an_assessment(actor, **texts)
    apply_sheet(a_file(folder, rows), "得分.csv", made, actor)
    return made


def item_of(assessment: Assessment, name: str) -> Item:
    """An item by the beginning of its name."""
    return Item.objects.for_system("测试").get(assessment=assessment, name__startswith=name)
