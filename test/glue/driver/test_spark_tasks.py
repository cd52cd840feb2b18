"""The Spark session of the driver."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datalake.driver.spark_tasks import SparkTasks
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.worker.worker import Settings
from lake_harness import Lake

AWSGLUE = """
made = []

class GlueContext:
    def __init__(self, spark_context):
        made.append(spark_context)
"""


@pytest.fixture
def tasks(lake: Lake, spark: Any) -> Any:  # noqa: ARG001
    return lambda: SparkTasks(CSV_TO_JSON, Settings(lake.arguments(), 60))


@pytest.fixture
def awsglue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stand-in for the library that only Glue has."""
    (package := tmp_path / "awsglue").mkdir()
    (package / "__init__.py").touch()
    (package / "context.py").write_text(AWSGLUE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("awsglue", "awsglue.context"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("awsglue")
def test_glue_gets_its_context_where_it_has_one(tasks: Any, spark: Any) -> None:
    tasks()

    assert sys.modules["awsglue.context"].made == [spark.sparkContext]


def test_elsewhere_nothing_is_missing(tasks: Any) -> None:
    assert tasks().slots >= 2
    assert "awsglue" not in sys.modules
