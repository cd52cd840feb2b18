"""Counting calls and computing cost."""

import json
from pathlib import Path

import pytest

from load.cost import idle_month, least_glue, per_million, table
from load.measure import Waits, by_service, calls_per_object, waits


def test_the_calls_of_the_jobs_are_counted_and_nobody_elses(tmp_path: Path) -> None:
    roles = ("Lake-JobRole/GlueJobRunnerSession-jr", "Lake-DataRole/customer-acme", "cdk-hnb-deploy-role/cdk")
    principals = [*(f"arn:aws:sts::1:assumed-role/{role}" for role in roles), "events.amazonaws.com"]
    log = tmp_path / "calls.jsonl"
    lines = [{"principal": p, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/raw/a.csv"} for p in principals]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert calls_per_object(log, objects=4) == {"s3:GetObject": 0.5}


def test_a_call_that_needs_several_rights_is_one(tmp_path: Path) -> None:
    rights = [
        ("s3:PutObject", "arn:aws:s3:::b/processed/a.json"),
        ("s3:PutObjectTagging", "arn:aws:s3:::b/processed/a.json"),
        ("sts:AssumeRole", "arn:aws:iam::1:role/data"),
        ("sts:TagSession", "arn:aws:iam::1:role/data"),
        *(("glue:GetTable", f"arn:aws:glue:us-east-1:1:{part}") for part in ("catalog", "database/d", "table/d/t")),
    ]
    log = tmp_path / "calls.jsonl"
    lines = [{"principal": "arn:aws:sts::1:assumed-role/r/s", "action": a, "resource": r} for a, r in rights]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))

    calls = calls_per_object(log, objects=1)

    assert calls == {"glue:GetTable": 1, "s3:PutObject": 1, "sts:AssumeRole": 1}
    assert by_service(calls | {"s3:GetObject": 2}) == {"glue": 1, "s3": 3, "sts": 1}


def test_waits_are_told_by_customer() -> None:
    uploaded = {"a#raw/1#v": 10.0, "a#raw/2#v": 11.0, "b#raw/1#v": 12.0, "b#raw/2#lost": 12.0}
    done_at = {"a#raw/1#v": 15.0, "a#raw/2#v": 17.0, "b#raw/1#v": 13.0, "b#processed/1#v": 20.0}

    assert {name: sorted(found) for name, found in waits(done_at, uploaded).items()} == {"a": [5.0, 6.0], "b": [1.0]}
    assert Waits.of([1.0, 2.0, 3.0]) == Waits(median=2.0, p95=2.9, longest=3.0)


def test_a_million_objects_cost_what_their_calls_cost() -> None:
    calls = {"s3:PutObject": 2.0, "s3:GetObject": 2.0, "sqs:ReceiveMessage": 0.5}
    calls |= {"s3:PutObjectVersionTagging": 1.0, "s3:GetObjectVersionTagging": 1.0}
    report = {"objects": 1_000, "calls per object": calls, "seconds of runs": {"csv": 72, "parquet": 36}}

    dollars = per_million(report, cores=2)

    assert dollars["S3 requests"] == pytest.approx(3 * 5 + 3 * 0.4)
    assert dollars["SQS"] == pytest.approx(2.5 * 0.4)
    assert dollars["EventBridge (S3 events)"] == 2
    # 72 seconds of 2 cores for a thousand: 40 core-hours, 10 DPU-hours for a million.
    assert dollars["Glue, at most"] == pytest.approx(10 * 0.308)
    cpu = {"local AWS": 50, "driver, Python": 2, "driver, JVM": 8, "worker": 26}
    assert least_glue(report | {"CPU seconds": cpu}) == pytest.approx(2.5 * 0.308)


def test_an_idle_lake_costs_what_stands_in_its_template() -> None:
    band = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Expression": "ANOMALY_DETECTION_BAND(m)"}]}}
    math = {"Metrics": [{"Expression": "a / b"}, {"MetricStat": {}}, {"MetricStat": {}}]}
    alarms = [{"Type": "AWS::CloudWatch::Alarm", "Properties": properties} for properties in ({}, math)]
    composite = {"Type": "AWS::CloudWatch::CompositeAlarm"}
    resources = {"k": {"Type": "AWS::KMS::Key"}, "b": band, "c": composite, **dict(zip("12", alarms, strict=True))}

    dollars = idle_month({"Resources": resources})

    assert dollars["Glue (daily search of both stages)"] == pytest.approx(60 * 2 * 0.308 / 60, abs=0.01)
    assert (dollars["KMS keys"], dollars["CloudWatch alarms"]) == (1.0, 0.1 + 0.2 + 0.3 + 0.5)


def test_the_table_has_the_sum() -> None:
    assert table("x", {"a": 1.0, "b": 2.5}).splitlines()[-1] == "| **sum** | **3.50** |"
