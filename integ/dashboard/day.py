"""Hours of a lake: files arrive in each of them, some of them broken. The clock is turned, so it takes minutes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from demo.inputs import InputFile, demo_files
from demo.journey import follow
from demo.local import LocalLake, quickstart_customers
from demo.run import VEGA_DATASETS, upload_all

HOUR = 3600
#: Files of each hour.
FILES = (3, 5, 4, 9, 6, 2, 4, 7)
#: Hours in which a truncated file comes, too.
BROKEN = (3, 6)


def spend(local: LocalLake, scratch: Path) -> Iterator[int]:
    """Uploads the files hour by hour, and waits for each hour's work.

    Yields:
        The number of files that have arrived so far.
    """
    files = demo_files(VEGA_DATASETS, quickstart_customers(), scratch)
    good, broken = [file for file in files if not file.broken], [file for file in files if file.broken]
    arrived = 0
    for hour, count in enumerate(FILES):
        if hour:
            local.aws.turn_clock(HOUR)
        now = [good[(arrived + number) % len(good)] for number in range(count)] + (broken if hour in BROKEN else [])
        deliver(local, now)
        arrived += len(now)
        yield arrived


def deliver(local: LocalLake, files: Sequence[InputFile]) -> None:
    """Uploads files and waits until the lake has finished with them and its runs have ended."""
    follow(local.lake, upload_all(local.lake, files))
    local.lake.wait_until_idle()
