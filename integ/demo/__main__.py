"""The command: python -m demo [--input DIR [--customers FILE]] [--output DIR] [--keep]."""

import argparse
import sys
from pathlib import Path

from demo.deploy import DeploymentError
from demo.inputs import InputError
from demo.journey import StalledError
from demo.lifetime import ends_cleanly
from demo.page import PageError
from demo.query import UnreadableError
from demo.report import console
from demo.run import Options, run


def main() -> int:
    """Runs the demo.

    Returns:
        0 if everything arrived; 1 if something did not or a step failed; 2 if a given folder or file cannot be used.
    """
    options = parse()
    try:
        with ends_cleanly():
            return run(options, console())
    except InputError as error:
        return complain(error, 2)
    except (DeploymentError, PageError, StalledError, UnreadableError) as error:
        return complain(error, 1)
    except KeyboardInterrupt:
        return complain("interrupted; everything that it started is stopped", 130)


def parse() -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="npx projen demo --",
        description="Deploy the lake into a local AWS, upload CSV files and query the tables.",
        epilog="Exit code 0: everything arrived that should have. With --input, an object that was rejected with its "
        "reason is as it should be; one that failed is not.",
    )
    parser.add_argument(
        "--input",
        type=Path,
        metavar="DIR",
        help="holds {customer}/…, put under that customer's raw/ "
        "(default: CSV files of the npm package vega-datasets, for two customers)",
    )
    parser.add_argument(
        "--customers",
        type=Path,
        metavar="FILE",
        help="customers.json that declares the datasets of the customers in --input (default: nothing is declared)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="new or empty folder for all objects, the manifest, the catalog, the dead letters, the timings and the "
        "report (default: only the report, in reports/)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the local AWS running and print how to use and stop it"
    )
    words = sys.argv[1:]
    # projen passes the `--` before a task's arguments on to the task.
    return Options(**vars(parser.parse_args(words[1:] if words[:1] == ["--"] else words)))


def complain(error: object, code: int) -> int:
    """Prints the last line of a failed run."""
    print(f"demo: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
