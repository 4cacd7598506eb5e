"""What tests of calls add to the office's world: drafts of the form, bodies that recommend, a superior's call and its list."""

import io
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db import connections
from openpyxl import Workbook

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Role
from keshu.directory.models import Account, Unit
from keshu.journal.writing import writing
from keshu.ledger.drafts import Draft
from keshu.programmes import applying, superiors
from keshu.programmes.models import Application
from keshu.programmes.recommending import forward_many
from keshu.rules.models import Rule
from keshu.terms import clock
from tests.programmes.office import Office

#: Characters of GB 18030-2022 that fonts, indexes and two-byte columns lose: three planes and U+2A6D6.
RARE = "𬭚㼆䶮" + chr(0x2A6D6)
NORTH, SOUTH = "北岭新材料有限公司", "南塘机电有限公司"
LETTER, SENT_ON = "青科函〔2026〕9号", date(2026, 3, 16)
THEIRS = "省科计〔2026〕66号"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEAD = ("项目名称", "承担单位", "立项经费（万元）", "项目编号")


def change_call(office: Office, **values: object) -> None:
    """The office's call as the test needs it."""
    for name, value in values.items():
        setattr(office.call, name, value)
    with writing(office.actors["planning"], "改通知"):
        office.call.save()


def rename(office: Office, who: str, name: str) -> Unit:
    """An organisation takes another name."""
    with writing(office.actors["planning"], "更名"):
        unit = Unit.objects.get(pk=office.actors[who].unit_id)
        unit.name = name
        unit.save()
    return unit


def recommending_body(office: Office, who: str, code: str, name: str) -> Unit:
    """A department of the city where somebody holds the role 推荐单位; its actor is called ``who``."""
    with writing(office.actors["planning"], "归口"):
        unit = office.staff.unit(code, name, office.staff.city)
        office.staff.hire(who, unit, Role.RECOMMENDER)
    office.actors[who] = actor_of(Account.objects.get(username=who))
    return unit


def rule_from(office: Office, code: str, day: date, data: dict) -> None:
    """A rule of the limits that begins on a day; the one before it holds until then."""
    with writing(office.actors["planning"], "立规则"):
        Rule(kind="limit", code=code, name="新规则", valid_from=day, source_mark="本局定", data=data).save()


def drafted(office: Office, who: str = "north", **content: str) -> Draft:
    """A draft of the form with everything typed."""
    draft = applying.begin(office.actors[who], office.call)
    typed = {"title": "检测样机", "leader": "许青", "asked": "30", "summary": "样机", "goals": "符合率 98%"}
    draft.content = {**typed, "commitment": "1", **content}
    draft.save()
    return draft


def every(state: str = "") -> list[Application]:
    """All applications (in a state), in the order of their making."""
    rows = Application.objects.for_system("测试").order_by("pk")
    return list(rows.filter(state=state) if state else rows)


# ---- the recommended track ----------------------------------------------------------------------------------


def to_superior(office: Office) -> None:
    """The office's call becomes one of the province's, without limits of ours."""
    nothing = dict.fromkeys(("budget", "most_each", "most_per_unit"))
    change_call(office, track="recommended", superior="省科学技术厅", level="province", **nothing)


def forwarded(office: Office, *titles: str, who: str = "north") -> list[Application]:
    """Applications of one organisation that went to the superior with one letter."""
    rows = []
    for title in titles:
        row = office.step(office.draft(who, title=title, summary="", goals=""), "submit", who)
        rows.append(office.step(row, "recommend", "county_head"))
    return forward_many(office.call, rows, office.actors["office"], doc_no=LETTER, on=SENT_ON)


def sheet(*rows: tuple, head: tuple[str, ...] = HEAD) -> io.BytesIO:
    """A superior's list as a workbook."""
    book, out = Workbook(), io.BytesIO()
    book.active.append(head)
    for row in rows:
        book.active.append(row)
    book.save(out)
    out.seek(0)
    return out


def seen(office: Office, *rows: tuple, head: tuple[str, ...] = HEAD) -> superiors.Preview:
    """The preview of a list with these rows."""
    return superiors.preview(office.call, sheet(*rows, head=head), "立项名单.xlsx")


def registered(office: Office, preview: superiors.Preview, **options: object) -> superiors.Registered:
    """The list registered by the office with the superior's document."""
    how = {"doc_no": THEIRS, "on": date(2026, 3, 12), **options}
    return superiors.register(office.call, preview, office.actors["office"], **how)


# ---- at once ------------------------------------------------------------------------------------------------


def at_once(many: int, deed: Callable[[int], object]) -> list[Exception]:
    """The deed done by as many threads at one moment; what each refusal said."""
    gate, refused, moment = threading.Barrier(many), [], clock.now()

    def do(n: int) -> None:
        try:
            with clock.pretend(moment):  # a thread of its own does not know what the test pretends
                gate.wait()
                deed(n)
        except Exception as refusal:  # the test looks at each of them
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(n,)) for n in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def scan(folder: Path, name: str = "盖章.pdf") -> Path:
    """A small scan on the disk."""
    path = folder / name
    path.write_bytes(PDF)
    return path
