"""Entering one record by hand: texts of a form come in, a record or a sentence for each field goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keshu.custom.models import CustomRecord, Definition
from keshu.custom.procedure import enters_for, may_correct
from keshu.custom.registering import fill, taken_columns
from keshu.directory.actors import Actor, Can
from keshu.directory.models import Region, Unit
from keshu.journal.writing import writing
from keshu.ledger.bringing.places import Places
from keshu.ledger.bringing.values import ValueRefused, read_value, written
from keshu.ledger.classified import Classified, refuse_classified
from keshu.ledger.numbering import next_number
from keshu.ledger.registers import Column
from keshu.terms import clock


class EntryRefused(ValueError):
    """A form that cannot be taken: a sentence for each field, by path; empty path for the form as a whole."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("；".join(self.problems.values()))


class EntryStale(EntryRefused):
    """Somebody changed the record after the form was opened."""


@dataclass(frozen=True)
class Form:
    """What a form asks and what stands in it: columns in their order, texts by path."""

    columns: tuple[Column, ...]
    texts: Mapping[str, str]


def form_of(definition: Definition, actor: Actor, record: CustomRecord | None = None) -> Form:
    """The form of a new record, with the actor's own organisation and region, or of one that stands."""
    columns = taken_columns(definition)
    if record is None:
        unit = Unit.objects.filter(pk=actor.unit_id).first() if actor.can(Can.APPLY) else None
        region = Region.objects.filter(pk=unit.region_id if unit else actor.region_id).first()
        return Form(columns, {"unit": unit.name if unit else "", "region": region.name if region else ""})
    texts = {}
    for column in columns:
        if column.kind in ("unit", "region"):
            related = getattr(record, column.path)
            texts[column.path] = related.name if related else ""
        else:
            texts[column.path] = written(column, getattr(record, column.path))
    if texts.get("items") == "1":
        texts["items"] = ""
    return Form(columns, texts)


def enter(
    definition: Definition,
    actor: Actor,
    texts: Mapping[str, str],
    *,
    record: CustomRecord | None = None,
    seen: int | None = None,
    source: str = "",
) -> CustomRecord:
    """Register a record, or correct one that has not been verified. It counts from now on.

    ``texts`` by path as a person writes them; ``seen``: the definition's edition and ``record``'s last revision are compared by the
    caller through ``stamp_of``. Raises EntryRefused with a sentence per field.
    """
    columns = taken_columns(definition)
    values, problems = _read(columns, texts, actor)
    if "region" in values and values["region"] is None:
        values["region"] = actor.region_id
    region, unit = values.get("region"), values.get("unit")
    if not problems and not enters_for(definition, actor, region, unit):
        problems[""] = "这条的地区或单位不在现在这个岗位登记的范围里。请改地区、单位，或由那里的人登记。"
    if problems:
        raise EntryRefused(problems)
    slots = {col.name: col.slot for col in definition.cols}
    with writing(actor, f"{'登记' if record is None else '更正'}{definition.name}"):
        if record is None:
            row = CustomRecord(definition=definition, edition=definition.edition, source=source[:200])
        else:
            row = (
                CustomRecord._base_manager.select_for_update().select_related("definition").get(pk=record.pk)
            )
            if not may_correct(actor, row):
                raise EntryRefused(
                    {"": f"{row}现在是“{row.get_state_display()}”，不能在这里改。要改请先退回更正。"}  # type: ignore[attr-defined]
                )
            if seen is not None and stamp_of(row) != seen:
                raise EntryStale(
                    {"": f"{row}在您打开之后有人改过。您写的还在下面，没有丢；对照后再保存一次。"}
                )
        try:
            refuse_classified(*(text for text in texts.values() if isinstance(text, str)))
            fill(row, values, edition=definition.edition, counts_by=slots.get(definition.counts_by, ""))
        except Classified as refusal:
            raise EntryRefused({"": str(refusal)}) from refusal
        if not row.number:
            row.number = next_number(definition.prefix, clock.today().year)
        row.save()
    return row


def stamp_of(record: CustomRecord) -> int:
    """The revision in which the record was last written."""
    last = record.history().order_by("-revision").values_list("revision", flat=True).first()
    return last or 0


def _read(
    columns: tuple[Column, ...], texts: Mapping[str, str], actor: Actor
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    places = Places(actor)
    home: int | None = None
    for column in columns:
        text = texts.get(column.path, "").strip()
        values[column.path] = None
        try:
            if not text:
                if column.required:
                    problems[column.path] = f"{column.label}要填。"
            elif column.kind == "unit":
                values[column.path], home = places.unit(text)
            elif column.kind == "region":
                values[column.path] = places.region(text)
            else:
                values[column.path] = read_value(column, text)
        except ValueRefused as refused:
            problems[column.path] = f"{str(refused).rstrip('。')}。"
    if values.get("region") is None and "region" in values:
        values["region"] = home
    return values, problems
