"""Formulas and conditions as people write them on a page: a whitelist over Python's grammar, never eval.

Numbers: + - * /, parentheses, min, max, abs. Conditions: == != < <= > >= (chained too), in (…), and, or, not,
missing(x), held(x), date("2026-01-01"). Names are declared with their types and may be Chinese; full-width marks
and ×, ÷, ≤, ≥, ≠ are read as their ASCII kin. A missing operand makes a number missing and a comparison unknown;
division by zero is missing; a row meets a condition only when it is true (Kleene's logic, as in SQL).
"""

import ast
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, Inexact, localcontext

from keshu.terms.formula_tree import (
    All,
    Any_,
    Call,
    Closure,
    Compare,
    Constant,
    Env,
    Held,
    Member,
    Name,
    Negate,
    Node,
    Not,
    Product,
    Sum,
    compiled,
    names_in,
    write,
)  # fmt: skip
from keshu.terms.text import nearest
from keshu.terms.units import EXACT

LONGEST, DEEPEST = 2000, 30
TYPES = {"number": "数", "text": "文字", "date": "日期", "bool": "条件"}
FUNCTIONS = ("min", "max", "abs", "missing", "held", "date")
_MAX_MAGNITUDE = 30

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_REFUSED: dict[type[ast.AST], str] = {
    ast.Pow: "不能用乘方 **", ast.FloorDiv: "不能用整除 //", ast.Mod: "不能用 %，百分数请写成 / 100 或 * 100",
    ast.BitAnd: "不能用 &，“并且”请写 and", ast.BitOr: "不能用 |，“或者”请写 or",
    ast.Attribute: "不能用点号取属性", ast.Subscript: "不能用方括号取下标", ast.Lambda: "不能写 lambda",
    ast.IfExp: "不能写 if … else", ast.JoinedStr: "不能用 f 字符串", ast.NamedExpr: "不能用 := 赋值",
    ast.Is: "不能用 is，判断缺数请写 missing(名称)", ast.IsNot: "不能用 is not，判断有数请写 held(名称)",
}  # fmt: skip
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "＂": "＂", "＇": "＇"}
_MARKS = {
    "×": "*",
    "÷": "/",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "、": ",",
    "【": "(",
    "】": ")",
    "—": "-",
}


class FormulaError(ValueError):
    """A formula that cannot be saved: where (0-based place in the source), why, and the nearest names if any."""

    def __init__(self, why: str, source: str, position: int, near: Iterable[str] = ()) -> None:
        self.source, self.position, self.nearest = source, position, tuple(near)
        hint = f"是不是 {'、'.join(self.nearest)}？" if self.nearest else ""
        found = source[position : position + 12]
        place = f"第 {position + 1} 个字“{found}”处" if found else "末尾处"
        super().__init__(f"公式{place}：{why}。{hint}请改正后再保存。")


@dataclass(frozen=True)
class Expression:
    """A checked formula: its ``source``, its ``tree`` (formula_tree nodes) and its ``type``."""

    source: str
    tree: Node
    type: str
    names: tuple[str, ...] = field(init=False)
    """The names it uses, each once, in writing order."""
    _closure: Closure = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", names_in(self.tree))
        object.__setattr__(self, "_closure", compiled(self.tree))

    def evaluate(self, env: Env) -> Decimal | None:
        """The number for one row, unrounded; None when an operand is missing or a divisor is zero.

        ``env`` holds every name of ``names``. Raises FormulaError when this is a condition.
        """
        self._require("number")
        result: Decimal | None = self._closure(env)
        return result

    def condition(self, env: Env) -> bool:
        """Whether one row meets the condition: true only, unknown does not. Raises FormulaError for a number."""
        return self.truth(env) is True

    def truth(self, env: Env) -> bool | None:
        """True, False, or None for unknown."""
        self._require("bool")
        result: bool | None = self._closure(env)
        return result

    def fraction(self) -> "tuple[Expression, Expression, Decimal] | None":
        """(numerator, denominator, factor) of a ratio such as A / B, A / B * 100 or 100 * A / B, else None.

        Constant factors form ``factor``; value = numerator / denominator × factor.
        """
        if not isinstance(self.tree, Product):
            return None
        above: list[Node] = [
            part for sign, part in self.tree.factors if sign == "*" and not isinstance(part, Constant)
        ]
        below: list[Node] = [
            part for sign, part in self.tree.factors if sign == "/" and not isinstance(part, Constant)
        ]
        if not above or not below:
            return None
        factor, divisor = Decimal(1), Decimal(1)
        for sign, part in self.tree.factors:
            if isinstance(part, Constant) and isinstance(part.value, Decimal):
                if sign == "*":
                    factor = EXACT.multiply(factor, part.value)
                else:
                    divisor = EXACT.multiply(divisor, part.value)
        try:
            with localcontext(EXACT) as context:
                context.traps[Inexact] = True
                factor = factor / divisor
        except Inexact:  # A / B / 3: a third is no decimal, so the 3 stays with the denominator
            below.append(Constant(divisor))
        return _joined(above), _joined(below), factor

    def _require(self, wanted: str) -> None:
        if self.type != wanted:
            what = "条件（真或假）" if wanted == "bool" else "一个数"
            raise FormulaError(f"这里需要{what}，而公式的结果是{TYPES[self.type]}", self.source, 0)


