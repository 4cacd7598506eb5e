"""``docs/系统对照.md``: every system, register and procedure that the bureaus' reports name, and the page of Keshu that it is.

``python -m tests.replay.systems`` writes it anew from ``docs/systems.yaml``.
"""

import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import yaml

ROOT = Path(__file__).resolve().parents[2]
STATED, WRITTEN = ROOT / "docs" / "systems.yaml", ROOT / "docs" / "系统对照.md"
LIST = "desk:register"
#: Pages that are no list of one register, by the word that the rail or 更多 gives them.
PAGES = {"desk:targets": "目标", "desk:dispatch": "调度", "desk:collecting_home": "合表"}


@dataclass(frozen=True)
class System:
    """A named system: in which report, of which row, and its page (a route, or the list of a register under conditions) or why
    there is none."""

    report: str
    name: str
    row: str
    route: str = LIST
    register: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    absent: str = ""

    @property
    def address(self) -> str:
        """The address of its page."""
        from django.urls import reverse

        at = reverse(self.route, args=[self.register] if self.route == LIST else [])
        return f"{at}?{urlencode(self.where)}" if self.where else at


def systems() -> list[System]:
    """The systems of the rows that are built."""
    return [System(**row) for row in yaml.safe_load(STATED.read_text(encoding="utf-8"))["systems"]]


def others() -> dict[str, int]:
    """Row → how many systems of the rows that are not built yet."""
    counts: dict[str, int] = yaml.safe_load(STATED.read_text(encoding="utf-8"))["others"]
    return counts


def document() -> str:
    """The text of the document."""
    listed, left = systems(), others()
    mapped = Counter(system.row for system in listed if not system.absent)
    rows = Counter(system.row for system in listed)
    lines = [
        "# 系统对照",
        "",
        "各地科技局的报告里点名的系统、台账和程序，在科枢里是哪一页。由 `docs/systems.yaml` 生成"
        "（`python -m tests.replay.systems`），改了表要重新生成。",
        "",
        f"- 报告里共 {len(listed) + sum(left.values())} 条；项目、储备、奖励、目标考核四类（行码里有 P、A、T）{len(listed)} 条，"
        f"有页面的 {sum(mapped.values())} 条，还没有的 {len(listed) - sum(mapped.values())} 条。",
        f"- 其他行 {sum(left.values())} 条随后面的业务线补，这里只计条数。",
        f"- 按行（有页面的／共）：{'，'.join(f'{row} {mapped[row]}／{rows[row]}' for row in sorted(rows))}。",
    ]
    for report in dict.fromkeys(system.report for system in listed):
        lines += [
            "",
            f"## 报告 {report}",
            "",
            "| 报告里的名称 | 行 | 台账 | 页面 | 说明 |",
            "|---|---|---|---|---|",
        ]
        lines += [_line(system) for system in listed if system.report == report]
    lines += ["", "## 还没有建的行", "", "| 行 | 条数 |", "|---|---|"]
    lines += [f"| {row or '（报告没有归行）'} | {count} |" for row, count in sorted(left.items())]
    return "\n".join(lines) + "\n"


def _line(system: System) -> str:
    if system.absent:
        return f"| {system.name} | {system.row} | 尚无 | 尚无 | {system.absent} |"
    from keshu.ledger.registers import by_code

    if not system.register:
        return (
            f"| {system.name} | {system.row} | {PAGES[system.route]} | `{system.address}` | {system.note} |"
        )
    register = by_code(system.register)
    assert register is not None, system.register
    said = "、".join(
        f"{register.label_of(path)}＝{register.choices_of(path)[value]}"
        for path, value in system.where.items()
    )
    notes = "；".join(filter(None, (said, system.note)))
    return f"| {system.name} | {system.row} | {register.name} | `{system.address}` | {notes} |"


def main() -> int:
    """Write the document."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshu.settings")
    import django

    django.setup()
    WRITTEN.write_text(document(), encoding="utf-8")
    print(WRITTEN.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
