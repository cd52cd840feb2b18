"""Which of two versions of a key is the newer one. S3 alone knows."""

from typing import TYPE_CHECKING, Any

from datalake.lake.arrival import Arrival
from datalake.log import log

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def is_newer(s3: "S3Client", arrival: Arrival, sequencer: str, version: str) -> bool:
    """True if an arrival is newer than another version of its key.

    Sequencers of one length are hexadecimal numbers that compare as text. Those of unequal length are not compared: AWS
    has documented that the shorter one is padded on the right, and before that on the left. S3's list of the versions
    decides instead.

    Args:
        s3: the customer's client.
        arrival: one version.
        sequencer: of the other version, as S3 sent it.
        version: id of the other version. A version that was deleted for good counts as the older one.
    """
    if len(arrival.sequencer) == len(sequencer):
        return arrival.sequencer.lower() > sequencer.lower()
    newest = _newest_of(s3, arrival, {arrival.version, version})
    # Sequencers of unequal length: S3's list of versions has decided.
    log(
        "order_asked",
        object=arrival.object,
        sequencers=[arrival.sequencer, sequencer],
        newest=newest,
    )
    return newest == arrival.version


def _newest_of(s3: "S3Client", arrival: Arrival, versions: set[str]) -> str | None:
    """The first of some versions in S3's list, which has the newest version of a key first."""
    place: Any = {"Bucket": arrival.bucket, "Prefix": arrival.key}
    while True:
        # No paginator: it would call the shared client, which signs for nobody.
        page = s3.list_object_versions(**place)
        for found in page.get("Versions", ()):
            if found["Key"] != arrival.key:
                return None  # keys are listed in order: other keys of the same prefix follow
            if found["VersionId"] in versions:
                return found["VersionId"]
        if not page["IsTruncated"]:
            return None
        place |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
