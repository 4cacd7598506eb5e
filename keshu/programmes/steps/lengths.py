"""Answers that must fit their column: a text that the database would cut or refuse is refused in words before."""

from django.db import models

from keshu.procedure.moving import MoveRefused


def fitted(model: type[models.Model], name: str, label: str, text: str) -> str:
    """The text as it may be kept in a column. Raises MoveRefused with both lengths."""
    text = text.strip()
    most = getattr(model._meta.get_field(name), "max_length", None)
    if most is not None and len(text) > most:
        raise MoveRefused(f"{label}写了 {len(text)} 字，最多 {most} 字。请删减后再办。")
    return text
