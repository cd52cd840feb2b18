"""The two conversions, CSV to JSON lines and JSON lines to Parquet. They know nothing of AWS, Spark or the manifest."""

from datalake.engine import without_pandas  # noqa: F401 - before anybody asks pyarrow for an array
from datalake.engine.conversion import Conversion, Rejected
from datalake.engine.convert import convert_csv, convert_json

__all__ = ["Conversion", "Rejected", "convert_csv", "convert_json"]
