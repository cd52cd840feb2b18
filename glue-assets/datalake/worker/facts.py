"""What a manifest item says of a conversion, within DynamoDB's limit of 400 KB: any column may have misfits."""

from collections.abc import Mapping, Sequence
from typing import Any

from datalake import policy
from datalake.engine import Conversion

#: Attributes of the item that a conversion may leave out.
FACTS = ("rescued_by_column", "rows_short", "required_nulls", "advice", "found")


def facts_of(done: Conversion) -> dict[str, Any]:
    """Attributes of the item; what is empty is left out."""
    found = {
        "rescued_by_column": greatest(done.rescued_by_column),
        "rows_short": done.rows_short,
        "required_nulls": greatest(done.required_nulls),
        "advice": shortened(done.advice),
        "found": done.found,
    }
    return {name: value for name, value in found.items() if value}


def greatest(figures: Mapping[str, int]) -> dict[str, int]:
    """The columns with the greatest figures, as many as there is room for; the others stay in the sum."""
    kept: dict[str, int] = {}
    room = policy.FACT_BYTES
    for name, figure in sorted(figures.items(), key=lambda entry: -entry[1]):
        room -= len(name.encode()) + _NUMBER_BYTES
        if room < 0:
            break
        kept[name] = figure
    return kept


def shortened(lines: Sequence[str]) -> list[str]:
    """The first lines, as many as there is room for, and how many more there are."""
    kept: list[str] = []
    room = policy.FACT_BYTES
    for line in lines:
        room -= len(line.encode()) + _NUMBER_BYTES
        if room < 0:
            return [*kept, f"and {len(lines) - len(kept)} more"]
        kept.append(line)
    return kept


#: DynamoDB: a number has up to 21 bytes, an element of a list or map 1 to 3 more.
_NUMBER_BYTES = 24
