"""The messages that the driver holds: which object versions they are about, and which kind of task each waits for."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from datalake import policy
from datalake.driver.work_queue import Message
from datalake.lake.arrival import Arrival
from datalake.lake.claims import Task
from datalake.lake.state import State


@dataclass
class Assignment:
    """An object version and the messages about it.

    Attributes:
        deaths: tasks of this run that died with it.
        touched: when its messages were received or last hidden, by the monotonic clock.
        waits_since: when it was put back, by the monotonic clock.
    """

    arrival: Arrival
    messages: list[Message]
    state: State = State.WAITING
    deaths: int = 0
    touched: float = field(default_factory=time.monotonic)
    waits_since: float = 0

    def task(self, *, is_alone: bool) -> Task:
        """What a worker has to know about it."""
        sent_at = max(message.sent_at for message in self.messages)
        is_redriven = any(message.is_redriven for message in self.messages)
        is_exclusive = self.state == State.EXCLUSIVE
        return Task(self.arrival, sent_at, is_redriven, is_alone, is_exclusive, is_repeated=self.deaths > 0)

    @property
    def receives(self) -> int:
        """How often its messages have been received."""
        return max(message.receives for message in self.messages)


class Backlog:
    """All object versions that the driver holds, each once."""

    def __init__(self) -> None:
        """Empty."""
        self._in_hand: dict[tuple[str, str], Assignment] = {}
        self._waiting: dict[State, deque[Assignment]] = {state: deque() for state in State if state.is_in_backlog}

    def __len__(self) -> int:
        """Object versions in hand, waiting or in a task."""
        return len(self._in_hand)

    def add(self, arrival: Arrival, message: Message) -> bool:
        """Takes a message. If its version is held already, the message joins the others.

        Returns:
            False if it asks to process the version again, and the version is held for what was asked before that. The
            message has to come back.
        """
        known = self._in_hand.get(arrival.identity)
        if known:
            if arrival.replay > known.arrival.replay:
                return False
            known.messages.append(message)
            return True
        assignment = self._in_hand[arrival.identity] = Assignment(arrival, [message])
        self._waiting[State.WAITING].append(assignment)
        return True

    def put_back(self, assignments: Iterable[Assignment], state: State) -> None:
        """Lets versions wait for another task, of the kind that the state names."""
        for assignment in assignments:
            assignment.state, assignment.waits_since = state, time.monotonic()
            self._waiting[state].append(assignment)

    def remove(self, assignment: Assignment) -> None:
        """Forgets a version whose messages are settled."""
        del self._in_hand[assignment.arrival.identity]

    def cut(self, free: int, *, is_quiet: bool) -> list[Assignment]:
        """The next group for a free slot; empty if none can start.

        Args:
            free: number of free slots; waiting objects are spread over all of them.
            is_quiet: no task runs.
        """
        waiting, alone, exclusive = self._waiting.values()
        if exclusive:
            has_waited = time.monotonic() - exclusive[0].waits_since > policy.PATIENCE_SECONDS
            if has_waited or not (waiting or alone):
                return [exclusive.popleft()] if is_quiet else []
        if alone:
            return [alone.popleft()]
        share = min(policy.GROUP_OBJECTS, -(-len(waiting) // max(1, free)))
        group: list[Assignment] = []
        size = 0
        while waiting and len(group) < share and (not group or size + waiting[0].arrival.size <= policy.GROUP_BYTES):
            group.append(waiting.popleft())
            size += group[-1].arrival.size
        return group

    def take_waiting(self) -> list[Assignment]:
        """Removes and returns everything that is in no task."""
        waiting = [assignment for queue in self._waiting.values() for assignment in queue]
        for queue in self._waiting.values():
            queue.clear()
        for assignment in waiting:
            self.remove(assignment)
        return waiting

    def touch(self, seconds: float) -> Iterator[Message]:
        """The messages that were not touched for this long. They count as touched from now on."""
        now = time.monotonic()
        for assignment in self._in_hand.values():
            if now - assignment.touched >= seconds:
                assignment.touched = now
                yield from assignment.messages
