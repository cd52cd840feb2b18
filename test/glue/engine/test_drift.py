"""Files that do not look like their dataset's table add no columns for good by themselves."""

import pytest
from datalake.engine.contract import MOST_COLUMNS, Contract, evolve
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column, CsvOptions, Dataset, read_datasets
from engine_harness import Lake


def test_a_file_without_a_column_of_its_table_adds_none() -> None:
    lake = Lake()
    lake.put("id,name\n1,x\n")
    result = lake.put("7,y\n8,z\n")
    assert result.types == {"id": "bigint", "name": "string"}
    assert result.rows == [{"id": None, "name": None}]
    assert result.rescued == [{"7": "8", "y": "z"}]
    assert result.csv_figures.values_rescued == 2
    (advice,) = result.csv_figures.advice
    assert advice.startswith("the file has no column in common with its table: all values of its own columns are in ")
    assert '"header": false' in advice
    assert lake.put("id,name,new\n2,y,z\n").types == {"id": "bigint", "name": "string", "new": "string"}


@pytest.mark.parametrize(
    "text",
    [
        "1,x\n2,y\n",
        "1,2024-01-01,5.5\n2,2024-01-02,6.5\n3,2024-01-03,7.5\n",
        "a,17\nb,18\nc,19\n",
        "true,1999,3.5\nfalse,2000,4.5\n",
    ],
)
def test_a_first_record_that_looks_like_data_adds_no_columns(text: str) -> None:
    result = Lake().put(text)
    assert result.types == {}
    assert [*(result.rescued[0] or {}).values()] == text.splitlines()[1].split(",")
    assert result.csv_figures.advice[0].startswith("the file's first record looks like data")


@pytest.mark.parametrize(
    "text",
    [
        "country,2019,2020\nCH,1,2\n",
        "2024\n7\n",
        "hour,0,1,2,3\nx,5,6,7,8\n",
        "a,1\nx,y\n",
        "name,city\nx,y\n",
        "1,n\n2,3\n",
        "2024-01-01,2024-01-02\n5,6\n",
        "a,b\n",
    ],
)
def test_a_header_may_have_numbers(text: str) -> None:
    result = Lake().put(text)
    assert result.csv_figures.advice == []
    assert result.csv_figures.values_rescued == 0


def test_a_declaration_that_there_is_no_header_leaves_no_doubt() -> None:
    lake = Lake(csv=CsvOptions(header=False))
    lake.put("1,x\n")
    assert lake.put("2,y\n").rows == [{"column_1": 2, "column_2": "y"}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x,y\n1,2\n", r"no column in common with its table \('x', 'y'\): is the first line a header\?"),
        ("id,new\n1,2\n", "has columns that its table lacks: 'new'"),
        ("id,name\nx,y\n", "1 values do not fit, and its dataset declares 0 at most: 1 values of column 'id'"),
    ],
)
def test_a_dataset_may_refuse_what_does_not_fit(text: str, reason: str) -> None:
    lake = Lake(drift="reject", max_rescued=0)
    lake.put("id,name\n1,x\n")
    before = lake.contract
    with pytest.raises(Rejected, match=reason):
        lake.put(text)
    assert lake.contract is before
    assert lake.put("name,id\ny,2\n").rows == [{"id": 2, "name": "y"}]


def test_the_first_file_of_a_dataset_is_taken_unless_it_looks_like_data() -> None:
    assert Lake(drift="reject").put("id\n1\n").rows == [{"id": 1}]
    with pytest.raises(Rejected, match=r"first record looks like data \('1', '2024-01-01'\)"):
        Lake(drift="reject").put("1,2024-01-01\n2,2024-01-02\n")


def test_a_table_has_a_limit_of_columns() -> None:
    most = Contract(1, tuple(Column(f"c{n}", "int") for n in range(MOST_COLUMNS)))
    assert evolve(most, [], [Column("c0", "int")]) is most
    with pytest.raises(Rejected, match=rf"{MOST_COLUMNS + 1} columns .* is the first line a header\?"):
        evolve(most, [], [Column("new", "int")])


def test_a_file_of_too_many_columns_is_refused_even_if_it_would_add_none() -> None:
    lake = Lake()
    lake.put("id\n1\n")
    text = ",".join(f"{n}" for n in range(MOST_COLUMNS + 1)) + "\n" + "1," * MOST_COLUMNS + "1\n"
    with pytest.raises(Rejected, match=r"no column in common .* is the first line a header\?"):
        lake.put(text)


def test_a_contract_fits_into_an_item() -> None:
    long = [Column(f"{n:0200}", "string", header=f"{n:0200}") for n in range(900)]
    assert evolve(None, [], long).version == 1
    with pytest.raises(Rejected, match="is the first line a header"):
        evolve(None, [], [*long, *(Column(f"x{n:0199}", "string", header="é" * 100) for n in range(100))])


def test_policies_are_read_from_the_databases_parameter() -> None:
    read = read_datasets('{"a": {"drift": "reject", "maxRescued": 0}, "b": {}}')
    assert read == {"a": Dataset("a", drift="reject", max_rescued=0), "b": Dataset("b")}
