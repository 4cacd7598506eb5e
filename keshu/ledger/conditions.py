"""Conditions of measures and ledgers as database filters: the rows a filter finds are those the closure finds true.

A condition is first turned into "certainly true" and "certainly false" of its parts (Kleene's logic without NOT), so an
unknown part never lets a row through. Numbers are compared as whole numbers of 64 bits, exactly: one name against a
constant by an exact bound, several names by a sum in two halves of 32 bits, because a plain product of two columns
would overflow in one database and turn into floating point in another.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from keshu.ledger.fields import ScaledField
from keshu.ledger.linear import TOO_LARGE, Form, Linear, TooLarge
from keshu.terms.formula import Expression
from keshu.terms.formula_tree import (
    ORDER,
    All,
    Any_,
    Call,
    Compare,
    Constant,
    Held,
    Member,
    Name,
    Negate,
    Node,
    Not,
    Product,
    Sum,
    names_in,
)

LOWEST, HIGHEST = -(2**63), 2**63 - 1
HALF = 32
MASK = 2**HALF - 1
WIDEST = 2**30  # sum of the sizes of the factors of one comparison: both halves stay inside 64 bits
MOST_PIECES = 32  # how many cases min, max and abs of one comparison may open

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "==": "exact"}


class NotAFilter(ValueError):
    """A condition that cannot be a database filter: a field that does not fit, or arithmetic that would not be exact."""

    def __init__(self, expression: Expression, why: str) -> None:
        super().__init__(f"条件“{expression.source}”不能用来筛选台账：{why}。请改写条件。")


@dataclass(frozen=True)
class ScaledColumn:
    """A plain integer column that holds a number × 10^places (``ReportedValue.scaled`` under a measure's decimals)."""

    path: str
    places: int


def condition_q(
    expression: Expression, fields: Mapping[str, str | ScaledColumn], model: type[models.Model]
) -> Q:
    """The filter that finds the rows of ``model`` for which the condition is true; unknown rows are not found.

    ``fields`` maps each name of the condition to a field path of the model (``amount``, ``contract__amount``; forward
    relations only). Numbers are ScaledField or integer columns, dates DateField, text CharField or TextField, conditions
    BooleanField. Raises NotAFilter: a name without a field, a field of another kind, a product of two names, a quotient
    inside a sum or against another name, factors too far apart to stay exact in 64 bits.
    """
    if expression.type != "bool":
        raise NotAFilter(expression, "它的结果是一个数，不是真或假")
    columns = {name: _column(expression, model, name, fields) for name in expression.names}
    try:
        return _shown(_Compiler(expression, columns).certainly(expression.tree, True))
    except TooLarge as error:
        raise NotAFilter(expression, TOO_LARGE) from error


@dataclass(frozen=True)
class _Column:
    path: str
    kind: str  # number, text, date, bool
    places: int
    wide: bool  # whether the column itself has 64 bits


def _column(
    expression: Expression, model: type[models.Model], name: str, fields: Mapping[str, str | ScaledColumn]
) -> _Column:
    given = fields.get(name)
    if given is None:
        raise NotAFilter(expression, f"“{name}”在台账里没有对应的字段")
    path = given.path if isinstance(given, ScaledColumn) else given
    field: Any = None
    holder: Any = model
    for step in path.split("__"):
        try:
            field = holder._meta.get_field(step)
        except (FieldDoesNotExist, AttributeError) as error:
            raise NotAFilter(expression, f"“{name}”的字段 {path} 不存在") from error
        if field.is_relation and not (field.many_to_one or (field.one_to_one and field.concrete)):
            raise NotAFilter(expression, f"“{name}”的字段 {path} 一行对多行，说不清是哪一行")
        holder = field.related_model if field.is_relation else None
    if field.is_relation:
        field = field.target_field
    places = field.places if isinstance(field, ScaledField) else 0
    if isinstance(given, ScaledColumn):
        places = given.places
    kinds = (
        ("bool", models.BooleanField),
        ("number", models.IntegerField),
        ("text", (models.CharField, models.TextField)),
    )
    kind = next((kind for kind, types in kinds if isinstance(field, types)), "")  # type: ignore[arg-type]
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        kind = "date"
    if not kind:
        raise NotAFilter(expression, f"“{name}”的字段 {path} 是 {type(field).__name__}，不能精确比较")
    return _Column(path, kind, places, isinstance(field, models.BigIntegerField | models.BigAutoField))


# ---- truth without NOT: True and False are the filters that find everything and nothing ---------------------------

Found: TypeAlias = "Q | bool"


def _shown(found: Found) -> Q:
    nothing = Q(pk__in=[])
    if isinstance(found, bool):
        return ~nothing if found else nothing
    return found


def _all(parts: Iterable[Found]) -> Found:
    joined: Q | None = None
    for part in parts:
        if part is False:
            return False
        if part is not True:
            joined = part if joined is None else joined & part  # type: ignore[assignment,operator]
    return True if joined is None else joined


def _any(parts: Iterable[Found]) -> Found:
    joined: Q | None = None
    for part in parts:
        if part is True:
            return True
        if part is not False:
            joined = part if joined is None else joined | part  # type: ignore[assignment,operator]
    return False if joined is None else joined


class _Compiler:
    def __init__(self, expression: Expression, columns: Mapping[str, _Column]) -> None:
        self.expression, self.columns = expression, columns
        self.by_path = {column.path: column for column in columns.values()}

    def refuse(self, why: str) -> NotAFilter:
        return NotAFilter(self.expression, why)

    def certainly(self, node: Node, wanted: bool) -> Found:
        """The rows for which ``node`` is certainly ``wanted``."""
        match node:
            case Constant(value):
                return bool(value) is wanted
            case Name():
                return Q(**{self.path(node, "bool"): wanted})
            case Not(operand):
                return self.certainly(operand, not wanted)
            case All(parts):
                return (_all if wanted else _any)(self.certainly(part, wanted) for part in parts)
            case Any_(parts):
                return (_any if wanted else _all)(self.certainly(part, wanted) for part in parts)
            case Held(name):
                return Q(**{f"{self.columns[name.name].path}__isnull": not wanted})
            case Compare(left, op, right):
                return self.compare(left, op if wanted else OPPOSITE[op], right)
            case Member(operand, values, negated):
                return self.member(operand, values, negated is wanted)
        raise self.refuse("里面有不能作条件的部分")

    def path(self, name: Name, kind: str) -> str:
        column = self.columns[name.name]
        if column.kind != kind:
            raise self.refuse(f"“{name.name}”的字段 {column.path} 不是公式所说的那一类")
        return column.path

    def held(self, node: Node) -> Found:
        """The rows in which every name of a node has a value."""
        return _all(Q(**{f"{self.columns[name].path}__isnull": False}) for name in names_in(node))

    def type_of(self, node: Node) -> str:
        match node:
            case Name(_, type_):
                return type_
            case Constant(value):
                kinds = ((bool, "bool"), (Decimal, "number"), (date, "date"), (str, "text"))
                return next(kind for python, kind in kinds if isinstance(value, python))
            case Negate() | Sum() | Product() | Call():
                return "number"
        return "bool"

    # ---- comparisons --------------------------------------------------------------------------------------

    def compare(self, left: Node, op: str, right: Node) -> Found:
        kind = self.type_of(left)
        if kind == "number":
            return self.numbers(left, op, right)
        if kind == "bool":
            same = op == "=="
            return _any(
                _all((self.certainly(left, side), self.certainly(right, side is same)))
                for side in (True, False)
            )
        return self.plain(left, op, right, kind)

    def plain(self, left: Node, op: str, right: Node, kind: str) -> Found:
        """Text and dates: names and constants only."""
        if isinstance(left, Constant):
            if isinstance(right, Constant):
                return ORDER[op](left.value, right.value)
            left, op, right = right, FLIPPED[op], left
        assert isinstance(left, Name)
        path = self.path(left, kind)
        other = right.value if isinstance(right, Constant) else F(self.path(right, kind))  # type: ignore[arg-type]
        return self.looked_up(path, op, other, _all((self.held(left), self.held(right))))

    def looked_up(self, path: str, op: str, other: Any, held: Found) -> Found:
        """A lookup; ≠ is 'held and not equal', because Django's own negation lets missing values through."""
        if op == "!=":
            return _all((held, ~Q(**{path: other})))
        return Q(**{f"{path}__{LOOKUPS[op]}": other})

    def member(self, operand: Node, values: tuple[Constant, ...], excluded: bool) -> Found:
        kind = self.type_of(operand)
        if kind in ("text", "date") and isinstance(operand, Name):
            path = self.path(operand, kind)
            listed = Q(**{f"{path}__in": [value.value for value in values]})
            return _all((self.held(operand), ~listed)) if excluded else listed
        op = "!=" if excluded else "=="
        return (_all if excluded else _any)(self.compare(operand, op, value) for value in values)

    # ---- numbers ------------------------------------------------------------------------------------------

    def numbers(self, left: Node, op: str, right: Node) -> Found:
        cases = [
            _all((*first, *second, self.forms(one, op, other)))
            for first, one in self.pieces(left)
            for second, other in self.pieces(right)
        ]
        if len(cases) > MOST_PIECES:
            raise self.refuse("一次比较里 min、max、abs 太多")
        return _all((self.held(left), self.held(right), _any(cases)))

    def pieces(self, node: Node) -> list[tuple[tuple[Found, ...], Form]]:
        """The node as cases: (when, its form then). Only min, max and abs open more than one."""
        match node:
            case Constant(value):
                return [((), Form(Linear.constant(Fraction(value))))]  # type: ignore[arg-type]
            case Name():
                column = self.columns[node.name]
                self.path(node, "number")
                return [((), Form(Linear.of(column.path, Fraction(1, 10**column.places))))]
            case Negate(operand):
                return [(when, form.times(Fraction(-1))) for when, form in self.pieces(operand)]
            case Sum(terms):
                return self.combined(terms, self.added)
            case Product(factors):
                return [(when, form.settled()) for when, form in self.combined(factors, self.multiplied)]
            case Call("abs", (operand,)):
                zero = Form(Linear.constant(Fraction(0)))
                return [
                    ((*when, self.forms(form, op, zero)), form.times(Fraction(sign)))
                    for when, form in self.pieces(operand)
                    for op, sign in ((">=", 1), ("<", -1))
                ]
            case Call(function, arguments):
                return self.extreme("<=" if function == "min" else ">=", arguments)
        raise self.refuse("数的位置上写了别的东西")

    def combined(
        self, parts: tuple[tuple[str, Node], ...], join: Callable[[Form, str, Form], Form]
    ) -> list[tuple[tuple[Found, ...], Form]]:
        sofar = self.pieces(parts[0][1])
        for sign, part in parts[1:]:
            sofar = [
                ((*first, *second), join(one, sign, other))
                for first, one in sofar
                for second, other in self.pieces(part)
            ]
            if len(sofar) > MOST_PIECES:
                raise self.refuse("一次比较里 min、max、abs 太多")
        return sofar

    def added(self, one: Form, sign: str, other: Form) -> Form:
        if one.below is not None or other.below is not None:
            raise self.refuse("除法的结果又参加了加减")
        return Form(one.above.plus(other.above.times(Fraction(-1 if sign == "-" else 1))))

    def multiplied(self, one: Form, sign: str, other: Form) -> Form:
        if other.below is not None:
            raise self.refuse("除法的结果又参加了乘除")
        if sign == "*":
            if other.above.is_constant:
                return one.times(other.above.rest)
            if one.above.is_constant:
                return Form(other.above.times(one.above.rest), one.below)
            raise self.refuse("两个名称相乘")
        if one.below is None:
            return Form(one.above, other.above)
        if other.above.is_constant:
            return Form(one.above, one.below.times(other.above.rest))
        if one.below.is_constant:
            return Form(one.above, other.above.times(one.below.rest))
        raise self.refuse("除以两个名称的积")

    def extreme(self, op: str, arguments: tuple[Node, ...]) -> list[tuple[tuple[Found, ...], Form]]:
        """min and max: the cases in which each argument is the one taken (equal ones give equal values)."""
        options = [self.pieces(argument) for argument in arguments]
        found: list[tuple[tuple[Found, ...], Form]] = []
        for index, option in enumerate(options):
            others = options[:index] + options[index + 1 :]
            for when, form in option:
                beats = [
                    _any(_all((*there, self.forms(form, op, other))) for there, other in rival)
                    for rival in others
                ]
                found.append(((*when, *beats), form))
        if len(found) > MOST_PIECES:
            raise self.refuse("一次比较里 min、max、abs 太多")
        return found

    def forms(self, left: Form, op: str, right: Form) -> Found:
        """left op right. A quotient stands against a constant only; a zero divisor makes it unknown."""
        left, right = left.settled(), right.settled()
        if right.below is not None:
            left, op, right = right, FLIPPED[op], left
        if left.below is None:
            return self.sign(left.above.plus(right.above.times(Fraction(-1))), op)
        if right.below is not None or not right.above.is_constant:
            raise self.refuse("除法的结果只能和一个常数比较")
        left.require_short(right.above.rest)
        difference = left.above.plus(left.below.times(-right.above.rest))
        return _any(
            (
                _all((self.sign(left.below, ">"), self.sign(difference, op))),
                _all((self.sign(left.below, "<"), self.sign(difference, FLIPPED[op]))),
            )
        )

    def sign(self, linear: Linear, op: str) -> Found:
        """linear op 0, for rows that hold all of its names."""
        factors, rest = linear.whole()
        if not factors:
            return ORDER[op](rest, 0)
        if len(factors) == 1:
            ((path, factor),) = factors.items()
            return self.bound(path, op if factor > 0 else FLIPPED[op], Fraction(-rest, factor))
        if not rest and sorted(factors.values()) == [-1, 1]:
            first, second = sorted(factors, key=factors.__getitem__, reverse=True)
            return self.looked_up(first, op, F(second), self.all_held(first, second))
        return self.halves(factors, op, -rest)

    def all_held(self, *paths: str) -> Found:
        return _all(Q(**{f"{path}__isnull": False}) for path in paths)

    def bound(self, path: str, op: str, limit: Fraction) -> Found:
        """One column against an exact bound: the nearest whole number that decides the same."""
        floor = limit.numerator // limit.denominator
        if floor != limit:
            if op in ("==", "!="):
                return op == "!=" and self.all_held(path)
            op = "<=" if op in ("<", "<=") else ">"
        if not LOWEST <= floor <= HIGHEST:
            return ORDER[op](0, floor) and self.all_held(path)
        return self.looked_up(path, op, Value(floor, models.BigIntegerField()), self.all_held(path))

    def halves(self, factors: dict[str, int], op: str, limit: int) -> Found:
        """Σ factor·column op limit, as two sums over the upper and the lower 32 bits of the columns."""
        if sum(map(abs, factors.values())) > WIDEST:
            raise self.refuse("各项的倍数或小数位数相差太大，64 位整数里算不准")
        upper = _total({path: self.half(path, True) for path in factors}, factors)
        lower = _total({path: self.half(path, False) for path in factors}, factors)
        high = _whole(upper + _whole(lower.bitrightshift(HALF)))
        low = _whole(lower.bitand(MASK))
        above, below = limit >> HALF, limit & MASK
        if not LOWEST <= above <= HIGHEST:
            return ORDER[op](0, above) and self.all_held(*factors)
        here, rest = Value(above, models.BigIntegerField()), Value(below, models.BigIntegerField())
        equal = _test(high, "==", here)
        if op == "==":
            return equal & _test(low, "==", rest)
        if op == "!=":
            return (
                _test(high, "<", here)
                | _test(high, ">", here)
                | _test(low, "<", rest)
                | _test(low, ">", rest)
            )
        strict = op[0]
        return _test(high, strict, here) | (equal & _test(low, op, rest))

    def half(self, path: str, upper: bool) -> Any:
        """The upper half (signed) or the lower half (0 … 2^32 − 1) of a column: two's complement on every database."""
        column = _whole(F(path)) if self.by_path[path].wide else Cast(F(path), models.BigIntegerField())
        return _whole(column.bitrightshift(HALF) if upper else column.bitand(MASK))


def _whole(expression: Any) -> models.ExpressionWrapper:
    """An expression taken as the whole number it is, whatever field it comes from."""
    return models.ExpressionWrapper(expression, models.BigIntegerField())


def _total(columns: Mapping[str, Any], factors: Mapping[str, int]) -> models.ExpressionWrapper:
    total: Any = None
    for path, column in columns.items():
        term = column * Value(factors[path], models.BigIntegerField())
        total = term if total is None else total + term
    return _whole(total)


_TESTS = {"<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual, "==": Exact}


def _test(left: Any, op: str, right: Any) -> Q:
    return Q(_TESTS[op](left, right))
