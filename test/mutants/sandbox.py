"""A copy of the project in which one file at a time is changed."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from mutants.mutant import Mutant

COPIED = ("glue-assets", "test/glue", "integ")
#: Mutants may wait for what never comes: they get this many times the seconds of the unchanged module.
PATIENCE, AT_LEAST_SECONDS = 4, 60


def suites_of(root: Path, path: str) -> list[list[str]]:
    """The tests that a mutant meets, one suite after the other until one fails.

    The test file of the module's name comes first, then all tests of its room, or of the room above if it has none.
    """
    module = Path(path).relative_to("glue-assets/datalake")
    own = Path("test/glue") / module.parent / f"test_{module.name}"
    room = own.parent
    while not (tests := sorted((root / room).glob("test_*.py"))):
        room = room.parent
    others = [str(test.relative_to(root)) for test in tests if test != root / own]
    return [suite for suite in ([str(own)] if (root / own).exists() else [], others) if suite]


class Sandbox:
    """What is copied can be mutated; all else is a link to the project."""

    def __init__(self, root: Path, number: int) -> None:
        """Copies."""
        self._temporary = tempfile.TemporaryDirectory(prefix=f"mutants-{number}-")  # goes with this object
        self._folder = Path(self._temporary.name)
        ignore = shutil.ignore_patterns("__pycache__", "cdk.out", "*.snapshot")
        for name in COPIED:
            shutil.copytree(root / name, self._folder / name, ignore=ignore)
        for entry in [*root.iterdir(), *(root / "test").iterdir()]:
            target = self._folder / entry.relative_to(root)
            if not target.exists():
                target.symlink_to(entry)
        self._seconds: dict[tuple[str, ...], float] = {}
        self._server = subprocess.Popen(
            [".venv/glue/bin/python", str(Path(__file__).with_name("server.py"))],
            cwd=self._folder,
            # A mutant written in the same second would look like the bytecode of the one before.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "glue-assets:integ:test/glue:test:tools"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, mutant: Mutant, suites: list[list[str]]) -> str:
        """`killed`, `timeout` or `survived`.

        Raises:
            RuntimeError: the tests fail without a mutant.
        """
        file = self._folder / mutant.path
        original = file.read_text()
        allowed = [self._allowed(tests) for tests in suites]
        try:
            file.write_text(mutant.source)
            for tests, seconds in zip(suites, allowed, strict=True):
                code = self._pytest(tests, seconds)
                if code != 0:
                    return "timeout" if code is None else "killed"
            return "survived"
        finally:
            file.write_text(original)

    def _allowed(self, tests: list[str]) -> float:
        key = tuple(tests)
        if key not in self._seconds:
            started = time.monotonic()
            if self._pytest(tests, None) != 0:
                raise RuntimeError(f"{' '.join(tests)} fail without any mutant")
            self._seconds[key] = time.monotonic() - started
        return max(AT_LEAST_SECONDS, PATIENCE * self._seconds[key])

    def _pytest(self, tests: list[str], seconds: float | None) -> int | None:
        """The exit code of pytest; None where the time is up."""
        if self._server.stdin is None or self._server.stdout is None:
            raise RuntimeError("the test server has no pipes")
        request = [seconds, ["-q", "-x", "--no-header", "--hypothesis-seed=0", *tests]]
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        code: int | None = json.loads(self._server.stdout.readline())
        return code
