"""The lake gives the same table as the database, and is published whole or not at all."""

import argparse
import hashlib
import json
import random
import resource
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import ibis
import pytest

from keshu.cli import lake as command
from keshu.figures.canonical import dispatch_json
from keshu.figures.dispatch import dispatch
from keshu.figures.lake.engine import LakeNotInstalled, UnknownBackend, connect
from keshu.figures.lake.layout import MANIFEST, NoLake
from keshu.figures.lake.publishing import LakeNotPublished, publish
from keshu.figures.lake.reading import Lake
from keshu.figures.models import Indicator, Release, Target
from keshu.figures.values import ValueChange, record_values
from keshu.journal import moments
from keshu.journal.writing import writing
from keshu.terms.period import Period
from tests.figures.test_replay import MEASURES, edit

pytestmark = pytest.mark.slow

SEPTEMBER = Period.parse("2026-09")


def from_database(city, as_of=None):
    return dispatch_json(dispatch("strong-st-5", SEPTEMBER, region=city.top.code, as_of=as_of))


def from_lake(city, folder):
    return dispatch_json(Lake(folder).dispatch("strong-st-5", SEPTEMBER, region=city.top.code))


def filled(city, edits=250):
    """Values of several years, two releases of one figure, a retraction, an estimate and targets."""
    chance = random.Random(2844)
    for year in (2022, 2023, 2024, 2025):
        for measure in MEASURES[:4]:
            for region in city.counties:
                city.put(measure, region, f"{year}-01..09", chance.randrange(100, 900))
                city.put(measure, region, str(year), chance.randrange(900, 1900))
    for number in range(edits):
        edit(city, chance, number)
    with writing(city.actor, "修订") as block:
        revised = Release(source="试验统计局", label="2026年修订", revised=True)
        revised.save()
        guess = Release(source="试验推算", label="", kind=Release.Kind.ESTIMATE)
        guess.save()
    city.put("gdp", city.a, "2026-01..09", "777.77", revised)
    city.put("fiscal_st", city.b, "2026-01..09", None)
    from keshu.figures.models import Measure

    gdp = Measure.objects.get(code="gdp")
    with writing(city.actor, "推算") as block:
        record_values(
            block, [ValueChange(gdp.pk, city.c.pk, "2026-01..09", guess.pk, 123456, estimated=True)]
        )
        Target(
            indicator=Indicator.objects.get(code="rd_gdp"), subject=city.a, year=2026, low=Decimal("2.5")
        ).save()
    return city


@pytest.mark.django_db
def test_the_table_from_parquet_is_the_table_from_the_database(city, tmp_path):
    filled(city)
    publish(tmp_path / "lake")
    expected = from_database(city)
    assert any(row["value"] for row in expected["rows"])
    assert any(row["missing"] for row in expected["rows"])
    assert json.dumps(from_lake(city, tmp_path / "lake")) == json.dumps(expected)


@pytest.mark.django_db
def test_an_older_lake_gives_the_table_of_its_own_revision(city, tmp_path):
    filled(city, edits=40)
    publish(tmp_path / "lake")
    published = moments.latest()
    city.put("fiscal_st", city.a, "2026-01..09", "4321")
    assert json.dumps(from_lake(city, tmp_path / "lake")) == json.dumps(from_database(city, f"r{published}"))


@pytest.mark.django_db
def test_cells_are_whole_numbers_that_any_engine_sums_exactly(city, tmp_path):
    """Read by DuckDB alone, without our code: 1,000 × 0.10 = 100.00 and 126058200000000.07 stands."""
    from keshu.figures.models import Measure

    fiscal = Measure.objects.get(code="fiscal_st")
    with writing(city.actor, "一千个一角") as block:
        months = [f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(1000)]
        record_values(
            block, [ValueChange(fiscal.pk, city.a.pk, month, city.release.pk, 10) for month in months]
        )
    city.put("gdp", city.a, "2025", "126058200000000.07")
    manifest = publish(tmp_path / "lake")
    cells = f"read_parquet('{tmp_path}/lake/cells/*/*.parquet')"
    totals = duckdb.sql(
        f"select measure, sum(scaled)::bigint, min(decimals), count(*) from {cells} group by measure order by measure"
    ).fetchall()
    assert totals == [("fiscal_st", 10_000, 2, 1000), ("gdp", 12605820000000007, 2, 1)]
    row = duckdb.sql(
        f"select region, parent, level, part, period_end::text, estimated from {cells} where measure = 'gdp'"
    )
    assert row.fetchall() == [(city.a.code, city.top.code, "county", "area", "2025-12-31", False)]
    assert manifest["rows"] == 1001


