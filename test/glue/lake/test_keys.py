"""The names of outputs."""

from datetime import UTC, datetime

import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import ROOT_DATASET
from datalake.lake import keys
from hypothesis import given
from hypothesis import strategies as st

PARTITION = "year=2026/month=02"
#: S3 takes any text, in up to 1,024 bytes.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=1000).filter(lambda text: len(text.encode()) <= 1000)
RAW_KEYS = NAMES.map(lambda name: f"raw/{name}")


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        ("raw/a.csv", ROOT_DATASET),
        ("raw/orders/a.csv", "orders"),
        ("raw/orders/2026/eu/a.csv", "orders"),
        ("raw/orders_2/a.csv", "orders_2"),
        ("raw/Orders/a.csv", "orders"),
        ("raw/ORDERS_2/x/a.csv", "orders_2"),
        ("raw/\u212aey/a.csv", ROOT_DATASET),
        ("raw/2026/a.csv", ROOT_DATASET),
        ("raw/big-orders/a.csv", ROOT_DATASET),
        ("raw/analytics_ready/a.csv", ROOT_DATASET),
        ("raw//a.csv", ROOT_DATASET),
        (f"raw/{'a' * 256}/a.csv", ROOT_DATASET),
    ],
)
def test_the_first_folder_is_the_dataset_if_a_table_can_have_its_name(key: str, dataset: str) -> None:
    assert keys.dataset_of_raw(key) == dataset


@pytest.mark.parametrize(
    "key",
    [
        "raw/orders/_SUCCESS",
        "raw/_committed_4217",
        "raw/orders/_started_4217",
        "raw/orders/_temporary/0/task/part-0.csv",
        "raw/orders/.part-0.csv.crc",
        "raw/.DS_Store",
        "raw/._orders.csv",
        "raw/.hidden/a.csv",
    ],
)
def test_what_tools_leave_beside_data_is_hidden(key: str) -> None:
    assert keys.is_hidden(key)


@pytest.mark.parametrize(
    "key", ["raw/a.csv", "raw/_orders.csv", "raw/_a/b.csv", "raw/orders/part-0.csv", "raw/a_SUCCESS", "raw/a.b/c"]
)
def test_what_people_upload_is_not_hidden(key: str) -> None:
    assert not keys.is_hidden(key)


@pytest.mark.parametrize(
    ("key", "processed"),
    [
        ("raw/a.csv", "processed/year=2026/month=02/a-6fe166ca1a62.json"),
        ("raw/orders/x/b.CSV.gz", "processed/orders/year=2026/month=02/b-0d7f3d0a1f71.json"),
        ("raw/_a: b%.csv", "processed/year=2026/month=02/a_b_-97c19302caa3.json"),
        ("raw/orders/.csv", "processed/orders/year=2026/month=02/file-5627d594b5a3.json"),
    ],
)
def test_the_key_of_an_output_never_changes(key: str, processed: str) -> None:
    assert keys.processed_key(key, PARTITION) == processed


@given(RAW_KEYS)
def test_every_key_has_outputs_that_s3_takes_and_query_engines_see(key: str) -> None:
    processed = keys.processed_key(key, PARTITION)
    parquet = keys.analytics_key(processed)

    assert len(parquet.encode()) <= 1024
    name = parquet.rsplit("/", 1)[-1]
    assert not name.startswith(("_", "."))
    assert not set(" :%?#\\\n") & set(name)
    assert keys.dataset_of_processed(processed) == keys.dataset_of_raw(key)
    assert keys.year_of(processed) == 2026


@given(RAW_KEYS, RAW_KEYS)
def test_no_two_keys_share_an_output(one: str, other: str) -> None:
    same = keys.processed_key(one, PARTITION) == keys.processed_key(other, PARTITION)

    assert same == (one == other)


def test_a_parquet_object_lies_beside_the_others_of_its_table() -> None:
    assert keys.analytics_key("processed/orders/year=2026/month=02/a-1.json") == (
        "analytics-ready/orders/year=2026/month=02/a-1.parquet"
    )
    assert keys.table_location("bucket", "orders") == "s3://bucket/analytics-ready/orders/"
    assert keys.table_location("bucket", ROOT_DATASET) == "s3://bucket/analytics-ready/"


@pytest.mark.parametrize(
    "key", ["processed/a.json", "processed/year=2026/a.json", "processed/a/b/year=2026/month=01/a.json"]
)
def test_an_object_that_process_csv_has_not_made_is_rejected(key: str) -> None:
    assert keys.dataset_of_processed(key) == ROOT_DATASET
    with pytest.raises(Rejected, match="no output of process_csv: upload a CSV file under raw/"):
        keys.analytics_key(key)


def test_a_month_has_two_digits() -> None:
    assert keys.partition_of(datetime(2026, 2, 28, tzinfo=UTC)) == "year=2026/month=02"


@pytest.mark.parametrize(
    ("key", "kind"),
    [("raw/a.csv", "csv"), ("raw/a.CSV.gz", "csv"), ("raw/a", ""), ("raw/x.y/a", ""), ("raw/a.c$v", "")],
)
def test_the_type_of_a_file_is_the_end_of_its_name(key: str, kind: str) -> None:
    assert keys.file_type(key) == kind
