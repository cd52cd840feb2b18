"""Draws widgets as CloudWatch's console shows them, near enough to know what one will see."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import dates, ticker
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from dashboard.widgets import Dashboard, Metric, Widget

mpl.use("agg")
#: Inches of a column and of a row of the console's grid.
COLUMN, ROW = 0.62, 0.46
COLUMNS = 24
INK, FAINT, GRID = "#16191f", "#687078", "#eaeded"
STATES = {"OK": "#1d8102", "ALARM": "#d13212", "INSUFFICIENT_DATA": "#879596"}
ALARMS_IN_A_ROW = 5
MOST_ROWS = 5
MAX_TEXT = 46


def draw(dashboard: Dashboard, path: Path, hours: float) -> None:
    """Draws the whole dashboard into a PNG.

    Args:
        dashboard: deployed.
        path: of the picture.
        hours: of the graphs.
    """
    plt.rcParams.update({"font.size": 8, "font.family": "DejaVu Sans", "text.color": INK, "axes.edgecolor": GRID})
    height = max(widget["y"] + widget["height"] for widget in dashboard.widgets)
    figure = plt.figure(figsize=(COLUMNS * COLUMN, height * ROW), facecolor="#f2f3f3")
    painters = {"text": _text, "alarm": _alarms, "metric": _graph, "log": _table}
    for widget in dashboard.widgets:
        axes = figure.add_axes(_place(widget, height), facecolor="white")
        axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
        painters[widget["type"]](axes, widget["properties"], dashboard, hours)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _place(widget: Widget, height: int) -> tuple[float, float, float, float]:
    """Left, bottom, width and height in parts of the picture, with a gap around."""
    gap_x, gap_y = 0.12 / COLUMNS, 0.12 / height
    left, bottom = widget["x"] / COLUMNS, 1 - (widget["y"] + widget["height"]) / height
    return left + gap_x, bottom + gap_y, widget["width"] / COLUMNS - 2 * gap_x, widget["height"] / height - 2 * gap_y


def _title(axes: Axes, title: str) -> None:
    axes.annotate(title, (0, 1), (8, -8), textcoords="offset points", va="top", weight="bold", fontsize=9)


def _text(axes: Axes, properties: Mapping[str, Any], _dashboard: Dashboard, _hours: float) -> None:
    """Markdown: a heading and a line with links, which are blue."""
    heading, *lines = properties["markdown"].split("\n")
    size = 15 if heading.startswith("# ") else 12
    at = {"textcoords": "offset points", "va": "top"}
    axes.annotate(heading.lstrip("# "), (0, 1), (8, -7), fontsize=size, weight="bold", **at)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(lines))
    is_link = " ".join(lines).startswith("[")
    axes.annotate(text, (0, 1), (8, -15 - size), color="#0073bb" if is_link else FAINT, fontsize=9, **at)
    axes.set_axis_off()


def _alarms(axes: Axes, properties: Mapping[str, Any], dashboard: Dashboard, _hours: float) -> None:
    """A box for each alarm, in the colour of its state; those that ring come first."""
    states = sorted(dashboard.states(properties).items(), key=lambda each: each[1] != "ALARM")
    _title(axes, f"{properties['title']} ({len(states)})")
    rows = -(-len(states) // ALARMS_IN_A_ROW)
    for number, (name, state) in enumerate(states):
        column, row = number % ALARMS_IN_A_ROW, number // ALARMS_IN_A_ROW
        left, bottom = (column + 0.06) / ALARMS_IN_A_ROW, 0.84 - (row + 1) * 0.82 / rows
        box = FancyBboxPatch(
            (left, bottom), 0.9 / ALARMS_IN_A_ROW, 0.66 / rows, boxstyle="square,pad=0", ec=STATES[state]
        )
        box.set(facecolor=STATES[state] if state == "ALARM" else "white", linewidth=1.2)
        axes.add_patch(box)
        colour = "white" if state == "ALARM" else INK
        axes.text(left + 0.008, bottom + 0.33 / rows, short(name), color=colour, va="center", fontsize=8)


def short(name: str) -> str:
    """An alarm's name without what CloudFormation adds to its id."""
    return re.sub(r"[0-9A-F]{8}-\w+$", "", name).removeprefix("Lake-LakeObserve")


def _graph(axes: Axes, properties: Mapping[str, Any], dashboard: Dashboard, hours: float) -> None:
    """Lines over time, and a legend below."""
    _title(axes, properties["title"])
    inner = axes.inset_axes((0.1, 0.3, 0.86, 0.5))
    end = datetime.now(UTC)
    most = 0.0
    for metric in map(Metric.of, properties["metrics"]):
        points = dashboard.points(metric, hours)
        times, values = [at for at, _ in points], [value for _, value in points]
        most = max(most, *values, 0)
        inner.plot(times, values, color=metric.options.get("color"), label=metric.label, marker="o", ms=3, lw=1.4)
    inner.set(xlim=(end - timedelta(hours=hours), end), ylim=(0, max(1, most) * 1.1))
    inner.set_ylabel(properties["yAxis"]["left"]["label"], color=FAINT, fontsize=7)
    inner.xaxis.set_major_formatter(dates.DateFormatter("%H:%M", tz=UTC))
    inner.xaxis.set_major_locator(dates.HourLocator(interval=max(1, int(hours // 4)), tz=UTC))
    inner.yaxis.set_major_formatter(ticker.EngFormatter(sep=""))
    inner.yaxis.set_major_locator(ticker.MaxNLocator(4, integer=True))
    inner.tick_params(labelsize=7, colors=FAINT, length=0)
    inner.grid(visible=True, axis="y", color=GRID)
    inner.spines[["top", "right", "left"]].set_visible(False)
    if not any(len(line.get_xdata()) for line in inner.lines):
        inner.text(0.5, 0.5, "no data in the local AWS", transform=inner.transAxes, ha="center", color=FAINT)
    axes.legend(*inner.get_legend_handles_labels(), loc="lower left", ncols=2, fontsize=7, frameon=False)


def _table(axes: Axes, properties: Mapping[str, Any], dashboard: Dashboard, hours: float) -> None:
    """The first rows of a query's result."""
    _title(axes, properties["title"])
    rows = dashboard.rows(properties, hours)[:MOST_ROWS]
    names = list(dict.fromkeys(name for row in rows for name in row))
    widths = [max(len(_cell(name)), *(len(_cell(row.get(name, ""))) for row in rows)) + 2 for name in names]
    scale = max(sum(widths), 40)
    lefts = [sum(widths[:number]) / scale for number in range(len(names))]
    _line(axes, 0, lefts, names, color=FAINT)
    for number, row in enumerate(rows, 1):
        _line(axes, number, lefts, [row.get(name, "") for name in names], color=INK)


def _line(axes: Axes, number: int, lefts: Sequence[float], cells: Sequence[str], color: str) -> None:
    height = 0.78 / (MOST_ROWS + 1)
    for left, cell in zip(lefts, cells, strict=True):
        axes.text(
            0.015 + left * 0.97, 0.78 - (number + 0.5) * height, _cell(cell), color=color, va="center", fontsize=8
        )
    axes.axhline(0.78 - (number + 1) * height, color=GRID, lw=0.8)


def _cell(text: str) -> str:
    """A figure with few digits, a time as such, or the beginning of a text."""
    if re.fullmatch(r"\d{13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    if re.fullmatch(r"\d+\.\d+", text):
        return f"{float(text):.3g}"
    return textwrap.shorten(text, MAX_TEXT, placeholder="…")
