"""A stage that fails in the way that the file's name says. Spark's workers import this module."""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from datalake.engine import Conversion
from datalake.stages.csv_to_json import CSV_TO_JSON
from datalake.worker.stage import Stage, Work


def _is_first_time(work: Work) -> bool:
    """True once for each object version, in all processes together."""
    marker = Path(os.environ["FAULTS"]) / work.arrival.version
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _convert(work: Work, sink: BinaryIO) -> Conversion:
    name = work.arrival.key.rsplit("/", 1)[-1]
    if name.startswith("kill-once") and _is_first_time(work):
        os._exit(17)
    if name.startswith("kill-always"):
        os._exit(17)
    if name.startswith("fail-once") and _is_first_time(work):
        raise RuntimeError("asked to fail")
    if name.startswith("fail-always"):
        raise RuntimeError("asked to fail")
    if name.startswith("slow"):
        time.sleep(5)
    return CSV_TO_JSON.convert(work, sink)


FAULTY: Stage = replace(CSV_TO_JSON, convert=_convert)
