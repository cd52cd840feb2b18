"""The direction of imports between the rooms of the jobs' package, as pyproject.toml states it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = ROOT / ".venv" / "tools" / "bin" / "lint-imports"


def lint(modules: Path) -> subprocess.CompletedProcess[str]:
    """Checks a copy of the package against the project's contracts."""
    command = [str(LINT), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(modules)}
    return subprocess.run(command, env=environment, cwd=modules, capture_output=True, text=True, check=False)


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A copy of the package that a test may change."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "glue-assets" / "datalake", tmp_path / "datalake", ignore=ignored)
    return tmp_path


def test_the_package_keeps_its_direction(modules: Path) -> None:
    done = lint(modules)

    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("engine/rows.py", "boto3"),
        ("engine/csv/records.py", "pyspark.sql"),
        ("engine/contract.py", "datalake.lake.keys"),
        ("engine/streams.py", "datalake.policy"),
        ("lake/manifest.py", "datalake.worker.outcome"),
        ("worker/heartbeat.py", "pyspark"),
        ("worker/worker.py", "datalake.driver.backlog"),
        ("stages/csv_to_json.py", "datalake.driver.arrivals"),
        ("driver/arrivals.py", "datalake.stages.csv_to_json"),
        ("new_room.py", "json"),
    ],
)
def test_an_import_against_the_direction_is_refused(modules: Path, module: str, imported: str) -> None:
    with (modules / "datalake" / module).open("a") as file:
        file.write(f"\nimport {imported}\n")

    done = lint(modules)

    assert done.returncode == 1
    assert "BROKEN" in done.stdout
