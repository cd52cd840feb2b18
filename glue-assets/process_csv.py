"""Glue job: CSV files under raw/ become JSON lines under processed/."""

import sys

from datalake.job import main
from datalake.stages.csv_to_json import CSV_TO_JSON

if __name__ == "__main__":
    main(CSV_TO_JSON, sys.argv)
