"""What the manifest knows of a key over all its versions: the item `#latest`.

It settles the key's partition, by its first version to arrive, and lists the versions that no newer one has replaced
yet. S3 alone decides which version is the newest. The output's own metadata tells which one's rows are there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datalake import policy
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Item
from datalake.lake.keys import partition_of
from datalake.lake.manifest import Identity, Manifest
from datalake.lake.order import is_newer
from datalake.lake.state import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

LATEST = "#latest"
#: Between sequencer and version id in an entry of the list.
_SEPARATOR = "#"


@dataclass(frozen=True)
class Pointer:
    """A key as one of its versions finds it.

    Attributes:
        partition: where the rows of all its versions go.
        others: the sequencers of the other versions that no newer one has replaced yet, by version id.
    """

    partition: str
    others: Mapping[str, str]


class Latest:
    """The items `#latest` of one customer."""

    def __init__(self, table: "Table", manifest: Manifest, s3: "S3Client") -> None:
        """Takes table and client of the customer's session; calls nothing yet."""
        self._table, self._manifest, self._s3 = table, manifest, s3

    def register(self, arrival: Arrival) -> Pointer:
        """Enters a version under its key.

        A list that has grown long loses its versions that failed, were rejected or superseded. They are final, and they
        would fill the item (400 KB) if no version of the key ever succeeded. An output that one of them may have left
        needs no entry: its own metadata says that it is older.
        """
        answer = self._table.update_item(
            Key={"object": arrival.object, "version": LATEST},
            UpdateExpression="ADD versions :version SET #partition = if_not_exists(#partition, :partition)",
            ExpressionAttributeNames={"#partition": "partition"},
            ExpressionAttributeValues={
                ":version": {_entry(arrival.sequencer, arrival.version)},
                ":partition": partition_of(arrival.uploaded_at),
            },
            ReturnValues="ALL_NEW",
        )
        found: Any = answer["Attributes"]
        entries = [entry.split(_SEPARATOR, 1) for entry in found["versions"]]
        others = {version: sequencer for sequencer, version in entries if version != arrival.version}
        if len(others) > policy.MOST_UNREPLACED:
            others = self._without_final(arrival, others)
        return Pointer(found["partition"], others)

    def replace_older(self, arrival: Arrival, finish: Callable[[Manifest, Item], None]) -> None:
        """Marks the versions that this one has replaced, and the objects made of them, as SUPERSEDED.

        It is done again whenever the version's message comes, so nothing stays behind if a worker dies in between.

        Args:
            arrival: the newer version.
            finish: the stage's. Whoever committed the older version may not have come to it. Then the objects made of
                it are entered here, as SUPERSEDED, and stay so when that worker comes to it.
        """
        others = self.register(arrival).others
        older = {
            version: sequencer
            for version, sequencer in others.items()
            if is_newer(self._s3, arrival, sequencer, version)
        }
        for version in older:
            replaced = self._manifest.supersede((arrival.object, version))
            finish(self._manifest, replaced)
            for made in made_of(replaced):
                self._manifest.supersede(made)
        self._remove(arrival, older)

    def _without_final(self, arrival: Arrival, others: Mapping[str, str]) -> dict[str, str]:
        """Takes the final ones out. They keep their status when a newer version comes."""
        final = (State.FAILED, State.REJECTED, State.SUPERSEDED)
        gone = {
            version: sequencer
            for version, sequencer in others.items()
            if self._manifest.get((arrival.object, version)).get("status") in final
        }
        self._remove(arrival, gone)
        return {version: sequencer for version, sequencer in others.items() if version not in gone}

    def _remove(self, arrival: Arrival, versions: Mapping[str, str]) -> None:
        if versions:
            entries = {_entry(sequencer, version) for version, sequencer in versions.items()}
            self._table.update_item(
                Key={"object": arrival.object, "version": LATEST},
                UpdateExpression="DELETE versions :gone",
                ExpressionAttributeValues={":gone": entries},
            )


def made_of(item: Item) -> list[Identity]:
    """The objects that were made of a version."""
    made = zip(item.get("outputs", ()), item.get("output_versions", ()), strict=True)
    return [(f"{item['customer']}#{key}", version) for key, version in made]


def replaced_by(item: Item) -> list[Identity]:
    """The objects that were made of a version before it was processed again."""
    versions = item.get("replaced_versions", ())
    return [(f"{item['customer']}#{key}", version) for key in item.get("outputs", ()) for version in versions]


def _entry(sequencer: str, version: str) -> str:
    return f"{sequencer}{_SEPARATOR}{version}"
