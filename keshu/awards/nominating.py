"""提名: a unit, a county or a group of experts nominates an achievement to a round, sees rule by rule what is missing, hands it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from keshu.awards import holds, written
from keshu.awards.models import Basis, Field, Nomination, Round, Winner
from keshu.awards.models.nominations import basis_key
from keshu.awards.moving import advance
from keshu.awards.steps.nominating import applied_long, in_window
from keshu.diary.lines import off_in
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Unit
from keshu.journal.writing import writing
from keshu.ledger.classified import refuse_classified
from keshu.ledger.drafts import Draft
from keshu.ledger.evidence import attach, evidence_of
from keshu.ledger.handing import hand_over
from keshu.ledger.models import Evidence
from keshu.procedure.moving import MoveRefused, NotYourTurn
from keshu.terms import clock
from keshu.terms.text import clean_name

REGISTER = "awards"
S = Nomination.State
Nominator = Nomination.Nominator
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One question of the form: what the nominator sees beside it, how long it may be, whether it has to be answered."""

    name: str
    label: str
    most: int
    rows: int = 0
    hint: str = ""
    needed: bool = True
    kind: str = "text"
    choices: Choices = ()


LINES = "一行一位：姓名，单位，职称。从第一完成人起按排序写"
QUESTIONS = (
    Asked("title", "成果名称", 120),
    Asked("field", "领域", 12, kind="choice", choices=Field.choices),
    Asked("unit_name", "第一完成单位", 100, hint="写全称"),
    Asked("other_units", "其他完成单位", 1000, rows=2, needed=False, hint="一行一个，按排序写"),
    Asked("people", "完成人", 4000, rows=6, hint=LINES),
    Asked("basis", "支撑的专利、论文、标准", 6000, rows=4, needed=False, hint="一行一件：类别，号码，名称"),
    Asked("achievement_number", "成果登记号", 40, needed=False),
    Asked("applied_from", "投入应用日期", 10, kind="date"),
    Asked("nominator_kind", "提名方式", 12, kind="choice", choices=Nominator.choices),
    Asked(
        "experts",
        "联名专家",
        2000,
        rows=5,
        needed=False,
        hint="专家联名的写：一行一位：姓名，单位，职称；第一位是责任专家",
    ),
    Asked("letter_no", "提名函文号", 100),
    Asked("opinion", "提名意见", 600, rows=4, hint="不超过 600 字；提名者对材料真实性负责"),
    Asked("summary", "成果简介", 1200, rows=7, hint="不超过 1200 字，会公示"),
)
BY_NAME = {question.name: question for question in QUESTIONS}
#: Texts of the form that stand in a column of the nomination as they are.
PLAIN = (
    "title",
    "field",
    "unit_name",
    "nominator_kind",
    "letter_no",
    "opinion",
    "summary",
    "achievement_number",
)


@dataclass(frozen=True)
class Check:
    """One rule of the pre-check: what it asks, whether it holds, the fact it found, and the question it is about."""

    rule: str
    holds: bool
    fact: str = ""
    field: str = ""


class NoSuchQuestion(LookupError):
    """A field that the form does not have."""


class TooLong(ValueError):
    """A text longer than the form takes."""


def open_rounds(actor: Actor | None = None) -> list[Round]:
    """Rounds that take nominations now, the one that ends first above. None in a year in which the line of business is
    switched off, for an actor also where it is off in its region."""
    now = clock.now()
    if REGISTER in off_in(now.astimezone(clock.TZ).year, actor):
        return []
    rows = Round.objects.filter(state=Round.State.OPEN, opens_at__lte=now, nominate_until__gte=now)
    return list(rows.select_related("prize").order_by("nominate_until", "pk"))


