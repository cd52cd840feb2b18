"""Objects that the jobs write. Only the output of a newer version replaces one, and only in the state that was seen.

Two workers may have the same input, since leases end, and two versions of it may be in work at once. S3 itself keeps
them apart: the metadata of an output says what it was made of, and every write names the state that it replaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, urlencode

from botocore.exceptions import ClientError
from s3transfer.utils import ReadFileChunk

from datalake import policy
from datalake.engine.conversion import Rejected
from datalake.lake.arrival import Arrival
from datalake.lake.order import is_newer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
#: A 403 is none of them: the data role may list the bucket, so S3 says 404 for an object that is not there.
_ABSENT = ("404", "NoSuchKey")


class SupersededError(Exception):
    """A newer version of the object has been processed already."""


@dataclass(frozen=True)
class Written:
    """An output as it lies in S3.

    Attributes:
        version: S3's version id.
        metadata: the object's own.
    """

    version: str
    etag: str
    metadata: Mapping[str, str]

    def number(self, name: str) -> int:
        """A number of the metadata."""
        return int(self.metadata.get(name, 0))


class Output:
    """The one object that an input's key becomes.

    Attributes:
        was_there: it was seen, so other versions or attempts came before.
    """

    def __init__(self, s3: "S3Client", arrival: Arrival, key: str) -> None:
        """Calls nothing yet."""
        self._s3, self._arrival = s3, arrival
        self._place: Any = {"Bucket": arrival.bucket, "Key": key}
        self.key, self.was_there = key, False

    def look(self) -> tuple[Written | None, bool]:
        """The present output, and whether it was made of this very version of the input, since a replay was asked for.

        Raises:
            SupersededError: it was made of a newer version.
        """
        try:
            found = self._s3.head_object(**self._place)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return None, False
        self.was_there = True
        written = Written(found["VersionId"], found["ETag"], found["Metadata"])
        if written.metadata.get("source-version") == self._arrival.version:
            return written, written.metadata.get("replay", "") >= self._arrival.replay
        if not self._is_older(written):
            raise SupersededError(f"{self._place['Key']} already has the rows of a newer version")
        return written, False

    def _is_older(self, written: Written) -> bool:
        """True if an output was made of an older version, or by nobody who says so."""
        sequencer, version = (written.metadata.get(name, "") for name in ("sequencer", "source-version"))
        return not version or is_newer(self._s3, self._arrival, sequencer, version)

    def write(
        self, body: BinaryIO, seen: Written | None, metadata: Mapping[str, str], tags: Mapping[str, str]
    ) -> Written:
        """Puts the object in the place of the output that was seen.

        Returns:
            The output in place: another worker may have been faster with the same version.

        Raises:
            SupersededError: a newer version has been faster.
        """
        described = {"Metadata": metadata, "Tagging": urlencode(tags), **self._place}
        for _ in range(policy.OUTPUT_TRIES):
            condition = {"IfMatch": seen.etag} if seen else {"IfNoneMatch": "*"}
            try:
                put = _put(self._s3, body, described, condition)
                return Written(put["VersionId"], put["ETag"], metadata)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _CHANGED:
                    raise
            seen, is_mine = self.look()
            if seen and is_mine:
                return seen
        raise TimeoutError(f"{self._place['Key']} changes faster than it can be written")


def source_metadata(arrival: Arrival) -> dict[str, str]:
    """What an output's metadata says of its source. The key is percent-encoded, since metadata is ASCII.

    Raises:
        Rejected: the key does not fit into the 2 KB that S3 gives to metadata.
    """
    key = quote(arrival.key, safe="/ !$&'()*+,;:=@~")
    if len(key) > policy.SOURCE_KEY_BYTES:
        raise Rejected(
            f"the key has {len(key)} bytes percent-encoded, allowed are {policy.SOURCE_KEY_BYTES}: "
            "upload it by a shorter one"
        )
    replay = {"replay": arrival.replay} if arrival.replay else {}
    return {"source-key": key, "source-version": arrival.version, "sequencer": arrival.sequencer, **replay}


def _put(s3: "S3Client", body: BinaryIO, described: Any, condition: Any) -> Any:
    size = body.seek(0, 2)
    body.seek(0)
    if size <= policy.PART_BYTES:
        return s3.put_object(Body=body, **described, **condition)
    place: Any = {name: described[name] for name in ("Bucket", "Key")}
    upload = place | {"UploadId": s3.create_multipart_upload(**described)["UploadId"]}
    try:
        parts: list[CompletedPartTypeDef] = []
        for number, start in enumerate(range(0, size, policy.PART_BYTES), 1):
            body.seek(start)
            chunk: Any = ReadFileChunk(body, min(policy.PART_BYTES, size - start), size)
            etag = s3.upload_part(**upload, PartNumber=number, Body=chunk)["ETag"]
            parts.append({"PartNumber": number, "ETag": etag})
        return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **condition)
    except BaseException:
        s3.abort_multipart_upload(**upload)
        raise
