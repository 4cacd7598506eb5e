"""Who acts: an account in one of its posts, with its roles, scope and capabilities."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Roles a post may be granted (DESIGN, "Who lives with it")."""

    LEADER = "leader"
    PLANNING = "planning"
    OFFICE = "office"
    COUNTY_FILLER = "county_filler"
    COUNTY_REVIEWER = "county_reviewer"
    COUNTY_HEAD = "county_head"
    INSPECTOR = "inspector"
    APPLICANT = "applicant"
    RECOMMENDER = "recommender"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_NAMES = {
    Role.LEADER: "局领导",
    Role.PLANNING: "规划科",
    Role.OFFICE: "业务科室",
    Role.COUNTY_FILLER: "县局填表人",
    Role.COUNTY_REVIEWER: "县局审核人",
    Role.COUNTY_HEAD: "县局负责人",
    Role.INSPECTOR: "督查审计",
    Role.APPLICANT: "申报单位",
    Role.RECOMMENDER: "推荐单位",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}
COUNTY_ROLES = frozenset({Role.COUNTY_FILLER, Role.COUNTY_REVIEWER, Role.COUNTY_HEAD})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BUREAU_ROLES = frozenset({Role.LEADER, Role.PLANNING, Role.OFFICE, Role.INSPECTOR})


class Can(StrEnum):
    """Capabilities that views and functions ask for; a role holds a fixed set of them."""

    SEE_DISPATCH = "看调度"
    SEE_TRACE = "看出处"
    IMPORT_FIGURES = "导入数据"
    SET_TARGETS = "定目标"
    EDIT_DEFINITIONS = "改口径"
    FILL_MONTH = "填报"
    REVIEW_MONTH = "审核"
    SIGN_MONTH = "签报"
    VERIFY_MONTH = "核实"
    ENTER_FOR_OTHERS = "代录"
    GIVE_FIGURES = "给数"
    SEE_ISSUED = "看报出数台账"
    COMPOSE = "生成简报"
    MANAGE_ACCOUNTS = "管账号"
    GRANT_ROLES = "授权"
    READ_AUDIT = "看审计"
    SEE_REGISTERS = "看台账"
    APPLY = "申报"
    RECOMMEND = "推荐"
    HANDLE_PROGRAMMES = "办计划"
    DECIDE_PROGRAMMES = "审定立项"
    NOMINATE = "提名奖励"
    HANDLE_AWARDS = "办奖励"
    DECIDE_AWARDS = "审定奖励"
    KEEP_LEDGERS = "管台账"
    SEND_REMINDERS = "发提醒"
    COLLECT = "收表合表"
    ANSWER_COLLECTION = "交表"
    FILL_FORMS = "套表上报"
    CHECK_ITEMS = "对照检查"
    REVIEW_CHECKS = "审对照检查"
    OVERSEE_CHECKS = "代审对照检查"
    ISSUE_ORDERS = "下达督办"
    HANDLE_ORDERS = "办督办"
    VERIFY_ORDERS = "核实督办"
    HOLD_MEETINGS = "办调度会"
    KEEP_ASSESSMENT = "管上级考核"


_ALL_BUREAU = {Can.SEE_DISPATCH, Can.SEE_TRACE, Can.SEE_ISSUED, Can.SEE_REGISTERS}
_ALL_COUNTY = {
    Can.SEE_DISPATCH,
    Can.SEE_TRACE,
    Can.SEE_REGISTERS,
    Can.ANSWER_COLLECTION,
    Can.CHECK_ITEMS,
    Can.HANDLE_ORDERS,
}
ROLE_CAN: dict[Role, frozenset[Can]] = {
    Role.LEADER: frozenset(
        _ALL_BUREAU
        | {
            Can.GIVE_FIGURES,
            Can.COMPOSE,
            Can.DECIDE_PROGRAMMES,
            Can.DECIDE_AWARDS,
            Can.ISSUE_ORDERS,
            Can.OVERSEE_CHECKS,
        }
    ),
    Role.PLANNING: frozenset(
        _ALL_BUREAU
        | {
            Can.IMPORT_FIGURES,
            Can.SET_TARGETS,
            Can.EDIT_DEFINITIONS,
            Can.VERIFY_MONTH,
            Can.ENTER_FOR_OTHERS,
            Can.GIVE_FIGURES,
            Can.COMPOSE,
            Can.KEEP_LEDGERS,
            Can.SEND_REMINDERS,
            Can.COLLECT,
            Can.FILL_FORMS,
            Can.CHECK_ITEMS,
            Can.REVIEW_CHECKS,
            Can.ISSUE_ORDERS,
            Can.HANDLE_ORDERS,
            Can.VERIFY_ORDERS,
            Can.HOLD_MEETINGS,
            Can.KEEP_ASSESSMENT,
        }
    ),
    Role.OFFICE: frozenset(
        _ALL_BUREAU
        | {
            Can.GIVE_FIGURES,
            Can.HANDLE_PROGRAMMES,
            Can.HANDLE_AWARDS,
            Can.KEEP_LEDGERS,
            Can.SEND_REMINDERS,
            Can.COLLECT,
            Can.ANSWER_COLLECTION,
            Can.CHECK_ITEMS,
            Can.HANDLE_ORDERS,
        }
    ),
    Role.INSPECTOR: frozenset(_ALL_BUREAU | {Can.ISSUE_ORDERS, Can.VERIFY_ORDERS}),
    Role.COUNTY_FILLER: frozenset(_ALL_COUNTY | {Can.FILL_MONTH}),
    Role.COUNTY_REVIEWER: frozenset(_ALL_COUNTY | {Can.REVIEW_MONTH, Can.RECOMMEND, Can.NOMINATE}),
    Role.COUNTY_HEAD: frozenset(_ALL_COUNTY | {Can.SIGN_MONTH, Can.RECOMMEND, Can.NOMINATE}),
    Role.APPLICANT: frozenset({Can.APPLY, Can.SEE_REGISTERS, Can.ANSWER_COLLECTION}),
    Role.RECOMMENDER: frozenset({Can.SEE_REGISTERS, Can.RECOMMEND, Can.NOMINATE, Can.ANSWER_COLLECTION}),
    Role.SYSTEM_ADMIN: frozenset({Can.MANAGE_ACCOUNTS}),
    Role.SECURITY_ADMIN: frozenset({Can.GRANT_ROLES}),
    Role.AUDIT_ADMIN: frozenset({Can.READ_AUDIT}),
}


@dataclass(frozen=True)
class Actor:
    """An account in one post. ``region_ids`` are the subjects (with all below) it may see; ``sees_all`` is the whole house."""

    account_id: int | None
    name: str
    post: str = ""
    person_id: int | None = None
    employment_id: int | None = None
    unit_id: int | None = None
    region_id: int | None = None
    roles: frozenset[Role] = frozenset()
    region_ids: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    sees_all: bool = False
    capabilities: frozenset[Can] = field(default=frozenset())

    def can(self, capability: Can) -> bool:
        """Whether one of the post's roles holds the capability."""
        return capability in self.capabilities

    @property
    def is_county(self) -> bool:
        """Whether the post belongs to a county bureau (own scope only)."""
        return bool(self.roles & COUNTY_ROLES)


def system(reason: str) -> Actor:
    """The house itself, for loaders and nightly work; the reason is shown as its name."""
    return Actor(account_id=None, name=f"系统（{reason}）"[:60], sees_all=True, capabilities=frozenset(Can))
