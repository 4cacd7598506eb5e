"""The county month as a clerk does it: keyboard from cell to cell, saved as typed, checks beside the cell."""

import re

from playwright.sync_api import expect


def saved(page):
    expect(page.locator("#en-saved")).to_have_text(re.compile(r"已存 \d\d:"), timeout=20000)


def cell(page, label):
    return page.locator(f'input[data-text][aria-label*="{label}"]')


def test_a_clerk_fills_the_month_by_keyboard_and_sees_the_checks(sign_in):
    page = sign_in("zhenglan")
    assert "/desk/entry/" in page.url
    popular = cell(page, "科学技术普及")
    assert "5350" in popular.input_value()
    page.get_by_role("button", name="改成 535").first.click()
    saved(page)
    assert popular.input_value() == "535"
    training = cell(page, "农民技术培训")
    training.focus()
    page.keyboard.press("z")
    expect(page.locator("[data-empty]")).to_have_text("0")
    assert training.input_value() == "0"
    loans = cell(page, "科技贷款发放额")
    loans.fill("1,2O0")
    page.keyboard.press("Enter")
    expect(page.locator("[data-red]")).not_to_have_text("0")
    assert "O" in page.locator("tr", has_text="科技贷款发放额").locator("[data-remarks]").inner_text()
    loans.fill("350")
    page.keyboard.press("Enter")
    expect(page.locator("[data-red]")).to_have_text("0")
    page.get_by_role("button", name="附说明").first.click()
    page.keyboard.type("财政局 04 表合计含上解支出")
    page.keyboard.press("Enter")
    expect(page.locator("[data-amber]")).to_have_text("0")
    page.reload()
    assert loans.input_value() == "350"
    page.get_by_role("button", name="送审核").click()
    expect(page.locator(".ks-asof")).to_contain_text("待审核")


def october(page):
    """A month nobody has begun: each test takes a row of its own."""
    page.goto(page.url.replace("2026-09", "2026-10"))


def test_what_two_people_typed_is_shown_to_the_second_who_keeps_the_text(sign_in):
    first = sign_in("zhenglan")
    october(first)
    second = first.context.new_page()
    second.goto(first.url)
    cell(first, "科技型中小企业入库").fill("5")
    first.keyboard.press("Enter")
    saved(first)
    cell(second, "科技型中小企业入库").fill("6")
    second.keyboard.press("Enter")
    told = second.locator(".en-conflict")
    told.wait_for()
    assert "已改成“5”" in told.inner_text()
    assert cell(second, "科技型中小企业入库").input_value() == "6"
    told.get_by_role("button", name="用我的").click()
    saved(second)
    first.reload()
    assert cell(first, "科技型中小企业入库").input_value() == "6"


def test_without_a_network_what_is_typed_stays_and_is_sent_later(sign_in):
    first = sign_in("zhenglan")
    october(first)
    page = (
        first.context.new_page()
    )  # a lost connection is an error in the console, which the first page does not allow
    page.goto(first.url)
    page.context.set_offline(True)
    loans = cell(page, "科技贷款发放额")
    loans.fill("410")
    page.keyboard.press("Enter")
    expect(page.locator("#en-saved")).to_have_text("已存在本机，联网后送出")
    assert loans.input_value() == "410"
    page.context.set_offline(False)
    saved(page)
    page.reload()
    assert loans.input_value() == "410"


def test_keys_move_restore_choose_a_reason_and_note(sign_in):
    page = sign_in("zhenglan")
    october(page)
    budget, own = cell(page, "一般公共预算支出"), cell(page, "县本级")
    budget.focus()
    page.keyboard.press("ArrowDown")
    assert own.evaluate("node => node === document.activeElement")
    page.keyboard.press("ArrowUp")
    assert budget.evaluate("node => node === document.activeElement")
    page.keyboard.type("77")
    page.keyboard.press("Escape")
    assert budget.input_value() == ""
    line = page.locator("tr", has_text="规上工业企业研发费用")
    line.locator("[data-pick]").select_option("未发布")
    saved(page)
    assert cell(page, "规上工业企业研发费用").input_value() == "未发布"
    page.keyboard.press("n")
    page.keyboard.type("统计局月末才出")
    page.keyboard.press("Enter")
    expect(page.locator('tr[data-note="统计局月末才出"]')).to_have_count(1)


def test_a_column_copied_from_a_workbook_is_pasted(sign_in):
    page = sign_in("zhenglan")
    october(page)
    cell(page, "技术研究与开发").focus()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text', '780\\n600\\n');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    saved(page)
    assert [cell(page, name).input_value() for name in ("技术研究与开发", "科学技术普及")] == ["780", "600"]


def test_handing_in_says_how_much_is_missing_and_goes_there(sign_in):
    page = sign_in("zhenglan")
    october(page)
    page.get_by_role("button", name="送审核").click()
    page.locator(".ks-note").wait_for()
    assert "还差" in page.locator(".ks-note").inner_text()
    assert page.evaluate("document.activeElement.matches('input.en-cell')")
    assert "填报中" in page.locator(".ks-asof").inner_text()


def test_on_a_phone_each_item_is_a_card_with_a_numeric_keypad(sign_in):
    page = sign_in("zhenglan")
    october(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert cell(page, "农民技术培训").get_attribute("inputmode") == "decimal"
    assert cell(page, "农民技术培训").bounding_box()["height"] >= 44


def test_the_print_is_one_sheet_of_paper(sign_in, tmp_path):
    page = sign_in("zhenglan")
    page.emulate_media(media="print")
    assert page.locator(".en-sign").is_visible() and page.locator(".en-seal").is_visible()
    assert not page.locator("#en-foot").is_visible() and not page.locator(".ks-rail").is_visible()
    pdf = page.pdf(prefer_css_page_size=True, landscape=True)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 1


def test_a_county_does_not_see_another_county(sign_in):
    page = sign_in("zhenglan")
    own = page.url
    other = own.replace("999908", "999907")
    assert other != own
    page.on("console", lambda _: None)
    assert page.request.get(other).status == 404


def test_the_city_sees_who_has_not_reported_and_copies_words_for_the_group(sign_in):
    page = sign_in("suzhiheng")
    page.goto("/desk/collection/")
    assert "已退回" in page.locator("tr", has_text="岚川").first.inner_text()
    assert "【青科统 01 表" in page.locator("#en-reminder").inner_text()
