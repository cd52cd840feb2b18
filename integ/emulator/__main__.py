"""The server: python -m emulator --directory DIR --glue-python PYTHON [--temporary] [--calls FILE].

Writes one line of JSON with its endpoint to standard output when it answers, and ends with SIGTERM, SIGINT or the end
of the pipe that is its standard input.
"""

import argparse
from pathlib import Path

from emulator.server import Options, run


def main() -> None:
    """Runs the server."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="a local AWS on a free port of 127.0.0.1")
    parser.add_argument("--directory", type=Path, required=True, help="takes the files of Glue runs")
    parser.add_argument("--glue-python", type=Path, required=True, help="the interpreter of Glue jobs")
    parser.add_argument("--temporary", action="store_true", help="delete the directory at the end")
    parser.add_argument("--calls", type=Path, help="gets a line for every call of a role or a service")
    run(Options(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
