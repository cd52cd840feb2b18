"""What became of an object version, as a worker tells the driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from datalake import policy


class Result(StrEnum):
    """The end of one try, by what the driver has to do with the messages."""

    SUCCEEDED = "SUCCEEDED"
    DONE = "DONE"
    SUPERSEDED = "SUPERSEDED"
    FOREIGN = "FOREIGN"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    RETRYING = "RETRYING"
    UNRECORDED = "UNRECORDED"
    HELD = "HELD"
    ALONE = "ALONE"
    EXCLUSIVE = "EXCLUSIVE"

    @property
    def is_over(self) -> bool:
        """The messages have done their duty."""
        return self in (Result.SUCCEEDED, Result.DONE, Result.SUPERSEDED, Result.FOREIGN)

    @property
    def is_given_up(self) -> bool:
        """The messages become dead letters."""
        return self in (Result.REJECTED, Result.FAILED)


@dataclass(frozen=True)
class Outcome:
    """What became of an object version.

    Attributes:
        error: `type` and `message` of what was wrong.
        attempts: that came to an end, this one included.
        until: with HELD, when the other worker's lease ends, in seconds of the epoch.
        figures: rows_in, rows_out, values_rescued and bytes_in of a success.
        advice: for each column with rescued values, what to declare so that they fit.
        seconds: from the upload to the end, for a success.
    """

    result: Result
    error: Mapping[str, str] | None = None
    attempts: int = 0
    until: float = 0
    figures: Mapping[str, int] | None = None
    advice: Sequence[str] = ()
    seconds: float = 0


def error_of(error: BaseException, name: str | None = None) -> dict[str, str]:
    """An error as manifest and dead letters have it."""
    return describe(name or type(error).__name__, str(error))


def describe(name: str, message: str) -> dict[str, str]:
    """An error as manifest and dead letters have it."""
    return {"type": name, "message": message[: policy.ERROR_LENGTH] or name}
