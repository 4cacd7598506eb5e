"""Rows of a register's list. Fifty rows of a dozen cells are drawn here as one string: as template nodes they took longer than
everything that was asked of the database."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def register_row(line: Mapping[str, Any], ticks: bool = False) -> SafeString:
    """One row as ``lines_of`` makes it: a box to tick, a cell that opens the record, the other cells."""
    parts = ["<tr>"]
    if ticks:
        parts.append(
            format_html(
                '<td class="rg-tick no-print"><input type="checkbox" name="row" value="{}" aria-label="勾选 {}"></td>',
                line["pk"],
                line["title"],
            )
        )
    for cell in line["cells"]:
        parts.append(_name(line, cell) if cell["name"] else _cell(line, cell))
    parts.append("</tr>")
    return mark_safe("".join(parts))


def _name(line: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    batch = format_html(' <span class="ks-tag">{}</span>', line["batch"]) if line["batch"] else ""
    return format_html(
        '<th scope="row"><a href="{}">{}</a>{}</th>', line["href"], cell["text"] or "看记录", batch
    )


def _cell(line: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    style = "num" if cell["number"] else "state-off" if cell["state"] and line["off"] else ""
    opened = f'<td class="{style}">' if style else "<td>"
    return f"{opened}{conditional_escape(cell['text'])}</td>"
