"""储备库: from the proposal to the entry, what counts, what grows stale, and how an entry becomes a project."""

from datetime import date, datetime

import pytest

from keshu.journal.writing import writing
from keshu.ledger.drafts import Draft
from keshu.procedure.moving import MoveRefused, NotYourTurn, move, moves_of
from keshu.programmes import applying
from keshu.programmes.models import Application
from keshu.reserves import converting, filling, reserving
from keshu.reserves.models import Reserve
from keshu.terms import clock
from keshu.terms.period import Period
from tests.programmes.test_counting import value

pytestmark = pytest.mark.django_db


def again(record):
    return type(record).objects.for_system("测试").get(pk=record.pk)


def test_an_enterprise_s_proposal_waits_for_its_county_and_the_county_s_own_for_the_office(room):
    assert room.hand_in("reserves").state == "proposed"
    own = room.hand_in("reserves", "county_head", unit_name="石桥杂粮合作社")
    assert (own.state, own.unit, own.holder, own.region) == (
        "recommended",
        None,
        "石桥杂粮合作社",
        room.staff.county,
    )
    known = room.hand_in("reserves", "office", unit_name="岚川电子研究所")
    assert (known.unit.name, known.holder, known.region) == ("岚川电子研究所", "", room.staff.other)


def test_a_county_does_not_propose_for_another_county_s_organisation(room):
    made = room.hand_in("reserves", "county_head", unit_name="岚川电子研究所")
    assert (made.unit, made.holder, made.region) == (None, "岚川电子研究所", room.staff.county)


def test_only_its_own_county_recommends(room):
    entry = room.hand_in("reserves")
    with pytest.raises(NotYourTurn):
        reserving.step(entry, "recommend", room.actors["other_head"])
    assert reserving.step(entry, "recommend", room.actors["county_head"]).state == "recommended"


def test_entries_are_numbered_by_the_year_of_entry_without_gaps(room):
    first, second = room.held(), room.held("south")
    earlier = room.held("far", on=date(2025, 9, 1))
    assert [first.number, second.number, earlier.number] == ["CB2026-0001", "CB2026-0002", "CB2025-0001"]
    refused = reserving.step(room.hand_in("reserves", title="重复"), "recommend", room.actors["county_head"])
    with pytest.raises(MoveRefused, match="还没到"):
        reserving.step(refused, "enter", room.actors["office"], given={"on": date(2026, 3, 17)})
    assert room.held("north", title="又一个").number == "CB2026-0003"


def test_what_is_removed_is_not_counted_as_entered_and_leaves_the_stock(room):
    """Three entered in March; one withdrawn and one removed in May: entered 2 (the removed one is not), held 3 in April, 1 in May."""
    kept, withdrawn, removed = room.held(), room.held("south"), room.held("far")
    with clock.pretend(datetime(2026, 5, 8, 9, 0, tzinfo=clock.TZ)):
        reserving.step(withdrawn, "withdraw", room.actors["south"], note="自行实施")
        reserving.step(removed, "remove", room.actors["office"], note="内容不实")
    city = room.staff.city
    assert value("reserve_projects_entered", city, Period.year(2026)).value == 2
    assert value("reserve_projects_held", city, Period.month(2026, 4)).value == 3
    assert value("reserve_projects_held", city, Period.month(2026, 5)).value == 1
    assert value("reserve_projects_held", room.staff.other, Period.month(2026, 5)).value == 0
    assert again(kept).state == "held"


def test_an_entry_nobody_confirms_for_twelve_months_is_stale_and_a_confirmation_renews_it(room):
    entry = room.held()
    assert entry.confirm_by == date(2027, 3, 16)
    with clock.pretend(datetime(2027, 3, 16, 23, 0, tzinfo=clock.TZ)):
        assert not reserving.is_stale(entry)
    with clock.pretend(datetime(2027, 3, 17, 0, 30, tzinfo=clock.TZ)):
        assert reserving.is_stale(entry)
        entry = reserving.step(entry, "confirm", room.actors["north"], given={"progress": "样机完成"})
        assert not reserving.is_stale(entry)
        assert (entry.state, entry.confirm_by, entry.progress) == ("held", date(2028, 3, 17), "样机完成")


