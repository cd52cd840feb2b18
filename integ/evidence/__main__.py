"""Writes the evidence of a run of the integration tests: python -m evidence [STACK …].

It reads only. The account and the Region are those of the environment.
"""

import argparse
import json
from pathlib import Path
from typing import cast

import boto3

from evidence.collect import report
from evidence.markdown import page
from evidence.sources import Clients


def main() -> int:
    """Writes both files.

    Returns:
        The exit code: 1 if there is no stack to report on.
    """
    parser = argparse.ArgumentParser(prog="integ:report", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="default: the stacks of the integration tests")
    parser.add_argument("--output", type=Path, default=Path("evidence"), help="folder of the files (default: evidence)")
    arguments = parser.parse_args()
    session = boto3.Session()
    found = report(cast(Clients, session.client), session.region_name, arguments.stacks)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, text in (("evidence.json", json.dumps(found, indent=2) + "\n"), ("evidence.md", page(found))):
        (arguments.output / name).write_text(text)
        print(arguments.output / name)
    for each in found["unread"]:
        print(f"could not be read: {each['what']}: {each['why']}")
    if not found["stacks"]:
        print(f"no stack in {session.region_name} is one of the integration tests; is this the account and the Region?")
    return 0 if found["stacks"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
