"""An extract of the published panel of provinces: five places, twelve measures, 2021–2023.

Origin of ``panel.csv``: 全国科技经费投入统计公报, 中国统计年鉴, 中国科技统计年鉴, 高新技术企业认定公告名单, as its column
source says; the revised 2022 intensity 2.56 is the base of the official "提高 0.09 个百分点" of the 2023 bulletin.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from keshu.figures import cube
from keshu.figures.counting import SOURCE
from keshu.figures.dispatch import dispatch
from keshu.figures.models import Measure, Release, ReportedValue
from keshu.journal import moments
from keshu.terms.period import Period
from tests.figures.imports.making import HEAD, counts, values

pytestmark = pytest.mark.django_db
PANEL = Path(__file__).with_name("panel.csv")


@pytest.fixture
def panel(desk):
    desk.take(PANEL)
    return desk


def test_the_whole_extract_is_taken_and_again_changes_nothing(desk):
    batch, outcome = desk.take(PANEL)
    assert counts(batch) == {"new": 170}
    assert outcome.new == 170
    assert cube.verify()[1] == []
    before = moments.latest()
    again, _ = desk.take(PANEL)
    assert counts(again) == {"identical": 170}
    assert (again.revision, moments.latest()) == (None, before)


def test_publications_are_what_the_columns_say(panel):
    kinds = Counter(Release.objects.exclude(source=SOURCE).values_list("kind", flat=True))
    assert kinds == {Release.Kind.AUTHORITY: 8, Release.Kind.ESTIMATE: 1}
    assert set(Release.objects.filter(source="全国科技经费投入统计公报").values_list("label", flat=True)) == {
        "2021年首次发布",
        "2022年首次发布",
        "2023年首次发布",
    }
    assert Release.objects.get(kind=Release.Kind.ESTIMATE).source == "由研发经费与强度反推"
    assert Measure.objects.get(code="hitech_announced").notes == ["流量,非有效存量"]


def test_implied_gdp_is_estimated_and_published_gdp_is_not(panel):
    flags = dict(
        ReportedValue.objects.for_system("测试")
        .values_list("measure__code", "estimated")
        .distinct()
        .order_by()
    )
    assert [code for code, estimated in flags.items() if estimated] == ["gdp_implied"]


def test_the_intensity_computed_from_what_was_imported_agrees_with_the_published_one(panel):
    """2023: 北京 2947.1/43760.7 → 6.73, 浙江 2640.2/82553.2 → 3.20, as the bulletin prints them; 2022 has no published GDP."""
    found = dispatch("provinces", Period.parse("2023"), level="province")
    rows = {(r.indicator.code, r.region.short_name): r for r in found.rows}
    for place in ("北京", "浙江", "安徽", "西藏"):
        computed, published = rows["rd_gdp", place].value, rows["rd_intensity_reported", place].value
        assert abs(computed - published) <= Decimal("0.005")
    earlier = dispatch("provinces", Period.parse("2022"), level="province")
    assert (
        next(r for r in earlier.rows if r.indicator.code == "rd_gdp" and r.region.short_name == "北京").value
        is None
    )


def test_a_second_release_revises_2022_and_the_change_of_2023_says_that_it_mixes(panel):
    """2.65 − 2.56 = +0.09 (what the bulletin says); 2.65 − 2.54 = +0.11 with the values first published."""
    head = (*HEAD, "版次", "来源", "发布日期")
    row = (
        "2022年",
        "全国",
        "研发经费投入强度(公报)",
        "2.56",
        "%",
        "修订",
        "全国科技经费投入统计公报",
        "2024-10-02",
    )
    _batch, outcome = panel.take(panel.csv(row, head=head))
    assert outcome.new == 1
    first, revised = values("rd_intensity_published", "全国", "2022")
    assert (first.release.label, first.version) == ("2022年首次发布", 1)
    assert (revised.release.label, revised.version, revised.release.revised) == ("2022年修订", 1, True)
    assert revised.release.released_on == date(2024, 10, 2)

    def change(vintage):
        found = dispatch("provinces", Period.parse("2023"), level="province", vintage=vintage)
        return next(c.total_row for c in found.columns if c.indicator.code == "rd_intensity_reported")

    assert change("latest").change.value == Decimal("0.09")
    assert change("latest").mixes is True
    assert change("first").change.value == Decimal("0.11")


def test_one_publication_may_hold_several_data_years(panel):
    """The same revision told the other way: as rows of the publication of 2023."""
    head = (*HEAD, "版次", "来源", "发布", "发布日期")
    rest = ("%", "修订", "全国科技经费投入统计公报", "2023年公报", "2024-10-02")
    panel.take(
        panel.csv(
            ("2022年", "全国", "研发经费投入强度(公报)", "2.56", *rest),
            ("2023年", "全国", "研发经费投入强度(公报)", "2.65", *rest),
            head=head,
        )
    )
    found = dispatch("provinces", Period.parse("2023"), level="province")
    row = next(c.total_row for c in found.columns if c.indicator.code == "rd_intensity_reported")
    assert (row.change.value, row.mixes) == (Decimal("0.09"), False)  # both ends from one release
