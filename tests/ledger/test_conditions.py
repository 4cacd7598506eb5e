"""A condition finds the same rows whether a row is worked out in Python or the database filters: on both engines."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.ledger.conditions import NotAFilter, ScaledColumn, condition_q
from keshu.ledger.fields import ScaledField
from keshu.terms.formula import parse
from keshu.terms.formula_tree import Constant, write
from keshu.terms.quantity import unscale

pytestmark = pytest.mark.django_db


class Contract(models.Model):
    """A register for these tests only: every kind of column a condition may name."""

    amount = ScaledField("合同额", places=2, null=True)
    paid = ScaledField("到账额", places=2, null=True)
    index = ScaledField("指数", places=6, null=True)
    items = models.IntegerField("项数", null=True)
    raw = models.BigIntegerField("整数", null=True)
    kind = models.CharField("类别", max_length=20, null=True)
    place = models.CharField("地区", max_length=20, null=True)
    signed = models.DateField("签订", null=True)
    ends = models.DateField("到期", null=True)
    registered = models.BooleanField("已登记", null=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True)

    class Meta:
        app_label = "condition_tests"


TYPES = {
    "合同额": "number",
    "到账额": "number",
    "指数": "number",
    "项数": "number",
    "整数": "number",
    "原合同额": "number",
    "类别": "text",
    "地区": "text",
    "签订": "date",
    "到期": "date",
    "已登记": "bool",
}
FIELDS = {
    "合同额": "amount",
    "到账额": "paid",
    "指数": "index",
    "项数": "items",
    "整数": ScaledColumn("raw", 4),
    "原合同额": "parent__amount",
    "类别": "kind",
    "地区": "place",
    "签订": "signed",
    "到期": "ends",
    "已登记": "registered",
}
PLACES = {"合同额": 2, "到账额": 2, "指数": 6, "项数": 0, "整数": 4}
COLUMNS = {"合同额": "amount", "到账额": "paid", "指数": "index", "项数": "items", "整数": "raw"}
EXTREMES = [2**63 - 1, -(2**63), 2**63 - 2, 9_200_000_000_000_000_000, -9_200_000_000_000_000_000]
SIZES = [0, 1, -1, 2, 3, 10, 100, -100, 10_000, 1_000_000, 2**31, 2**32, -(2**32), 2**32 - 1, *EXTREMES]


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup, django_db_blocker):
    """The register's table stands outside the tests' transactions; SQLite changes no tables inside one."""
    with django_db_blocker.unblock():
        if Contract._meta.db_table in connection.introspection.table_names():
            with connection.schema_editor() as editor:
                editor.delete_model(Contract)
        with connection.schema_editor() as editor:
            editor.create_model(Contract)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Contract)


def environment(row):
    """What the closure sees of a row."""
    parent = row["parent"]
    numbers = {
        name: None if row[column] is None else unscale(row[column], PLACES[name])
        for name, column in COLUMNS.items()
    }
    old = None if parent is None or parent["amount"] is None else unscale(parent["amount"], 2)
    return numbers | {
        "原合同额": old,
        "类别": row["kind"],
        "地区": row["place"],
        "签订": row["signed"],
        "到期": row["ends"],
        "已登记": row["registered"],
    }


def stored(row, parent=None):
    """The row as the ORM takes it: scaled fields speak Decimal."""
    plain = {key: value for key, value in row.items() if key != "parent"}
    for key, places in (("amount", 2), ("paid", 2), ("index", 6)):
        plain[key] = None if plain[key] is None else unscale(plain[key], places)
    return Contract(**plain, parent=parent)


def put(rows):
    """Rows and their parents in the table; primary keys in the order of ``rows``."""
    Contract.objects.all().delete()
    parents = [stored(row["parent"] | {"parent": None}) if row["parent"] else None for row in rows]
    Contract.objects.bulk_create([parent for parent in parents if parent])
    made = Contract.objects.bulk_create(
        [stored(row, parent) for row, parent in zip(rows, parents, strict=True)]
    )
    return [one.pk for one in made]


def agree(text, rows, keys):
    expression = parse(text, TYPES)
    met = {key for row, key in zip(rows, keys, strict=True) if expression.condition(environment(row))}
    found = set(
        Contract.objects.filter(condition_q(expression, FIELDS, Contract))
        .filter(pk__in=keys)
        .values_list("pk", flat=True)
    )
    assert found == met, text


# ---- random rows and random conditions --------------------------------------------------------------------------

wide = st.one_of(st.none(), st.sampled_from(SIZES), st.integers(-(2**63), 2**63 - 1), st.integers(-300, 300))
narrow = st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1), st.integers(-5, 5))
words = st.one_of(st.none(), st.sampled_from(["", "甲", "乙", "a", "A", "甲 ", "50%", "_"]))
days = st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2024, 1, 4)), st.dates())
plain_row = {
    "amount": wide,
    "paid": wide,
    "index": wide,
    "raw": wide,
    "items": narrow,
    "kind": words,
    "place": words,
    "signed": days,
    "ends": days,
    "registered": st.sampled_from([None, True, False]),
}
rows = st.lists(
    st.fixed_dictionaries({**plain_row, "parent": st.one_of(st.none(), st.fixed_dictionaries(plain_row))}),
    min_size=1,
    max_size=12,
)

numbers = st.sampled_from(["合同额", "到账额", "指数", "项数", "整数", "原合同额"])
near = st.sampled_from(SIZES).flatmap(
    lambda n: st.sampled_from([0, 1, 2, 4, 6, 7]).map(lambda p: unscale(n, p))
)
constants = st.one_of(near, st.decimals(-10_000, 10_000, places=2), st.integers(-20, 20).map(Decimal)).map(
    lambda value: write(Constant(value))
)
factors = st.sampled_from(["2", "0.3", "100", "-1", "0.25", "0", "7", "10000"])
divisors = st.sampled_from(["2", "4", "-5", "100", "0.5"])
amounts = st.recursive(
    st.one_of(numbers, numbers, constants),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(factors, inner).map(lambda t: f"{t[0]} * {t[1]}"),
        st.tuples(inner, divisors).map(lambda t: f"({t[0]}) / {t[1]}"),
        inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"abs({t})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    ),
    max_leaves=4,
)
ops = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
equality = st.sampled_from(["==", "!="])
text = st.one_of(
    st.sampled_from(["类别", "地区"]), st.sampled_from(["甲", "乙", "a", "A", "", "%"]).map('"{}"'.format)
)
day = st.one_of(
    st.sampled_from(["签订", "到期"]), st.dates(date(2024, 1, 1), date(2024, 1, 4)).map('date("{}")'.format)
)
quotients = st.tuples(
    st.sampled_from(
        [
            "到账额 / 合同额",
            "100 * 到账额 / 合同额",
            "-(整数 / 项数)",
            "(合同额 - 到账额) / (项数 + 1)",
            "项数 / 3",
        ]
    ),
    ops,
    st.sampled_from(["0", "1", "-1", "0.6", "30", "33.3333", "-2147483648"]),
).map(" ".join)
leaves = st.one_of(
    st.tuples(amounts, ops, amounts).map(" ".join),
    st.tuples(numbers, ops, constants).map(" ".join),
    st.tuples(numbers, ops, numbers).map(" ".join),
    st.tuples(text, equality, text).map(" ".join),
    st.tuples(day, ops, day).map(" ".join),
    quotients,
    st.tuples(numbers, st.sampled_from(["in", "not in"]), constants, constants).map(
        lambda t: f"{t[0]} {t[1]} ({t[2]}, {t[3]})"
    ),
    st.tuples(st.sampled_from(["类别", "地区"]), st.sampled_from(["in", "not in"])).map(
        lambda t: f'{t[0]} {t[1]} ("甲", "A", "")'
    ),
    st.just("已登记"),
    st.sampled_from(list(TYPES)).map("missing({})".format),
    st.sampled_from(list(TYPES)).map("held({})".format),
    st.sampled_from(["True", "False", "已登记 == True", "已登记 != (项数 > 0)"]),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda t: f"not ({t})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}) and ({t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}) or ({t[1]})"),
    ),
    max_leaves=5,
)

checked = settings(
    deadline=None,
    max_examples=4 * settings.default.max_examples,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@checked
@given(rows=rows, texts=st.lists(conditions, min_size=1, max_size=4))
def test_the_filter_finds_what_the_closure_finds_true(rows, texts):
    keys = put(rows)
    for one in texts:
        try:
            condition_q(parse(one, TYPES), FIELDS, Contract)
        except NotAFilter:
            continue
        agree(one, rows, keys)


def test_few_random_conditions_are_refused():
    """The property above would say nothing if most of what it draws were passed over."""
    refused, drawn = [], []

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(conditions)
    def draw(one):
        drawn.append(one)
        try:
            condition_q(parse(one, TYPES), FIELDS, Contract)
        except NotAFilter:
            refused.append(one)

    draw()
    assert len(refused) < len(drawn) / 5


# ---- cases worked out by hand -----------------------------------------------------------------------------------

EMPTY = dict.fromkeys([*plain_row, "parent"])


def found(text, *rows):
    """Which of the rows (by position) the filter finds."""
    keys = put([{**EMPTY, **row} for row in rows])
    query = Contract.objects.filter(condition_q(parse(text, TYPES), FIELDS, Contract), pk__in=keys)
    return [keys.index(pk) for pk in query.order_by("pk").values_list("pk", flat=True)]


def test_not_over_unknown_stays_unknown():
    rows = {"amount": 100}, {"amount": None}, {"amount": 300}
    assert found("not 合同额 > 2", *rows) == [0]
    assert found("合同额 != 1", *rows) == [2]
    assert found("合同额 > 2 or missing(合同额)", *rows) == [1, 2]


def test_not_over_a_list_passes_over_missing_text():
    assert found('类别 not in ("甲", "乙")', {"kind": None}, {"kind": "甲"}, {"kind": "丙"}) == [2]


def test_kleenes_table_of_and_or_not_by_hand():
    """已登记 in rows, 合同额 > 1 in columns: true, unknown, false each (300 分 is 3 元, 100 分 is 1 元)."""
    rows = [
        {"registered": registered, "amount": amount}
        for registered in (True, None, False)
        for amount in (300, None, 100)
    ]
    # and: T U F / U U F / F F F        or: T T T / T U U / T U F
    assert found("已登记 and 合同额 > 1", *rows) == [0]
    assert found("not (已登记 and 合同额 > 1)", *rows) == [2, 5, 6, 7, 8]
    assert found("已登记 or 合同额 > 1", *rows) == [0, 1, 2, 3, 6]
    assert found("not (已登记 or 合同额 > 1)", *rows) == [8]
    assert found("not not 已登记", *rows) == [0, 1, 2]
    assert found("已登记 == (合同额 > 1)", *rows) == [0, 8]
    assert found("已登记 != (合同额 > 1)", *rows) == [2, 6]


def test_text_is_compared_letter_by_letter():
    rows = [{"kind": kind} for kind in ("", "a", "A", "甲 ", "甲", None)]
    assert found('类别 == ""', *rows) == [0]
    assert found('类别 != ""', *rows) == [1, 2, 3, 4]
    assert found('类别 == "a"', *rows) == [1]
    assert found('类别 in ("", "A")', *rows) == [0, 2]
    assert found('not 类别 == "甲"', *rows) == [0, 1, 2, 3]
    assert found('held(类别) and 类别 not in ("")', *rows) == [1, 2, 3, 4]


def test_whole_numbers_that_a_double_confuses_stay_apart():
    """2^53 and 2^53 + 1 are one double; with four places they are 900719925474.0992 and .0993. Below zero likewise."""
    rows = [{"raw": 2**53 + n} for n in (0, 1, 2)] + [{"raw": -(2**53) - n} for n in (0, 1)]
    assert found("整数 == 900719925474.0993", *rows) == [1]
    assert found("整数 > 900719925474.0992", *rows) == [1, 2]
    assert found("整数 < -900719925474.0992", *rows) == [4]
    assert found("整数 in (900719925474.0992, -900719925474.0993)", *rows) == [0, 4]
    assert found("abs(整数) == 900719925474.0993", *rows) == [1, 4]
    pairs = [{"amount": 2**53, "paid": 1}, {"amount": 2**53, "paid": 0}, {"amount": -(2**53), "paid": -1}]
    assert found("合同额 + 到账额 == 90071992547409.93", *pairs) == [0]
    assert found("合同额 + 到账额 < -90071992547409.92", *pairs) == [2]


def test_a_chain_of_comparisons_holds_both():
    rows = [{"amount": amount} for amount in (100, 101, 300, 301, None)]
    assert found("1 < 合同额 <= 3", *rows) == [1, 2]
    assert found("not 1 < 合同额 <= 3", *rows) == [0, 3]


def test_the_first_and_the_last_day_of_the_calendar():
    rows = [{"signed": day} for day in (date.min, date.max, None)]
    assert found('签订 <= date("0001-01-01")', *rows) == [0]
    assert found('签订 != date("0001-01-01")', *rows) == [1]
    assert found('签订 in (date("9999-12-31"))', *rows) == [1]


def test_a_missing_parent_makes_the_comparison_unknown():
    rows = {"parent": None}, {"parent": {**EMPTY, "amount": None}}, {"parent": {**EMPTY, "amount": 500}}
    assert found("原合同额 > 1", *rows) == [2]
    assert found("not 原合同额 > 1", *rows) == []
    assert found("原合同额 != 1", *rows) == [2]
    assert found("missing(原合同额)", *rows) == [0, 1]


def test_columns_of_different_places_are_compared_exactly_at_the_edge():
    # 92233720368547758.07 against 9223372036854.775807: 10^4 times apart, beyond 64 bits when brought to one scale
    rows = (
        {"amount": 2**63 - 1, "index": 2**63 - 1},
        {"amount": 1, "index": 10_000},
        {"amount": 1, "index": 10_001},
    )
    assert found("合同额 > 指数", *rows) == [0]
    assert found("合同额 == 指数", *rows) == [1]
    assert found("合同额 < 指数", *rows) == [2]


def test_a_sum_of_two_largest_values_does_not_overflow():
    rows = {"amount": 2**63 - 1, "paid": 2**63 - 1}, {"amount": 2**63 - 1, "paid": -(2**63)}
    assert found("合同额 + 到账额 == 184467440737095516.14", *rows) == [0]
    assert found("合同额 + 到账额 == -0.01", *rows) == [1]


def test_a_share_flips_with_a_negative_divisor_and_is_unknown_over_zero():
    # 30 / 100 = 0.3; −30 / −100 = 0.3; 30 / 0 has no value; 30 / −100 = −0.3
    pairs = [(30, 100), (-30, -100), (30, 0), (30, -100)]
    rows = [{"paid": paid, "amount": amount} for paid, amount in pairs]
    assert found("到账额 / 合同额 >= 0.3", *rows) == [0, 1]
    assert found("not 到账额 / 合同额 >= 0.3", *rows) == [3]


def test_min_with_a_missing_part_is_missing():
    rows = {"amount": 100, "paid": None}, {"amount": 100, "paid": 500}
    assert found("min(合同额, 到账额) < 2", *rows) == [1]
    assert found("max(合同额, 到账额) > 2", *rows) == [1]


def test_a_bound_between_two_steps_of_the_column_decides_like_the_exact_number():
    rows = {"amount": 33}, {"amount": 34}
    assert found("合同额 > 0.335", *rows) == [1]
    assert found("合同额 == 0.335", *rows) == []
    assert found("合同额 != 0.335", *rows, {"amount": None}) == [0, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("合同额 * 到账额 > 1", "两个名称相乘"),
        ("合同额 / 到账额 + 1 > 1", "除法的结果又参加了加减"),
        ("合同额 / 到账额 > 指数", "只能和一个常数比较"),
        ("10000000000 * 合同额 + 到账额 > 1", "算不准"),
        ("合同额 + 1", "不是真或假"),
        ("没有的 > 1", "没有对应的字段"),
        ("文字数 > 1", "不是公式所说的那一类"),
    ],
)
def test_what_would_not_be_exact_is_refused_with_the_reason(text, said):
    names = {**TYPES, "没有的": "number", "文字数": "number"}
    with pytest.raises(NotAFilter, match=said):
        condition_q(parse(text, names), {**FIELDS, "文字数": "kind"}, Contract)


def test_a_condition_on_reported_values_speaks_their_unit(base):
    """A plain integer column under a measure's decimals."""
    from keshu.figures.models import ReportedValue

    wanted = condition_q(
        parse("值 > 0.5", {"值": "number"}), {"值": ScaledColumn("scaled", 2)}, ReportedValue
    )
    assert ReportedValue.objects.for_system("测试").filter(wanted).count() == 0
