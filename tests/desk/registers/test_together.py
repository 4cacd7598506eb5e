"""批量办理 on the page: what would happen to each, all or none, nothing typed is lost, and who changed what."""

from decimal import Decimal

import pytest

from keshu.journal import moments
from keshu.journal.models import AuditEntry, Revision
from keshu.journal.writing import writing
from keshu.ledger.bulk import MOST, BulkRefused, TooMany, move_all, offers, outlook
from keshu.ledger.registers import by_code
from keshu.procedure.moving import Procedure, Transition, moves_of
from keshu.programmes.models import Application

pytestmark = pytest.mark.django_db
TOGETHER = "/desk/registers/programmes/together/"


@pytest.fixture
def sent(office):
    """Three of three leaders, submitted: two of the north, one of the south."""
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    rows = [
        office.draft("north", title="隔膜", leader="甲", asked=Decimal(300000)),
        office.draft("north", title="电解液", leader="乙", asked=Decimal(200000)),
        office.draft("south", title="主轴", leader="丙", asked=Decimal(100000)),
    ]
    return [office.step(row, "submit", "north" if at < 2 else "south") for at, row in enumerate(rows)]


def states(rows):
    fresh = Application.objects.for_system("测试").in_bulk([row.pk for row in rows])
    return [fresh[row.pk].state for row in rows]


def picked(rows):
    return [f"{row.pk}:{row.state}" for row in rows]


def test_ticked_rows_offer_the_steps_that_fit_and_how_many_they_fit(office, sent):
    sent[2] = office.step(sent[2], "recommend", "county_head")
    page = office.staff.client("county_head").post(TOGETHER, {"row": [row.pk for row in sent]})
    said = {one["action"]: (one["count"], one["all"]) for one in page.context["offers"]}
    assert said["recommend"] == (2, False)
    assert "recommend" not in {
        one["action"]
        for one in office.staff.client("office").post(TOGETHER, {"row": [sent[0].pk]}).context["offers"]
    }


def test_the_preview_says_of_each_row_what_happens_or_why_not_and_leaves_the_rest(office, sent):
    sent[2] = office.step(sent[2], "recommend", "county_head")
    client = office.staff.client("county_head")
    page = client.post(TOGETHER, {"row": picked(sent), "action": "recommend"})
    lines = {line["title"]: (line["after"], line["problem"]) for line in page.context["lines"]}
    assert lines["隔膜"] == ("待形式审查", "")
    assert "现在是“待形式审查”，不能推荐" in lines["主轴"][1]
    assert (page.context["fit"], page.context["left"]) == (2, 1)
    assert page.context["fitting"] == picked(sent[:2])


def test_all_of_them_in_one_revision(office, sent):
    client = office.staff.client("county_head")
    before = moments.latest()
    done = client.post(
        TOGETHER, {"row": picked(sent), "action": "recommend", "go": "1", "note": "经县局审核"}
    )
    assert done.status_code == 302
    assert states(sent) == ["recommended"] * 3
    assert moments.latest() == before + 1
    assert Revision.objects.get(number=before + 1).reason == "推荐 3 条"
    assert {moves_of(row).last().note for row in sent} == {"经县局审核"}
    assert list(moments.broken_links()) == []


def test_one_that_somebody_moved_first_stops_all_is_named_and_the_note_stays(office, sent):
    rows = picked(sent)
    office.step(sent[1], "recommend", "county_head")
    client = office.staff.client("county_head")
    answer = client.post(TOGETHER, {"row": rows, "action": "recommend", "go": "1", "note": "写了很久的意见"})
    assert answer.status_code == 409
    assert "一条也没有办" in answer.context["problem"] and "电解液" in answer.context["problem"]
    assert "写了很久的意见" in answer.content.decode()
    assert states(sent) == ["submitted", "recommended", "submitted"]


