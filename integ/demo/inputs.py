"""Input of the demo: its own files, or the user's folder with one subfolder per customer."""

import gzip
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ORGANIZATION = "mycompany"  # of examples/quickstart, as is the environment
ENVIRONMENT = "dev"
CUSTOMER_ID = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*")
LONGEST_BUCKET_NAME = 63  # S3's limit
LONGEST_KEY = 1024  # S3's limit, in bytes of UTF-8


class InputError(Exception):
    """A given folder or file cannot be used. The message says which one, why, and what to do instead."""


@dataclass(frozen=True)
class InputFile:
    """One file and its destination.

    Attributes:
        customer: customerId.
        key: object key in the customer's bucket.
        path: the file.
        broken: True if the lake must reject it.
    """

    customer: str
    key: str
    path: Path
    broken: bool = False


#: Files of vega-datasets that are not a dataset by their own name. Two go directly under raw/, one of each customer: a
#: file that shares no column with its table would add none to it.
DATASETS = {
    "co2-concentration.csv": "",
    "disasters.csv": "",
    "flights-airport.csv": "flights",
    "seattle-weather.csv": "weather",
    "seattle-weather-hourly-normals.csv": "weather_normals",
    "sp500-2000.csv": "sp500",
    "us-employment.csv": "employment",
    "weather.csv": "weather",
    "windvectors.csv": "wind",
}


def demo_files(folder: Path, customers: Sequence[str], scratch: Path) -> list[InputFile]:
    """The CSV files of vega-datasets, shared between the first two customers, and one truncated upload.

    Args:
        folder: `data` of the npm package vega-datasets.
        customers: at least two customerIds.
        scratch: folder for the truncated file.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise InputError(f"no CSV files in {folder}: run 'npm ci' first")
    files = []
    for number, path in enumerate(paths):
        dataset = DATASETS.get(path.name, path.stem.replace("-", "_"))
        # One customer gets both weather files: two files of one dataset with different columns.
        customer = customers[0 if dataset == "weather" else number % 2]
        files.append(InputFile(customer, f"raw/{dataset}/{path.name}" if dataset else f"raw/{path.name}", path))
    return [*files, cut_short(folder / "zipcodes.csv", customers[1], scratch)]


def cut_short(path: Path, customer: str, scratch: Path) -> InputFile:
    """The first half of a compressed file. Thousands of its rows are readable, but none may arrive."""
    whole = gzip.compress(path.read_bytes(), mtime=0)
    half = scratch / "cut-short.csv.gz"
    half.write_bytes(whole[: len(whole) // 2])
    return InputFile(customer, "raw/zipcodes/cut-short.csv.gz", half, broken=True)


def files_of_folder(folder: Path) -> list[InputFile]:
    """Every file below `{folder}/{customer}/`, with its key below the customer's `raw/`.

    Raises:
        InputError: the folder is missing or empty, or it contains something that is no customer or no object.
    """
    if not folder.is_dir():
        raise InputError(f"input folder {folder} {'is not a folder' if folder.exists() else 'does not exist'}")
    entries = sorted(folder.iterdir())
    if stray := [entry.name for entry in entries if not entry.is_dir()]:
        raise InputError(
            f"input folder {folder} has files beside the customers' folders: {shown(stray)}; "
            f"move them into a customer's folder, such as {folder / 'acme' / Path(stray[0]).name}"
        )
    for entry in entries:
        check_customer(entry)
    files = [file for entry in entries for file in files_of_customer(entry)]
    if not files:
        raise InputError(f"input folder {folder} has no files: put CSV files into {folder / 'acme'}, for example")
    return files


def check_customer(folder: Path) -> None:
    """Raises InputError if the folder's name is not a valid customerId."""
    longest = LONGEST_BUCKET_NAME - len(bucket_name(""))
    if not CUSTOMER_ID.fullmatch(folder.name):
        problem = "is not a customer id: allowed are a-z, 0-9 and hyphens inside"
    elif len(folder.name) > longest:
        problem = f"is too long for a bucket name: {len(folder.name)} characters, allowed are {longest}"
    else:
        return
    advice = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")[:longest].strip("-") or "acme"
    raise InputError(f"folder name {folder.name!r} in {folder.parent} {problem}; write {advice!r}, for example")


def check_declared(customers: Path, folders: Sequence[str]) -> None:
    """Checks that a customers.json has the customers of the input. The app checks what it declares of them.

    Raises:
        InputError: it cannot be read, is no list of customers, or lacks one.
    """
    try:
        declared = json.loads(customers.read_text(encoding="utf-8-sig"))
        ids = [customer["customerId"] for customer in declared]
    except OSError as error:
        raise InputError(f"customers file {customers} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"customers file {customers} is not JSON: {error}") from None
    except (KeyError, TypeError):
        raise InputError(
            f'customers file {customers} is not a list of customers; write [{{"customerId": "acme"}}], for example'
        ) from None
    if unknown := [folder for folder in folders if folder not in ids]:
        raise InputError(
            f"customers file {customers} lacks the customers of the input folder {shown(unknown)}; it has "
            f"{shown(ids)}: rename the folder or add the customer"
        )


def files_of_customer(folder: Path) -> list[InputFile]:
    """Every file of one customer's folder, of any kind and at any depth."""
    files = []
    for path in sorted(path for path in folder.rglob("*") if not path.is_dir()):
        key = f"raw/{path.relative_to(folder).as_posix()}"
        try:
            size = len(key.encode())
        except UnicodeEncodeError:
            raise InputError(f"file name {os.fsencode(path)!r} is not UTF-8 and cannot be an object key") from None
        if size > LONGEST_KEY:
            raise InputError(f"file name {path} is too long for an object key: {size} bytes of {LONGEST_KEY}")
        if not os.access(path, os.R_OK):
            raise InputError(f"file {path} cannot be read: give yourself the permission or take it out")
        files.append(InputFile(folder.name, key, path))
    return files


def check_output(folder: Path, source: Path | None) -> None:
    """Creates the output folder. It must be new or empty, so that nothing of an earlier run is taken for a result.

    Raises:
        InputError: it is a file, is not empty, is not writable or lies inside the input folder.
    """
    if source and folder.resolve().is_relative_to(source.resolve()):
        raise InputError(f"output folder {folder} is inside the input folder {source}: write another one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"output folder {folder} cannot be made: {error.strerror}") from None
    if occupied:
        raise InputError(f"output folder {folder} is not empty: empty it or write another one")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"output folder {folder} is not writable")


def bucket_name(customer: str) -> str:
    """Name of a customer's bucket."""
    return f"{ORGANIZATION}-{customer}-{ENVIRONMENT}-datalake"


def database_name(customer: str) -> str:
    """Name of a customer's Glue database."""
    return f"{ORGANIZATION}_{customer.replace('-', '_')}_{ENVIRONMENT}"


def shown(names: Sequence[str], most: int = 3) -> str:
    """The first few of the names."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more
