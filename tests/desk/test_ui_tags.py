"""The tags that draw a figure: what a reader, a screen reader and a printer in grey get from them."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import get_template

from keshu.desk.shell import ENTRIES
from keshu.desk.templatetags import keshu_ui
from keshu.desk.templatetags.keshu_icons import ICONS
from keshu.rules.lamp_sets import SETS
from keshu.rules.lamps import SHAPES, Lamp, load_rule

LATE = Lamp("late", "滞后", "■", "朱砂", "完成 46.2%")


def drawn(source: str, **context: object) -> str:
    return Template("{% load keshu_ui %}" + source).render(Context(context))


def test_a_figure_without_a_trace_carries_no_thread():
    assert drawn("{% fig '0.28' %}") == "0.28"


def test_a_figure_opens_as_a_link_even_without_scripts():
    html = drawn("{% fig '0.28' '/full/7' '/trace/7' 'big' %}")
    assert html == '<a class="fig big" href="/full/7" data-trace="/trace/7" aria-haspopup="dialog">0.28</a>'


def test_a_figure_escapes_what_it_is_given():
    html = drawn("{% fig text href %}", text='<b onclick="x">', href='/x?a=1&b="2"')
    assert "<b" not in html
    assert 'href="/x?a=1&amp;b=&quot;2&quot;"' in html


def test_a_lamp_keeps_its_word_for_the_ear_when_the_eye_has_the_legend():
    assert 'aria-label="滞后"' in drawn("{% lamp lit word=False %}", lit=LATE)
    assert ">滞后<" not in drawn("{% lamp lit word=False %}", lit=LATE)
    assert drawn("{% lamp lit %}", lit=LATE).endswith("滞后</span>")


def test_a_deadline_lamp_says_its_own_words():
    assert drawn("{% lamp lit True '超期 2 天' %}", lit=LATE).endswith("超期 2 天</span>")


@pytest.mark.parametrize("data", SETS, ids=lambda data: data["code"])
def test_every_band_of_a_ready_rule_has_its_own_drawing(data):
    rule = load_rule(data)
    bands = (*rule.bands, rule.missing)
    assert all(band.shape in keshu_ui.SHAPES and band.colour in keshu_ui.COLOURS for band in bands)
    assert len({keshu_ui.SHAPES[band.shape] for band in bands}) == len(bands)


def test_every_shape_a_rule_may_use_is_drawn():
    assert set(SHAPES) == set(keshu_ui.SHAPES)


def test_a_bar_ends_at_a_quarter_over_the_target():
    # 100 % of the target stands at 100 / 125 = 80 % of the length, 75 % at 60 %.
    html = drawn("{% bar done tick 'ok' %}", done=Decimal("100"), tick=Decimal("75"))
    assert 'class="fill" width="80.0%"' in html
    assert 'class="tick" x="60.0%"' in html
    assert 'aria-label="完成 100.0%，应到 75.0%"' in html


def test_a_bar_beyond_its_end_is_full_and_still_says_the_true_figure():
    html = drawn("{% bar done %}", done=Decimal("201"))
    assert 'width="100.0%"' in html
    assert "完成 201.0%" in html


def test_a_missing_figure_has_a_hatched_bar_and_nothing_filled():
    html = drawn("{% bar none %}", none=None)
    assert "fill" not in html
    assert "缺数" in html


def test_no_drawing_needs_a_style_attribute():
    html = drawn(
        "{% lamp lit %}{% bar 50 75 lit %}{% rank 3 8 True move=2 %}{% move -1 %}{% spark vals %}{% icon 'search' %}",
        lit=LATE, vals=[Decimal(1), None, Decimal(3)],
    )  # fmt: skip
    assert "style=" not in html


@pytest.mark.parametrize(("places", "shown"), [(3, "↑3"), (-1, "↓1"), (0, "持平")])
def test_a_move_counts_places_won(places, shown):
    assert shown in drawn("{% move places %}", places=places)


def test_ties_and_missing_are_written_into_the_rank():
    html = drawn("{% rank 1 of=7 tied=True missing=1 %}")
    assert "并列 1" in html
    assert "共 7，缺 1" in html
    assert "不排位" in drawn("{% rank none %}", none=None)


def test_missing_is_not_shown_as_zero():
    assert drawn("{{ v|number:2 }}{{ v|percent }}{{ v|change }}{{ v|money }}", v=None) == ""
    assert drawn("{{ v|number:2 }}", v=Decimal(0)) == "0.00"


def test_an_unknown_icon_names_the_known_ones():
    with pytest.raises(keshu_ui.UnknownIcon, match="没有画图标“nothing”"):
        keshu_ui.icon("nothing")


def test_a_card_escapes_its_title_and_keeps_its_content():
    html = drawn("{% card title %}<p>内容</p>{% endcard %}", title="<i>")
    assert "<h2>&lt;i&gt;</h2>" in html
    assert "<p>内容</p>" in html


class Balanced(HTMLParser):
    """Counts tags left open: a partial must not leak into its neighbours."""

    VOID = {"input", "br", "hr", "meta", "link", "img"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "404.html", "500.html", "403_csrf.html", "registration/locked.html"]
)
def test_error_pages_render_without_any_context_and_say_what_to_do(name):
    html = get_template(name).render({})
    balance = Balanced()
    balance.feed(html)
    assert balance.open == []
    assert html.count("<p>") >= 2  # why, and what to do
    assert 'href="/"' in html


def test_every_icon_of_the_rail_is_drawn():
    assert [entry.icon for entry in ENTRIES if entry.icon not in ICONS] == []


def test_every_icon_asked_for_by_a_template_is_drawn():
    templates = Path(keshu_ui.__file__).parents[2].rglob("templates/**/*.html")
    asked = {
        name
        for path in templates
        for name in re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked - set(ICONS) == set()
