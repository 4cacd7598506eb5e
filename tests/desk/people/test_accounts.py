"""组织 and 账号: opening, switching off, resetting, and what is kept from one person's hands."""

import re
from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.urls import reverse

from keshu.directory import opening
from keshu.directory.models import Account, Unit
from keshu.directory.privacy import masked_phone
from keshu.journal.models import AuditEntry

pytestmark = pytest.mark.django_db


def act(staff, who, username, **form):
    return staff.client(who).post(
        reverse("desk:account_act", args=[staff.accounts[username].pk]), form, follow=True
    )


def new(staff, **form):
    typed = {
        "username": "wangxin",
        "name": "王 新",
        "unit": staff.county_bureau.pk,
        "title": "统计员",
        "phone": "13912345678",
    }
    return staff.client("system_admin").post(reverse("desk:account_new"), {**typed, **form})


def first_password(answer):
    return re.search(r'id="first-password">([^<]+)<', answer.content.decode()).group(1)


def test_an_account_is_opened_with_person_unit_and_post(staff):
    answer = new(staff)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    account = Account.objects.get(username="wangxin")
    assert (account.person.name, account.must_change) == ("王新", True)
    post = account.person.posts.get()
    assert (post.unit.name, post.title) == ("望岭县科学技术局", "统计员")
    assert account.check_password(first_password(answer))
    assert AuditEntry.objects.get(kind="建账号").target == "wangxin 王新"
    assert first_password(answer) not in str(list(AuditEntry.objects.values()))


def test_a_new_account_gets_no_further_than_its_own_password(staff):
    first = first_password(new(staff))
    client = staff.client()
    client.post("/login/", {"username": "wangxin", "password": first})
    assert client.get("/desk/")["Location"] == "/desk/password/"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"username": "王"}, "不合写法"),
        ({"username": "ab"}, "不合写法"),
        ({"username": "planning"}, "已经有人用了"),
        ({"name": " "}, "都要写"),
        ({"title": ""}, "都要写"),
        ({"unit": ""}, "先选单位"),
        ({"unit": "x"}, "先选单位"),
        ({"phone": "电话"}, "读不懂"),
    ],
)
def test_what_cannot_be_opened_is_said_and_what_was_typed_stays(staff, form, said):
    before = Account.objects.count()
    answer = new(staff, **form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "wangxin" in answer.content.decode() or "username" in form
    assert Account.objects.count() == before


def test_one_person_has_one_account(staff):
    new(staff)
    answer = new(staff, username="wangxin2")
    assert "已有账号“wangxin”" in answer.content.decode()


def test_first_passwords_meet_the_house_rules_and_differ():
    made = {opening.first_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        validate_password(password)
        assert not set(password) & set("0O1lIo")


def test_switching_off_is_asked_in_the_page_first(staff):
    path = reverse("desk:account", args=[staff.accounts["office"].pk])
    said = staff.client("system_admin").get(path).content.decode()
    assert 'class="ks-confirm"' in said and "停用这个账号" in said


def test_switching_off_and_on(staff):
    act(staff, "system_admin", "planning", act="disable")
    assert not Account.objects.get(username="planning").is_active
    act(staff, "system_admin", "planning", act="enable")
    assert Account.objects.get(username="planning").is_active
    assert list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["停用账号", "启用账号"]


def test_nobody_switches_themselves_off(staff):
    page = act(staff, "system_admin", "system_admin", act="disable").content.decode()
    assert "不能停用自己" in page
    assert Account.objects.get(username="system_admin").is_active


def test_a_reset_gives_a_password_that_must_be_changed_and_ends_the_sessions(staff):
    client = staff.client("planning")
    first = first_password(act(staff, "system_admin", "planning", act="reset"))
    account = Account.objects.get(username="planning")
    assert account.check_password(first) and account.must_change
    assert client.get("/desk/search/").status_code == 302


@pytest.mark.parametrize("target", ["system_admin", "security_admin", "audit_admin"])
def test_an_administrators_password_is_not_reset_by_another_one(staff, target):
    """Who could reset the security administrator's password could ask for a role and approve it alone."""
    before = Account.objects.get(username=target).password
    page = act(staff, "system_admin", target, act="reset").content.decode()
    assert "既申请又批准" in page
    assert Account.objects.get(username=target).password == before


def test_another_post_is_added(staff):
    act(staff, "system_admin", "office", act="post", unit=staff.other_bureau.pk, title="副局长")
    assert staff.accounts["office"].person.posts.count() == 2


def test_phones_are_masked_until_somebody_says_why(staff):
    page = (
        staff.client("system_admin")
        .get(reverse("desk:account", args=[staff.accounts["planning"].pk]))
        .content.decode()
    )
    assert "138****1234" in page and "13800001234" not in page
    listed = staff.client("system_admin").get(reverse("desk:accounts")).content.decode()
    assert "138****1234" in listed and "13800001234" not in listed
    assert (
        "13800001234" not in act(staff, "system_admin", "planning", act="phone", reason=" ").content.decode()
    )
    assert AuditEntry.objects.count() == 0
    assert (
        "13800001234"
        in act(staff, "system_admin", "planning", act="phone", reason="通知开会").content.decode()
    )
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.detail) == ("看全文", {"看什么": "电话", "事由": "通知开会"})


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("0579-8123456", "057****3456"),
        ("81234", "***34"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_a_masked_phone(phone, masked):
    assert masked_phone(phone) == masked


def test_the_functions_ask_for_the_capability_themselves(staff):
    wanted = opening.NewAccount("wangxin", "王新", staff.bureau, "科员")
    for role in ("leader", "planning", "security_admin", "audit_admin"):
        with pytest.raises(opening.AccountRefused, match="不能管账号"):
            opening.open_account(staff.actor_as(role), wanted)


def test_a_unit_is_registered_once(staff):
    client = staff.client("system_admin")
    form = {"name": "青禾市统计局", "code": "QH-TJ", "region": staff.city.pk}
    assert client.post(reverse("desk:units"), form).status_code == 302
    made = Unit.objects.get(code="QH-TJ")
    assert not made.has_account  # the box was not ticked: 由市局代录
    again = client.post(reverse("desk:units"), form)
    assert again.status_code == 422 and "已经有了" in again.content.decode()
    twin = client.post(reverse("desk:units"), {**form, "code": "QH-TJ2"})
    assert "不用再登记" in twin.content.decode()


def test_an_unknown_act_does_nothing(staff):
    assert "不认得这一步" in act(staff, "system_admin", "planning", act="fly").content.decode()


def test_a_password_set_in_the_server_room_leaves_a_record_and_must_be_changed(staff, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt="": "Xin-kouling-2026")
    call_command("changepassword", "system_admin", stdout=StringIO())
    account = Account.objects.get(username="system_admin")
    assert (account.check_password("Xin-kouling-2026"), account.must_change) == (True, True)
    entry = AuditEntry.objects.get(kind="重设口令")
    assert (entry.target, entry.actor_name) == ("system_admin", "系统（服务器控制台）")
    assert "kouling" not in str(list(AuditEntry.objects.values()))
