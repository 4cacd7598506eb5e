"""Checks of a sheet beside its cells: pure functions over lines, in the unit of each row.

Red must be changed before handing in, amber wants words, open wants a number, a zero or a reason; fine is for reading.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from keshu.figures.arithmetic.ratio import WIDE
from keshu.figures.entry.identities import Identity, broken, shown
from keshu.figures.entry.lines import ORDER, Examination, Line, Proposal, Remark, Severity
from keshu.terms.quantity import plain, round_half_up, show_growth, show_number

#: From here a value counts as large enough for "one digit too many" to be told from an ordinary jump.
SLIP_FROM = Decimal(50)
#: A value this many times the expected one is looked at; ten times is one digit, ten thousand is 元 for 万元.
SLIP_RATIO = Decimal(5)
SLIPS = ((Decimal(10), "像是多打一个 0"), (Decimal(100), "像是多打两个 0"), (Decimal(10000), "像是按元填的"))


def growth_words(line: Line) -> str:
    """同比 of the cumulative (or the stock), empty when there is nothing to compare with."""
    now = line.cumulative if line.typed != "stock" else line.value
    return "" if line.last_year is None or now is None else f"同比 {show_growth(now, line.last_year)}"


def examine(lines: Sequence[Line], identities: Sequence[Identity] = ()) -> Examination:
    """Every remark about a sheet, in the order of its rows."""
    remarks: list[Remark] = []
    slips = {line.key: found for line in lines if (found := slip(line))}
    told: set[int] = set()
    for remark in (*_included(lines, slips), *_splits(lines, slips), *_declared(lines, identities, slips)):
        remarks.append(remark)
        told |= {remark.proposal.key} if remark.proposal else set()
    for line in lines:
        own = [found for check in ROW_CHECKS if (found := check(line))]
        if line.key in slips and line.key not in told:
            own.append(slips[line.key])
        remarks.extend(_with_note(remark, (line,)) for remark in own)
    talked = {key for remark in remarks if remark.severity != Severity.FINE for key in remark.keys}
    parents = {line.key: line for line in lines}
    for line in lines:
        if line.key not in talked and (words := _fine(line, parents)):
            remarks.append(Remark(Severity.FINE, (line.key,), words, kind="fine"))
    place = {line.key: number for number, line in enumerate(lines)}
    remarks.sort(key=lambda remark: (place[remark.keys[0]], ORDER.index(remark.severity)))
    return Examination(tuple(lines), tuple(remarks), place)


def _with_note(remark: Remark, lines: Iterable[Line]) -> Remark:
    words = next((line.note.strip() for line in lines if line.is_noted), "")
    return replace(remark, noted=words) if words and remark.wants_note else remark


# ---- one row ----------------------------------------------------------------------------------------------


def unreadable(line: Line) -> Remark | None:
    """A text that is no number: red, with what was probably meant."""
    if not line.unreadable:
        return None
    proposal = Proposal(line.key, line.meant, f"改成 {line.meant}") if line.meant else None
    return Remark(Severity.RED, (line.key,), line.unreadable, proposal, kind="unreadable")


def empty(line: Line) -> Remark | None:
    """Blank is not allowed: 0 or a reason."""
    if not line.is_empty:
        return None
    words = "没有发生按 Z 零报告；还不知道选原因，不要空着"
    return Remark(Severity.OPEN, (line.key,), words, kind="empty")


def fall(line: Line) -> Remark | None:
    """A cumulative that falls, or a negative month (冲减): accepted with words."""
    single = line.single
    if single is None or single >= 0 or line.auto:
        return None
    if line.typed == "single":
        words = f"当月 {shown(single)}，是负数。属于冲减就附说明。"
    else:
        assert line.before is not None or line.first
        words = f"比{line.before_label}累计 {shown(line.before or Decimal(0))} 少 {shown(-single)}。"
        low, high = _plausible(line) if _references(line) else (Decimal(1), Decimal(0))
        if line.value is not None and low <= line.value * 10 <= high:
            text = plain(line.value * 10)
            proposal = Proposal(line.key, text, f"改成 {text}")
            return Remark(
                Severity.AMBER,
                (line.key,),
                f"{words}像是少打一个 0；属于冲减就附说明。",
                proposal,
                True,
                kind="fall",
            )
        words += "属于冲减就附说明。"
    return Remark(Severity.AMBER, (line.key,), words, wants_note=True, kind="fall")


def out_of_range(line: Line) -> Remark | None:
    """Outside what the measure declares plausible; for a flow the cumulative counts, so that a negative month may stand."""
    value = line.value if line.typed == "stock" else line.cumulative
    if value is None or line.auto:
        return None
    what = "" if line.typed == "stock" else "累计 "
    if line.lowest is not None and value < line.lowest:
        words = f"{what}{shown(value)}，低于合理下限 {shown(line.lowest)}{line.unit}。改数，或写明为什么。"
        return Remark(Severity.AMBER, (line.key,), words, wants_note=True, kind="range")
    if line.highest is not None and value > line.highest:
        words = f"{what}{shown(value)}，高于合理上限 {shown(line.highest)}{line.unit}。改数，或写明为什么。"
        return Remark(Severity.AMBER, (line.key,), words, wants_note=True, kind="range")
    return None


def reason_wants_words(line: Line) -> Remark | None:
    """A reason other than the authority's late supply is explained in a few words."""
    if line.absence in ("", "未发布", "不单列"):
        return None
    return Remark(
        Severity.AMBER,
        (line.key,),
        f"写的是“{line.absence}”，附一句说明：向谁要、什么时候有。",
        wants_note=True,
        kind="absence",
    )


