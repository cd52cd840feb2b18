"""Both conversions together: what a CSV file becomes in JSON lines and in Parquet."""

import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, BinaryIO

import pytest
from datalake.engine import convert_csv, convert_json
from datalake.engine.contract import Contract, evolve
from datalake.engine.conversion import Rejected
from datalake.engine.csv import file as csv_input
from datalake.engine.dataset import Column, CsvOptions, Dataset
from engine_harness import PROCESSED_AT, Lake


def test_a_row_as_a_json_line() -> None:
    text = 'Customer ID,Größe,when,on,price,note\n007,1.50,2024-01-02 03:04:05,2024-01-02,12,"say ""ü"""\n'
    lake = Lake([Column("price", "decimal(10,2)")])
    assert lake.put(text).text == (
        '{"customer_id":"007","grosse":1.50,"when":"2024-01-02T03:04:05","on":"2024-01-02","price":"12",'
        '"note":"say \\"ü\\"","_processed_at":"2026-02-03T04:05:06.789","_schema_version":1}\n'
    )


def test_lines_are_written_by_a_mebibyte_at_most() -> None:
    sizes = list[int]()

    class Sink(io.BytesIO):
        def write(self, data: Any) -> int:
            sizes.append(len(data))
            return super().write(data)

    text, sink = b"a,b\n" + b"1,some text\n" * 60_000, Sink()
    convert_csv(lambda: io.BytesIO(text), sink, Dataset("d"), lambda seen: evolve(None, (), seen), PROCESSED_AT)
    assert max(sizes) == 1 << 20
    assert sink.getvalue().count(b'"a":1,"b":"some text"') == 60_000


def test_a_row_in_parquet() -> None:
    (row,) = Lake().put("id,name\n1,Zoë\n").table.to_pylist()
    assert row == {
        "id": 1,
        "name": "Zoë",
        "_rescued_data": None,
        "_processed_at": PROCESSED_AT.replace(tzinfo=None),
        "_schema_version": 1,
        "_source_file": "raw/ü.csv",
        "_source_version": "v1",
    }


def test_the_time_of_processing_is_utc() -> None:
    sink = io.BytesIO()
    at = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    convert_csv(lambda: io.BytesIO(b"a\n1\n"), sink, Dataset("d"), lambda seen: evolve(None, (), seen), at)
    assert json.loads(sink.getvalue())["_processed_at"] == "2025-12-31T23:00:00.000"


def test_the_cleanup_trims_and_empties_are_null() -> None:
    result = Lake().put('a,b,c\n"  x  y ",\u00a0,""\n,,\n')
    assert result.rows == [{"a": "x  y"}, {"a": None}]
    assert result.csv_figures.rows_out == 2
    assert result.csv_figures.values_rescued == 0


def test_what_does_not_fit_is_rescued_as_it_stands_in_the_file() -> None:
    lake = Lake([Column("a", "int"), Column("b", "date")])
    result = lake.put('a,b,c\n" 1,5 ","say ""x""\n",y\n2,2024-01-01,z\n')
    assert result.rows == [
        {"a": None, "b": None, "c": "y"},
        {"a": 2, "b": datetime(2024, 1, 1).date(), "c": "z"},
    ]
    assert result.rescued == [{"a": " 1,5 ", "b": 'say "x"\n'}, None]
    assert result.csv_figures.values_rescued == 2
    assert result.csv_figures.rescued_by_column == {"a": 1, "b": 1}


def test_fields_beyond_the_header_are_rescued() -> None:
    result = Lake().put("a,b\n1,x,more, \n2\n3,y,,\n")
    assert result.rows == [{"a": 1, "b": "x"}, {"a": 2, "b": None}, {"a": 3, "b": "y"}]
    assert result.rescued == [{"_surplus": ["more", " "]}, None, None]
    assert result.csv_figures.rescued_by_column == {"_surplus": 1}


def test_nulls_of_required_columns_are_counted_and_the_rows_stay() -> None:
    lake = Lake(
        [Column("a", "int", required=True), Column("b", "string", required=True), Column("c", "int", required=True)]
    )
    result = lake.put("a,b\n1,x\nx,y\n,z\n")
    assert result.csv_figures.required_nulls == {"a": 2, "c": 3}
    assert result.csv_figures.rows_out == result.table.num_rows == 3


