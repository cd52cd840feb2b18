"""Client of a deployed lake: uploads objects and shows where they are."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import boto3
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from demo.inputs import bucket_name, database_name

LAYERS = ("raw", "processed", "analytics-ready")
ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
IDLE_SECONDS = 180
FINAL = ("SUCCEEDED", "FAILED", "REJECTED", "SUPERSEDED")


@dataclass(frozen=True)
class Stage:
    """One of the two stages, with the names from the stack's outputs."""

    name: str
    job_name: str
    queue_url: str
    dead_letter_queue_url: str


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue, with the reason that the job attached."""

    stage: str
    bucket: str
    key: str
    attributes: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True)
class ManifestItem:
    """One object version in the manifest.

    Attributes:
        object: `{customer}#{key}`.
        attributes: the whole item as read from DynamoDB.
    """

    object: str
    version: str
    status: str
    source: str | None = None
    rows_in: int = 0
    rows_out: int = 0
    values_rescued: int = 0
    attempts: int = 0
    outputs: tuple[str, ...] = ()
    reason: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def customer(self) -> str:
        """The customerId."""
        return self.object.split("#", 1)[0]

    @property
    def key(self) -> str:
        """The object key."""
        return self.object.split("#", 1)[1]

    @property
    def identity(self) -> str:
        """`source` of an item made from this one."""
        return f"{self.object}#{self.version}"

    @property
    def is_final(self) -> bool:
        """True if the lake will not process this version further on its own."""
        return self.status in FINAL

    @classmethod
    def from_attributes(cls, item: Mapping[str, Any]) -> "ManifestItem":
        """Reads a DynamoDB item."""
        error = item.get("error") or {}
        return cls(
            object=item["object"],
            version=item["version"],
            status=item["status"],
            source=item.get("source"),
            rows_in=int(item.get("rows_in", 0)),
            rows_out=int(item.get("rows_out", 0)),
            values_rescued=int(item.get("values_rescued", 0)),
            attempts=int(item.get("attempts", 0)),
            outputs=tuple(item.get("outputs", ())),
            reason=error.get("message", ""),
            attributes=item,
        )


class Lake:
    """A deployed lake of examples/quickstart."""

    def __init__(self, environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
        """Creates the clients.

        Args:
            environment: environment variables with endpoint, region and credentials.
            outputs: outputs of the stack.
        """
        self._session = session = self.session(environment)
        self._endpoint = environment["AWS_ENDPOINT_URL"]
        self.s3, self.sqs, self.glue = self.client("s3"), self.client("sqs"), self.client("glue")
        dynamodb = session.resource("dynamodb", endpoint_url=self._endpoint)
        self._manifest = dynamodb.Table(outputs["ManifestTableName"])
        self.outputs = outputs
        self.stages = tuple(
            Stage(name, outputs[f"{id_}JobName"], outputs[f"{id_}WorkQueueUrl"], outputs[f"{id_}DeadLetterQueueUrl"])
            for name, id_ in (("process-csv", "ProcessCsv"), ("analytics-transform", "AnalyticsTransform"))
        )

    @staticmethod
    def session(environment: Mapping[str, str]) -> boto3.Session:
        """A session with these credentials, not those of the process."""
        return boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )

    def client(self, service: str) -> Any:
        """A boto3 client for this AWS."""
        return cast(Any, self._session).client(service, endpoint_url=self._endpoint)

    def upload(self, customer: str, key: str, content: bytes | Path) -> str:
        """Puts one object and returns its version id."""
        if isinstance(content, Path):
            with content.open("rb") as body:
                answer = self.s3.put_object(Bucket=bucket_name(customer), Key=key, Body=body)
        else:
            answer = self.s3.put_object(Bucket=bucket_name(customer), Key=key, Body=content)
        version: str = answer["VersionId"]
        return version

    def objects(self, customer: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Keys and sizes of the customer's objects below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name(customer), Prefix=prefix)
        for page in pages:
            yield from page.get("Contents", [])

    def manifest(self) -> list[ManifestItem]:
        """Every object version in the manifest, without pointers and contracts."""
        return [ManifestItem.from_attributes(item) for item in self.manifest_items() if "status" in item]

    def manifest_items(self) -> Iterator[dict[str, Any]]:
        """Every item of the manifest table."""
        more: dict[str, Any] = {}
        while True:
            page = self._manifest.scan(**more)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def tables(self, customer: str) -> list[dict[str, Any]]:
        """The customer's tables from the Glue catalog."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database_name(customer))
        return [table for page in pages for table in page["TableList"]]

    def runs(self, stage: Stage) -> list[dict[str, Any]]:
        """Glue runs of a stage, the oldest first."""
        pages = self.glue.get_paginator("get_job_runs").paginate(JobName=stage.job_name)
        runs = [run for page in pages for run in page["JobRuns"]]
        return sorted(runs, key=lambda run: run["StartedOn"])

    def backlog(self, queue_url: str) -> int:
        """Number of messages in a queue, including those in flight and delayed."""
        answer = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
        kinds = ("", "NotVisible", "Delayed")
        return sum(int(answer[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)

    def is_idle(self) -> bool:
        """True if no message waits and no run is active."""
        busy = any(self.backlog(stage.queue_url) for stage in self.stages)
        return not busy and not any(run["JobRunState"] in ACTIVE for stage in self.stages for run in self.runs(stage))

    @retry(retry=retry_if_result(lambda idle: not idle), wait=wait_fixed(0.5), stop=stop_after_delay(IDLE_SECONDS))
    def wait_until_idle(self) -> bool:
        """Waits until no message waits and no run is active.

        Raises:
            tenacity.RetryError: it took too long.
        """
        return self.is_idle()

    def dead_letters(self) -> list[DeadLetter]:
        """Content of the dead-letter queues. The messages stay there."""
        return [letter for stage in self.stages for letter in self._peek(stage)]

    def _peek(self, stage: Stage) -> Iterator[DeadLetter]:
        url, seen = stage.dead_letter_queue_url, []
        options = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 30, "MessageAttributeNames": ["All"]}
        while messages := self.sqs.receive_message(QueueUrl=url, **options).get("Messages"):
            seen += messages
        for message in seen:
            receipt = message["ReceiptHandle"]
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
            body = json.loads(message["Body"])
            attributes = {name: a["StringValue"] for name, a in message.get("MessageAttributes", {}).items()}
            detail = body["detail"]
            yield DeadLetter(stage.name, detail["bucket"]["name"], detail["object"]["key"], attributes, body)

    def sweep(self) -> None:
        """Starts the sweeper, as the schedule does: it starts the jobs of queues that are not empty."""
        self.client("stepfunctions").start_execution(stateMachineArn=self.outputs["SweeperArn"])

    def redrive(self, stage: Stage) -> None:
        """Moves the stage's dead letters back to its work queue, as an operator does."""
        arns = [
            self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            for url in (stage.dead_letter_queue_url, stage.queue_url)
        ]
        # Always with a destination: messages that the job has sent have no source queue.
        self.sqs.start_message_move_task(SourceArn=arns[0], DestinationArn=arns[1])
        self._wait_until_moved(arns[0])

    @retry(retry=retry_if_result(lambda moved: not moved), wait=wait_fixed(0.2), stop=stop_after_delay(IDLE_SECONDS))
    def _wait_until_moved(self, source_arn: str) -> bool:
        answer = self.sqs.list_message_move_tasks(SourceArn=source_arn, MaxResults=1)["Results"]
        return all(task["Status"] != "RUNNING" for task in answer)
