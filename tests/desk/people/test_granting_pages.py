"""权限 on the page: asked, approved, refused, withdrawn, each with an entry."""

import pytest
from django.urls import reverse

from keshu.directory.models import GrantRequest, RoleGrant
from keshu.journal.models import AuditEntry
from keshu.journal.writing import writing

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(staff):
    with writing(staff.actor, "新人"):
        return staff.hire("newcomer", staff.county_bureau).person.posts.get()


def ask(staff, employment, **form):
    typed = {"post": employment.pk, "role": "county_filler", "reason": "青科〔2026〕1号", **form}
    return staff.client("system_admin").post(reverse("desk:grant_ask"), typed, follow=True).content.decode()


def decide(staff, who, **form):
    asked = GrantRequest.objects.get()
    return staff.client(who).post(reverse("desk:grant_decide", args=[asked.pk]), form, follow=True)


def test_the_whole_way_on_the_pages(staff, post):
    assert "等安全管理员批准" in ask(staff, post)
    rail = staff.client("security_admin").get(reverse("desk:grants")).context["nav"]
    assert [entry["badge"] for entry in rail] == [1]
    assert "已批准" in decide(staff, "security_admin", action="approve").content.decode()
    assert staff.client("newcomer").get("/desk/dispatch/").status_code == 200
    grant = RoleGrant.objects.get(employment=post)
    page = staff.client("security_admin").post(
        reverse("desk:grant_withdraw", args=[grant.pk]), {"reason": "调离"}, follow=True
    )
    assert "已撤回" in page.content.decode()
    assert staff.client("newcomer").get("/desk/dispatch/").status_code == 403
    kinds = list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["申请授权", "批准授权", "撤回授权", "拒绝"]


def test_the_one_who_asked_is_not_offered_the_approval_and_does_not_get_it(staff, post):
    assert "批准授权</button>" not in ask(staff, post)
    page = decide(staff, "system_admin", action="approve").content.decode()
    assert "不能批准授权" in page
    assert GrantRequest.objects.get().state == "asked"
    assert AuditEntry.objects.order_by("pk").last().outcome == "拒绝"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"post": ""}, "先选岗位和角色"),
        ({"role": "king"}, "先选岗位和角色"),
        ({"reason": ""}, "写明事由"),
        ({"valid_from": "明天"}, "日期“明天”读不懂"),
        ({"valid_to": "2026-02-30"}, "读不懂"),
    ],
)
def test_a_request_that_cannot_be_read_is_said(staff, post, form, said):
    assert said in ask(staff, post, **form)
    assert GrantRequest.objects.count() == 0


def test_an_unknown_step_is_refused(staff, post):
    ask(staff, post)
    assert "没有“fly”这一步" in decide(staff, "security_admin", action="fly").content.decode()
