"""Load test: many objects of many customers pass both stages; one customer uploads half of them first."""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from demo.lake import Lake
from demo.lifetime import ends_cleanly
from demo.local import LocalLake, local_lake
from demo.timings import Timings

from load.measure import Processes, Waits, by_service, calls_per_object, done, waits

PARALLEL_UPLOADS = 8
CUSTOMERS_PER_STACK = 50
LARGE = "large"
#: About 30 KB, the file size that docs/cost.md assumes.
ROWS = 500
CONTENT = "id,sku,price,sold_at,note\n" + "".join(
    f"{row},S{row % 97:03},{row * 0.37:.2f},2026-01-{row % 28 + 1:02} 12:00:00,some words of a note {row % 13}\n"
    for row in range(ROWS)
)


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m load", description=__doc__)
    parser.add_argument("--objects", type=int, default=20_000, help="of all customers (default: %(default)s)")
    parser.add_argument("--customers", type=int, default=200, help="the large one included (default: %(default)s)")
    options = parser.parse_args()
    names = [LARGE, *(f"small-{number:03}" for number in range(1, options.customers))]
    with ends_cleanly(), tempfile.TemporaryDirectory(prefix="load-") as name:
        folder = Path(name)
        listed = [{"customerId": c, "shard": n // CUSTOMERS_PER_STACK + 1} for n, c in enumerate(names)]
        (folder / "customers.json").write_text(json.dumps(listed))
        calls = folder / "calls.jsonl"
        with local_lake(folder, Timings(), folder / "customers.json", calls=calls) as local:
            print(json.dumps(load(local, names, options.objects, calls), indent=2))


def load(local: LocalLake, customers: list[str], objects: int, calls: Path) -> dict[str, Any]:
    """Runs the load and returns the figures."""
    lake, started = local.lake, time.time()
    with Processes(local.aws.pid) as processes:
        uploaded = upload(lake, customers, objects)
        seconds_to_upload = time.time() - started
        wait_until_done(lake)
    done_at = {item.source: done(item) for item in lake.manifest() if item.status == "SUCCEEDED" and item.source}
    found = waits(done_at, uploaded)
    small = [seconds for customer, each in found.items() if customer != LARGE for seconds in each]
    count = sum(map(len, found.values()))
    per_object = calls_per_object(calls, objects)
    seconds = max(done_at[identity] for identity in uploaded if identity in done_at) - started
    return {
        "objects": objects,
        "queryable": count,
        "seconds to upload": round(seconds_to_upload),
        "seconds to queryable": round(seconds),
        "objects per second through both stages": round(count / seconds, 1),
        "runs": {stage.name: len(lake.runs(stage)) for stage in lake.stages},
        "seconds of runs": {stage.name: sum(run["ExecutionTime"] for run in lake.runs(stage)) for stage in lake.stages},
        "peak MB": processes.megabytes,
        "CPU seconds": processes.cpu,
        "waits of the large customer": vars(Waits.of(found[LARGE])),
        "waits of the small customers": vars(Waits.of(small)),
        "calls per object by service": by_service(per_object),
        "calls per object": per_object,
    }


def upload(lake: Lake, customers: list[str], objects: int) -> dict[str, float]:
    """Uploads half of all objects for the first customer, then the rest for the others. Returns upload times."""
    small = customers[1:]
    owners = [customers[0]] * (objects // 2) + [small[n % len(small)] for n in range(objects - objects // 2)]

    def put(number: int, customer: str) -> tuple[str, float]:
        key = f"raw/sales/{number:06}.csv"
        put_at = time.time()
        version = lake.upload(customer, key, CONTENT.encode())
        return f"{customer}#{key}#{version}", put_at

    with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
        return dict(pool.map(put, range(objects), owners))


def wait_until_done(lake: Lake) -> None:
    """Waits until no message waits and no run is active. Prints the progress once a minute."""
    started, minutes = time.monotonic(), 0
    while not (lake.is_idle() and lake.is_idle()):
        time.sleep(2)
        if time.monotonic() - started >= 60 * (minutes + 1):
            minutes += 1
            left = {stage.name: lake.backlog(stage.queue_url) for stage in lake.stages}
            print(f"after {minutes} min in the queues: {left}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
