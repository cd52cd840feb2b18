"""A copy of the project in which one file at a time is changed."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Mutant

COPIED = ("glue-assets", "test/glue", "integ")


@dataclass(frozen=True)
class Suite:
    """The tests that a mutant meets.

    Attributes:
        first: the test file of the module's name, whose tests come first, or a name that no file has.
        tests: all test files of the room, or of the room above if it has none.
    """

    first: str
    tests: tuple[str, ...]


def suite_of(root: Path, path: str) -> Suite:
    """The tests of a module."""
    module = Path(path).relative_to("glue-assets/datalake")
    room = Path("test/glue") / module.parent
    first = str(room / f"test_{module.name}")
    while not (tests := sorted((root / room).glob("test_*.py"))):
        room = room.parent
    return Suite(first, tuple(str(test.relative_to(root)) for test in tests))


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
        self._seconds: dict[tuple[str, ...], Path] = {}
        self._second = 0
        self._server = subprocess.Popen(
            [".venv/glue/bin/python", str(Path(__file__).with_name("server.py"))],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": "glue-assets:integ:test/glue:test:tools"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, mutant: Mutant, suite: Suite) -> str:
        """`killed`, `timeout` or `survived`.

        Raises:
            RuntimeError: the tests fail without a mutant.
        """
        seconds = self._measured(suite)
        file = self._folder / mutant.path
        original, written_at = file.read_text(), file.stat().st_mtime
        try:
            file.write_text(mutant.source)
            # Bytecode is known by the second of its source: each mutant has one of its own.
            self._second += 1
            os.utime(file, (self._second, self._second))
            code = self._pytest(suite, seconds)
        finally:
            file.write_text(original)
            os.utime(file, (written_at, written_at))
        return "survived" if code == 0 else "timeout" if code in (-signal.SIGALRM, -signal.SIGPROF) else "killed"

    def _measured(self, suite: Suite) -> Path:
        """The seconds of each test of the room, found out once. A busy machine has a second try."""
        if suite.tests not in self._seconds:
            file = self._folder / f"seconds-{len(self._seconds)}.json"
            if self._pytest(suite, file):
                self._pytest(suite, file)
            if not file.exists():
                log = file.with_suffix(".log").read_text()
                raise RuntimeError(f"tests fail without any mutant, or none of these is one: {suite.tests}\n{log}")
            self._seconds[suite.tests] = file
        return self._seconds[suite.tests]

    def _pytest(self, suite: Suite, seconds: Path) -> int:
        """The exit code of pytest."""
        if self._server.stdin is None or self._server.stdout is None:
            raise RuntimeError("the test server has no pipes")
        arguments = ["-q", "-x", "--no-header", "--hypothesis-seed=0", *suite.tests]
        self._server.stdin.write(json.dumps([str(seconds), suite.first, arguments]) + "\n")
        self._server.stdin.flush()
        code: int = json.loads(self._server.stdout.readline())
        return code
