"""The integration tests on a local AWS: deployed, judged, reported on and cleaned up as in a real account."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo.deploy import ROOT
from demo.local import GLUE_PYTHON
from emulator.client import LocalAws
from emulator.testing.probe import clients
from journeys.journey import Journey, run_to_the_end

NAMES = ("default", "everything")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws"), glue_python=GLUE_PYTHON) as running:
        yield running


@pytest.fixture(scope="module")
def journeys(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Journey]:
    found = {name: Journey(aws, name, tmp_path_factory.mktemp(name)) for name in NAMES}
    first, *others = found.values()
    first.cdk.bootstrap_and_synth()
    for journey in others:
        journey.cdk.synth()
    for journey in found.values():
        journey.deploy()
        journey.start()
    run_to_the_end(aws, list(found.values()))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_journey_comes_to_the_end_that_it_expects(journeys: dict[str, Journey], name: str) -> None:
    found, expected = journeys[name].found, journeys[name].expected

    assert {each: found.get(each) for each in expected} == expected, found.get("cause")


@pytest.mark.usefixtures("journeys")
def test_the_report_finds_the_stacks_by_itself(aws: LocalAws, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "evidence", "--output", str(tmp_path)]

    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **aws.environment, "PYTHONPATH": "integ"})

    report = json.loads((tmp_path / "evidence.json").read_text())
    machines = [each for each in report["executions"] if "Journey" in each["machine"]]
    assert {each["status"] for each in machines} == {"SUCCEEDED"}
    assert len(machines) == len(NAMES)
    assert report["unread"] == []


def test_a_clean_up_leaves_nothing(aws: LocalAws, journeys: dict[str, Journey]) -> None:
    client = clients(aws)
    for journey in journeys.values():
        journey.clean_up()

    names = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    names += [database["Name"] for database in client("glue").get_databases()["DatabaseList"]]
    names += client("dynamodb").list_tables()["TableNames"]
    assert [name for name in names if not name.startswith("cdk-")] == []
