"""Which of two versions of a key is the newer one. S3 alone knows."""

from typing import TYPE_CHECKING

from datalake.lake.arrival import Arrival
from datalake.lake.versions import versions
from datalake.log import log

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def is_newer(s3: "S3Client", arrival: Arrival, sequencer: str, version: str) -> bool:
    """True if an arrival is newer than another version of its key.

    Sequencers of one length are hexadecimal numbers that compare as text. Those of unequal length are not compared: AWS
    has documented that the shorter one is padded on the right, and before that on the left. S3's list of the versions
    decides instead. It does so for equal ones, too:
    the events of a reconcile have the time from S3's list, which is in seconds.

    Args:
        s3: the customer's client.
        arrival: one version.
        sequencer: of the other version, as S3 sent it.
        version: id of the other version. A version that was deleted for good counts as the older one.
    """
    mine, others = arrival.sequencer.lower(), sequencer.lower()
    if len(mine) == len(others) and mine != others:
        return mine > others
    newest = _newest_of(s3, arrival, {arrival.version, version})
    # Sequencers of unequal length, or equal ones: S3's list of versions has decided.
    log(
        "order_asked",
        object=arrival.object,
        sequencers=[arrival.sequencer, sequencer],
        newest=newest,
    )
    return newest == arrival.version


def _newest_of(s3: "S3Client", arrival: Arrival, ids: set[str]) -> str | None:
    """The first of some versions in S3's list, which has the newest version of a key first."""
    for found in versions(s3, arrival.bucket, arrival.key):
        if found["Key"] != arrival.key:
            return None  # keys are listed in order: other keys of the same prefix follow
        if found["VersionId"] in ids:
            return found["VersionId"]
    return None
