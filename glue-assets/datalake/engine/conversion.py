"""The result of a conversion: its figures, or the reason why it cannot succeed."""

from dataclasses import dataclass, field


@dataclass
class Conversion:
    """What one conversion did.

    Attributes:
        rows_in: records of the input, without its header.
        rows_out: rows written; equal to rows_in, since no row is ever dropped.
        bytes_in: size of the source, as it is stored.
        values_rescued: values that did not fit their column's type and are kept in `_rescued_data`.
        schema_version: the version of the contract that the output was written by.
        rows_short: rows with fewer fields than the header; the missing ones are null.
        rescued_by_column: the same as values_rescued by column; `_surplus` counts the fields beyond the header's.
        required_nulls: nulls by required column.
        advice: what was rescued, cut or missing, most values first, and what to declare or mend; of bounded length.
        found: what was found out about the file's form: encoding, delimiter, line ends and more, a dozen short facts.
    """

    rows_in: int = 0
    rows_out: int = 0
    bytes_in: int = 0
    values_rescued: int = 0
    rows_short: int = 0
    schema_version: int = 0
    rescued_by_column: dict[str, int] = field(default_factory=dict)
    required_nulls: dict[str, int] = field(default_factory=dict)
    advice: list[str] = field(default_factory=list)
    found: dict[str, str | int] = field(default_factory=dict)


class Rejected(Exception):  # noqa: N818 - it is a verdict on the object, not an error of the lake
    """The object cannot succeed as it is. The text tells its owner why, and what to do."""
