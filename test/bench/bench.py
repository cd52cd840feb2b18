"""Measures the engine against what people use instead: `npx projen bench`.

All contenders of a table run in turn, round after round, each in a process of its own. Of each the table shows medians:
CPU seconds of all its processes, wall seconds, the peak of their memory together, and the size of what it wrote.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "integ")]

from data import write_file, write_small_files  # noqa: E402
from emulator.java import java_home  # noqa: E402
from processes import adopt_orphans, measure  # noqa: E402

_ENVIRONMENTS = {"duckdb": "bench", "polars": "bench"}
_TITLES = {
    "inferred": "modern-data-lake, types inferred",
    "known": "modern-data-lake",
    "threads": f"modern-data-lake, {os.cpu_count()} threads",
    "tenfold": "modern-data-lake, the same file ten times over",
    "spark-tasks": "modern-data-lake in Spark tasks",
    "spark-alone": "an empty Spark session",
    "naive-spark": "naive Spark job",
    "duckdb": "DuckDB COPY, one thread",
    "polars": "polars streaming, one thread",
}


@dataclass
class Figures:
    """Measurements of the runs of one contender."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)
    size: int = 0
    queries: dict[str, int] = field(default_factory=dict)
    page_indexes: tuple[int, int] = (0, 0)

    def row(self, name: str, base: "Figures | None") -> str:
        """One row of the table, with the ratios to a base if there is one."""
        cells = [_TITLES[name]]
        for what in ("cpu", "wall"):
            seconds = statistics.median(getattr(self, what))
            cells.append(f"{seconds:.1f}")
            cells += [f"{seconds / statistics.median(getattr(base, what)):.2f}"] if base else []
        return f"| {' | '.join(cells)} | {statistics.median(self.peak) / 1e6:.0f} | {self.size / 1e6:.1f} |"


def main() -> None:
    """Runs what the command line asks for and prints its tables in Markdown."""
    parser = argparse.ArgumentParser(description="measure the engine against what people use instead")
    parser.add_argument("--megabytes", type=int, nargs="*", default=[400], help="sizes of the one large file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[], choices=[*_TITLES], help="contenders to leave out")
    parser.add_argument("--no-small-files", action="store_true")
    words = sys.argv[1:]
    options = parser.parse_args(words[1:] if words[:1] == ["--"] else words)  # npm passes a `--` on
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        java_home(ROOT / ".venv/glue6/bin/python", folder / "java")
        for size in options.megabytes:
            source, lines = folder / f"{size}.csv", folder / f"{size}.json"
            write_file(source, size * 1_000_000, seed=1)
            run("inferred", "json", source, lines, folder)  # writes the contract and the input of the second stage
            names = ["inferred", "known", "threads", "polars", "duckdb", "naive-spark"]
            compare(f"CSV to JSON lines, {size} MB", names, "json", source, folder, options)
            compare(f"CSV to JSON lines, {size * 10} MB", ["tenfold"], "json", source, folder, options, rounds=1)
            compare(
                f"JSON lines to Parquet, {lines.stat().st_size / 1e6:.0f} MB",
                [name for name in names if name != "inferred"],
                "parquet",
                lines,
                folder,
                options,
            )
            source.unlink()
            lines.unlink()
        if not options.no_small_files:
            write_small_files(folder / "small")
            run("inferred", "json", folder / "small/part-0000.csv", folder / "out", folder)  # writes the contract
            (folder / "out").unlink()
            names = ["spark-alone", "spark-tasks", "naive-spark"]
            compare("CSV to JSON lines, 2,000 files of 20 to 50 kB", names, "json", folder / "small", folder, options)


def compare(
    title: str,
    names: list[str],
    stage: str,
    source: Path,
    folder: Path,
    options: argparse.Namespace,
    rounds: int | None = None,
) -> None:
    """Prints one table. Every contender runs once in each round."""
    names = [name for name in names if name not in options.without]
    if not names:
        return
    figures = {name: Figures() for name in names}
    for _ in range(rounds or options.rounds):
        for name in names:
            target = folder / "out"
            cpu, wall, peak = run(name, stage, source, target, folder)
            figures[name].cpu.append(cpu)
            figures[name].wall.append(wall)
            figures[name].peak.append(peak)
            figures[name].size = sum(path.stat().st_size for path in files(target))
            if stage == "parquet":
                figures[name].queries, figures[name].page_indexes = queries(target)
            shutil.rmtree(target) if target.is_dir() else target.unlink()
    base = figures.get("naive-spark")
    ratio = ["of naive Spark"] * bool(base)
    head = [title, "CPU s", *ratio, "wall s", *ratio, "peak MB", "output MB"]
    print(f"\n| {' | '.join(head)} |\n|---{'|---:' * (len(head) - 1)}|")
    for name in names:
        print(figures[name].row(name, base))
    if stage == "parquet":
        figures.pop("threads", None)  # its file is the same
        show_queries(figures, source.with_suffix(".csv").stat().st_size)
    sys.stdout.flush()


def show_queries(figures: dict[str, Figures], raw: int) -> None:
    """Prints how much typical queries must read. Of a CSV file they must read everything."""
    print("\n| MB that a query must read | " + " | ".join(_TITLES[name] for name in figures) + " | the raw CSV |")
    print("|---" + "|---:" * (len(figures) + 1) + "|")
    for query in next(iter(figures.values())).queries:
        megabytes = (f"{found.queries[query] / 1e6:.2f}" for found in figures.values())
        print(f"| {query} | {' | '.join(megabytes)} | {raw / 1e6:.2f} |")
    indexes = (f"{found.page_indexes[0]} of {found.page_indexes[1]}" for found in figures.values())
    print(f"| column chunks with a page index | {' | '.join(indexes)} | none |")


def queries(target: Path) -> tuple[dict[str, int], tuple[int, int]]:
    """Bytes that each query must read of a Parquet file or a folder of them, and the number of page indexes."""
    command = (ROOT / ".venv/glue6/bin/python", HERE / "bytes_read.py", target)
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found["queries"], tuple(found["page_indexes"])


def run(name: str, stage: str, source: Path, target: Path, folder: Path) -> tuple[float, float, int]:
    """CPU seconds, wall seconds and peak memory in bytes of one run and of all processes that it started."""
    python = ROOT / ".venv" / _ENVIRONMENTS.get(name, "glue6") / "bin/python"
    environment = {
        **os.environ,
        "ARROW_DEFAULT_MEMORY_POOL": "mimalloc",  # this and the next one as in the jobs
        "MIMALLOC_PURGE_DELAY": "-1",
        "OMP_NUM_THREADS": "1",  # as Spark sets it for its Python workers
        "JAVA_HOME": str(folder / "java"),
        "PYSPARK_PYTHON": str(python),
        "PYTHONPATH": f"{ROOT / 'glue-assets'}:{HERE}",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = (str(python), str(HERE / "contenders.py"), name, stage, str(source), str(target), str(folder))
    return measure(command, environment)


def files(path: Path) -> list[Path]:
    """A file, or the files in a folder."""
    return [inner for inner in path.rglob("*") if inner.is_file()] if path.is_dir() else [path]


if __name__ == "__main__":
    main()