def parse(source: str, names: Mapping[str, str]) -> Expression:
    """The checked formula. ``names`` maps each name that may be used to its type (number, text, date, bool).

    Names are compared after NFKC, as Python does; ``Expression.names`` gives them as declared. Raises FormulaError
    with the place and, for an unknown name, the nearest ones.
    """
    return _Reader(source, names).read()


def is_name(text: str) -> bool:
    """Whether ``text`` can be a name in a formula: letters, Chinese characters, digits and _, no leading digit."""
    folded = unicodedata.normalize("NFKC", text)
    return folded.isidentifier() and not keyword.iskeyword(folded) and folded not in FUNCTIONS


def _joined(parts: list[Node]) -> Expression:
    tree = parts[0] if len(parts) == 1 else Product(tuple(("*", part) for part in parts))
    return Expression(write(tree), tree, "number")


def _folded(source: str) -> tuple[str, list[int]]:
    """(the source with full-width marks as ASCII outside quotes, for each of its characters the source place)."""
    marks: list[str] = []
    places: list[int] = []
    closing = ""
    for place, mark in enumerate(source):
        if closing:
            folded = ("'" if closing in "’'＇" else '"') if mark == closing else mark
            if mark == closing:
                closing = ""
            elif mark in "\"'\\\n\r" and mark != closing:
                raise FormulaError("引号内不能再有引号、反斜杠或换行", source, place)
        elif mark in _QUOTES:
            closing = _QUOTES[mark]
            folded = "'" if mark in "‘'＇" else '"'
        elif mark.isspace():
            folded = " "
        elif mark in "\u200b\ufeff":
            continue
        else:
            folded = _MARKS.get(mark) or (chr(ord(mark) - 0xFEE0) if "！" <= mark <= "～" else mark)
            if folded in "#\\;\0":
                raise FormulaError(f"不能用“{mark}”", source, place)
        if not marks and folded == " ":
            continue  # Python would take leading space for an indentation
        marks.append(folded)
        places += [place] * len(folded)
    if closing:
        raise FormulaError("引号没有配对", source, len(source))
    return "".join(marks), [*places, len(source)]


