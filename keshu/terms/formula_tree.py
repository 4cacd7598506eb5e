"""The tree of a formula: its nodes, how it is written, and how it is worked out for one row of values.

Other compilers (to a database condition, to a query over files) walk the same nodes. A missing operand makes a
number missing and a comparison unknown; and/or/not follow Kleene's three-valued logic, as SQL does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

from keshu.terms.quantity import plain
from keshu.terms.units import EXACT

DIVISION = Context(prec=60)  # quotients are the only inexact step: 60 digits, far beyond any stored value

Env = Mapping[str, Any]  # name → Decimal, str, date, bool, or None for missing


@dataclass(frozen=True, slots=True)
class Constant:
    """A number (Decimal), text, bool or date written in the formula."""

    value: Decimal | str | bool | date


@dataclass(frozen=True, slots=True)
class Name:
    """A declared name and its type: number, text, date or bool."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Negate:
    """−x."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms in writing order, each with "+" or "-"; the first is always "+"."""

    terms: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors in writing order, each with "*" or "/"; the first is always "*". Divided once, at the end."""

    factors: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """min, max (two or more numbers) or abs (one); a missing argument makes the result missing."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """left op right with op one of == != < <= > >=; unknown when either side is missing."""

    left: "Node"
    op: str
    right: "Node"


@dataclass(frozen=True, slots=True)
class Member:
    """operand in values (or not in); unknown when the operand is missing."""

    operand: "Node"
    values: tuple[Constant, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a name has a value (``missing(x)`` is Not(Held(x))); never unknown."""

    name: Name


@dataclass(frozen=True, slots=True)
class Not:
    """not x; not unknown is unknown."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """x and y and …"""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """x or y or …"""

    parts: tuple["Node", ...]


Node = Constant | Name | Negate | Sum | Product | Call | Compare | Member | Held | Not | All | Any_


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Negate(operand) | Not(operand) | Member(operand, _, _):
            return (operand,)
        case Sum(parts) | Product(parts):
            return tuple(part for _, part in parts)
        case Call(_, parts) | All(parts) | Any_(parts):
            return parts
        case Compare(left, _, right):
            return (left, right)
        case Held(name):
            return (name,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in writing order."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_in(node: Node) -> tuple[str, ...]:
    """The names used, each once, in writing order."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))


# ---- writing ----------------------------------------------------------------------------------------------

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _ATOM = range(8)


def write(node: Node) -> str:
    """The formula of a tree; parsing it gives the same tree."""
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    match node:
        case Constant(value):
            return _write_constant(value)
        case Name(name, _):
            return name, _ATOM
        case Negate(operand):
            return "-" + _within(operand, _UNARY), _UNARY
        case Sum(terms):
            written = [(sign, _within(term, _PRODUCT)) for sign, term in terms]
            return written[0][1] + "".join(f" {sign} {term}" for sign, term in written[1:]), _SUM
        case Product(factors):
            written = [(sign, _within(factor, _UNARY)) for sign, factor in factors]
            return written[0][1] + "".join(f" {sign} {factor}" for sign, factor in written[1:]), _PRODUCT
        case Call(function, arguments):
            return f"{function}({', '.join(write(part) for part in arguments)})", _ATOM
        case Compare(left, op, right):
            return f"{_within(left, _SUM)} {op} {_within(right, _SUM)}", _COMPARE
        case Member(operand, values, negated):
            listed = ", ".join(write(value) for value in values)
            return f"{_within(operand, _SUM)} {'not in' if negated else 'in'} ({listed})", _COMPARE
        case Held(name):
            return f"held({name.name})", _ATOM
        case Not(Held(name)):
            return f"missing({name.name})", _ATOM
        case Not(operand):
            return "not " + _within(operand, _NOT), _NOT
        case All(parts):
            return " and ".join(_within(part, _NOT) for part in parts), _AND
        case Any_(parts):
            return " or ".join(_within(part, _AND) for part in parts), _OR


def _within(node: Node, at_least: int) -> str:
    text, level = _write(node)
    return text if level >= at_least else f"({text})"


