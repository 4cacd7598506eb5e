"""What must hold whatever is done to a nomination: one achievement one prize a year, the order and number of people, experts who
nominate and do not win, what an award rests on, the quota of a grade, and no open objection.

Each check answers with the problem in words, or None. They take what was written, saved or not, so that a draft is checked by the
same words as the step. Those that count other nominations are exact only with the rows held: ``lock_year``, ``lock_round``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from keshu.awards.models import Basis, Grade, Nomination, Objection, Round, Winner
from keshu.awards.models.nominations import title_key
from keshu.awards.policy import limit
from keshu.awards.steps.who import GONE, OPEN_OBJECTION, PLACED
from keshu.terms.text import clean_name

Nominator = Nomination.Nominator
Person = tuple[str, str]  # name and unit, each in one spelling


def lock_round(nomination: Nomination) -> Round:
    """The nomination's round, held until the transaction ends. Inside ``writing`` only."""
    return Round._base_manager.select_for_update().get(pk=nomination.round_id)


def lock_year(nomination: Nomination) -> None:
    """All rounds of the nomination's year and level, held until the transaction ends: one after the other counts what is nominated."""
    rounds = Round._base_manager.filter(year=nomination.year, prize__level=nomination.level).order_by("pk")
    list(rounds.select_for_update(of=("self",)).values_list("pk", flat=True))


def orders_of(nomination: Nomination) -> list[int]:
    """The places of a saved nomination's people, lowest first."""
    return sorted(nomination.winners.for_system("完成人").values_list("order", flat=True))


def people_of(nomination: Nomination) -> set[Person]:
    """The people who completed a saved nomination."""
    return {_winner(winner) for winner in nomination.winners.for_system("完成人")}


def keys_of(nomination: Nomination) -> list[str]:
    """The normalised numbers of what a saved nomination rests on."""
    return list(nomination.bases.for_system("支撑材料").values_list("key", flat=True))


def once_a_year(nomination: Nomination) -> str | None:
    """The same achievement may not stand for two prizes of one level in a year, except beside prizes that allow it."""
    if nomination.round.prize.beside:
        return None
    others = (
        Nomination.objects.for_system("同一成果")
        .filter(year=nomination.year, level=nomination.level, round__prize__beside=False)
        .exclude(pk=nomination.pk)
        .exclude(state__in=GONE)
    )
    same = Q(title_key=title_key(nomination.title), unit_name=nomination.unit_name)
    if nomination.achievement_number:
        same |= Q(achievement_number=nomination.achievement_number)
    found = (
        others.filter(same).order_by("pk").values("title", "number", "state", "round__prize__name").first()
    )
    if found is None:
        return None
    return (
        f"“{found['title']}”（{found['number']}）今年已经提名{found['round__prize__name']}，"
        f"现在是{Nomination.State(found['state']).label}。同一成果一年只能报一个奖种，请先把那一项退出。"
    )


def experts_suffice(nomination: Nomination, on: date) -> str | None:
    """A joint nomination has enough experts (dated limit ``award-experts``), each with unit and senior title, none twice."""
    if nomination.nominator_kind != Nominator.EXPERTS:
        return None
    least = limit("award-experts", "least", on)
    people = {_person(expert) for expert in nomination.experts}
    if len(people) < len(nomination.experts):
        return "联名专家里有一位写了两次。每位只写一行。"
    if len(people) < least:
        return f"专家联名要 {least} 位以上，现在写了 {len(people)} 位。补足后再提名。"
    bare = [str(e.get("name", "")) for e in nomination.experts if not (e.get("unit") and e.get("title"))]
    if bare:
        return f"联名专家 {'、'.join(bare)} 没有写单位或职称。补上后再提名。"
    return None


def experts_free(nomination: Nomination, people: Collection[Person], on: date) -> str | None:
    """No expert nominates more than the year's limit, and none who nominates completes an achievement of the same year.

    ``people``: who completed this one.
    """
    mine = {_person(expert): str(expert["name"]) for expert in nomination.experts}
    if mine:
        completed = {**_completers(nomination.year), **dict.fromkeys(people, nomination.title)}
        for person, name in mine.items():
            if person in completed:
                return f"{name} 是今年“{completed[person]}”的完成人，不能同年提名。请换一位专家。"
    used: dict[Person, list[str]] = {}
    for title, experts in _joint(nomination.year, besides=nomination.pk):
        for expert in experts:
            used.setdefault(_person(expert), []).append(title)
    if mine and used:
        most = limit("award-experts", "a_year", on)
        for person, name in mine.items():
            if len(used.get(person, [])) >= most:
                return f"{name} 今年已经联名提名“{used[person][0]}”，每人每年最多 {most} 项。请换一位专家。"
    taken = sorted(set(people) & set(used))
    if taken:
        return f"完成人 {taken[0][0]} 今年联名提名了“{used[taken[0]][0]}”，提名人不能是同年完成人。"
    return None


