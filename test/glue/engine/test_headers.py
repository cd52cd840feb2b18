"""A column follows its header, in any order of the columns and with any of them missing."""

import time
from collections.abc import Sequence

import pytest
from datalake.engine.contract import Contract, evolve
from datalake.engine.dataset import Column, CsvOptions, Dataset
from datalake.engine.headers import column_names, match
from engine_harness import Lake
from hypothesis import given, settings
from hypothesis import strategies as st

LONG = "x" * 200


def test_headers_of_one_normalised_name_never_trade_places() -> None:
    lake = Lake()
    assert lake.put("Item,Change,Change %\nA,15.5,3.1\n").rows == [{"item": "A", "change": 15.5, "change_2": 3.1}]
    assert lake.put("Item,Change %,Change\nA,2.2,11.5\n").rows == [{"item": "A", "change": 11.5, "change_2": 2.2}]
    assert lake.put("Item,Change %\nA,7.7\n").rows == [{"item": "A", "change": None, "change_2": 7.7}]
    assert lake.contract
    assert lake.contract.version == 1


@pytest.mark.parametrize(("one", "other"), [("Status", "status"), (f"{LONG} one", f"{LONG} other"), ("a b", "a_b")])
def test_headers_that_are_almost_alike_are_two_columns(one: str, other: str) -> None:
    lake = Lake()
    first = lake.put(f"{one},{other}\n1,2\n")
    assert list(lake.put(f"{other},{one}\n2,1\n").types) == list(first.types)
    assert lake.put(f"{other},{one}\n2,1\n").rows == first.rows
    (row,) = lake.put(f"{other},x\n2,\n").rows
    assert [*row.values()] == [None, 2]


def test_a_header_that_is_written_otherwise_is_the_same_column_where_there_is_no_doubt() -> None:
    lake = Lake()
    lake.put("Unit Price,id\n1.5,1\n")
    assert lake.put("UNIT_PRICE,ID\n2.5,2\n").rows == [{"unit_price": 2.5, "id": 2}]
    assert lake.put("unit price,Unit-Price,id\n3.5,4.5,3\n").rows == [
        {"unit_price": None, "id": 3, "unit_price_2": 3.5, "unit_price_3": 4.5}
    ]


def test_a_header_that_could_be_either_of_two_columns_is_neither() -> None:
    lake = Lake()
    lake.put("Change,Change %\n1,2\n")
    assert lake.put("CHANGE\n3\n").csv_figures.advice[0].startswith("the file has no column in common")
    assert lake.put("CHANGE,Change\n3,4\n").rows == [{"change": 4, "change_2": None, "change_3": 3}]


def test_a_text_that_a_file_has_twice_follows_its_position() -> None:
    lake = Lake()
    lake.put("id,id,a\n1,2,x\n")
    assert lake.put("a,id,id\ny,3,4\n").rows == [{"id": 3, "id_2": 4, "a": "y"}]


def test_a_column_without_values_counts_among_those_of_its_text() -> None:
    lake = Lake()
    assert lake.put("id,id,id\n1,,3\n").rows == [{"id": 1, "id_3": 3}]
    assert lake.put("id,id,id\n1,,3\n").rows == [{"id": 1, "id_3": 3}]
    assert lake.put("id,id,id\n4,5,6\n").rows == [{"id": 4, "id_3": 6, "id_2": 5}]


def test_declared_columns_of_one_text_follow_their_order() -> None:
    lake = Lake([Column("first", "bigint", header="id"), Column("id", "bigint")])
    assert lake.put("id,id\n1,2\n").rows == [{"first": 1, "id": 2}]


def test_a_declaration_says_which_header_a_column_comes_from() -> None:
    lake = Lake([Column("percentage", "double", header="Change %"), Column("change", "double")])
    assert lake.put("Change %,Change\n1,2\n").rows == [{"percentage": 1.0, "change": 2.0}]
    assert lake.put("Change,Change %\n2,1\n").rows == [{"percentage": 1.0, "change": 2.0}]


