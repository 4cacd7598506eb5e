"""What goes out of this room: the template to fill in, and the refused rows."""

import tempfile
from typing import BinaryIO

from django.http import FileResponse

from keshu.directory.actors import Actor
from keshu.directory.models import Region
from keshu.figures.book import Book
from keshu.figures.imports.models import ImportBatch
from keshu.figures.imports.refused import write_refused_book
from keshu.figures.imports.rows import COLUMNS
from keshu.figures.models import RegionShown
from keshu.ledger.intake.templates import write_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 4 * 1024 * 1024
MOST_REGIONS = 2000
NOTES = (
    "一行一个数。数值只填数，单位写在单位列；没有数留空或填 —，不要填 0；留空不会抹掉已有的数。",
    "累计数期间写 1—9月、上半年、前三季度，当月数写 9月，截至某日写 截至2026年9月15日，全年写 2026年。",
    "比率按百分数填：2.54 表示 2.54%；手里是 0.0254 的，单位写“比值”。",
    "同一次发布里的多年数，发布列写同一个名称；修订过的数在版次列写“修订”，首次公布的写“首次发布”。",
    "推算、估计的数在版次列写“推算”，系统会标明，不进指标的分子分母。",
    "和相邻年份差得太远的数会退回来问单位；核对过确实如此的，在备注写“已核对”再传。",
)


def template_for(actor: Actor, definitions: Book) -> FileResponse:
    """The blank workbook with the measures of the house and the regions that the actor may enter."""
    regions = enterable(actor, definitions)
    example = next((r for r in regions if r.level == Region.Level.COUNTY), regions[0] if regions else None)
    out = _file()
    write_template(
        COLUMNS,
        out,
        title="指标数导入",
        examples=[
            {
                "period": "2026年1—9月",
                "region_code": example.code if example else "",
                "region": example.name if example else "",
                "measure": "财政科技支出",
                "value": "1980",
                "unit": "万元",
                "source": "财政局月报",
            },
            {
                "period": "2025年",
                "region": example.name if example else "",
                "measure": "全社会研发经费支出",
                "value": "3.21",
                "unit": "亿元",
                "vintage": "首次发布",
                "source": "科技经费投入统计公报",
                "released_on": "2026-10-12",
            },
        ],
        notes=NOTES,
        dropdowns={
            "measure": [measure.name for measure in definitions.measures.values()],
            "region": [region.name for region in regions],
        },
    )
    return _sent(out, "指标数导入模板.xlsx")


def enterable(actor: Actor, definitions: Book) -> list[Region]:
    """The regions whose figures the actor may bring in: the bureau's own with all below first, then every other."""
    shown = RegionShown.objects.first()
    found: list[Region] = []
    for start in [shown.region_id] if shown else []:
        edge = [definitions.regions[start]]
        while edge:
            found += edge
            edge = [child for region in edge for child in definitions.children.get(region.pk, [])]
    known = {region.pk for region in found}
    found += [r for r in sorted(definitions.regions.values(), key=lambda r: r.code) if r.pk not in known]
    return [r for r in found if actor.sees_all or r.pk in actor.region_ids][:MOST_REGIONS]


def refused_of(batch: ImportBatch) -> FileResponse:
    """The refused rows as a workbook with reasons; corrected, it can be uploaded again."""
    out = _file()
    write_refused_book(batch, out)
    stem = batch.filename.rsplit(".", 1)[0]
    return _sent(out, f"{stem}-拒收.xlsx")


def _file() -> BinaryIO:
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # type: ignore[return-value]


def _sent(out: BinaryIO, name: str) -> FileResponse:
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)
