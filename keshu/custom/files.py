"""A definition as a file: it leaves one bureau with its digest and is loaded by another, or refused when it is damaged."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from keshu.custom.columns import Col, Count, from_json, to_json
from keshu.custom.models import Definition
from keshu.custom.wanted import Wanted, differences, wanted_of
from keshu.journal.rows import canonical

FORMAT = "keshu-ledger"
VERSION = 1
LARGEST = 256 * 1024
READY = Path(__file__).resolve().parent / "ready"


class FileRefused(ValueError):
    """A file that is no definition, or one that was changed or cut off on its way."""


@dataclass(frozen=True)
class Loading:
    """A definition read from a file, beside the one of the same code that stands here, if any."""

    wanted: Wanted
    stands: Definition | None
    changes: tuple[str, ...]


def exported(definition: Definition) -> str:
    """The file of a definition: YAML with the digest of what it says. Slots and records stay at home."""
    content = _content(wanted_of(definition))
    head = {"format": FORMAT, "version": VERSION, "edition": definition.edition, "digest": _digest(content)}
    return yaml.safe_dump({**head, "ledger": content}, allow_unicode=True, sort_keys=False, width=120)


def _content(wanted: Wanted) -> dict[str, Any]:
    columns = [
        {k: v for k, v in to_json(col).items() if k != "slot"} for col in wanted.columns if not col.off
    ]
    measures = [{k: v for k, v in to_json(count).items() if k != "code"} for count in wanted.measures]
    return {
        "code": wanted.code,
        "name": wanted.name,
        "about": wanted.about,
        "prefix": wanted.prefix,
        "who": list(wanted.who),
        "unit_use": str(wanted.unit_use),
        "batch": wanted.batch,
        "counts_by": wanted.counts_by,
        "key": list(wanted.key),
        "columns": columns,
        "measures": measures,
    }


def _digest(content: Any) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def read_file(text: str, *, sealed: bool = True) -> Wanted:
    """What a file wants. Raises FileRefused. ``sealed``: the digest must be there and fit (our own ready-made files carry none)."""
    if len(text.encode()) > LARGEST:
        raise FileRefused(
            f"这个文件超过 {LARGEST // 1024} KB，不是台账定义。请核对选的是不是导出的定义文件。"
        )
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise FileRefused("这个文件读不懂，不是台账定义，或传的时候损坏了。请让对方重新导出。") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("ledger"), dict):
        raise FileRefused("这不是台账定义文件。请选“导出定义”得到的 .yaml 文件。")
    if data.get("version") != VERSION:
        raise FileRefused(
            f"这个文件是第 {data.get('version')} 版格式，这里只认第 {VERSION} 版。请先升级系统。"
        )
    content = data["ledger"]
    if sealed and data.get("digest") != _digest(content):
        raise FileRefused("文件里的内容和它的摘要对不上：传的时候损坏了，或有人改过。请让对方重新导出。")
    try:
        return _wanted(content)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise FileRefused("文件里少了该有的内容，不能载入。请让对方重新导出。") from error


def _wanted(content: dict[str, Any]) -> Wanted:
    return Wanted(
        code=str(content["code"]),
        name=str(content["name"]),
        prefix=str(content["prefix"]),
        about=str(content.get("about", "")),
        who=tuple(str(one) for one in content["who"]),
        unit_use=str(content.get("unit_use", "optional")),
        batch=bool(content.get("batch", False)),
        counts_by=str(content.get("counts_by", "")),
        key=tuple(str(one) for one in content.get("key", ())),
        columns=tuple(replace(from_json(Col, dict(one)), slot="", off=False) for one in content["columns"]),
        measures=tuple(replace(from_json(Count, dict(one)), code="") for one in content.get("measures", ())),
    )


def compared(wanted: Wanted) -> Loading:
    """What loading would do: a new ledger, or changes to the one of the same code that stands here."""
    stands = Definition._base_manager.filter(code=wanted.code).first()
    if stands is None:
        return Loading(wanted, None, ())
    here = wanted_of(stands)
    merged = _merged(wanted, here)
    return Loading(merged, stands, tuple(differences(here, merged)))


def _merged(wanted: Wanted, here: Wanted) -> Wanted:
    """The file's wishes on top of what stands: columns and measures of one name are the same one; what the file lacks is hidden."""
    slots = {col.name: col for col in here.columns}
    codes = {count.name: count.code for count in here.measures}
    columns = [replace(col, slot=slots[col.name].slot if col.name in slots else "") for col in wanted.columns]
    named = {col.name for col in columns}
    columns += [replace(col, off=True) for col in here.columns if col.name not in named]
    return replace(
        wanted,
        active=here.active,
        columns=tuple(columns),
        measures=tuple(replace(count, code=codes.get(count.name, "")) for count in wanted.measures),
    )


def ready_made() -> list[Wanted]:
    """The ledgers that come with the house (常用台账), in the order of their files."""
    return [
        read_file(path.read_text(encoding="utf-8"), sealed=False) for path in sorted(READY.glob("*.yaml"))
    ]
