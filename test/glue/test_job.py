"""The scripts as Glue starts them: a process with arguments."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from datalake.arguments import Arguments
from lake_harness import Lake

SCRIPTS = Path(__file__).parents[2] / "glue-assets"


def argv(arguments: Arguments) -> list[str]:
    return [word for name, value in vars(arguments).items() for word in (f"--{name}", str(value))]


def start(script: str, arguments: Arguments) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPTS / script), *argv(arguments), "--JOB_ID", "j_1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell"},
    )


@pytest.mark.parametrize("script", ["process_csv.py", "analytics_transform.py"])
def test_an_unknown_queue_is_one_clear_line(lake: Lake, script: str) -> None:
    url = lake.work + "-unknown"

    out, err = (process := start(script, replace(lake.arguments(), work_queue_url=url))).communicate()

    assert process.returncode == 2
    (line,) = err.splitlines()
    assert line.startswith(f"{script}: cannot use the queue {url}: ")
    assert out == ""


@pytest.mark.parametrize("url", ["no-url", "http://127.0.0.1:1/123456789012/q"])
def test_a_queue_that_cannot_be_reached_is_one_clear_line(lake: Lake, url: str) -> None:
    _, err = (process := start("process_csv.py", replace(lake.arguments(), work_queue_url=url))).communicate()

    assert process.returncode == 2
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("script", ["process_csv.py", "analytics_transform.py"])
def test_a_run_that_succeeds_does_not_exit(lake: Lake, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [script, *argv(lake.arguments())])
    handler = signal.getsignal(signal.SIGTERM)
    try:
        runpy.run_path(str(SCRIPTS / script), run_name="__main__")
    finally:
        signal.signal(signal.SIGTERM, handler)


def test_a_missing_argument_is_one_clear_line() -> None:
    command = [sys.executable, str(SCRIPTS / "process_csv.py"), "--JOB_NAME", "job"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "--manifest_table" in line


def test_a_run_that_is_stopped_ends_in_order_and_sums_up(lake: Lake) -> None:
    process = start("process_csv.py", lake.arguments(idle_seconds=60))
    lake.upload("raw/a.csv", b"id\n1\n2\n")
    assert process.stdout
    begin, about_object = (json.loads(process.stdout.readline()) for _ in range(2))

    stopped = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate()

    assert process.returncode == 0
    assert time.monotonic() - stopped < 10
    assert begin == {"event": "run_started", "run": "jr_1", "stage": "process-csv"}
    assert (about_object["event"], about_object["object"]) == ("object", "acme#raw/a.csv")
    assert (about_object["result"], about_object["rows_out"]) == ("SUCCEEDED", 2)
    summary = json.loads(out.splitlines()[-1])
    assert (summary.pop("event"), summary.pop("seconds") > 0) == ("run_ended", True)
    assert summary == {"run": "jr_1", "stage": "process-csv", "objects": {"SUCCEEDED": 1}}
