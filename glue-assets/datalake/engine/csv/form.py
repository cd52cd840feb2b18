"""What a file is by its first MiB: a CSV file at all, and with which delimiter."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from datalake.engine.conversion import Rejected
from datalake.engine.csv.records import END_MARK, open_quote, read_records, text_lines
from datalake.engine.dataset import CsvOptions

DELIMITERS = ",;\t|"
_SAMPLED_RECORDS = 100
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: upload the CSV file that is in it",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: export it as CSV and upload the CSV file",
    b"PAR1": "a Parquet file: only CSV files belong under raw/",
    b"Obj\x01": "an Avro file: only CSV files belong under raw/",
    b"ORC": "an ORC file: only CSV files belong under raw/",
    b"%PDF": "a PDF document: only CSV files belong under raw/",
    b"\x89PNG": "a PNG picture: only CSV files belong under raw/",
    b"GIF8": "a GIF picture: only CSV files belong under raw/",
    b"\xff\xd8\xff": "a JPEG picture: only CSV files belong under raw/",
    b"BZh": "compressed with bzip2: upload it uncompressed or compressed with gzip",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: upload it uncompressed or compressed with gzip",
    b"\xfd7zXZ": "compressed with xz: upload it uncompressed or compressed with gzip",
    b"7z\xbc\xaf": "a 7z archive: upload the CSV file that is in it",
    b"\x1f\x8b": "compressed twice: upload it uncompressed or compressed once with gzip",
}
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_JSON = re.compile(r"\s*(\{\s*(\"[^\"]*\"\s*:|\})|\[\s*[{\[\]\"])")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|html|[a-z][^<>]*>\s*<[a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class CsvForm:
    """The form of a CSV file.

    Attributes:
        delimiter: one character.
        header: the names in its first record; empty if it is declared to have none.
        width: the number of its columns.
        prologue_bytes: what comes before the first row, in bytes of UTF-8.
    """

    delimiter: str
    header: list[str]
    width: int
    prologue_bytes: int


def find_form(text: str, options: CsvOptions) -> CsvForm:
    """The form of a CSV file by its first MiB.

    Raises:
        Rejected: it is another format, has no record, or one that does not end.
    """
    refuse_other_text(text)
    title = "".join(islice(text_lines(text), options.skip_lines))
    rest = text.removeprefix(title)
    delimiter = options.delimiter or detect_delimiter(rest, options.quote)
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in text_lines(f"{rest}\n{END_MARK}\n"):
            read.append(line)
            yield line

    first = next((record for record in read_records(lines(), options, delimiter) if record), [END_MARK])
    if first == [END_MARK]:
        raise Rejected("the file has no record: it is empty or only blank lines")
    if END_MARK in first[-1]:
        raise open_quote()
    prologue = title + "".join(read)[: len(rest)] if options.header else title
    return CsvForm(delimiter, first if options.header else [], len(first), len(prologue.encode()))


def refuse_foreign(head: bytes, encoding: str | None) -> None:
    """Refuses an object whose first bytes show that it is no CSV file.

    Args:
        head: its first bytes.
        encoding: the declared one.

    Raises:
        Rejected: it is empty, of a known other format, or binary.
    """
    if not head:
        raise Rejected("the file is empty: upload it again with its content")
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise Rejected(f"it is no CSV file but {what}")
    if head[257:262] == b"ustar":
        raise Rejected("it is no CSV file but a tar archive: upload the CSV file that is in it")
    if b"\0" in head and not encoding and not head.startswith(_WIDE_MARKS):
        raise Rejected("it is no CSV file but binary data (it has NUL bytes); UTF-16 needs a byte order mark")


def refuse_other_text(text: str) -> None:
    """Refuses a text of another format.

    Raises:
        Rejected: it is JSON, XML or HTML.
    """
    if _JSON.match(text):
        raise Rejected("it is no CSV file but JSON: only CSV files belong under raw/")
    if _MARKUP.match(text):
        raise Rejected("it is no CSV file but XML or HTML: only CSV files belong under raw/")


def detect_delimiter(sample: str, quote: str) -> str:
    """The delimiter that gives the most of a sample's first records as many fields as the first one has.

    Between equals the one with more fields; a comma if no delimiter gives more than one: the file has one column then.
    """

    def score(delimiter: str) -> tuple[float, int]:
        if delimiter not in sample:
            return 0, 0
        reader = csv.reader(text_lines(sample), delimiter=delimiter, quotechar=quote)
        try:
            records = [record for record in islice(reader, _SAMPLED_RECORDS) if record]
        except csv.Error:
            return 0, 0
        records = records[:-1] if len(records) > 2 else records  # the sample may end within the last one
        width = len(records[0]) if records else 0
        return (sum(len(record) == width for record in records) / len(records), width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=score)
