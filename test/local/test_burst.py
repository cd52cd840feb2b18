"""A burst becomes a backlog, not one run per file."""

from pathlib import Path

from demo.arrived import catalog_of
from demo.burst import DATASET, ROWS, burst
from demo.lake import Lake
from demo.local import quickstart_customers

FILES = 250
#: One run works and at most one waits for each wake-up that came meanwhile; the sweeper may add one.
MOST_RUNS = 4


def test_a_burst_of_files_needs_few_runs_and_arrives_once(lake: Lake, tmp_path: Path) -> None:
    customers = quickstart_customers()

    figures = burst(lake, customers, FILES)
    print(figures)

    assert figures.succeeded == FILES
    assert max(figures.runs.values()) <= MOST_RUNS
    ids: list[int] = []
    for customer in customers:
        _, rows = catalog_of(lake, customer, tmp_path / customer).sql(f"SELECT id FROM {DATASET}")  # noqa: S608
        ids += [row[0] for row in rows]
    assert sorted(ids) == list(range(FILES * ROWS))
