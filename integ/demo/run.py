"""One run of the demo: deploy, upload, wait, answer."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from demo import report
from demo.arrived import Arrived
from demo.check import problems
from demo.deploy import ROOT
from demo.export import export, write
from demo.inputs import (
    InputError,
    InputFile,
    check_declared,
    check_output,
    database_name,
    demo_files,
    files_of_folder,
)
from demo.journey import Journey, Upload, follow
from demo.lake import Lake
from demo.local import local_lake, quickstart_customers, write_customers
from demo.page import write_page
from demo.query import Catalog
from demo.timings import Timings

VEGA_DATASETS = ROOT / "node_modules" / "vega-datasets" / "data"
PARALLEL_UPLOADS = 8


@dataclass(frozen=True)
class Options:
    """The command line."""

    input: Path | None = None
    customers: Path | None = None
    output: Path | None = None
    keep: bool = False


def run(options: Options, out: Console) -> int:
    """Runs the demo and returns its exit code."""
    timings = Timings()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modern-data-lake-")))
        files, customers = the_input(options, scratch)
        mirror = options.output or scratch / "output"
        check_output(mirror, options.input)
        out.print(f"{len(files)} files of {len(customers)} customers: {', '.join(customers[:10])}")
        declared = options.customers
        if options.input and not declared:
            declared = write_customers(customers, scratch / "customers.json")
        with out.status("deploying examples/quickstart into a local AWS with the CDK CLI"):
            local = stack.enter_context(local_lake(scratch, timings, declared, may_stay=options.keep))
        with timings.step("upload to queryable"):
            journeys = follow_with_progress(local.lake, upload_all(local.lake, files), out)
        with timings.step("copy of every object"):
            export(local.lake, customers, mirror)
        catalogs = {name: Catalog(database_name(name), local.lake.tables(name), mirror / name) for name in customers}
        arrived = Arrived(files, journeys, local.lake.dead_letters(), catalogs)
        for customer in customers:
            report.print_customer(out, local.lake, arrived, customer)
            report.print_answers(out, catalogs[customer], own_files=options.input is None)
        found = list(problems(arrived, known_good=options.input is None))
        with timings.step("report"):
            page = write_page(local.aws.environment, options.output or ROOT / "reports")
        report.print_figures(out, local.lake, timings)
        write(mirror / "timings.json", figures(local.lake, timings))
        if options.keep:
            local.aws.detach()
            report.print_kept(out, local.aws, str(customers[0]))
    report.print_page(out, page)
    report.print_verdict(out, files, found)
    return 1 if found else 0


def the_input(options: Options, scratch: Path) -> tuple[list[InputFile], list[str]]:
    """The files and their customers."""
    if options.input:
        files = files_of_folder(options.input)
        customers = sorted(entry.name for entry in options.input.iterdir())
        if options.customers:
            check_declared(options.customers, customers)
        return files, customers
    if options.customers:
        raise InputError("--customers declares the data of your own files: give their folder with --input")
    customers = quickstart_customers()
    return demo_files(VEGA_DATASETS, customers, scratch), customers


def upload_all(lake: Lake, files: Sequence[InputFile]) -> list[Upload]:
    """Uploads the files, several at a time."""
    with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
        versions = pool.map(lambda file: lake.upload(file.customer, file.key, file.path), files)
        return [Upload(file.customer, file.key, version) for file, version in zip(files, versions, strict=True)]


def follow_with_progress(lake: Lake, uploads: Sequence[Upload], out: Console) -> list[Journey]:
    """Waits until the lake has finished with the uploads. Shows one bar per stage."""
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        bars = [progress.add_task(name, total=len(uploads)) for name in ("raw → processed", "processed → queryable")]

        def on_change(journeys: list[Journey]) -> None:
            progress.update(bars[0], completed=sum(bool(j.raw and j.raw.is_final) for j in journeys))
            progress.update(bars[1], completed=sum(j.is_final for j in journeys))

        return follow(lake, uploads, on_change=on_change)


def figures(lake: Lake, timings: Timings) -> dict[str, object]:
    """Seconds of every step and the Glue runs of every stage."""
    runs = {
        stage.name: [{"id": run["Id"], "state": run["JobRunState"]} for run in lake.runs(stage)]
        for stage in lake.stages
    }
    return {"seconds": {**timings.steps, "total": timings.total}, "glue_runs": runs}
