"""From signing to writing off: nobody closes without evidence, nobody verifies their own work, two at once close once."""

import threading
from datetime import date

import pytest
from django.db import close_old_connections, connection

from keshu.directory.accounts import actor_of
from keshu.directory.actors import Role
from keshu.directory.models import Employment, RoleGrant
from keshu.duties.handling import NoEvidence, OutsideTheOffice, people_of
from keshu.duties.issuing import OrderRefused, Origin
from keshu.duties.models import Order
from keshu.duties.moving import PROCEDURE
from keshu.duties.verifying import SamePerson
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, StaleState, moves_of
from keshu.rules.models import Rule
from keshu.terms import clock
from tests.duties.room import day

pytestmark = pytest.mark.django_db


def test_the_ordinary_way_from_issuing_to_writing_off(room):
    order = room.closed(room.issue())
    assert [entry.action for entry in moves_of(order)] == ["sign", "report", "verify", "close"]
    assert (order.state, order.outcome, order.closed_on) == ("closed", "in_time", date(2026, 10, 12))
    assert (order.signed_by, order.verifier) == (
        room.actors["county_filler"].name,
        room.actors["inspector"].name,
    )
    (told,) = order.feedback.all()
    assert (told.final, told.said) == (True, "12 份已登记")
    assert list(moments.broken_links()) == []


def test_nothing_is_reported_or_written_off_without_evidence(room):
    order = room.step(room.issue(), "sign", "county_filler")
    with pytest.raises(NoEvidence, match="这一单要交：登记证明"):
        room.step(order, "report", "county_head", said="办好了")
    with pytest.raises(StaleState):
        room.step(order, "close", "planning")  # there is no way past the verification either
    assert order.feedback.count() == 0


def test_a_second_look_needs_evidence_of_its_own(room):
    order = room.closed(room.issue())
    with clock.pretend(day(11, 20)):
        order = room.step(order, "look_back", "inspector", "抽查两份没有登记", due_on=date(2026, 12, 1))
        assert (order.state, order.closed_on, order.reported_on, order.reopened) == (
            "reopened",
            None,
            None,
            1,
        )
        assert (order.first_due_on, order.due_on) == (date(2026, 10, 31), date(2026, 12, 1))
        with pytest.raises(NoEvidence, match="回头看以后还没有新的佐证"):
            room.step(order, "report", "county_head", said="已补")
        room.prove(order)
        order = room.step(order, "report", "county_head", said="已补")
    assert order.state == "reported"


def test_the_holder_s_people_do_not_verify_whatever_post_they_sit_in(room):
    """何叙 holds an office in the city and a second post in the county: in neither may he verify what the county did."""
    order = room.reported(room.issue())
    with pytest.raises(NotYourTurn):
        room.step(order, "verify", "county_reviewer", way="papers", finding="好")
    with writing(room.staff.actor, "挂职"):
        post = Employment(
            person_id=room.actors["inspector"].person_id,
            unit=room.staff.county_bureau,
            title="副局长（挂职）",
            valid_from=date(2026, 1, 1),
        )
        post.save()
        RoleGrant(
            employment=post,
            role=Role.COUNTY_HEAD,
            valid_from=date(2026, 1, 1),
            granted_by="系统管理员",
            approved_by="安全管理员",
        ).save()
    with pytest.raises(SamePerson, match="望岭县科学技术局 任职"):
        room.step(order, "verify", "inspector", way="papers", finding="好")
    assert actor_of(room.staff.accounts["inspector"]).can  # the first post is still the bureau's
    assert room.step(order, "verify", "planning", way="site", finding="看过").state == "verified"


def test_a_helping_office_does_not_verify_and_sees_the_order(room):
    order = room.issue(holder=room.transfer_office, helpers=[room.staff.bureau, room.staff.county_bureau])
    order = room.step(order, "sign", "transfer")
    room.prove(order, "transfer")
    order = room.step(order, "report", "transfer", said="办好")
    with pytest.raises(SamePerson, match="承办或协办"):
        room.step(order, "verify", "planning", way="papers", finding="好")
    seen = Order.objects.visible_to(room.actors["county_head"])
    assert list(seen) == [order] and not Order.objects.visible_to(room.actors["other_head"]).exists()


