"""The same call on PySpark in local mode, where Java is present: the expressions are no dialect of DuckDB's."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import funnel_analytics as fa
from books import team_book
from warehouses import ANSWERS, assert_same, written

pytestmark = pytest.mark.filterwarnings("ignore")
# The rows are few: without compiling code for them, and without comparing every plan, a query takes a second or two.
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Any]:
    """A session on this machine."""
    if shutil.which("java") is None:
        pytest.skip("Java is not present, so PySpark cannot be started")
    session = pytest.importorskip("pyspark.sql", reason="PySpark is not installed").SparkSession
    builder = session.builder.master("local[1]").config("spark.sql.warehouse.dir", str(tmp_path / "spark"))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    yield started
    started.stop()


def test_pyspark_answers_as_a_book_does(spark: Any, tmp_path: Path) -> None:
    import ibis

    book = team_book(40, seed=3)
    folder = written(book, tmp_path)
    for kind in ("snapshots", "history", "quotas"):
        spark.read.parquet(str(folder / f"{kind}.parquet")).createOrReplaceTempView(kind)
    warehouse = fa.connect(ibis.pyspark.connect(spark), as_of=book.as_of)
    # Conversion is left out for its time: Spark plans its query for longer than it runs all these.
    for name in ("time", "velocity", "changes", "weighted by stage", "ageing", "cohorts", "pacing", "coverage", "flow"):
        assert_same(ANSWERS[name](book), ANSWERS[name](warehouse))
    assert_same(fa.win_rates(book), fa.win_rates(warehouse))
    assert_same(fa.slippage(book, by="region"), fa.slippage(warehouse, by="region"))
