"""Output of the demo."""

from collections.abc import Sequence
from pathlib import Path

from emulator.client import LocalAws
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.arrived import Arrived
from demo.inputs import InputFile, bucket_name
from demo.journey import Journey
from demo.lake import LAYERS, Lake, ManifestItem
from demo.query import Catalog
from demo.timings import Timings

WIDTH_WITHOUT_TERMINAL = 140
MOST_JOURNEYS = 40
COLORS = {"SUCCEEDED": "green", "REJECTED": "yellow", "FAILED": "red"}

#: Queries on the tables of the demo's own files, for the first customer that has the table.
QUESTIONS = {
    "zipcodes": "SELECT zip_code, city, state FROM zipcodes WHERE zip_code LIKE '0%' ORDER BY zip_code LIMIT 3",
    "airports": "SELECT state, count(*) AS airports FROM airports GROUP BY state ORDER BY airports DESC, state LIMIT 3",
    "weather": "SELECT location, count(*) AS days, max(temp_max) AS hottest FROM weather GROUP BY location ORDER BY 1",
}


def console() -> Console:
    """Standard output. If it is no terminal, it is wide enough for object keys."""
    out = Console()
    return out if out.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)


def print_customer(out: Console, lake: Lake, arrived: Arrived, customer: str) -> None:
    """Prints objects per layer, the result of each upload, and what was rescued or rejected."""
    journeys = [journey for journey in arrived.journeys if journey.upload.customer == customer]
    out.rule(f"[bold]{customer}[/]  s3://{bucket_name(customer)}", align="left")
    table = simple("layer", "objects", "bytes")
    for layer in LAYERS:
        sizes = [found["Size"] for found in lake.objects(customer, f"{layer}/")]
        table.add_row(layer, f"{len(sizes):,}", f"{sum(sizes):,}")
    out.print(table)
    table = simple("object", "status", "rows", "rescued")
    for journey in journeys[:MOST_JOURNEYS]:
        add_journey(table, journey)
    out.print(table)
    if len(journeys) > MOST_JOURNEYS:
        out.print(f"  … and {len(journeys) - MOST_JOURNEYS} more objects")
    print_refused(out, journeys)


def add_journey(table: Table, journey: Journey) -> None:
    """One row per layer that the upload has reached, indented below the object before it."""
    add_item(table, 0, journey.upload.key, journey.raw)
    if journey.processed:
        add_item(table, 1, journey.processed.key, journey.processed)
        for output in journey.processed.outputs:
            table.add_row(Text("    " + output), "", "", "")


def add_item(table: Table, depth: int, key: str, item: ManifestItem | None) -> None:
    """One manifest item."""
    status = item.status if item else "WAITING"
    rows = f"{item.rows_out:,}" if item and item.rows_out else ""
    rescued = f"{item.values_rescued:,}" if item and item.values_rescued else ""
    table.add_row(Text("  " * depth + key), Text(status, COLORS.get(status, "")), rows, rescued)


def print_refused(out: Console, journeys: Sequence[Journey]) -> None:
    """Prints what did not arrive completely, and why."""
    for journey in journeys:
        item = journey.last
        name = f"{journey.upload.customer}/{journey.upload.key}"
        if item and item.is_final and not journey.is_queryable:
            out.print(Text(f"{item.status} {name}: {item.reason}", COLORS.get(item.status, "")))
        elif journey.raw and journey.raw.values_rescued:
            out.print(Text(f"RESCUED {journey.raw.values_rescued:,} values of {name}", "yellow"))


def print_answers(out: Console, catalog: Catalog, *, own_files: bool) -> None:
    """Prints queries and their results, read through the catalog."""
    for question in questions_for(catalog, own_files=own_files):
        names, rows = catalog.sql(question)
        out.print(Text(f"{catalog.database}> {question}", "bold"))
        table = simple(*names)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        out.print(table)


def questions_for(catalog: Catalog, *, own_files: bool) -> list[str]:
    """The demo's own queries. For other files: the number of rows of each."""
    if own_files:
        return [question for table, question in QUESTIONS.items() if table in catalog.tables]
    count = 'SELECT _source_file, count(*) AS "rows", count(_rescued_data) AS rescued FROM "{}" GROUP BY 1 ORDER BY 1'
    return [count.format(table) for table in catalog.tables]


def print_figures(out: Console, lake: Lake, timings: Timings) -> None:
    """Prints the Glue runs of each stage and the seconds of each step."""
    table = simple("stage", "Glue runs", "states")
    for stage in lake.stages:
        runs = lake.runs(stage)
        table.add_row(stage.name, str(len(runs)), ", ".join(run["JobRunState"] for run in runs))
    out.print(table)
    table = simple("step", "seconds")
    for name, seconds in timings.longest():
        table.add_row(name, f"{seconds:.1f}")
    table.add_row("total", f"{timings.total:.1f}", style="bold")
    out.print(table)


def print_kept(out: Console, aws: LocalAws, customer: str) -> None:
    """Prints how to use the local AWS that is still running, and how to stop it."""
    out.rule("the local AWS goes on running", align="left")
    for name, value in aws.environment.items():
        out.print(f"export {name}={value}", soft_wrap=True, highlight=False)
    out.print(f"aws s3 ls s3://{bucket_name(customer)}/ --recursive", soft_wrap=True, highlight=False)
    out.print("cd examples/quickstart && npx cdk deploy", highlight=False)
    out.print(f"kill {aws.pid}    # stops it and deletes its files", highlight=False)


def print_page(out: Console, page: Path) -> None:
    """Prints where the report is."""
    out.print(f"the state of the lake, to open in a browser: {page}", soft_wrap=True, highlight=False)


def print_verdict(out: Console, files: Sequence[InputFile], problems: Sequence[str]) -> None:
    """Prints the problems, and the verdict as the last line."""
    for problem in problems:
        out.print(Text(f"PROBLEM {problem}", "red"))
    verdict = f"{len(problems)} problems" if problems else "everything that should have arrived did"
    out.print(Text(f"{len(files)} files: {verdict}", "red" if problems else "bold green"))


def simple(*columns: str) -> Table:
    """A table whose first column fills the width. The others fit their content."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="left", no_wrap=number > 0)
    return table
