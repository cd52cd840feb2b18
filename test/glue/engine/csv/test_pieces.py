"""Text is cut between records, which are counted without reading them."""

import csv
import io
from collections.abc import Iterator, Sequence

import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.csv.dialect import Dialect
from datalake.engine.csv.piece import Piece, cut_again
from datalake.engine.csv.pieces import RecordCutter
from hypothesis import example, given, settings
from hypothesis import strategies as st


def cut(text: str, chunk_bytes: int = 16, least_bytes: int = 16, *, blank: bool = False) -> list[Piece]:
    """The pieces of a text that comes in chunks."""
    raw = text.encode()
    chunks = (raw[start : start + chunk_bytes] for start in range(0, len(raw), chunk_bytes))
    return list(RecordCutter(Dialect(","), counts_blank=blank).pieces(chunks, least_bytes))


def records(text: str, *, blank: bool = False) -> list[list[str]]:
    """The records as the csv module reads them, mostly without blank lines."""
    return [record for record in csv.reader(io.StringIO(text, newline="")) if record or blank]


@given(st.text('ab",\n\r ', max_size=200), st.integers(1, 40), st.integers(1, 40), st.booleans())
@example('"a""\n', 4, 4, False)
@example('"a"\r', 4, 4, True)
@settings(max_examples=3000, deadline=None)
def test_the_pieces_of_any_text_have_its_records(text: str, chunk_bytes: int, least_bytes: int, blank: bool) -> None:
    try:
        found = cut(text, chunk_bytes, least_bytes, blank=blank)
    except Rejected:
        return
    read = [records(bytes(piece.text).decode(), blank=blank) for piece in found]
    assert [record for some in read for record in some] == records(text, blank=blank)
    assert [piece.records for piece in found] == [len(some) for some in read]


@given(st.text('ab",\n', max_size=60), st.integers(1, 40))
@settings(max_examples=1000, deadline=None)
def test_an_open_quote_is_seen_wherever_the_text_is_cut(text: str, chunk_bytes: int) -> None:
    *_, last = records(f"{text}\nEND\n")
    if last != ["END"]:
        with pytest.raises(Rejected):
            cut(text, chunk_bytes)


FIELDS = st.text('ab",\n\r é', max_size=8)


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=3), min_size=5), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(deadline=None)
def test_well_formed_texts_are_cut(rows: Sequence[Sequence[str]], end: str, all_quoted: bool) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL, lineterminator=end).writerows(rows)
    found = cut(text.getvalue(), 40, 40)
    assert sum(piece.records for piece in found) == len(records(text.getvalue()))
    longest = max(len(line.encode()) for line in lines_of(rows, end))
    assert len(found) >= len(text.getvalue().encode()) // (40 + 40 + longest)


def lines_of(rows: Sequence[Sequence[str]], end: str) -> Iterator[str]:
    """Each row as it is at its longest."""
    for row in rows:
        yield ",".join('"' + field.replace('"', '""') + '"' for field in row) + end


@pytest.mark.parametrize("row", ['5" pipe,x', 'a""b,x', 'a, "b"', '"a" ",x', '"a"b"c,x', '"",x', "5' pipe"])
def test_a_text_with_any_quotes_is_cut(row: str) -> None:
    found = cut(f"{row}\n" * 20)
    assert len(found) > 3
    assert sum(piece.records for piece in found) == 20


def test_lines_that_end_with_a_carriage_return_alone_are_cut() -> None:
    assert len(cut("1,2\r" * 20)) > 3


def test_a_record_longer_than_any_may_be_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.engine.csv.pieces.LONGEST_RECORD_BYTES", 100)
    for opening in ("", '"a\n'):
        with pytest.raises(Rejected, match="a record is longer than"):
            cut("1,2\n" * 10 + opening + "x\n" * 200 if opening else "1,2\n" * 10 + "x" * 200)


@pytest.mark.parametrize(
    ("text", "line"), [('1,2\n"3,4\n5,6\n', 2), ('1,"2\n3"\n4,"5""\n', 3), ('"a""b\n' + "x\n" * 50, 1)]
)
def test_the_line_in_which_a_quote_stays_open_is_said(text: str, line: int) -> None:
    with pytest.raises(Rejected, match=rf"never closed \(in line {line}\)"):
        cut(text)


def test_a_quote_that_closes_amid_text_after_lines_is_refused_with_both_lines() -> None:
    text = 'A\tbolt\t1\nB\t"half inch pipe\t2\nC\tnut\t3\nD\tbolt\t4\nE\t2" tape\t5\n'
    with pytest.raises(Rejected, match="opens a field in line 2 is closed in line 5 by one with text behind it"):
        list(RecordCutter(Dialect("\t"), counts_blank=False).pieces([text.encode()], 16))


def test_text_behind_a_closing_quote_is_counted_with_the_first_line() -> None:
    cutter = RecordCutter(Dialect(","), counts_blank=False, first_line=2)
    list(cutter.pieces([b'1,"x" \n2,"x"y\n', b'3,"a""b"c\n4,"a""b"\n'], 8))
    assert (cutter.text_after_quotes, cutter.first_text_after_quotes) == (2, 3)


@given(st.text('ab,"\n', max_size=200), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
@settings(deadline=None)
def test_a_text_is_cut_again_however_it_is_divided(text: str, chunk_bytes: int, least_bytes: int, other: int) -> None:
    try:
        pieces = cut(text, chunk_bytes, least_bytes)
    except Rejected:
        return
    divided = [text.encode()[at : at + other] for at in range(0, len(text), other)]
    again = list(cut_again(divided, [(len(piece.text), piece.records) for piece in pieces]))
    assert [(bytes(piece.text), piece.records) for piece in again] == [
        (bytes(piece.text), piece.records) for piece in pieces
    ]
