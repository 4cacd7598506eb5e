"""科技成果登记: the number of twelve characters, the check for doubles, the way back to the project, and who sees it."""

from datetime import date

import pytest

from keshu.journal.writing import writing
from keshu.ledger.drafts import keep
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.programmes.models import Application
from keshu.reserves import achieving, filling, public
from keshu.reserves.models import Achievement
from keshu.terms.period import Period
from tests.programmes.test_counting import value

pytestmark = pytest.mark.django_db


def again(record):
    return type(record).objects.for_system("测试").get(pk=record.pk)


def titles():
    return [row.title for row in public.achievements(public.Search())]


def test_the_number_has_a_place_a_year_a_mark_and_a_serial_of_its_kind(room):
    """000 + 2026 + Y + 0001: twelve characters; each kind has a series of its own."""
    first = room.registered()
    second = room.registered("south", title="另一成果")
    soft = room.registered("far", title="评价模型", kind="soft")
    theory = room.registered("far", title="机理", kind="theory")
    assert [row.number for row in (first, second, soft, theory)] == [
        "0002026Y0001",
        "0002026Y0002",
        "0002026R0001",
        "0002026J0001",
    ]
    assert {len(row.number) for row in (first, second, soft, theory)} == {12}


def test_a_refused_registration_takes_no_number(room):
    made = achieving.step(room.hand_in("achievements"), "recommend", room.actors["county_head"])
    with pytest.raises(MoveRefused, match="还没到"):
        achieving.step(made, "register", room.actors["office"], given={"on": date(2026, 3, 17)})
    assert achieving.step(made, "register", room.actors["office"]).number == "0002026Y0001"


def test_the_same_name_holder_and_report_are_registered_once(room):
    room.registered()
    with pytest.raises(MoveRefused, match="没有登记过"):
        room.hand_in("achievements")
    room.hand_in("achievements", report_number="PJ-2026-12")
    room.hand_in("achievements", "south")


def test_two_that_wait_at_once_are_not_both_registered(room):
    one = achieving.step(room.hand_in("achievements"), "recommend", room.actors["county_head"])
    with writing(room.actors["office"], "补登"):
        twin = Achievement(
            **{
                name: getattr(one, name)
                for name in ("title", "kind", "field", "year", "unit_id", "region_id", "report_number")
            },
            state=Achievement.State.RECOMMENDED,
        )
        twin.save()
    for row in (one, twin):
        with pytest.raises(MoveRefused, match="已经有了"):
            achieving.step(row, "register", room.actors["office"])


def test_more_than_three_keywords_are_refused(room):
    room.hand_in("achievements", keywords="甲、乙，丙")
    with pytest.raises(MoveRefused, match="关键词最多 3 个"):
        room.hand_in("achievements", title="又", keywords="甲、乙、丙、丁")


def test_a_revoked_registration_is_not_counted_and_not_shown(room):
    kept, revoked = room.registered(), room.registered("south", title="造假的")
    assert value("achievements_registered", room.staff.city, Period.month(2026, 3)).value == 2
    achieving.step(revoked, "revoke", room.actors["office"], note="异议成立")
    assert value("achievements_registered", room.staff.city, Period.month(2026, 3)).value == 1
    assert titles() == [kept.title]


def test_only_what_is_released_is_public_and_its_holder_decides(room):
    made = room.registered(open_to_public="")
    assert titles() == []
    with pytest.raises(NotYourTurn):
        achieving.step(made, "release", room.actors["south"])
    achieving.step(made, "release", room.actors["north"])
    assert titles() == [made.title]
    with pytest.raises(MoveRefused, match="已经公开"):
        achieving.step(made, "release", room.actors["north"])
    achieving.step(made, "hide", room.actors["north"], note="正在谈许可")
    assert titles() == []


# ---- of a project


def passed(office):
    """A project through its acceptance, as an older one stands in the register: without a registered achievement."""
    row = office.to(office.draft("north"), "running")
    with writing(office.staff.actor, "补登"):
        row.state = Application.State.PASSED
        row.achievement_number = ""
        row.save()
    return row


def test_an_accepted_project_fills_the_sheet_and_gets_the_number(both, office):
    project = passed(office)
    draft = filling.begin(achieving.FORM, both.actors["north"], project.pk)
    assert (draft.content["title"], draft.content["project_number"]) == (project.title, project.number)
    for name, text in {"kind": "applied", "keywords": "隔膜", "summary": "中试完成"}.items():
        draft = keep(draft, name, text, "north")
    made = filling.hand_in(achieving.FORM, draft, both.actors["north"])
    assert made.application_id == project.pk
    assert not achieving.may_register(both.actors["north"], project)
    made = achieving.step(made, "recommend", both.actors["county_head"])
    made = achieving.step(made, "register", both.actors["office"])
    assert again(project).achievement_number == made.number
    achieving.step(made, "revoke", both.actors["office"], note="异议成立")
    assert again(project).achievement_number == ""


def test_a_project_that_runs_or_is_another_s_has_nothing_to_register(both, office):
    running = office.to(office.draft("north"), "running")
    with pytest.raises(MoveRefused, match="还没有到验收"):
        filling.begin(achieving.FORM, both.actors["north"], running.pk)
    with pytest.raises(MoveRefused):
        filling.begin(achieving.FORM, both.actors["south"], running.pk)


def test_a_project_number_that_does_not_exist_is_said(room):
    with pytest.raises(MoveRefused, match="项目编号对得上"):
        room.hand_in("achievements", project_number="XM1999-0001")
