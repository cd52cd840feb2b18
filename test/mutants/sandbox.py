"""A copy of the project in which one file at a time is changed."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mutants.mutant import Mutant

COPIED = ("glue-assets", "test/glue", "integ")


def suites_of(root: Path, path: str) -> list[tuple[str, ...]]:
    """The test files that a mutant meets until one kills it: the file of its name, then the others of its room.

    A room without tests has those of the room above.
    """
    module = Path(path).relative_to("glue-assets/datalake")
    room = Path("test/glue") / module.parent
    first = str(room / f"test_{module.name}")
    while not (tests := sorted((root / room).glob("test_*.py"))):
        room = room.parent
    names = [str(test.relative_to(root)) for test in tests]
    suites = [tuple(name for name in names if name == first), tuple(name for name in names if name != first)]
    return [suite for suite in suites if suite]


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

    def close(self) -> None:
        """Ends the test server."""
        self._server.communicate()

    def run(self, mutant: Mutant, suites: Sequence[tuple[str, ...]]) -> str:
        """`killed`, `timeout` or `survived`. A suite is only measured if a mutant comes to it.

        Raises:
            RuntimeError: the tests fail without a mutant.
        """
        for suite in suites:
            seconds = self._measured(suite)
            code = self._run_mutated(mutant, suite, seconds)
            if code:
                return "timeout" if code in (-signal.SIGALRM, -signal.SIGPROF) else "killed"
        return "survived"

    def _run_mutated(self, mutant: Mutant, suite: tuple[str, ...], seconds: Path) -> int:
        file = self._folder / mutant.path
        original, written_at = file.read_text(), file.stat().st_mtime
        try:
            file.write_text(mutant.source)
            # Bytecode is known by the second of its source: each mutant has one of its own.
            self._second += 1
            os.utime(file, (self._second, self._second))
            return self._pytest(suite, seconds)
        finally:
            file.write_text(original)
            os.utime(file, (written_at, written_at))

    def _measured(self, suite: tuple[str, ...]) -> Path:
        """The seconds of each test of a suite, found out once. A busy machine has a second try."""
        if suite not in self._seconds:
            file = self._folder / f"seconds-{len(self._seconds)}.json"
            if self._pytest(suite, file):
                self._pytest(suite, file)
            if not file.exists():
                log = file.with_suffix(".log").read_text()
                raise RuntimeError(f"tests fail without any mutant, or none of these is one: {suite}\n{log}")
            self._seconds[suite] = file
        return self._seconds[suite]

    def _pytest(self, suite: tuple[str, ...], seconds: Path) -> int:
        """The exit code of pytest."""
        if self._server.stdin is None or self._server.stdout is None:
            raise RuntimeError("the test server has no pipes")
        arguments = ["-q", "-x", "--no-header", "--hypothesis-seed=0", *suite]
        self._server.stdin.write(json.dumps([str(seconds), arguments]) + "\n")
        self._server.stdin.flush()
        code: int = json.loads(self._server.stdout.readline())
        return code
