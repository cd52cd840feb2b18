"""Compares a customer's bucket with the manifest and the work queues.

python3 truth_check.py --customer ID --bucket NAME --manifest TABLE --raw-queue URL --processed-queue URL

Prints one line per contradiction; the exit code is 1 if there is one. It needs boto3 and these rights of the operator:
s3:ListBucketVersions, dynamodb:Query on the index by-status, sqs:GetQueueAttributes, and kms:Decrypt for the manifest.
It changes nothing and may run while the jobs work: waiting and unfinished work is no contradiction.
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

RAW, PROCESSED, ANALYTICS_READY = "raw/", "processed/", "analytics-ready/"
STATUSES = ("PROCESSING", "SUCCEEDED", "RETRYING", "FAILED", "REJECTED", "SUPERSEDED")

NO_ITEM = "object without a manifest item"
STUCK = "PROCESSING past its lease"
NO_SOURCE = "output without a source"
NO_OUTPUT = "source without an output"

Version = tuple[str, str]
Items = Mapping[Version, Mapping[str, Any]]


@dataclass(frozen=True)
class Finding:
    """One contradiction.

    Attributes:
        kind: one of the four above.
    """

    kind: str
    key: str
    version: str


def current_objects(s3: Any, bucket: str) -> set[Version]:
    """Key and version of every current object of the layers, without deleted or replaced versions."""
    pages = s3.get_paginator("list_object_versions")
    return {
        (found["Key"], found["VersionId"])
        for layer in (RAW, PROCESSED, ANALYTICS_READY)
        for page in pages.paginate(Bucket=bucket, Prefix=layer)
        for found in page.get("Versions", [])
        if found["IsLatest"] and not is_passed_over(found["Key"], found["Size"])
    }


def is_passed_over(key: str, size: int) -> bool:
    """True for objects that the jobs pass over: markers of folders, and what tools leave beside data."""
    *folders, name = key.split("/")
    has_ending = re.search(r"\.[a-z0-9]{1,16}$", name.lower().removesuffix(".gz"))
    is_marker = name.startswith("_") and not has_ending
    is_hidden = name.startswith(".") or any(folder.startswith((".", "_temporary")) for folder in folders)
    return is_marker or is_hidden or (not name and not size)


def is_busy(sqs: Any, queue_url: str) -> bool:
    """True if messages wait or a run holds them."""
    names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return any(int(count) for count in found.values())


def items_of(table: Any, customer: str) -> Items:
    """The customer's items of the manifest."""
    return {
        (item["object"].split("#", 1)[1], item["version"]): item
        for status in STATUSES
        for item in _query(table, f"{customer}#{status}")
    }


def findings(objects: set[Version], items: Items, busy_layers: tuple[str, ...], now: float) -> list[Finding]:
    """All contradictions.

    Args:
        objects: must be read before the queues.
        items: must be read after the queues: an object whose message is gone by then has its item.
        busy_layers: layers whose queue is not empty: objects without an item may still be waiting.
        now: in seconds of the epoch.
    """
    made = {output for item in items.values() if item["status"] == "SUCCEEDED" for output in _outputs(item)}
    found = [
        *(Finding(NO_ITEM, *version) for version in objects - items.keys() if not version[0].startswith(busy_layers)),
        *(Finding(STUCK, *version) for version, item in items.items() if _is_stuck(item, now)),
        *(
            Finding(NO_SOURCE, *version)
            for version in (objects & items.keys()) - made
            if not version[0].startswith(RAW) and items[version].get("source")
        ),
        *(
            Finding(NO_OUTPUT, *version)
            for version, item in items.items()
            # Objects deleted on purpose from the first layer on are not missing.
            if version in objects and item["status"] == "SUCCEEDED" and set(_outputs(item)) - objects
        ),
    ]
    return sorted(found, key=lambda finding: (finding.kind, finding.key, finding.version))


def check(s3: Any, sqs: Any, table: Any, customer: str, bucket: str, work_queues: Mapping[str, str]) -> list[Finding]:
    """Reads everything in the order in which a message passes through.

    Args:
        s3: client.
        sqs: client.
        table: the manifest, as a resource.
        customer: customerId.
        bucket: the customer's.
        work_queues: URL of the work queue by the layer that it is for.
    """
    objects = current_objects(s3, bucket)
    busy = tuple(layer for layer, url in work_queues.items() if is_busy(sqs, url))
    return findings(objects, items_of(table, customer), busy, time.time())


def _query(table: Any, customer_status: str) -> Iterator[Mapping[str, Any]]:
    more: dict[str, Any] = {}
    while True:
        condition = Key("customer_status").eq(customer_status)
        page = table.query(IndexName="by-status", KeyConditionExpression=condition, **more)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _outputs(item: Mapping[str, Any]) -> list[Version]:
    return list(zip(item.get("outputs", ()), item.get("output_versions", ()), strict=True))


def _is_stuck(item: Mapping[str, Any], now: float) -> bool:
    return bool(item["status"] == "PROCESSING" and float(item.get("lease_until", 0)) < now)


def main() -> int:
    """Returns 1 if there is a contradiction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("customer", "bucket", "manifest", "raw-queue", "processed-queue"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    session = boto3.Session()
    queues = {RAW: options.raw_queue, PROCESSED: options.processed_queue}
    table = session.resource("dynamodb").Table(options.manifest)
    found = check(session.client("s3"), session.client("sqs"), table, options.customer, options.bucket, queues)
    for finding in found:
        print(finding.kind, finding.key, finding.version, sep="\t")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
