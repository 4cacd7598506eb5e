"""The county month as a clerk does it: keyboard from cell to cell, saved as typed, checks beside the cell."""


def test_a_clerk_fills_the_month_by_keyboard_and_sees_the_checks(sign_in):
    page = sign_in("zhenglan")
    assert "/desk/entry/" in page.url
    popular = page.locator("tr", has_text="科学技术普及").locator("input[data-text]")
    assert "5350" in popular.input_value()
    page.get_by_role("button", name="改成 535").first.click()
    page.wait_for_function("document.querySelector('#en-saved').textContent.includes('已存')")
    assert popular.input_value() == "535"
    training = page.locator("tr", has_text="农民技术培训").locator("input[data-text]")
    training.focus()
    page.keyboard.press("z")
    page.wait_for_function("document.querySelector('[data-empty]').textContent === '0'")
    assert training.input_value() == "0"
    loans = page.locator("tr", has_text="科技贷款发放额").locator("input[data-text]")
    loans.fill("1,2O0")
    page.keyboard.press("Enter")
    page.wait_for_function("Number(document.querySelector('[data-red]').textContent) >= 1")
    assert "O" in page.locator("tr", has_text="科技贷款发放额").locator("[data-remarks]").inner_text()
    loans.fill("350")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('[data-red]').textContent === '0'")
    page.get_by_role("button", name="附说明").first.click()
    page.keyboard.type("财政局 04 表合计含上解支出")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('[data-amber]').textContent === '0'")
    page.reload()
    assert loans.input_value() == "350"
    page.get_by_role("button", name="送审核").click()
    page.wait_for_load_state()
    assert "待审核" in page.locator(".ks-asof").inner_text()


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
