"""Reporting months as due things: a county's own sheets that are not reported, for the city each form once with how many came."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.urls import reverse

from keshu.desk.diary.linking import opens
from keshu.diary.sources import Due, source
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.models import Form, Sheet
from keshu.figures.entry.periods import due_at, fillers, in_validity, of_year
from keshu.rules.calendar import CalendarUnknown, arranged
from keshu.rules.dated import NoRuleInForce
from keshu.rules.models import Rule
from keshu.terms import clock
from keshu.terms.period import Period

CODE = "months"
#: How far back a month that was never reported stays among what is overdue.
BACK = timedelta(days=100)


@source(CODE, "月报", counted=False)
def months(actor: Actor, first: date | None, last: date, everything: bool) -> Iterable[Due]:
    """What is to be reported in the stretch. A constant number of queries, one per form; 填报 and 收表 count their own."""
    if not (actor.is_county or actor.can(Can.VERIFY_MONTH) or (everything and actor.can(Can.SEE_DISPATCH))):
        return []
    start = first or clock.today() - BACK
    regions = Region.objects.in_bulk()
    forms = Form.objects.select_related("unit__region").exclude(frequency=Form.Frequency.DAY).order_by("pk")
    rules = list(Rule.objects.filter(kind=Rule.Kind.DEADLINE))
    kept = arranged()
    reported = set(
        Sheet.objects.visible_to(actor)
        .filter(period__gte=str(start.year - 1), reported_at__isnull=False)
        .values_list("form_id", "region_id", "period")
    )
    found: list[Due] = []
    for form in forms:
        mine = [one for one in fillers(form, regions) if actor.sees_all or one.pk in actor.region_ids]
        for period, day in _due_days(form, start, last, rules, kept):
            missing = [one for one in mine if (form.pk, one.pk, period.code) not in reported]
            found += _items(form, period, day, mine, missing, actor)
    return found


def _due_days(
    form: Form, first: date, last: date, rules: list[Rule], kept: dict[date, bool]
) -> Iterator[tuple[Period, date]]:
    for year in range(first.year - 1, last.year + 1):
        for period in of_year(form, year):
            # A deadline lies in the month after its period: years of periods need not be worked out.
            if not first - timedelta(days=62) <= period.end <= last or not in_validity(form, period):
                continue
            try:
                at: datetime = due_at(form, period, rules, kept)
            except (NoRuleInForce, CalendarUnknown):
                continue
            day = (at - timedelta(microseconds=1)).date()
            if first <= day <= last:
                yield period, day


def _items(
    form: Form, period: Period, day: date, mine: list[Region], missing: list[Region], actor: Actor
) -> Iterator[Due]:
    if not missing:
        return
    if actor.sees_all:
        came = f"已报 {len(mine) - len(missing)}/{len(mine)}" if period.end < clock.today() else ""
        title = f"{form.name} {period.label} {came}".strip()
        yield _item(form, period, day, title, ("",))
        return
    for region in missing:
        yield _item(form, period, day, f"{form.name} {period.label}", (region.code,))


def _item(form: Form, period: Period, day: date, title: str, region: tuple[str]) -> Due:
    return Due(
        day=day,
        label="报送截止",
        title=title,
        source=CODE,
        source_name="月报",
        link=(form.code, *region, period.code),
        key=f"{CODE}-{form.code}-{region[0] or 'all'}-{period.code}",
        whose=Can.FILL_MONTH,
    )


@opens(CODE)
def address(item: Due, actor: Actor) -> str:
    """A county opens its sheet, the city what came in."""
    form, region, period = item.link
    if region:
        return reverse("desk:sheet", args=[form, region, period])
    return reverse("desk:collection") if actor.can(Can.VERIFY_MONTH) else reverse("desk:dispatch")
