"""Rows of the sheet of a month, each drawn as one string: as template nodes two hundred of them took longer than everything that was
asked of the database."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from keshu.desk.templatetags.keshu_ui import bar, fig, lamp, lamp_class

register = template.Library()
#: What the office says of a line: the field of the check, and the word before it.
SAID = (
    ("progress", ""),
    ("reason", "原因"),
    ("next_step", "下步"),
    ("needs_coordination", "需协调"),
    ("opinion", "督查意见"),
)


@register.simple_tag
def check_row(row: Mapping[str, Any], token: str = "") -> SafeString:
    """One line as ``row_of`` makes it. ``token`` goes into the form of the review."""
    item = row["item"]
    late = mark_safe(' class="is-late"') if row["line"].behind else ""
    parts = [
        format_html('<tr id="item-{}"{}><td class="num ck-order">{}</td>', item.pk, late, _order(item)),
        format_html(
            '<th scope="row" class="ck-name"><a href="{}">{}</a><small>{}</small></th><td class="ck-target">{}</td>',
            row["href"],
            item.name,
            row["under"],
            row["line"].target or "定性",
        ),
        _value(row),
        _done(row),
        format_html(
            '<td class="ck-lamp"><span title="{}">{}</span></td>', row["lamp"].reason, lamp(row["lamp"], True)
        ),
        _said(row),
        _state(row, token),
        "</tr>",
    ]
    return mark_safe("".join(parts))


def _order(item: Any) -> Any:
    return "" if item.order is None else item.order


def _value(row: Mapping[str, Any]) -> str:
    if not row["value"]:
        return format_html(
            '<td class="num ck-value"><a class="ks-miss" href="{}">{}</a></td>', row["figure"], row["missing"]
        )
    own = mark_safe("<small>自报</small>") if row["line"].own else ""
    return format_html('<td class="num ck-value">{}{}</td>', fig(row["value"], row["figure"]), own)


def _done(row: Mapping[str, Any]) -> str:
    now = format_html('<small class="ck-now">{}</small>', row["now"]) if row["now"] else ""
    if not row["completion"]:
        return format_html(
            '<td class="ck-done"><span class="quiet">应到 {}</span>{}</td>', row["planned"], now
        )
    return format_html(
        '<td class="ck-done"><span class="num"><b>{}</b> <span class="quiet">应到 {}</span></span>{}{}</td>',
        row["completion"],
        row["planned"],
        bar(row["percent"], row["tick"], row["lamp"] if lamp_class(row["lamp"]) != "none" else ""),
        now,
    )


def _said(row: Mapping[str, Any]) -> str:
    check = row["check"]
    parts = ['<td class="ck-said">']
    if check is not None:
        if row["verdict"]:
            parts.append(f"<b>{conditional_escape(row['verdict'])}</b>")
        for name, word in SAID:
            text = getattr(check, name)
            if text:
                before = f"<i>{word}</i> " if word else ""
                parts.append(f"<span>{before}{conditional_escape(text)}</span>")
    parts.append("</td>")
    return "".join(parts)


def _state(row: Mapping[str, Any], token: str) -> str:
    if row["check_href"]:
        parts = [format_html('<td class="ck-state"><a href="{}">{}</a>', row["check_href"], row["state"])]
    else:
        parts = [format_html('<td class="ck-state"><span class="quiet">{}</span>', row["state"])]
    if row["may_review"]:
        parts.append(
            format_html(
                '<form class="no-print" method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
                '<button class="ks-btn sm" type="submit" aria-label="审定 {}">审定</button></form>',
                row["review_href"],
                token,
                row["item"].name,
            )
        )
    if row["order"] is not None:
        parts.append(format_html('<a href="{}">{}</a>', row["order_open"], row["order"].number))
    elif row["order_href"]:
        parts.append(format_html('<a class="no-print" href="{}">下达督办单</a>', row["order_href"]))
    parts.append("</td>")
    return "".join(parts)
