"""A process that converts loads no pandas, which costs memory and time."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

PROGRAM = """
import io, sys
from datetime import UTC, datetime
from datalake.engine import convert_csv
from datalake.engine.contract import Contract
from datalake.engine.dataset import Dataset

def agree(columns):
    return Contract(1, tuple(columns))

done = convert_csv(lambda: io.BytesIO(b"a,b\\n1,x\\n"), io.BytesIO(), Dataset("d"), agree, datetime.now(UTC))
print(done.rows_out, "pandas" in sys.modules)
"""


@pytest.mark.skipif(pa.__version__.startswith("17."), reason="it looks for pandas again and again")
def test_a_conversion_loads_no_pandas() -> None:
    assert find_spec("pandas"), "it is installed on Glue"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "glue-assets")}

    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["1", "False"]