@pytest.mark.django_db
def test_the_manifest_lists_every_file_with_rows_and_digest(city, tmp_path):
    filled(city, edits=20)
    manifest = publish(tmp_path / "lake")
    found = {
        str(path.relative_to(tmp_path / "lake")) for path in (tmp_path / "lake").rglob("*") if path.is_file()
    }
    assert found == {*manifest["files"], MANIFEST}
    assert manifest["revision"] == moments.latest()
    for name, facts in manifest["files"].items():
        content = (tmp_path / "lake" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (facts["bytes"], facts["sha256"])
        assert duckdb.sql(f"select count(*) from '{tmp_path}/lake/{name}'").fetchall() == [(facts["rows"],)]


@pytest.mark.django_db
def test_a_full_disk_leaves_the_published_lake_as_it_was(city, tmp_path):
    """A limit on the size of files is what a full disk looks like to the writer."""
    filled(city, edits=20)
    publish(tmp_path / "lake")
    before = (tmp_path / "lake" / MANIFEST).read_bytes()
    city.put("fiscal_st", city.a, "2026-01..09", "5")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, hard))
    try:
        with pytest.raises(LakeNotPublished, match="没有写成"):
            publish(tmp_path / "lake")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "lake" / MANIFEST).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_is_said(city):
    with pytest.raises(LakeNotPublished, match="核对目录权限"):
        publish(Path("/proc/没有这里/lake"))


@pytest.mark.django_db
def test_publishing_again_takes_the_place_of_the_old_files(city, tmp_path):
    publish(tmp_path / "lake")
    city.put("gdp", city.a, "2025", "1")
    manifest = publish(tmp_path / "lake")
    assert list(manifest["cells"]) == ["gdp"]
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


@pytest.mark.django_db
def test_a_folder_with_other_files_is_not_overwritten(city, tmp_path):
    (tmp_path / "文稿.docx").write_text("重要")
    with pytest.raises(LakeNotPublished, match="别的文件"):
        publish(tmp_path)
    assert (tmp_path / "文稿.docx").read_text() == "重要"


@pytest.mark.django_db
def test_the_command_publishes_and_dispatches(city, tmp_path, capsys):
    filled(city, edits=20)
    words = {"out": str(tmp_path / "lake"), "scheme": "strong-st-5", "period": "2026-09", "level": "county"}
    assert command.run(argparse.Namespace(action="publish", **words)) == 0
    capsys.readouterr()
    assert command.run(argparse.Namespace(action="dispatch", region=city.top.code, **words)) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(from_database(city)))
    with pytest.raises(command.QuestionIncomplete):
        command.run(argparse.Namespace(action="dispatch", region=None, **{**words, "scheme": None}))


@pytest.mark.django_db
@pytest.mark.parametrize("absent", ["pyarrow", "pyarrow.parquet"])
def test_without_the_packages_a_sentence_names_the_file_that_installs_them(
    city, tmp_path, monkeypatch, absent
):
    monkeypatch.setitem(sys.modules, absent, None)  # what Python itself does for a module that is not there
    with pytest.raises(LakeNotInstalled, match=r"requirements/lake\.txt"):
        publish(tmp_path / "lake")
    assert not (tmp_path / "lake").exists()


def test_without_spark_its_backend_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setenv("KESHU_LAKE_BACKEND", "spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(LakeNotInstalled, match="KESHU_LAKE_BACKEND"):
        connect()


def test_an_unknown_backend_is_refused(monkeypatch):
    monkeypatch.setenv("KESHU_LAKE_BACKEND", "oracle")
    with pytest.raises(UnknownBackend, match="oracle"):
        connect()


def test_a_folder_without_a_lake_says_how_to_publish_one(tmp_path):
    with pytest.raises(NoLake, match="keshu lake publish"):
        Lake(tmp_path)


@pytest.mark.django_db
def test_the_questions_to_the_engine_can_be_said_to_spark(city, tmp_path):
    """No cluster here: that the same Ibis expressions compile to Spark's SQL is what can be checked."""
    filled(city, edits=5)
    publish(tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    few, many = [city.a.code], [f"{number:06d}" for number in range(3000)]
    for regions in (few, many):
        cells = ibis.to_sql(lake.cells(["gdp", "fiscal_st"], regions, ["2026-01..09"]), dialect="pyspark")
        assert "`scaled`" in cells
        periods = ibis.to_sql(lake.periods(["gdp"], regions, 2026), dialect="pyspark")
        assert "GROUP BY" in periods
