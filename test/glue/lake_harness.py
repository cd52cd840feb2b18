"""A lake for tests: the resources of the construct, the events of S3, and what the jobs made of them."""

import itertools
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from datalake.arguments import Arguments
from datalake.driver.arrivals import parse
from datalake.driver.drain import Drain
from datalake.driver.metrics import Metrics
from datalake.driver.work_queue import WorkQueue
from datalake.lake.claims import Claim, Task
from datalake.lake.manifest import Manifest, Run
from datalake.worker.stage import Stage
from datalake.worker.worker import Settings
from emulator.settings import ACCOUNT
from faulty_stages import FAULTY

ORGANIZATION, ENVIRONMENT = "mycompany", "test"
#: Processes may share a local AWS: each has numbers of its own.
_NUMBERS = itertools.count(os.getpid() * 1000)


@dataclass(frozen=True)
class Upload:
    """An object version, and the S3 event about it."""

    key: str
    version: str
    event: str


class Lake:
    """Work queue, dead-letter queue, manifest and customers."""

    def __init__(self) -> None:
        """Creates a lake under a name of its own."""
        self.name = f"lake{next(_NUMBERS)}"
        self.s3, self.sqs, self.glue = boto3.client("s3"), boto3.client("sqs"), boto3.client("glue")
        self.manifest = boto3.resource("dynamodb").create_table(
            TableName=f"{self.name}-manifest",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "object", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("object", "version")],
        )
        self.dead = self._queue("dead", {})
        found = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": found["Attributes"]["QueueArn"], "maxReceiveCount": 10}
        self.work = self._queue("work", {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(policy)})
        self._sequencer = itertools.count(0x10)

    def __enter__(self) -> "Lake":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def arguments(self, run: str = "jr_1", **more: Any) -> Arguments:
        """The arguments of a job."""
        names = {
            "JOB_NAME": "job",
            "JOB_RUN_ID": run,
            "organization": self.name,
            "environment": ENVIRONMENT,
            "manifest_table": self.manifest.name,
            "work_queue_url": self.work,
            "dead_letter_queue_url": self.dead,
            "data_role_arn": f"arn:aws:iam::{ACCOUNT}:role/data",
        }
        return Arguments(**names | {"idle_seconds": 0, "max_seconds": 60} | more)

    def bucket(self, customer: str = "acme") -> str:
        return f"{self.name}-{customer}-{ENVIRONMENT}-datalake"

    def database(self, customer: str = "acme") -> str:
        return f"{self.name}_{customer}_{ENVIRONMENT}".replace("-", "_")

    def add_customer(self, customer: str, datasets: Mapping[str, Any] | None = None) -> None:
        self.s3.create_bucket(Bucket=self.bucket(customer))
        self.s3.put_bucket_versioning(Bucket=self.bucket(customer), VersioningConfiguration={"Status": "Enabled"})
        parameters = {"datasets": json.dumps(datasets)} if datasets else {}
        self.glue.create_database(DatabaseInput={"Name": self.database(customer), "Parameters": parameters})

    def put(self, key: str, content: bytes, customer: str = "acme", **options: Any) -> Upload:
        """Uploads an object without sending its event."""
        put = self.s3.put_object(Bucket=self.bucket(customer), Key=key, Body=content, **options)
        return Upload(key, put["VersionId"], self.event(key, put["VersionId"], len(content), put["ETag"], customer))

    def event(self, key: str, version: str, size: int = 1, etag: str = "e", customer: str = "acme") -> str:
        """An event as EventBridge delivers it."""
        found = {"key": key, "size": size, "etag": etag.strip('"'), "version-id": version}
        found["sequencer"] = f"{next(self._sequencer):018X}"
        return json.dumps(
            {
                "detail-type": "Object Created",
                "source": "aws.s3",
                "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "detail": {"bucket": {"name": self.bucket(customer)}, "object": found},
            }
        )

    def send(self, *uploads: Upload | str) -> None:
        """Sends events, or messages of any other kind, to the work queue."""
        for upload in uploads:
            body = upload if isinstance(upload, str) else upload.event
            self.sqs.send_message(QueueUrl=self.work, MessageBody=body)

    def upload(self, key: str, content: bytes, customer: str = "acme", **options: Any) -> Upload:
        """Uploads an object and sends its event."""
        made = self.put(key, content, customer, **options)
        self.send(made)
        return made

    def hold(self, upload: Upload, run: str, seconds: float, **asked: bool) -> Claim:
        """Another run's claim of an object version."""
        arrival = parse(upload.event, self.arguments(), "")
        assert arrival
        claim = Manifest(self.manifest, Run("job", run), seconds).claim(Task(arrival, sent_at=0, **asked), "dataset")
        assert isinstance(claim, Claim)
        return claim

    def end_lease(self, upload: Upload, customer: str = "acme") -> None:
        """Ends the lease of a dead worker at once."""
        if "lease_until" in self.item(upload, customer):
            self.manifest.update_item(
                Key={"object": f"{customer}#{upload.key}", "version": upload.version},
                UpdateExpression="SET lease_until = :past",
                ExpressionAttributeValues={":past": 0},
            )

    def item(self, upload: Upload, customer: str = "acme") -> dict[str, Any]:
        """The manifest's item of an object version."""
        key = {"object": f"{customer}#{upload.key}", "version": upload.version}
        found: dict[str, Any] = self.manifest.get_item(Key=key, ConsistentRead=True).get("Item", {})
        return found

    def made_of(self, upload: Upload, customer: str = "acme") -> Upload:
        """The output of an object version, as an upload for the next stage."""
        item = self.item(upload, customer)
        (key,), (version,) = item["outputs"], item["output_versions"]
        return Upload(key, version, self.event(key, version, customer=customer))

    def read(self, upload: Upload, customer: str = "acme") -> bytes:
        """The content of an object version."""
        place: Any = {"Bucket": self.bucket(customer), "Key": upload.key, "VersionId": upload.version}
        content: bytes = self.s3.get_object(**place)["Body"].read()
        return content

    def backlog(self) -> int:
        """Messages in the work queue, those in flight included."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.work, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def dead_letters(self) -> list[dict[str, Any]]:
        """Body and attributes of the dead letters, which stay hidden for a while."""
        options: Any = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
        found = self.sqs.receive_message(QueueUrl=self.dead, **options).get("Messages", [])
        return [
            {
                "body": message["Body"],
                "receipt": message["ReceiptHandle"],
                "group": message["Attributes"].get("MessageGroupId"),
                **{name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()},
            }
            for message in found
        ]

    def redrive(self, letters: Iterable[Mapping[str, Any]]) -> None:
        """Moves dead letters back, as SQS does: attributes stay, the message is a new one."""
        for letter in letters:
            attributes: Any = {
                name: {"DataType": "String", "StringValue": value}
                for name, value in letter.items()
                if name in ("Reason", "ErrorType", "Attempts", "JobRunId")
            }
            self.sqs.send_message(QueueUrl=self.work, MessageBody=letter["body"], MessageAttributes=attributes)
            self.sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=letter["receipt"])

    def _queue(self, name: str, attributes: Any) -> str:
        url: str = self.sqs.create_queue(QueueName=f"{self.name}-{name}", Attributes=attributes)["QueueUrl"]
        return url


def drain(lake: Lake, stage: Stage, *, has_hidden: bool = False, **more: Any) -> Counter[str]:
    """One run. It waits only for objects that it will try again, and for messages of a run that died."""
    arguments = lake.arguments(**{"idle_seconds": 1 if stage is FAULTY else 0} | more)
    queue = WorkQueue(boto3.client("sqs"), lake.work, lake.dead)
    queue.has_hidden &= has_hidden
    metrics = Metrics(boto3.client("cloudwatch"), arguments, stage.name)
    return Drain(stage, Settings(arguments, queue.visibility_seconds, backoff_seconds=0.1), queue, metrics).run()
