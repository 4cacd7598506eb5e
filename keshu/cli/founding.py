"""Founding a house: the region it serves, the regions below it, its bureau, and the first account."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from keshu.cli.importing import NoSuchFile
from keshu.directory.actors import ROLE_NAMES, Role, system
from keshu.directory.models import Account, Employment, Region, RoleGrant, Unit
from keshu.directory.opening import NewAccount, open_account
from keshu.figures.book import UnknownName, book
from keshu.figures.models import RegionShown
from keshu.figures.packages import put
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.ledger.intake.cells import BLANK
from keshu.ledger.intake.heads import Column, Holds
from keshu.ledger.intake.reading import open_table
from keshu.terms import clock

LEVELS: list[str] = list(Region.Level.values)
COLUMNS = (
    Column("code", ("代码", "区划代码", "code"), True, Holds.TEXT, "行政区划代码，保留前导零"),
    Column("name", ("名称", "地区", "name"), True, Holds.TEXT, "全称"),
    Column("short", ("简称", "short"), False, Holds.TEXT, "空着去掉末尾的市、县、区、镇、乡"),
    Column(
        "part",
        ("类型", "part"),
        False,
        Holds.TEXT,
        "area 行政区、own 本级、zone 功能区单列、zone_inside 其中",
    ),
    Column("group", ("分类", "group"), False, Holds.TEXT, "如一类、二类"),
)
ENDINGS = (
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "街道",
    "地区",
    "省",
    "市",
    "州",
    "盟",
    "县",
    "区",
    "旗",
    "镇",
    "乡",
)
PASSWORD_VARIABLE = "KESHU_PASSWORD"  # noqa: S105 (the name of a variable)


class FoundingRefused(ValueError):
    """The house cannot be founded like this; the message says why and what to do."""


@dataclass(frozen=True)
class Listed:
    """One line of the table of children."""

    line: int
    code: str
    name: str
    short: str
    part: str
    group: str


def run_init(options: argparse.Namespace) -> int:
    """``keshu init --region R [--name N --level L] [--children FILE]``; repeating it changes nothing."""
    listed = list(read_children(Path(options.children))) if options.children else []
    with writing(system("建库"), f"建库：{options.region}"):
        region = _region(options.region, options.name or "", options.level or "", listed)
        _serve(region)
        children = _children(region, [row for row in listed if row.code != region.code])
        bureau = put(
            Unit, {"code": f"{region.code}-KJJ"}, {"name": f"{region.name}科学技术局", "region": region}
        )
    below = f"，下一级 {len(children)} 个" if children else ""
    print(f"已为 {region.name}（{region.code}）建库{below}；本单位 {bureau.name}。")
    if not Account.objects.exists():
        print(f"还没有账号。第一个建系统管理员：keshu account admin --name 姓名 --role {Role.SYSTEM_ADMIN}")
    return 0


def read_children(path: Path) -> Iterator[Listed]:
    """The rows of a table of regions (CSV or Excel). Raises NoSuchFile, IntakeError, FoundingRefused."""
    if not path.is_file():
        raise NoSuchFile(f"没有文件“{path}”。请核对路径。")
    seen: dict[str, int] = {}
    parts = {str(word): str(value) for value, label in Region.Part.choices for word in (value, label)}
    with open_table(path, path.name, columns=COLUMNS) as table:
        assert table.head is not None
        for row in table.body():
            cells = table.head.pick(row)
            code, name, short, part, group = (
                cells.get(key, BLANK).text.strip() for key in ("code", "name", "short", "part", "group")
            )
            if not code or not name:
                raise FoundingRefused(f"第 {row.number} 行缺代码或名称。补上再建库。")
            if code in seen:
                raise FoundingRefused(f"第 {row.number} 行的代码 {code} 和第 {seen[code]} 行重复。只留一行。")
            if part and part not in parts:
                raise FoundingRefused(f"第 {row.number} 行的类型“{part}”不认识。可用：{'、'.join(parts)}。")
            seen[code] = row.number
            yield Listed(row.number, code, name, short or short_of(name), parts.get(part, "area"), group)


def short_of(name: str) -> str:
    """A name without its ending (余杭区 → 余杭); a name of two characters keeps it (沙县)."""
    ending = next((ending for ending in ENDINGS if name.endswith(ending)), "")
    bare = name.removesuffix(ending)
    return bare if len(bare) >= 2 else name


def level_of(code: str) -> str:
    """What a code of GB/T 2260 (six digits) or GB/T 10114 (nine and more) says of the level."""
    if not code.isdigit() or len(code) not in (6, 9, 12):
        raise FoundingRefused(
            f"代码“{code}”看不出层级。6 位是县及以上，9 或 12 位是乡级；或用 --level 写明。"
        )
    if len(code) > 6:
        return str(Region.Level.TOWN)
    if code == "000000":
        return str(Region.Level.NATION)
    if code.endswith("0000"):
        return str(Region.Level.PROVINCE)
    return str(Region.Level.CITY if code.endswith("00") else Region.Level.COUNTY)


def _region(wanted: str, name: str, level: str, listed: list[Listed]) -> Region:
    """The region served: one that is known, or a new one by its code with a name from the call or the table."""
    held = Region.objects.filter(code=wanted).first()
    own = next((row for row in listed if row.code == wanted), None)
    named = name or (own.name if own else "")
    if held is None and not named:
        try:
            return Region.objects.get(pk=book(moments.latest()).region(wanted).pk)
        except UnknownName as unknown:
            raise FoundingRefused(
                f"{unknown} 指标包里只有省级。新的地区请写代码，并用 --name 写名称，"
                "或在 --children 的表里放一行本级。"
            ) from unknown
    if held is not None and not named:
        return held
    if level and level not in LEVELS:
        raise FoundingRefused(f"层级“{level}”不认识。可用：{'、'.join(LEVELS)}。")
    own_level = level or (held.level if held else level_of(wanted))
    values = {
        "name": named,
        "short_name": own.short if own else short_of(named),
        "level": own_level,
        "parent": held.parent if held else _parent(wanted, own_level),
    }
    return put(Region, {"code": wanted}, values)


def _parent(code: str, level: str) -> Region | None:
    """The nearest known region above a code: its city, its province, or the nation."""
    if level == Region.Level.NATION:
        return None
    above = [f"{code[:6]}", f"{code[:4]}00", f"{code[:2]}0000", "000000"]
    known = {row.code: row for row in Region.objects.filter(code__in=above)}
    return next((known[c] for c in above if c in known and c != code), None)


def _serve(region: Region) -> None:
    shown = RegionShown.objects.select_related("region").first()
    if shown is None:
        RegionShown.objects.create(region=region)
    elif shown.region_id != region.pk:
        raise FoundingRefused(
            f"这个数据目录服务 {shown.region.name}，不能改成 {region.name}。请用 KESHU_HOME 换一个空目录。"
        )


def _children(region: Region, listed: list[Listed]) -> list[Region]:
    """The regions of the table, one level below the region served, in the order of the table."""
    if listed and region.level == Region.Level.TOWN:
        raise FoundingRefused(f"{region.name}是乡级，下面不再分。去掉 --children。")
    made = []
    for order, row in enumerate(listed, 1):
        values = {
            "name": row.name,
            "short_name": row.short,
            "level": LEVELS[LEVELS.index(region.level) + 1],
            "part": row.part,
            "parent": region,
            "group": row.group,
            "order": order,
        }
        made.append(put(Region, {"code": row.code}, values))
    return made


def run_account(options: argparse.Namespace) -> int:
    """``keshu account USERNAME --name N --role R [--region R]``: a person in a bureau with one role and a password."""
    role = _role(options.role)
    unit = _unit(options.region or "")
    if Account.objects.filter(username=options.username).exists():
        print(f"账号 {options.username} 已经有了，没有改动。")
        return 0
    password = _password(options.username)
    actor = system("命令行建账号")
    with writing(actor, f"建账号 {options.username}"):
        account, first = open_account(
            actor, NewAccount(options.username, options.name, unit, ROLE_NAMES[role])
        )
        grant = RoleGrant(
            employment=Employment.objects.get(person=account.person),
            role=role,
            region=unit.region,
            valid_from=clock.today(),
            granted_by=actor.name,
            approved_by=actor.name,
        )
        grant.save()
        if password:
            account.set_password(password)
            account.must_change = False
            account.save()
    print(f"已建账号 {account.username}：{options.name}，{unit.name}，{ROLE_NAMES[role]}。")
    if not password:
        print(f"首次口令 {first}（登录后须改）")
    return 0


def _role(text: str) -> Role:
    names = {word: role for role, name in ROLE_NAMES.items() for word in (role.value, name)}
    if text not in names:
        listed = "、".join(f"{role.value}（{name}）" for role, name in ROLE_NAMES.items())
        raise FoundingRefused(f"没有角色“{text}”。可用：{listed}。")
    return names[text]


def _unit(wanted: str) -> Unit:
    """The bureau of the named region, or of the one this house serves; made where a child has none yet."""
    shown = RegionShown.objects.select_related("region").first()
    if shown is None:
        raise FoundingRefused("还没有建库。先运行 keshu init --region 地区。")
    region = shown.region
    if wanted:
        region = Region.objects.get(pk=book(moments.latest()).region(wanted).pk)
    bureaus = Unit.objects.filter(region=region, parent__isnull=True).order_by("pk")
    found = bureaus.filter(name__contains="科学技术局").first() or bureaus.first()
    if found is not None:
        return found
    with writing(system("命令行建账号"), f"登记单位 {region.name}"):
        return put(
            Unit, {"code": f"{region.code}-KJJ"}, {"name": f"{region.name}科学技术局", "region": region}
        )


def _password(username: str) -> str:
    """The password from the environment or typed twice; empty where neither is there, then a first one is made."""
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if not given and sys.stdin.isatty():
        given = getpass.getpass(f"给 {username} 设口令（至少 10 位，直接回车由系统生成）：")
        if given and getpass.getpass("再输一遍：") != given:
            raise FoundingRefused("两遍口令不一样。请重新运行。")
    if given:
        try:
            validate_password(given, Account(username=username))
        except ValidationError as weak:
            raise FoundingRefused(f"口令太弱：{''.join(weak.messages)}") from weak
    return given
