"""自定义台账 pages: define, be told, load from a file, register by hand and by file."""

import io
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from keshu.bringing.models import Batch
from keshu.custom.files import exported
from keshu.custom.models import CustomRecord, Definition
from keshu.desk.customs.typed import form_of
from keshu.journal.models import AuditEntry
from keshu.terms import clock
from tests.custom.ledgers import VISITS

pytestmark = pytest.mark.django_db


def filled(wanted, edition="", **changes: str) -> dict[str, object]:
    """What a browser sends of the form of a definition."""
    drawn = form_of(wanted)
    post: dict[str, object] = {
        "code": wanted.code, "name": wanted.name, "prefix": wanted.prefix, "about": wanted.about, "who": list(wanted.who),
        "unit_use": wanted.unit_use, "counts_by": wanted.counts_by, "key": drawn["key"], "active": "1", "edition": edition,
        "columns": len(drawn["columns"]), "measures": len(drawn["measures"]),
    }  # fmt: skip
    for line in drawn["columns"]:
        col, at = line["col"], line["at"]
        post |= {f"c{at}.name": col.name, f"c{at}.kind": col.kind, f"c{at}.slot": col.slot, f"c{at}.places": col.places,
                 f"c{at}.choices": line["choices"], f"c{at}.label": col.label}  # fmt: skip
        post |= {
            f"c{at}.{name}": "1"
            for name in ("required", "shown", "total", "searchable", "off")
            if getattr(col, name)
        }
    for line in drawn["measures"]:
        count, at = line["count"], line["at"]
        post |= {
            f"m{at}.{name}": getattr(count, name)
            for name in ("name", "unit", "code", "field", "condition", "date", "until")
        }
    return post | changes


def text_of(answer) -> str:
    return answer.content.decode()


def test_a_ledger_is_defined_on_the_page_and_opens_as_a_register(house):
    client = house.staff.client("office")
    assert client.get(reverse("desk:custom_new")).status_code == 200
    answer = client.post(reverse("desk:custom_new"), filled(VISITS))
    assert answer.status_code == 302, text_of(answer)[:2000]
    ledger = Definition.objects.get()
    assert [col.name for col in ledger.cols] == [col.name for col in VISITS.columns]
    assert ledger.counts[1].condition == '方式 == "现场"'
    page = text_of(client.get(reverse("desk:register", args=["visits"])))
    assert "登记一条" in page and "改定义" in page and "导入" in page
    assert client.get(reverse("desk:customs")).status_code == 200


def test_a_refused_definition_says_where_and_keeps_what_was_typed(house):
    client = house.staff.client("office")
    post = filled(VISITS, **{"m1.condition": '方势 == "现场"', "c2.name": "方 式"})
    answer = client.post(reverse("desk:custom_new"), post)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "列名“方 式”不能用" in page and 'value="方 式"' in page and "写的都还在" in page
    answer = client.post(reverse("desk:custom_new"), filled(VISITS, **{"m1.condition": '方势 == "现场"'}))
    assert answer.status_code == 422 and "没有叫“方势”的名称" in text_of(answer)
    assert not Definition.objects.exists()


def test_a_column_in_use_is_not_removed_from_the_page(house):
    ledger = house.define()
    house.enter(ledger, 方式="现场")
    client = house.staff.client("office")
    from keshu.custom.wanted import wanted_of

    answer = client.post(
        reverse("desk:custom", args=["visits"]), filled(wanted_of(ledger), "1", **{"c2.gone": "1"})
    )
    assert answer.status_code == 422
    assert "1 条记录填了它" in text_of(answer) and "可以停用它" in text_of(answer)


