"""The examples in docs/data.md: each file gives the rows that stand below it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from datalake.engine.conversion import Rejected
from datalake.engine.dataset import Dataset
from engine_harness import LAKE_NAMES, Lake

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "data.md").read_text()
SCHEMA = json.loads((ROOT / "schemas" / "customers.schema.json").read_text())["definitions"]
EXAMPLE = re.compile(
    r"(?P<text>[^\n]+):\n\n```json\n(?P<declared>[^`]*)```\n\n```csv\n(?P<file>[^`]*)```\n\n```(?:jsonl|text)\n(?P<result>[^`]*)```"
)
EXAMPLES = [found.groupdict() for found in EXAMPLE.finditer(DOCUMENT)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["text"])
def test_a_documented_file_gives_the_documented_rows(example: dict[str, str]) -> None:
    dataset = Dataset.from_dict("d", json.loads(example["declared"]))
    files = (dataset.drift, dataset.max_rescued, dataset.number, dataset.null_if, dataset.hive_partitioning)
    lake = Lake(dataset.columns, dataset.csv, None, *files)
    data = example["file"].encode(dataset.csv.encoding or "utf-8")
    key = re.search("`(raw/[^`]+)`", example["text"])
    if example["result"].startswith("{"):
        rows = [json.loads(line) for line in example["result"].splitlines()]
        found = lake.put(data, key=key[1] if key else "raw/d/a.csv")
        objects = [{name: value for name, value in row.items() if name not in LAKE_NAMES} for row in found.objects]
        assert objects == [{name: value for name, value in row.items() if value is not None} for row in rows]
        assert found.csv_figures.values_rescued == 0
    else:
        with pytest.raises(Rejected, match=f"^{re.escape(example['result'].strip())}"):
            lake.put(data)


@pytest.mark.parametrize("definition", ["dataset", "column", "number", "csv"])
def test_every_option_has_an_example(definition: str) -> None:
    shown = {name for block in re.findall(r"```json\n([^`]*)```", DOCUMENT) for name in _names(json.loads(block))}
    assert SCHEMA[definition]["properties"].keys() - shown == set()


def test_every_example_is_read() -> None:
    assert len(EXAMPLES) == DOCUMENT.count("```csv\n")


def _names(declared: Any) -> set[str]:
    if isinstance(declared, list):
        return set().union(*map(_names, declared))
    return {*declared}.union(*map(_names, declared.values())) if isinstance(declared, dict) else set()