class _Reader:
    """One reading of one source: Python's parser finds the structure, this class admits or refuses each part."""

    def __init__(self, source: str, names: Mapping[str, str]) -> None:
        self.source = source
        self.names = {unicodedata.normalize("NFKC", name): (name, type_) for name, type_ in names.items()}

    def read(self) -> Expression:
        source = self.source
        if len(source) > LONGEST:
            raise FormulaError(f"公式有 {len(source)} 个字，最多 {LONGEST} 个", source, LONGEST)
        self.text, self.places = _folded(source)
        if not self.text.strip():
            raise FormulaError("公式是空的", source, 0)
        self._refuse_deep_nesting()
        self.encoded = self.text.encode("utf-8", "surrogatepass")
        try:
            body = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise self._syntax(error) from None
        except (ValueError, RecursionError, MemoryError):
            raise FormulaError("读不懂这个公式，可能嵌套太深或有无法识别的字符", source, 0) from None
        tree, type_ = self._node(body, 1)
        return Expression(source, tree, type_)

    # ---- errors -------------------------------------------------------------------------------------------

    def _error(self, why: str, node: ast.AST, near: Iterable[str] = ()) -> FormulaError:
        offset = getattr(node, "col_offset", 0)
        place = len(self.encoded[:offset].decode("utf-8", "replace"))
        return FormulaError(why, self.source, self.places[min(place, len(self.places) - 1)], near)

    def _syntax(self, error: SyntaxError) -> FormulaError:
        place = self.places[min(max((error.offset or 1) - 1, 0), len(self.places) - 1)]
        opened, closed = self.text.count("("), self.text.count(")")
        if opened != closed:
            return FormulaError(f"括号不配对：左括号 {opened} 个，右括号 {closed} 个", self.source, place)
        if re.search(r"(?<![=!<>])=(?!=)", self.text):
            return FormulaError("判断相等要写两个等号 ==", self.source, place)
        return FormulaError("写法不对，可能少了运算符或多了符号", self.source, place)

    def _refuse_deep_nesting(self) -> None:
        # Before Python's own parser sees it: brackets and runs of signs are what its recursion would follow.
        depth = 0
        for place, mark in enumerate(self.text):
            depth += (mark in "([{") - (mark in ")]}")
            if depth > DEEPEST:
                raise FormulaError(f"括号嵌套超过 {DEEPEST} 层", self.source, self.places[place])
        run = re.search(rf"(?:[-+~]\s*){{{DEEPEST + 1},}}|(?:\bnot\s+){{{DEEPEST + 1},}}", self.text)
        if run:
            raise FormulaError("连续的正负号或 not 太多", self.source, self.places[run.start()])

    # ---- nodes --------------------------------------------------------------------------------------------

    def _node(self, node: ast.expr, depth: int) -> tuple[Node, str]:
        if depth > DEEPEST:
            raise self._error(f"嵌套超过 {DEEPEST} 层", node)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                operand = self._typed(node.operand, "number", depth)
                return (_negated(operand) if isinstance(node.op, ast.USub) else operand), "number"
            case ast.UnaryOp(op=ast.Not()):
                return Not(self._typed(node.operand, "bool", depth)), "bool"
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum(node, depth), "number"
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return self._product(node, depth), "number"
            case ast.BoolOp():
                parts = tuple(self._typed(part, "bool", depth) for part in node.values)
                return (All(parts) if isinstance(node.op, ast.And) else Any_(parts)), "bool"
            case ast.Compare():
                return self._compare(node, depth), "bool"
            case ast.Call():
                return self._call(node, depth)
        refused = node.op if isinstance(node, ast.BinOp) else node
        raise self._error(
            _REFUSED.get(type(refused), "这里不支持这种写法，只能用四则运算、比较和 and、or、not"), node
        )

    def _typed(self, node: ast.expr, wanted: str, depth: int) -> Node:
        tree, type_ = self._node(node, depth + 1)
        if type_ != wanted:
            raise self._error(f"这里应是{TYPES[wanted]}，写的是{TYPES[type_]}", node)
        return tree

    def _name(self, node: ast.Name) -> tuple[Node, str]:
        found = self.names.get(node.id)
        if found is None:
            known = [name for name, _ in self.names.values()]
            raise self._error(f"没有叫“{node.id}”的名称", node, nearest(node.id, known))
        return Name(*found), found[1]

    def _constant(self, node: ast.Constant) -> tuple[Constant, str]:
        value = node.value
        if isinstance(value, bool):
            return Constant(value), "bool"
        if isinstance(value, str):
            return Constant(value), "text"
        written = self.encoded[node.col_offset : node.end_col_offset].decode()
        if not re.fullmatch(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", written):
            raise self._error(
                "这里应是十进制的数、文字或日期" if value is not None else "缺数请写 missing(名称)", node
            )
        number = Decimal(written)
        if number and not -_MAX_MAGNITUDE <= number.adjusted() < _MAX_MAGNITUDE:
            raise self._error("这个数太大或太小", node)
        return Constant(number), "number"

    def _sum(self, node: ast.BinOp, depth: int) -> Sum:
        terms: list[tuple[str, Node]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
            terms.append((_OPERATORS[type(left.op)], self._typed(left.right, "number", depth)))
            left = left.left
        terms.append(("+", self._typed(left, "number", depth)))
        return Sum(tuple(reversed(terms)))

    def _product(self, node: ast.BinOp, depth: int) -> Product:
        factors: list[tuple[str, Node]] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div):
            sign = _OPERATORS[type(left.op)]
            factor = self._typed(left.right, "number", depth)
            if sign == "/" and isinstance(factor, Constant) and not factor.value:
                raise self._error("除数是零", left.right)
            # 100 * (A / B) is 100 * A / B; a divisor in brackets stays whole, for its own zeros matter.
            factors += (
                reversed(factor.factors) if sign == "*" and isinstance(factor, Product) else [(sign, factor)]
            )
            left = left.left
        first = self._typed(left, "number", depth)
        return Product(
            (*(first.factors if isinstance(first, Product) else (("*", first),)), *reversed(factors))
        )

    def _compare(self, node: ast.Compare, depth: int) -> Node:
        parts: list[Node] = []
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                parts.append(self._member(left, right, isinstance(op, ast.NotIn), depth))
            elif type(op) in _OPERATORS:
                parts.append(self._comparison(left, _OPERATORS[type(op)], right, depth))
            else:
                raise self._error(_REFUSED.get(type(op), "不支持这种比较"), left)
            left = right
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _comparison(self, left: ast.expr, op: str, right: ast.expr, depth: int) -> Compare:
        first, type_ = self._node(left, depth + 1)
        second, other = self._node(right, depth + 1)
        if type_ != other:
            hint = '，日期常量请写 date("2026-01-01")' if {type_, other} == {"date", "text"} else ""
            raise self._error(f"{TYPES[type_]}不能和{TYPES[other]}比较{hint}", right)
        if op not in ("==", "!=") and type_ in ("text", "bool"):
            # Databases order text by different rules; no condition may depend on which one holds the rows.
            raise self._error(f"{TYPES[type_]}只能比较相等或不等", left)
        return Compare(first, op, second)

    def _member(self, left: ast.expr, right: ast.expr, negated: bool, depth: int) -> Member:
        operand, type_ = self._node(left, depth + 1)
        listed = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]
        values: list[Constant] = []
        for item in listed:
            value = self._typed(item, type_, depth)
            if not isinstance(value, Constant):
                raise self._error("in 后面只能列出常量", item)
            values.append(value)
        if not values:
            raise self._error("in 后面的括号是空的", right)
        return Member(operand, tuple(values), negated)

    def _call(self, node: ast.Call, depth: int) -> tuple[Node, str]:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function not in FUNCTIONS:
            raise self._error(
                f"没有叫“{function}”的函数，只有 {'、'.join(FUNCTIONS)}", node, nearest(function, FUNCTIONS)
            )
        if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            raise self._error(f"{function}(…) 里只能依次列出参数", node)
        few, many = {"min": (2, 99), "max": (2, 99)}.get(function, (1, 1))
        if not few <= len(node.args) <= many:
            raise self._error(
                f"{function}(…) 需要{'至少两个' if many > 1 else '一个'}参数，写了 {len(node.args)} 个", node
            )
        if function in ("missing", "held"):
            name, _ = self._node(node.args[0], depth + 1)
            if not isinstance(name, Name):
                raise self._error(f"{function}(…) 里只能写一个名称", node.args[0])
            return (Held(name) if function == "held" else Not(Held(name))), "bool"
        if function == "date":
            return self._date(node.args[0]), "date"
        return Call(function, tuple(self._typed(part, "number", depth) for part in node.args)), "number"

    def _date(self, node: ast.expr) -> Constant:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            raise self._error('date(…) 里要写带引号的日期，如 date("2026-01-01")', node)
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", node.value, re.ASCII):
                raise ValueError
            return Constant(date.fromisoformat(node.value))
        except ValueError:
            raise self._error(f"“{node.value}”不是日期，请写成 2026-01-01", node) from None


def _negated(operand: Node) -> Node:
    if isinstance(operand, Constant) and isinstance(operand.value, Decimal):
        return Constant(operand.value.copy_negate())
    return Negate(operand)