def test_a_step_that_needs_words_is_refused_with_all_that_was_typed(office, sent):
    client = office.staff.client("county_head")
    answer = client.post(TOGETHER, {"row": picked(sent), "action": "send_back", "go": "1"})
    assert answer.status_code == 422 and states(sent) == ["submitted"] * 3


def test_all_that_fit_the_conditions_are_taken_and_too_many_are_not(office, sent):
    client = office.staff.client("county_head")
    page = client.post(TOGETHER, {"all": "1", "question": "?q=北岭"})
    assert {line["title"] for line in page.context["lines"]} == {"隔膜", "电解液"}
    page = client.post(TOGETHER, {"row": [str(n) for n in range(1, MOST + 3)]}, follow=True)
    assert f"一次最多办 {MOST} 条" in page.content.decode()


def test_nothing_ticked_nonsense_and_rows_out_of_scope(office, sent):
    client = office.staff.client("south")
    assert "还没有勾选" in client.post(TOGETHER, {}, follow=True).content.decode()
    page = client.post(TOGETHER, {"row": ["x", "9" * 30, str(sent[0].pk), str(sent[2].pk)]})
    assert [line["title"] for line in page.context["lines"]] == ["主轴"]
    assert AuditEntry.objects.filter(kind="拒绝", target__contains="批量").count() == 1
    answer = client.post(TOGETHER, {"row": picked(sent[:1]), "action": "withdraw", "go": "1"})
    assert answer.status_code == 302 and states(sent[:1]) == ["submitted"]
    answer = client.post(TOGETHER, {"row": picked(sent[2:]), "action": "no-such-step"}, follow=True)
    assert "没有“no-such-step”这一步" in answer.content.decode()


def test_who_takes_no_steps_ticks_no_rows(office, sent):
    for who, ticks in (("inspector", False), ("county_filler", False), ("county_head", True)):
        assert office.staff.client(who).get("/desk/registers/programmes/").context["ticks"] is ticks, who


# ---- the function itself


def spend(record, step):
    """A budget of 400,000 for all: the third does not fit."""
    from keshu.procedure.moving import MoveRefused

    spent = sum(
        row.asked
        for row in Application.objects.for_system("测试").filter(state="approved").exclude(pk=record.pk)
    )
    if spent + record.asked > 400000:
        raise MoveRefused("额度用完了。")


GRANT = Procedure(
    "试",
    "1",
    {str(value): str(label) for value, label in Application.State.choices},
    (
        Transition(
            "grant",
            "立项",
            frozenset({"submitted"}),
            "approved",
            lambda actor, record: record.unit_id is not None,
            effect=spend,
        ),
    ),
)


def test_what_an_effect_refuses_is_named_for_each_that_it_does_not_reach(office, sent):
    """300,000 fits; with 200,000 more it does not; 100,000 does again: one of three is refused, so none is done."""
    actor = office.actors["office"]
    assert [one.problem for one in outlook(sent, "grant", actor, GRANT)] == ["", "", ""]
    with pytest.raises(
        BulkRefused, match="3 条里有 1 条不能立项，一条也没有办。“电解液”：额度用完了"
    ) as caught:
        move_all(sent, "grant", actor, procedure=GRANT)
    assert list(caught.value.problems) == [sent[1].pk] and not caught.value.stale
    assert states(sent) == ["submitted"] * 3
    assert len(move_all([sent[0], sent[2]], "grant", actor, procedure=GRANT)) == 2
    assert states(sent) == ["approved", "submitted", "approved"]


def test_more_than_the_most_is_refused_before_anything_is_locked(office, sent):
    with pytest.raises(TooMany, match="一次最多办 500 条"):
        move_all(sent * 200, "grant", office.actors["office"], procedure=GRANT)


def test_offers_stand_in_the_order_of_how_many_they_fit(office, sent):
    procedure = by_code("programmes").procedure
    found = offers(sent, office.actors["county_head"], procedure)
    assert found == sorted(found, key=lambda offer: -offer.count)
