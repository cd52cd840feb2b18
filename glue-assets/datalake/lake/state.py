"""The states of an object version, from its message to its last row: one machine for driver, workers and manifest.

              a message arrives
                     │
                     ▼                           ┌────────── in the backlog of the driver ──────────┐
      ┌──────────▶ WAITING                       │ WAITING    shares a task with other objects      │
      │              │                           │ ALONE      has a task to itself                  │
      │              ├──▶ ALONE ──▶ EXCLUSIVE    │ EXCLUSIVE  has the whole run to itself           │
      │              │      │           │        └──────────────────────────────────────────────────┘
      │              ▼      ▼           ▼
      │             claim: a lease in the manifest ── another worker holds it ──▶ HELD ──┐
      │              │                                                                   │
      │              ▼                                                                   │
      │          PROCESSING ── the task died ──▶ ALONE    ── the run died ──▶ EXCLUSIVE  │
      │              │                                                                   │
      │              ▼ commit                                                            │
      │    ┌─────────┼──────────┬───────────┬────────────┐                               │
      │    ▼         ▼          ▼           ▼            ▼                               │
      │ RETRYING  FAILED    REJECTED    SUCCEEDED    SUPERSEDED                          │
      │    │      after     can never   └─ a newer version is there ─▶ SUPERSEDED        │
      │    │   4 attempts    succeed                                                     │
      │    │         └─ redriven ─┴──▶ WAITING                                           │
      └────┴── the message comes again ──────────────────────────────────────────────────┘

The manifest stores PROCESSING, RETRYING, FAILED, REJECTED, SUCCEEDED and SUPERSEDED. A version that comes again after
RETRYING or FAILED gets a task to itself, and the whole run if a run died with it. Three states end in the driver:

    DONE        the message asked for nothing that was left to do
    FOREIGN     the message is about a bucket of somebody else
    UNRECORDED  the manifest could not be asked or written: the message comes again
"""

from enum import StrEnum


class State(StrEnum):
    """Where an object version stands."""

    WAITING = "WAITING"
    ALONE = "ALONE"
    EXCLUSIVE = "EXCLUSIVE"
    HELD = "HELD"
    PROCESSING = "PROCESSING"
    RETRYING = "RETRYING"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    SUCCEEDED = "SUCCEEDED"
    SUPERSEDED = "SUPERSEDED"
    DONE = "DONE"
    FOREIGN = "FOREIGN"
    UNRECORDED = "UNRECORDED"

    @property
    def is_over(self) -> bool:
        """The messages are deleted."""
        return self in (State.SUCCEEDED, State.DONE, State.SUPERSEDED, State.FOREIGN)

    @property
    def is_given_up(self) -> bool:
        """The messages become a dead letter."""
        return self in (State.REJECTED, State.FAILED)

    @property
    def is_in_backlog(self) -> bool:
        """The version goes back to the driver's backlog, and waits there for a task of this kind."""
        return self in (State.WAITING, State.ALONE, State.EXCLUSIVE)