def _write_constant(value: Decimal | str | bool | date) -> tuple[str, int]:
    if isinstance(value, bool):
        return str(value), _ATOM
    if isinstance(value, Decimal):
        return plain(value), (_UNARY if value < 0 else _ATOM)
    if isinstance(value, date):
        return f'date("{value.isoformat()}")', _ATOM
    return (f"'{value}'" if '"' in value else f'"{value}"'), _ATOM


# ---- working out ------------------------------------------------------------------------------------------

#: How each comparison decides between two held values.
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

Closure = Callable[[Env], Any]


def compiled(node: Node) -> Closure:
    """A function from an environment to the node's value: Decimal, str, date, bool, or None (missing, unknown)."""
    match node:
        case Constant(value):
            return lambda env: value
        case Name(read, _):
            return lambda env: env[read]
        case Negate(operand):
            inner = compiled(operand)
            return lambda env: None if (value := inner(env)) is None else value.copy_negate()
        case Sum(terms):
            return _sum(tuple((sign == "-", compiled(term)) for sign, term in terms))
        case Product(factors):
            above = tuple(compiled(factor) for sign, factor in factors if sign == "*")
            below = tuple(compiled(factor) for sign, factor in factors if sign == "/")
            return _quotient(above, below) if below else _product(above)
        case Call(function, arguments):
            return _call(function, tuple(compiled(part) for part in arguments))
        case Compare(left, op, right):
            return _compare(compiled(left), ORDER[op], compiled(right))
        case Member(operand, values, negated):
            return _member(compiled(operand), frozenset(item.value for item in values), negated)
        case Held(name):
            held = name.name
            return lambda env: env[held] is not None
        case Not(operand):
            inner = compiled(operand)
            return lambda env: None if (value := inner(env)) is None else not value
        case All(parts):
            return _kleene(tuple(compiled(part) for part in parts), decisive=False)
        case Any_(parts):
            return _kleene(tuple(compiled(part) for part in parts), decisive=True)


def _sum(terms: tuple[tuple[bool, Closure], ...]) -> Closure:
    add, subtract = EXACT.add, EXACT.subtract

    def total(env: Env) -> Decimal | None:
        result = Decimal(0)
        for negative, term in terms:
            value = term(env)
            if value is None:
                return None
            result = subtract(result, value) if negative else add(result, value)
        return result

    return total


def _product(factors: tuple[Closure, ...]) -> Closure:
    multiply = EXACT.multiply

    def product(env: Env) -> Decimal | None:
        result = Decimal(1)
        for factor in factors:
            value = factor(env)
            if value is None:
                return None
            result = multiply(result, value)
        return result

    return product


def _quotient(above: tuple[Closure, ...], below: tuple[Closure, ...]) -> Closure:
    numerator, denominator = _product(above), _product(below)

    def quotient(env: Env) -> Decimal | None:
        top, bottom = numerator(env), denominator(env)
        if top is None or not bottom:  # missing, or division by zero, which is missing too
            return None
        return DIVISION.divide(top, bottom)

    return quotient


def _call(function: str, arguments: tuple[Closure, ...]) -> Closure:
    functions: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": Decimal.copy_abs}
    chosen = functions[function]

    def call(env: Env) -> Decimal | None:
        values = [argument(env) for argument in arguments]
        return None if None in values else chosen(*values)

    return call


def _compare(left: Closure, order: Callable[[Any, Any], bool], right: Closure) -> Closure:
    def compare(env: Env) -> bool | None:
        first, second = left(env), right(env)
        return None if first is None or second is None else order(first, second)

    return compare


def _member(operand: Closure, values: frozenset[Any], negated: bool) -> Closure:
    def member(env: Env) -> bool | None:
        value = operand(env)
        return None if value is None else bool((value in values) is not negated)

    return member


def _kleene(parts: tuple[Closure, ...], *, decisive: bool) -> Closure:
    def combine(env: Env) -> bool | None:
        unknown = False
        for part in parts:
            value: bool | None = part(env)
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return combine
