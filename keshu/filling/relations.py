"""What must hold between cells of a form, as a clerk writes it: C12 = C5:C11, C7 <= C5."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keshu.filling.formulas import NotComputable, keys_between
from keshu.filling.layout import Layout, NoSuchCell, place_of

EQUAL, AT_MOST = "=", "<="
_LINE = re.compile(r"(?P<total>(?:\d+!)?[A-Z]+\d+)(?P<mark>=|<=|≤)(?P<parts>.+)")
_PART = re.compile(r"(?:(?P<sheet>\d+)!)?(?P<first>[A-Z]+\d+)(?::(?P<last>[A-Z]+\d+))?")
MOST = 200


class UnreadableRelation(ValueError):
    """A line that names no relation between cells of the form."""


@dataclass(frozen=True)
class Relation:
    """``total`` equals (or is at most) the sum of ``parts``; keys. ``said``: the line as it is kept."""

    total: str
    mark: str
    parts: tuple[str, ...]
    said: str


def read_relations(lines: Iterable[str], layout: Layout) -> list[Relation]:
    """The relations of some lines; empty ones are passed over. UnreadableRelation names the line."""
    found = [read_relation(line, layout) for line in lines if line.strip()]
    if len(found) > MOST:
        raise UnreadableRelation(f"写了 {len(found)} 条关系，最多 {MOST} 条。请合并连着的格：C12 = C5:C11。")
    return found


def read_relation(line: str, layout: Layout) -> Relation:
    """One line. Without a sheet's number the parts stand on the sheet of the total."""
    text = "".join(line.upper().replace("＝", "=").replace("：", ":").replace("，", "+").split()).replace(
        ",", "+"
    )
    found = _LINE.fullmatch(text)
    parts: list[str] = []
    if found is not None:
        sheet = place_of(found["total"]).sheet
        for piece in found["parts"].split("+"):
            part = _PART.fullmatch(piece)
            if part is None:
                break
            try:
                parts += keys_between(
                    int(part["sheet"] or sheet), part["first"], part["last"] or part["first"]
                )
            except (NotComputable, NoSuchCell) as error:
                raise UnreadableRelation(f"“{line.strip()[:40]}”：{error}") from error
        else:
            mark = EQUAL if found["mark"] == "=" else AT_MOST
            return _within(Relation(place_of(found["total"]).key, mark, tuple(parts), text), layout, line)
    raise UnreadableRelation(
        f"“{line.strip()[:40]}”看不懂。一行写一条，如 C12 = C5:C11，或 C7 <= C5；第二张表写 2!C12 = 2!C5:C11。"
    )


def _within(relation: Relation, layout: Layout, line: str) -> Relation:
    try:
        total = layout.place(relation.total).key
        parts = tuple(dict.fromkeys(layout.place(key).key for key in relation.parts))
    except NoSuchCell as error:
        raise UnreadableRelation(f"“{line.strip()[:40]}”：{error}") from error
    if total in parts:
        raise UnreadableRelation(f"“{line.strip()[:40]}”：合计的格也在分项里。请只写分项。")
    return Relation(total, relation.mark, parts, relation.said)


def told(relations: Sequence[Relation]) -> str:
    """The lines as they stand in the text field of the page."""
    return "\n".join(relation.said for relation in relations)
