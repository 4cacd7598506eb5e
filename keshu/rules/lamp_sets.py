"""Ready-made lamp rules as plain dicts, the form in which dated rules are stored and edited. Load with
``lamps.load_rule``.
"""

from typing import Any

_MISSING: dict[str, Any] = {"level": "none", "word": "缺数", "shape": "◌", "colour": "墨灰"}

HOUSE: dict[str, Any] = {
    "code": "house",
    "name": "序时三档",
    "doc_no": None,
    "issuer": "本局",
    "note": "默认规则：不低于序时为正常，不低于序时九成为偏慢，再低为滞后。可按本局文件改阈值、用词和颜色。",
    "bands": [
        {"level": "late", "word": "滞后", "shape": "■", "colour": "朱砂", "when": [{"pace_below": "0.90"}]},
        {"level": "slow", "word": "偏慢", "shape": "▲", "colour": "藤黄", "when": [{"pace_below": "1"}]},
        {"level": "ok", "word": "正常", "shape": "●", "colour": "石绿"},
    ],
    "missing": _MISSING,
}

# The next three: what each colour means is taken as found in the public practice of the city named (marked
# [S] in the domain notes). No thresholds are given there, so every number below is configuration and is said
# to be so in the note.
YICHANG: dict[str, Any] = {
    "code": "yichang",
    "name": "宜昌式：绿黄红",
    "doc_no": None,
    "issuer": "宜昌市",
    "note": "[S] 灯色含义据公开做法：绿为顺利，黄为临近时限，红为落后。来源未载阈值，下列阈值属本局配置。",
    "configured": ["pace_below", "overdue_at_least", "days_left_at_most"],
    "bands": [
        {
            "level": "late",
            "word": "落后",
            "shape": "■",
            "colour": "红",
            "when": [{"overdue_at_least": 1}, {"pace_below": "0.90"}],
        },
        {
            "level": "slow",
            "word": "临近时限",
            "shape": "▲",
            "colour": "黄",
            "when": [{"days_left_at_most": 15}],
        },
        {"level": "ok", "word": "顺利", "shape": "●", "colour": "绿"},
    ],
    "missing": _MISSING,
}

SUQIAN: dict[str, Any] = {
    "code": "suqian",
    "name": "宿迁式：蓝黄红",
    "doc_no": None,
    "issuer": "宿迁市",
    "note": "[S] 灯色含义据公开做法：蓝为临近办结，黄为未达序时或质量差，红为逾期。"
    "来源未载阈值，也未载无事时的灯色；下列阈值和“未亮灯”一档属本局配置。",
    "configured": ["overdue_at_least", "pace_below", "quality_in", "days_left_at_most", "未亮灯"],
    "bands": [
        {"level": "late", "word": "逾期", "shape": "■", "colour": "红", "when": [{"overdue_at_least": 1}]},
        {
            "level": "slow",
            "word": "未达序时或质量差",
            "shape": "▲",
            "colour": "黄",
            "when": [{"pace_below": "1"}, {"quality_in": ["差"]}],
        },
        {
            "level": "near",
            "word": "临近办结",
            "shape": "◆",
            "colour": "蓝",
            "when": [{"days_left_at_most": 15}],
        },
        {"level": "ok", "word": "未亮灯", "shape": "●", "colour": "墨灰"},
    ],
    "missing": _MISSING,
}

SANMING: dict[str, Any] = {
    "code": "sanming",
    "name": "三明式：蓝橙红督查单",
    "doc_no": None,
    "issuer": "三明市",
    "note": "[S] 灯色含义据公开做法：蓝、橙、红三色督查单递进，情况紧急可直接高一级。"
    "来源未载阈值，也未载未发单时的灯色；下列阈值和“未发单”一档属本局配置。",
    "configured": ["overdue_at_least", "pace_below", "未发单"],
    "urgent_raises": True,
    "bands": [
        {
            "level": "late",
            "word": "红色督查单",
            "shape": "■",
            "colour": "红",
            "when": [{"overdue_at_least": 30}, {"pace_below": "0.60"}],
        },
        {
            "level": "slow",
            "word": "橙色督查单",
            "shape": "▲",
            "colour": "橙",
            "when": [{"overdue_at_least": 10}, {"pace_below": "0.80"}],
        },
        {
            "level": "near",
            "word": "蓝色督查单",
            "shape": "◆",
            "colour": "蓝",
            "when": [{"overdue_at_least": 1}, {"pace_below": "1"}],
        },
        {"level": "ok", "word": "未发单", "shape": "●", "colour": "墨灰"},
    ],
    "missing": _MISSING,
}

SETS: tuple[dict[str, Any], ...] = (HOUSE, YICHANG, SUQIAN, SANMING)
