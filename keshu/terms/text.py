"""Names as people type them: one spelling to compare by, place names, suggestions, and cells safe to export."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

# The spelling of a place name that a scanner or a hurried hand got wrong, and the name that is meant. The first
# four stand in transcripts of provincial yearbooks; the rest are look-alikes of the same kind. None is a place.
WRONG_GLYPHS = {
    "四藏": "西藏", "浙汀": "浙江", "江四": "江西", "内蒙占": "内蒙古",
    "山四": "山西", "陕四": "陕西", "陜西": "陕西", "广四": "广西", "黑龙汀": "黑龙江", "安微": "安徽", "贵洲": "贵州",
    "新彊": "新疆", "宁厦": "宁夏", "甘萧": "甘肃", "青诲": "青海", "上诲": "上海", "辽守": "辽宁", "褔建": "福建",
    "重床": "重庆", "湖甫": "湖南", "河甫": "河南", "云甫": "云南", "海甫": "海南", "内蒙吉": "内蒙古",
}  # fmt: skip

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
_FOLDED = str.maketrans({"(": "（", ")": "）", "•": "·", "‧": "·", "・": "·", "∙": "·", "⋅": "·"})
_PEOPLES = [
    "蒙古族",
    "回族",
    "藏族",
    "维吾尔族",
    "苗族",
    "彝族",
    "壮族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "土家族",
    "哈尼族",
    "哈萨克族",
    "傣族",
    "黎族",
    "傈僳族",
    "佤族",
    "畲族",
    "高山族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "柯尔克孜族",
    "土族",
    "达斡尔族",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "锡伯族",
    "阿昌族",
    "普米族",
    "塔吉克族",
    "怒族",
    "乌孜别克族",
    "俄罗斯族",
    "鄂温克族",
    "德昂族",
    "保安族",
    "裕固族",
    "京族",
    "塔塔尔族",
    "独龙族",
    "鄂伦春族",
    "赫哲族",
    "门巴族",
    "珞巴族",
    "基诺族",
    "维吾尔",
    "哈萨克",
    "柯尔克孜",
    "蒙古",
    "各族",
]
_PEOPLE = f"(?:{'|'.join(sorted(_PEOPLES, key=len, reverse=True))})"
_PROVINCE_TAIL = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)$")
_PREFECTURE_TAIL = re.compile(rf"{_PEOPLE}*自治州$|地区$|盟$")
_COUNTY_TAIL = re.compile(rf"{_PEOPLE}*自治[县旗]$|县$|区$|旗$")
_ZONE = re.compile(r"(?:开发|高新|经开|新|园|示范|功能|试验|管理)区$")
_DANGEROUS = "=+-@\t\r\n＝＋－＠"
_HARMLESS = re.compile(r"[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?|-+")


def clean_name(text: str) -> str:
    """The one spelling of a name: NFKC, no spaces of any kind, nothing invisible, one middle dot.

    Brackets become the full-width （）, as business licences print them; 〔〕 of document numbers stay.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    # NFC again: an accent that stood behind a space now stands behind a letter.
    return unicodedata.normalize("NFC", "".join(folded.split())).translate(_FOLDED)


def repair_glyphs(text: str) -> str:
    """A place name with a known wrong glyph put right (四藏自治区 → 西藏自治区); other names unchanged.

    Only the beginning is looked at: 长江四路 is a street.
    """
    for wrong, right in WRONG_GLYPHS.items():
        if text.startswith(wrong):
            return right + text[len(wrong) :]
    return text


def region_key(text: str, *, county: bool = False) -> str:
    """A region's name without its kind, for matching: 广西壮族自治区 → 广西, 西 藏 → 西藏, 浙江省 → 浙江.

    省, 市, 自治区, 特别行政区, 自治州, 地区 and 盟 go; 县, 区, 旗, 自治县 only when ``county``. At least two
    characters stay (赵县 is 赵县), zones (高新区) keep their 区. 吉林省 and 吉林市 share a key: compare in one level.
    """
    name = repair_glyphs(clean_name(text))
    tails = [_PROVINCE_TAIL, _PREFECTURE_TAIL]
    if county and not _ZONE.search(name):
        tails.append(_COUNTY_TAIL)
    for tail in tails:
        shorter = tail.sub("", name)
        if len(shorter) >= 2 and shorter != name:
            return shorter
    return name


def nearest(name: str, names: Iterable[str], n: int = 3) -> list[str]:
    """Up to ``n`` of ``names`` that look most like ``name``, best first; for "是不是…？"."""
    wanted = repair_glyphs(clean_name(name)).casefold()
    if not wanted:
        return []
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored = []
    for candidate in dict.fromkeys(names):
        folded = clean_name(candidate).casefold()
        matcher.set_seq1(folded)
        inside = bool(folded) and (folded in wanted or wanted in folded)
        if inside or matcher.quick_ratio() >= 0.4:
            score = matcher.ratio() + (0.3 if inside else 0.0)
            if score >= 0.4:
                scored.append((-score, len(candidate), candidate))
    return [candidate for _, _, candidate in sorted(scored)[:n]]


def guard_cell(text: str) -> str:
    """``text`` made safe for a cell of an exported table: what a spreadsheet would run as a formula gets an
    apostrophe in front (= + - @, tab, line breaks, also full-width). Numbers and dashes are left as they are."""
    start = text.lstrip(" \u3000\u00a0")
    if start and start[0] in _DANGEROUS and not _HARMLESS.fullmatch(start):
        return "'" + text
    return text
