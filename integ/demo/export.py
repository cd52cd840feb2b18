"""Writes everything that a lake holds into a folder."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.inputs import bucket_name, database_name
from demo.lake import LAYERS, Lake


def export(lake: Lake, customers: Iterable[str], folder: Path) -> None:
    """Writes every object of every layer as `{customer}/{layer}/…`, the manifest, the catalog and the dead letters."""
    customers = list(customers)
    for customer in customers:
        mirror(lake, customer, folder / customer)
    write_lines(folder / "manifest.jsonl", lake.manifest_items())
    write_lines(folder / "dead-letters.jsonl", map(asdict, lake.dead_letters()))
    catalog = {database_name(customer): lake.tables(customer) for customer in customers}
    write(folder / "catalog.json", catalog)


def mirror(lake: Lake, customer: str, folder: Path) -> None:
    """Copies the customer's bucket, keeping the keys. Overwrites earlier copies."""
    folder.mkdir(parents=True, exist_ok=True)
    for layer in LAYERS:
        for found in lake.objects(customer, f"{layer}/"):
            path = folder / found["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            lake.s3.download_file(bucket_name(customer), found["Key"], str(path))


def write(path: Path, content: Mapping[str, Any]) -> None:
    """One JSON document."""
    path.write_text(json.dumps(content, indent=2, default=plain) + "\n")


def write_lines(path: Path, items: Iterable[Mapping[str, Any]]) -> None:
    """One JSON document per line."""
    path.write_text("".join(json.dumps(item, default=plain) + "\n" for item in items))


def plain(value: object) -> object:
    """JSON for values of boto3 that are not JSON types."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
