"""Text of any encoding comes out as UTF-8, however its chunks are cut."""

import codecs

import pytest
from datalake.engine import Rejected
from datalake.engine.csv.encoding import Utf8Text

ADVICE = "save it as UTF-8, or declare the encoding of its dataset"


def recoded(*chunks: bytes, encoding: str | None = None) -> str:
    return b"".join(Utf8Text(encoding).read(iter(chunks))).decode()


@pytest.mark.parametrize("text", ["é", "Ā", "…", "€", "a…b", "😀", "𐀀", "x😀é…"])
def test_a_character_may_be_cut_by_the_end_of_a_chunk(text: str) -> None:
    whole = f"id\n{text}\n".encode()
    cuts = range(len(whole) + 1)
    assert {recoded(whole[:cut], whole[cut:]) for cut in cuts} == {f"id\n{text}\n"}


def test_windows_text_after_the_first_chunk_is_recoded() -> None:
    assert recoded(b"id\n1\n", b"caf\xe9\n", b"\x80\n") == "id\n1\ncafé\n€\n"


def test_byte_order_marks_are_taken_from_the_start_of_lines_alone() -> None:
    marked = "\ufeffid\n".encode("utf-16-le")
    later = "\ufeff1\ufeff\n\r\ufeff2".encode("utf-16-le")
    assert recoded(marked, later, encoding="utf-16-le") == "id\n1\ufeff\n\r2"


def test_a_byte_order_mark_may_be_cut_by_the_end_of_a_chunk() -> None:
    marked = codecs.BOM_UTF16_LE + "id\n".encode("utf-16-le")
    assert recoded(marked[:1], marked[1:], encoding="utf-16-le") == "id\n"


def test_no_more_characters_of_utf8_than_bytes_that_are_none_is_windows_text() -> None:
    assert recoded(b"\xc3\xa9 \xe9 x") == "Ã© é x"


@pytest.mark.parametrize(
    ("before", "shown"),
    [("é é ", "'é é '"), (f"é é {'x' * 30}", f"'{'x' * 20}'")],
)
def test_a_byte_that_is_none_within_text_of_utf8_is_refused_with_what_stands_before_it(before: str, shown: str) -> None:
    with pytest.raises(Rejected) as refused:
        recoded(before.encode() + b"\xe9 end")
    assert str(refused.value) == f"it is UTF-8 text with bytes that are none (after {shown}): {ADVICE}"


def test_a_byte_that_is_none_after_a_chunk_of_utf8_is_refused() -> None:
    with pytest.raises(Rejected, match="UTF-8 text with bytes that are none"):
        recoded("é\n".encode(), b"\xe9 end")


def test_bytes_that_are_no_character_of_windows_either_are_refused() -> None:
    with pytest.raises(Rejected) as refused:
        recoded(b"\x81 \x8d")
    assert str(refused.value).startswith("it is neither UTF-8 nor Windows-1252 text (")
    assert str(refused.value).endswith(f'): {ADVICE}, such as "cp1251", "shift_jis" or "gbk"')


def test_text_that_is_not_in_the_declared_encoding_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        recoded(b"caf\xe9", encoding="ascii")
    assert str(refused.value).startswith("it is not text in ascii (")
    assert str(refused.value).endswith(f"): {ADVICE}")


def test_no_chunk_is_no_text() -> None:
    assert recoded() == ""


def test_text_that_ends_within_a_character_is_none_of_the_declared_encoding() -> None:
    with pytest.raises(Rejected, match=r"^it is not text in utf-16-le \("):
        recoded("id\n".encode("utf-16-le") + b"x", encoding="utf-16-le")


def test_text_that_ends_within_a_character_of_utf8_is_windows_text() -> None:
    assert recoded(b"caf\xc3") == "cafÃ"


def test_windows_text_whose_first_letter_beyond_ascii_ends_a_chunk_is_recoded() -> None:
    assert recoded(b"id\ncaf\xe9", b" au lait\n") == "id\ncafé au lait\n"


@pytest.mark.parametrize("end", ["\x1a", "\x1a\x1a", "\n\x1a\r\n", "\r\n\x1a\n\x1a"])
def test_what_ends_a_file_of_dos_may_be_cut_anywhere(end: str) -> None:
    whole = f"a\x1ab\n1\x1a\n2{end}".encode()
    for cut in range(len(whole) + 1):
        for other in range(cut, len(whole) + 1):
            text = recoded(whole[:cut], whole[cut:other], whole[other:])
            assert text == f"a\x1ab\n1\x1a\n2{end[: end.index(chr(26))]}"