def estimate(line: Line) -> Remark | None:
    """全年预计数: readable, not below the cumulative, and explained when below the target."""
    if line.estimate_unreadable:
        return Remark(
            Severity.RED, (line.key,), f"全年预计数：{line.estimate_unreadable}", kind="estimate-unreadable"
        )
    if not line.asks_estimate or line.auto or line.absence:
        return None
    if line.estimate is None:
        return (
            None
            if line.is_empty
            else Remark(Severity.OPEN, (line.key,), "全年预计数还没有填。", kind="estimate-empty")
        )
    reached = line.cumulative if line.typed != "stock" else None
    if reached is not None and line.estimate < reached:
        words = f"全年预计 {shown(line.estimate)}，小于已完成的 {shown(reached)}。改预计数，或说明后几个月为什么冲减。"
        return Remark(Severity.AMBER, (line.key,), words, wants_note=True, kind="estimate")
    if line.target is not None and line.estimate < line.target:
        words = f"全年预计 {shown(line.estimate)}，比目标 {shown(line.target)} 少 {shown(line.target - line.estimate)}。写明原因。"
        return Remark(Severity.AMBER, (line.key,), words, wants_note=True, kind="estimate")
    return None


ROW_CHECKS: tuple[Callable[[Line], Remark | None], ...] = (
    unreadable,
    empty,
    fall,
    out_of_range,
    reason_wants_words,
    estimate,
)


def slip(line: Line) -> Remark | None:
    """An outlier that one digit too many (or 元 for 万元) explains: amber with the corrected number as a proposal."""
    if line.value is None or line.auto or line.value < SLIP_FROM:
        return None
    references = _references(line)
    if not references or line.value < max(reference for reference, _ in references) * SLIP_RATIO:
        return None
    low, high = _plausible(line)
    reference, against = references[0]
    times = WIDE.divide(line.value, reference)
    words = f"{line.name}是{against}的 {show_number(times, 0)} 倍"
    for factor, said in SLIPS:
        corrected = WIDE.divide(line.value, factor)
        if low <= corrected <= high:
            text = plain(corrected)
            proposal = Proposal(line.key, text, f"改成 {text}")
            return Remark(Severity.AMBER, (line.key,), f"{words}，{said}。", proposal, True, kind="slip")
    return Remark(
        Severity.AMBER, (line.key,), f"{words}。核对一下，没有错就附说明。", wants_note=True, kind="outlier"
    )


def _references(line: Line) -> list[tuple[Decimal, str]]:
    """What the value is held against: last month and last year, of the kind that is typed; only positive ones."""
    before = line.before
    if line.typed == "single" and before is not None:
        before = WIDE.divide(before, Decimal(line.before_months))
    last_year = line.last_year
    if line.typed == "single" and last_year is not None:
        last_year = WIDE.divide(last_year, Decimal(line.before_months + 1))
    words = ("各月平均", "去年月均") if line.typed == "single" else (line.before_word, "去年同期")
    if line.first:
        before = None
    pairs = ((before, words[0]), (last_year, words[1]))
    return [(value, said) for value, said in pairs if value is not None and value > 0]


def _plausible(line: Line) -> tuple[Decimal, Decimal]:
    """The band in which a corrected value must fall: a cumulative between last month's and three times the references, a
    month between a fifth and five times the average."""
    values = [value for value, _ in _references(line)]
    if line.typed == "cumulative" and line.before is not None and not line.first:
        return line.before, max(values) * 3
    return min(values) / 5, max(values) * 5


# ---- rows among each other --------------------------------------------------------------------------------


def _comparable(lines: Sequence[Line]) -> list[Decimal] | None:
    """The values of rows that are held against each other: as typed when all are typed alike, else cumulative."""
    alike = len({line.typed for line in lines}) == 1
    values = [line.value if alike else line.cumulative for line in lines]
    return None if any(value is None for value in values) else values  # type: ignore[return-value]


