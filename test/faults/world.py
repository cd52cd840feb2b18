"""A lake for one scenario: queues, rules, manifest, a customer; uploads, runs and recovery."""

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import boto3
from emulator.client import turn_clock
from emulator.settings import ACCOUNT, REGION, S3_EVENTS_AFTER_SECONDS

from faults.injection import Fault
from faults.runs import Start, start_run
from faults.truth import Finding, contradictions

ORGANIZATION, ENVIRONMENT, CUSTOMER = "mycompany", "test", "acme"
STAGES = {"process-csv": "raw/", "analytics-transform": "processed/"}
DATASETS = json.dumps({"orders": {"columns": [{"name": "id", "type": "string"}, {"name": "old", "type": "boolean"}]}})
#: Visibility of a message and length of a lease: a minute on AWS.
VISIBILITY_SECONDS = 2
RECOVERY_SECONDS = 40
#: MAX_RECEIVE_COUNT of src/stage.ts.
MOST_RECEIVES = 100
_NUMBERS = itertools.count(1)
_NO_ARGUMENTS: Mapping[str, object] = {}


@dataclass
class Place:
    """A stage of the lake."""

    prefix: str
    work: str
    dead: str
    rule: str
    runs: int = 0
    exit_codes: list[int] = field(default_factory=list)


