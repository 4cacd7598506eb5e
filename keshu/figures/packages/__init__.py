"""Packages of definitions as data, and their loading: safe to repeat, changes only what differs."""

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.apps import apps

from keshu.directory.models import Region
from keshu.figures.counting import SOURCE, reconciled
from keshu.figures.models import Indicator, Measure, Release, Scheme, SchemeItem
from keshu.journal.recorded import Recorded, same
from keshu.journal.writing import Writer, Writing, writing
from keshu.ledger.registers import ChangeRefused, Register, RegisterMeasure, registers, when_changed
from keshu.rules import lamp_sets
from keshu.rules.models import Rule

R = TypeVar("R", bound=Recorded)
HERE = Path(__file__).resolve().parent


def put(model: type[R], key: dict[str, Any], values: dict[str, Any]) -> R:
    """Create the row with this key or bring it to these values; an equal row is left alone. Inside ``writing`` only."""
    row = model._base_manager.filter(**key).first()
    if row is None:
        row = model(**key, **values)
        row.save()
        return row
    before = model.from_recorded(row.recorded_data())
    for name, value in values.items():
        setattr(row, name, value)
    row = model.from_recorded(row.recorded_data())
    if not same(before, row):
        row.save()
    return row


def load_definitions(actor: Writer) -> None:
    """Everything a house knows before its first figure: the base package and what the registers declare."""
    load_base(actor)
    load_room_rules(actor)
    load_registers(actor)


def load_base(actor: Writer) -> None:
    """Load the definitions that every installation begins with."""
    load(yaml.safe_load((HERE / "base.yaml").read_text(encoding="utf-8")), actor, "载入基础指标包")


def load_room_rules(actor: Writer) -> None:
    """Load the dated rules that rooms of floor 3 bring with them: a ``rules.yaml`` beside the room's ``apps.py``."""
    for config in apps.get_app_configs():
        file = Path(config.path) / "rules.yaml"
        if config.name.startswith("keshu.") and file.exists():
            rules = yaml.safe_load(file.read_text(encoding="utf-8"))
            load({"rules": rules}, actor, f"载入{config.verbose_name}的规则")


def load_registers(actor: Writer) -> None:
    """Load the measures that the registers declare, and the release under which each register's figures stand."""
    with writing(actor, "载入台账计量") as block:
        for register in registers():
            load_register(register, block)


@when_changed
def load_register(register: Register, block: Writing) -> None:
    """Bring the definitions and the cube to what a register declares; what it declares no longer is taken out of the cube.

    Raises ChangeRefused when an indicator still counts on a measure that is gone, or a name is another measure's.
    """
    _refuse_in_use(register)
    if register.measures:
        put(Release, {"source": SOURCE, "label": register.released_as}, {"kind": Release.Kind.AUTHORITY})
    elif not Measure.objects.filter(register=register.code).exists():
        return
    for measure in register.measures:
        put(Measure, {"code": measure.code}, _counted(register, measure))
    block.stamp(partial(reconciled, register))


def _refuse_in_use(register: Register) -> None:
    names = {measure.code: measure.name for measure in register.measures}
    for measure in Measure.objects.filter(register=register.code).exclude(code__in=names):
        for indicator in Indicator.objects.filter(formula__contains=measure.code):
            if re.search(rf"\b{measure.code}\b", indicator.formula):
                raise ChangeRefused(
                    f"计量“{measure.name}”还用在指标“{indicator.name}”里，不能去掉。请先改那个指标的公式。"
                )
    for taken in Measure.objects.filter(name__in=names.values()):
        if names.get(taken.code) != taken.name:
            raise ChangeRefused(f"已经有一个计量叫“{taken.name}”。请给计量换一个名称，让人分得清。")


def _counted(register: Register, measure: RegisterMeasure) -> dict[str, Any]:
    money = measure.unit == "元"
    return {
        "name": measure.name,
        "unit": measure.unit,
        "shown_unit": "万元" if money else measure.unit,
        "decimals": measure.decimals,
        "shown_decimals": 2 if money else measure.decimals,
        "nature": measure.nature,
        "typed": Measure.Typed.SINGLE,
        "authority": "本局",
        "frequency": Measure.Frequency.MONTH,
        "definition": measure.definition,
        "legal_ref": measure.legal_ref,
        "entered_by": [str(Measure.Enters.HOUSE)],
        "register": register.code,
    }


