"""A line that is behind, in a real browser: from the month's check an order; the county signs, is refused its report without evidence and
gives it with a paper; the planning office looks for itself and closes. The order then stands among the closed, and the county's badge is gone."""

from playwright.sync_api import expect

from tests.browser.test_programme_whole_way import paper
from tests.browser.test_running_project import act

LINE, WHAT = "望岭县技术合同成交额", "望岭县技术合同成交额赶上进度"


def opened(page):
    page.goto("/desk/orders/")
    page.get_by_role("link", name=WHAT).first.click()
    expect(page.locator(".ks-title")).to_contain_text("DB2026-")


def now(page):
    return page.locator(".ks-due-when")


def test_an_order_from_a_line_that_is_behind_to_its_end(sign_in, page):
    sign_in("suzhiheng")
    page.goto("/desk/checking/")
    page.locator("tr", has_text=LINE).get_by_role("link", name="下达督办单").click()
    expect(page.locator("[name=what]")).to_have_value(WHAT)
    page.get_by_role("button", name="下达督办单").click()
    expect(now(page)).to_have_text("已交办")

    sign_in("zhenglan")
    opened(page)
    act(page, "签收")
    expect(now(page)).to_have_text("已签收")
    # A refusal is an error in the console, which the first page does not allow.
    other = page.context.new_page()
    opened(other)
    act(other, "反馈办结", said="补登三份合同，赶上应到进度")
    expect(other.get_by_text("一份佐证也没有，不能办结")).to_be_visible()
    expect(now(other)).to_have_text("已签收")
    other.close()
    opened(page)
    page.locator("summary", has_text="随这一步附一份材料").click()
    page.locator("[name=paper]").set_input_files(
        {"name": "登记证明.docx", "mimeType": "application/octet-stream", "buffer": paper("登记证明")}
    )
    act(page, "反馈办结", said="补登三份合同，赶上应到进度")
    expect(now(page)).to_have_text("已反馈")

    sign_in("suzhiheng")
    opened(page)
    act(page, "核实", way="核对数据", finding="三份合同都在登记底册里")
    expect(now(page)).to_have_text("已核实")
    act(page, "销号")
    expect(now(page)).to_contain_text("已销号")
    page.goto("/desk/orders/")
    expect(page.get_by_role("link", name=WHAT)).to_be_visible()