def test_a_declared_header_counts_more_than_the_one_that_the_contract_knows() -> None:
    lake = Lake()
    lake.put("price,Preis\n1,2\n")
    lake.columns = [Column("price", "bigint", header="Preis")]
    assert lake.put("Preis\n3\n").rows == [{"price": 3, "preis": None}]


def test_a_declared_column_keeps_the_header_of_the_first_file_that_has_it() -> None:
    lake = Lake([Column("change", "double"), Column("later", "int")])
    lake.put("Change %\n1\n")
    assert lake.contract
    assert [column.header for column in lake.contract.columns] == ["Change %", None]
    assert lake.put("Later,Change,Change %\n5,2,1\n").rows == [{"change": 1.0, "later": 5, "change_2": 2}]
    assert [column.header for column in lake.contract.columns] == ["Change %", "Later", "Change"]


def test_a_contract_without_headers_is_read_by_the_names() -> None:
    lake = Lake(contract=Contract.from_dict({"schema_version": 1, "columns": [{"name": "a", "type": "bigint"}]}))
    assert lake.put("A,b\n1,2\n").rows == [{"a": 1, "b": 2}]


def test_headers_survive_the_contracts_own_writing() -> None:
    contract = evolve(None, [], [Column("a", "int", header="A %"), Column("b", "int")])
    again = Contract.from_dict(contract.to_dict())
    assert [column.header for column in again.columns] == ["A %", None]
    assert "header" not in contract.to_dict()["columns"][1]


def test_another_object_may_have_given_a_name_to_another_header_meanwhile() -> None:
    first = Lake()
    first.put("Item,Change,Change %\nA,15.5,3.1\n")
    late = Lake(contract=first.contract)
    assert late.put("Item,Change %,Change\nA,2.2,11.5\n", known=False).rows == [
        {"item": "A", "change": 11.5, "change_2": 2.2}
    ]


def test_other_columns_may_be_added_while_a_file_is_looked_at() -> None:
    first = Lake()
    first.put("Change\n1\n")
    late = Lake(contract=first.contract)
    assert late.put("Change %,Change\n2,3\n", known=False).rows == [{"change": 3, "change_2": 2}]
    assert late.contract
    assert [column.header for column in late.contract.columns] == ["Change", "Change %"]


def test_a_file_without_header_leaves_the_headers_alone() -> None:
    lake = Lake([Column("id", "int")], CsvOptions(header=False))
    lake.put("1,x\n")
    assert lake.contract
    assert [column.header for column in lake.contract.columns] == [None, None]


TEXTS = st.sampled_from(["a", "A", "a ", "a_2", "a %", "%", "", "year", "Year", "x" * 300, "x" * 299])


@given(st.lists(st.lists(TEXTS, max_size=6), min_size=1, max_size=4))
@settings(max_examples=500)
def test_a_text_that_each_file_has_once_means_one_column_in_all_of_them(headers: Sequence[Sequence[str]]) -> None:
    contract: Contract | None = None
    meant: dict[str, str] = {}
    for header in headers:
        columns = contract.columns if contract else ()
        names = match(header, columns)
        assert len(names) == len(set(names)) == len(header)
        contract = evolve(
            contract,
            Dataset("d").columns,
            [Column(name, "int", header=text.strip() or None) for name, text in zip(names, header, strict=True)],
        )
        stripped = [text.strip() for text in header]
        for name, text in zip(names, stripped, strict=True):
            if text and stripped.count(text) == 1 and text in meant:
                assert names[stripped.index(text)] == meant[text]
            if text and stripped.count(text) == 1 and text in {column.header for column in contract.columns}:
                meant[text] = name


def test_names_take_time_in_proportion_to_the_columns() -> None:
    def seconds(columns: int) -> float:
        started = time.process_time()
        column_names(["x"] * columns)
        return time.process_time() - started

    assert seconds(64_000) < 16 * max(seconds(8_000), 0.002)
