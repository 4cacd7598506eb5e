"""An application in a real browser, from the applicant over county, office and leader to the public notice."""

import re

from playwright.sync_api import expect

from tests.browser.test_running_project import act, opened

TITLE = "农机合作社技术推广激励"


def checks(page):
    return page.locator("#apply-checks")


def step(page, label, note="", **given):
    """Open the project in the register and take one step."""
    opened(page, title=TITLE)
    act(page, label, note, **given)
    expect(page.locator(".ks-title")).to_have_text(TITLE)


def test_an_application_from_the_applicant_to_the_public_notice(sign_in, page):
    sign_in("qiaomu")
    page.goto("/desk/apply/")
    page.get_by_role("button", name="补正").click()
    goals = page.get_by_label("考核指标")
    goals.fill("")
    expect(checks(page)).to_contain_text("还差 1 处")
    page.get_by_label("申请经费（万元）").fill("9")
    expect(checks(page)).to_contain_text("申请 9 万元")
    page.get_by_label("申请经费（万元）").fill("7.5")
    goals.fill("合作社调查 20 家，政策建议 3 条")
    expect(checks(page)).to_contain_text("可以提交")
    expect(checks(page)).to_contain_text(re.compile(r"已存到服务器 \d\d:\d\d:\d\d"))
    page.reload()
    assert goals.input_value() == "合作社调查 20 家，政策建议 3 条"
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("回执 SB2027-0003")).to_be_visible()
    sign_in("lichuan")
    step(page, "推荐")
    sign_in("hexu")
    step(page, "受理")
    step(page, "登记评审结果", "排第 1", minutes="会评纪要〔2026〕9号", score="91")
    sign_in("linshouyi")
    step(page, "拟立项公示", minutes="〔2026〕15号", granted="7.5")
    page.goto("/notices/")
    row = page.locator("tr", has_text=TITLE)
    expect(row).to_contain_text("望岭旱作农机研究所")
    expect(row).to_contain_text("2026-10-19")  # five working days after Monday 2026-10-12
    page.goto("/projects/?q=农机合作社")
    expect(page.get_by_text("没有查到")).to_be_visible()
