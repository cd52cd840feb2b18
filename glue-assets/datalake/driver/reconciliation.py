"""Finds the objects that no event has told of, and sends the events that are missing.

S3 delivers each event at least once. But a new bucket sends none in its first minutes, and a rule may have been
disabled. So once a day a message asks each stage to compare its input with the manifest:

    {"detail-type": "Reconcile Requested", "detail": {}}

The run sends such a message for each customer's bucket. That one lists the versions under the stage's prefix, and an S3
event is sent for each current one that has no item. What takes long goes on with another message. All of it may happen
twice: an event that comes again changes nothing.

A request to process versions again (`replay.py`) goes through the same list.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3

from datalake import policy
from datalake.arguments import Arguments
from datalake.driver.arrivals import CREATED, PassedOverError, owner_of, parse
from datalake.driver.replay import event_again, is_asked, replay_group
from datalake.driver.request import Request
from datalake.driver.work_queue import Message, WorkQueue
from datalake.lake.arrival import ForeignBucketError, iso
from datalake.lake.clients import CONFIG, Clients, job_session
from datalake.lake.manifest import Manifest, Run
from datalake.lake.tenant import NoDatabaseError, Tenant
from datalake.lake.versions import versions
from datalake.log import log

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

#: Buckets per call, where boto3 knows of pages.
_BUCKETS = 1000


class Reconciliation:
    """Does what requests ask, each in a thread of its own."""

    def __init__(self, arguments: Arguments, prefix: str, queue: WorkQueue) -> None:
        """Makes the clients, which threads could not make side by side; calls nothing yet."""
        self._arguments, self._prefix, self._queue = arguments, prefix, queue
        self._run = Run(arguments.JOB_NAME, arguments.JOB_RUN_ID)
        self._s3: S3Client = boto3.Session(botocore_session=job_session(arguments)).client("s3", config=CONFIG)
        self._clients = Clients(arguments)
        _ = self._clients.s3, self._clients.glue

    def run(self, request: Request, message: Message, clock: Callable[[], float] = time.monotonic) -> int:
        """Does what a message asks, sends messages for the rest of it, and deletes it last.

        Returns:
            The number of versions that no event has told of; 0 for those to process again.
        """
        found = self._look_through(request, request.bucket, clock) if request.bucket else self._each_bucket(request)
        self._queue.delete([message])
        return 0 if request.again else found

    def _each_bucket(self, request: Request) -> int:
        for bucket in _names(self._s3, f"{self._arguments.organization}-"):
            try:
                owner_of(bucket, self._arguments)
            except ForeignBucketError:
                continue
            self._queue.send([replace(request, bucket=bucket).body], bucket)
        return 0

    def _look_through(self, request: Request, bucket: str, clock: Callable[[], float]) -> int:
        """Sends the events that are missing, or those of versions to process again.

        They are of one customer's group, so that no other waits for them. Those to process again have a group of their
        own, so that the customer's new objects do not wait for them either.
        """
        tenant = Tenant(owner_of(bucket, self._arguments), self._clients)
        try:
            tenant.datasets(0)
        except NoDatabaseError as error:
            log("reconciled", bucket=bucket, error=str(error))  # its objects could not become rows
            return 0
        manifest = Manifest(tenant.manifest, self._run, lease_seconds=0)
        ends, events, rest = clock() + policy.RECONCILE_SECONDS, [], []
        for found in versions(tenant.s3, bucket, request.prefix, request.after):
            if found["IsLatest"]:
                events += self._events(request, bucket, found, manifest)
            if clock() > ends:
                rest = [replace(request, after=(found["Key"], found["VersionId"])).body]
                break
        self._queue.send([*events, *rest], replay_group(bucket) if request.again else bucket)
        if request.again:
            log("replay_sent", bucket=bucket, prefix=request.prefix, objects=len(events), goes_on=bool(rest))
        else:
            log("reconciled", bucket=bucket, prefix=request.prefix, unseen=len(events), goes_on=bool(rest))
        return len(events)

    def _events(self, request: Request, bucket: str, found: "ObjectVersionTypeDef", manifest: Manifest) -> list[str]:
        """The event about a version, if it is to be sent."""
        if request.again:
            customer = owner_of(bucket, self._arguments).customer
            item = manifest.get((f"{customer}#{found['Key']}", found["VersionId"]))
            return [event_again(bucket, item, request.again)] if is_asked(item, request, request.again) else []
        is_due = request.since <= found["LastModified"] < request.until
        return self._missing(_event(bucket, found), manifest) if is_due else []

    def _missing(self, event: str, manifest: Manifest) -> list[str]:
        """The event, if its version has no item and may hold data."""
        try:
            arrival = parse(event, self._arguments, self._prefix)
        except PassedOverError:
            return []
        if manifest.get(arrival.identity):
            return []
        log("unseen", object=arrival.object, version=arrival.version)
        return [event]


def _event(bucket: str, found: "ObjectVersionTypeDef") -> str:
    """The event that S3 would have sent. Its sequencer is the version's time: S3 tells no other one afterwards."""
    uploaded_at = found["LastModified"]
    described = {
        "key": found["Key"],
        "version-id": found["VersionId"],
        "size": found["Size"],
        "etag": found["ETag"].strip('"'),
        "sequencer": f"{int(uploaded_at.timestamp() * 1000):X}",
    }
    detail = {"bucket": {"name": bucket}, "object": described}
    return json.dumps({"detail-type": CREATED, "time": iso(uploaded_at), "detail": detail})


def _names(s3: "S3Client", prefix: str) -> Iterator[str]:
    """The account's buckets with this prefix; all of them with the boto3 of Glue 5.0, which has no pages of buckets."""
    client: Any = s3
    if client.can_paginate("list_buckets"):
        pages = client.get_paginator("list_buckets").paginate(Prefix=prefix, PaginationConfig={"PageSize": _BUCKETS})
    else:
        pages = [client.list_buckets()]
    return (bucket["Name"] for page in pages for bucket in page["Buckets"])
