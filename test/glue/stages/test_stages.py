"""What the two stages ask of the engine."""

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest
from datalake.engine import parallel as in_order
from datalake.engine.contract import Contract
from datalake.engine.dataset import Column, Dataset
from datalake.stages import csv_to_json, json_to_parquet
from datalake.worker.stage import Stage, Work

CONTRACT = Contract(1, (Column("a", "bigint"),))
LINES = b'{"a":1,"_processed_at":"2026-01-01T00:00:00.000","_schema_version":1}\n'
METADATA = {"source-key": "raw/x.csv", "source-version": "v", "schema-version": "1"}


@pytest.mark.parametrize(
    ("stage", "module", "function", "data"),
    [
        (csv_to_json.CSV_TO_JSON, csv_to_json, "convert_csv", b"a\n1\n"),
        (json_to_parquet.JSON_TO_PARQUET, json_to_parquet, "convert_json", LINES),
    ],
)
@pytest.mark.parametrize(("size", "is_large"), [(64 << 20, True), (1000, False)])
def test_a_large_object_has_all_cores(
    stage: Stage, module: Any, function: str, data: bytes, size: int, is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_order.os, "sched_getaffinity", lambda _: {0, 1, 2})  # type: ignore[attr-defined]
    convert = getattr(module, function)
    given: list[int] = []

    def watched(*arguments: Any) -> Any:
        given.extend(argument for argument in arguments if type(argument) is int)
        return convert(*arguments)

    monkeypatch.setattr(module, function, watched)
    work = SimpleNamespace(
        arrival=SimpleNamespace(size=size, customer="acme", reference="r", key="raw/d/a.csv"),
        contracts=SimpleNamespace(latest=lambda _: CONTRACT, version=lambda *_: CONTRACT, agree=lambda *_: CONTRACT),
        dataset=Dataset("d"),
        source=SimpleNamespace(open=lambda: io.BytesIO(data), metadata=METADATA),
    )
    sink = io.BytesIO()
    assert stage.convert(cast(Work, work), sink).rows_out == 1
    assert given == [3 if is_large else 1]
