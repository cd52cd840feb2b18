"""What became of uploaded files: where each is, and the tables that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.export import mirror
from demo.inputs import InputFile, database_name
from demo.journey import Journey
from demo.lake import DeadLetter, Lake
from demo.query import Catalog


@dataclass(frozen=True)
class Arrived:
    """Files that the lake has finished with.

    Attributes:
        files: the uploads.
        journeys: where each upload is now, in the same order.
        letters: content of the dead-letter queues.
        catalogs: tables by customer.
    """

    files: Sequence[InputFile]
    journeys: Sequence[Journey]
    letters: Sequence[DeadLetter]
    catalogs: Mapping[str, Catalog]

    def of(self, name: str) -> tuple[InputFile, Journey]:
        """File and journey by file name."""
        pairs = zip(self.files, self.journeys, strict=True)
        return next(pair for pair in pairs if pair[0].key.endswith(f"/{name}"))


def catalog_of(lake: Lake, customer: str, folder: Path) -> Catalog:
    """The customer's current tables. Copies their objects into the folder."""
    mirror(lake, customer, folder)
    return Catalog(database_name(customer), lake.tables(customer), folder)
