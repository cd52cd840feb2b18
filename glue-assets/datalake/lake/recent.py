"""A memory of bounded size: what was not used for the longest time is forgotten first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """The values that were used last, up to a total weight. The value that was used last is always kept."""

    def __init__(self, most: int, weight: Callable[[_Value], int] = lambda _: 1) -> None:
        """Empty.

        Args:
            most: total weight of the values.
            weight: of one value.
        """
        self._most, self._weight, self._total = most, weight, 0
        self._values: OrderedDict[_Key, _Value] = OrderedDict()

    def __contains__(self, key: _Key) -> bool:
        """True if the value is kept."""
        return key in self._values

    def __getitem__(self, key: _Key) -> _Value:
        """A value, which counts as used.

        Raises:
            KeyError: it is not kept.
        """
        self._values.move_to_end(key)
        return self._values[key]

    def __setitem__(self, key: _Key, value: _Value) -> None:
        """Keeps a value, and forgets others if there is no room."""
        self.forget(key)
        self._values[key] = value
        self._total += self._weight(value)
        while self._total > self._most and len(self._values) > 1:
            self.forget(next(iter(self._values)))

    def forget(self, key: _Key) -> None:
        """Forgets a value, if it is kept."""
        if key in self._values:
            self._total -= self._weight(self._values.pop(key))
