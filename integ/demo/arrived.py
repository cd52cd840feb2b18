"""What the lake has made of some files: where each is, and the tables that they are in."""

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
    """Files after the lake is done with them.

    Attributes:
        files: what was uploaded.
        journeys: where it is now, in the same order.
        letters: what is in the dead-letter queues.
        catalogs: the tables by customer.
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
    """The customer's tables as they are now, with a copy of their objects in the folder."""
    mirror(lake, customer, folder)
    return Catalog(database_name(customer), lake.tables(customer), folder)
