"""Follows uploads through the layers until the lake has finished with them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo.lake import Lake, ManifestItem

POLL_SECONDS = 0.5


class StalledError(Exception):
    """The manifest has not changed for too long."""


@dataclass(frozen=True)
class Upload:
    """One object version that was uploaded under raw/."""

    customer: str
    key: str
    version: str

    @property
    def identity(self) -> str:
        """Its form in `source` of a manifest item."""
        return f"{self.customer}#{self.key}#{self.version}"


@dataclass(frozen=True)
class Journey:
    """Progress of an upload: its manifest item and that of the processed object made from it."""

    upload: Upload
    raw: ManifestItem | None = None
    processed: ManifestItem | None = None

    @property
    def last(self) -> ManifestItem | None:
        """The item of the furthest stage."""
        return self.processed or self.raw

    @property
    def is_queryable(self) -> bool:
        """True if both stages succeeded: the rows are in the table."""
        return self.processed is not None and self.processed.status == "SUCCEEDED"

    @property
    def is_final(self) -> bool:
        """True if both stages have finished, or the first has given up."""
        if self.raw is None or self.raw.status != "SUCCEEDED":
            return self.raw is not None and self.raw.is_final
        return self.processed is not None and self.processed.is_final

    @property
    def status(self) -> str:
        """Status of the last item; WAITING if there is none."""
        return self.last.status if self.last else "WAITING"


def journeys(lake: Lake, uploads: Sequence[Upload]) -> list[Journey]:
    """Current progress of the uploads, in their order."""
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
        stall_seconds: gives up when nothing changes for this time. It must exceed the interval of the sweeper, which
            starts work that nothing else has started.
        on_change: called with all journeys when one of them has changed.

    Raises:
        StalledError: nothing changed; the message names the unfinished uploads.
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
