"""Following uploads through the layers until the lake has done what it will do."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo.lake import Lake, ManifestItem

POLL_SECONDS = 0.5


class StalledError(Exception):
    """Nothing in the manifest has changed for too long."""


@dataclass(frozen=True)
class Upload:
    """One object version that was put under raw/."""

    customer: str
    key: str
    version: str

    @property
    def identity(self) -> str:
        """As the manifest's `source` writes it."""
        return f"{self.customer}#{self.key}#{self.version}"


@dataclass(frozen=True)
class Journey:
    """How far an upload has come: its own manifest item and that of the processed object made from it."""

    upload: Upload
    raw: ManifestItem | None = None
    processed: ManifestItem | None = None

    @property
    def last(self) -> ManifestItem | None:
        """The item that says where the upload stands."""
        return self.processed or self.raw

    @property
    def is_queryable(self) -> bool:
        """True if both stages succeeded: the rows are in the table."""
        return self.processed is not None and self.processed.status == "SUCCEEDED"

    @property
    def is_final(self) -> bool:
        """True if both stages have done what they will do, or the first has given up."""
        if self.raw is None or self.raw.status != "SUCCEEDED":
            return self.raw is not None and self.raw.is_final
        return self.processed is not None and self.processed.is_final

    @property
    def status(self) -> str:
        """Of the last item; WAITING before there is one."""
        return self.last.status if self.last else "WAITING"


def journeys(lake: Lake, uploads: Sequence[Upload]) -> list[Journey]:
    """Where the uploads stand now, in their order."""
    manifest = lake.manifest()
    by_identity = {item.identity: item for item in manifest}
    by_source = {item.source: item for item in manifest if item.source}
    return [Journey(u, by_identity.get(u.identity), by_source.get(u.identity)) for u in uploads]


def follow(
    lake: Lake,
    uploads: Sequence[Upload],
    *,
    stall_seconds: float = 400,
    on_change: Callable[[list[Journey]], None] = lambda _: None,
) -> list[Journey]:
    """Waits until every upload is final.

    Args:
        lake: where the uploads are.
        uploads: what to wait for.
        stall_seconds: gives up when nothing has changed for so long. The sweeper, which starts what nothing else did,
            comes every five minutes, so less would give up on a lake that works.
        on_change: called with all journeys whenever one has changed.

    Raises:
        StalledError: with the uploads that are not final.
    """
    known: list[Journey] = []
    changed = time.monotonic()
    while True:
        now = journeys(lake, uploads)
        if now != known:
            known, changed = now, time.monotonic()
            on_change(now)
        waiting = [journey for journey in now if not journey.is_final]
        if not waiting:
            return now
        if time.monotonic() - changed > stall_seconds:
            names = ", ".join(f"{j.upload.customer}/{j.upload.key} ({j.status})" for j in waiting[:5])
            raise StalledError(f"{len(waiting)} objects did not move for {stall_seconds:.0f} s: {names}")
        time.sleep(POLL_SECONDS)
