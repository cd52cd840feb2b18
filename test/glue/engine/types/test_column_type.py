"""Each type is one record; what the records say fits together."""

import pyarrow as pa
import pytest
from datalake.engine.dataset import Column
from datalake.engine.types.column_type import INFERRED, TYPES, ColumnType, column_type
from datalake.engine.types.inference import which_are_plain

RECORDS = [*TYPES.values(), column_type("decimal(5,2)")]
PLAIN = {
    "bigint": "42",
    "int": "42",
    "double": "4.2",
    "boolean": "True",
    "date": "2024-02-29",
    "timestamp": "2024-02-29 01:02:03",
    "decimal(5,2)": "4.2",
}


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.name)
def test_a_record_is_found_by_its_name(kind: ColumnType) -> None:
    assert Column("a", kind.name).kind is kind


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if kind.write], ids=lambda kind: kind.name)
def test_a_plain_text_is_written_as_any_other_way_to_write_the_value_is(kind: ColumnType) -> None:
    text = PLAIN[kind.name]
    plain = pa.array([text])
    assert which_are_plain(plain, kind).to_pylist() == [True]
    assert kind.write is not None
    written = kind.plain_in_json(plain).to_pylist() if kind.plain_in_json else [text]
    assert written == [kind.write(text, None)]


def test_a_wider_type_is_one_that_can_be_inferred() -> None:
    assert {name for kind in RECORDS for name in kind.wider} <= {kind.name for kind in INFERRED}


@pytest.mark.parametrize(
    "name", ["decimal(39,0)", "decimal(0,0)", "decimal(2,3)", "decimal(5)", "decimal", "float", "", "int "]
)
def test_there_is_no_other_type(name: str) -> None:
    with pytest.raises(ValueError, match="unknown type"):
        Column("a", name)
