"""A half-year as a county-level bureau reported it, brought in from files: applications, people, projects, trainings, visits, goals, items.

The report («市科学技术局上半年工作报告», a public document-library text) says: the year's responsibilities were shared out as 14 items with people,
requirements and deadlines and checked every month; by the end of June 78 of 150 patent applications (52 %), 6 people of high level against 1—2
(300 %), 12 projects in reserve against 10 (120 %), 2,750 trained by the bureau in 38 courses and 4,000 guided by commissioners against
10,000 (67.5 %). The report writes 项 and 件, 名 and 人, 个 and 项 for one thing; the workbook writes what the registers count in. Its digits of years are washed (2022 is printed even where a percentage stood); we use 2022 as printed. It does not list all 14
items: those it does not name are ours.
"""

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from keshu.bringing.applying import apply
from keshu.bringing.models import StagedRecord
from keshu.bringing.receiving import read, receive
from keshu.checking.models import Item
from keshu.custom.columns import Col, Count
from keshu.custom.defining import define
from keshu.custom.files import ready_made
from keshu.custom.models import CustomRecord
from keshu.custom.procedure import PROCEDURE as LEDGER
from keshu.directory.actors import Actor, Role
from keshu.directory.models import Region, Unit
from keshu.goals.documents import keep_document
from keshu.goals.importing import bring_goals
from keshu.goals.models import Goal
from keshu.journal.writing import writing
from keshu.ledger.intake.batches import Verdict
from keshu.ledger.intake.writing import write_table
from keshu.ledger.registers import by_code
from keshu.procedure.moving import move
from keshu.terms import clock
from tests.desk.staff import Staff

YEAR = 2022
JULY = datetime(YEAR, 7, 1, 9, 0, tzinfo=clock.TZ)
JUNE = date(YEAR, 6, 30)
HALF = (JUNE - date(YEAR, 1, 1)).days + 1
INSIDE, OUTSIDE = "望岭县", "邻川市"

GOALS = (
    ("序号", "任务", "来源", "目标值", "责任", "计数来源"),
    ("1", "有效发明专利拥有量", "上级考核责任书", "1件", "成果科", ""),
    ("2", "高新技术企业认定", "上级考核责任书", "1家", "高新科", ""),
    ("3", "申请专利", "政府工作报告牵头任务", "150件", "成果科", "登记的专利申请数"),
    ("4", "开发应用信息化技术及成果", "政府工作报告牵头任务", "5项", "高新科", ""),
    ("5", "引进高层次科技创新人才", "政府工作报告牵头任务", "1—2人", "高新科", "登记的引进人才数"),
    ("6", "产业化工程和成果转化工程", "政府工作报告牵头任务", "2—3项", "成果科", ""),
    ("7", "新工程储备", "政府工作报告协助任务", "10项", "高新科", "储备项目入库数"),
    ("8", "农民适用技术培训", "政府工作报告协助任务", "1万人次", "农村科", "登记的农民培训人次+登记的特派员培训人次"),
)  # fmt: skip
#: name, goal, office, how the work falls on the months
ITEMS = (
    ("有效发明专利拥有量", "有效发明专利拥有量", "成果科", "按月均衡", ""),
    ("高新技术企业认定", "高新技术企业认定", "高新科", "按节点", "9月50%、12月100%"),
    ("申请专利150项", "申请专利", "成果科", "按月均衡", ""),
    ("开发应用信息化技术及成果", "开发应用信息化技术及成果", "高新科", "按月均衡", ""),
    ("引进高层次科技创新人才", "引进高层次科技创新人才", "高新科", "按月均衡", ""),
    ("产业化和转化工程", "产业化工程和成果转化工程", "成果科", "按月均衡", ""),
    ("储备新工程", "新工程储备", "高新科", "按月均衡", ""),
    ("农民适用技术培训1万人次", "农民适用技术培训", "农村科", "按季节", "1月15%、2月15%、3月20%、4月5%、11月20%、12月25%"),
    ("园区工程达产达效", "", "高新科", "按月均衡", ""),
    ("现代农业园", "", "农村科", "按月均衡", ""),
    ("农产品加工企业", "", "农村科", "按月均衡", ""),
    ("民营企业人才技术帮扶", "", "高新科", "按月均衡", ""),
    ("科技计划项目申报", "", "成果科", "按节点", "6月100%"),
    ("科技信息服务平台", "", "成果科", "按月均衡", ""),
)  # fmt: skip
TRAINED = [72] * 37 + [86]  # 38 courses, 2,750 people
VISITED = [100] * 40  # commissioners' own trainings, 4,000 people