def test_a_file_without_header_takes_the_declared_names() -> None:
    lake = Lake([Column("id", "int"), Column("name", "string")], CsvOptions(header=False))
    assert lake.put("1,x,true\n").rows == [{"id": 1, "name": "x", "column_3": True}]
    assert Lake(csv=CsvOptions(header=False)).put("1,x\n").rows == [{"column_1": 1, "column_2": "x"}]


@pytest.mark.parametrize("text", ["a,b\n", "a,b"])
def test_a_header_alone_makes_no_rows_and_no_columns(text: str) -> None:
    result = Lake().put(text)
    assert result.text == ""
    assert result.table.num_rows == result.json_figures.rows_out == 0
    assert result.contract == Contract(1, ())


def test_year_and_month_belong_to_the_partitions() -> None:
    assert Lake().put("year,Month\n2024,1\n").rows == [{"year_": 2024, "month_": 1}]


def test_the_contract_is_agreed_on_once_with_new_columns_and_headers_only() -> None:
    asked: list[Sequence[Column]] = []

    def agree(observed: Sequence[Column]) -> Contract:
        asked.append(observed)
        return evolve(known, dataset.columns, observed)

    dataset = Dataset("d", (Column("declared", "int"),))
    data = b"known,new,declared,empty\n1,2,3,\n"
    known = Contract(4, (Column("known", "string", header="known"),))
    done = convert_csv(lambda: io.BytesIO(data), io.BytesIO(), dataset, agree, PROCESSED_AT, known)
    assert asked == [[Column("new", "bigint"), Column("declared", "int")]]
    assert [column.header for column in asked[0]] == ["new", "declared"]
    assert done.schema_version == 5


def test_another_file_may_have_settled_the_type_meanwhile() -> None:
    settled, sink = Contract(2, (Column("a", "date"),)), io.BytesIO()
    done = convert_csv(lambda: io.BytesIO(b"a\n1\n2024-01-01\n"), sink, Dataset("d"), lambda _: settled, PROCESSED_AT)
    rows = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [row.get("a") for row in rows] == [None, "2024-01-01"]
    assert done.rescued_by_column == {"a": 1}


def test_a_contract_that_lacks_an_observed_column_loses_no_data_silently() -> None:
    with pytest.raises(LookupError, match="a"):
        convert_csv(lambda: io.BytesIO(b"a\n1\n"), io.BytesIO(), Dataset("d"), lambda _: Contract(1, ()), PROCESSED_AT)


class Opened:
    """A source that counts how often it is opened and whether it is closed."""

    def __init__(self, data: bytes) -> None:
        self._data, self.files = data, list[BinaryIO]()

    def __call__(self) -> BinaryIO:
        self.files.append(io.BytesIO(self._data))
        return self.files[-1]


LARGE = b"a,b\n" + b"1,some text\n" * 200_000


@pytest.mark.parametrize(
    ("data", "declared", "times"),
    [
        (b"a,b\n1,x\n", (), 1),
        (LARGE, (), 2),
        (LARGE, (Column("a", "int"), Column("b", "string")), 1),
    ],
    ids=["small", "large", "declared"],
)
def test_a_source_is_read_again_only_for_types_that_are_unknown(
    data: bytes, declared: tuple[Column, ...], times: int
) -> None:
    source, dataset = Opened(data), Dataset("d", declared)
    done = convert_csv(source, io.BytesIO(), dataset, lambda seen: evolve(None, declared, seen), PROCESSED_AT)
    assert len(source.files) == times
    assert all(file.closed for file in source.files)
    assert (done.rows_in, done.bytes_in) == (data.count(b"\n") - 1, len(data))


def test_a_type_is_inferred_from_the_last_value_too() -> None:
    data = b"a,b,c\n" + b"1,2,\n" * 400_000 + b"x,2.5,true\n"
    result = Lake().put(data)
    assert result.types == {"a": "string", "b": "double", "c": "boolean"}
    assert result.csv_figures.values_rescued == 0
    assert result.column("a")[-2:] == ["1", "x"]


