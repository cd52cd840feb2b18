"""Real CSV files go in, and a query returns each of their rows exactly once."""

import csv
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from demo.arrived import Arrived
from demo.check import problems
from demo.deploy import QUICKSTART
from demo.inputs import bucket_name
from demo.lake import Lake
from demo.query import quoted
from demo.run import VEGA_DATASETS
from tenacity import retry, stop_after_delay, wait_fixed


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file by column name."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        names = [column_name(name) for name in next(reader)]
        for fields in reader:
            yield dict(zip(names, fields, strict=True))


def column_name(header: str) -> str:
    """Lower snake case. `year` and `month` are reserved for the partition."""
    name = re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")
    return f"{name}_" if name in ("year", "month") else name


def date_formats(customer: str, table: str) -> dict[str, str]:
    """Date formats by column, as far as the quickstart declares them."""
    for declared in json.loads((QUICKSTART / "customers.json").read_text()):
        for dataset in declared.get("datasets", []) if declared["customerId"] == customer else []:
            if dataset["name"] == table:
                return {column["name"]: column["format"] for column in dataset["columns"] if "format" in column}
    return {}


def is_same(text: str, value: object, rescued: Mapping[str, str], column: str, form: str | None) -> bool:
    """True if a value equals the text after the documented cleanup: trimmed, and empty becomes null."""
    text = text.strip()
    if value is None:
        return text == rescued.get(column, "")
    match value:
        case bool():
            return text.lower() == str(value).lower()
        case int() | float() | Decimal():
            return type(value)(text) == value
        case datetime.datetime():
            return text.replace(" ", "T") == value.isoformat()
        case datetime.date():
            return datetime.datetime.strptime(text, form or "%Y-%m-%d").date() == value
    return text == value


@pytest.mark.parametrize("path", sorted(VEGA_DATASETS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_row_of_a_file_is_in_its_table_once(arrived: Arrived, path: Path) -> None:
    file, journey = arrived.of(path.name)
    assert journey.processed is not None
    table = journey.processed.attributes["dataset"]
    formats = date_formats(file.customer, table)

    names, found = arrived.catalogs[file.customer].sql(
        f"SELECT * FROM {quoted(table)} WHERE _source_version = ?",  # noqa: S608
        [journey.upload.version],
    )

    expected = list(rows_of(path))
    assert len(found) == len(expected)
    for row, texts in zip(found, expected, strict=True):
        values = dict(zip(names, row, strict=True))
        rescued = json.loads(values["_rescued_data"] or "{}")
        different = {
            name: (text, values[name])
            for name, text in texts.items()
            if not is_same(text, values[name], rescued, name, formats.get(name))
        }
        assert not different


def test_leading_zeros_stay(arrived: Arrived) -> None:
    file, _ = arrived.of("zipcodes.csv")

    answer = arrived.catalogs[file.customer].sql("SELECT zip_code FROM zipcodes ORDER BY 1 LIMIT 1")

    assert answer == (["zip_code"], [("00501",)])


def test_files_of_one_dataset_with_different_columns_are_one_table(arrived: Arrived) -> None:
    file, _ = arrived.of("weather.csv")

    _, rows = arrived.catalogs[file.customer].sql("SELECT location, count(*) FROM weather GROUP BY 1 ORDER BY 1")

    assert rows == [("New York", 1461), ("Seattle", 1461), (None, 1461)]


def test_the_demo_would_find_nothing_wrong(arrived: Arrived) -> None:
    found = problems(arrived, known_good=True)

    assert list(found) == []


def test_the_manifest_leads_from_the_upload_to_the_parquet_object(arrived: Arrived, lake: Lake) -> None:
    _, journey = arrived.of("airports.csv")
    assert journey.raw is not None
    assert journey.processed is not None

    assert journey.raw.outputs == (journey.processed.key,)
    (parquet,) = journey.processed.outputs
    head = lake.s3.head_object(Bucket=bucket_name(journey.upload.customer), Key=parquet)
    assert head["Metadata"]["rows"] == "3376"
    assert (
        journey.raw.rows_in == journey.raw.rows_out == journey.processed.rows_in == journey.processed.rows_out == 3376
    )


def test_objects_of_every_layer_are_tagged(arrived: Arrived, lake: Lake) -> None:
    _, journey = arrived.of("airports.csv")
    assert journey.raw is not None
    assert journey.processed is not None

    keys = {
        "raw": journey.upload.key,
        "processed": journey.processed.key,
        "analytics-ready": journey.processed.outputs[0],
    }
    for layer, key in keys.items():
        answer = lake.s3.get_object_tagging(Bucket=bucket_name(journey.upload.customer), Key=key)
        tags = {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
        assert tags["layer"] == layer
        assert tags["customer"] == journey.upload.customer
        assert {"file-type", "uploaded-at", "schema-version"} <= set(tags)


def test_a_file_that_was_cut_short_is_rejected_with_its_reason(arrived: Arrived, lake: Lake) -> None:
    _, journey = arrived.of("cut-short.csv.gz")

    assert journey.status == "REJECTED"
    assert journey.raw is not None
    assert journey.raw.reason
    (letter,) = [letter for letter in lake.dead_letters() if letter.key == journey.upload.key]
    assert journey.raw.reason in letter.attributes.values()


@pytest.mark.usefixtures("arrived")
def test_the_dead_letter_alarm_rings(lake: Lake, notices_url: str) -> None:
    @retry(stop=stop_after_delay(60), wait=wait_fixed(0.5), reraise=True)
    def notice() -> dict[str, str]:
        messages = lake.sqs.receive_message(QueueUrl=notices_url).get("Messages", [])
        alarms = [json.loads(json.loads(message["Body"])["Message"]) for message in messages]
        return next(alarm for alarm in alarms if alarm["NewStateValue"] == "ALARM" and "Dead" in alarm["AlarmName"])

    alarm = notice()

    (state,) = lake.client("cloudwatch").describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
    assert state["StateValue"] == "ALARM"
