"""Objections: under a real name, in time, one after another; the objector is the bureau's secret; an open one stops the way."""

from datetime import date, datetime

import pytest

from keshu.journal.models import HistoryRow, Revision
from keshu.procedure.models import Move
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.approving import approve_many, proposed
from keshu.programmes.models import Objection
from keshu.programmes.objecting import Anonymous, how, refuse_anonymous
from keshu.terms import clock
from tests.programmes.calls_world import RARE, every, rule_from
from tests.programmes.office import GIVEN

pytestmark = pytest.mark.django_db
DOC = "青科发〔2026〕21号"
MAY = datetime(2026, 5, 20, 9, 0, tzinfo=clock.TZ)


@pytest.fixture
def noticed(office):
    return office.to(office.draft(), "notice")


def objected(office, row, by="周明远", **given):
    return office.step(row, "object", "office", "权属不清", {**GIVEN["object"], "by": by, **given})


@pytest.mark.parametrize(
    "name",
    ["周明远", "欧阳", "阿依古丽·买买提", RARE, "青禾市工商业联合会（总商会）", "南塘机电有限公司"],
)
def test_a_real_name_is_heard(office, noticed, name):
    objected(office, noticed, name)
    assert Objection.objects.for_system("测试").get().by == name


@pytest.mark.parametrize(
    "name",
    ["匿名", "匿 名", "知情人士", "热心网友", "一名举报人", "赵某", "不愿透露姓名者", "周", "***", "。。"],
)
def test_who_names_nobody_is_refused_and_nothing_is_kept(office, noticed, name):
    with pytest.raises(Anonymous, match="匿名异议不受理"):
        objected(office, noticed, name)
    assert not Objection.objects.for_system("测试").exists() and every()[0].state == "notice"


def test_an_organisation_of_the_directory_is_somebody_whatever_words_its_name_holds(office, noticed):
    with pytest.raises(Anonymous):
        refuse_anonymous("青禾市群众艺术馆")
    from keshu.journal.writing import writing

    with writing(office.actors["planning"], "建单位"):
        office.staff.unit("QH-QYG", "青禾市群众艺术馆", office.staff.city)
    objected(office, noticed, "青禾市群众艺术馆")
    assert Objection.objects.for_system("测试").get().by == "青禾市群众艺术馆"


def test_which_words_name_nobody_is_a_dated_rule(office, noticed):
    rule_from(office, "application-objection", date(2026, 3, 17), {"nobody": ["周"], "how": "书面"})
    assert "真实姓名" in how()
    refuse_anonymous("周明远")
    with clock.pretend(datetime(2026, 3, 17, 0, 0, tzinfo=clock.TZ)):
        assert how() == "书面"
        with pytest.raises(Anonymous, match="依据：新规则（本局定）"):
            refuse_anonymous("周明远")
        refuse_anonymous("匿名")


@pytest.mark.parametrize("absent", ["by", "proof"])
def test_without_name_or_proof_there_is_no_objection(office, noticed, absent):
    given = {name: text for name, text in GIVEN["object"].items() if name != absent}
    with pytest.raises(MoveRefused, match="还要填"):
        office.step(noticed, "object", "office", "权属不清", given)
    with pytest.raises(MoveRefused, match="登记异议要写明原因"):
        office.step(noticed, "object", "office", "", GIVEN["object"])


def test_a_contact_longer_than_its_place_is_refused_in_words(office, noticed):
    with pytest.raises(MoveRefused, match="联系方式写了 61 字，最多 60 字"):
        objected(office, noticed, contact="1" * 61)
    objected(office, noticed, contact="1" * 60)


@pytest.mark.parametrize("who", ["leader", "county_head", "north", "planning"])
def test_only_the_office_registers_an_objection(office, noticed, who):
    with pytest.raises(NotYourTurn):
        office.step(noticed, "object", who, "权属", GIVEN["object"])


def test_the_last_day_of_the_notice_is_in_time(office, noticed):
    """The notice of 16 March ends on Monday 23 March: its last second is in time, the next one is not."""
    with (
        clock.pretend(datetime(2026, 3, 24, 0, 0, 0, tzinfo=clock.TZ)),
        pytest.raises(MoveRefused, match="公示已于 2026-03-23 期满"),
    ):
        objected(office, noticed)
    with clock.pretend(datetime(2026, 3, 23, 23, 59, 59, tzinfo=clock.TZ)):
        assert objected(office, noticed).state == "objected"


def test_an_open_objection_stops_the_approval_however_it_is_tried(office, noticed):
    row = objected(office, noticed)
    with clock.pretend(MAY):
        assert [one.problem for one in proposed(office.call)] == ["有异议没有办结"]
        with pytest.raises(MoveRefused, match="异议处理"):
            office.step(row, "approve", "office", DOC)
        with pytest.raises(MoveRefused, match="异议处理"):
            approve_many(office.call, [row], office.actors["office"], doc_no=DOC)
        row = office.step(row, "settle", "office", "核查不成立")
        assert [one.problem for one in proposed(office.call)] == [""]
        assert approve_many(office.call, [row], office.actors["office"], doc_no=DOC)[0].state == "approved"


def test_a_second_person_is_heard_while_the_first_objection_is_open(office, noticed):
    row = objected(office, noticed)
    row = objected(office, row, "孙立")
    held = Objection.objects.for_system("测试").order_by("pk")
    assert row.state == "objected" and [one.by for one in held] == ["周明远", "孙立"]
    office.step(row, "settle", "office", "两件都不成立")
    assert {(one.outcome, one.settled_on) for one in held.all()} == {("两件都不成立", date(2026, 3, 16))}


def test_a_later_objection_leaves_the_outcome_of_the_first_as_it_was(office, noticed):
    row = office.step(objected(office, noticed), "settle", "office", "第一件不成立")
    row = objected(office, row, "孙立")
    row = office.step(row, "pass_over", "leader", "第二件成立")
    outcomes = Objection.objects.for_system("测试").order_by("pk").values_list("outcome", flat=True)
    assert row.state == "not_chosen" and list(outcomes) == ["第一件不成立", "第二件成立"]


def test_who_objected_stands_in_no_history_that_others_read(office, noticed):
    row = objected(office, noticed, contact="13900001111")
    told = [*Move.objects.values_list("note", flat=True), *Revision.objects.values_list("reason", flat=True)]
    of_project = HistoryRow.objects.filter(model=row._meta.label, object_pk=row.pk)
    told += [str(data) for data in of_project.values_list("data", flat=True)]
    assert any("异议人 已登记（保密）" in text for text in told)
    for secret in ("周明远", "13900001111", "合同复印件"):
        assert not [text for text in told if secret in text]
    for who in ("north", "south", "county_head"):
        assert list(Objection.objects.visible_to(office.actors[who])) == []


def test_the_objector_is_on_the_bureau_s_page_and_on_no_other(office, noticed, client):
    row = objected(office, noticed)
    address = f"/desk/registers/programmes/{row.pk}/"
    assert "周明远" in office.staff.client("office").get(address).content.decode()
    for who in ("north", "county_head"):
        page = office.staff.client(who).get(address)
        assert page.status_code == 200 and "周明远" not in page.content.decode()
    assert "周明远" not in client.get("/notices/").content.decode()
