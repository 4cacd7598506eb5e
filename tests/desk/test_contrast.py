"""Every pair of colours that meets on a page holds WCAG 2.2 AA: 4.5 for text (1.4.3), 3 for shapes and outlines (1.4.11).

The formula is restated from the recommendation itself (relative luminance and contrast ratio), and checked on two ratios
that the recommendation fixes: black on white is 21, a colour on itself is 1.
"""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "keshu/desk/static/keshu/css/tokens.css"
CSS = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.S)

LAMPS = ("ok", "slow", "late", "none", "blue", "orange")
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3")
        for ground in ("surface", "paper", "sunken", "foot", "hover")
    ),
    *(("ink-3", ground) for ground in ("accent-wash", "selected")),
    *(
        ("accent", ground)
        for ground in ("surface", "paper", "sunken", "foot", "accent-soft", "accent-wash", "selected")
    ),
    *((f"lamp-{lamp}", "surface") for lamp in LAMPS),
    *((f"lamp-{lamp}", f"lamp-{lamp}-wash") for lamp in LAMPS),
    ("move-down", "surface"),
    ("move-down", "accent-wash"),
    ("surface", "ink"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("rail-ink", "rail"),
    ("rail-active", "rail-well"),
]
SHAPES = [
    *((f"chart-{number}", "surface") for number in range(1, 7)),
    ("chart-up", "surface"),
    ("chart-down", "surface"),
    ("rail-mark", "rail"),
]
#: The wall has no fields, so outlines of controls matter in the light only.
LIGHT_SHAPES = [("line-control", "surface"), ("line-control", "paper")]


def declared(selector: str) -> dict[str, str]:
    """Hex colours of the first block with this selector."""
    body = re.search(rf"(?m)^{re.escape(selector)}\s*\{{(.*?)^\}}", CSS, re.S)
    assert body, f"tokens.css has no block {selector}"
    return dict(re.findall(r"--ks-([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})\b", body[1]))


LIGHT = declared(":root")
MODES = {
    "light": LIGHT,
    "wall": LIGHT | declared(':root[data-mode="wall"]'),
    "elder": LIGHT | declared(':root[data-mode="elder"]'),
}


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_ratios_that_the_recommendation_fixes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#12596b", "#12596b") == 1


@pytest.mark.parametrize("mode", MODES)
def test_text_reads_on_every_ground_it_stands_on(mode):
    colours = MODES[mode]
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in TEXT}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("mode", MODES)
def test_shapes_and_outlines_stand_out(mode):
    colours = MODES[mode]
    pairs = SHAPES + ([] if mode == "wall" else LIGHT_SHAPES)
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 3} == {}
