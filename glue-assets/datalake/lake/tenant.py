"""One customer in a process: its data is read and written with the rights of that customer alone."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from datalake.engine.dataset import Dataset, read_datasets
from datalake.lake.arrival import Owner
from datalake.lake.clients import Clients, SignedFor

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client


class NoDatabaseError(LookupError):
    """The customer of a bucket has no database: it was removed from the lake, or something is wrong."""


class Tenant:
    """One customer."""

    def __init__(self, owner: Owner, clients: Clients, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes the customer; calls nothing yet.

        Args:
            owner: the customer, or any arrival of it.
            clients: the clients of the process.
            clock: in seconds.
        """
        self.customer, self.database, self.bucket = owner.customer, owner.database, owner.bucket
        credentials = clients.credentials(owner)
        self.s3 = cast("S3Client", SignedFor(credentials, clients.s3))
        self.glue = cast("GlueClient", SignedFor(credentials, clients.glue))
        self.manifest = clients.manifest(credentials)
        self._clock = clock
        self._datasets: tuple[float, Mapping[str, Dataset]] | None = None

    def datasets(self, most_seconds: float) -> Mapping[str, Dataset]:
        """What the customer declares, at most this many seconds old.

        Raises:
            NoDatabaseError: the customer has no database. Every customer has one, from its first day.
        """
        now = self._clock()
        if self._datasets is None or now - self._datasets[0] >= most_seconds:
            self._datasets = now, self._read_datasets()
        return self._datasets[1]

    def _read_datasets(self) -> Mapping[str, Dataset]:
        try:
            found = self.glue.get_database(Name=self.database)["Database"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            raise NoDatabaseError(
                f"customer {self.customer}: it has no database {self.database}. Deploy the customer again and redrive "
                "the dead letter; if the customer has left the lake, delete the dead letter"
            ) from error
        return read_datasets(found.get("Parameters", {}).get("datasets"))
