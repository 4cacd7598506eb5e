"""From the draft to the decision: recommending bodies, corrections, the stamped paper, objections, many approved at once."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from docx import Document

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Role
from keshu.directory.models import Account, Unit
from keshu.journal.writing import writing
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import evidence_of
from keshu.ledger.handing import give_up
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes import applying
from keshu.programmes.approving import approve_many
from keshu.programmes.models import Application, Objection
from keshu.programmes.objecting import Anonymous
from keshu.programmes.questions import recommenders
from keshu.programmes.register import APPLICATIONS
from keshu.terms import clock
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db
RARE = "𬭚䶮㼆" + chr(0x2A6D6)
CONTENT = {
    "title": f"{RARE}快速检测",
    "leader": RARE[:2],
    "asked": "30",
    "summary": "样机",
    "goals": "符合率 98%",
    "commitment": "1",
}


def paper(text: str = "可行性") -> io.BytesIO:
    out, document = io.BytesIO(), Document()
    document.add_paragraph(text)
    document.save(out)
    out.seek(0)
    return out


@pytest.fixture
def asks_a_report(office):
    office.call.attachments = ["可行性报告"]
    with writing(office.actors["planning"], "要材料"):
        office.call.save()
    return office


def drafted(office, **content) -> Draft:
    draft = applying.begin(office.actors["north"], office.call)
    draft.content = {**CONTENT, **content}
    draft.save()
    return draft


@pytest.fixture
def ministry(office):
    """A department that recommends: 市农业农村局."""
    with writing(office.actors["planning"], "归口"):
        unit = office.staff.unit("NYJ", "青禾市农业农村局", office.staff.city)
        office.staff.hire("ministry", unit, Role.RECOMMENDER)
    office.actors["ministry"] = actor_of(Account.objects.get(username="ministry"))
    return unit


def test_a_material_that_is_asked_for_is_handed_in_with_the_draft_and_goes_along(asks_a_report):
    office, north = asks_a_report, asks_a_report.actors["north"]
    draft = drafted(office)
    with pytest.raises(MoveRefused, match="材料“可行性报告”已传"):
        applying.hand_in(draft, north)
    with pytest.raises(applying.NoSuchMaterial):
        applying.hand_file(draft, office.call, north, "别的", paper(), "x.docx")
    applying.hand_file(draft, office.call, north, "可行性报告", paper("一"), "一.docx")
    applying.hand_file(draft, office.call, north, "可行性报告", paper("二"), "二.docx")
    made = applying.hand_in(draft, north)
    assert [(row.caption, row.name, row.region_id_seen) for row in evidence_of(made)] == [
        ("可行性报告", "二.docx", made.region_id)
    ]
    assert made.content_hash[:8] == applying.receipt(made).code


def test_a_new_version_has_a_new_code_and_the_file_counts(asks_a_report):
    office, north = asks_a_report, asks_a_report.actors["north"]
    draft = drafted(office)
    applying.hand_file(draft, office.call, north, "可行性报告", paper("一"), "一.docx")
    made = applying.hand_in(draft, north)
    first = made.content_hash
    made = office.step(made, "withdraw", "north")
    again = applying.reopen(north, made)
    applying.hand_file(again, office.call, north, "可行性报告", paper("改过的"), "一.docx")
    made = applying.hand_in(again, north)
    assert made.content_hash != first and len(evidence_of(made)) == 1


def test_the_last_second_is_in_time_and_a_double_submit_gives_one(office):
    draft = drafted(office)
    with clock.pretend(office.call.apply_until + timedelta(seconds=1)), pytest.raises(MoveRefused):
        applying.hand_in(draft, office.actors["north"])
    with clock.pretend(office.call.apply_until):
        applying.hand_in(draft, office.actors["north"])
        with pytest.raises(MoveRefused, match="已经提交过"):
            applying.hand_in(draft, office.actors["north"])
    assert Application.objects.for_system("测试").count() == 1


def test_giving_a_draft_up_takes_its_files_away(asks_a_report):
    from keshu.ledger.models import Evidence

    office, north = asks_a_report, asks_a_report.actors["north"]
    draft = drafted(office)
    applying.hand_file(draft, office.call, north, "可行性报告", paper(), "一.docx")
    give_up(draft, north)
    assert not Evidence.objects.for_system("测试").exists()


def test_the_body_that_is_named_recommends_and_the_county_does_not(office, ministry):
    assert ministry in recommenders()
    named = applying.hand_in(drafted(office, recommender=str(ministry.pk)), office.actors["north"])
    plain = office.step(office.draft("south"), "submit", "south")
    waiting = {who: list(APPLICATIONS.waiting(office.actors[who])) for who in ("ministry", "county_head")}
    assert waiting == {"ministry": [named], "county_head": [plain]}
    with pytest.raises(NotYourTurn):
        office.step(named, "recommend", "county_head")
    assert office.step(named, "recommend", "ministry").recommended_by == ministry
    assert list(APPLICATIONS.rows(office.actors["ministry"])) == [named]


def test_a_correction_has_its_own_day_after_the_call_is_over(office):
    row = office.step(office.to(office.draft(), "recommended"), "return", "office", "改指标", GIVEN["return"])
    assert (row.reason_code, row.correct_by) == ("CL-03", date(2026, 3, 27))
    given = {"code": "CL-01", "until": date(2026, 4, 20)}
    row = office.step(office.to(row, "recommended"), "return", "office", "缺附件", given)
    with clock.pretend(datetime(2026, 4, 20, 23, 0, tzinfo=clock.TZ)):
        back = office.step(row, "submit", "north")
        assert office.step(back, "recommend", "county_head").state == "recommended"


def test_a_correction_that_comes_too_late_is_refused(office):
    row = office.step(office.to(office.draft(), "recommended"), "return", "office", "改指标", GIVEN["return"])
    with (
        clock.pretend(datetime(2026, 3, 28, 0, 0, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="补正已于 2026-03-27 截止"),
    ):
        office.step(row, "submit", "north")


def test_a_stamped_paper_of_another_version_is_refused(office):
    row = office.to(office.draft(), "recommended")
    given = {"on": date(2026, 3, 16), "code": "00000000"}
    with pytest.raises(MoveRefused, match="不是同一版"):
        office.step(row, "receive_paper", "office", given=given)
    given["code"] = row.content_hash[:8].upper()
    row = office.step(row, "receive_paper", "office", given=given)
    assert (row.state, row.paper_received_on) == ("recommended", date(2026, 3, 16))


def test_review_and_decision_leave_score_minutes_and_money(office):
    row = office.to(office.draft(), "reviewed")
    assert (row.review_score, row.review_minutes) == (Decimal("88.5"), "评审纪要 2026-04")
    given = {"minutes": "〔2026〕7号", "granted": Decimal(600000)}
    with pytest.raises(MoveRefused, match="多于申请的 50 万元"):
        office.step(row, "propose", "leader", given=given)
    row = office.step(row, "propose", "leader", given={**given, "granted": Decimal(400000)})
    assert (row.granted, row.decision_minutes) == (Decimal(400000), "〔2026〕7号")
    with pytest.raises(MoveRefused, match="不是 0 到 100"):
        office.step(
            office.to(office.draft("south"), "admitted"),
            "review",
            "office",
            given={"minutes": "x", "score": "101"},
        )


@pytest.mark.parametrize("name", ["匿名", "一名群众", "张", "某职工", "？？"])
def test_an_anonymous_objection_is_refused_with_its_basis(office, name):
    row = office.to(office.draft(), "notice")
    with pytest.raises(Anonymous, match="匿名异议不受理。依据：公示异议的提出"):
        office.step(row, "object", "office", "权属", {**GIVEN["object"], "by": name})


def test_who_objected_is_not_told_in_the_history_and_the_outcome_is_kept(office):
    row = office.step(office.to(office.draft(), "notice"), "object", "office", "权属不清", GIVEN["object"])
    told = moves_of(row).last().note
    assert "周明远" not in told and "权属不清" in told
    assert list(Objection.objects.visible_to(office.actors["north"])) == []
    office.step(row, "settle", "office", "核查不成立")
    held = Objection.objects.for_system("测试").get()
    assert (held.by, held.outcome, held.settled_on) == ("周明远", "核查不成立", date(2026, 3, 16))


def test_an_objection_after_the_notice_is_too_late(office):
    row = office.to(office.draft(), "notice")
    with (
        clock.pretend(datetime(2026, 3, 24, 9, 0, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="逾期的异议不再受理"),
    ):
        office.step(row, "object", "office", "权属", GIVEN["object"])


def test_one_document_approves_all_or_none(office):
    """Budget 100: 60 and 60 do not both fit, 60 and 40 do."""
    rows = [
        office.to(office.draft(who, asked=Decimal(wan) * 10000), "notice")
        for who, wan in (("north", 60), ("south", 60))
    ]
    with clock.pretend(datetime(2026, 5, 20, tzinfo=clock.TZ)):
        with pytest.raises(MoveRefused, match="选中的 120 万元超出 20 万元"):
            approve_many(office.call, rows, office.actors["office"], doc_no="青科发〔2026〕21号")
        assert not Application.objects.for_system("测试").filter(state="approved").exists()
        done = approve_many(
            office.call, rows[:1], office.actors["office"], doc_no="青科发〔2026〕21号", jointly="市财政局"
        )
    assert [(row.number, row.decided_doc) for row in done] == [("XM2026-0001", "青科发〔2026〕21号")]


def test_one_of_many_that_may_not_be_approved_stops_all(office):
    rows = [office.to(office.draft(who, asked=Decimal(200000)), "notice") for who in ("north", "south")]
    office.step(rows[1], "object", "office", "权属", GIVEN["object"])
    with clock.pretend(datetime(2026, 5, 20, tzinfo=clock.TZ)), pytest.raises(MoveRefused, match="异议处理"):
        approve_many(office.call, rows, office.actors["office"], doc_no="文号")
    assert not Application.objects.for_system("测试").filter(state="approved").exists()


def test_a_renamed_organisation_keeps_the_name_it_handed_in_under(office):
    row = office.step(office.draft(), "submit", "north")
    with writing(office.actors["planning"], "更名"):
        unit = Unit.objects.get(pk=row.unit_id)
        unit.name = "北岭科技股份有限公司"
        unit.save()
    row = Application.objects.for_system("测试").get(pk=row.pk)
    assert str(row.unit) == "北岭科技股份有限公司"
    assert applying.receipt(row).unit_then == "北岭新材料有限公司"
    page = office.staff.client("office").get(f"/desk/registers/programmes/{row.pk}/").content.decode()
    assert "北岭科技股份有限公司" in page and "提交时单位名称是“北岭新材料有限公司”" in page
    assert office.staff.client("office").get("/desk/registers/programmes/?q=北岭新材料").status_code == 200


def test_rare_characters_survive_form_record_export_and_paper(office):
    """GB 18030-2022: characters beyond the basic plane, one of them U+2A6D6."""
    made = applying.hand_in(drafted(office), office.actors["north"])
    made.refresh_from_db()
    assert made.title == CONTENT["title"]
    client = office.staff.client("north")
    written = Document(io.BytesIO(client.get(f"/desk/applications/{made.pk}/copy/").content))
    assert any(CONTENT["title"] in cell.text for table in written.tables for cell in table._cells)
    heads = [section.header for section in written.sections] + [written.sections[0].even_page_header]
    assert all(made.content_hash[:8] in head.paragraphs[0].text for head in heads)
    listed = client.get("/desk/registers/programmes/export/?format=csv")
    content = b"".join(listed.streaming_content) if listed.streaming else listed.content
    from openpyxl import load_workbook

    if content[:2] == b"PK":
        sheet = load_workbook(io.BytesIO(content)).active
        assert any(cell.value == CONTENT["title"] for row in sheet.iter_rows() for cell in row)
    else:
        assert CONTENT["title"] in content.decode("utf-8-sig")
