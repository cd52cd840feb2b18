"""The manifest: one item for each object version, written only under a condition.

Whoever works on a version holds a lease: `lease_id` names the claim, and the lease ends at `lease_until` unless it is
renewed. An item is written by three only: the holder of its lease, a worker that takes over a lease that has ended, and
a newer version that replaces this one.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from datalake.lake.arrival import Arrival, iso
from datalake.lake.claims import Claim, Decision, Item, Task, decide
from datalake.lake.keys import RAW, file_type
from datalake.lake.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

Identity = tuple[str, str]
_DESERIALIZE = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Run:
    """The run of a job, as items name it."""

    job_name: str
    job_run_id: str


class Manifest:
    """The object versions of one customer."""

    def __init__(self, table: "Table", run: Run, lease_seconds: float) -> None:
        """Takes the DynamoDB table of the customer's session."""
        self._table, self.run, self.lease_seconds = table, run, lease_seconds

    def claim(self, task: Task, dataset: str) -> Claim | Decision:
        """Makes a version this worker's, in one write if nobody has had it before; or says why it does not."""
        claim = Claim(task.arrival, uuid.uuid4().hex, is_first=True)
        known = self._put_new({**self._described(task.arrival, dataset), **self._lease(claim)})
        if known is None:
            return claim
        decision = decide(known, task, self.run.job_run_id, datetime.now(UTC).timestamp())
        if decision.state != State.PROCESSING:
            return decision
        # If a replay was cut off, any later message goes on with it.
        arrival = replace(task.arrival, replay=max(task.arrival.replay, known.get("replay", "")))
        claim = Claim(arrival, claim.lease_id, decision.attempts, died_with=decision.died_with, former=known)
        lease = self._lease(claim) | {"is_exclusive": task.is_exclusive and not claim.died_with}
        as_it_was = Attr("status").eq(known["status"]) & Attr("lease_id").eq(known["lease_id"])
        if self._update(task.arrival.identity, lease, as_it_was) is None:
            return Decision(State.HELD, until=self._lease_end())
        return claim

    def renew(self, claim: Claim) -> bool:
        """Renews the lease; False if it is lost."""
        return self._update(claim.arrival.identity, {"lease_until": self._lease_end()}, _is_mine(claim)) is not None

    def commit(self, claim: Claim, status: State, facts: Mapping[str, Any]) -> Item | None:
        """Ends the claim with its result.

        Args:
            claim: this worker's.
            status: the result.
            facts: attributes of the item; one that is None is removed.

        Returns:
            The item; None if the lease is lost, and with it the right to write.
        """
        values = {**_status(claim.arrival.customer, status), "attempts": claim.attempts + 1}
        values |= {name: value for name, value in facts.items() if value is not None}
        gone = {"error": None, **facts}
        removed = ["lease_until", "is_exclusive", *(name for name, value in gone.items() if value is None)]
        return self._update(claim.arrival.identity, values, _is_mine(claim), removed)

    def supersede(self, identity: Identity) -> Item:
        """Marks a version as replaced by a newer one, whatever its status; returns its item, empty if there is none."""
        customer = identity[0].split("#", 1)[0]
        return self._update(identity, _status(customer, State.SUPERSEDED), Attr("status").exists()) or {}

    def add(self, identity: Identity, status: State, facts: Item) -> None:
        """Enters an object that no job reads. If it has an item already, nothing changes."""
        customer, key = identity[0].split("#", 1)
        place = {"object": identity[0], "version": identity[1], "customer": customer, "layer": key.split("/", 1)[0]}
        self._put_new({**place, "file_type": file_type(key), **_status(customer, status), **facts})

    def charge(self, arrival: Arrival, most_attempts: int, error: Mapping[str, str]) -> Item | None:
        """Ends the claim that a dead task of this run left behind, as a failed attempt.

        Returns:
            The item; None if the task had not claimed the version, or had committed it.
        """
        known = self.get(arrival.identity)
        if known.get("status") != State.PROCESSING or known["job_run_id"] != self.run.job_run_id:
            return None
        claim = Claim(arrival, known["lease_id"], int(known["attempts"]))
        status = State.FAILED if claim.attempts + 1 >= most_attempts else State.RETRYING
        return self.commit(claim, status, {"error": error})

    def get(self, identity: Identity) -> Item:
        """An item; empty if there is none."""
        key = {"object": identity[0], "version": identity[1]}
        item: Item = self._table.get_item(Key=key, ConsistentRead=True).get("Item", {})
        return item

    def _put_new(self, item: Item) -> Item | None:
        """Writes a new item, or returns the one that is there."""
        try:
            self._table.put_item(
                Item=item,
                ConditionExpression=Attr("object").not_exists(),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not is_condition_failed(error):
                raise
            return {name: _DESERIALIZE(value) for name, value in cast(Any, error.response)["Item"].items()}
        return None

    def _update(
        self, identity: Identity, values: Item, condition: ConditionBase, removed: Sequence[str] = ()
    ) -> Item | None:
        """Sets attributes; returns the whole item, or None if the condition does not hold."""
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if removed:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
        try:
            answer = self._table.update_item(
                Key={"object": identity[0], "version": identity[1]},
                UpdateExpression=expression,
                ExpressionAttributeNames={f"#{name}": name for name in (*values, *removed)},
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
                ConditionExpression=condition,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if not is_condition_failed(error):
                raise
            return None
        item: Item = answer["Attributes"]
        return item

    def _lease(self, claim: Claim) -> dict[str, Any]:
        replay = {"replay": claim.arrival.replay} if claim.arrival.replay else {}
        return {
            **_status(claim.arrival.customer, State.PROCESSING),
            **replay,
            "attempts": claim.attempts,
            "lease_id": claim.lease_id,
            "lease_until": self._lease_end(),
            "job_name": self.run.job_name,
            "job_run_id": self.run.job_run_id,
        }

    def _lease_end(self) -> int:
        return int(datetime.now(UTC).timestamp() + self.lease_seconds)

    def _described(self, arrival: Arrival, dataset: str) -> dict[str, Any]:
        # The key of the index by-dataset, which has uploads only.
        upload = {"customer_dataset": f"{arrival.customer}#{dataset}"} if arrival.key.startswith(RAW) else {}
        return upload | {
            "object": arrival.object,
            "version": arrival.version,
            "customer": arrival.customer,
            "layer": arrival.key.split("/", 1)[0],
            "dataset": dataset,
            "file_type": file_type(arrival.key),
            "size_bytes": arrival.size,
            "etag": arrival.etag,
            "sequencer": arrival.sequencer,
            "uploaded_at": iso(arrival.uploaded_at),
        }


def is_condition_failed(error: ClientError) -> bool:
    """True if a conditional write was refused by its condition."""
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")


def _is_mine(claim: Claim) -> ConditionBase:
    return Attr("lease_id").eq(claim.lease_id) & Attr("status").eq(State.PROCESSING.value)


def _status(customer: str, status: State) -> dict[str, Any]:
    """With the key of the index by status."""
    now = iso(datetime.now(UTC))
    return {"status": status.value, "customer_status": f"{customer}#{status.value}", "updated_at": now}
