"""Compares every row of many CSV files with Python's csv module: python test/bench/corpora.py FOLDER.

For the CSV files of other projects, as they come in packages of npm and PyPI. Prints what was refused, and why.
"""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "glue-assets"), str(ROOT / "test/glue")]

from datalake.engine.conversion import Rejected  # noqa: E402
from datalake.engine.csv.encoding import Utf8Text  # noqa: E402
from datalake.engine.csv.records import read_records, text_lines  # noqa: E402
from datalake.engine.csv.sniffer import sniff  # noqa: E402
from datalake.engine.dataset import CsvOptions  # noqa: E402
from datalake.engine.headers import column_names  # noqa: E402
from datalake.engine.streams import Rewindable  # noqa: E402
from engine_harness import Lake, value_of  # noqa: E402


def main() -> None:
    """Compares all files under the folder and ends with the figures."""
    figures = Counter[str]()
    for path in sorted(path for pattern in ("*.csv", "*.tsv", "*.csv.gz") for path in Path(sys.argv[1]).rglob(pattern)):
        try:
            rows = compare(path)
        except Rejected as error:
            figures["refused"] += 1
            print(f"refused {path}: {error}")
        except (AssertionError, ValueError) as error:  # a value that does not have its column's type is no ISO time
            figures["different"] += 1
            print(f"DIFFERENT {path}: {error}")
        else:
            figures["equal"] += 1
            figures["rows"] += rows
    print(dict(figures))
    sys.exit(1 if figures["different"] else 0)


def compare(path: Path) -> int:
    """The number of rows of a file, all of which are equal."""
    result = Lake().put(path.read_bytes())
    text = b"".join(Utf8Text(None).read(Rewindable(lambda: path.open("rb")).chunks())).decode()
    sample, is_whole, escapes = text[: 1 << 20], len(text) <= 1 << 20, "escape" in result.csv_figures.found
    dialect = sniff(sample, CsvOptions(), None, is_whole=is_whole, escapes=escapes).dialect
    header, *records = (record for record in read_records(text_lines(text), dialect) if record)
    names = column_names(header)
    kinds = [result.types.get(name) for name in names]
    rows = [
        row
        for row, rescued in zip(result.table.to_pylist(), result.rescued, strict=True)
        if len(names) > 1 or row.get(names[0]) is not None or rescued
    ]
    # Documented rules: a line that repeats the header is no row, and neither is a blank one of a single column.
    if result.csv_figures.found.get("repeated_headers"):
        records = [record for record in records if record != header]
    records = [record for record in records if len(names) > 1 or record[0].strip()]
    assert len(rows) == len(records), f"{len(rows)} rows instead of {len(records)}"
    for number, (row, record, rescued) in enumerate(zip(rows, records, result.rescued, strict=False)):
        found = [
            None if kind is None or row[name] is None else str(row[name])
            for name, kind in zip(names, kinds, strict=True)
        ]
        of_row = rescued or {}
        if not any(name in result.types for name in names):  # the first record looks like data: all values are rescued
            kept = [*of_row.values(), *(of_row.get("_surplus") or ())]
            lost = {field.strip() for field in record} - {"", *(each.strip() for each in kept if isinstance(each, str))}
            assert not lost, f"row {number}: {lost} is not in {of_row}"
            continue
        wanted = [
            None if name in of_row and of_row[name] == field.strip() else value_of(field, kind)
            for name, field, kind in zip(names, record, kinds, strict=False)
        ]
        assert found == wanted + [None] * (len(names) - len(wanted)), f"row {number}: {found} instead of {record}"
        surplus = record[len(names) :]
        if len(names) > 1 and any(field.strip() for field in surplus):
            assert of_row.get("_surplus") == surplus, f"row {number}: {rescued} instead of {surplus}"
    return len(rows)


if __name__ == "__main__":
    main()
