"""Which column each name in a file's header means."""

import re
import unicodedata
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, count, islice

from datalake.engine.dataset import Column

PARTITION_COLUMNS = ("year", "month")
#: Glue takes 255 characters for a column's name; what is left is room for the suffix that makes it unique.
LONGEST_NAME = 200


def match(header: Sequence[str], known: Sequence[Column]) -> list[str]:
    """The columns of a file by its header, in three steps.

    1. By the very text: a column that has it as its `header`, or as its name while it has no header yet. Of a text that
       a file has twice, the second one means the second such column.
    2. By the normalised name, where that is unambiguous: one name of the file and one column have it. Two names that
       differ in nothing but case or signs thus never trade places.
    3. Anything else is a new column, named by `column_names`' rules. A column that has no header yet may be it.

    Args:
        header: the texts in the file.
        known: the columns of the contract, and the declared ones.
    """
    texts = [text.strip() for text in header]
    found = _by_text(texts, known)
    found |= _by_name({place: text for place, text in enumerate(texts) if place not in found}, found, known)
    free = {column.name for column in known if column.header is None} - set(found.values())
    used = {column.name for column in known} - free
    names: dict[str, Iterator[str]] = {}
    for place, text in enumerate(texts):
        if place not in found:
            base = _base(text, place + 1)
            found[place] = next(name for name in names.setdefault(base, _numbered(base)) if name not in used)
            used.add(found[place])
    return [found[place] for place in range(len(texts))]


def column_names(header: Iterable[str]) -> list[str]:
    """Names for a table from the names in a file: lower-case snake_case of ASCII, none empty, none twice.

    `Unit Price (€)` becomes `unit_price` and `Größe` `grosse`. Letters that have no ASCII form are written in Punycode
    (`価格` becomes `zlyx33h`), so that the name depends on nothing but the text. A name without any letter or digit
    becomes `column_3` by its position, the second `id` becomes `id_2`, and `year` and `month`, which the partitions
    have, become `year_` and `month_`.
    """
    return match(list(header), [])


def _by_text(texts: Sequence[str], known: Iterable[Column]) -> dict[int, str]:
    columns: dict[str, deque[str]] = defaultdict(deque)
    for column in known:
        columns[column.header if column.header is not None else column.name].append(column.name)
    found = _by_number(texts, columns)
    for place, text in enumerate(texts):
        if place not in found and text and columns.get(text):
            found[place] = columns[text].popleft()
    return found


def _by_number(texts: Sequence[str], columns: dict[str, deque[str]]) -> dict[int, str]:
    """The columns of texts that a file has twice, by the numbers in their names. Takes them out of `columns`.

    A column without any value is not in the contract, so counting the columns alone would miss it.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[text].append(place)
    found: dict[int, str] = {}
    for text, alike in places.items():
        if not text or len(alike) == 1:
            continue
        names = list(islice(_numbered(_base(text, 0)), len(alike)))
        if set(columns.get(text, ())) <= set(names):
            own = columns.pop(text, deque())
            found |= {place: name for place, name in zip(alike, names, strict=True) if name in own}
    return found


def _by_name(texts: dict[int, str], found: dict[int, str], known: Iterable[Column]) -> dict[int, str]:
    """Those of the texts, by place, that have one normalised name with one column, and with no other text."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, text in texts.items():
        places[_snake_case(text)].append(place)
    columns: dict[str, list[str]] = defaultdict(list)
    for column in known:
        columns[_snake_case(column.header or column.name)].append(column.name)
    taken = set(found.values())
    return {
        alike[0]: columns[name][0]
        for name, alike in places.items()
        if name and len(alike) == 1 and len(columns.get(name, ())) == 1 and columns[name][0] not in taken
    }


def _base(text: str, position: int) -> str:
    base = _snake_case(text)[:LONGEST_NAME].strip("_") or f"column_{position}"
    return f"{base}_" if base in PARTITION_COLUMNS else base


def _numbered(base: str) -> Iterator[str]:
    """The name, then the name with 2, 3 and so on."""
    return chain([base], (f"{base.rstrip('_')}_{number}" for number in count(2)))


@lru_cache(maxsize=10_000)
def _snake_case(text: str) -> str:
    # Twice, since compatibility forms such as the modifier letter "ᴬ" have capitals behind them.
    letters = unicodedata.normalize("NFKD", text.casefold()).casefold()
    known = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    words = "_".join(known.split())
    return words if words.isascii() else re.sub("[^0-9a-z]+", "_", words.encode("punycode").decode())
