"""The demonstration's people: units, posts, roles and accounts, all made up. One password for all of them, printed on demand."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from keshu.directory.actors import ROLE_NAMES, Role
from keshu.directory.models import Account, Employment, Person, RoleGrant, Unit
from keshu.figures.packages import put

HERE = Path(__file__).resolve().parent
PASSWORD = "qinghe-demo-2026"  # noqa: S105 (printed by `keshu demo accounts`; the data behind it are made up)
IN_FORCE_FROM = date(2025, 1, 1)
FILLERS = {"望岭县": "郑澜", "岚川县": "唐秋", "苇湖区": "方鹭"}
LANDING = {
    Role.LEADER: "调度",
    Role.PLANNING: "今日",
    Role.OFFICE: "今日",
    Role.INSPECTOR: "今日",
    Role.COUNTY_FILLER: "填报",
    Role.COUNTY_REVIEWER: "填报",
    Role.COUNTY_HEAD: "填报",
    Role.APPLICANT: "今日",
    Role.RECOMMENDER: "今日",
    Role.SYSTEM_ADMIN: "账号",
    Role.SECURITY_ADMIN: "权限",
    Role.AUDIT_ADMIN: "日志",
}


def stated(name: str = "people.yaml") -> dict[str, Any]:
    """What one of the demonstration's files states."""
    data: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _hashed() -> str:
    """One hash for all: hashing each by itself would take longer than everything else here."""
    return make_password(PASSWORD)


def make_people(data: Mapping[str, Any], subjects: Mapping[str, int]) -> int:
    """Make the units, people, posts, grants and accounts of a file; the number of people. ``subjects`` are region keys by name."""
    units: dict[str, Unit] = {}
    for row in data["units"]:
        units[row["code"]] = put(
            Unit,
            {"code": row["code"]},
            {
                "name": row["name"],
                "region_id": subjects[row["region"]],
                "parent": units.get(row.get("parent", "")),
                "has_account": row.get("has_account", True),
            },
        )
    hashed = _hashed()
    for row in data["people"]:
        person = put(Person, {"code": f"QH-{row['username']}"}, {"name": row["name"]})
        for post in row["posts"]:
            employment = put(
                Employment,
                {"person": person, "unit": units[post["unit"]]},
                {"title": post["title"], "valid_from": IN_FORCE_FROM},
            )
            put(
                RoleGrant,
                {"employment": employment, "role": post["role"]},
                {"valid_from": IN_FORCE_FROM, "granted_by": "习同", "approved_by": "安荃"},
            )
        if not Account.objects.filter(username=row["username"]).exists():
            Account(username=row["username"], person=person, password=hashed).save()
    return len(data["people"])


def account_table() -> str:
    """Roles, accounts, the password and where each one lands, as an aligned table."""
    rows = [("角色", "账号", "口令", "单位", "进来看到")]
    data = stated()
    others = [stated("projects.yaml"), stated("awards.yaml")]
    units = {row["code"]: row for part in (data, *others) for row in part["units"]}
    for row in [*data["people"], *(person for part in others for person in part["people"])]:
        roles = [Role(post["role"]) for post in row["posts"]]
        where = "、".join(_unit_name(units, post["unit"]) for post in row["posts"])
        named = f"{'、'.join(ROLE_NAMES[role] for role in roles)}  {row['name']}"
        rows.append((named, row["username"], PASSWORD, where, LANDING[roles[0]]))
    widths = [max(_width(row[n]) for row in rows) for n in range(5)]
    return "\n".join(
        "  ".join(cell + " " * (widths[n] - _width(cell)) for n, cell in enumerate(row)).rstrip()
        for row in rows
    )


def _unit_name(units: Mapping[str, dict[str, Any]], code: str) -> str:
    row = units[code]
    return row["name"] if "parent" not in row else f"{units[row['parent']]['name']}{row['name']}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
