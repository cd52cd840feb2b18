"""Measures a burst of small files: python -m demo.burst [FILES]."""

import argparse
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from demo.journey import Upload, follow
from demo.lake import Lake
from demo.lifetime import ends_cleanly
from demo.local import local_lake, quickstart_customers
from demo.run import PARALLEL_UPLOADS
from demo.timings import Timings

DATASET = "burst"
ROWS = 3


@dataclass(frozen=True)
class Burst:
    """Figures of a burst.

    Attributes:
        seconds_to_upload: until the last upload.
        seconds_to_queryable: from the first upload until the last file is in its table.
        runs: Glue runs of each stage, including those without work.
        succeeded: files that are queryable.
    """

    seconds_to_upload: float
    seconds_to_queryable: float
    runs: dict[str, int]
    succeeded: int


def burst(lake: Lake, customers: Sequence[str], files: int) -> Burst:
    """Uploads that many files, spread over the customers, and waits until the last Glue run has ended."""
    before = {stage.name: len(lake.runs(stage)) for stage in lake.stages}
    started = time.monotonic()
    with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
        uploads = list(pool.map(lambda number: put(lake, customers[number % len(customers)], number), range(files)))
    uploaded = time.monotonic() - started
    journeys = follow(lake, uploads)
    queryable = time.monotonic() - started
    lake.wait_until_idle()
    runs = {stage.name: len(lake.runs(stage)) - before[stage.name] for stage in lake.stages}
    return Burst(round(uploaded, 1), round(queryable, 1), runs, sum(journey.is_queryable for journey in journeys))


def put(lake: Lake, customer: str, number: int) -> Upload:
    """Uploads one file of the burst. Ids are unique across all files."""
    rows = "".join(f"{number * ROWS + row},S{number % 7},{row + 1}\n" for row in range(ROWS))
    key = f"raw/{DATASET}/{number:05}.csv"
    return Upload(customer, key, lake.upload(customer, key, f"id,sku,quantity\n{rows}".encode()))


def main() -> None:
    """Deploys a lake into a local AWS and prints the figures of a burst."""
    parser = argparse.ArgumentParser(prog="python -m demo.burst", description=main.__doc__)
    parser.add_argument("files", nargs="?", type=int, default=250, help="number of files (default: %(default)s)")
    files = parser.parse_args().files
    timings = Timings()
    with ends_cleanly(), tempfile.TemporaryDirectory() as folder, local_lake(Path(folder), timings) as local:
        print(asdict(burst(local.lake, quickstart_customers(), files)))


if __name__ == "__main__":
    main()
