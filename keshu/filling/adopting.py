"""按反馈数记为反馈版: what the superior sent back becomes reported values of a release of its own, beside what stands."""

from collections.abc import Iterator

from keshu.directory.actors import Actor, Can
from keshu.figures.book import Book, book
from keshu.figures.models import Measure, Release
from keshu.figures.reading import measure_period
from keshu.figures.values import ValueChange, record_values
from keshu.filling.feedback import Difference, differences
from keshu.filling.mapping import FIGURE, VALUE
from keshu.filling.models import Filled
from keshu.filling.working import values_of
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.period import Period
from keshu.terms.quantity import TooManyDecimals, scale
from keshu.terms.units import convert

#: Where the values say they come from.
ORIGIN = "套表反馈"


class MayNotAdopt(PermissionError):
    """The post imports no figures."""


class NothingToAdopt(ValueError):
    """No cell of the feedback can stand as a reported value, or one cannot be written exactly."""


def adoptable(filled: Filled) -> list[tuple[Measure, Difference, int, str]]:
    """What can be recorded of the feedback of a filling: measure, what came back, the region's key, the period's code.

    A measure that is reported or imported. A ratio is computed from its parts and a register counts its own records: what came
    back of them is only compared.
    """
    definitions = book(moments.latest())
    return list(_adoptable(filled, definitions))


def _adoptable(filled: Filled, definitions: Book) -> Iterator[tuple[Measure, Difference, int, str]]:
    by_code = {measure.code: measure for measure in definitions.measures.values()}
    back = {row.key: row for row in differences(filled) if row.back is not None}
    for value in values_of(filled):
        cell = value.cell
        measure = by_code.get(cell.code)
        if cell.kind != FIGURE or cell.aspect != VALUE or cell.key not in back or measure is None:
            continue
        if not measure.register and value.subject_id and value.period:
            period = measure_period(measure, Period.parse(value.period))
            yield measure, back[cell.key], value.subject_id, period.code


def adopt(actor: Actor, filled: Filled) -> Release:
    """Record what came back as a release of the kind 省反馈数 whose source is the feedback; what was reported stays beside it.

    Doing it twice records nothing new. Raises MayNotAdopt, NothingToAdopt.
    """
    if not actor.can(Can.IMPORT_FIGURES):
        raise MayNotAdopt(f"{actor.name}没有导入权限。请由规划科记为反馈版。")
    found = adoptable(filled)
    if not found:
        raise NothingToAdopt(
            "反馈里没有可记的数：比率由分子分母算，台账的数逐条计，只能对照。要改就到填报或台账里更正。"
        )
    kept = filled.feedback
    with writing(actor, f"按反馈数记为反馈版：{filled}") as block:
        locked = Filled._base_manager.select_for_update().get(pk=filled.pk)
        if locked.feedback.get("sha256") != kept.get("sha256"):
            raise NothingToAdopt("反馈刚被别人换过。请刷新页面，看过新的反馈再记。")
        source, label = f"{filled.template.name} 反馈"[:100], f"{filled.period} {kept['sha256'][:12]}"
        release = Release.objects.filter(source=source, label=label).first()
        if release is None:
            release = Release(
                source=source,
                label=label,
                kind=Release.Kind.FEEDBACK,
                released_on=clock.today(),
                note=f"反馈文件 {kept['file']}"[:200],
            )
            release.save()
        changes = [
            ValueChange(
                measure.pk,
                subject,
                period,
                release.pk,
                _scaled(measure, row),
                origin=ORIGIN,
                origin_pk=filled.pk,
                entered_by=actor.name,
            )
            for measure, row, subject, period in found
        ]
        record_values(block, changes)
        if locked.feedback.get("release") != release.pk:
            locked.feedback = {**locked.feedback, "release": release.pk}
            locked.save()
    filled.feedback = locked.feedback
    return release


def _scaled(measure: Measure, row: Difference) -> int:
    assert row.back is not None
    try:
        return scale(convert(row.back, row.unit, measure.unit), measure.decimals)
    except TooManyDecimals as wrong:
        raise NothingToAdopt(
            f"“{row.label}”反馈 {row.back} {row.unit}，{measure.name}只记 {measure.decimals} 位小数（{measure.unit}），记不准。"
            "请和上级核对，或到导入里照文件录。"
        ) from wrong
