"""The records of a CSV text as blocks of text columns.

Arrow's parser and the csv module read quotes, newlines and blank lines alike (the tests compare them). Where they
differ, in rows that are longer or shorter than the header and in files with an escape character, the csv module reads.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Literal, cast

import pyarrow as pa
import pyarrow.csv as pa_csv

from datalake.engine.csv.form import CsvForm
from datalake.engine.csv.records import END_MARK, Block, mix, read_records, text_lines, to_block, without_end
from datalake.engine.dataset import CsvOptions
from datalake.engine.streams import ChunkStream

_ROWS_PER_BLOCK = 10_000
#: Rows of another length than the header's that wait for their place among the others; a file of many of them is read
#: by the csv module altogether.
_MOST_UNEVEN_ROWS = 50_000


class CsvParser:
    """Reads texts of one form. A text is without its header and ends with the end mark, which becomes no row.

    The columns of the blocks are given by their positions. The last one is to be the first of the file: it tells the
    record that marks the end.

    Attributes:
        end_mark: a record behind the last one.
    """

    def __init__(self, form: CsvForm, options: CsvOptions) -> None:
        """Reads nothing yet."""
        self._form, self._options, self._width = form, options, form.width
        self.end_mark = f"\n{END_MARK}{form.delimiter * (form.width - 1)}\n".encode()

    def plain_blocks(self, source: pa.NativeFile, block_bytes: int, columns: list[int]) -> Iterator[Block]:
        """The rows as Arrow reads them; those of another length are put back among them.

        Raises:
            pa.ArrowInvalid: a record is longer than a block, or too many have another length.
            Rejected: a quote is left open.
        """
        uneven: list[tuple[int, str]] = []

        def keep(row: pa_csv.InvalidRow) -> Literal["skip", "error"]:
            uneven.append((cast(int, row.number) - 1, row.text))  # it has a number, since one thread reads
            return "skip" if len(uneven) < _MOST_UNEVEN_ROWS else "error"

        position = 0
        held: Block | None = None
        with self._arrow_reader(source, block_bytes, keep, columns) as reader:
            for batch in reader:
                even = [cast(pa.StringArray, batch.column(str(column))) for column in columns]
                block = self._with_uneven(even, uneven, position, columns)
                if block.rows:  # an unfinished record at the end of a block can leave it empty
                    if held is not None:
                        yield held
                    held, position = block, position + block.rows
        yield without_end(held)

    def exact_blocks(self, chunks: Iterable[bytes], columns: list[int]) -> Iterator[Block]:
        """The rows as the csv module reads them.

        Raises:
            Rejected: a field is too long, or a quote is left open.
        """
        text = io.TextIOWrapper(io.BufferedReader(ChunkStream(chunks)), "utf-8", newline="")
        records = read_records(text, self._options, self._form.delimiter)
        rows = (record for record in records if record or self._width == 1)
        held: Block | None = None
        while some := list(islice(rows, _ROWS_PER_BLOCK)):
            if held is not None:
                yield held
            held = to_block(some, self._width).select(columns)
        yield without_end(held)

    def _arrow_reader(
        self,
        source: pa.NativeFile,
        block_bytes: int,
        keep: Callable[[pa_csv.InvalidRow], Literal["skip", "error"]],
        columns: list[int],
    ) -> pa_csv.CSVStreamingReader:
        names = [str(position) for position in range(self._width)]
        return pa_csv.open_csv(
            cast(IO[bytes], source),
            pa_csv.ReadOptions(use_threads=False, block_size=block_bytes, column_names=names),
            pa_csv.ParseOptions(
                delimiter=self._form.delimiter,
                quote_char=self._options.quote,
                newlines_in_values=True,
                ignore_empty_lines=self._width > 1,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[names[column] for column in sorted(set(columns))],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=self._width > 1,
                check_utf8=False,  # it was looked at before
            ),
        )

    def _with_uneven(
        self, even: list[pa.StringArray], uneven: list[tuple[int, str]], position: int, columns: list[int]
    ) -> Block:
        """Rows of the header's length, the first of them at a position in the file, with the others among them."""
        count = 0
        while count < len(uneven) and uneven[count][0] <= position + len(even[0]) + count:
            count += 1
        if not count:
            return Block(even)
        taken, uneven[:] = uneven[:count], uneven[count:]
        records = [next(read_records(text_lines(text), self._options, self._form.delimiter)) for _, text in taken]
        return mix(even, to_block(records, self._width).select(columns), [place - position for place, _ in taken])
