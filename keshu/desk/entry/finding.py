"""Finding the sheet a request is about, inside the actor's scope; anything else is 404."""

from django.http import Http404, HttpRequest

from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region
from keshu.figures.entry.loading import NotOpenable, open_sheet
from keshu.figures.entry.models import Form, Sheet
from keshu.figures.entry.periods import NotAFormPeriod, fillers, read
from keshu.figures.entry.sheets import blank_sheet
from keshu.journal import audit
from keshu.terms.period import Period, UnreadablePeriod

COUNTY = (Can.FILL_MONTH, Can.REVIEW_MONTH, Can.SIGN_MONTH)
SEES = (*COUNTY, Can.VERIFY_MONTH, Can.ENTER_FOR_OTHERS)


def actor_of(request: HttpRequest) -> Actor:
    """The acting person."""
    return request.actor  # type: ignore[attr-defined, no-any-return]


def find_form(code: str) -> Form:
    """A form by its code."""
    form = Form.objects.select_related("unit__region").filter(code=code).first()
    if form is None:
        raise Http404
    return form


def find_region(actor: Actor, form: Form, code: str) -> Region:
    """A region that fills the form and that the actor may see."""
    for region in fillers(form):
        if region.code == code:
            if actor.sees_all or region.pk in actor.region_ids:
                return region
            # It exists, but not for this person: the page says 404, the audit says who asked.
            audit.note(
                actor,
                "拒绝",
                f"填报 {form.number} {region.name}",
                outcome="拒绝",
                detail={"因": "不在范围内"},
            )
    raise Http404


def find_period(form: Form, text: str) -> Period:
    """A period of the form."""
    try:
        return read(form, text)
    except (NotAFormPeriod, UnreadablePeriod) as error:
        raise Http404 from error


def seen_sheet(request: HttpRequest, form: str, region: str, period: str) -> Sheet:
    """The sheet for looking: saved, or blank where nobody has opened it (looking writes nothing)."""
    actor = actor_of(request)
    found = find_form(form)
    place = find_region(actor, found, region)
    stretch = find_period(found, period)
    sheet = (
        Sheet.objects.visible_to(actor)
        .select_related("form__unit__region", "region")
        .filter(form=found, region=place, period=stretch.code)
        .first()
    )
    return sheet or blank_sheet(found, place, stretch)


def opened_sheet(request: HttpRequest, form: str, region: str, period: str) -> Sheet:
    """The sheet for writing, opened when it is not there; NotOpenable becomes 404 for who may not fill it."""
    actor = actor_of(request)
    found = find_form(form)
    place = find_region(actor, found, region)
    try:
        return open_sheet(found, place, find_period(found, period), actor)
    except NotOpenable as error:
        raise Http404 from error
