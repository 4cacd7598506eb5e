"""Months that wait for one person: to begin, to go on, to fill again, to review, to sign, to verify, to answer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.doubting import waits_for
from keshu.figures.entry.models import Adjustment, Doubt, Form, Sheet
from keshu.figures.entry.periods import in_validity, of_year
from keshu.terms import clock
from keshu.terms.period import Period

S = Sheet.State
#: What a capability has to do with a sheet in which state.
TURN = {
    Can.FILL_MONTH: (S.DRAFT, S.RETURNED, S.SUPPLYING),
    Can.REVIEW_MONTH: (S.FILLED,),
    Can.SIGN_MONTH: (S.REVIEWED,),
    Can.VERIFY_MONTH: (S.SIGNED,),
}


@dataclass(frozen=True)
class Waiting:
    """A month of a form that waits, and the word for why. ``sheet`` is None where nobody has begun."""

    form: Form
    region: Region
    period: Period
    word: str
    sheet: Sheet | None = None


def waiting(actor: Actor) -> list[Waiting]:
    """Every month that waits for this person, each once, oldest first. Two or three queries, whatever their number."""
    found = {(one.form.pk, one.region.pk, one.period.code): one for one in _sheets(actor)}
    if actor.can(Can.FILL_MONTH) and not actor.sees_all:
        for one in _not_begun(actor):
            found.setdefault((one.form.pk, one.region.pk, one.period.code), one)
    if actor.can(Can.VERIFY_MONTH):
        for asked in _adjustments(actor):
            found.setdefault((asked.form.pk, asked.region.pk, asked.period.code), asked)
    return sorted(
        found.values(), key=lambda one: (one.period.sort_key, one.form.pk, one.region.order, one.region.code)
    )


def _sheets(actor: Actor) -> list[Waiting]:
    turns: list[str] = [
        str(state) for capability, listed in TURN.items() if actor.can(capability) for state in listed
    ]
    # What the city enters for a county waits for the city until it is reported, and then for the county's confirmation.
    theirs = Q(state__in=turns, entered_for=False) | Q(state__in=set(turns) - set(TURN[Can.FILL_MONTH]))
    if actor.can(Can.ENTER_FOR_OTHERS):
        theirs |= Q(state__in=TURN[Can.FILL_MONTH], entered_for=True)
    if actor.can(Can.FILL_MONTH) and not actor.sees_all:
        theirs |= Q(entered_for=True, confirmed_by="", reported_at__isnull=False)
    doubted = Exists(Doubt._base_manager.filter(waits_for(actor), sheet=OuterRef("pk")))
    rows = Sheet.objects.visible_to(actor).annotate(doubted=doubted).filter(theirs | Q(doubted=True))
    return [
        Waiting(sheet.form, sheet.region, sheet.stretch, _word(sheet, turns), sheet)
        for sheet in rows.select_related("form", "region")
        if sheet.state != S.DRAFT or sheet.doubted or sheet.stretch.end < clock.today()
    ]


def _word(sheet: Any, turns: list[str]) -> str:
    if sheet.doubted:
        return "填报有误"
    if sheet.entered_for and sheet.reported_at is not None and sheet.state not in turns:
        return "代录待确认"
    return S(sheet.state).label


def _not_begun(actor: Actor) -> list[Waiting]:
    """Ended periods of this year and the last for which no sheet of the actor's own regions has been opened."""
    today = clock.today()
    forms = [f for f in Form.objects.select_related("unit") if f.frequency != Form.Frequency.DAY]
    regions = list(Region.objects.filter(pk__in=actor.region_ids, valid_to=None))
    begun = set(
        Sheet.objects.visible_to(actor)
        .filter(period__gte=str(today.year - 1))
        .values_list("form_id", "region_id", "period")
    )
    return [
        Waiting(form, region, period, "未填")
        for form in forms
        for region in regions
        if _fills(actor, form, region)
        for year in (today.year - 1, today.year)
        for period in of_year(form, year)
        if period.end < today and in_validity(form, period) and (form.pk, region.pk, period.code) not in begun
    ]


def _fills(actor: Actor, form: Form, region: Region) -> bool:
    if form.unit is not None:
        return form.unit_id in actor.unit_ids and form.unit.region_id == region.pk
    return region.level == form.level and region.part in (form.parts or [Region.Part.AREA])


def _adjustments(actor: Actor) -> list[Waiting]:
    asked = Adjustment.objects.visible_to(actor).filter(state=Adjustment.State.ASKED)
    return [
        Waiting(one.row.form, one.region, one.stretch, "追溯调整待核实")
        for one in asked.select_related("row__form", "region")
    ]
