"""Conditions over a custom ledger: the closure that counts and the filter that lists find the same records, on both databases."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keshu.custom.columns import Col, condition_names, condition_types, to_json
from keshu.custom.models import CustomRecord, Definition
from keshu.directory.models import Region
from keshu.journal.writing import writing
from keshu.ledger.conditions import NotAFilter, condition_q
from keshu.terms.formula import parse

pytestmark = pytest.mark.django_db
COLUMNS = (
    Col("名称", slot="text1"),
    Col("方式", "choice", slot="text2", choices=("现场", "电话")),
    Col("金额", "money", slot="number1"),
    Col("人数", "count", slot="number2"),
    Col("满意度", "number", slot="number3", places=2),
    Col("日期", "date", slot="date1"),
    Col("到期", "date", slot="date2"),
    Col("回访", "flag", slot="flag1"),
)
NAMES, TYPES = condition_names(COLUMNS), condition_types(COLUMNS)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "text1": st.sampled_from([None, "甲", "乙", "A", "a"]),
            "text2": st.sampled_from([None, "现场", "电话"]),
            "number1": st.one_of(st.none(), st.decimals(-1000, 10**9, places=2)),
            "number2": st.one_of(st.none(), st.integers(0, 300).map(Decimal)),
            "number3": st.one_of(st.none(), st.decimals(0, 5, places=2)),
            "date1": st.one_of(st.none(), st.dates(date(2025, 12, 1), date(2026, 12, 31))),
            "date2": st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 1, 3))),
            "flag1": st.sampled_from([None, True, False]),
            "items": st.sampled_from([1, 1, 38]),
        }
    ),
    min_size=1,
    max_size=8,
)
leaves = st.one_of(
    st.tuples(
        st.sampled_from(["金额", "人数", "满意度", "件数", "金额 + 人数", "人数 * 2 - 件数", "金额 / 人数", "max(人数, 件数)"]),
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["0", "1", "38", "4.5", "100", "10000", "-1"]),
    ).map(" ".join),
    st.tuples(st.sampled_from(["方式", "名称"]), st.sampled_from(["==", "!="]), st.sampled_from(['"现场"', '"甲"', '"a"'])).map(" ".join),
    st.tuples(st.sampled_from(["日期", "到期"]), st.sampled_from(["<", ">=", "=="]), st.sampled_from(['date("2026-01-02")', "到期"])).map(" ".join),
    st.sampled_from(["回访", "not 回访", '方式 in ("现场", "电话")', '名称 not in ("甲")']),
    st.sampled_from(list(TYPES)).map("missing({})".format),
    st.sampled_from(list(TYPES)).map("held({})".format),
)  # fmt: skip
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map("not ({})".format), st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
    ),
    max_leaves=4,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(rows=rows, texts=st.lists(conditions, min_size=1, max_size=4))
def test_what_counts_is_what_the_filter_lists(base, actor, rows, texts):
    with writing(actor, "试"):
        definition = Definition(
            code=f"t{Definition.objects.count()}x",
            name=f"试{Definition.objects.count()}",
            prefix="T",
            columns=[to_json(col) for col in COLUMNS],
            digest="x",
        )
        definition.save()
        region = Region.objects.first()
        made = []
        for row in rows:
            record = CustomRecord(definition=definition, edition=1, region=region, **row)
            record.save()
            made.append(record)
    for text in texts:
        expression = parse(text, TYPES)
        try:
            wanted = condition_q(expression, NAMES, CustomRecord)
        except NotAFilter:
            continue
        closure = {
            record.pk
            for record in made
            if expression.condition({name: getattr(record, NAMES[name]) for name in expression.names})
        }
        listed = set(
            CustomRecord._base_manager.filter(wanted, definition=definition).values_list("pk", flat=True)
        )
        assert listed == closure, text
