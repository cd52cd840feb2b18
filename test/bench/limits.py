"""Peak memory, speed, and the largest object that one try can convert, by path: limits.py [MEGABYTES].

One thread, as for objects below 64 MB; the time of one try is `policy.OBJECT_SECONDS`. It ends with an error if a path
needs more memory than `policy.OBJECT_MEMORY_BYTES`.
"""

import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "glue-assets")]

from contenders import AT  # noqa: E402
from data import write_file  # noqa: E402
from datalake import policy  # noqa: E402
from processes import adopt_orphans, measure  # noqa: E402


def _rows(size: int, row: Callable[[int], str]) -> Iterator[str]:
    written = number = 0
    while written < size:
        text = row(number)
        number += 1
        written += len(text)
        yield text


def _wide(size: int) -> Iterator[str]:
    yield ",".join(f"c{place}" for place in range(5000)) + "\n"
    yield from _rows(size, lambda number: f"{number}," * 4999 + "1\n")


def _long_fields(size: int) -> Iterator[str]:
    yield "id,text\n"
    yield from _rows(size, lambda number: f'{number},"' + "x\n" * (31_000_000 // 2) + '"\n')


def _long_first(size: int) -> Iterator[str]:
    yield "id,text\n0," + "x" * (3 << 20) + "\n"
    yield from _rows(size, lambda number: f"{number},some text\n")


def _uneven(size: int) -> Iterator[str]:
    yield "id,text\n"
    yield from _rows(size, lambda number: f"{number},{'x' * 40_000}" + ",surplus" * (number % 2) + "\n")


def _escaped(size: int) -> Iterator[str]:
    yield "id,text\n"
    yield from _rows(size, lambda number: f'{number},"he said \\"{number}\\""\n')


def _dividing(size: int) -> Iterator[str]:
    yield "id,text\n"
    yield from _rows(size, lambda number: f"{number},he said\\, {number}\n")


FILES: dict[str, Callable[[int], Iterator[str]]] = {
    "5,000 columns": _wide,
    "fields of 31 MB": _long_fields,
    "a first record of 3 MiB": _long_first,
    "every second row of 40 kB uneven": _uneven,
    "declared escape": _escaped,
    "escaped delimiters outside of quotes": _dividing,
}


def main() -> None:
    """Prints the table in Markdown."""
    words = [word for word in sys.argv[1:] if word != "--"]  # npm passes a `--` on
    size = int(words[0] if words else 400) * 1_000_000
    adopt_orphans()
    print("| path | MB | peak MB | MB/s | largest object in one try, GB |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="limits-") as name:
        folder = Path(name)
        source, lines = folder / "in.csv", folder / "out.json"
        write_file(source, size, seed=1)
        peaks = {
            "plain CSV, types inferred": _show("plain CSV, types inferred", "json", source, lines),
            "JSON lines to Parquet": _show("JSON lines to Parquet", "parquet", lines, folder / "out.parquet"),
        }
        for title, write in FILES.items():
            with source.open("w", encoding="utf-8", newline="") as file:
                file.writelines(write(size))
            peaks[title] = _show(title, "escape" if write in (_escaped, _dividing) else "json", source, lines)
    if beyond := [title for title, peak in peaks.items() if peak > policy.OBJECT_MEMORY_BYTES]:
        sys.exit(f"more memory than {policy.OBJECT_MEMORY_BYTES / 1e6:.0f} MB: {', '.join(beyond)}")


def _show(title: str, stage: str, source: Path, target: Path) -> int:
    """Prints one row of the table, from a run in its own process, and returns the peak in bytes."""
    _, wall, peak = measure((sys.executable, str(HERE / "limits.py"), stage, str(source), str(target)), _environment())
    megabytes = source.stat().st_size / 1e6
    largest = megabytes / wall * policy.OBJECT_SECONDS / 1000
    print(f"| {title} | {megabytes:.0f} | {peak / 1e6:.0f} | {megabytes / wall:.0f} | {largest:.1f} |", flush=True)
    return peak


def _environment() -> dict[str, str]:
    return {"ARROW_DEFAULT_MEMORY_POOL": "mimalloc", "OMP_NUM_THREADS": "1"}  # as in the jobs


def convert(stage: str, source: Path, target: Path) -> None:
    """One conversion. A CSV conversion writes the contract for the JSON one."""
    from datalake.engine import convert_csv, convert_json
    from datalake.engine.contract import Contract, evolve
    from datalake.engine.dataset import Column, CsvOptions, Dataset

    saved = source.parent / "contract.pickle"

    def open_source() -> BinaryIO:
        return cast(BinaryIO, source.open("rb", buffering=0))

    def agree(observed: Sequence[Column]) -> Contract:
        contract = evolve(None, (), observed)
        saved.write_bytes(pickle.dumps(contract))
        return contract

    with target.open("wb", buffering=0) as sink:
        if stage == "parquet":
            contract = pickle.loads(saved.read_bytes())  # noqa: S301 - written by the run before
            convert_json(open_source, sink, contract, "raw/orders.csv", "v1")
        else:
            options = CsvOptions(escape="\\" if stage == "escape" else None)
            convert_csv(open_source, sink, Dataset("d", csv=options), agree, AT)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        convert(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
