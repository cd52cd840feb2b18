"""The facts that an item has of a conversion, however wide the file."""

from typing import Any

from boto3.dynamodb.types import TypeSerializer
from datalake import policy
from datalake.engine import Conversion
from datalake.worker.facts import facts_of, greatest, shortened
from hypothesis import given
from hypothesis import strategies as st
from lake_harness import Lake


def done(columns: int, name: str = "c") -> Conversion:
    """Misfits in every column, the most in the last."""
    figures = {f"{name}{n}": n + 1 for n in range(columns)}
    advice = [f"column {name!r}: declare it as a string, since {'x' * 200} does not fit" for name in figures]
    return Conversion(rescued_by_column=figures, required_nulls=figures, advice=advice)


def test_a_narrow_file_says_everything() -> None:
    made = done(3)
    made.found = {"encoding": "utf-8", "records": 7}

    assert facts_of(made) == {
        "rescued_by_column": made.rescued_by_column,
        "required_nulls": made.required_nulls,
        "advice": made.advice,
        "found": {"encoding": "utf-8", "records": 7},
    }


def test_what_is_empty_is_left_out() -> None:
    assert facts_of(Conversion(rows_in=1, rows_out=1)) == {}


def test_a_wide_file_says_the_greatest_figures_and_how_much_advice_is_left_out() -> None:
    made = facts_of(done(10_000))

    columns = list(made["rescued_by_column"])
    assert columns == [f"c{n}" for n in reversed(range(10_000 - len(columns), 10_000))]
    *lines, last = made["advice"]
    assert last == f"and {10_000 - len(lines)} more"


def test_dynamodb_takes_the_item_of_a_file_with_misfits_in_2500_columns(lake: Lake) -> None:
    item = {"object": "acme#raw/a.csv", "version": "v1", **facts_of(done(2500, "ü" * 120))}

    lake.manifest.put_item(Item=item)

    assert size(item) < 200 << 10


@given(st.dictionaries(st.text(max_size=300), st.integers(0, 10**18), max_size=50), st.integers(0, 3000))
def test_nothing_is_larger_than_there_is_room(figures: dict[str, int], room: int) -> None:
    before, policy.FACT_BYTES = policy.FACT_BYTES, room
    try:
        assert size(greatest(figures)) <= room
        lines = shortened([*figures])
        assert size(lines[:-1] if lines != [*figures] else lines) <= room
    finally:
        policy.FACT_BYTES = before


def size(value: Any) -> int:
    """Bytes as DynamoDB counts them: UTF-8, up to 21 for a number, 1 more for each element."""
    return _size(TypeSerializer().serialize(value)) - 3


def _size(typed: Any) -> int:
    ((kind, value),) = typed.items()
    if kind == "M":
        return 3 + sum(len(name.encode()) + 1 + _size(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + _size(inner) for inner in value)
    return 21 if kind == "N" else len(value.encode())
