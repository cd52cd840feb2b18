"""The command: python -m dashboard [--output PNG]. Lets hours pass in a local lake and draws its dashboard."""

import argparse
import tempfile
from pathlib import Path

from demo.deploy import ROOT
from demo.local import local_lake
from demo.timings import Timings

from dashboard.day import FILES, spend
from dashboard.draw import draw
from dashboard.widgets import Dashboard

PICTURE = ROOT / "docs" / "images" / "dashboard.png"


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="npx projen dashboard --", description="Draw the dashboard of a lake.")
    parser.add_argument(
        "--output", type=Path, default=PICTURE, metavar="PNG", help="default: docs/images/dashboard.png"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="modern-data-lake-") as folder:
        scratch = Path(folder)
        with local_lake(scratch, Timings()) as local:
            for arrived in spend(local, scratch):
                print(f"{arrived} files", flush=True)
            draw(Dashboard.of(local.lake), options.output, hours=len(FILES))
    print(options.output)


if __name__ == "__main__":
    main()