def not_itself(nomination: Nomination) -> str | None:
    """Self-nomination is refused where the round says so: neither the completing unit nor a completer nominates."""
    if nomination.round.self_nomination:
        return None
    units = [nomination.unit_name, *nomination.other_units]
    if nomination.nominator is not None and nomination.nominator_kind != Nominator.EXPERTS:
        own = nomination.unit_id is not None and nomination.unit_id == nomination.nominator_id
        if own or clean_name(nomination.nominator.name) in {clean_name(str(unit)) for unit in units}:
            return f"{nomination.nominator} 是完成单位，“{nomination.round}”不接受自荐。请由主管部门、县(市、区)或专家提名。"
    return None


def people_in_order(
    orders: Sequence[int], units: int, most: Mapping[str, int] | None, grade: str = ""
) -> str | None:
    """People stand 1, 2, 3 … without gap or double, and no more of them, nor of ``units``, than ``most`` (people, units) allows."""
    if not orders:
        return "还没有写完成人。"
    if list(orders) != list(range(1, len(orders) + 1)):
        return f"完成人排序是 {'、'.join(map(str, orders))}，要从 1 起连续、不重。"
    if most is None:
        return None
    named = Grade(grade).label if grade else "最高等级"
    if len(orders) > most["people"]:
        return f"{named}最多 {most['people']} 名完成人，现在 {len(orders)} 名。删去排在后面的 {len(orders) - most['people']} 名。"
    if units > most["units"]:
        return f"{named}最多 {most['units']} 个完成单位，现在 {units} 个。删去排在后面的 {units - most['units']} 个。"
    return None


def widest(limits: Mapping[str, Mapping[str, int]]) -> dict[str, int] | None:
    """The most people and units that any grade of a round allows."""
    if not limits:
        return None
    return {name: max(int(row[name]) for row in limits.values()) for name in ("people", "units")}


def lock_basis(keys: Collection[str]) -> None:
    """The rows of these numbers, held until the transaction ends: two awards that rest on one patent wait for each other."""
    list(Basis._base_manager.select_for_update().filter(key__in=keys).order_by("pk").values_list("pk"))


def basis_free(nomination: Nomination, keys: Collection[str]) -> str | None:
    """None of these numbers stands behind another award."""
    rows = Basis.objects.for_system("支撑材料").filter(key__in=keys, awarded=True).order_by("pk")
    if nomination.pk:
        rows = rows.exclude(nomination=nomination)
    spent = rows.select_related("nomination").first()
    if spent is None:
        return None
    return f"{spent} 已经支撑“{spent.nomination.title}”获奖，不能再支撑这一项。"


def quota_left(nomination: Nomination, grade: str, locked: Round) -> str | None:
    """The grade has a place left in the locked round."""
    allowed = int(locked.quotas.get(grade, 0))
    used = placed(locked, besides=nomination.pk).get(grade, 0)
    if used + nomination.items > allowed:
        label = Grade(grade).label
        return f"“{locked}”{label}名额 {allowed} 项，已用 {used} 项，没有空额。请改等级或先撤下一项。"
    return None


def placed(round: Round, *, besides: int | None = None) -> dict[str, int]:
    """Grade → how many places of the round are taken, a batch row as many as it stands for."""
    rows = Nomination.objects.for_system("名额").filter(round=round, state__in=PLACED)
    used: dict[str, int] = {}
    for grade, voted, items in rows.exclude(pk=besides).values_list("grade", "voted_grade", "items"):
        used[grade or voted] = used.get(grade or voted, 0) + items
    return used


def unanswered(nomination: Nomination) -> str | None:
    """No objection waits for its answer."""
    rows = Objection.objects.for_system("异议锁定").filter(nomination=nomination, state__in=OPEN_OBJECTION)
    waiting = list(rows.order_by("pk"))
    if not waiting:
        return None
    said = "、".join(f"{row.number}（{row.get_state_display()}）" for row in waiting)
    return f"还有 {len(waiting)} 件异议没有结论：{said}。有了结论再往下办。"


def _joint(year: int, *, besides: int | None) -> list[tuple[str, list[dict[str, str]]]]:
    """Title and experts of the year's joint nominations that stand."""
    rows = Nomination.objects.for_system("专家限项").filter(year=year, nominator_kind=Nominator.EXPERTS)
    return list(rows.exclude(state__in=GONE).exclude(pk=besides).values_list("title", "experts"))


def _completers(year: int) -> dict[Person, str]:
    rows = Winner.objects.for_system("同年完成人").filter(nomination__year=year)
    rows = rows.exclude(nomination__state__in=GONE)
    found = rows.values_list("name", "unit_name", "nomination__title")
    return {(clean_name(name), clean_name(unit)): title for name, unit, title in found}


def _person(expert: Mapping[str, Any]) -> tuple[str, str]:
    return clean_name(str(expert.get("name", ""))), clean_name(str(expert.get("unit", "")))


def _winner(winner: Winner) -> tuple[str, str]:
    return clean_name(winner.name), clean_name(winner.unit_name)


def first_problem(problems: Iterable[str | None]) -> str | None:
    """The first thing that does not hold."""
    return next((problem for problem in problems if problem), None)