def _failing(
    lines: Sequence[Line],
    words: str,
    slips: dict[int, Remark],
    heals: Callable[[dict[int, Decimal]], bool],
    kind: str,
    seats: Sequence[Line] | None = None,
) -> Remark:
    """A failing identity: a slip that heals it is told in the same breath. Own figures are red; where the rows come from
    another authority's table the figure is not changed and passes with a note."""
    keys = tuple(line.key for line in seats or lines)
    noted = next((line.note.strip() for line in lines if line.is_noted), "")
    authority = next((line.authority for line in lines if line.authority), "")
    healing = None
    for line in lines:
        found = slips.get(line.key)
        if found and found.proposal and heals({line.key: Decimal(found.proposal.text)}):
            healing = found
            break
    if healing is not None and not (authority and noted):
        return Remark(Severity.RED, keys, f"{words}{healing.text}", healing.proposal, kind=kind)
    if authority:
        words += f"来源是{authority}的表，不改数，附说明即可通过。"
        return Remark(Severity.AMBER, keys, words, wants_note=True, noted=noted, kind=kind)
    return Remark(Severity.RED, keys, f"{words}改对再报。", kind=kind)


def _included(lines: Sequence[Line], slips: dict[int, Remark]) -> list[Remark]:
    """其中 items add up to no more than their total."""
    found = []
    for parent in lines:
        children = [line for line in lines if line.included_in == parent.key and line.value is not None]
        values = _comparable((parent, *children)) if children and parent.value is not None else None
        if values is None or sum(values[1:]) <= values[0]:
            continue
        total = sum(values[1:], Decimal(0))
        if len(children) == 1:
            words = f"{children[0].name} {shown(total)}，大于{parent.name} {shown(values[0])}。"
        else:
            terms = " + ".join(shown(value) for value in values[1:])
            words = f"其中{_count(len(children))}项 {terms} = {shown(total)}，大于{parent.name} {shown(values[0])}。"

        def heals(changed: dict[int, Decimal], family: Sequence[Line] = (parent, *children)) -> bool:
            fixed = _comparable([replace(line, value=changed.get(line.key, line.value)) for line in family])
            return fixed is not None and sum(fixed[1:]) <= fixed[0]

        found.append(_failing((*children, parent), words, slips, heals, "included", children))
    return found


def _splits(lines: Sequence[Line], slips: dict[int, Remark]) -> list[Remark]:
    """Only a declared full split must add up to its total exactly."""
    found = []
    for whole in lines:
        parts = [line for line in lines if line.part_of == whole.key]
        values = _comparable((whole, *parts)) if parts else None
        if values is None or sum(values[1:]) == values[0]:
            continue
        total = sum(values[1:], Decimal(0))
        terms = " + ".join(
            f"{part.name} {shown(value)}" for part, value in zip(parts, values[1:], strict=True)
        )
        gap = values[0] - total
        words = f"{terms} = {shown(total)}，比合计{'少' if gap > 0 else '多'} {shown(abs(gap))}。"

        def heals(changed: dict[int, Decimal], family: Sequence[Line] = (whole, *parts)) -> bool:
            fixed = _comparable([replace(line, value=changed.get(line.key, line.value)) for line in family])
            return fixed is not None and sum(fixed[1:]) == fixed[0]

        found.append(_failing((whole, *parts), words, slips, heals, "split"))
    return found


def _declared(
    lines: Sequence[Line], identities: Sequence[Identity], slips: dict[int, Remark]
) -> list[Remark]:
    """Identities declared over measures, where the sheet holds every side."""
    by_code = {line.code: line for line in lines if line.code}
    values = {code: line.cumulative for code, line in by_code.items()}
    found = []
    for failure in broken(identities, values):
        rows = [by_code[code] for code in failure.identity.codes]

        def heals(changed: dict[int, Decimal], identity: Identity = failure.identity) -> bool:
            lined = {
                code: replace(line, value=changed.get(line.key, line.value)) for code, line in by_code.items()
            }
            return not list(broken([identity], {code: line.cumulative for code, line in lined.items()}))

        found.append(
            _failing(
                rows,
                failure.words({code: line.name for code, line in by_code.items()}),
                slips,
                heals,
                "identity",
            )
        )
    return found


def _count(number: int) -> str:
    return "一两三四五六七八九十"[number - 1] if number <= 10 else str(number)


def _fine(line: Line, lines: dict[int, Line]) -> str:
    """What is said of a row with nothing wrong."""
    if line.zero:
        return f"已作零报告，{line.zero}"
    if line.absence:
        known = f"；先用{line.before_label} {shown(line.before)}" if line.before is not None else ""
        return f"{line.late_supply or line.note or line.absence}{known}"
    said = [line.note] if line.note else ([line.fine] if line.fine else [])
    parent = lines.get(line.included_in) if line.included_in is not None else None
    if parent is not None and parent.value and line.value is not None and not said:
        values = _comparable((line, parent))
        if values and values[1] > 0:
            share = round_half_up(WIDE.divide(values[0] * 100, values[1]), 2)
            said.append(f"占 {show_number(share, 2)}%，不大于{parent.name}")
    if growth := growth_words(line):
        said.append(growth)
    if line.asks_estimate and line.estimate is not None and line.target:
        said.append(f"全年预计为目标的 {show_number(WIDE.divide(line.estimate * 100, line.target), 1)}%")
    return "；".join(said)
