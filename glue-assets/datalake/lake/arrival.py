"""One version of one object of one customer, as S3's event describes it."""

from dataclasses import dataclass
from datetime import UTC, datetime


class ForeignBucketError(ValueError):
    """A bucket that belongs to no customer of the lake."""


@dataclass(frozen=True)
class Owner:
    """A customer, by what names it.

    Attributes:
        customer: its id.
        database: its Glue database.
        bucket: its bucket.
    """

    customer: str
    database: str
    bucket: str


@dataclass(frozen=True)
class Arrival(Owner):
    """One object version that has arrived.

    Attributes:
        version: S3's version id.
        size: in bytes.
        sequencer: S3's order of the versions of a key, as S3 sent it; `order.is_newer` compares.
        uploaded_at: when the version was uploaded.
        replay: when somebody asked to process the version again, as `iso` writes it; empty: nobody has.
    """

    key: str
    version: str
    etag: str
    size: int
    sequencer: str
    uploaded_at: datetime
    replay: str = ""

    @property
    def object(self) -> str:
        """The object's partition key in the manifest."""
        return f"{self.customer}#{self.key}"

    @property
    def identity(self) -> tuple[str, str]:
        """The version's key in the manifest."""
        return self.object, self.version

    @property
    def reference(self) -> str:
        """The version's name in one text, as the manifest refers to it."""
        return f"{self.object}#{self.version}"


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
