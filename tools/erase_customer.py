"""Erases a customer of a lake for good: query results, catalog, objects with all versions, manifest items, bucket.

python3 erase_customer.py --job NAME --customer ID [--erase ID] [--json]

Without --erase it changes nothing and prints what there is. "Erasing a customer for good" in docs/security.md has the
steps before and after, the rights that it needs and what it cannot remove. After an interruption, start it again.
Exit codes: 0 nothing is left; 1 something is left or a call failed; 2 it refused to start.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import BotoCoreError, ClientError
from customer_contents import Batch, Customer, NotRemovedError

#: Objects that arrive meanwhile need another pass. The limit stops the program if somebody keeps writing.
MOST_PASSES = 3
STAYS = (
    "access logs, audit trail, logs of the jobs, recovery points of the manifest, messages in the queues, "
    "the history of queries, a key of the customer's own"
)


class RefusedError(Exception):
    """The customer must not be erased yet. The message says why and what to do."""


@dataclass
class Tally:
    """Counts and sizes in bytes by kind."""

    number: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)

    def take(self, batches: Iterator[Batch], *, removing: bool) -> "Tally":
        """Counts the things, after removing them if asked to. Returns itself."""
        for batch in batches:
            if removing:
                batch.remove()
            for kind, size in batch.things:
                self.number[kind] += 1
                self.bytes[kind] += size
        return self

    def rows(self) -> list[dict[str, Any]]:
        """Rows of the report."""
        return [{"kind": kind, "count": number, "bytes": self.bytes[kind]} for kind, number in self.number.items()]


def customer_of(session: Any, job: str, customer: str) -> Customer:
    """The customer in the lake of a job. The job knows all names; typed names could mix two lakes."""
    given = session.client("glue").get_job(JobName=job)["Job"]["DefaultArguments"]
    lake = {name: given.get(f"--{name}") for name in ("organization", "environment", "manifest_table")}
    if not all(lake.values()):
        raise RefusedError(f"{job} is no job of a lake: write the name of ProcessCsv's or AnalyticsTransform's job")
    return Customer(session, customer, **lake)


def check_may_go(customer: Customer, cloudformation: Any) -> None:
    """Raises RefusedError if a stack still has the customer, or a job works on one of its objects."""
    if stack := _stack_of(customer.bucket, cloudformation):
        raise RefusedError(
            f"{customer.bucket} is in stack {stack}: take {customer.id} out of customers.json and deploy"
        )
    pages = customer.manifest.meta.client.get_paginator("query").paginate(
        TableName=customer.manifest.name,
        IndexName="by-status",
        KeyConditionExpression=Key("customer_status").eq(f"{customer.id}#PROCESSING"),
        FilterExpression=Attr("lease_until").gt(int(time.time())),
    )
    for item in (item for page in pages for item in page["Items"]):
        raise RefusedError(f"a job works on {item['object']}: wait until it is done, or a minute if it has died")


def erase(customer: Customer, erased: Tally) -> Tally:
    """Removes everything, the bucket last, and returns what is left.

    Args:
        customer: the customer to erase.
        erased: counts what is removed, even if this ends with an error.
    """
    for _ in range(MOST_PASSES):
        erased.take(customer.contents(), removing=True)
        left = Tally().take(customer.contents(), removing=False)
        if not left.number:
            erased.take(customer.itself(), removing=True)
            break
    return left


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    options = _options(arguments)
    session = boto3.Session()
    erased, left, problem, code = Tally(), None, "", 1
    try:
        customer = customer_of(session, options.job, options.customer)
        if options.erase:
            check_may_go(customer, session.client("cloudformation"))
            left = erase(customer, erased)
        else:
            left = Tally().take(customer.contents(), removing=False).take(customer.itself(), removing=False)
        code = int(bool(left.number))
    except RefusedError as error:
        problem, code = f"refused: {error}", 2
    except (BotoCoreError, ClientError, NotRemovedError, KeyboardInterrupt) as error:
        problem = f"{str(error) or 'interrupted'}; the report has what is removed: start again when the cause is gone"
    report(options, erased, left)
    if problem:
        print(f"erase_customer: {problem}", file=sys.stderr)
    return code


def report(options: argparse.Namespace, erased: Tally, left: Tally | None) -> None:
    """Prints what was removed and what is left. Without `left`, the rest is unknown."""
    if options.json:
        found = {"erased": erased.rows(), "left": left.rows() if left else None, "stays": STAYS}
        print(json.dumps({"customer": options.customer, **found}, indent=2))
        return
    for title, tally in (("erased", erased), ("left", left)):
        for row in tally.rows() if tally else ():
            print(f"{title:<8}{row['kind']:<40}{row['count']:>12,}{row['bytes']:>20,} bytes")
    if left and not left.number:
        print(f"nothing of {options.customer} is left but, as docs/security.md says: {STAYS}")


def _stack_of(bucket: str, cloudformation: Any) -> str | None:
    try:
        found = cloudformation.describe_stack_resources(PhysicalResourceId=bucket)["StackResources"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # the error that no stack has it
            raise
        return None
    gone = ("DELETE_COMPLETE", "DELETE_SKIPPED")
    return next((each["StackName"] for each in found if each["ResourceStatus"] not in gone), None)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    def customer_id(text: str) -> str:
        if not re.fullmatch(r"[a-z0-9]+(-+[a-z0-9]+)*", text):
            raise argparse.ArgumentTypeError(f"must be lower-case letters, digits and inner hyphens, got: {text!r}")
        return text

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", required=True, metavar="NAME", help="a Glue job of the lake: it knows the names")
    parser.add_argument("--customer", required=True, metavar="ID", type=customer_id)
    parser.add_argument(
        "--erase", metavar="ID", help="repeat the id to erase the customer for good; this cannot be undone"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    options = parser.parse_args(arguments)
    if options.erase and options.erase != options.customer:
        parser.error(f"--erase must name the customer again, got: {options.erase}; write --erase {options.customer}")
    return options


if __name__ == "__main__":
    sys.exit(main())
