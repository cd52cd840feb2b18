"""Values in an object's key are columns, where its dataset declares them."""

import json

import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Column, CsvOptions, read_datasets
from datalake.lake.keys import dataset_of_raw
from engine_harness import Lake

EU = "raw/orders/region=eu/dt=2024-01-31/a.csv"


def lake(*columns: Column, header: bool = True, drift: str = "accept") -> Lake:
    return Lake(columns, CsvOptions(header=header), drift=drift, hive_partitioning=True)


def test_folders_of_the_key_become_text_columns_behind_those_of_the_file() -> None:
    result = lake().put("id,qty\n1,5\n2,6\n", key="raw/orders/region=007/dt=2024-01-31/a.csv")
    assert result.types == {"id": "bigint", "qty": "bigint", "region": "string", "dt": "string"}
    assert result.rows == [
        {"id": 1, "qty": 5, "region": "007", "dt": "2024-01-31"},
        {"id": 2, "qty": 6, "region": "007", "dt": "2024-01-31"},
    ]
    assert {"region": "007", "dt": "2024-01-31"}.items() <= result.objects[0].items()
    assert result.csv_figures.advice == []


def test_without_the_declaration_a_folder_is_only_a_folder() -> None:
    assert Lake().put("id\n1\n", key=EU).rows == [{"id": 1}]


def test_a_declared_column_has_its_type_its_name_and_its_nulls() -> None:
    columns = Column("day", "date", header="dt"), Column("region", "string", null_if=("none",))
    result = lake(*columns).put("id\n1\n", key="raw/orders/dt=2024-01-31/region=none/a.csv")
    assert [{name: str(value) for name, value in row.items()} for row in result.rows] == [
        {"day": "2024-01-31", "region": "None", "id": "1"}
    ]


def test_a_value_that_is_no_such_type_is_rescued_and_said() -> None:
    result = lake(Column("dt", "date")).put("id\n1\n2\n", key="raw/orders/dt=latest/a.csv")
    assert result.rescued == [{"dt": "latest"}, {"dt": "latest"}]
    assert result.csv_figures.advice[0].startswith("2 values of column 'dt' are no date")


@pytest.mark.parametrize(
    ("folder", "value"),
    [
        ("city=S%C3%A3o%20Paulo%2FSP", "São Paulo/SP"),
        ("city=a=b", "a=b"),
        ("city= x ", "x"),
        ("city=", None),
        ("city=__HIVE_DEFAULT_PARTITION__", None),
    ],
)
def test_values_are_decoded_as_hive_writes_them(folder: str, value: str | None) -> None:
    result = lake(Column("city", "string")).put("id\n1\n", key=f"raw/orders/{folder}/a.csv")
    assert result.rows == [{"city": value, "id": 1}]


def test_a_column_without_any_value_is_not_added_yet() -> None:
    assert lake().put("id\n1\n", key="raw/orders/city=__HIVE_DEFAULT_PARTITION__/a.csv").types == {"id": "bigint"}


def test_year_and_month_leave_their_names_to_the_partitions() -> None:
    orders, key = lake(), "raw/orders/year=2024/month=01/a.csv"
    assert orders.put("id\n1\n", key=key).rows == orders.put("id\n1\n", key=key).rows
    assert orders.put("id\n1\n", key=key).rows == [{"id": 1, "year_": "2024", "month_": "01"}]


@pytest.mark.parametrize("column", ["region", "Region", " REGION "])
def test_a_column_in_both_key_and_file_is_refused(column: str) -> None:
    for orders in (lake(), lake(Column("region", "string"))):
        with pytest.raises(Rejected, match=r"the column 'region' is in the file and in its key, as \"region=…\": take"):
            orders.put(f"id,{column}\n1,us\n", key=EU)
    seen = lake()
    seen.put("id\n1\n", key=EU)
    with pytest.raises(Rejected, match="is in the file and in its key"):
        seen.put(f"id,{column}\n1,us\n", key=EU)


def test_a_folder_that_comes_twice_is_refused() -> None:
    with pytest.raises(Rejected, match='its key has several folders "region=…"'):
        lake().put("id\n1\n", key="raw/orders/region=eu/region=us/a.csv")


def test_a_key_without_values_is_said_or_refused() -> None:
    columns = Column("region", "string", required=True), Column("id", "int")
    result = lake(*columns).put("id\n1\n", key="raw/orders/a.csv")
    assert result.rows == [{"region": None, "id": 1}]
    assert result.csv_figures.required_nulls == {"region": 1}
    assert result.csv_figures.advice[0].startswith('its key has no folder "name=value"')
    with pytest.raises(Rejected, match='has no folder "name=value"'):
        lake(drift="reject").put("id\n1\n", key="raw/orders/a.csv")


def test_another_folder_is_a_new_column_which_drift_may_refuse() -> None:
    orders = lake(drift="reject")
    orders.put("id\n1\n", key=EU)
    with pytest.raises(Rejected, match="columns that its table lacks: 'shop'"):
        orders.put("id\n1\n", key="raw/orders/region=eu/dt=1/shop=x/a.csv")
    assert orders.put("id\n2\n", key="raw/orders/dt=2/region=us/b.csv").rows == [{"id": 2, "region": "us", "dt": "2"}]


def test_a_file_without_header_has_the_other_declared_columns_in_their_order() -> None:
    columns = Column("region", "string"), Column("id", "int"), Column("name", "string")
    result = lake(*columns, header=False).put("1,x\n2\n", key=EU)
    assert [list(row.values()) for row in result.rows] == [["eu", 1, "x", "2024-01-31"], ["eu", 2, None, "2024-01-31"]]
    assert result.csv_figures.values_rescued == 0


def test_a_value_in_the_key_does_not_vouch_for_the_header() -> None:
    orders = lake()
    orders.put("id\n1\n", key=EU)
    result = orders.put("7,8\n9,10\n", key=EU)
    assert [*result.types] == ["id", "region", "dt"]
    assert result.rows == [{"id": None, "region": "eu", "dt": "2024-01-31"}]
    assert result.csv_figures.advice[0].startswith("the file has no column in common with its table")


def test_declared_key_columns_do_not_make_a_first_header_doubtful() -> None:
    assert lake(Column("region", "string")).put("id\n1\n", key=EU).csv_figures.advice == []


def test_short_and_long_rows_of_large_files_keep_their_places() -> None:
    text = "id,name\n" + f"1,{'x' * 500}\n2\n3,y,z\n" * 5_000
    one, three = (lake().put(text, key=EU, threads=threads) for threads in (1, 3))
    assert one.text == three.text
    assert one.column("region") == ["eu"] * 15_000
    assert one.csv_figures.rows_short == one.csv_figures.values_rescued == 5_000


def test_the_declaration_is_read() -> None:
    declared = read_datasets(json.dumps({"orders": {"hivePartitioning": True}, "x": {}}))
    assert [dataset.hive_partitioning for dataset in declared.values()] == [True, False]
    assert dataset_of_raw(EU) == "orders"
