"""What the manifest knows of a key over all its versions: the item `#latest`.

It settles the key's partition, by its first version to arrive, and lists the versions that none has replaced yet. Which
version is the newest is S3's word alone (the sequencer); which one's rows are there, the output's own metadata tells.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datalake.lake.arrival import SEQUENCER_DIGITS, Arrival
from datalake.lake.claims import Item
from datalake.lake.keys import partition_of
from datalake.lake.manifest import Identity, Manifest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LATEST = "#latest"


@dataclass(frozen=True)
class Pointer:
    """A key as one of its versions finds it.

    Attributes:
        partition: where the rows of all its versions go.
        others: the sequencers of the other versions that none has replaced yet.
    """

    partition: str
    others: Mapping[str, str]


def register(table: "Table", arrival: Arrival) -> Pointer:
    """Enters a version under its key."""
    answer = table.update_item(
        Key={"object": arrival.object, "version": LATEST},
        UpdateExpression="ADD versions :version SET #partition = if_not_exists(#partition, :partition)",
        ExpressionAttributeNames={"#partition": "partition"},
        ExpressionAttributeValues={
            ":version": {arrival.sequencer + arrival.version},
            ":partition": partition_of(arrival.uploaded_at),
        },
        ReturnValues="ALL_NEW",
    )
    found: Any = answer["Attributes"]
    versions = {entry[SEQUENCER_DIGITS:]: entry[:SEQUENCER_DIGITS] for entry in found["versions"]}
    others = {version: sequencer for version, sequencer in versions.items() if version != arrival.version}
    return Pointer(found["partition"], others)


def replace_older(
    table: "Table", manifest: Manifest, arrival: Arrival, pointer: Pointer, finish: Callable[[Manifest, Item], None]
) -> None:
    """Marks what a version has replaced, and the objects made of that, as SUPERSEDED.

    It is done again as often as the version's message comes, so nothing stays behind if a worker dies in between.

    Args:
        table: the manifest's.
        manifest: of the customer.
        arrival: the newer version.
        pointer: of its key.
        finish: the stage's. Whoever committed the older version may not have come to it: then the objects made of it
            are entered here, as SUPERSEDED, and when it comes to it they are there.
    """
    older = [version for version, sequencer in pointer.others.items() if sequencer < arrival.sequencer]
    for version in older:
        replaced = manifest.supersede((arrival.object, version))
        finish(manifest, replaced)
        for made in made_of(replaced):
            manifest.supersede(made)
    if older:
        table.update_item(
            Key={"object": arrival.object, "version": LATEST},
            UpdateExpression="DELETE versions :older",
            ExpressionAttributeValues={":older": {pointer.others[version] + version for version in older}},
        )


def made_of(item: Item) -> list[Identity]:
    """The objects that were made of a version."""
    made = zip(item.get("outputs", ()), item.get("output_versions", ()), strict=True)
    return [(f"{item['customer']}#{key}", version) for key, version in made]
