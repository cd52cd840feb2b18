"""Whether a file writes numbers with decimal commas, so that the dot of `1.234` may separate thousands.

The evidence is a column whose texts are all such numbers, one of them with a fraction that cannot be thousands.
"""

import pyarrow as pa
import pyarrow.compute as pc

from datalake.engine.types.text_columns import TextColumn

_SIGN = "[^0-9.,]{0,4}"  # a minus, a currency, a space
_COMMA_NUMBER = rf"^{_SIGN}[0-9]{{1,3}}(\.?[0-9]{{3}})*(,[0-9]+)?{_SIGN}$|^{_SIGN}[0-9]+(,[0-9]+)?{_SIGN}$"
_FRACTION = rf",([0-9]{{1,2}}|[0-9]{{4,}}){_SIGN}$"
#: A number whose dots may separate thousands.
THOUSANDS = r"^-?[1-9][0-9]{0,2}(\.[0-9]{3})+$"
_THOUSANDS_OR_LESS = r"^(0|-?[1-9][0-9]{0,2}(\.[0-9]{3})*)$"


def has_decimal_commas(texts: pa.StringArray) -> bool:
    """True if all texts are numbers, and one of them has a decimal comma for certain."""
    column = TextColumn.of(texts)
    if not (column.data == ord(",")).any():
        return False
    return bool(
        pc.all(pc.match_substring_regex(texts, _COMMA_NUMBER)).as_py()
        and pc.any(pc.match_substring_regex(texts, _FRACTION)).as_py()
    )


def may_all_have_thousands(column: TextColumn) -> bool:
    """True if every text could be a whole number whose dots separate thousands."""
    if not (column.data == ord(".")).any():
        return bool(column.lengths.max() <= len("-999"))
    return bool(pc.all(pc.match_substring_regex(column.array, _THOUSANDS_OR_LESS), min_count=0).as_py())


def may_have_thousands(column: TextColumn) -> bool:
    """True if a text has a dot before its last three characters. False is certain, once the texts are trimmed."""
    long = column.lengths > len(".000")
    places = column.starts[long] + column.lengths[long] - len(".000")
    return bool((column.data[places] == ord(".")).any())
