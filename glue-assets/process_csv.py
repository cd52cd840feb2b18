"""Glue job: CSV objects under raw/ become JSON lines under processed/."""

import sys

from datalake.arguments import parse

if __name__ == "__main__":
    parse(sys.argv[1:])
