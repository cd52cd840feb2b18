"""Objects whose events were lost are found, on request and every day."""

from datetime import UTC, datetime, timedelta

from demo.journey import Upload, journeys
from demo.lake import Lake
from demo.local import LocalLake
from local.documented import commands, shell
from local.unannounced import unannounced
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

#: Makes a schedule of one minute due.
AGE_SECONDS = 75


@retry(retry=retry_if_exception_type(AssertionError), wait=wait_fixed(0.5), stop=stop_after_delay(240), reraise=True)
def wait_for_searches(lake: Lake, count: int) -> None:
    """Waits until both stages have searched this often at least."""
    now, stages = datetime.now(UTC), ("process-csv", "analytics-transform")
    for stage in stages:
        answer = lake.client("cloudwatch").get_metric_statistics(
            Namespace="ModernDataLake",
            MetricName="ObjectsUnseen",
            Dimensions=[{"Name": "Lake", "Value": "mycompany-dev"}, {"Name": "Stage", "Value": stage}],
            StartTime=now - timedelta(days=30),
            EndTime=now + timedelta(minutes=5),
            Period=86_400,
            Statistics=["SampleCount"],
        )
        assert sum(point["SampleCount"] for point in answer["Datapoints"]) >= count


def test_a_file_whose_event_was_lost_is_found_as_documented(local: LocalLake) -> None:
    lake, now = local.lake, datetime.now(UTC)
    upload = unannounced(lake, "raw/orders/lost.csv")
    lake.wait_until_idle()
    assert not journeys(lake, [upload])[0].raw

    search = commands("operate.md", "## Objects that no event has told of", "npx modern-data-lake refresh")
    since, until = (now - timedelta(minutes=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    more = f"--customer {upload.customer} --prefix raw/orders/"
    for shown, real in {"2026-01-01": since, "2026-02-01": until, "--customer acme": more, " --dry-run": ""}.items():
        search = search.replace(shown, real)
    shell(local, search)
    lake.sweep()

    wait_until_queryable(lake, upload)


@retry(retry=retry_if_result(lambda done: not done), wait=wait_fixed(0.5), stop=stop_after_delay(240))
def wait_until_queryable(lake: Lake, upload: Upload) -> bool:
    """Waits until a file's rows are in a table."""
    return journeys(lake, [upload])[0].is_queryable


def test_every_day_both_stages_search_all_buckets(local: LocalLake) -> None:
    lake = local.lake
    schedules = lake.client("scheduler")
    daily = [
        schedules.get_schedule(Name=each["Name"])
        for each in schedules.list_schedules()["Schedules"]
        if "Reconcile" in each["Name"]
    ]
    assert [each["ScheduleExpression"] for each in daily] == ["rate(1 day)"] * len(lake.stages)

    def set_rate(rate: str) -> None:
        for each in daily:
            known = {name: each[name] for name in ("Name", "GroupName", "Target", "FlexibleTimeWindow")}
            schedules.update_schedule(**known, ScheduleExpression=rate)

    set_rate("rate(1 minute)")
    local.aws.turn_clock(AGE_SECONDS)
    set_rate("rate(1 day)")
    lake.sweep()

    wait_for_searches(lake, 1)


def test_the_search_of_the_runbook_is_one_of_all_buckets(local: LocalLake) -> None:
    search = commands("runbook.md", "## Rule delivery failures", "npx modern-data-lake refresh")

    shell(local, search)
    local.lake.sweep()

    wait_for_searches(local.lake, 2)
