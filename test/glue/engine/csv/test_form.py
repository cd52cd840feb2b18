"""What a file is by its first bytes, and the delimiter that its first records show."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from datalake.engine import Rejected
from datalake.engine.csv.dialect import NO_DELIMITER
from datalake.engine.csv.foreign import refuse_foreign
from datalake.engine.csv.form import CsvForm, find_form
from datalake.engine.csv.sniffer import sniff
from datalake.engine.dataset import CsvOptions


def delimiter_of(sample: str, quote: str = '"', *, is_whole: bool = True) -> str:
    return sniff(sample, CsvOptions(quote=quote), None, is_whole=is_whole).dialect.delimiter


def form_of(text: str, options: CsvOptions) -> CsvForm:
    form = find_form(text, options, [], is_whole=True)
    assert form
    return form


ONLY = "only CSV files belong under raw/"
CSV = b"id,name\n1,x\n"


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(CSV)
        archive.addfile(entry, io.BytesIO(CSV))
    return file.getvalue()


def archived() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", CSV)
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (archived(), "a zip archive or an Excel workbook: upload the CSV file that is in it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook: export it as CSV and upload the CSV file"),
        (b"PAR1\x15\x04", f"a Parquet file: {ONLY}"),
        (b"Obj\x01\x04", f"an Avro file: {ONLY}"),
        (b"ORC\x08\x03", f"an ORC file: {ONLY}"),
        (b"%PDF-1.7\n", f"a PDF document: {ONLY}"),
        (b"\x89PNG\r\n\x1a\n", f"a PNG picture: {ONLY}"),
        (b"GIF89a", f"a GIF picture: {ONLY}"),
        (b"\xff\xd8\xff\xe0", f"a JPEG picture: {ONLY}"),
        (bz2.compress(CSV), "compressed with bzip2: upload it uncompressed or compressed with gzip"),
        (b"\x28\xb5\x2f\xfd\x24", "compressed with Zstandard: upload it uncompressed or compressed with gzip"),
        (lzma.compress(CSV), "compressed with xz: upload it uncompressed or compressed with gzip"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive: upload the CSV file that is in it"),
        (gzip.compress(CSV), "compressed twice: upload it uncompressed or compressed once with gzip"),
        (tar(), "a tar archive: upload the CSV file that is in it"),
    ],
)
def test_another_format_is_refused_by_its_name(head: bytes, what: str) -> None:
    with pytest.raises(Rejected) as refused:
        refuse_foreign(head, None)
    assert str(refused.value) == f"it is no CSV file but {what}"


def test_a_delimiter_within_quotes_does_not_count() -> None:
    sample = 'a;b,c;d\n"1;2";3,4;5\n"6;7";8,9;0\n"1;2";3,4;5\n'
    assert delimiter_of(sample) == ";"


def test_a_delimiter_within_other_quotes_counts() -> None:
    sample = 'a;b,c;d\n"1;2";3,4;5\n"6;7";8,9;0\n"1;2";3,4;5\n'
    assert delimiter_of(sample, "'") == ","


def test_the_last_record_of_the_sample_does_not_count_since_it_may_be_cut() -> None:
    sample = "a,b;c,d\nx,y;z,w\nx,y;z"
    assert delimiter_of(sample, is_whole=False) == ","
    assert delimiter_of(sample, is_whole=True) == ";"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(delimiter: str) -> None:
    assert delimiter_of(f"a{delimiter}b\n1{delimiter}2\n") == delimiter


def test_text_without_any_delimiter_is_one_column() -> None:
    assert delimiter_of("name\nx\n") == NO_DELIMITER


@pytest.mark.parametrize("mark", ["#", "//", "--"])
def test_comments_above_the_header_are_said_as_such(mark: str) -> None:
    (doubt,) = sniff(f"{mark} May\na;b\n1;2\n3;4\n", CsvOptions(), None, is_whole=True).doubts
    assert doubt == (
        "the first record has one field, the others have 2 with the delimiter ';': "
        f'if it is a comment, declare "comment": "{mark}" for the dataset'
    )


def test_the_prologue_is_what_comes_before_the_first_row() -> None:
    form = form_of("Größen\n\nid,größe\n1,2\n", CsvOptions(skip_lines=1))
    assert (form.header, form.width) == (["id", "größe"], 2)
    assert (form.title, form.prologue) == ("Größen\n", "Größen\n\nid,größe\n")


def test_a_file_without_header_has_its_title_as_prologue() -> None:
    form = form_of("Title\n1,2\n", CsvOptions(skip_lines=1, header=False))
    assert (form.header, form.width, form.prologue) == ([], 2, "Title\n")


@pytest.mark.parametrize("end", range(1, len("title\n\na,b\nno,pcs\n")))
def test_a_form_is_not_told_before_the_last_record_above_the_rows_has_ended(end: int) -> None:
    text = "title\n\na,b\nno,pcs\n"
    options = CsvOptions(skip_lines=1, skip_rows=1)
    assert find_form(text[:end], options, [], is_whole=False) is None
    form = find_form(f"{text}1,2\n", options, [], is_whole=False)
    assert form
    assert (form.header, form.prologue) == (["a", "b"], text)
