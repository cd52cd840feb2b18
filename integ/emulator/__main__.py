"""The server: python -m emulator --directory DIR --glue-python PYTHON [--temporary] [--calls FILE].

When it is ready it writes one line of JSON with its endpoint to standard output. SIGTERM, SIGINT or the end of its
standard input, a pipe, stops it.
"""

import argparse
from pathlib import Path

from emulator.server import Options, run


def main() -> None:
    """Runs the server."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="a local AWS on a free port of 127.0.0.1")
    parser.add_argument("--directory", type=Path, required=True, help="folder for the files of Glue runs")
    parser.add_argument("--glue-python", type=Path, required=True, help="interpreter for Glue jobs")
    parser.add_argument("--temporary", action="store_true", help="delete the directory at the end")
    parser.add_argument("--calls", type=Path, help="file that records every call of a role or service")
    run(Options(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