def load(package: dict[str, Any], actor: Writer, reason: str) -> None:
    """Load a package: regions, measures, indicators, schemes, rules. One revision for all of it, none when nothing differs."""
    with writing(actor, reason):
        if "regions" in package:
            _regions(package["regions"])
        for row in package.get("measures", []):
            _measure(row)
        for row in package.get("indicators", []):
            _indicator(row)
        for row in package.get("schemes", []):
            _scheme(row)
        for row in package.get("rules", []):
            _rule(row)


def _regions(data: dict[str, Any]) -> None:
    top = data["nation"]
    nation = put(
        Region,
        {"code": top["code"]},
        {"name": top["name"], "short_name": top["short"], "level": Region.Level.NATION, "order": 0},
    )
    for order, (code, name, short) in enumerate(data["provinces"], 1):
        put(
            Region,
            {"code": code},
            {
                "name": name,
                "short_name": short,
                "level": Region.Level.PROVINCE,
                "parent": nation,
                "order": order,
            },
        )


def _measure(row: dict[str, Any]) -> None:
    put(
        Measure,
        {"code": row["code"]},
        {
            "name": row["name"],
            "aliases": row.get("aliases", []),
            "unit": row["unit"],
            "shown_unit": row["shown"],
            "decimals": row["decimals"],
            "shown_decimals": row.get("shown_decimals", 2),
            "nature": row["nature"],
            "typed": row.get("typed", Measure.Typed.CUMULATIVE),
            "authority": row["authority"],
            "frequency": row["frequency"],
            "lag_days": row.get("lag_days", 0),
            "lowest": row.get("lowest", ""),
            "highest": row.get("highest", ""),
            "negative_allowed": row.get("negative_allowed", True),
            "estimated": row.get("estimated", False),
            "entered_by": row.get("by", []),
            "definition": row.get("definition", ""),
            "legal_ref": row.get("ref", ""),
            "open_to_public": row.get("public", False),
        },
    )


def _indicator(row: dict[str, Any]) -> None:
    put(
        Indicator,
        {"code": row["code"]},
        {
            "name": row["name"],
            "short_name": row["short"],
            "formula": row["formula"],
            "direction": row.get("direction", Indicator.Direction.UP),
            "unit": row["unit"],
            "decimals": row["decimals"],
            "period_rule": row["period_rule"],
            "denominator_annual": row.get("denominator_annual", False),
            "own_numerator_counts": row.get("own_numerator_counts", False),
            "numerator_label": row.get("numerator", ""),
            "denominator_label": row.get("denominator", ""),
            "definition": row["definition"],
            "definition_label": row.get("label", ""),
            "doc_no": row.get("doc_no", ""),
            "office": row.get("office", ""),
            "change_as_growth": row.get("growth", False),
        },
    )


def _scheme(row: dict[str, Any]) -> None:
    scheme = put(
        Scheme,
        {"code": row["code"]},
        {
            "name": row["name"],
            "lamp_rule": row["lamp_rule"],
            "annual": row.get("annual", False),
            "open_to_public": row.get("public", False),
            "published": row.get("published", True),
            "doc_no": row.get("doc_no", ""),
            "note": row.get("note", ""),
        },
    )
    codes = {i.code: i for i in Indicator._base_manager.all()}
    for order, item in enumerate(row["items"], 1):
        put(
            SchemeItem,
            {"scheme": scheme, "indicator": codes[item["indicator"]]},
            {
                "order": order,
                "lag": item.get("lag", 0),
                "plan": item.get("plan", ""),
                "lamp_rule": item.get("lamp_rule", ""),
                "leads": codes[item["leads"]] if "leads" in item else None,
                "reference": item.get("reference", ""),
            },
        )


def _rule(row: dict[str, Any]) -> None:
    data = dict(getattr(lamp_sets, row["set"])) if "set" in row else dict(row["data"])
    valid_from = row["valid_from"]
    put(
        Rule,
        {
            "kind": row["kind"],
            "code": row.get("code") or data["code"],
            "valid_from": valid_from if isinstance(valid_from, date) else date.fromisoformat(str(valid_from)),
        },
        {
            "name": row.get("name") or data["name"],
            "doc_no": row.get("doc_no") or data.get("doc_no") or "",
            "issuer": row.get("issuer") or data.get("issuer", ""),
            "source_mark": row.get("mark", ""),
            "data": data,
        },
    )
