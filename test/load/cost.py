"""Cost of a million objects and of an idle lake: counted calls times list prices.

python -m load.cost REPORT TEMPLATE: the JSON output of `python -m load`, and a synthesized template of a lake.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from load.measure import LOCAL_AWS

#: US dollars in us-east-1 per call or named unit. docs/cost.md has the sources.
PUT, GET = 5e-6, 4e-7
WRITE_UNIT, READ_UNIT = 6.25e-7, 1.25e-7
SQS_REQUEST, S3_EVENT, DATA_EVENT = 4e-7, 1e-6, 1e-6
DPU_HOUR, CATALOG_REQUEST = 0.308, 1e-6
LOG_GIGABYTE, TAG_MONTH = 0.50, 0.0065 / 10_000

MILLION = 1_000_000
#: Each index that contains the item adds a write. A changed index key adds two: a removal and an insertion.
CLAIM_UNITS, COMMIT_UNITS, POINTER_UNITS, ADD_UNITS, SOURCE_UNITS, UPLOAD_UNITS = 2, 3, 1, 3, 1, 1
LOG_BYTES = 300
#: G.1X has 4 cores and is one DPU.
CORES_PER_DPU = 4

KEY_MONTH, ALARM_MONTH, COMPOSITE_MONTH, BAND_MONTH = 1.00, 0.10, 0.50, 0.30
#: Express executions; their memory is billed in steps of 64 MB, their time in steps of 100 ms. A sweep takes less.
EXECUTION, GIGABYTE_SECOND = 1e-6, 1.667e-5
SWEEP_GIGABYTE_SECONDS = 0.0625 * 1.0
SCHEDULED = 1e-6
SWEEPS_PER_MONTH = 30 * 24 * 60
#: Each stage has a run a day, of two workers (one DPU each). Glue bills a minute at least.
DAYS_PER_MONTH, STAGES, WORKERS = 30, 2, 2
LEAST_RUN_HOURS = 1 / 60


def per_million(report: Mapping[str, Any], cores: int) -> dict[str, float]:
    """Dollars for a million objects through both stages, by service.

    Args:
        report: output of `python -m load`.
        cores: cores of the machine. The local AWS shares them with the runs, so Glue's part is an upper bound.
    """
    calls: Mapping[str, float] = report["calls per object"]
    puts = calls["s3:PutObject"] + calls.get("s3:PutObjectVersionTagging", 0)
    gets = calls["s3:GetObject"] + calls.get("s3:GetObjectVersionTagging", 0)
    data_calls = puts + gets
    units = 2 * (CLAIM_UNITS + POINTER_UNITS + COMMIT_UNITS) + SOURCE_UNITS + ADD_UNITS + UPLOAD_UNITS
    sqs = sum(count for action, count in calls.items() if action.startswith("sqs:")) + 2
    seconds = max(report["seconds of runs"].values()) * cores
    dollars = {
        "S3 requests": puts * PUT + gets * GET,
        "DynamoDB": units * WRITE_UNIT + calls.get("dynamodb:GetItem", 0) * READ_UNIT,
        "SQS": sqs * SQS_REQUEST,
        "EventBridge (S3 events)": 2 * S3_EVENT,
        "Glue Data Catalog": sum(n for action, n in calls.items() if action.startswith("glue:")) * CATALOG_REQUEST,
        "CloudTrail (S3 data events)": data_calls * DATA_EVENT,
        "CloudWatch Logs": 2 * LOG_BYTES / 1e9 * LOG_GIGABYTE,
        "Glue, at most": glue(seconds / report["objects"]),
        "S3 tags, a month": 15 * TAG_MONTH,
    }
    return {name: round(each * MILLION, 2) for name, each in dollars.items()}


def glue(core_seconds: float) -> float:
    """Dollars for so many seconds of one core."""
    return core_seconds / 3600 / CORES_PER_DPU * DPU_HOUR


def least_glue(report: Mapping[str, Any]) -> float:
    """Dollars for a million objects by CPU seconds alone: no waiting for AWS, no other load."""
    seconds = sum(count for kind, count in report["CPU seconds"].items() if kind != LOCAL_AWS)
    return round(glue(seconds / report["objects"]) * MILLION, 2)


def idle_month(template: Mapping[str, Any]) -> dict[str, float]:
    """Dollars for a month in which nothing arrives."""
    resources = template["Resources"].values()
    counts = Counter(resource["Type"] for resource in resources)
    alarms = sum(alarm_month(each["Properties"]) for each in resources if each["Type"] == "AWS::CloudWatch::Alarm")
    dollars = {
        "KMS keys": counts["AWS::KMS::Key"] * KEY_MONTH,
        "CloudWatch alarms": alarms + counts["AWS::CloudWatch::CompositeAlarm"] * COMPOSITE_MONTH,
        "Step Functions (sweeper)": SWEEPS_PER_MONTH * (EXECUTION + SWEEP_GIGABYTE_SECONDS * GIGABYTE_SECOND),
        "EventBridge Scheduler (sweeper)": SWEEPS_PER_MONTH * SCHEDULED,
        "Glue (daily search of both stages)": DAYS_PER_MONTH * STAGES * WORKERS * LEAST_RUN_HOURS * DPU_HOUR,
        "SQS (sweeper)": 2 * SWEEPS_PER_MONTH * SQS_REQUEST,
    }
    return {name: round(each, 2) for name, each in dollars.items()}


def alarm_month(alarm: Mapping[str, Any]) -> float:
    """Dollars for an alarm: each of its metrics counts, and a band counts as two more."""
    metrics = [entry for entry in alarm.get("Metrics", []) if "MetricStat" in entry]
    is_band = any("ANOMALY_DETECTION_BAND" in entry.get("Expression", "") for entry in alarm.get("Metrics", []))
    return BAND_MONTH if is_band else max(1, len(metrics)) * ALARM_MONTH


def table(title: str, dollars: Mapping[str, float]) -> str:
    """A Markdown table."""
    lines = [f"| {title} | US$ |", "|---|---:|", *(f"| {name} | {each:.2f} |" for name, each in dollars.items())]
    return "\n".join([*lines, f"| **sum** | **{sum(dollars.values()):.2f}** |"])


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(prog="python -m load.cost", description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("template", type=Path)
    parser.add_argument("--cores", type=int, default=2, help="of the machine of the load test (default: %(default)s)")
    options = parser.parse_args()
    report, template = (json.loads(path.read_text()) for path in (options.report, options.template))
    print(table("a million objects of 30 KB", per_million(report, options.cores)), end="\n\n")
    print(f"Glue by CPU seconds alone: US$ {least_glue(report):.2f}", end="\n\n")
    print(table("an idle lake, a month", idle_month(template)))


if __name__ == "__main__":
    main()
