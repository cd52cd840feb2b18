"""A file with escapes is read by Arrow if that is proved to divide it as the csv module does: with the same result."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from datalake.engine import Rejected
from datalake.engine.csv.file import CsvFile
from datalake.engine.csv.parser import CsvParser
from datalake.engine.csv.quotes import MisreadError
from datalake.engine.dataset import CsvOptions
from engine_harness import Lake, small_pieces
from hypothesis import given, settings
from hypothesis import strategies as st

PIECES = [
    "a",
    "é",
    ",",
    '"',
    '\\"',
    "\\\\",
    "\\",
    "\\N",
    "\\n",
    "\\0",
    "N",
    "\n",
    "\r\n",
    "\r",
    " ",
    '"x\\"y"',
    '""',
    "'",
]


@pytest.fixture(scope="module", autouse=True)
def _small_pieces() -> Iterator[None]:
    with small_pieces(24):
        yield


def reading(text: str, *, by_csv: bool, escapes: bool | None, **options: Any) -> Any:
    """Rows, facts and advice, or the refusal; and whether Arrow was let read it."""
    try:
        file = CsvFile(lambda: io.BytesIO(text.encode()), CsvOptions(delimiter=",", **options), escapes=escapes)
        file._is_unproved |= by_csv
        rows = []
        for block in file.map(lambda block: block):
            columns = [[value or "" for value in column.to_pylist()] for column in block.columns]
            rows += [[*row, *block.surplus.get(place, [])] for place, row in enumerate(zip(*columns, strict=True))]
    except (Rejected, MisreadError) as error:
        return str(error)
    return rows, {name: fact for name, fact in file.found.items() if name != "line_ends"}, file.advice


@given(
    st.lists(st.sampled_from(PIECES), max_size=40),
    st.sampled_from(['a,b\n1,"say \\"hi\\""\n', "a\n1\n", 'a,b,c\n,"\\"",\\N\n']),
    st.sampled_from([{"escape": "\\"}, {"escape": "\\", "quote": ""}, {"escape": "\\", "quote": "'"}, {}]),
)
@settings(max_examples=300, deadline=None)
def test_both_ways_lead_to_the_same_rows(pieces: Sequence[str], begin: str, options: dict[str, Any]) -> None:
    text, escapes = begin + "".join(pieces), None if options else True
    wanted = reading(text, by_csv=True, escapes=escapes, **options)
    assert reading(text, by_csv=False, escapes=escapes, **options) == wanted


ROW = '7,"say \\"hi\\", C:\\\\dir\\\\",\\N,"a\\nb\\0",x\\y,\n'


def test_usual_escapes_need_no_csv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the csv module reads")

    monkeypatch.setattr(CsvParser, "_by_csv", refuse)
    monkeypatch.setattr(CsvParser, "counted", refuse)
    rows = Lake(csv=CsvOptions(escape="\\")).put("a,b,c,d,e,f\n" + ROW * 50).rows
    assert [list(row.values()) for row in rows] == [[7, 'say "hi", C:\\dir\\', "a\nb\0", "xy"]] * 50


@pytest.mark.parametrize(("row", "value"), [("7,a\\,b\n", "a,b"), ('7,\\"x\n', '"x'), ("7,a\\\nb\n", "a\nb")])
def test_escapes_that_divide_fields_are_read_by_the_csv_module(row: str, value: str) -> None:
    rows = Lake(csv=CsvOptions(escape="\\")).put("a,b\n" + '1,"\\"x\\""\n' * 50 + row).rows
    assert rows[-1] == {"a": 7, "b": value}
    assert len(rows) == 51
