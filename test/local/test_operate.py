"""The operator's command shows a lake with failures in it, as it is."""

import json
import subprocess
from typing import Any

import pytest
from demo.arrived import Arrived
from demo.local import LocalLake
from emulator.settings import ACCOUNT, REGION

from cli.doctor import command

LAKE = ("--organization", "mycompany", "--environment", "dev")


def operate(local: LocalLake, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command(*arguments, *LAKE, environment=local.aws.environment)


def asked(local: LocalLake, *arguments: str) -> Any:
    done = operate(local, *arguments, "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def rejected(arrived: Arrived) -> tuple[str, str]:
    """Customer and key of the demo's broken file."""
    (found,) = {(j.upload.customer, j.upload.key) for j in arrived.journeys if j.status == "REJECTED"}
    return found


def test_status_counts_what_waits_runs_and_failed(local: LocalLake, arrived: Arrived) -> None:
    found = asked(local, "status")

    csv, parquet = found["stages"]
    assert (csv["stage"], parquet["stage"]) == ("ProcessCsv", "AnalyticsTransform")
    letters = [letter.stage for letter in local.lake.dead_letters()]
    assert csv["deadLetters"] == letters.count(local.lake.stages[0].name) >= len({rejected(arrived)})
    assert parquet["deadLetters"] == 0
    assert csv["lastRun"]["id"] == local.lake.runs(local.lake.stages[0])[-1]["Id"]


def test_status_exits_with_1_while_an_alarm_rings(local: LocalLake, arrived: Arrived) -> None:
    assert rejected(arrived)
    done = operate(local, "status")

    assert done.returncode == 1
    assert "ProcessCsv: objects were given up and wait in the dead-letter queue" in done.stdout


def test_history_has_a_customers_objects_the_last_updated_first(local: LocalLake, arrived: Arrived) -> None:
    customer, key = rejected(arrived)

    items = asked(local, "history", "--customer", customer, "--limit", "5000")

    updated = [item["updated_at"] for item in items]
    assert updated == sorted(updated, reverse=True)
    mine = {(item.object, item.version) for item in local.lake.manifest() if item.customer == customer}
    assert {(item["object"], item["version"]) for item in items} == mine
    (refused,) = [item for item in items if item["object"] == f"{customer}#{key}"]
    assert (refused["status"], refused["error"]["type"]) == ("REJECTED", "Rejected")


def test_history_lists_only_what_was_asked_for(local: LocalLake, arrived: Arrived) -> None:
    file, journey = arrived.of("airports.csv")
    assert journey.raw

    def keys(*options: str) -> list[str]:
        items = asked(local, "history", "--customer", file.customer, *options)
        return [item["object"].split("#", 1)[1] for item in items]

    assert file.key in keys("--status", "SUCCEEDED", "--since", "1d", "--limit", "5000")
    assert keys("--status", "SUPERSEDED", "PROCESSING", "--dataset", "airports") == []
    assert file.key in keys("--dataset", str(journey.raw.attributes["dataset"]))
    assert keys("--since", "2999-01-31") == []
    assert len(keys("--limit", "2")) == 2


def test_a_file_shows_where_it_is_and_why(local: LocalLake, arrived: Arrived) -> None:
    customer, key = rejected(arrived)

    shown = operate(local, "file", key, "--customer", customer)

    assert shown.returncode == 0
    (item,) = asked(local, "file", key, "--customer", customer)
    assert item["error"]["message"] in " ".join(shown.stdout.replace("│", " ").split()).replace("  ", " ")


def test_a_file_that_the_manifest_does_not_know(local: LocalLake) -> None:
    done = operate(local, "file", "raw/no.csv", "--customer", "acme")

    assert (done.returncode, done.stdout) == (1, "The manifest has no object raw/no.csv of acme.\n")


def test_lineage_joins_a_parquet_file_its_upload_and_its_table(local: LocalLake, arrived: Arrived) -> None:
    file, journey = arrived.of("airports.csv")
    assert journey.processed
    (parquet,) = journey.processed.outputs
    upload = journey.upload

    forward = operate(local, "lineage", upload.key, "--customer", file.customer, "--version", upload.version)
    back = operate(local, "lineage", f"s3://any/{parquet}", "--customer", file.customer)

    assert forward.returncode == 0
    for text in (upload.version, journey.processed.key, parquet, f"table mycompany_{file.customer}_dev."):
        assert text in forward.stdout
    assert back.stdout.replace("  ← asked", "") == forward.stdout.replace("  ← asked", "")
    assert f"{parquet}: SUCCEEDED, 3,376 rows  ← asked\n" in back.stdout


def test_lineage_of_a_version_that_the_object_never_had(local: LocalLake, arrived: Arrived) -> None:
    customer, key = rejected(arrived)

    done = operate(local, "lineage", key, "--customer", customer, "--version", "1")

    assert done.returncode == 1
    assert done.stdout.startswith(f"{key} has no version 1; it has ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "--organization", "nobody"), f"account {ACCOUNT} has no lake of 'nobody' in 'dev' in {REGION}"),
        (("history",), "required option '--customer <id>' not specified"),
        (("history", "--customer", "a", "--since", "soon"), "It must be 30m, 24h, 7d or a date such as 2026-01-31."),
        (("history", "--customer", "a", "--limit", "0"), "It must be a whole number from 1."),
        (("history", "--customer", "a", "--status", "LOST"), "Allowed choices are PROCESSING, RETRYING, SUCCEEDED"),
        (("lineage", "raw/a.csv", "--customer", "a", "--format", "dot"), "Allowed choices are tree, mermaid"),
        (("status", "--watch", "0"), "It must be a whole number from 1."),
    ],
)
def test_what_is_wrong_is_said_in_a_line(local: LocalLake, arguments: tuple[str, ...], said: str) -> None:
    done = command(arguments[0], *LAKE, *arguments[1:], environment=local.aws.environment)

    assert done.returncode == 2
    assert said in done.stderr
