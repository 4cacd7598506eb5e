"""Loading forms from data and opening sheets: what a demonstration or an installation calls.

A form as data (``load_form``)::

    code: qhkt-01                      # letters, digits, - : stands in addresses
    number: 青科统 01 表                # 表号
    name: 科技统计月报                  # the page is called 望岭县 9月科技统计月报
    issuer: 青禾市科学技术局             # 制定机关
    approval_no: 青统制〔2026〕6号       # 批准文号
    valid_from: 2026-01-01             # sheets are owed from here on
    valid_to: 2027-12-31               # 有效期至
    frequency: month                   # month | quarter | day (截至某日); default month
    level: county                      # who fills: level below the house's region; default county
    parts: [area]                      # which parts of it; default [area]
    unit: null                         # code of a department that fills it instead
    deadline: monthly-report           # code of the dated deadline rule; default
    joint_first: true                  # 1—2月 as one report; default
    estimate_from: 10                  # month from which 全年预计数 is asked; 0 never; default 10
    identities:                        # optional; over codes of measures, in the unit of the rows
      - {left: [contract_absorbed], right: [absorbed_inside, absorbed_outside], tolerance: "0", message: 吸纳应等于省内加省外}
    sections:
      - title: 一、财政科技支出
        source: 县财政局月报 04 表
        authority: 财政局               # optional: every row of the section is from another authority's table
        rows:
          - {measure: budget_expenditure, label: 一般公共预算支出, unit: 万元}
          - {measure: budget_own, label: 县本级, part_of: budget_expenditure}        # = : a declared full split
          - {measure: fiscal_st, label: 其中：科学技术支出, in: budget_expenditure}   # ≤ : 其中
          - {measure: contract_output, label: 输出技术合同成交额, unit: 万元, fill: auto, places: 2}

A row takes ``unit`` (default: the measure's shown unit; a child takes its parent's), ``typed`` (cumulative, single, stock; default
from the measure), ``fill`` (typed, auto), ``places`` (decimals shown at least), ``authority``, ``hint``.
"""

from datetime import date
from typing import Any

from keshu.directory.actors import Actor
from keshu.directory.models import Region, Unit
from keshu.figures.entry.cells import may_fill
from keshu.figures.entry.identities import Identity
from keshu.figures.entry.models import Cell, Form, FormRow, Sheet
from keshu.figures.entry.periods import due_at, fillers, in_validity, read
from keshu.figures.entry.timeliness import RELEASE
from keshu.figures.models import Measure, Release
from keshu.figures.packages import put
from keshu.journal.writing import writing
from keshu.terms.period import Period
from keshu.terms.quantity import unit


class BadForm(ValueError):
    """The data of a form cannot be loaded; the message names the entry."""


class NotOpenable(ValueError):
    """No sheet may be opened here: not a filler, not in force, or not the actor's."""


def load_form(spec: dict[str, Any], actor: Actor) -> Form:
    """Load a form with its rows and its release; repeating the same data changes nothing. Raises BadForm, BadIdentity."""
    with writing(actor, f"载入报表 {spec['number']}"):
        form = put(Form, {"code": spec["code"]}, _form_values(spec))
        put(
            Release,
            {"source": str(form), "label": ""},
            {"kind": Release.Kind.COUNTY, "note": form.approval_no},
        )
        put(Release, {"source": RELEASE, "label": ""}, {"kind": Release.Kind.AUTHORITY})
        order = 0
        rows: dict[str, FormRow] = {}
        for section in spec["sections"]:
            for data in section["rows"]:
                order += 1
                rows[data["measure"]] = _row(form, order, section, data, rows)
        for row in FormRow.objects.filter(form=form).exclude(pk__in=[row.pk for row in rows.values()]):
            row.delete()
    return form


