"""CPU seconds of both conversions by part: python parts.py [MEGABYTES OF CSV]."""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "glue-assets")]

import pyarrow as pa  # noqa: E402
import pyarrow.csv as pa_csv  # noqa: E402
import pyarrow.json as pa_json  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from contenders import AT  # noqa: E402
from data import write_file  # noqa: E402
from datalake.engine import (  # noqa: E402
    convert_csv,
    convert_json,
    rows,
)
from datalake.engine.contract import Contract, evolve  # noqa: E402
from datalake.engine.csv import pieces  # noqa: E402
from datalake.engine.dataset import Column, Dataset  # noqa: E402
from datalake.engine.json import writer as json_lines  # noqa: E402
from datalake.engine.types import values  # noqa: E402

_SPENT: defaultdict[str, float] = defaultdict(float)


def main() -> None:
    """Prints the tables."""
    pa.set_cpu_count(1)
    if "mimalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.mimalloc_memory_pool())
    with tempfile.TemporaryDirectory(prefix="parts-") as name:
        source, target = Path(name, "in.csv"), Path(name, "out.json")
        write_file(source, int(sys.argv[1] if len(sys.argv) > 1 else 200) * 1_000_000, seed=1)
        contract = convert(source, target, None)
        _watch()
        show(f"{source.stat().st_size / 1e6:.0f} MB of CSV", lambda: convert(source, target, contract))
        show(f"{target.stat().st_size / 1e6:.0f} MB of JSON lines", lambda: to_parquet(target, contract))


def show(what: str, work: Callable[[], object]) -> None:
    """Runs a conversion and prints its table."""
    _SPENT.clear()
    before = time.process_time()
    work()
    total = time.process_time() - before
    _SPENT["the rest"] = total - sum(_SPENT.values())
    print(f"\n| of {what} | CPU s | share |\n|---|---:|---:|")
    for part, seconds in sorted(_SPENT.items(), key=lambda part: -part[1]):
        print(f"| {part} | {seconds:.2f} | {seconds / total:.0%} |")


def to_parquet(source: Path, contract: Contract) -> None:
    """Converts the JSON lines."""
    with source.with_suffix(".parquet").open("wb", buffering=0) as sink:
        convert_json(lambda: source.open("rb", buffering=0), sink, contract, "raw/orders.csv", "v1")


def convert(source: Path, target: Path, known: Contract | None) -> Contract:
    """Converts the file and returns the contract after it."""
    agreed: list[Contract] = []

    def agree(observed: Sequence[Column]) -> Contract:
        agreed.append(evolve(known, (), observed))
        return agreed[-1]

    def open_source() -> BinaryIO:
        return source.open("rb", buffering=0)

    with target.open("wb", buffering=0) as sink:
        watched = _Sink(sink)
        convert_csv(open_source, watched, Dataset("d"), agree, AT, known)  # type: ignore[arg-type]
    return agreed[-1]


class _Sink:
    def __init__(self, sink: Any) -> None:
        self.write = timed("write to the file", sink.write)


class _Reader:
    """Arrow's reader. It parses a block only when asked for the next one."""

    def __init__(self, open_csv: Callable[..., Any], arguments: Sequence[Any]) -> None:
        self._reader = timed("parse", open_csv)(*arguments)
        self.read_all = timed("parse", self._reader.read_all)

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()


def _watch() -> None:
    """Measures each part. No part runs within another one."""
    open_csv, fit = pa_csv.open_csv, values.fit
    _replace(pa_csv, "open_csv", lambda *arguments: _Reader(open_csv, arguments))
    _replace(pieces.RecordCutter, "_scan", timed("cut and count records", pieces.RecordCutter._scan))
    _replace(json_lines, "escape", timed("escapes", json_lines.escape))
    _replace(json_lines._Lines, "end", timed("join into lines", json_lines._Lines.end))

    _replace(pa_json, "read_json", timed("parse", pa_json.read_json))
    _replace(pq.ParquetWriter, "write_table", timed("encode and compress", pq.ParquetWriter.write_table))

    def fit_timed(texts: pa.StringArray, column: Column, **how: bool) -> Any:
        return timed(f"check and trim: {column.type}", fit)(texts, column, **how)

    _replace(rows, "fit", fit_timed)


def _replace(owner: Any, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)


def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a function, to count its CPU seconds."""

    def call(*arguments: Any, **named: Any) -> Any:
        before = time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            _SPENT[part] += time.thread_time() - before

    return call


if __name__ == "__main__":
    main()
