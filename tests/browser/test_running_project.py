"""A running project in a real browser: one extension, reached values goal by goal, an acceptance that fails and what it leaves."""

from playwright.sync_api import expect

TITLE = "旱作区水肥一体化装备"


def opened(page, where="programmes", title=TITLE):
    """The record's page, found through the register's own search."""
    page.goto(f"/desk/registers/{where}/?q={title}")
    page.locator("table a", has_text=title).first.click()
    expect(page.locator(".ks-title")).to_contain_text(title)


def act(page, label, note="", **given):
    """Take one step of the record that is open; ``given`` answers what it asks, by the name of the answer."""
    if note:
        page.get_by_label("意见、原因或文号").fill(note)
    button = page.get_by_role("button", name=label, exact=True)
    if not button.is_visible():
        page.locator("summary", has_text=f"{label}…").click()
    for name, value in given.items():
        field = page.locator(f"[name$='.{name}']:visible").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    button.click()


def test_one_extension_then_an_acceptance_that_fails(sign_in, page):
    sign_in("qiaomu")
    opened(page)
    page.get_by_role("link", name="申请变更").click()
    page.get_by_label("类型").select_option("extend")
    page.get_by_label("延至").fill("2029-03-31")
    page.get_by_label("理由").fill("示范区灌溉改造推迟一季，第二轮田间验证顺延")
    page.get_by_role("button", name="提交变更申请").click()
    opened(page)
    changes = page.locator("#changes")
    expect(changes).to_contain_text("2029-03-31 止")
    expect(changes).to_contain_text("待县局意见")

    sign_in("lichuan")
    opened(page)
    page.locator("#changes tr", has_text="延期").get_by_role("link").click()
    act(page, "出具意见", view="agree", opinion="改造工程属实")
    sign_in("hexu")
    opened(page)
    page.locator("#changes tr", has_text="延期").get_by_role("link").click()
    act(page, "同意变更", doc_no="青科函〔2026〕31号")
    opened(page)
    expect(page.locator(".rg-facts").first).to_contain_text("2029-03-31")
    # six months after the new end, as the dated rule says
    expect(page.locator(".rg-facts").first).to_contain_text("2029-09-30")

    sign_in("qiaomu")
    opened(page)
    page.get_by_role("link", name="申请变更").click()
    expect(page.locator("aside")).to_contain_text("已延期 1 次")
    opened(page)
    page.get_by_role("link", name="填完成情况").click()
    goals = page.locator("[name^='reached.']")
    for at in range(goals.count()):
        goals.nth(at).fill("只完成一半")
        page.locator("[name^='proof.']").nth(at).fill(f"现场记录 {at + 1}")
    page.get_by_role("button", name="存完成情况").click()
    opened(page)
    act(page, "申请验收")
    expect(page.locator(".ks-due-when")).to_have_text("验收中")

    sign_in("hexu")
    opened(page)
    page.get_by_role("link", name="对照").first.click()
    for radio in page.get_by_label("未完成").all():
        radio.check()
    page.get_by_role("button", name="存对照结果").click()
    opened(page)
    act(page, "不通过", "指标没有完成，整改后再验收一次")
    expect(page.locator(".ks-due-when")).to_have_text("未通过验收")
    expect(page.get_by_text("指标没有完成，整改后再验收一次")).to_be_visible()

    # The public register still shows it: a failed acceptance is no revocation.
    page.goto(f"/projects/?q={TITLE}")
    expect(page.locator("main")).to_contain_text("望岭旱作农机研究所")
