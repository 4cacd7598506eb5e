"""拨款: one document for several projects, never more than granted however many write at once, void with its reason."""

import threading
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connections

from keshu.figures import counting
from keshu.figures.book import book
from keshu.figures.reading import Reader
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.procedure.moving import MoveRefused, NotYourTurn, moves_of
from keshu.programmes.models import Application, Payment
from keshu.programmes.payments import PaymentRefused, paid_of, pay, payments_of, void
from keshu.terms import clock
from keshu.terms.period import Period

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 10, 9, 0, tzinfo=clock.TZ)
DOC = {"doc_no": "青财教〔2026〕33号", "on": date(2026, 6, 8), "level": "city"}


@pytest.fixture
def two(office):
    """Two projects of 50 and 30 万元; the day is 2026-06-10."""
    office.call.most_per_unit = None
    with writing(office.actors["planning"], "放开"):
        office.call.save()
    made = [
        office.to(office.draft("north"), "running"),
        office.to(office.draft("south", title="减速器", asked=Decimal("300000")), "running"),
    ]
    with clock.pretend(JUNE):
        yield made


def fresh(row):
    return Application.objects.for_system("测试").get(pk=row.pk)


def test_one_document_pays_several_projects(office, two):
    made = pay({two[0].pk: Decimal("300000"), two[1].pk: Decimal("300000")}, office.actors["office"], **DOC)
    assert [p.number for p in made] == ["BK2026-0001", "BK2026-0002"]
    assert [fresh(row).paid for row in two] == [Decimal("300000"), Decimal("300000")]
    assert (made[0].project, made[0].title, made[0].unit_id) == (two[0].number, two[0].title, two[0].unit_id)


def test_more_than_granted_is_refused_and_nothing_of_the_document_stays(office, two):
    pay({two[0].pk: Decimal("300000")}, office.actors["office"], **DOC)
    with pytest.raises(PaymentRefused, match=r"已拨 30 万元，再拨 20\.01 万元就超了，最多 20 万元"):
        pay({two[1].pk: Decimal("1"), two[0].pk: Decimal("200100")}, office.actors["office"], **DOC)
    assert payments_of(two[1]) == [] and fresh(two[1]).paid is None
    pay({two[0].pk: Decimal("200000")}, office.actors["office"], **DOC)
    assert fresh(two[0]).paid == fresh(two[0]).granted == Decimal("500000")


def test_a_void_payment_gives_its_money_back_and_keeps_its_reason(office, two):
    (made,) = pay({two[0].pk: Decimal("500000")}, office.actors["office"], **DOC)
    with pytest.raises(MoveRefused, match="作废要写明原因"):
        void(made, office.actors["office"], "")
    void(made, office.actors["office"], "文号写错，重新登记")
    assert fresh(two[0]).paid == 0 == paid_of(two[0])
    assert [entry.note for entry in moves_of(made)] == ["文号写错，重新登记"]
    pay({two[0].pk: Decimal("500000")}, office.actors["office"], **DOC)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"doc_no": " "}, "没有写拨款文件的文号"),
        ({"level": "bank"}, "资金来源请从"),
        ({"on": date(2026, 6, 11)}, "2026-06-11 还没有到"),
        ({"on": date(2026, 5, 19)}, "2026-05-20 才立项"),
    ],
)
def test_what_the_document_cannot_say_is_refused(office, two, changed, said):
    with pytest.raises(PaymentRefused, match=said):
        pay({two[0].pk: Decimal("1000")}, office.actors["office"], **{**DOC, **changed})


def test_nothing_is_paid_to_who_has_no_grant_or_less_than_nothing(office, two):
    with pytest.raises(PaymentRefused, match="没有填任何一个项目"):
        pay({}, office.actors["office"], **DOC)
    with pytest.raises(PaymentRefused, match="要大于零"):
        pay({two[0].pk: Decimal(0)}, office.actors["office"], **DOC)
    draft = office.draft("north", title="还没立项")
    with pytest.raises(PaymentRefused, match="没有可拨的立项经费"):
        pay({draft.pk: Decimal("1000")}, office.actors["office"], **DOC)
    with pytest.raises(NotYourTurn):
        pay({two[0].pk: Decimal("1000")}, office.actors["north"], **DOC)


def test_the_figure_of_payments_moves_with_the_documents(office, two):
    def paid(period):
        definitions = book(moments.latest())
        measure = definitions.measure("project_payments")
        reader = Reader(definitions, moments.latest(), on=clock.today())
        reader.load([measure], [office.staff.city.pk], [period])
        return reader.value(measure, office.staff.city.pk, period).value

    (made, _) = pay(
        {two[0].pk: Decimal("300000"), two[1].pk: Decimal("120000.50")}, office.actors["office"], **DOC
    )
    assert paid(Period.month(2026, 6)) == Decimal("420000.50")
    assert paid(Period.month(2026, 5)) == 0
    void(made, office.actors["office"], "重复")
    assert paid(Period.month(2026, 6)) == Decimal("120000.50")
    assert counting.differing()[1] == []


def test_each_sees_the_payments_of_its_own(office, two):
    pay({row.pk: Decimal("1000") for row in two}, office.actors["office"], **DOC)
    seen = {who: Payment.objects.visible_to(office.actors[who]).count() for who in ("north", "office")}
    assert seen == {"north": 1, "office": 2}


@pytest.mark.django_db(transaction=True)
def test_payments_never_exceed_the_grant_with_many_at_once(office, on_postgres):
    """Granted 500,000; thirty (six where writers queue) pay 150,000 each at once: three fit, the fourth would be 600,000."""
    many = 30 if on_postgres else 6
    row = office.to(office.draft(), "running")
    refused: list[str] = []
    gate = threading.Barrier(many)

    def one() -> None:
        try:
            gate.wait()
            with clock.pretend(JUNE):
                pay({row.pk: Decimal("150000")}, office.actors["office"], **DOC)
        except MoveRefused as refusal:
            refused.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.number for p in payments_of(row)] == ["BK2026-0001", "BK2026-0002", "BK2026-0003"]
    assert fresh(row).paid == Decimal("450000")
    assert len(refused) == many - 3 and all("最多 5 万元" in said for said in refused)
    assert counting.differing()[1] == []