class World:
    """A new lake with one customer. After `close` it delivers nothing."""

    def __init__(self, environment: Mapping[str, str], folder: Path, *, holds: str | None = None) -> None:
        """Makes it.

        Args:
            environment: of the local AWS.
            folder: for its runs.
            holds: the stage whose events are kept, for the scenario to deliver.
        """
        self.environment, self.folder = environment, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"w{next(_NUMBERS)}"
        session: Any = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=REGION
        )
        endpoint: Any = {"endpoint_url": environment["AWS_ENDPOINT_URL"]}
        self.s3, self.sqs, self.glue, self._events = (
            session.client(name, **endpoint) for name in ("s3", "sqs", "glue", "events")
        )
        self.manifest = self._table(session.resource("dynamodb", **endpoint))
        self.bucket = f"{self.name}-{CUSTOMER}-{ENVIRONMENT}-datalake"
        self.database = f"{self.name}_{CUSTOMER}_{ENVIRONMENT}"
        self.uploads: list[tuple[str, str]] = []
        self._customer()
        self._held, self._holds = self._queue("held", {}), holds
        self.places = {name: self._place(name, prefix) for name, prefix in STAGES.items()}

    def put(self, key: str, content: bytes) -> str:
        """Uploads an object, and lets its event go the usual way."""
        version: str = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)["VersionId"]
        self.uploads.append((key, version))
        return version

    def held_events(self) -> list[str]:
        """The events kept so far, in the order of the uploads."""
        versions = self.inputs(self._holds or "")
        found: dict[str, str] = {}
        assert until(lambda: self._take_held(found) == len(versions))
        return [found[version["VersionId"]] for version in versions]

    def send(self, *bodies: str, stage: str = "process-csv") -> None:
        """Delivers events."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.places[stage].work, MessageBody=body, MessageGroupId=self.bucket)

    def start(
        self,
        stage: str,
        fault: Fault | None = None,
        arguments: Mapping[str, object] = _NO_ARGUMENTS,
        **more: Any,
    ) -> BaseProcess:
        """Starts a run of a stage's job, as a process; `arguments` are the job's, `more` are those of `Start`."""
        place = self.places[stage]
        place.runs += 1
        names = {
            "JOB_NAME": stage,
            "JOB_RUN_ID": f"jr_{stage}_{place.runs}",
            "organization": self.name,
            "environment": ENVIRONMENT,
            "manifest_table": self.manifest.name,
            "work_queue_url": place.work,
            "dead_letter_queue_url": place.dead,
            "data_role_arn": f"arn:aws:iam::{ACCOUNT}:role/data",
            "idle_seconds": "0",
            **arguments,
        }
        argv = [f"{stage}.py", *(word for name, value in names.items() for word in (f"--{name}", str(value)))]
        return start_run(Start(stage, argv, self.environment, self.folder, fault, **more))

    def run(self, stage: str, fault: Fault | None = None, **more: Any) -> int:
        """One run of a stage's job, to its end."""
        process = self.start(stage, fault, **more)
        process.join()
        code = process.exitcode or 0
        self.places[stage].exit_codes.append(code)
        return code

    def recover(self, fault: Fault | None = None, *, is_complete: bool = True, **more: Any) -> bool:
        """Starts the jobs that have work, as wake-ups and sweeper do, until nothing is left to do.

        Args:
            fault: to inject into the first run that comes so far.
            is_complete: the event of every object has been sent.
            more: of `Start`.

        Returns:
            False if that does not come.
        """

        def step() -> bool:
            is_busy = False
            for stage, place in self.places.items():
                waiting, hidden = self.backlog(place.work)
                if waiting:
                    self.run(stage, fault, **more)
                is_busy |= bool(waiting or hidden)
            return not is_busy and (not is_complete or self._is_recorded())

        return until(step, RECOVERY_SECONDS, pause=0.2)

    @property
    def is_injected(self) -> bool:
        """True if the fault has happened."""
        return (self.folder / "injected").exists()

    def is_delivered(self, stage: str) -> bool:
        """True if the events of all objects that a stage reads are in its queue."""
        return sum(self.backlog(self.places[stage].work)) >= len(self.inputs(stage))

    def backlog(self, url: str) -> tuple[int, int]:
        """Messages of a queue that wait, and those in flight or delayed."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        number = "ApproximateNumberOfMessages"
        return int(found[number]), int(found[f"{number}NotVisible"]) + int(found[f"{number}Delayed"])

    def versions(self) -> list[dict[str, Any]]:
        """All versions of all objects."""
        found: list[dict[str, Any]] = self.s3.list_object_versions(Bucket=self.bucket).get("Versions", [])
        return found

    def inputs(self, stage: str) -> list[dict[str, Any]]:
        """All versions of the objects that a stage reads, in the order in which they were put."""
        found = [version for version in self.versions() if version["Key"].startswith(STAGES[stage])]
        order = {version: at for at, (_, version) in enumerate(self.uploads)}
        return sorted(found, key=lambda version: (order.get(version["VersionId"], 0), version["LastModified"]))

    def items(self) -> list[dict[str, Any]]:
        """The whole manifest."""
        found: list[dict[str, Any]] = self.manifest.scan(ConsistentRead=True)["Items"]
        return found

    def dead_letters(self, stage: str) -> list[dict[str, Any]]:
        """Receives the dead letters, which stay hidden from then on."""
        found: list[dict[str, Any]] = []
        options = {"QueueUrl": self.places[stage].dead, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while messages := self.sqs.receive_message(**options).get("Messages"):
            found += messages
        return found

    def redrive(self, stage: str) -> list[str]:
        """Moves the dead letters back, and returns their reasons."""
        place = self.places[stage]
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "VisibilityTimeout": 0}
        letters = self.sqs.receive_message(QueueUrl=place.dead, **options).get("Messages", [])
        self.sqs.start_message_move_task(SourceArn=self._arn(place.dead), DestinationArn=self._arn(place.work))
        until(lambda: not any(self.backlog(place.dead)))
        return [letter["MessageAttributes"]["Reason"]["StringValue"] for letter in letters]

    def findings(self) -> list[Finding]:
        """What the operator's command `check` finds."""
        queues = {place.prefix: place.work for place in self.places.values()}
        place = {"customer": CUSTOMER, "bucket": self.bucket, "manifestTable": self.manifest.name}
        return contradictions(self.environment, {**place, "workQueues": queues})

    def close(self) -> None:
        """Deletes the rules, so that the events of the next lakes do not have to pass them."""
        for place in self.places.values():
            self._events.remove_targets(Rule=place.rule, Ids=["work"])
            self._events.delete_rule(Name=place.rule)

    def _is_recorded(self) -> bool:
        """True if the manifest has every object version that a job reads, so that no event is on its way."""
        known = {(item["object"], item["version"]) for item in self.items()}
        inputs = [version for version in self.versions() if version["Key"].startswith(tuple(STAGES.values()))]
        return all((f"{CUSTOMER}#{version['Key']}", version["VersionId"]) in known for version in inputs)

    def _take_held(self, found: dict[str, str]) -> int:
        for message in self.sqs.receive_message(QueueUrl=self._held, MaxNumberOfMessages=10).get("Messages", []):
            found[json.loads(message["Body"])["detail"]["object"]["version-id"]] = message["Body"]
        return len(found)

    def _customer(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        events: dict[str, Any] = {"EventBridgeConfiguration": {}}
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration=events)
        turn_clock(self.environment["AWS_ENDPOINT_URL"], S3_EVENTS_AFTER_SECONDS)
        self.glue.create_database(DatabaseInput={"Name": self.database, "Parameters": {"datasets": DATASETS}})

    def _place(self, stage: str, prefix: str) -> Place:
        dead = self._queue(f"{stage}-dead", {})
        policy = json.dumps({"deadLetterTargetArn": self._arn(dead), "maxReceiveCount": MOST_RECEIVES})
        work = self._queue(stage, {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": policy})
        rule = f"{self.name}-{stage}"
        detail = {"bucket": {"name": [self.bucket]}, "object": {"key": [{"prefix": prefix}]}}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
        self._events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        target = self._held if stage == self._holds else work
        group = {"MessageGroupId": "$.detail.bucket.name"}
        targets = [{"Id": "work", "Arn": self._arn(target), "SqsParameters": group}]
        self._events.put_targets(Rule=rule, Targets=targets)
        return Place(prefix, work, dead, rule)

    def _arn(self, url: str) -> str:
        arn: str = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return arn

    def _queue(self, name: str, attributes: Mapping[str, str]) -> str:
        url: str = self.sqs.create_queue(QueueName=f"{self.name}-{name}", Attributes=attributes)["QueueUrl"]
        return url

    def _table(self, dynamodb: Any) -> Any:
        return dynamodb.create_table(
            TableName=f"{self.name}-manifest",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "object", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("object", "version", "customer_status", "updated_at")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-status",
                    "KeySchema": [
                        {"AttributeName": "customer_status", "KeyType": "HASH"},
                        {"AttributeName": "updated_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )


def until(is_done: Callable[[], bool], seconds: float = 10, pause: float = 0.05) -> bool:
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def calls_of(folder: Path, stage: str) -> Sequence[str]:
    """The calls that the runs of a stage have made."""
    return (folder / f"calls-{stage}").read_text().split()
