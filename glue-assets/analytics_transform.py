"""Glue job: JSON lines under processed/ become Parquet under analytics-ready/, and a table of the catalog."""

import sys

from datalake.arguments import parse

if __name__ == "__main__":
    parse(sys.argv[1:])
