"""The county month beyond typing: nothing typed is lost, adjustments warn, doubts go back and forth, departments, days, the sealed paper."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_entry import cell, saved

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def month(page, code):
    page.goto(re.sub(r"/\d{4}-[^/]*/.*$", f"/{code}/", page.url))


def november(page):
    """A month nobody has begun: each test takes a row of its own."""
    month(page, "2026-11")


def beside(page):
    """A second window: a failed request is an error in the console, which the first page does not allow."""
    other = page.context.new_page()
    other.goto(page.url)
    return other


def waits(page):
    """What the rail counts."""
    badge = page.locator(".ks-rail-item", has_text="填报").locator(".ks-count")
    return int(badge.inner_text()) if badge.count() else 0


# ---- nothing is lost ---------------------------------------------------------------------------------------


def test_tab_goes_from_cell_to_cell_and_saves(sign_in):
    page = sign_in("zhenglan")
    november(page)
    loans = cell(page, "科技贷款发放额")
    loans.fill("77")
    page.keyboard.press("Tab")
    saved(page)
    estimate = page.locator('tr:has-text("科技贷款发放额") input[data-estimate]')
    assert estimate.evaluate("node => node === document.activeElement")
    page.keyboard.press("Tab")
    assert cell(page, "农民技术培训").evaluate("node => node === document.activeElement")
    page.keyboard.press("Shift+Tab")
    assert estimate.evaluate("node => node === document.activeElement")
    page.keyboard.press("c")  # the figures beside the cells are reached all the same
    assert page.evaluate("document.activeElement.matches('tr a.fig')")


def test_tab_leaves_the_table_after_its_last_cell(sign_in):
    page = sign_in("zhenglan")
    november(page)
    page.locator("input.en-cell").last.focus()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('input.en-cell')")


def test_what_is_typed_when_the_window_closes_is_there_the_next_time(sign_in):
    page = sign_in("zhenglan")
    november(page)
    sme = cell(page, "科技型中小企业入库")
    sme.focus()
    page.keyboard.type("9")
    page.reload()  # at once, without leaving the cell
    expect(sme).to_have_value("9")
    saved(page)
    page.reload()
    assert sme.input_value() == "9"


def test_what_still_waits_for_its_turn_is_not_lost(sign_in):
    page = beside(_at_november(sign_in))
    where = re.compile(r"/cell/$")
    held = []

    def hold(route):
        held.append(route)

    page.route(where, hold)  # the first is on its way and gets no answer, the others wait behind it
    names = ("一般公共预算支出", "县本级", "乡镇级", "其中：科学技术支出")
    texts = ["230000", "200000", "30000", "2100"]
    cell(page, names[0]).focus()
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    assert len(held) == 1
    page.unroute(where)
    page.reload()
    for name, text in zip(names, texts, strict=True):
        expect(cell(page, name)).to_have_value(text)
    saved(page)
    expect(page.locator("input.is-waiting")).to_have_count(0)
    page.reload()
    for name, text in zip(names, texts, strict=True):
        expect(cell(page, name)).to_have_value(text)
    expect(page.locator("input.is-waiting")).to_have_count(0)
    expect(page.locator(".en-conflict")).to_have_count(0)


def test_a_server_that_fails_is_told_and_nothing_is_lost(sign_in):
    page = beside(_at_november(sign_in))
    where = re.compile(r"/cell/$")
    page.route(where, lambda route: route.fulfill(status=500, content_type="text/html", body="x"))
    training = cell(page, "农民技术培训")
    training.fill("310")
    page.keyboard.press("Enter")
    expect(page.locator("#en-saved")).to_contain_text("没有存上")
    assert training.input_value() == "310"
    assert "is-waiting" in training.get_attribute("class")
    page.get_by_role("button", name="送审核").click()
    expect(page.locator(".ks-note").first).to_contain_text("还在本机")
    page.unroute(where)
    page.reload()
    saved(page)
    page.reload()
    assert training.input_value() == "310"


def _at_november(sign_in):
    page = sign_in("zhenglan")
    november(page)
    return page


def test_the_reasons_open_by_key(sign_in):
    page = _at_november(sign_in)
    cell(page, "规上工业企业研发费用").focus()
    page.keyboard.press("Alt+ArrowDown")
    pick = page.locator('tr:has-text("规上工业企业研发费用") [data-pick]')
    assert pick.evaluate("node => node === document.activeElement")


# ---- a figure that was wrong -------------------------------------------------------------------------------


def test_an_adjustment_shows_old_and_new_and_the_months_behind_it(sign_in):
    page = sign_in("zhenglan")
    month(page, "2026-08")
    ask = page.locator("#adjust")
    ask.locator("select[name=row]").select_option(label="其中：科学技术支出（万元，累计）")
    ask.locator("select[name=period]").select_option(label="2026年7月")
    july = int(page.locator('tr:has-text("其中：科学技术支出") td.num').nth(1).inner_text())
    ask.locator("input[name=new]").fill(str(july - 40))
    ask.locator("input[name=reason]").fill("多列一笔 40 万元")
    ask.get_by_role("button").click()
    assert page.locator(".en-change").inner_text().startswith(f"{july} → {july - 40}")
    line = page.locator("tbody tr")
    assert line.count() == 1  # August is out; September is not
    assert line.locator("td").nth(1).inner_text() == "1762"
    assert line.locator("td").nth(2).inner_text() == "1722"
    assert line.locator("td").nth(4).inner_text() == str(1762 - july + 40)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("input[name=carry]").uncheck()
    page.get_by_role("button", name="申请调整").click()
    expect(page.locator(".ks-body")).to_contain_text(f"{july} → {july - 40} 万元，原因“多列一笔 40 万元”")
    city = sign_in("suzhiheng")
    city.goto("/desk/collection/")
    waiting = city.locator("form", has_text=f"{july} → {july - 40}")
    assert "没有一并申请：8月 1762（应为 1722）" in waiting.inner_text()
    waiting.get_by_role("button", name="核实").click()
    expect(city.locator(".ks-body")).to_contain_text("已核实，从现在起按新数算")


def test_a_doubt_goes_from_the_city_to_the_county_and_is_settled(sign_in):
    city = sign_in("suzhiheng")
    city.goto("/desk/entry/qhkt-01/999908/2026-07/")
    form = city.locator("#en-doubt")
    form.locator("select").select_option(label="农民技术培训")
    form.locator("input[name=text]").fill("比去年同期多两成，请核对名册")
    form.get_by_role("button", name="写明有误").click()
    county = sign_in("zhenglan")
    before = waits(county)
    county.get_by_role("link", name="7月科技统计月报 填报有误").click()
    assert "请核对名册" in county.locator('tr:has-text("农民技术培训") [data-remarks]').inner_text()
    note = county.locator(".en-doubt")
    note.locator("input[name=note]").fill("名册已核，新增两期")
    note.get_by_role("button", name="答复").click()
    expect(county.locator(".en-doubt")).to_contain_text("已答复")
    county.goto("/desk/entry/")
    assert waits(county) == before - 1
    city = sign_in("suzhiheng")
    city.goto("/desk/collection/")
    assert "名册已核" in city.locator("p", has_text="请核对名册").inner_text()
    city.locator("p", has_text="请核对名册").get_by_role("link").click()
    city.get_by_role("button", name="销号").click()
    expect(city.locator("#doubts summary")).to_have_text("已销号 1 条")


# ---- estimates, departments, days, papers ------------------------------------------------------------------


def test_what_was_expected_of_last_year_stands_beside_what_came(sign_in):
    page = sign_in("zhenglan")
    page.get_by_role("link", name="全年预计与结果").click()
    heads = page.locator("thead").inner_text()
    for word in ("10月报的预计", "11月报的预计", "结果", "预计减结果", "相差"):
        assert word in heads
    assert page.locator("tbody tr").count() == 11
    assert "农民技术培训" in page.locator("tbody th").all_inner_texts()
    assert "望岭" in page.locator("h1").inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_city_enters_for_a_department_from_the_received_file(sign_in):
    page = sign_in("suzhiheng")
    page.goto("/desk/collection/?form=qhkt-02")
    page.locator("input[name=said_by]").fill("预算科 传真")
    page.locator("input[name=file]").set_input_files(
        {"name": "04表.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="开始代录").click()
    for label, text in (("技术研究与开发", "26000"), ("科学技术普及", "19800")):
        cell(page, label).fill(text)
        page.keyboard.press("Enter")
        saved(page)
    page.reload()
    assert page.get_by_role("link", name="04表.pdf").is_visible()
    page.get_by_role("button", name="代报").click()
    expect(page.locator(".ks-asof")).to_contain_text("待市局核实")
    page.emulate_media(media="print")
    assert "填报单位（盖章）：青禾市财政局" in page.locator(".en-paper-head").inner_text()
    assert not page.locator(".ks-msg").first.is_visible()


def test_the_collection_fits_a_phone(sign_in):
    page = sign_in("suzhiheng")
    page.goto("/desk/collection/")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("tbody tr").first.bounding_box()["height"] <= 60  # a name is not cut into letters
    assert page.locator("input[name=said_by]").bounding_box()["width"] >= 140


def test_a_day_is_opened_by_its_date_filled_and_read_back(sign_in):
    page = sign_in("zhenglan")
    page.get_by_role("link", name="青科统 03 表").click()
    page.locator("#en-day").fill("2026-10-10")
    page.get_by_role("button", name="打开").click()
    assert page.url.endswith("/2026-10-10/")
    cell(page, "应统计户数").fill("14")
    page.keyboard.press("Enter")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    saved(page)
    page.reload()  # the second may still be on its way
    assert [cell(page, label).input_value() for label in ("应统计户数", "已统计户数")] == ["14", "12"]


def test_the_paper_carries_its_heads_three_names_the_date_and_the_scan_comes_back(sign_in):
    page = sign_in("zhenglan")
    month(page, "2026-08")
    page.emulate_media(media="print")
    head = page.locator(".en-paper-head").inner_text()
    for words in (
        "表　　号：青科统 01 表",
        "制定机关：青禾市科学技术局",
        "批准文号：青统制〔2026〕6号",
        "有效期至：2027年12月",
        "盖章处",
    ):
        assert words in head
    names = page.locator(".en-sign").inner_text()
    for words in ("单位负责人：黎川", "审核人：贺一舟", "填表人：郑澜", "报出日期：2026年9月8日"):
        assert words in names
    page.emulate_media(media="screen")
    scan = {"name": "8月盖章.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.locator('input[aria-label^="扫描件"]').set_input_files(scan)
    page.get_by_role("button", name="附上文件").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="8月盖章.pdf").click()
    assert Path(download.value.path()).read_bytes() == PDF
