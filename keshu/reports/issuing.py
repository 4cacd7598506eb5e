"""报出数台账: what was given out is kept, and before another value of the same figure leaves, what left before is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.canonical import number
from keshu.figures.dispatch import Dispatch, Row
from keshu.figures.models import Indicator
from keshu.journal.writing import writing
from keshu.reports import heading
from keshu.reports.differing import reasons
from keshu.reports.giving import Answer
from keshu.reports.models import Composed, Issued, IssuedFigure
from keshu.reports.parsing import Thing
from keshu.reports.wording import indicator_amount, measure_amount, short_day
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import round_half_up, show_number
from keshu.terms.text import clean_name
from keshu.terms.units import convert

PLACES = 4
#: Figures of one paper whose earlier givings are looked up.
CHECKED_AT_MOST = 2000
#: Differences whose reason is looked up; of more (a whole table after a revision) the rest only name both values.
EXPLAINED_AT_MOST = 20


class NobodyNamed(ValueError):
    """A giving without a receiver."""


class MayNotGive(PermissionError):
    """The post gives out no figures."""


@dataclass(frozen=True)
class Leaving:
    """A figure about to leave: what, of whom, when, its value (unrounded) or why there is none."""

    thing: Thing
    subject_id: int
    region_name: str
    period: Period
    value: Decimal | None
    missing: str
    revision: int
    label: str = ""
    unit: str = ""
    places: int | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What makes two figures the same one."""
        return (self.thing.code, self.subject_id, self.period.code)

    def written(self, unit: str | None = None, places: int | None = None) -> tuple[str, str]:
        """(text, unit) as it is said, in ``unit`` and with ``places`` decimals where they are asked for (a form asks for both);
        ("", "") when missing."""
        if self.value is None:
            return "", ""
        if unit and places is not None:
            return show_number(convert(self.value, self.thing.unit, unit), places), unit
        if isinstance(self.thing, Indicator):
            said = indicator_amount(self.thing, self.value, unit or None)
        else:
            said = measure_amount(self.thing, self.value, unit or None)
        return said.text, said.unit


@dataclass(frozen=True)
class Typed:
    """What a form says besides the house's figures: typed by hand, or made of figures (growth). It opens to nothing."""

    name: str
    subject_id: int
    period: Period
    text: str
    unit: str = ""
    value: Decimal | None = None
    places: int | None = None


@dataclass(frozen=True)
class Earlier:
    """One earlier giving of a figure with another value."""

    figure: IssuedFigure
    receiver: str
    day: str
    by: str
    purpose: str

    @property
    def said(self) -> str:
        """7-03 给市政府办的是 18.56亿元"""
        return f"{self.day} 给{self.receiver}的是 {self.figure.said}"


@dataclass(frozen=True)
class Warning:
    """A figure that leaves with another value than before: what it is now, who has the old ones (newest first), and why."""

    leaving: Leaving
    now: str
    earlier: tuple[Earlier, ...]
    why: tuple[str, ...]

    @property
    def what(self) -> str:
        """The figure's name: 望岭县2026年1—9月技术合同占比."""
        name = getattr(self.leaving.thing, "short_name", "") or self.leaving.thing.name
        return f"{self.leaving.region_name}{self.leaving.period.label}{name}"

    @property
    def said(self) -> str:
        """7-03 给市政府办的是 18.56亿元，现在是 18.64亿元，因…。"""
        because = f"，因{'；'.join(self.why)}" if self.why else ""
        return f"{self.what}：{self.earlier[0].said}，现在是 {self.now}{because}。"


# ---- what leaves --------------------------------------------------------------------------------------------


def leaving_answer(answer: Answer) -> list[Leaving]:
    """The figures of an answer."""
    return [
        Leaving(
            g.thing, g.region.pk, g.region.name, g.period, g.value, g.held.missing, answer.revision, g.label
        )
        for g in answer.figures
    ]


def leaving_table(table: Dispatch, shown: set[int] | None = None) -> list[Leaving]:
    """The figures of a dispatch: every shown row and the whole."""
    rows: list[Row] = heading.kept([*table.rows, *table.leading_rows], shown)
    rows += [column.total_row for column in (*table.columns, *table.leading) if column.total_row is not None]
    return [
        Leaving(
            row.indicator,
            row.region.pk,
            row.region.name,
            row.figure.period,
            row.value,
            row.missing,
            table.revision,
            row.indicator.definition_label,
        )
        for row in rows
    ]


# ---- the register -------------------------------------------------------------------------------------------


def record_issue(
    actor: Actor,
    figures: Sequence[Leaving],
    *,
    receiver: str,
    purpose: str = "",
    channel: str = str(Issued.Channel.GIVEN),
    sentence: str,
    revision: int,
    region: Region,
    composed: Composed | None = None,
    typed: Sequence[Typed] = (),
) -> Issued:
    """Keep what left: to whom, for what, in which words, as of which revision, and every figure. One revision.

    ``typed``: what a form says besides the house's figures.

    Raises MayNotGive when the actor gives out no figures (county posts never do), NobodyNamed without a receiver.
    """
    special = {Issued.Channel.BRIEFING: Can.COMPOSE, Issued.Channel.FORM: Can.FILL_FORMS}
    allowed = special.get(Issued.Channel(channel), Can.GIVE_FIGURES)
    if actor.is_county or not (
        actor.can(allowed) or (channel == Issued.Channel.EXPORT and actor.can(Can.SEE_DISPATCH))
    ):
        raise MayNotGive("您现在的岗位不能对外给数。请市局规划科或业务科室给出，或请安全管理员授权。")
    named = " ".join(receiver.split())[:100]
    if not named:
        raise NobodyNamed("还没写给谁。填上单位或姓名，再记下。")
    with writing(actor, f"报出给{named}"):
        issued = Issued(
            receiver=named,
            purpose=" ".join(purpose.split())[:200],
            channel=channel,
            region=region,
            given_by=actor.name,
            given_by_id=actor.account_id,
            given_at=clock.now(),
            revision=revision,
            sentence=sentence,
            composed=composed,
        )
        issued.save()
        for leaving in figures:
            _figure(issued, leaving).save()
        for one in typed:
            _typed(issued, one).save()
    return issued