def test_a_column_is_put_in_another_place_by_its_number_and_records_stay_as_they_were(house):
    from keshu.custom.wanted import wanted_of

    ledger = house.define()
    row = house.enter(ledger, 方式="现场")
    client, address = house.staff.client("office"), reverse("desk:custom", args=["visits"])
    names = [col.name for col in ledger.cols]
    # The fourth comes to the second place, what stood there gives way; then it goes back behind the one that follows.
    answer = client.post(address, filled(wanted_of(ledger), "1", **{"c3.place": "2"}))
    assert answer.status_code == 302
    ledger.refresh_from_db()
    assert [col.name for col in ledger.cols] == [names[0], names[3], names[1], names[2], *names[4:]]
    client.post(address, filled(wanted_of(ledger), "2", **{"c1.place": "4"}))
    ledger.refresh_from_db()
    assert [col.name for col in ledger.cols] == names
    row.refresh_from_db()
    assert getattr(row, next(col.slot for col in ledger.cols if col.name == "方式")) == "现场"
    # The name of a record stays in front; another in its place is refused with what was typed kept.
    answer = client.post(address, filled(wanted_of(ledger), "3", **{"c2.place": "1"}))
    assert answer.status_code == 422 and "第一列是记录的名称" in text_of(answer)


def test_the_second_of_two_editors_is_told_and_loses_nothing(house):
    from keshu.custom.wanted import wanted_of

    ledger = house.define()
    post = filled(wanted_of(ledger), "1", about="后改的说明")
    house.change(ledger, house.planning, about="先改的说明")
    answer = house.staff.client("office").post(reverse("desk:custom", args=["visits"]), post)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "已经有人改过" in page and "后改的说明" in page and "先改的说明 → 后改的说明" in page
    again = {**post, "edition": answer.context["edition"]}
    assert (
        house.staff.client("office").post(reverse("desk:custom", args=["visits"]), again).status_code == 302
    )
    assert Definition.objects.get().about == "后改的说明"


def test_a_ready_made_ledger_is_one_button(house):
    client = house.staff.client("planning")
    assert "农民培训登记" in text_of(client.get(reverse("desk:customs")))
    assert client.post(reverse("desk:custom_ready"), {"code": "training_log"}).status_code == 302
    assert Definition.objects.get().name == "农民培训登记"
    assert client.post(reverse("desk:custom_ready"), {"code": "nothing"}).status_code == 302


def test_a_definition_goes_out_and_comes_in_with_a_preview(house):
    ledger = house.define()
    client = house.staff.client("office")
    sent = client.get(reverse("desk:custom_file", args=["visits"]))
    assert sent.content.decode() == exported(ledger)
    house.change(ledger, about="改过")
    upload = SimpleUploadedFile("走访.yaml", sent.content)
    preview = client.post(reverse("desk:custom_load"), {"file": upload})
    assert "说明：改过 → 按走访日期计入" in text_of(preview)
    confirmed = client.post(reverse("desk:custom_confirm"), {"text": sent.content.decode(), "edition": "2"})
    assert confirmed.status_code == 302
    assert Definition.objects.get().about == "按走访日期计入"


def test_a_damaged_definition_is_refused_on_the_page(house):
    client = house.staff.client("office")
    text = exported(house.define()).replace("走访登记", "来访登记").encode()
    for content in (text, b"\xff\xfe\x00", b"PK\x03\x04"):
        upload = SimpleUploadedFile("a.yaml", content)
        answer = client.post(reverse("desk:custom_load"), {"file": upload}, follow=True)
        assert any(
            word in str(next(iter(answer.context["messages"]))) for word in ("摘要对不上", "不是台账定义")
        )
    assert client.post(reverse("desk:custom_confirm"), {"text": text.decode()}).status_code == 302
    assert Definition.objects.get().name == "走访登记"