@dataclass
class HalfYear:
    """The bureau after the first of July, everything brought in from files."""

    staff: Staff
    folder: Path
    offices: dict[str, Unit] = field(default_factory=dict)

    @property
    def planning(self) -> Actor:
        return self.staff.actor_as("planning")

    @property
    def office(self) -> Actor:
        return self.staff.actor_as("成果科")

    # ---- the way in

    def bring(
        self, code: str, head: tuple[str, ...], rows: list[tuple[Any, ...]], who: Actor | None = None
    ) -> Any:
        """A CSV as Excel saves it, through preview and confirmation."""
        text = io.StringIO()
        csv.writer(text).writerows([head, *rows])
        actor, register = who or self.office, by_code(code)
        assert register is not None
        stream = io.BytesIO(text.getvalue().encode("utf-8-sig"))
        batch = read(receive(stream, f"{register.name}.csv", actor, register), actor, register)
        refused = StagedRecord.objects.filter(batch=batch, verdict=Verdict.REFUSED)
        assert batch.counts["refused"] == 0, list(refused.values_list("column", "reason")[:3])
        apply(batch, actor, register)
        return batch

    def people(self) -> None:
        """The offices with one person each, and a neighbouring city whose records are none of ours."""
        staff = self.staff
        with writing(staff.actor, "科室"):
            for code, name in (("QH-CG", "成果科"), ("QH-GX", "高新科"), ("QH-NC", "农村科")):
                unit = Unit(code=code, name=name, region=staff.city, parent=staff.bureau)
                unit.save()
                self.offices[name] = unit
                staff.hire(name, unit, Role.OFFICE)
            nation = Region.objects.get(code="000000")
            outside = staff.region("992000", OUTSIDE, Region.Level.CITY, nation)
            staff.unit("91-IN", "禾苗种业合作社", staff.county)
            staff.unit("91-OUT", "邻川机电公司", outside)

    def ledgers(self) -> None:
        """The ready-made ledgers; commissioners note besides how many came to a training they held."""
        trained = Count("登记的特派员培训人次", "人次", field="培训人次", verified=True)
        for wanted in ready_made():
            extended = replace(
                wanted,
                columns=(*wanted.columns, Col("培训人次", "count", total=True)),
                measures=(*wanted.measures, trained),
            )
            define(extended if wanted.code == "visit_log" else wanted, self.planning)

    def records(self) -> None:
        """What happened between January and June, and what only looks like it: another year, another place, July, not verified."""
        day = [date(YEAR, 1, 1) + timedelta(days=n * HALF // 78) for n in range(78)]
        patents = [(f"专利{n}", f"{YEAR}1000{n:04d}", "发明专利", day[n], INSIDE) for n in range(78)]
        patents += [
            ("上年的", f"{YEAR - 1}10000001", "发明专利", date(YEAR - 1, 12, 31), INSIDE),
            ("七月的", f"{YEAR}10009001", "实用新型", date(YEAR, 7, 1), INSIDE),
            ("邻市的", f"{YEAR}10009002", "发明专利", date(YEAR, 3, 1), OUTSIDE),
            ("登错了的", f"{YEAR}10009003", "发明专利", date(YEAR, 3, 2), INSIDE),
        ]
        self.bring("patent_log", ("专利名称", "申请号", "类型", "申请日", "地区"), patents)
        self.void("登错了的")
        own, other = "禾苗种业合作社", "邻川机电公司"
        people = [(f"人才{n}", own, "全职引进", date(YEAR, n + 1, 8), "硕士研究生") for n in range(6)]
        people += [
            ("上年引进", own, "全职引进", date(YEAR - 1, 11, 8), "博士研究生"),
            ("邻市引进", other, "全职引进", date(YEAR, 3, 8), "博士研究生"),
        ]
        self.bring("talent_log", ("姓名", "单位", "引进方式", "引进日期", "学历"), people)
        fixed = ("项目", "市级", "工业", YEAR)
        stock = [(f"储备{n}", *fixed, INSIDE, date(YEAR, 1 + n % 6, 10), "在库", "", "") for n in range(12)]
        stock += [
            ("上年入库", *fixed, INSIDE, date(YEAR - 1, 6, 10), "在库", "", ""),
            ("邻市入库", *fixed, OUTSIDE, date(YEAR, 2, 10), "在库", "", ""),
            ("入库又出库", *fixed, INSIDE, date(YEAR, 2, 11), "已出库", date(YEAR, 5, 6), "重复"),
        ]
        head = (
            "名称",
            "储备类别",
            "拟报级别",
            "领域",
            "年度",
            "地区",
            "入库日期",
            "现在状态",
            "出库日期",
            "出库原因",
        )
        self.bring("reserves", head, stock)
        courses = [
            (f"第{n + 1}期", date(YEAR, 1 + n % 6, 5 + n // 6), "石桥镇", "种植", many, INSIDE)
            for n, many in enumerate(TRAINED)
        ]
        courses += [
            ("上年的课", date(YEAR - 1, 12, 5), "石桥镇", "种植", 500, INSIDE),
            ("邻市的课", date(YEAR, 4, 5), "邻镇", "种植", 500, OUTSIDE),
        ]
        self.bring("training_log", ("培训内容", "开班日期", "地点", "类别", "件数", "地区"), courses)
        visits = [
            (
                f"特派员{n % 8}",
                date(YEAR, 1 + n % 6, 3 + n // 6),
                f"{n}村",
                "集中培训",
                "技术培训",
                many,
                INSIDE,
            )
            for n, many in enumerate(VISITED)
        ]
        head = ("特派员", "服务日期", "服务地点", "服务方式", "解决的问题", "培训人次", "地区")
        self.bring("visit_log", head, visits)
        with writing(self.office, "核实"):
            for row in CustomRecord.objects.for_system("测试").filter(definition__code="visit_log"):
                move(row, "verify", self.office, procedure=LEDGER)
        unverified = ("特派员9", date(YEAR, 5, 1), "远村", "集中培训", "技术培训", 300, INSIDE)
        self.bring("visit_log", head, [unverified])

    def goals(self) -> None:
        """The goals of the year from a workbook, with what counts for each."""
        path = self.folder / "目标.xlsx"
        with path.open("wb") as out:
            write_table(GOALS[0], GOALS[1:], out, kind="xlsx", sheet="目标")
        document = keep_document(
            self.planning, title="年度目标责任分解意见", issuer="市科学技术局", kind="bureau", year=YEAR
        )
        found = bring_goals(path, "目标.xlsx", self.planning, document=document, year=YEAR, issued=True)
        assert not found.refused, [one.reasons for one in found.refused]

    def items(self) -> None:
        """The fourteen items from the 任务分解表."""
        leader = self.staff.accounts["leader"].person.name
        rows = [
            (
                n, YEAR, name, goal, office, leader, self.staff.accounts[office].person.name,
                date(YEAR, 1, 1), date(YEAR, 12, 31), timetable, plan, "逐月对照",
            )
            for n, (name, goal, office, timetable, plan) in enumerate(ITEMS, 1)
        ]  # fmt: skip
        head = (
            "项号", "年度", "任务", "对应目标", "牵头单位", "责任领导", "责任人",
            "开始日期", "完成时限", "时间表", "进度安排", "工作要求",
        )  # fmt: skip
        self.bring("items", head, rows, self.planning)

    # ---- looking and changing

    def item(self, name: str) -> Item:
        rows = Item.objects.for_system("测试").select_related("goal", "unit")
        return rows.get(name=name)

    def goal(self, name: str) -> Goal:
        return Goal.objects.for_system("测试").get(name=name)

    def void(self, name: str) -> None:
        """Take an application back the way a register does: 作废, with its reason; the record stays."""
        row = CustomRecord.objects.for_system("测试").get(definition__code="patent_log", text1=name)
        move(row, "void", self.office, procedure=LEDGER, note="申请人撤回")


def told(staff: Staff, folder: Path) -> HalfYear:
    """Everything in its order."""
    found = HalfYear(staff, folder)
    found.people()
    found.ledgers()
    found.records()
    found.goals()
    found.items()
    return found
