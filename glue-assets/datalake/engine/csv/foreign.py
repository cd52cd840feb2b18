"""What is no CSV file."""

import codecs
import re

from datalake.engine.conversion import Rejected

_FOREIGN = {
    rb"PK\x03\x04": "a zip archive or an Excel workbook: upload the CSV file that is in it",
    rb"\xd0\xcf\x11\xe0": "an Excel workbook: export it as CSV and upload the CSV file",
    rb"PAR1[\x00-\x08\x0e-\x1f]": "a Parquet file: only CSV files belong under raw/",
    rb"Obj\x01": "an Avro file: only CSV files belong under raw/",
    rb"ORC(?=[^\n]*[\x00-\x08\x0e-\x1f])": "an ORC file: only CSV files belong under raw/",
    rb"%PDF-": "a PDF document: only CSV files belong under raw/",
    rb"\x89PNG": "a PNG picture: only CSV files belong under raw/",
    rb"GIF8[79]a": "a GIF picture: only CSV files belong under raw/",
    rb"\xff\xd8\xff": "a JPEG picture: only CSV files belong under raw/",
    rb"BZh[1-9]1AY&SY": "compressed with bzip2: upload it uncompressed or compressed with gzip",
    rb"\x28\xb5\x2f\xfd": "compressed with Zstandard: upload it uncompressed or compressed with gzip",
    rb"\xfd7zXZ": "compressed with xz: upload it uncompressed or compressed with gzip",
    rb"7z\xbc\xaf": "a 7z archive: upload the CSV file that is in it",
    rb"\x1f\x8b": "compressed twice: upload it uncompressed or compressed once with gzip",
    rb"(?s:.{257})ustar": "a tar archive: upload the CSV file that is in it",
}
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_JSON = re.compile(r"\s*(\{\s*(\"[^\"]*\"\s*:|\})|\[\s*[{\[\]\"])")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|html|[a-z][^<>]*>\s*<[a-z])", re.IGNORECASE)


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
        if re.match(magic, head):
            raise Rejected(f"it is no CSV file but {what}")
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