def test_a_record_is_registered_with_a_sentence_beside_each_field_that_is_wrong(house):
    house.define()
    client = house.staff.client("county_filler")
    address = reverse("desk:custom_enter", args=["visits"])
    assert 'value="望岭县"' in text_of(client.get(address))
    wrong = {"text1": "长" * 10_000, "date1": "三月", "number1": "三块", "region": "望岭县", "text2": "书面"}
    answer = client.post(address, wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    for said in ("写了 10000 字", "不是哪一天", "三块", "没有“书面”这个选项", "有 4 处要改"):
        assert said in page
    answer = client.post(address, {"text1": "𠮷林公司", "date1": "2026-03-05", "region": "望岭县"})
    row = CustomRecord.objects.for_system("测试").get()
    assert answer["Location"] == reverse("desk:record", args=["visits", row.pk])
    assert row.number == "ZF2026-0001" and row.text1 == "𠮷林公司"


def test_who_may_register_follows_the_definition(house):
    house.define(who=("bureau",))
    address = reverse("desk:custom_enter", args=["visits"])
    assert house.staff.client("office").get(address).status_code == 200
    for who in ("county_filler", "north", "leader", "inspector"):
        assert house.staff.client(who).get(address).status_code == 403
        assert AuditEntry.objects.latest("pk").kind == "拒绝"


def test_an_organisation_registers_for_itself_only(house):
    house.define()
    client = house.staff.client("north")
    address = reverse("desk:custom_enter", args=["visits"])
    form = {"text1": "自家", "date1": "2026-03-05", "region": "", "unit": "北岭新材料有限公司"}
    assert client.post(address, form).status_code == 302
    answer = client.post(address, {**form, "unit": "南塘机电有限公司"})
    assert answer.status_code == 422 and "不在现在这个岗位登记的范围里" in text_of(answer)


def test_a_switched_off_ledger_is_read_and_no_longer_entered(house):
    ledger = house.define()
    house.enter(ledger)
    house.change(ledger, active=False)
    client = house.staff.client("office")
    assert client.get(reverse("desk:custom_enter", args=["visits"])).status_code == 403
    page = text_of(client.get(reverse("desk:register", args=["visits"])))
    assert "北岭新材料" in page and "登记一条" not in page


def test_a_record_is_corrected_until_it_is_verified_and_the_second_editor_is_told(house):
    ledger = house.define()
    row = house.enter(ledger, house.county)
    client = house.staff.client("county_filler")
    address = reverse("desk:custom_correct", args=["visits", row.pk])
    seen = client.get(address).context["seen"]
    form = {"text1": "改后", "date1": "2026-03-06", "region": "望岭县", "seen": seen}
    with clock.pretend(datetime(2026, 3, 17, 9, tzinfo=clock.TZ)):
        assert client.post(address, form).status_code == 302
        late = client.post(address, {**form, "text1": "后到的"})
    assert late.status_code == 409 and "后到的" in text_of(late) and "没有丢" in text_of(late)
    row.refresh_from_db()
    assert row.text1 == "改后" and str(row.counts_on) == "2026-03-06"
    page = text_of(client.get(reverse("desk:record", args=["visits", row.pk])))
    assert "更正" in page
    from keshu.custom.procedure import PROCEDURE
    from keshu.procedure.moving import move

    move(row, "verify", house.office, procedure=PROCEDURE)
    assert client.get(address).status_code == 302


def test_another_county_s_record_is_not_there(house):
    row = house.enter(house.define(), house.county)
    client = house.staff.client("other_filler")
    for name in ("record", "custom_correct"):
        assert client.get(reverse(f"desk:{name}", args=["visits", row.pk])).status_code == 404


def test_what_is_exported_is_no_formula(house):
    ledger = house.define()
    house.enter(ledger, 企业名称='=HYPERLINK("http://x")')
    house.enter(ledger, 企业名称="@SUM(A1)", 情况="-1+1")
    client = house.staff.client("office")
    csv = client.get(reverse("desk:register_export", args=["visits"]), {"format": "csv"}).content.decode(
        "utf-8-sig"
    )
    assert "'=HYPERLINK" in csv and "'@SUM" in csv
    book = load_workbook(io.BytesIO(client.get(reverse("desk:register_export", args=["visits"])).content))
    assert all(cell.data_type != "f" for line in book.active.iter_rows() for cell in line)


def test_the_filters_of_a_ledger_are_its_choice_columns(house):
    ledger = house.define()
    house.enter(ledger, 方式="现场")
    house.enter(ledger, 方式="电话", 企业名称="南塘机电")
    client = house.staff.client("office")
    answer = client.get(reverse("desk:register", args=["visits"]), {"text2": "现场"})
    assert len(answer.context["lines"]) == 1
    assert [f["label"] for f in answer.context["filters"]][:2] == ["方式", "状态"]
    assert len(client.get(reverse("desk:register", args=["visits"]), {"q": "南塘"}).context["lines"]) == 1


def test_a_file_is_uploaded_looked_at_and_applied(house, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    house.define()
    client = house.staff.client("county_filler")
    at = reverse("desk:register_import", args=["visits"])
    assert "下载模板" in text_of(client.get(at))
    template = client.get(reverse("desk:register_template", args=["visits"]))
    assert load_workbook(io.BytesIO(template.content)).active["A1"].value == "*企业名称"
    rows = "企业名称,走访日期,方式\n甲,2026.3.5,现场\n乙,昨天,电话\n"
    upload = SimpleUploadedFile("走访.csv", rows.encode("utf-8-sig"))
    answer = client.post(reverse("desk:register_upload", args=["visits"]), {"file": upload})
    batch = Batch.objects.for_system("测试").get()
    assert answer["Location"] == reverse("desk:register_batch", args=["visits", batch.pk])
    page = text_of(client.get(answer["Location"]))
    assert "1 条记录" in page and "不是哪一天" in page
    for show in ("new", "refused", "changed", "x"):
        assert client.get(answer["Location"], {"show": show}).status_code == 200
    refused = client.get(reverse("desk:register_refused", args=["visits", batch.pk]))
    assert load_workbook(io.BytesIO(refused.content)).active.max_row >= 2
    act = reverse("desk:register_batch_act", args=["visits", batch.pk])
    assert client.post(act, {"action": "again"}).status_code == 302
    assert client.post(act, {"action": "apply"}).status_code == 302
    assert CustomRecord.objects.for_system("测试").get().text1 == "甲"
    assert "已导入" in text_of(client.get(answer["Location"]))
    twice = client.post(act, {"action": "apply"}, follow=True)
    assert "已经导入过了" in str(next(iter(twice.context["messages"])))
    for who in ("other_filler", "north"):
        assert house.staff.client(who).get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.csv", b""),
        ("图.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 200),
        ("截断.xlsx", b"PK\x03\x04" + b"\0" * 500),
        ("加密.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096),
        ("网页.xlsx", b"<html><table><tr><td>1</td></tr></table></html>"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(house, settings, tmp_path, name, content):
    settings.MEDIA_ROOT = tmp_path
    house.define()
    upload = SimpleUploadedFile(name, content)
    answer = house.staff.client("office").post(
        reverse("desk:register_upload", args=["visits"]), {"file": upload}, follow=True
    )
    assert answer.status_code == 200
    said = [str(message) for message in answer.context["messages"]]
    failed = Batch.objects.for_system("测试").filter(state=Batch.State.FAILED)
    assert said or failed.exists()
    assert not CustomRecord.objects.for_system("测试").exists()


def test_a_body_of_two_hundred_megabytes_and_more_is_refused_before_it_is_kept(house, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    house.define()
    upload = SimpleUploadedFile("大.csv", b"x" * 200_000)
    answer = house.staff.client("office").post(
        reverse("desk:register_upload", args=["visits"]), {"file": upload}, follow=True
    )
    assert "这个文件" in str(next(iter(answer.context["messages"])))
    assert not Batch.objects.for_system("测试").exists()


def test_the_list_of_definitions_asks_as_many_queries_for_three_as_for_one(house):
    client = house.staff.client("office")
    house.define()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("desk:customs")).status_code == 200
        return len(caught)

    queries()
    one = queries()
    for n in ("calls", "letters"):
        house.define(code=n, name=f"登记{n}", measures=())
    queries()
    assert queries() == one


def test_who_may_not_bring_is_refused_and_it_is_kept(house):
    house.define(who=("bureau",))
    client = house.staff.client("county_filler")
    assert client.get(reverse("desk:register_import", args=["visits"])).status_code == 403
    assert AuditEntry.objects.latest("pk").kind == "拒绝"
