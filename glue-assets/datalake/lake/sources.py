"""The object version that a conversion reads."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import ClientError

from datalake.lake.arrival import Arrival

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_GONE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed")


class GoneError(Exception):
    """The object was deleted before it was processed."""


class Source:
    """One version of an object, unless the object has been deleted since.

    The first request names no version, so that S3 answers 404 for a deleted object. It would still return the version
    itself.
    """

    def __init__(self, s3: "S3Client", arrival: Arrival) -> None:
        """Opens the object.

        Raises:
            GoneError: it was deleted.
        """
        self._s3 = s3
        self._place: Any = {"Bucket": arrival.bucket, "Key": arrival.key}
        self._version = {"VersionId": arrival.version}
        answer = self._get()
        if answer["VersionId"] != arrival.version:
            answer["Body"].close()
            answer = self._get(**self._version)
        self._first: BinaryIO | None = cast(BinaryIO, answer["Body"])
        self.metadata: Mapping[str, str] = answer["Metadata"]

    def open(self) -> BinaryIO:
        """The content from its first byte. The first call makes no further request."""
        body, self._first = self._first, None
        return body or cast(BinaryIO, self._get(**self._version)["Body"])

    def close(self) -> None:
        """Releases the connection if nobody has opened the object."""
        if self._first:
            self._first.close()

    def _get(self, **version: Any) -> "GetObjectOutputTypeDef":
        try:
            return self._s3.get_object(**self._place, **version)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            raise GoneError("the object was deleted before it was processed") from error
