"""Glue job: JSON lines under processed/ become Parquet under analytics-ready/, and a table of the catalog."""

import sys

from datalake.job import main
from datalake.stages.json_to_parquet import JSON_TO_PARQUET

if __name__ == "__main__":
    main(JSON_TO_PARQUET, sys.argv)
