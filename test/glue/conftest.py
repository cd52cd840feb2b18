"""A local AWS, Spark, and a lake for each test."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator.client import LocalAws
from emulator.java import java_home

ROOT = Path(__file__).parents[2]
#: Spark's workers import from here, too.
sys.path.insert(0, str(Path(__file__).parent))

from lake_harness import Lake  # noqa: E402


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS. This process and its children reach it through their environment."""
    folder = tmp_path_factory.mktemp("aws")
    with LocalAws(folder, glue_python=Path(sys.executable)) as running:
        modules = os.pathsep.join(str(ROOT / part) for part in ("glue-assets", "test/glue"))
        variables = {
            **running.environment,
            "JAVA_HOME": str(java_home(Path(sys.executable), folder / "java")),
            "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": modules,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "FAULTS": str(folder),
        }
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        yield running
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture(scope="session")
def spark(aws: LocalAws) -> Iterator[Any]:  # noqa: ARG001
    """A Spark session; the stages under test get this one."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.task.maxFailures": "1",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def lake(aws: LocalAws) -> Iterator[Lake]:  # noqa: ARG001
    """A new lake with one customer."""
    with Lake() as made:
        made.add_customer("acme")
        yield made


@pytest.fixture
def assumed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests to STS."""
    import botocore.client

    asked: list[dict[str, Any]] = []
    client: Any = botocore.client.BaseClient
    call = client._make_api_call

    def record(self: Any, operation: str, params: dict[str, Any]) -> Any:
        answer = call(self, operation, params)
        if operation == "AssumeRole":
            asked.append(params)
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", record)
    return asked
