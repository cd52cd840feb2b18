"""What became of an object version: the worker writes it to the manifest, and tells it to the driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datalake import policy
from datalake.lake.state import State

_FIGURES = {
    "rows_in": "rows_in",
    "rows_out": "rows_out",
    "rows_short": "rows_short",
    "values_rescued": "values_rescued",
    "bytes_in": "size_bytes",
}


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt.

    Attributes:
        facts: attributes of the manifest's item. The driver reads `error`, `advice` and the figures of a success.
        attempts: attempts that came to an end, this one included.
        until: with HELD, when the other worker's lease ends, in seconds of the epoch.
        seconds: with SUCCEEDED, from the upload to the end; 0 for a replay, whose upload may be long ago.
        replaces: other versions of the key, or other attempts, have been here before.
    """

    state: State
    facts: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    until: float = 0
    seconds: float = 0
    replaces: bool = False

    @property
    def error(self) -> Mapping[str, str] | None:
        """The `type` and `message` of what was wrong."""
        return self.facts.get("error")

    @property
    def figures(self) -> Mapping[str, int]:
        """The figures of a success; empty otherwise. An item without `rows_short` has none."""
        if self.state != State.SUCCEEDED:
            return {}
        return {name: int(self.facts.get(fact, 0)) for name, fact in _FIGURES.items()}

    @property
    def advice(self) -> Sequence[str]:
        """For each column with rescued values, what to declare so that they fit."""
        return tuple(self.facts.get("advice", ()))


#: What the driver reads. Other attributes stay with the worker, since Spark sends each outcome to the driver.
TOLD = ("error", "advice", *_FIGURES.values())


def failed(error: Mapping[str, str], state: State = State.FAILED) -> Outcome:
    """The outcome of an error, as `error_of` and `describe` make them."""
    return Outcome(state, {"error": error})


def error_of(error: BaseException) -> dict[str, str]:
    """An exception as manifest and dead letters have it."""
    return describe(type(error).__name__, str(error))


def describe(name: str, message: str) -> dict[str, str]:
    """An error as manifest and dead letters have it."""
    return {"type": name, "message": message[: policy.ERROR_LENGTH] or name}