def test_figures_of_a_packed_file() -> None:
    packed = gzip.compress(b"a\n1\n2\n")
    result = Lake().put(packed)
    assert result.csv_figures.bytes_in == len(packed)
    assert result.csv_figures.rows_in == result.csv_figures.rows_out == result.json_figures.rows_in == 2
    assert result.json_figures.bytes_in == len(result.text)
    assert (result.json_figures.rescued_by_column, result.json_figures.required_nulls) == ({}, {})


@pytest.mark.parametrize("block_bytes", [64, 1 << 20])
def test_uneven_rows_and_misfits_far_into_a_file(block_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK_BYTES", block_bytes)
    rows = [f"{number},x" + ",y" * (number % 100 == 7) for number in range(3000)]
    rows[2500] = "oops"
    result = Lake([Column("a", "int")]).put("\n".join(["a,b", *rows]))
    assert result.column("a") == [None if number == 2500 else number for number in range(3000)]
    places = [place for place, rescued in enumerate(result.rescued) if rescued]
    assert places == sorted([*range(7, 3000, 100), 2500])


def test_memory_that_arrow_frees_stays_with_the_process() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIMALLOC_")}
    environment |= {"MIMALLOC_VERBOSE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = (sys.executable, "-c", "import datalake.worker.worker")
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr
    delays = re.findall(r"'purge_delay': (-?\d+)", told)
    if not delays:
        pytest.skip("the allocator of pyarrow 17 has no such option")
    assert delays[-1] == "-1"


def test_five_thousand_columns() -> None:
    text = ",".join(f"c{column}" for column in range(5000)) + "\n" + (",".join(["1"] * 5000) + "\n") * 10
    result = Lake().put(text)
    assert result.rows == [{f"c{column}": 1 for column in range(5000)}] * 10


def test_json_lines_of_another_contract_are_refused() -> None:
    with pytest.raises(Rejected, match="upload the CSV again"):
        convert_json(lambda: io.BytesIO(b'{"b":1}\n'), io.BytesIO(), Contract(1, (Column("a", "int"),)), "raw/x", "v")


def test_json_lines_of_an_older_version_get_the_newer_types() -> None:
    lake, sink = Lake(), io.BytesIO()
    older = lake.put("a\n1\n").text.encode()
    newer = lake.put("a,b\n2,x\n").contract
    done = convert_json(lambda: io.BytesIO(older), sink, newer, "raw/x", "v")
    assert (done.rows_out, done.schema_version) == (1, 2)


@pytest.mark.parametrize(
    ("known", "later", "wider"),
    [("1", "1.5", "double"), ("1", "x", "string"), ("2024-01-01", "soon", "string"), ("true", "1", "string")],
)
def test_what_to_declare_so_that_rescued_values_fit(known: str, later: str, wider: str) -> None:
    lake = Lake()
    assert lake.put(f"a,b\n{known},x\n").csv_figures.advice == []
    (advice,) = lake.put(f"a,b\n{later},x\n{known},y\n").csv_figures.advice
    assert advice.startswith(f"1 values of column 'a' are no {lake.contract and lake.contract.columns[0].type}:")
    assert advice.endswith(f"is declared as {wider}")


@pytest.mark.parametrize("declared", [(), (Column("id", "int", required=True), Column("at", "timestamp"))])
def test_threads_make_the_same_output(declared: tuple[Column, ...]) -> None:
    rows = [f'{number},2024-01-01,"x ""{number}"",\né",{number / 7!r}' for number in range(20_000)]
    rows[15_000:15_003] = ["oops,oops,oops,oops", "", "1,2,3,4,5,6"]
    data = "".join(f"{row}\n" for row in ["id,at,text,value", *rows]).encode() * 3
    contracts: list[Contract] = []
    made = []

    def agree(columns: Sequence[Column]) -> Contract:
        contracts.append(evolve(None, declared, columns))
        return contracts[-1]

    for threads in (1, 3):
        lines, parquet = io.BytesIO(), io.BytesIO()
        done = convert_csv(
            lambda: io.BytesIO(data), lines, Dataset("d", declared), agree, PROCESSED_AT, threads=threads
        )
        text = lines.getvalue()
        convert_json(partial(io.BytesIO, text), parquet, contracts[-1], "raw/x", "v", threads)
        made.append((done, text, parquet.getvalue()))
    assert made[0] == made[1]
    assert made[0][0].values_rescued > 0
