"""Regions, units, people and accounts. Subjects are what a figure or target is about."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models

from keshu.directory.actors import ADMIN_ROLES, ROLE_NAMES, Role
from keshu.journal.recorded import Recorded
from keshu.terms import clock


class Subject(Recorded):
    """What a figure or target is about: a region, an organisation unit or a person."""

    class Kind(models.TextChoices):
        REGION = "region", "地区"
        UNIT = "unit", "单位"
        PERSON = "person", "人员"

    kind = models.CharField("类别", max_length=10, choices=Kind.choices, editable=False)
    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=100)

    class Meta:
        verbose_name = "对象"

    def __str__(self) -> str:
        return self.name


class Region(Subject):
    """A region of GB/T 2260, or a part of one that has figures of its own (市本级, 高新区 …)."""

    class Level(models.TextChoices):
        NATION = "nation", "全国"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        TOWN = "town", "乡级"

    class Part(models.TextChoices):
        AREA = "area", "行政区"
        OWN = "own", "本级"
        ZONE = "zone", "功能区（单列）"
        ZONE_INSIDE = "zone_inside", "功能区（其中）"

    subject_ptr = models.OneToOneField(
        Subject, models.CASCADE, parent_link=True, primary_key=True, related_name="as_region"
    )
    level = models.CharField("层级", max_length=10, choices=Level.choices)
    part = models.CharField("类型", max_length=12, choices=Part.choices, default=Part.AREA)
    short_name = models.CharField("简称", max_length=30)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    group = models.CharField("分类", max_length=10, blank=True, help_text="如一类、二类，各类内另排位次")
    order = models.IntegerField("排序", default=0)
    valid_from = models.DateField("设立日期", null=True, blank=True)
    valid_to = models.DateField("撤销日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name="并入", null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "地区"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Subject.Kind.REGION
        super().save(*args, **kwargs)

    @property
    def is_ranked(self) -> bool:
        """市本级 and zones are in totals and targets, outside the rank of counties."""
        return self.part == Region.Part.AREA


class Unit(Subject):
    """An organisation or one of its offices (科技局, 规划科, 财政局 …)."""

    subject_ptr = models.OneToOneField(
        Subject, models.CASCADE, parent_link=True, primary_key=True, related_name="as_unit"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在地区", related_name="units")
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级单位", null=True, blank=True, related_name="offices"
    )
    has_account = models.BooleanField("有账号", default=True, help_text="没有账号的单位由市局代录")

    class Meta:
        verbose_name = "单位"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Subject.Kind.UNIT
        super().save(*args, **kwargs)


class Person(Subject):
    """A person in a post. Contacts are masked by default."""

    subject_ptr = models.OneToOneField(
        Subject, models.CASCADE, parent_link=True, primary_key=True, related_name="as_person"
    )
    phone = models.CharField("电话", max_length=20, blank=True)

    class Meta:
        verbose_name = "人员"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind = Subject.Kind.PERSON
        super().save(*args, **kwargs)


class AccountManager(BaseUserManager["Account"]):
    """Accounts by user name."""

    def create_account(self, *, username: str, person: Person, password: str) -> "Account":
        """Make an account for a person; the password is hashed."""
        account = self.model(username=username, person=person)
        account.set_password(password)
        account.save()
        return account


class Account(AbstractBaseUser):
    """A way to sign in. One account may hold several posts and switches between them."""

    username = models.CharField("账号", max_length=40, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="使用人", related_name="accounts")
    is_active = models.BooleanField("启用", default=True)
    elder = models.BooleanField("大字版", default=False)
    must_change = models.BooleanField("须改口令", default=False)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "账号"

    def __str__(self) -> str:
        return self.username


class Employment(Recorded):
    """A dated post: a person in a unit."""

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="posts")
    title = models.CharField("职务", max_length=40)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "任职"

    def in_force(self) -> bool:
        """Whether the post is held today."""
        today = clock.today()
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


class RoleGrant(Recorded):
    """A dated role of a post over a region. Asked by one, approved by another."""

    employment = models.ForeignKey(Employment, models.PROTECT, verbose_name="任职", related_name="grants")
    role = models.CharField(
        "角色", max_length=20, choices=[(role.value, name) for role, name in ROLE_NAMES.items()]
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区范围", null=True, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    granted_by = models.CharField("申请人", max_length=60)
    approved_by = models.CharField("批准人", max_length=60)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    withdrawn_by = models.CharField("撤回人", max_length=60, blank=True)

    class Meta:
        verbose_name = "授权"

    def clean(self) -> None:
        """三员分立: a person who holds one administrator's role holds no other role at all (GB/T 22239-2019).

        Grants are compared wherever their dates overlap, so a role that begins next month counts as well.
        """
        conflict = self.conflict()
        if conflict:
            raise ValidationError(conflict)

    def conflict(self) -> str:
        """Why the grant may not stand beside the person's other grants; empty when it may."""
        if self.withdrawn_on is not None:
            return ""
        mine = Role(self.role)
        others = RoleGrant._base_manager.filter(
            employment__person=self.employment.person_id, withdrawn_on=None
        )
        for other in others.exclude(pk=self.pk).exclude(role=mine.value).select_related("employment"):
            held = Role(other.role)
            if (mine in ADMIN_ROLES or held in ADMIN_ROLES) and self.overlaps(other):
                return (
                    f"三员分立：{self.employment.person.name} 已是{ROLE_NAMES[held]}，不能再是{ROLE_NAMES[mine]}。"
                    "系统、安全、审计管理员不得兼任，也不得兼业务角色。请换一个人，或先撤回原来的角色。"
                )
        return ""

    def overlaps(self, other: "RoleGrant") -> bool:
        """Whether there is a day on which both grants hold, each within its post."""
        start = max(
            self.valid_from, self.employment.valid_from, other.valid_from, other.employment.valid_from
        )
        ends = (self.valid_to, self.employment.valid_to, other.valid_to, other.employment.valid_to)
        return all(end is None or start <= end for end in ends)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Two grants to one person are decided one after the other: the second sees the first.
        Subject._base_manager.select_for_update().filter(pk=self.employment.person_id).first()
        self.clean()
        super().save(*args, **kwargs)

    def in_force(self) -> bool:
        """Whether the grant holds today."""
        if self.withdrawn_on is not None:
            return False
        today = clock.today()
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