def test_a_returned_proposal_is_written_again_with_what_stood_in_it(room):
    entry = reserving.step(room.hand_in("reserves"), "send_back", room.actors["county_head"], note="写明用途")
    draft = filling.reopen(reserving.FORM, room.actors["north"], entry)
    assert draft.content["title"] == "硅光收发模块" and draft.content["investment"] == "180"
    assert filling.reopen(reserving.FORM, room.actors["north"], entry).pk == draft.pk
    record = filling.hand_in(reserving.FORM, draft, room.actors["north"])
    assert (record.pk, record.state) == (entry.pk, "proposed")
    with pytest.raises(MoveRefused, match="现在不能改"):
        filling.reopen(reserving.FORM, room.actors["north"], record)


def test_a_sheet_says_what_is_missing_and_is_handed_in_once(room):
    draft = room.sheet("reserves", title="", investment="三百")
    failed = [check.field for check in filling.typed(reserving.FORM, draft, room.actors["north"]).failed]
    assert failed == ["title", "investment"]
    with pytest.raises(MoveRefused, match="还差 2 处"):
        filling.hand_in(reserving.FORM, draft, room.actors["north"])
    whole = room.sheet("reserves")
    filling.hand_in(reserving.FORM, whole, room.actors["north"])
    with pytest.raises(MoveRefused, match="已经报出"):
        filling.hand_in(reserving.FORM, whole, room.actors["north"])


# ---- from reserve to project


def applied(both, office, entry):
    """The entry's draft handed in, as the programme's form would."""
    draft = converting.convert(both.actors["north"], entry, office.call)
    with writing(both.actors["north"], "申报"):
        row = office.draft(
            "north", title=draft.content["title"], reserve_number=draft.content["reserve_number"]
        )
    return row


def test_an_entry_fills_the_draft_of_an_application_and_is_gone_on_with(both, office):
    entry = both.held()
    draft = converting.convert(both.actors["north"], entry, office.call)
    assert draft.register == applying.REGISTER and draft.about == office.call.pk
    assert (draft.content["title"], draft.content["asked"]) == ("硅光收发模块", "40")
    assert draft.content["reserve_number"] == entry.number
    assert converting.convert(both.actors["north"], entry, office.call).pk == draft.pk
    assert Draft.objects.for_system("测试").filter(register=applying.REGISTER).count() == 1
    with pytest.raises(NotYourTurn, match="北岭新材料有限公司 的"):
        converting.convert(both.actors["south"], entry, office.call)


def test_the_form_writes_where_an_application_came_from_but_nobody_types_it(both, office):
    entry = both.held()
    draft = converting.convert(both.actors["north"], entry, office.call)
    with writing(both.actors["north"], "申报"):
        application = applying._written(draft, office.call, both.actors["north"])
    assert application.reserve_number == entry.number
    assert converting.reserve_of(application) == entry


def test_the_approval_takes_the_entry_out_as_converted_with_links_both_ways(both, office):
    entry = both.held()
    project = office.to(applied(both, office, entry), "approved")
    entry = again(entry)
    assert (entry.state, entry.application_number) == ("converted", project.number)
    assert entry.left_on == date(2026, 5, 20)
    assert converting.reserve_of(project) == entry and reserving.applications(entry) == [project]
    city = office.staff.city
    assert value("reserve_projects_held", city, Period.month(2026, 4)).value == 1
    assert value("reserve_projects_held", city, Period.month(2026, 5)).value == 0
    assert value("reserve_projects_entered", city, Period.year(2026)).value == 1


def test_while_it_is_applied_for_an_entry_is_neither_converted_again_nor_withdrawn(both, office):
    entry = both.held()
    row = office.step(applied(both, office, entry), "submit", "north")
    with pytest.raises(MoveRefused, match="不能再报一次"):
        converting.convert(both.actors["north"], entry, office.call)
    with pytest.raises(MoveRefused, match="已经用它申报了"):
        reserving.step(entry, "withdraw", both.actors["north"], note="不报了")
    assert not converting.may_convert(both.actors["north"], entry)
    with writing(office.staff.actor, "不立项"):
        row.state = Application.State.NOT_CHOSEN  # however it came about
        row.save()
    assert converting.may_convert(both.actors["north"], entry)


def test_an_entry_is_marked_converted_by_nobody_without_an_approved_project(room):
    entry = room.held()
    with pytest.raises(NotYourTurn):
        reserving.step(entry, "convert", room.actors["office"])
    assert Reserve.objects.for_system("测试").get(pk=entry.pk).state == "held"


def test_every_step_is_in_the_log(room):
    entry = room.held()
    assert [row.action for row in moves_of(entry)] == ["recommend", "enter"]
    with pytest.raises(MoveRefused):
        move(entry, "enter", room.actors["office"], procedure=reserving.PROCEDURE)
