"""登记异议: registered in words, what cannot be heard is said at once, the objector stays with the bureau."""

import pytest

from keshu.awards.models import Objection

pytestmark = pytest.mark.django_db
TYPED = {
    "received_on": "2026-04-13",
    "about": "rights",
    "objector": "周明远",
    "objector_kind": "person",
    "contact": "13800001234",
    "text": "专利权属有争议",
    "proof": "登记簿副本",
}


@pytest.fixture
def noticed(awarding):
    return awarding.to(awarding.draft(), "accept_notice")


def register(awarding, row, **changed):
    client = awarding.staff.client("office")
    return client.post(f"/desk/awards/{row.pk}/objection/", {**TYPED, **changed}, follow=True)


def test_an_objection_is_registered_and_stands_on_the_nomination(awarding, noticed):
    said = register(awarding, noticed).content.decode()
    assert "已登记 YY2026-0001。可以受理。" in said and "13800001234" not in said
    page = awarding.staff.client("office").get(f"/desk/registers/awards/{noticed.pk}/").content.decode()
    assert "YY2026-0001" in page and "知识产权归属" in page


def test_what_cannot_be_heard_is_said_at_once(awarding, noticed):
    said = register(awarding, noticed, objector="").content.decode()
    assert "这一件不能受理：匿名异议不受理" in said and "请按 YY-01 不予受理" in said
    assert "对评审等级的不同意见不属于异议" in register(awarding, noticed, about="grade").content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"about": ""}, "没有选异议内容属于哪一类"),
        ({"received_on": "昨天"}, "收到日期“昨天”不是日期"),
        ({"received_on": "2026-04-14"}, "收到日期 2026-04-14 还没有到"),
        ({"received_on": "2026-04-12"}, "到 2026-04-12 还没有公示"),
        ({"text": " "}, "还没有写异议内容"),
        ({"text": "机密级材料"}, "涉密内容不能写进本系统"),
    ],
)
def test_a_refusal_keeps_what_was_typed(awarding, noticed, changed, said):
    answer = register(awarding, noticed, **changed)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "登记簿副本" in page
    assert not Objection.objects.for_system("测试").exists()


def test_who_verifies_reads_what_it_is_about_and_not_who_objected(awarding, noticed):
    register(awarding, noticed)
    office = awarding.staff.client("office")
    found = Objection.objects.for_system("测试").get()
    act = f"/desk/registers/award-objections/{found.pk}/act/"
    for action in ("admit", "assign"):
        assert office.post(act, {"action": action}).status_code == 302
    page = awarding.staff.client("health").get(f"/desk/registers/awards/{noticed.pk}/").content.decode()
    assert "专利权属有争议" in page and "周明远" not in page and "核实中" in page
    for who in ("health", "hospital", "county_head"):
        address = f"/desk/registers/award-objections/{found.pk}/"
        assert awarding.staff.client(who).get(address).status_code == 404
    other = awarding.staff.client("hospital").get(f"/desk/registers/awards/{noticed.pk}/").content.decode()
    assert "专利权属有争议" not in other


def test_an_objection_against_nothing_is_not_there(awarding):
    assert awarding.staff.client("office").get("/desk/awards/999999/objection/").status_code == 404
