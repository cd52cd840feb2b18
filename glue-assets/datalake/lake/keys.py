"""Names of objects: the dataset of a key, and the one key that an output can have.

An output's key is a pure function of its input's key and of the month in which that key was first uploaded. So a retry
overwrites the output of the attempt before it, a new version replaces the old one, and no row is counted twice.
"""

import hashlib
import re
from datetime import datetime

from datalake.engine.conversion import Rejected
from datalake.engine.dataset import ROOT_DATASET

RAW, PROCESSED, ANALYTICS_READY = "raw/", "processed/", "analytics-ready/"
#: The longest name that Glue gives to a table.
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,254}")
#: S3 allows 1,024 bytes for a key, and an output's key is longer than its input's.
_STEM_BYTES = 400
_HASH_DIGITS = 12
_PROCESSED = re.compile(r"processed/(?:(?P<dataset>[^/]+)/)?year=(?P<year>\d{4})/month=\d{2}/[^/]+\.json")


def dataset_of_raw(key: str) -> str:
    """The dataset of a CSV file: the first folder under `raw/`, if its name can be one, otherwise the root's.

    Capitals do not count, since Glue's names have none: `raw/Orders/` and `raw/orders/` are one dataset.
    """
    first, *rest = key.removeprefix(RAW).split("/")
    name = first.lower() if first.isascii() else first
    return name if rest and _DATASET.fullmatch(name) else ROOT_DATASET


def is_hidden(key: str) -> bool:
    """True for what Spark, Hadoop and operating systems leave beside data, and pass over when they read a folder.

    Examples: `_SUCCESS`, `_committed_1`, `_temporary/…`, `.part-0.csv.crc`, `.DS_Store`, `._a.csv`. A name like
    `_orders.csv` has an ending and is data: people name their files so. cli/operate/check-findings.ts has the
    same rule.
    """
    *folders, name = key.split("/")
    is_marker = name.startswith("_") and not file_type(name)
    return is_marker or name.startswith(".") or any(folder.startswith((".", "_temporary")) for folder in folders)


def processed_key(raw_key: str, partition: str) -> str:
    """The key of the JSON lines of a CSV file.

    Args:
        raw_key: of the CSV file.
        partition: as `partition_of` writes it.
    """
    digest = hashlib.sha256(raw_key.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{PROCESSED}{_folder(dataset_of_raw(raw_key))}{partition}/{_stem(raw_key)}-{digest}.json"


def dataset_of_processed(key: str) -> str:
    """The dataset of a JSON lines file; the root's if process_csv would not have put it there."""
    found = _PROCESSED.fullmatch(key)
    return (found and found["dataset"]) or ROOT_DATASET


def analytics_key(processed: str, _: str = "") -> str:
    """The key of the Parquet form of a JSON lines file, whose own key has the partition.

    Raises:
        Rejected: process_csv would not have put it there.
    """
    _parts(processed)
    return ANALYTICS_READY + processed.removeprefix(PROCESSED).removesuffix(".json") + ".parquet"


def year_of(processed: str) -> int:
    """The year of a JSON lines file's partition.

    Raises:
        Rejected: process_csv would not have put it there.
    """
    return int(_parts(processed)["year"])


def table_location(bucket: str, dataset: str) -> str:
    """The folder of a dataset's table, ending with a slash."""
    return f"s3://{bucket}/{ANALYTICS_READY}{_folder(dataset)}"


def partition_of(time: datetime) -> str:
    """The partition of a month, in Hive's form."""
    return f"year={time:%Y}/month={time:%m}"


def file_type(key: str) -> str:
    """The ending of a file's name, without .gz; empty if there is none."""
    found = re.search(r"\.([a-z0-9]{1,16})$", key.lower().removesuffix(".gz"))
    return found[1] if found else ""


def _folder(dataset: str) -> str:
    return "" if dataset == ROOT_DATASET else f"{dataset}/"


def _stem(key: str) -> str:
    """A file's name without its endings, as every query engine can read it.

    Engines pass over names that begin with a dot or an underscore, and some fail at a colon, a percent sign or a space.
    The hash behind the stem keeps names apart that become alike.
    """
    name = re.sub(r"(\.[^.]+)?(\.gz)?$", "", key.rsplit("/", 1)[-1], flags=re.IGNORECASE)
    readable = re.sub(r"[^\w.-]+", "_", name).lstrip("_.") or "file"
    return readable.encode()[:_STEM_BYTES].decode(errors="ignore")


def _parts(processed: str) -> re.Match[str]:
    found = _PROCESSED.fullmatch(processed)
    if not found:
        raise Rejected(f"{processed} is no output of process_csv: upload a CSV file under {RAW}")
    return found
