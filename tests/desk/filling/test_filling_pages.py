"""The way of a form through the desk, as the planning office clicks it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from keshu.filling.models import Filled, FormTemplate
from keshu.filling.working import latest_mapping
from keshu.reports.models import Issued, IssuedFigure
from tests.filling.conftest import receive
from tests.filling.forms import monthly, saved, word_merged

pytestmark = pytest.mark.django_db


def post(client, route, pk=None, follow=True, **data):
    return client.post(reverse(route, args=[pk] if pk else []), data, follow=follow)


def body(answer):
    return answer.content.decode()


def test_a_form_goes_from_blank_to_the_register_of_what_left(planner, house):
    blank = SimpleUploadedFile("月报.xlsx", monthly().content)
    answer = post(
        planner,
        "desk:filling_receive",
        file=blank,
        name="科技统计月报",
        receiver="省科技厅",
        frequency="month",
    )
    form = FormTemplate.objects.for_system("测试").get()
    assert answer.redirect_chain[-1][0] == reverse("desk:filling_map", args=[form.pk])
    answer = post(planner, "desk:filling_map_act", form.pk, action="suggest")
    assert "按表头认出 16 格" in body(answer)
    answer = post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="")
    assert "还有 16 格只是建议" in body(answer) and answer.status_code == 422
    post(planner, "desk:filling_map_act", form.pk, action="agree")
    post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="")
    assert len(latest_mapping(form).cells) == 16
    answer = post(planner, "desk:filling_fill", form.pk, period="2026-09")
    filled = Filled.objects.for_system("测试").get()
    # 望岭县: 财政科技支出 0.50 亿元, contracts of the year before 0.7584 亿元.
    assert "5000.00" in body(answer) and "7584.00" in body(answer) and "未发布" in body(answer)
    answer = post(planner, "desk:filling_filled_act", filled.pk, action="export")
    assert answer.status_code == 422 and "写明原因" in body(answer)
    post(planner, "desk:filling_filled_act", filled.pk, action="export", note="上年财政数未发布")
    filled.refresh_from_db()
    file = planner.get(reverse("desk:composed_file", args=[filled.copy_id]))
    assert load_workbook(io.BytesIO(file.content))["表1"]["D8"].value == 5000
    assert "2026%E5%B9%B49%E6%9C%88.xlsx" in file["Content-Disposition"]
    answer = post(planner, "desk:filling_filled_act", filled.pk, action="sent", receiver="省科技厅")
    issued = Issued.objects.for_system("测试").get()
    assert issued.receiver == "省科技厅" and issued.composed_id == filled.copy_id
    assert IssuedFigure.objects.for_system("测试").filter(issued=issued).count() == 16
    assert "不再改" in body(answer)
    assert "5000.00万元" in body(planner.get(reverse("desk:issued_detail", args=[issued.pk])))


def test_a_cell_is_mapped_by_hand_and_its_column_with_it(planner, house, form):
    page = body(planner.get(reverse("desk:filling_map", args=[form.pk]), {"cell": "1!D5"}))
    assert "财政科技支出" in page and "按表头建议" in page
    given = {
        "cell": "1!D5", "kind": "figure", "thing": "财政科技支出", "region": house.office["云麓区"].code,
        "aspect": "value", "rule": "to_date", "unit": "亿元", "decimals": "4", "down": "1",
    }  # fmt: skip
    post(planner, "desk:filling_map_cell", form.pk, **given)
    post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="D5 <= D6")
    cells = latest_mapping(form).cells
    assert [(c["key"], c["region"], c["unit"]) for c in cells] == [
        (f"1!D{row}", house.office[name].code, "亿元")
        for row, name in enumerate(("云麓区", "枫桥县", "岚川县", "望岭县"), 5)
    ]


def test_a_cell_that_cannot_be_so_is_refused_and_what_was_typed_stays(planner, house, form):
    usual = {"kind": "figure", "region": house.office.top.code, "rule": "to_date", "decimals": "2"}
    for given, said in (
        ({"thing": "高企数量"}, "没有叫"),
        ({"thing": "财政科技支出", "unit": "家"}, "不能换算"),
        ({"cell": "1!B9", "thing": "财政科技支出"}, "是公式"),
    ):
        answer = post(planner, "desk:filling_map_cell", form.pk, **{"cell": "1!D5", **usual, **given})
        assert answer.status_code == 422 and said in body(answer)
        assert f'value="{given["thing"]}"' in body(answer)


def test_what_is_typed_by_hand_is_kept_and_feedback_is_listed_cell_by_cell(planner, house, form):
    hand = {"kind": "hand", "label": "望岭县 备注"}
    post(planner, "desk:filling_map_cell", form.pk, cell="1!F8", **hand)
    figure = {
        "kind": "figure",
        "thing": "财政科技支出",
        "region": house.office["望岭县"].code,
        "rule": "to_date",
    }
    post(planner, "desk:filling_map_cell", form.pk, cell="1!D8", unit="万元", decimals="2", **figure)
    post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="")
    post(planner, "desk:filling_fill", form.pk, period="2026-09")
    filled = Filled.objects.for_system("测试").get()
    answer = post(planner, "desk:filling_filled_act", filled.pk, **{"hand-1!F8": "12.5", "action": "export"})
    assert answer.status_code == 200 and "下载上报文件" in body(answer)
    post(planner, "desk:filling_filled_act", filled.pk, action="sent", receiver="省科技厅")
    filled.refresh_from_db()
    book = load_workbook(
        io.BytesIO(planner.get(reverse("desk:composed_file", args=[filled.copy_id])).content)
    )
    book["表1"]["D8"] = 4800
    answer = post(
        planner, "desk:filling_feedback", filled.pk, file=SimpleUploadedFile("反馈.xlsx", saved(book))
    )
    assert ">4800<" in body(answer) and "−200" in body(answer) and "一样 1 格" in body(answer)
    assert "1 格可记为反馈版" in body(answer)
    assert "已记为反馈版" in body(post(planner, "desk:filling_filled_act", filled.pk, action="adopt"))


def test_a_changed_form_says_what_moved_and_is_not_filled_until_it_is_mapped_again(planner, house, form):
    post(planner, "desk:filling_map_act", form.pk, action="suggest")
    post(planner, "desk:filling_map_act", form.pk, action="agree")
    post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="")
    book = load_workbook(io.BytesIO(monthly().content))
    sheet = book["表1"]
    sheet.insert_rows(7)
    sheet["A7"] = "南芷市"
    answer = post(
        planner, "desk:filling_blank_upload", form.pk, file=SimpleUploadedFile("月报.xlsx", saved(book))
    )
    assert "第 7 行多了一项“南芷市”，没有对上" in body(answer)
    answer = post(planner, "desk:filling_fill", form.pk, period="2026-09")
    assert "版式和对表时不一样" in body(answer) and not Filled.objects.for_system("测试").exists()
    post(planner, "desk:filling_map_act", form.pk, action="follow")
    post(planner, "desk:filling_map_act", form.pk, action="agree")
    post(planner, "desk:filling_map_act", form.pk, action="confirm", sums="")
    assert {c["key"] for c in latest_mapping(form).cells} >= {"1!D9", "1!B5"}
    post(planner, "desk:filling_fill", form.pk, period="2026-09")
    assert Filled.objects.for_system("测试").exists()


def test_a_file_that_is_no_form_is_refused_and_what_was_typed_stays(planner, house):
    file = SimpleUploadedFile("表.pdf", b"%PDF-1.4 ...")
    answer = post(planner, "desk:filling_receive", file=file, receiver="省科技厅", frequency="month")
    assert "不收" in body(answer) and "省科技厅" in body(answer)
    assert not FormTemplate.objects.for_system("测试").exists()


def test_what_is_said_about_a_form_can_be_changed_and_it_can_be_stopped(planner, house, form):
    given = {"receiver": "省统计局", "frequency": "quarter", "missing_text": "—", "stopped": "1"}
    post(planner, "desk:filling_settings", form.pk, **given)
    form.refresh_from_db()
    assert (form.receiver, form.frequency, form.missing_text, form.stopped) == (
        "省统计局",
        "quarter",
        "—",
        True,
    )
    answer = post(planner, "desk:filling_settings", form.pk, **{**given, "receiver": ""})
    assert "报给谁、多久一报都要写" in body(answer)


def test_a_word_form_is_drawn_as_a_grid(planner, house):
    form = receive(house.actor_as("planning"), word_merged(), name="县区情况表")
    page = body(planner.get(reverse("desk:filling_map", args=[form.pk])))
    assert 'colspan="2"' in page and "技术合同成交额（万元）" in page


def test_the_list_takes_the_same_queries_for_one_form_and_for_three(planner, house, form):
    counts = []
    for more in ((), ("甲表", "乙表")):
        for name in more:
            receive(house.actor_as("planning"), monthly(), name=name)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert planner.get(reverse("desk:filling_forms")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