def _form_values(spec: dict[str, Any]) -> dict[str, Any]:
    department = None
    if spec.get("unit"):
        department = Unit.objects.filter(code=spec["unit"]).first()
        if department is None:
            raise BadForm(f"没有代码为 {spec['unit']} 的单位。先登记这个部门，再载入{spec['number']}。")
    return {
        "number": spec["number"],
        "name": spec["name"],
        "issuer": spec["issuer"],
        "approval_no": spec.get("approval_no", ""),
        "valid_from": _date(spec["valid_from"]),
        "valid_to": _date(spec["valid_to"]) if spec.get("valid_to") else None,
        "frequency": spec.get("frequency", Form.Frequency.MONTH),
        "level": spec.get("level", Region.Level.COUNTY),
        "parts": spec.get("parts", []),
        "unit": department,
        "deadline": spec.get("deadline", "monthly-report"),
        "joint_first": spec.get("joint_first", True),
        "estimate_from": spec.get("estimate_from", 10),
        "identities": [Identity.read(row).as_data() for row in spec.get("identities", [])],
    }


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _row(
    form: Form, order: int, section: dict[str, Any], data: dict[str, Any], rows: dict[str, FormRow]
) -> FormRow:
    measure = Measure.objects.filter(code=data["measure"]).first()
    if measure is None:
        raise BadForm(f"{form.number}第 {order} 行：没有代码为 {data['measure']} 的计量。先在指标包里定义。")
    parent, whole = _relative(data, "in", rows, form), _relative(data, "part_of", rows, form)
    if data.get("fill", FormRow.Fill.TYPED) == FormRow.Fill.TYPED:
        _may_be_typed(form, measure, data["label"])
    near = parent or whole
    own_unit = data.get("unit") or (near.unit if near else measure.shown_unit)
    if unit(own_unit).dimension != unit(measure.unit).dimension:
        raise BadForm(
            f"{form.number}“{data['label']}”的单位 {own_unit} 和计量的单位 {measure.unit} 不能换算。"
        )
    typed = data.get("typed") or (
        measure.typed if measure.nature == Measure.Nature.FLOW else FormRow.Typed.STOCK
    )
    if form.frequency != Form.Frequency.MONTH and typed == FormRow.Typed.SINGLE:
        raise BadForm(
            f"{form.number}“{data['label']}”：{form.get_frequency_display()}的流量项目填累计，不填当期。把 typed 改成 cumulative。"
        )
    return put(
        FormRow,
        {"form": form, "measure": measure},
        {
            "order": order,
            "section": section.get("title", ""),
            "section_source": section.get("source", ""),
            "label": data["label"],
            "unit": own_unit,
            "places": data.get("places", 0),
            "typed": typed,
            "fill": data.get("fill", FormRow.Fill.TYPED),
            "parent": parent,
            "whole": whole,
            "authority": data.get("authority", section.get("authority", "")),
            "hint": data.get("hint", ""),
        },
    )


def _may_be_typed(form: Form, measure: Measure, label: str) -> None:
    """Only what the filler may enter is asked: yearbook and annual figures come by import, not by the month."""
    way = Measure.Enters("department" if form.unit_id else "region")
    if measure.entered_by and way not in measure.entered_by:
        ways = "、".join(Measure.Enters(one).label for one in measure.entered_by)
        raise BadForm(
            f"{form.number}“{label}”不能列为{way.label}的行：计量“{measure.name}”由{ways}。从表里拿掉，或把 fill 写成 auto。"
        )


def _relative(data: dict[str, Any], key: str, rows: dict[str, FormRow], form: Form) -> FormRow | None:
    code = data.get(key)
    if code is None:
        return None
    if code not in rows:
        raise BadForm(
            f"{form.number}“{data['label']}”的 {key} 写的是 {code}，它前面没有这一行。把合计行放在前面。"
        )
    return rows[code]


def open_sheet(
    form: Form,
    region: Region,
    period: Period | str,
    actor: Actor,
    *,
    entered_for: bool = False,
    said_by: str = "",
) -> Sheet:
    """The sheet of a region for a period, opened when it is not there yet. Two at once get the same one.

    ``entered_for``: the city enters it for a county or a department without an account; ``said_by`` names who gave the
    figures and how. A sheet that the county has begun is not taken over. Raises NotOpenable, NotAFormPeriod.
    """
    stretch = read(form, period.code if isinstance(period, Period) else period)
    if not in_validity(form, stretch):
        raise NotOpenable(f"{form.number}在 {stretch.label} 不生效（{form.valid_from} 起）。")
    if region.pk not in {row.pk for row in fillers(form)}:
        raise NotOpenable(f"{region.name}不填{form.number}。")
    existing = _find(form, region, stretch)
    if existing is None:
        with writing(actor, f"打开{form.number} {region.short_name} {stretch.code}"):
            Form._base_manager.select_for_update().get(pk=form.pk)
            existing = _find(form, region, stretch)
            if existing is None:
                existing = Sheet(
                    form=form,
                    region=region,
                    period=stretch.code,
                    unit=form.unit,
                    due_at=due_at(form, stretch),
                    entered_for=entered_for,
                    entered_by=actor.name if entered_for else "",
                    said_by=said_by[:60],
                )
                if not may_fill(actor, existing):
                    raise NotOpenable(
                        f"{actor.name} 不能为{region.short_name}填{form.number}。请由该县的填表人来填。"
                    )
                existing.save()
                return existing
    if entered_for and not existing.entered_for:
        return _take_over(existing, actor, said_by)
    return existing


def _find(form: Form, region: Region, stretch: Period) -> Sheet | None:
    rows = Sheet.objects.for_system("打开填报").filter(form=form, region=region, period=stretch.code)
    return rows.select_related("form__unit__region", "region").first()


def _take_over(sheet: Sheet, actor: Actor, said_by: str) -> Sheet:
    """代录 of a sheet that exists: only while nothing has been typed."""
    with writing(actor, f"代录 {sheet}"):
        locked = Sheet._base_manager.select_for_update().get(pk=sheet.pk)
        typed = Cell._base_manager.filter(sheet=locked).exists()
        if typed or locked.state != Sheet.State.DRAFT:
            raise NotOpenable(f"{sheet.region.short_name}已经在填这张表，不代录。请让他们自己报，或先商定。")
        locked.entered_for, locked.entered_by, locked.said_by = True, actor.name, said_by[:60]
        locked.save()
    return locked
