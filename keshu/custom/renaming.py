"""A condition in the present names of its columns."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from keshu.terms.formula import Expression
from keshu.terms.formula_tree import Name, write


def renamed(expression: Expression, names: Mapping[str, str]) -> str:
    """The text of a condition in which each name of ``names`` is called by its new name, all at once."""
    return write(_in_tree(expression.tree, names))


def _in_tree(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, Name):
        return replace(node, name=names.get(node.name, node.name))
    if isinstance(node, tuple):
        return tuple(_in_tree(one, names) for one in node)
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{f.name: _in_tree(getattr(node, f.name), names) for f in fields(node)})
    return node
