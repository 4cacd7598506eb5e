"""Opening and keeping accounts: who gets one, in which post, with which first password."""

import re
import secrets
import string
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from keshu.directory.actors import ADMIN_ROLES, Actor, Can, Role
from keshu.directory.models import Account, Employment, Person, RoleGrant, Unit
from keshu.journal.writing import writing
from keshu.terms import clock
from keshu.terms.text import clean_name

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,23}")
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}")
#: Without letters and digits that look alike on paper.
LETTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lIo")
PASSWORD_LENGTH = 12


class AccountRefused(ValueError):
    """An account cannot be made or changed like this; the message says why and what to do."""


@dataclass(frozen=True)
class NewAccount:
    """What the administrator types: user name, the person, and the post it starts in."""

    username: str
    name: str
    unit: Unit
    title: str
    phone: str = ""


def _may(actor: Actor) -> None:
    if not actor.can(Can.MANAGE_ACCOUNTS):
        raise AccountRefused(f"{actor.name} 不能管账号。请系统管理员办理。")


def open_account(actor: Actor, wanted: NewAccount) -> tuple[Account, str]:
    """Make a person, its post and an account; returns the account and its first password, which must be changed at once."""
    _may(actor)
    username, name, title = wanted.username.strip().lower(), clean_name(wanted.name), wanted.title.strip()
    if not USERNAME.fullmatch(username):
        raise AccountRefused(
            f"账号“{wanted.username}”不合写法。用小写字母开头，3—24 位字母、数字、点、横线。"
        )
    if not name or not title:
        raise AccountRefused("姓名和职务都要写。")
    if wanted.phone and not PHONE.fullmatch(wanted.phone.strip()):
        raise AccountRefused(f"电话“{wanted.phone}”读不懂。只写数字，如 13800001234。")
    if Account.objects.filter(username=username).exists():
        raise AccountRefused(f"账号“{username}”已经有人用了。换一个，例如加上单位的拼音。")
    same = Account.objects.filter(person__name=name, person__posts__unit=wanted.unit).first()
    if same is not None:
        raise AccountRefused(
            f"{wanted.unit} 的 {name} 已有账号“{same.username}”。一人一个账号，去那里加岗位。"
        )
    first = first_password()
    with writing(actor, f"建账号 {username}"):
        person = Person(code=f"P-{username}", name=name, phone=wanted.phone.strip())
        person.save()
        Employment(person=person, unit=wanted.unit, title=title, valid_from=clock.today()).save()
        account = Account.objects.create_account(username=username, person=person, password=first)
        account.must_change = True
        account.save(update_fields=["must_change"])
    return account, first


def add_post(actor: Actor, person: Person, unit: Unit, title: str) -> Employment:
    """Another post of a person, from today on; what it may do there is granted separately."""
    _may(actor)
    if not title.strip():
        raise AccountRefused("职务要写。")
    with writing(actor, f"登记任职 {person.name} {unit.name}"):
        post = Employment(person=person, unit=unit, title=title.strip(), valid_from=clock.today())
        post.save()
    return post


def set_active(actor: Actor, account: Account, active: bool) -> None:
    """Switch an account on or off; switched off, its open sessions end with their next request."""
    _may(actor)
    if account.pk == actor.account_id:
        raise AccountRefused("不能停用自己的账号。请另一位系统管理员办理。")
    account.is_active = active
    account.save(update_fields=["is_active"])


def reset_password(actor: Actor, account: Account) -> str:
    """A new first password; the old one and all sessions end. Not for administrators: who could reset the other
    administrator's password could both ask for a role and approve it (三员分立)."""
    _may(actor)
    if is_administrator(account.person):
        raise AccountRefused(
            "管理员的口令不在这里重设，否则一个人就能既申请又批准。请运维在服务器上用 keshu manage changepassword 重设，会留下记录。"
        )
    first = first_password()
    account.set_password(first)
    account.must_change = True
    account.save(update_fields=["password", "must_change"])
    return first


def is_administrator(person: Person) -> bool:
    """Whether the person holds one of the three administrators' roles today."""
    grants = RoleGrant.objects.filter(
        employment__person=person, role__in=[role.value for role in ADMIN_ROLES]
    )
    return any(grant.in_force() for grant in grants)


def roles_of(person: Person) -> frozenset[Role]:
    """The roles a person holds today over all posts."""
    grants = RoleGrant.objects.filter(employment__person=person)
    return frozenset(Role(grant.role) for grant in grants if grant.in_force())


def first_password() -> str:
    """A random first password that meets the bureau's own rules for passwords."""
    while True:
        made = "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))
        try:
            validate_password(made)
        except ValidationError:
            continue
        if (
            any(c.isdigit() for c in made)
            and any(c.isupper() for c in made)
            and any(c.islower() for c in made)
        ):
            return made
