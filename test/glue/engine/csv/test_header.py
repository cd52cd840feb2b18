"""The header below titles is found by the declared columns, or its place is asked for."""

import pytest
from datalake.engine import Rejected
from datalake.engine.csv.header import SEARCHED_LINES
from datalake.engine.dataset import Column, CsvOptions
from engine_harness import Lake, Result

COLUMNS = (Column("id", "int"), Column("town", "string", header="Place"), Column("qty", "int"))
ROWS = [{"id": 1, "town": "Bern", "qty": 5}, {"id": 2, "town": "Ulm", "qty": 6}]


def put(text: str, skip_lines: int | None = None, header: bool = True, columns: tuple[Column, ...] = COLUMNS) -> Result:
    return Lake(columns, CsvOptions(skip_lines=skip_lines, header=header)).put(text)


@pytest.mark.parametrize(
    ("titles", "delimiter"),
    [
        (["Orders of May"], ","),
        (["Orders of May", "", "Source: ERP, as of 1 May"], ";"),
        (["Orders;;", "May;;"], ";"),
        (["Place", "Qty;;"], ";"),
        (['"Orders', 'of May"', ""], "\t"),
        (['5" pipes', ""], ","),
        (["Title"] * (SEARCHED_LINES - 1), "|"),
        (["", " "], ","),
        (["sep=;", "Orders of May"], ";"),
    ],
)
def test_lines_above_the_header_are_no_rows(titles: list[str], delimiter: str) -> None:
    lines = [*titles, "ID,Place,Qty", "1,Bern,5", "2,Ulm,6", ""]
    text = "\n".join([*lines[: len(titles)], *(line.replace(",", delimiter) for line in lines[len(titles) :])])
    result = put(text)
    assert result.rows == ROWS
    (advice,) = result.csv_figures.advice
    assert advice.startswith(f"the header was found in line {len(titles) + 1}, by the declared columns")
    assert f'declare "skipLines": {len(titles)} for' in advice
    assert result.csv_figures.found["header"] == f"first record below line {len(titles)}"
    again = put(text, skip_lines=len(titles))
    assert (again.rows, again.csv_figures.advice) == (ROWS, [])


@pytest.mark.parametrize("above", ["", "\n\n", "sep=,\n"])
def test_a_header_in_the_first_record_needs_no_word(above: str) -> None:
    result = put(f"{above}id,Place,qty\n1,Bern,5\n2,Ulm,6\n")
    assert result.rows == ROWS
    assert result.csv_figures.advice == []


def test_a_header_that_comes_again_is_no_second_candidate() -> None:
    assert put("Orders\nid,Place,qty\n1,Bern,5\nid,Place,qty\n2,Ulm,6\n").rows == ROWS


def test_part_of_the_declared_columns_is_enough() -> None:
    assert put("Orders\nid,Place,new\n1,Bern,x\n").rows == [{"id": 1, "town": "Bern", "qty": None, "new": "x"}]


def test_two_headers_are_refused_with_their_lines() -> None:
    with pytest.raises(Rejected, match='in line 2 or 4, which have 2 declared columns each: declare "skipLines": 1 '):
        put("Orders\nid,Place\n1,Bern\nid,qty\n2,5\n")


def test_rows_above_a_header_are_refused() -> None:
    with pytest.raises(Rejected, match=r"line 3 has 3 declared columns, but line 1 above it has as many fields"):
        put("1,Bern,5\n2,Ulm,6\nid,Place,qty\n3,Rom,7\n")
    assert put("a,b,c\n2,Ulm,6\nid,Place,qty\n1,Bern,5\n2,Ulm,6\n", skip_lines=2).rows == ROWS


@pytest.mark.parametrize(
    "text",
    [
        "x,y\nid,z\n1,2\n",  # one name may be a value
        "Orders\n" * SEARCHED_LINES + "id,Place,qty\n1,Bern,5\n",  # too far down
        "id,x,y\n1,2,3\nid,Place,qty\n",  # the first record is one
    ],
)
def test_otherwise_the_first_record_is_the_header(text: str) -> None:
    assert put(text).csv_figures.rows_in == text.count("\n") - 1


def test_a_declared_number_of_lines_is_not_doubted() -> None:
    assert put("Orders\nid,Place,qty\n1,Bern,5\n", skip_lines=0).csv_figures.rows_in == 2


def test_without_a_header_nothing_is_looked_for() -> None:
    assert put("x\nid,Place,qty\n", header=False).csv_figures.rows_in == 2


def test_rows_are_right_in_a_file_of_many_blocks() -> None:
    rows = "".join(f"{n},Bern,{n}\n" for n in range(200_000))
    result = put(f"Orders of May\n\nid,Place,qty\n{rows}")
    assert result.column("qty") == [*range(200_000)]
