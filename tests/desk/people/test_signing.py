"""Signing in and out, the lock after five wrong passwords, one's own password, post and print size."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from keshu.directory.actors import Role
from keshu.directory.models import Employment, RoleGrant
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing
from keshu.terms import clock
from tests.desk.staff import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, username, password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def kinds():
    return list(AuditEntry.objects.order_by("pk").values_list("kind", "target", "outcome"))


def test_signing_in_and_out_leaves_entries(staff):
    client = staff.client()
    answer = sign_in(client, "planning")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert client.get("/desk/search/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/desk/search/").status_code == 302
    name = staff.accounts["planning"].person.name
    assert kinds() == [("登录", "planning", "成功"), ("退出", name, "成功")]
    assert AuditEntry.objects.first().address == "127.0.0.1"


def test_leaving_needs_a_form_and_not_a_link(staff):
    client = staff.client("planning")
    assert client.get("/logout/").status_code == 405
    assert client.get("/desk/search/").status_code == 200


def test_a_wrong_password_says_one_thing_for_a_wrong_account_too(staff):
    page = sign_in(staff.client(), "planning", "wrong").content.decode()
    other = sign_in(staff.client(), "nobody-here", "wrong").content.decode()
    assert "没有登录上" in page and "账号或口令不对" in page
    assert "账号或口令不对" in other
    assert kinds() == [("登录失败", "planning", "拒绝"), ("登录失败", "nobody-here", "拒绝")]
    assert PASSWORD not in str(list(AuditEntry.objects.values()))


def test_five_wrong_passwords_lock_the_account_for_half_an_hour(staff):
    client = staff.client()
    for _ in range(4):
        assert sign_in(client, "planning", "wrong").status_code == 200
    locked = sign_in(client, "planning", "wrong")
    assert locked.status_code == 429
    assert "连续输错 5 次口令" in locked.content.decode()
    assert sign_in(client, "planning").status_code == 429  # the right password does not help now
    assert sign_in(staff.client(), "leader").status_code == 302  # others are not touched
    assert [kind for kind, *_ in kinds()].count("锁定") >= 1


def test_the_system_administrator_unlocks_and_that_is_noted(staff):
    for _ in range(5):
        sign_in(staff.client(), "planning", "wrong")
    admin = staff.client("system_admin")
    page = reverse("desk:account", args=[staff.accounts["planning"].pk])
    assert "已锁定" in admin.get(page).content.decode()
    admin.post(reverse("desk:account_act", args=[staff.accounts["planning"].pk]), {"act": "unlock"})
    assert sign_in(staff.client(), "planning").status_code == 302
    assert "解锁账号" in [kind for kind, *_ in kinds()]


def test_a_right_password_forgets_the_wrong_ones_before(staff):
    client = staff.client()
    for _ in range(2):
        for _ in range(4):
            sign_in(client, "planning", "wrong")
        assert sign_in(client, "planning").status_code == 302


def test_the_way_back_after_signing_in_stays_in_the_house(staff):
    assert sign_in(staff.client(), "leader", next="/desk/search/?q=研发")["Location"].startswith(
        "/desk/search/"
    )
    for outside in ("https://example.com/", "//example.com/", "javascript:alert(1)"):
        assert sign_in(staff.client(), "leader", next=outside)["Location"] == "/desk/"


def test_a_switched_off_account_neither_signs_in_nor_stays(staff):
    client = staff.client("planning")
    account = staff.accounts["planning"]
    account.is_active = False
    account.save()
    assert client.get("/desk/search/").status_code == 302
    assert sign_in(staff.client(), "planning").status_code == 200


def test_a_first_password_must_be_changed_before_anything_else(staff):
    account = staff.accounts["planning"]
    account.must_change = True
    account.save()
    client = staff.client("planning")
    for page in ("/desk/", "/desk/search/", "/"):
        assert client.get(page)["Location"] == "/desk/password/"
    form = {"old_password": PASSWORD, "new_password1": "Xin-kouling-26", "new_password2": "Xin-kouling-26"}
    assert client.post("/desk/password/", form)["Location"] == "/desk/"
    assert client.get("/desk/search/").status_code == 200
    assert sign_in(staff.client(), "planning", "Xin-kouling-26").status_code == 302
    assert ("改口令", "planning", "成功") in kinds()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("short-1", "10"),
        ("1234567890123", "数字"),
        ("password123", "常见"),
        (PASSWORD, "和原来的一样"),
    ],
)
def test_a_weak_or_unchanged_password_is_refused(staff, new, said):
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = staff.client("planning").post("/desk/password/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert sign_in(staff.client(), "planning").status_code == 302


def test_changing_the_password_ends_the_sessions_elsewhere(staff):
    here, there = staff.client("planning"), staff.client("planning")
    form = {"old_password": PASSWORD, "new_password1": "Xin-kouling-26", "new_password2": "Xin-kouling-26"}
    here.post("/desk/password/", form)
    assert here.get("/desk/search/").status_code == 200
    assert there.get("/desk/search/").status_code == 302


def test_switching_the_post_changes_what_may_be_done(staff):
    account = staff.accounts["office"]
    with writing(staff.actor, "挂职"):
        second = Employment(
            person=account.person, unit=staff.county_bureau, title="副局长", valid_from=date(2020, 1, 1)
        )
        second.save()
        RoleGrant(
            employment=second,
            role=Role.COUNTY_HEAD,
            valid_from=date(2020, 1, 1),
            granted_by="甲",
            approved_by="乙",
        ).save()
    client = staff.client("office")
    assert "副局长" in client.get("/desk/search/").content.decode()
    client.post("/desk/post/", {"post": second.pk})
    actor = client.get("/desk/search/").wsgi_request.actor
    assert (actor.employment_id, actor.is_county) == (second.pk, True)
    assert kinds()[-1][0] == "换岗位"


def test_a_post_of_somebody_else_is_not_taken(staff):
    client = staff.client("county_filler")
    strange = staff.actor_as("leader").employment_id
    for wanted in (strange, 0, "", "x", "١"):
        client.post("/desk/post/", {"post": wanted})
        assert client.get("/desk/search/").wsgi_request.actor.is_county


def test_a_post_that_ended_is_left_at_once(staff):
    client = staff.client("leader")
    with writing(staff.actor, "离任"):
        post = Employment.objects.get(person=staff.accounts["leader"].person)
        post.valid_to = clock.today() - timedelta(days=1)
        post.save()
    assert "还没有授权" in client.get("/desk/", follow=True).content.decode()
    assert client.get("/desk/dispatch/").status_code == 403


def test_large_print_is_kept_on_the_account(staff):
    staff.client("leader").post("/desk/elder/", {"mode": "elder", "next": "/desk/search/"})
    page = staff.client("leader").get("/desk/search/").content.decode()
    assert 'data-mode="elder"' in page
    staff.client("leader").post("/desk/elder/", {"mode": ""})
    assert 'data-mode="elder"' not in staff.client("leader").get("/desk/search/").content.decode()


def test_large_print_on_the_portal_is_kept_by_a_cookie(staff):
    client = staff.client()
    answer = client.post("/desk/elder/", {"mode": "elder", "next": "//example.com/"})
    assert answer["Location"] == "/"  # never out of the house
    assert answer.cookies["keshu_mode"]["httponly"]
    assert 'data-mode="elder"' in client.get("/").content.decode()
    client.post("/desk/elder/", {"mode": ""})
    assert 'data-mode="elder"' not in client.get("/").content.decode()


def test_the_page_knows_when_its_session_ends_and_can_renew_it(staff):
    client = staff.client("leader")
    page = client.get("/desk/search/").content.decode()
    assert 'data-session-seconds="1800"' in page and 'data-keepalive="/desk/keepalive/"' in page
    assert client.post("/desk/keepalive/").status_code == 204
    assert staff.client().post("/desk/keepalive/").status_code == 302


def test_a_refused_page_says_why_in_words_and_is_noted(staff):
    answer = staff.client("county_filler").get("/desk/accounts/")
    assert answer.status_code == 403
    assert "管账号" in answer.content.decode()
    assert kinds() == [("拒绝", "/desk/accounts/", "拒绝")]


def test_no_demo_account_is_shown_in_a_real_house(staff):
    assert "演示账号" not in staff.client().get("/login/").content.decode()


def test_demo_accounts_are_shown_where_today_is_fixed_and_only_those_in_use(staff, settings, tmp_path):
    settings.HOME = tmp_path
    (tmp_path / "today").write_text("2026-10-12")
    assert "演示账号" not in staff.client().get("/login/").content.decode()
    with writing(staff.actor, "演示"):
        staff.hire("suzhiheng", staff.bureau, Role.PLANNING)
    page = staff.client().get("/login/").content.decode()
    assert "演示账号" in page and "suzhiheng" in page and "linshouyi" not in page
