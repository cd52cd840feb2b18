"""Text is cut between records or not at all."""

import csv
import io
from collections.abc import Iterator, Sequence

import pytest
from datalake.engine.csv.pieces import UnprovedError, record_pieces
from hypothesis import given, settings
from hypothesis import strategies as st


def pieces(text: str, chunk_bytes: int = 16, least_bytes: int = 16) -> list[str]:
    """The pieces of a text that comes in chunks."""
    raw = text.encode()
    chunks = (raw[start : start + chunk_bytes] for start in range(0, len(raw), chunk_bytes))
    return [bytes(piece).decode() for piece in record_pieces(chunks, ",", '"', least_bytes)]


def records(text: str) -> list[list[str]]:
    """The records as the csv module reads them, without blank lines."""
    return [record for record in csv.reader(io.StringIO(text, newline="")) if record]


@given(st.text('ab",\n\r ', max_size=200), st.integers(4, 40))
@settings(max_examples=2000, deadline=None)
def test_the_pieces_of_any_text_have_its_records(text: str, chunk_bytes: int) -> None:
    try:
        found = pieces(text, chunk_bytes, 8)
    except UnprovedError:
        return
    assert "".join(found) == text
    assert [record for piece in found for record in records(piece)] == records(text)


FIELDS = st.text('ab",\n\r é', max_size=8)


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=3), min_size=5), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(deadline=None)
def test_well_formed_texts_are_cut(rows: Sequence[Sequence[str]], end: str, all_quoted: bool) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL, lineterminator=end).writerows(rows)
    found = pieces(text.getvalue(), 40, 40)
    assert [record for piece in found for record in records(piece)] == records(text.getvalue())
    longest = max(len(line.encode()) for line in lines_of(rows, end))
    assert len(found) >= len(text.getvalue().encode()) // (40 + 40 + longest)


def lines_of(rows: Sequence[Sequence[str]], end: str) -> Iterator[str]:
    """Each row as it is at its longest."""
    for row in rows:
        yield ",".join('"' + field.replace('"', '""') + '"' for field in row) + end


@pytest.mark.parametrize("row", ['5" pipe,x', 'a,5" pipe', 'a""b,x', 'a, "b"', '"a" ",x'])
def test_a_text_with_an_odd_quote_is_not_cut(row: str) -> None:
    with pytest.raises(UnprovedError):
        pieces(f"{row}\n" * 20)


@pytest.mark.parametrize("row", ['"",x', '"a" ,x', '"a ""b""",x', '"""",x', 'a,"x\ny"', 'a,"x\r\n"', "5' pipe,x"])
def test_a_text_with_proper_quotes_is_cut(row: str) -> None:
    assert len(pieces(f"{row}\n" * 20)) > 5


def test_a_record_longer_than_any_may_be_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalake.engine.csv.pieces.LONGEST_RECORD_BYTES", 100)
    with pytest.raises(UnprovedError):
        pieces("1,2\n" * 10 + "x" * 200 + "\n")


def test_lines_that_end_with_a_carriage_return_alone_stay_together() -> None:
    assert pieces("1,2\r" * 20) == ["1,2\r" * 20]