def _figure(issued: Issued, leaving: Leaving) -> IssuedFigure:
    text, unit = leaving.written(leaving.unit or None, leaving.places)
    indicator = isinstance(leaving.thing, Indicator)
    return IssuedFigure(
        issued=issued,
        kind=IssuedFigure.Kind.INDICATOR if indicator else IssuedFigure.Kind.MEASURE,
        code=leaving.thing.code,
        name=leaving.thing.name,
        subject_id=leaving.subject_id,
        period=leaving.period.code,
        definition_label=leaving.label[:40],
        value=number(leaving.value) or "",
        amount=None if leaving.value is None else round_half_up(leaving.value, PLACES),
        text=text,
        unit=unit,
        places=leaving.places,
        missing=leaving.missing[:100] if leaving.value is None else "",
        revision=leaving.revision,
    )


def _typed(issued: Issued, one: Typed) -> IssuedFigure:
    return IssuedFigure(
        issued=issued,
        kind=IssuedFigure.Kind.FORM,
        name=one.name[:80],
        subject_id=one.subject_id,
        period=one.period.code,
        value=number(one.value) or "",
        amount=None if one.value is None else round_half_up(one.value, PLACES),
        text=one.text[:40],
        unit=one.unit,
        places=one.places,
        revision=issued.revision,
    )


def earlier_different(actor: Actor, figures: Sequence[Leaving], *, explain: bool = True) -> list[Warning]:
    """The figures whose value differs from one that left before, with everybody who got another value and why it differs.

    Compared as the reader sees them: in the words of the earlier giving (its unit and decimals). A figure that was missing
    before and is there now is no warning, and what somebody exported for own use went to nobody. ``explain`` False leaves the
    reasons out.
    """
    asked = list(figures)[:CHECKED_AT_MOST]
    before = _given_before(actor, asked)
    today = clock.today()
    found: list[Any] = []
    for leaving in asked:
        earlier = [
            Earlier(
                row,
                row.issued.receiver,
                short_day(row.issued.given_at.astimezone(clock.TZ), today),
                row.issued.given_by,
                row.issued.purpose,
            )
            for row in before.get(leaving.key, [])
            if _differs(row, leaving)
        ]
        if earlier:
            text, unit = leaving.written(earlier[0].figure.unit, earlier[0].figure.places)
            now = f"{text}{unit}" if text else f"没有数（{leaving.missing}）"
            last = earlier[0].figure
            why: list[str] = []
            if explain and len(found) < EXPLAINED_AT_MOST:
                why = reasons(
                    leaving.thing, leaving.subject_id, leaving.period, last.revision, leaving.revision
                )
            found.append(Warning(leaving, now, tuple(earlier), tuple(why)))
    return found


def _differs(row: IssuedFigure, leaving: Leaving) -> bool:
    if not row.text:
        return False
    return leaving.written(row.unit, row.places) != (row.text, row.unit)


def _given_before(actor: Actor, figures: Iterable[Leaving]) -> dict[tuple[str, int, str], list[IssuedFigure]]:
    """Earlier givings by figure, newest first. One query."""
    keys = {leaving.key for leaving in figures}
    if not keys:
        return {}
    rows = (
        IssuedFigure.objects.visible_to(actor)
        .filter(
            code__in={code for code, _, _ in keys},
            subject_id__in={subject for _, subject, _ in keys},
            period__in={period for _, _, period in keys},
        )
        .exclude(issued__channel=Issued.Channel.EXPORT)
        .select_related("issued")
        .order_by("-issued__given_at", "-pk")
    )
    found: dict[tuple[str, int, str], list[IssuedFigure]] = {}
    for row in rows:
        key = (row.code, row.subject_id, row.period)
        if key in keys:
            found.setdefault(key, []).append(row)
    return found


@dataclass(frozen=True)
class Search:
    """What the register is searched for. ``text`` in receiver, purpose or words; ``figure`` a code or name."""

    text: str = ""
    figure: str = ""
    channel: str = ""
    since: str = ""
    until: str = ""


def register(actor: Actor, search: Search) -> QuerySet[Issued]:
    """Givings the actor may see, newest first. Raises UnreadableMoment for a date that is none."""
    rows = Issued.objects.visible_to(actor).select_related("composed", "region").order_by("-given_at", "-pk")
    for word in search.text.split()[:5]:
        rows = rows.filter(
            Q(receiver__icontains=word)
            | Q(purpose__icontains=word)
            | Q(sentence__icontains=word)
            | Q(given_by__icontains=word)
        )
    if search.figure:
        rows = rows.filter(
            figures__in=IssuedFigure.objects.for_system("按指标查报出")
            .filter(Q(code=search.figure) | Q(name__icontains=clean_name(search.figure)))
            .values("pk")
        ).distinct()
    if search.channel:
        rows = rows.filter(channel=search.channel)
    if search.since:
        rows = rows.filter(given_at__gte=clock.moment(f"{search.since} 00:00"))
    if search.until:
        rows = rows.filter(given_at__lt=clock.moment(search.until))
    return rows
