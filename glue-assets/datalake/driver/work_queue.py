"""The stage's work queue and its dead-letter queue."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from datalake import policy
from datalake.log import log

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_HIDDEN: Literal["ApproximateNumberOfMessagesNotVisible"] = "ApproximateNumberOfMessagesNotVisible"
#: By the name that boto3 of Glue 5.0 knows, whose type has not all of them.
_ATTRIBUTES: Any = ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"]


_Each = TypeVar("_Each")


@dataclass(frozen=True)
class Message:
    """A message that was received.

    Attributes:
        receives: how often it has been received, this time included.
        sent_at: in seconds of the epoch; a redrive makes it a new message.
        is_redriven: it has been a dead letter of the job.
    """

    id: str
    receipt: str
    body: str
    receives: int
    sent_at: float
    group: str | None
    is_redriven: bool


class WorkQueue:
    """Receives and settles messages, ten per call.

    Attributes:
        visibility_seconds: how long a received message is hidden.
        has_hidden: some messages were hidden at the start, as far as SQS knows.
        most_receives: SQS moves a message that was received more often to the dead-letter queue. None: it never does.
    """

    def __init__(self, sqs: "SQSClient", url: str, dead_letter_url: str) -> None:
        """Reads the queue's attributes.

        Raises:
            botocore.exceptions.ClientError: the queue does not exist, or may not be used.
        """
        self._sqs, self._url, self._dead_letter_url = sqs, url, dead_letter_url
        names: list[QueueAttributeNameType] = ["VisibilityTimeout", "RedrivePolicy", _HIDDEN]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        self.visibility_seconds = int(found["VisibilityTimeout"])
        self.has_hidden = int(found[_HIDDEN]) > 0
        policy = json.loads(found.get("RedrivePolicy", "{}"))
        self.most_receives = int(policy.get("maxReceiveCount", 0)) or None

    def receive(self, wait_seconds: int) -> list[Message]:
        """Receives up to ten messages; waits for the first one."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=policy.BATCH,
            WaitTimeSeconds=wait_seconds,
            AttributeNames=_ATTRIBUTES,
            MessageAttributeNames=["Reason"],
        )
        return [_message(found) for found in answer.get("Messages", [])]

    def delete(self, messages: Iterable[Message]) -> None:
        """Deletes messages whose work is done."""
        self._each_ten(self._sqs.delete_message_batch, messages)

    def hide(self, messages: Iterable[Message], seconds: float) -> None:
        """Hides messages for this many seconds from now; 0 gives them back at once."""
        timeout = min(max(0, round(seconds)), policy.LONGEST_HIDDEN_SECONDS)
        self._each_ten(self._sqs.change_message_visibility_batch, messages, VisibilityTimeout=timeout)

    def send(self, bodies: Iterable[str], group: str) -> None:
        """Sends messages of one group. After an error, some of them may have been sent.

        Raises:
            botocore.exceptions.ClientError: SQS refused the call.
            RuntimeError: SQS refused one of the messages.
        """
        for batch in _batches(list(bodies)):
            entries: Any = [
                {"Id": str(at), "MessageBody": body, "MessageGroupId": group} for at, body in enumerate(batch)
            ]
            refused = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed", [])
            if refused:
                raise RuntimeError(f"SQS took {len(batch) - len(refused)} of {len(batch)} messages: {refused[0]}")

    def bury(self, messages: Sequence[Message], reason: Mapping[str, str]) -> None:
        """Turns the messages about an object version into one dead letter.

        Args:
            messages: the letter has the body of the first, unchanged.
            reason: the letter's attributes.
        """
        body, group = messages[0].body, next((message.group for message in messages if message.group), None)
        attributes: Any = {name: {"DataType": "String", "StringValue": value or "-"} for name, value in reason.items()}
        self._sqs.send_message(
            QueueUrl=self._dead_letter_url,
            MessageBody=body,
            MessageAttributes=attributes,
            **cast(Any, {"MessageGroupId": group} if group else {}),
        )
        self.delete(messages)

    def _each_ten(self, call: Any, messages: Iterable[Message], **options: Any) -> None:
        for batch in _batches(list(messages)):
            entries = [{"Id": str(at), "ReceiptHandle": message.receipt, **options} for at, message in enumerate(batch)]
            for failed in call(QueueUrl=self._url, Entries=entries).get("Failed", []):
                # Its receipt has expired. The message comes again, and then nothing is left to do.
                log("receipt_expired", message=batch[int(failed["Id"])].id, code=failed["Code"])


def _batches(messages: list[_Each]) -> Iterable[list[_Each]]:
    return (messages[start : start + policy.BATCH] for start in range(0, len(messages), policy.BATCH))


def _message(found: "MessageTypeDef") -> Message:
    attributes = found["Attributes"]
    return Message(
        id=found["MessageId"],
        receipt=found["ReceiptHandle"],
        body=found["Body"],
        receives=int(attributes["ApproximateReceiveCount"]),
        sent_at=int(attributes["SentTimestamp"]) / 1000,
        group=attributes.get("MessageGroupId"),
        is_redriven="Reason" in found.get("MessageAttributes", {}),
    )
