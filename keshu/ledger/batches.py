"""Batch rows (汇总行): a record that stands for n things nobody itemised, and the single records that later take their place.

Tying a single record takes its items (and the amounts that the register sums) off the batch in the same transaction, so that
nothing is counted twice and the history of the batch says what went where.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count

from keshu.directory.actors import Actor, Can
from keshu.journal.writing import writing
from keshu.ledger.models import Itemised
from keshu.ledger.registers import Register
from keshu.terms.quantity import plain


class ItemiseRefused(ValueError):
    """A record cannot take the place of things in a batch row; the message says why and what to do."""


def tied_to(batch: Any) -> models.QuerySet[Itemised]:
    """What was taken out of a batch row, in order."""
    return (
        Itemised.objects.for_system("汇总行")
        .filter(model=batch._meta.label, batch_pk=batch.pk)
        .order_by("pk")
    )


def batch_of(record: Any) -> Itemised | None:
    """The tie of a single record to its batch row."""
    ties = Itemised.objects.for_system("汇总行").filter(model=record._meta.label, record_pk=record.pk)
    return ties.first()


def batches_among(model: type[models.Model], pks: Iterable[int]) -> set[int]:
    """Those of the records that are batch rows by what was taken out of them (their remaining items may be 1). One query."""
    ties = Itemised.objects.for_system("汇总行").filter(model=model._meta.label, batch_pk__in=list(pks))
    return set(ties.values_list("batch_pk", flat=True))


def summed_columns(register: Register) -> list[str]:
    """The columns of money or other amounts that the register sums."""
    names = [measure.field for measure in register.measures if measure.field]
    names += [column.path for column in register.columns if column.total]
    return list(dict.fromkeys(names))


def itemise(register: Register, batch: Any, record: Any, actor: Actor) -> Itemised:
    """``record`` takes the place of things in ``batch``: the batch stands for that many fewer. Raises ItemiseRefused.

    Both are of one register, region and organisation, and the record counts in everything the batch counts in; the batch
    never goes below zero.
    """
    if not actor.can(Can.KEEP_LEDGERS):
        raise ItemiseRefused("逐条登记要有“管台账”的权限。请管台账的科室来办。")
    model = register.model
    with writing(actor, f"逐条登记 {record} ← {batch}"):
        locked = {
            row.pk: row
            for row in model._base_manager.select_for_update()
            .filter(pk__in=[batch.pk, record.pk])
            .order_by("pk")
        }
        whole, single = locked[batch.pk], locked[record.pk]
        _check(register, whole, single)
        amounts: dict[str, str] = {}
        for name in summed_columns(register):
            value, held = getattr(single, name), getattr(whole, name)
            if value is None or held is None:
                continue
            if value > held:
                label = model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                raise ItemiseRefused(
                    f"“{single}”的{label}是 {plain(value)}，汇总行只剩 {plain(held)}，减下去就成负数了。先核对两边的金额。"
                )
            setattr(whole, name, held - value)
            amounts[name] = plain(value)
        whole.items -= single.items
        whole.save()
        tie = Itemised(
            model=model._meta.label,
            batch_pk=whole.pk,
            record_pk=single.pk,
            items=single.items,
            amounts=amounts,
        )
        tie.save()
    return tie


def put_back(register: Register, tie: Itemised, actor: Actor) -> None:
    """Undo a tie: the batch stands for its things again. Raises ItemiseRefused."""
    if not actor.can(Can.KEEP_LEDGERS):
        raise ItemiseRefused("解除逐条要有“管台账”的权限。请管台账的科室来办。")
    with writing(actor, f"解除逐条 {tie.record_pk}"):
        whole = register.model._base_manager.select_for_update().get(pk=tie.batch_pk)
        held = Itemised._base_manager.filter(pk=tie.pk).first()
        if held is None:
            raise ItemiseRefused("这一条已经解除过了。请刷新再看。")
        whole.items += held.items
        for name, text in held.amounts.items():
            setattr(whole, name, (getattr(whole, name) or Decimal(0)) + Decimal(text))
        whole.save()
        held.delete()


def _check(register: Register, whole: Any, single: Any) -> None:
    if whole.pk == single.pk:
        raise ItemiseRefused("一条记录不能从它自己里面划出来。写另一条的编号。")
    if (whole.region_id, whole.unit_id) != (single.region_id, single.unit_id):
        raise ItemiseRefused(f"“{single}”和汇总行不是同一地区、同一单位的，不能从里面划。请核对编号。")
    ties = Itemised._base_manager.filter(model=register.label)
    if ties.filter(record_pk__in=[single.pk, whole.pk]).exists():
        raise ItemiseRefused(f"“{single}”或这个汇总行已经从别的汇总行里划出来了，不能再划一次。")
    if not whole.is_batch and not ties.filter(batch_pk=whole.pk).exists():
        raise ItemiseRefused(f"“{whole}”不是汇总行，只代表一件。请选汇总行。")
    if ties.filter(batch_pk=single.pk).aggregate(n=Count("pk"))["n"]:
        raise ItemiseRefused(f"“{single}”自己是汇总行，先把它里面划出的解除。")
    if single.items > whole.items:
        raise ItemiseRefused(
            f"汇总行只剩 {whole.items} 件没有逐条，“{single}”要划 {single.items} 件。"
            "先改汇总行的件数，或核对是不是已经逐条登记过。"
        )
    counted = {one.measure for one in register.contributions(whole)}
    if counted - {one.measure for one in register.contributions(single)}:
        raise ItemiseRefused(f"“{single}”还没有计入（状态或日期不到），现在划出来会少计。办到计入再逐条。")
