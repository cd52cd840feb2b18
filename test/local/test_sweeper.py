"""The sweeper as second witness of failed runs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from demo.lake import Lake
from demo.local import LocalLake
from emulator.testing.probe import eventually

#: Makes a run older than what a sweep waits for, and the next sweep due.
AGE_SECONDS = 75


def alarm_of(lake: Lake, stage: str) -> dict[str, Any]:
    """The alarm on failed runs of a stage."""
    pages = lake.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    (found,) = (a for a in alarms if a["AlarmDescription"].startswith(f"{stage}: a run of the job failed"))
    alarm: dict[str, Any] = found
    return alarm


def total(lake: Lake, metric: dict[str, Any]) -> float:
    """The sum of a metric, over more time than any test turns the clock."""
    now = datetime.now(UTC)
    names = {name: metric[name] for name in ("Namespace", "MetricName", "Dimensions")}
    start, end = now - timedelta(days=30), now + timedelta(minutes=5)
    answer = lake.client("cloudwatch").get_metric_statistics(
        **names, StartTime=start, EndTime=end, Period=86_400, Statistics=["Sum"]
    )
    found: float = sum(point["Sum"] for point in answer["Datapoints"])
    return found


@eventually
def wait_for(lake: Lake, metric: dict[str, Any], count: float) -> None:
    """Waits until a metric has at least this sum."""
    assert total(lake, metric) >= count


def sweep_on_schedule(local: LocalLake) -> None:
    """Turns the clock until the next sweep is due, and waits for its end."""
    arn = local.lake.outputs["SweeperArn"]
    sweeps = {
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsSucceeded",
        "Dimensions": [{"Name": "StateMachineArn", "Value": arn}],
    }
    before = total(local.lake, sweeps)
    local.aws.turn_clock(AGE_SECONDS)
    wait_for(local.lake, sweeps, before + 1)


@eventually
def wait_for_failure(lake: Lake, job: str, run: str) -> None:
    """Waits until a run has failed."""
    assert lake.glue.get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"] == "FAILED"


def test_a_scheduled_sweep_tells_once_of_a_failed_run(local: LocalLake) -> None:
    lake, job = local.lake, local.lake.stages[0].job_name
    lake.wait_until_idle()
    local.aws.turn_clock(10 * AGE_SECONDS)  # runs that failed before are too old for a witness
    alarm = alarm_of(lake, "ProcessCsv")
    before = total(lake, alarm)

    run = lake.glue.start_job_run(JobName=job, Arguments={"--max_seconds": "soon"})["JobRunId"]
    wait_for_failure(lake, job, run)
    wait_for(lake, alarm, before + 1)  # Glue's own event, which may be lost
    sweep_on_schedule(local)
    wait_for(lake, alarm, before + 2)
    sweep_on_schedule(local)
    assert total(lake, alarm) == before + 2
