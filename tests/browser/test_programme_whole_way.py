"""A project in a real browser, the whole way: applied with its materials, recommended by the body that it names, checked, reviewed,
decided, in public notice, objected to and settled, approved by one document, found by the public, counted for the leader."""

import io
import re

from docx import Document
from playwright.sync_api import expect

from tests.browser.test_running_project import act, opened

TITLE = "湿地公园藻华早期预警"
CALL = "2027年度青禾市社会发展科技攻关"


def paper(text):
    out, document = io.BytesIO(), Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def approved_so_far(page):
    """The leader's figure of this year, as the head of the register shows it."""
    page.goto("/desk/registers/programmes/")
    said = page.locator("main").inner_text()
    return int(re.search(r"科技计划立项数\s*今年\s*(\d+)\s*项", said)[1])


def test_a_project_from_the_call_to_the_leader_s_figure(sign_in, page, on_day):
    sign_in("linshouyi")
    before = approved_so_far(page)

    page.goto("/calls/")
    page.get_by_role("link", name=CALL).click()
    expect(page.get_by_text("延长申报期限的公告")).to_be_visible()
    sign_in("luxun")
    page.goto("/desk/apply/")
    page.locator("tr", has_text=CALL).get_by_role("button", name="开始申报").click()
    for name, text in (
        ("title", TITLE),
        ("leader", "陆浔"),
        ("asked", "30"),
        ("own_funds", "30"),
        ("summary", "浮标与遥感联合监测"),
        ("goals", "提前 48 小时预警；准确率 90%"),
    ):
        page.locator(f"#f-{name}").fill(text)
    page.get_by_label("牵头单位类型").select_option("enterprise")
    page.get_by_label("申报方向").select_option("生态环境")
    page.get_by_label("推荐单位").select_option(label="青禾市农业农村局")
    page.locator("#f-commitment").check()
    expect(page.locator("#apply-checks")).to_contain_text("还差 2 处")
    for name in ("可行性报告", "合作协议"):
        file = {"name": f"{name}.docx", "mimeType": "application/octet-stream", "buffer": paper(name)}
        page.get_by_label(f"{name}的文件").set_input_files(file)
        page.locator(".cl-files li", has_text=name).locator("button").click()
        expect(page.get_by_role("link", name=f"{name}.docx")).to_be_visible()
    expect(page.locator("#apply-checks")).to_contain_text("可以提交")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".ks-title")).to_contain_text("回执 SB2027-")
    code = page.locator(".cl-code").inner_text()

    sign_in("maihe")
    opened(page, title=TITLE)
    act(page, "推荐")
    sign_in("hexu")
    opened(page, title=TITLE)
    act(page, "收纸质件", on="2026-10-12", code=code)
    act(page, "受理")
    expect(page.get_by_text("有效申报 1 项，不足 3 项")).to_be_visible()
    act(page, "登记评审结果", minutes="会评纪要〔2026〕9号", score="91.5")
    sign_in("linshouyi")
    opened(page, title=TITLE)
    act(page, "拟立项公示", minutes="〔2026〕15号", granted="28")
    expect(page.locator(".ks-due-when")).to_have_text("公示中")

    page.goto("/notices/")
    expect(page.locator("tr", has_text=TITLE)).to_contain_text("2026-10-19")
    expect(page.get_by_text("怎样提出异议")).to_be_visible()
    sign_in("hexu")
    opened(page, title=TITLE)
    act(page, "登记异议", "监测点在他人承包水面", by="周明远", proof="承包合同 1 份")
    expect(page.locator(".ks-due-when")).to_have_text("异议处理")
    page.goto("/notices/")
    # Its days run on while the objection is looked into.
    expect(page.locator("tr", has_text=TITLE)).to_contain_text("2026-10-19")
    opened(page, title=TITLE)
    act(page, "异议不成立", "承包方已书面同意")

    on_day("2026-10-20")
    sign_in("hexu")
    page.goto("/desk/calls/")
    page.get_by_role("link", name=CALL).click()
    page.get_by_role("link", name="立项下达").click()
    page.get_by_label(f"选 {TITLE}").check()
    page.get_by_label("立项文件文号").fill("青科发〔2026〕52号")
    page.get_by_label("联合下达").fill("市财政局")
    page.get_by_role("button", name="核对额度").click()
    expect(page.locator(".ks-facts")).to_contain_text("272")  # 300 − 28
    page.get_by_role("button", name="下达立项").click()
    expect(page.get_by_text("青科发〔2026〕52号 立项 1 项，28 万元。")).to_be_visible()

    page.goto(f"/projects/?q={TITLE}")
    expect(page.locator("tbody tr", has_text=TITLE)).to_contain_text("已立项")
    sign_in("linshouyi")
    assert approved_so_far(page) == before + 1
