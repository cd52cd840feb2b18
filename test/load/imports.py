"""Imports many objects on the local AWS, which throttles copies, and stops the import twice; prints the sums.

PYTHONPATH=integ .venv/local/bin/python test/load/imports.py --objects 10000
"""

import argparse
import json
import os
import time
from collections import Counter
from typing import Any

from emulator.client import LocalAws
from emulator.testing.imports import REPORTS, Imports, new_id
from emulator.testing.probe import GLUE_PYTHONS, clients

#: Fewer than the map makes, so that S3 answers SlowDown.
COPIES_PER_SECOND = 40
#: Times at which the import is stopped, in seconds.
STOPS = (10, 30)
POLL_SECONDS = 1


def main() -> None:
    """Fails if an object is missing, or lies in a month that is not its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000)
    count = parser.parse_args().objects
    os.environ["LOCAL_AWS_COPIES_PER_SECOND"] = str(COPIES_PER_SECOND)
    with LocalAws(glue_python=GLUE_PYTHONS[0]) as aws:
        imports = Imports(clients(aws))
        lines = [line_of(imports, number) for number in range(count)]
        started = time.monotonic()
        for seconds in STOPS:
            arn = imports.start(new_id(), lines)
            time.sleep(seconds)
            imports.states.stop_execution(executionArn=arn)
            ended = wait(imports, arn)
            print(f"stopped after {seconds} s: {ended['status']}, {len(keys(imports))} of {count} objects are there")
        id_ = new_id()
        ended = wait(imports, imports.start(id_, lines))
        results = imports.results(id_).values()
        outcomes = Counter(line["outcome"] for line in results)
        print(f"third import: {ended['status']}, {dict(outcomes)}, {time.monotonic() - started:.0f} s in all")
        months = Counter(line["uploadedAt"][:7] for line in results if line["outcome"] in ("copied", "there already"))
        print(f"by month: {dict(sorted(months.items()))}")
        assert ended["status"] == "SUCCEEDED", ended
        assert len(results) == len(keys(imports)) == sum(outcomes.values()) == count
        assert set(outcomes) <= {"copied", "there already"}, outcomes
        assert months == Counter(line["uploadedAt"][:7] for line in lines)


def line_of(imports: Imports, number: int) -> dict[str, Any]:
    """An object of one of 24 months."""
    month = number % 24
    line = imports.put(f"orders/{number:05d} ü+.csv", body=f"id\n{number}\n".encode())
    return {**line, "uploadedAt": f"{2019 + month // 12}-{month % 12 + 1:02d}-15T12:00:00.000Z"}


def wait(imports: Imports, arn: str) -> dict[str, Any]:
    """The execution when its map has ended, too: children that run are not cut off."""
    while True:
        found: dict[str, Any] = imports.states.describe_execution(executionArn=arn)
        runs = imports.states.list_map_runs(executionArn=arn)["mapRuns"]
        states = [imports.states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"] for run in runs]
        if found["status"] != "RUNNING" and not any(counts["running"] + counts["pending"] for counts in states):
            return found
        print(json.dumps({name: states[0][name] for name in ("succeeded", "total")}) if states else "starting")
        time.sleep(POLL_SECONDS * 5)


def keys(imports: Imports) -> list[str]:
    """Keys of the customer's objects."""
    pages = imports.s3.get_paginator("list_objects_v2").paginate(Bucket=REPORTS.replace("reports", "acme-dev-datalake"))
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


if __name__ == "__main__":
    main()