def begin(actor: Actor, found: Round) -> Draft:
    """A new draft for a round. Raises NotYourTurn without the right to nominate."""
    unit = _unit(actor)
    if not actor.can(Can.NOMINATE):
        kind = Nominator.EXPERTS  # the bureau itself nominates nobody; it enters a letter of experts for them
    else:
        kind = Nominator.COUNTY if actor.is_county else Nominator.DEPARTMENT
    return Draft.objects.create(
        register=REGISTER,
        unit=unit,
        about=found.pk,
        content={"nominator_kind": str(kind)},
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def reopen(actor: Actor, nomination: Nomination) -> Draft:
    """The draft of a nomination that was returned or taken back, with what was handed in. Raises NotYourTurn."""
    if nomination.nominator_id not in actor.unit_ids:
        raise NotYourTurn(f"“{nomination.title}”由提名它的单位修改。")
    held = Draft.objects.visible_to(actor).filter(register=REGISTER, record_pk=nomination.pk).first()
    if held is not None:
        return held
    content: dict[str, str] = {name: str(getattr(nomination, name)) for name in PLAIN}
    winners = nomination.winners.for_system("补正").order_by("order")
    people = [written.Someone(w.name, w.unit_name, w.title) for w in winners]
    experts = [
        written.Someone(*(str(e.get(k, "")) for k in ("name", "unit", "title"))) for e in nomination.experts
    ]
    bases = [
        written.Rests(b.kind, b.number, b.name) for b in nomination.bases.for_system("补正").order_by("pk")
    ]
    content |= {
        "other_units": "\n".join(str(unit) for unit in nomination.other_units),
        "people": "\n".join(map(str, people)),
        "experts": "\n".join(map(str, experts)),
        "basis": "\n".join(map(str, bases)),
        "applied_from": nomination.applied_from.isoformat() if nomination.applied_from else "",
    }
    return Draft.objects.create(
        register=REGISTER,
        unit=_unit(actor),
        about=nomination.round_id,
        record_pk=nomination.pk,
        content=content,
        saved_at=clock.now(),
        saved_by=actor.name,
    )


def _unit(actor: Actor) -> Unit:
    if not (actor.can(Can.NOMINATE) or actor.can(Can.HANDLE_AWARDS)) or actor.unit_id is None:
        raise NotYourTurn(f"{actor.name} 不能提名。请用提名单位的账号登录。")
    return Unit.objects.get(pk=actor.unit_id)


def cleaned(name: str, text: str) -> str:
    """The text of a field as it may be kept. Raises NoSuchQuestion, TooLong, Classified; what cannot be read is kept, checked later."""
    question = BY_NAME.get(name)
    if question is None:
        raise NoSuchQuestion(f"提名书没有“{name}”这一项。")
    if len(text) > question.most:
        raise TooLong(f"{question.label}写了 {len(text)} 字，最多 {question.most} 字。多出的没有存，请删减。")
    refuse_classified(text)
    return text


#: A caption of one file; what the column holds.
CAPTION = 200


def hand_file(draft: Draft, actor: Actor, caption: str, stream: BinaryIO, filename: str) -> Evidence:
    """Keep a file beside a draft (提名函, 证明材料); handed in, it is the nomination's. Raises MoveRefused, IntakeError, Classified."""
    said = caption.strip()
    if not said or len(said) > CAPTION:
        raise MoveRefused(f"请写明这份材料是什么，最多 {CAPTION} 字，再传。")
    return attach(draft, actor, stream, filename, caption=said)


def papers(draft: Draft) -> list[Evidence]:
    """The files of a draft, behind those of the nomination that it corrects."""
    held = Nomination._base_manager.filter(pk=draft.record_pk).first() if draft.record_pk else None
    return [*(evidence_of(held) if held is not None else ()), *evidence_of(draft)]


@dataclass
class Written:
    """A draft as read: the unsaved nomination, its people and basis, and what could not be read by question."""

    nomination: Nomination
    people: list[written.Someone]
    bases: list[written.Rests]
    unreadable: dict[str, str]


def read(draft: Draft, found: Round) -> Written:
    """What a draft says. Nothing is saved; what cannot be read is left out and named."""
    content = {name: str(draft.content.get(name, "")).strip() for name in BY_NAME}
    wrong: dict[str, str] = {}

    def tried(name: str, reader: Callable[[str], Any], otherwise: Any) -> Any:
        if not content[name]:
            return otherwise
        try:
            return reader(content[name])
        except written.Unreadable as problem:
            wrong[name] = str(problem)
            return otherwise

    experts = tried("experts", written.people, [])
    nomination = Nomination(
        pk=draft.record_pk,
        round=found,
        year=found.year,
        level=found.prize.level,
        prize_kind=found.prize.kind,
        track=found.prize.track,
        nominator=draft.unit,
        other_units=tried("other_units", written.units, []),
        experts=[{"name": e.name, "unit": e.unit, "title": e.title} for e in experts],
        applied_from=tried("applied_from", written.day, None),
        **{name: content[name] for name in PLAIN},
    )
    if nomination.nominator_kind != Nominator.EXPERTS:
        nomination.experts = []
    nomination.unit = _named(nomination.unit_name)
    return Written(nomination, tried("people", written.people, []), tried("basis", written.bases, []), wrong)


def _named(name: str) -> Unit | None:
    """The unit of the directory with this name."""
    return (
        Unit.objects.select_related("region").filter(name__in={name, clean_name(name)}).first()
        if name
        else None
    )


def checks(draft: Draft, found: Round, actor: Actor) -> list[Check]:
    """形式预审: every rule with the fact it found, in the order of the form."""
    said = read(draft, found)
    row, today = said.nomination, clock.today()
    rows = []
    for question in QUESTIONS:
        text = str(draft.content.get(question.name, "")).strip()
        if question.needed or question.name in said.unreadable:
            wrong = said.unreadable.get(question.name, "")
            rule = f"{question.label}{'已填' if question.needed else '读得懂'}"
            rows.append(Check(rule, bool(text) and not wrong, wrong, question.name))
    if said.people:
        orders = list(range(1, len(said.people) + 1))
        problem = holds.people_in_order(orders, 1 + len(row.other_units), holds.widest(found.limits))
        rows.append(
            Check("完成人和完成单位不超过上限", problem is None, problem or f"{len(orders)} 人", "people")
        )
    joint = row.nominator_kind == Nominator.EXPERTS
    if joint:
        problem = holds.experts_suffice(row, today)
        rows.append(
            Check(
                "联名专家人数够、单位职称齐", problem is None, problem or f"{len(row.experts)} 位", "experts"
            )
        )
    elif not actor.can(Can.NOMINATE):
        rows.append(Check("市局只代录专家联名", False, "请把提名方式选成专家联名", "nominator_kind"))
    people = {(clean_name(one.name), clean_name(one.unit)) for one in said.people}
    twice = len(people) < len(said.people)
    rows.append(Check("完成人没有写两次", not twice, "有人写了两次" if twice else "", "people"))
    for rule, problem, field in (
        ("专家和完成人没有同年互相提名", holds.experts_free(row, people, today), "experts"),
        ("不是自荐", holds.not_itself(row), "unit_name"),
        ("同一成果今年只报一个奖种", holds.once_a_year(row), "title"),
        ("专利、论文没有支撑过别的获奖成果", holds.basis_free(row, _keys(said)), "basis"),
        ("应用时间够", applied_long(found, row.applied_from) if row.applied_from else None, "applied_from"),
        ("在提名期内", in_window(found, _correct_by(draft)), ""),
    ):
        rows.append(Check(rule, problem is None, problem or "", field))
    return rows


def _keys(said: Written) -> list[str]:
    return [basis_key(one.number) for one in said.bases]


def _correct_by(draft: Draft) -> Any:
    if draft.record_pk is None:
        return None
    rows = Nomination.objects.for_system("补正期限").filter(pk=draft.record_pk)
    return rows.values_list("correct_by", flat=True).first()


def hand_in(draft: Draft, actor: Actor) -> Nomination:
    """The draft becomes a nomination and is handed in, in one transaction; the draft goes. Raises MoveRefused, NotYourTurn."""
    found = Round.objects.select_related("prize").get(pk=draft.about)
    with writing(actor, f"提名 {draft.content.get('title', '')}"[:200]):
        locked = Draft._base_manager.select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            raise MoveRefused("这一份已经提名过了。请到“科学技术奖”台账里看回执。")
        # What is checked is what is written: somebody may have typed since the page was drawn.
        failed = [check for check in checks(locked, found, actor) if not check.holds]
        if failed:
            said = "；".join(check.fact.rstrip("。") or f"要做到“{check.rule}”" for check in failed)
            raise MoveRefused(f"还差 {len(failed)} 处：{said}。")
        nomination = _saved(read(locked, found), actor)
        hand_over(locked, nomination)
        nomination = advance(nomination, "submit", actor)
        locked.delete()
    return nomination


def _saved(said: Written, actor: Actor) -> Nomination:
    """The nomination with its people and basis; those of an earlier version go."""
    made = said.nomination
    if made.pk is not None:
        held = Nomination._base_manager.select_for_update().get(pk=made.pk)
        for name in (*PLAIN, "other_units", "experts", "applied_from", "unit_id"):
            setattr(held, name, getattr(made, name))
        for row in (*held.winners.for_system("补正"), *held.bases.for_system("补正")):
            row.delete()
        made = held
    else:
        made.state, made.source = S.DRAFT, "网上提名"
        made.region_id = made.unit.region_id if made.unit is not None else actor.region_id
    made.save()
    for order, one in enumerate(said.people, 1):
        Winner(nomination=made, order=order, name=one.name, unit_name=one.unit, title=one.title).save()
    for rests in said.bases:
        Basis(nomination=made, kind=rests.kind, number=rests.number, name=rests.name).save()
    return made