class GrantRequest(Recorded):
    """A role asked for by one administrator and decided by another (申请—批准); its state is moved by ``procedure.granting``."""

    class State(models.TextChoices):
        ASKED = "asked", "待批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "不批准"
        TAKEN_BACK = "taken_back", "已收回"

    employment = models.ForeignKey(Employment, models.PROTECT, verbose_name="任职", related_name="requests")
    role = models.CharField(
        "角色", max_length=20, choices=[(role.value, name) for role, name in ROLE_NAMES.items()]
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区范围", null=True, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    reason = models.CharField("事由", max_length=200)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.ASKED)
    asked_by = models.CharField("申请人", max_length=60)
    asked_person_id = models.BigIntegerField("申请人员", null=True)
    asked_at = models.DateTimeField("申请时刻")
    decided_by = models.CharField("批准人", max_length=60, blank=True)
    decided_at = models.DateTimeField("批准时刻", null=True, blank=True)
    decision = models.CharField("意见", max_length=200, blank=True)
    grant = models.OneToOneField(
        RoleGrant, models.PROTECT, verbose_name="授权", null=True, blank=True, related_name="request"
    )

    class Meta:
        verbose_name = "授权申请"

    def __str__(self) -> str:
        return f"{self.employment.person.name} {self.get_role_display()}"


class UseMark(models.Model):
    """One use of something that is limited per account and address (sign-in, upload, 给数); old marks are dropped."""

    what = models.CharField("项目", max_length=20)
    who = models.CharField("账号和地址", max_length=120)
    at = models.DateTimeField("时刻")

    class Meta:
        verbose_name = "使用次数"
        indexes = [models.Index(fields=["what", "who", "at"], name="use_mark")]