def test_sent_back_the_delay_counts_on(room):
    order = room.reported(room.issue())
    order = room.step(order, "return", "inspector", "缺三份证明")
    assert (order.state, order.reported_on) == ("returned", None)
    room.prove(order)
    with clock.pretend(day(11, 5)):
        order = room.step(order, "report", "county_head", said="补齐")
        order = room.step(order, "verify", "inspector", way="papers", finding="齐")
        order = room.step(order, "close", "inspector")
    assert order.outcome == "late"


def test_where_the_rule_asks_for_a_third_person_the_verifier_does_not_write_off(room):
    with writing(room.staff.actor, "本局办法"):
        Rule(
            kind=Rule.Kind.LIMIT,
            code="order-closing",
            name="督办销号",
            valid_from=date(2026, 1, 1),
            data={"third_person": True},
        ).save()
    order = room.verified(room.issue())
    with pytest.raises(SamePerson, match="另一个人销号"):
        room.step(order, "close", "inspector")
    assert room.step(order, "close", "planning").state == "closed"


def test_the_holder_hands_on_inside_its_office_only(room):
    order = room.step(room.issue(), "sign", "county_filler")
    own, foreign = room.actors["county_reviewer"].person_id, room.actors["other_head"].person_id
    assert str(own) in dict(people_of(order)) and str(foreign) not in dict(people_of(order))
    with pytest.raises(OutsideTheOffice, match="不在 望岭县科学技术局 任职"):
        room.step(order, "hand", "county_head", person=str(foreign))
    assert room.step(order, "hand", "county_head", person=str(own)).person_id == own


def test_a_transfer_stays_in_the_bureau_and_the_merged_order_names_the_other(room):
    order = room.issue(holder=room.transfer_office)
    order = room.step(order, "sign", "transfer")
    with pytest.raises(OrderRefused, match="同一地区"):
        room.step(order, "transfer", "planning", "职责调整", unit=str(room.staff.county_bureau.pk))
    order = room.step(order, "transfer", "planning", "职责调整", unit=str(room.staff.bureau.pk))
    assert (order.state, order.unit_id, order.signed_at) == ("issued", room.staff.bureau.pk, None)
    with pytest.raises(OrderRefused, match="同一承办单位"):
        room.step(order, "merge", "planning", "一件事", into=order.number)
    other = room.issue(holder=room.staff.bureau, origin=Origin("minutes", "minutes|1|1", "调度会"))
    merged = room.step(order, "merge", "planning", "一件事", into=other.number)
    assert (merged.state, merged.merged_into_id, merged.ended_on) == ("merged", other.pk, date(2026, 10, 12))


def test_suspended_it_does_not_grow_late_and_a_cancelled_one_is_over(room):
    order = room.step(room.issue(), "sign", "county_filler")
    with clock.pretend(day(10, 20)):
        order = room.step(order, "suspend", "planning", "等省里文件")
    with clock.pretend(day(11, 20)):
        with pytest.raises(MoveRefused):
            room.step(order, "resume", "planning", due_on=date(2026, 11, 1))
        order = room.step(order, "resume", "planning", due_on=date(2026, 12, 1))
        assert (order.overdue_before, order.state) == (0, "working")
        with pytest.raises(NotYourTurn):
            room.step(order, "cancel", "watcher", "不督了")  # another office's order
        assert room.step(order, "cancel", "leader", "文件废止").state == "cancelled"


def test_every_state_can_be_reached_and_the_final_ones_are_final():
    reachable = {"issued"} | {t.after for t in PROCEDURE.transitions}
    assert reachable == set(PROCEDURE.states)
    left = {state for t in PROCEDURE.transitions for state in t.before if t.after != state}
    assert set(PROCEDURE.states) - left == {"cancelled", "merged"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_one_order_one_wins_and_the_other_is_told(room):
    order = room.verified(room.issue())
    ready = threading.Barrier(2)
    won, lost, wrong = [], [], []

    def close(who: str) -> None:
        close_old_connections()
        try:
            ready.wait(timeout=20)
            with clock.pretend(day(10, 13)):
                won.append(room.step(order, "close", who).state)
        except StaleState as stale:
            lost.append(str(stale))
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=(who,)) for who in ("planning", "inspector")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, won) == ([], ["closed"])
    assert len(lost) == 1 and "现在是“已销号”，不能销号" in lost[0]
    assert [entry.action for entry in moves_of(order)].count("close") == 1
    assert list(moments.broken_links()) == []
