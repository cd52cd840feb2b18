"""Makes the project's Python environments under .venv/ from their locked requirements.

python3 integ/environments/make.py [NAME ...]     all of them without a name; `glue` is the one that fits this Python
python3 integ/environments/make.py --lock         resolves the *.in files again
"""

from __future__ import annotations  # an older Python must get as far as its error message

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".venv"
OLDEST = (3, 11)
#: The Python of each environment. The wheels of Glue 5.0 exist up to Python 3.12; Glue 6.0 itself runs 3.13.
PYTHONS = {
    "glue5": ("3.11", "3.12"),
    "glue6": ("3.13", "3.12", "3.11"),
    "local": (),
    "tools": (),
    "app": (),
    "aws": (),
    "bench": (),
    "mutants": (),
    "pictures": (),
}
#: Made only on request: only the benchmark, the mutants and the drawing of the dashboard need them.
BY_NAME = {"bench", "mutants", "pictures"}


def main() -> None:
    """Makes the environments that the command line names."""
    parser = argparse.ArgumentParser(description="make the Python environments from their locked requirements")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"{', '.join([*PYTHONS, 'glue'])} (default: all but {', '.join(BY_NAME)})",
    )
    parser.add_argument("--lock", action="store_true", help="resolve the *.in files again instead")
    options = parser.parse_args()
    if sys.version_info < OLDEST:
        found, needed = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, OLDEST))
        sys.exit(
            f"python3 is version {found}, the project needs {needed} or newer: install it and put it first in PATH"
        )
    names = options.names or default_names()
    if unknown := [name for name in names if name not in (*PYTHONS, "glue")]:
        sys.exit(f"unknown environment {unknown[0]!r}: write one of {', '.join([*PYTHONS, 'glue'])}")
    uv = make_uv()
    if options.lock:
        lock(uv)
        return
    for name in names:
        make(uv, link_glue() if name == "glue" else name)


def default_names() -> list[str]:
    """All environments for which this machine has a Python. Without one for Glue 5.0, Glue 6.0's runs the jobs."""
    left_out = BY_NAME if python_for("glue5") else {*BY_NAME, "glue5"}
    return [*(name for name in PYTHONS if name not in left_out), "glue"]


def link_glue() -> str:
    """Links `.venv/glue`, with which the local AWS runs the jobs, to an environment and returns its name."""
    name = "glue5" if python_for("glue5") else "glue6"
    link = ENVIRONMENTS / "glue"
    if not link.is_symlink() or link.readlink() != Path(name):
        link.unlink(missing_ok=True)
        link.symlink_to(name)
    return name


def make_uv() -> Path:
    """Makes the environment of the installer, from its own locked requirements."""
    folder = ENVIRONMENTS / "uv"
    requirements = HERE / "uv.txt"
    if not is_current(folder, requirements):
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
        run(*pip, "install", "--require-hashes", "-r", requirements)
        mark(folder, requirements)
    return folder / "bin" / "uv"


def make(uv: Path, name: str) -> None:
    """Makes an environment unless it is there and matches its requirements."""
    folder, requirements = ENVIRONMENTS / name, HERE / f"{name}.txt"
    if is_current(folder, requirements):
        return
    interpreter = python_for(name)
    if interpreter is None:
        needed = " or ".join(PYTHONS[name])
        sys.exit(f"environment {name} needs Python {needed}, and none was found in PATH: install one of them")
    print(f"making the Python environment {name}", flush=True)
    run(uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", interpreter, folder)
    sync = (uv, "pip", "sync", "--quiet", "--require-hashes", "--build-constraints", HERE / "build.txt")
    run(*sync, "--python", folder / "bin" / "python", requirements)
    mark(folder, requirements)


def python_for(name: str) -> str | None:
    """Path of the interpreter for an environment: the first of its versions that this machine has."""
    for version in PYTHONS[name]:
        # A shim of pyenv in PATH runs only where its version is enabled, so look behind it.
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for candidate in (sys.executable, f"python{version}", *map(str, pyenv.glob(f"{version}.*/bin/python"))):
            if version_of(candidate) == version:
                return candidate
    return None if PYTHONS[name] else sys.executable


def version_of(interpreter: str) -> str | None:
    """Version of a Python, such as `3.13`; None if it is absent or a broken shim."""
    try:
        program = "import sys; print('%d.%d' % sys.version_info[:2])"
        return subprocess.run([interpreter, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def lock(uv: Path) -> None:
    """Pins every requirement with its hashes, for all Python versions of the environments."""
    resolve = (uv, "pip", "compile", "--quiet", "--upgrade", "--universal", "--generate-hashes", "--no-emit-index-url")
    header = ("--custom-compile-command", "npx projen environments:lock")
    for source in sorted(HERE.glob("*.in")):
        oldest = ("--python-version", ".".join(map(str, OLDEST)))
        run(*resolve, *header, *oldest, "--output-file", source.with_suffix(".txt"), source)


def is_current(folder: Path, requirements: Path) -> bool:
    """True if the environment was made completely from exactly these requirements."""
    stamp = folder / ".requirements"
    return (folder / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == fingerprint(requirements)


def mark(folder: Path, requirements: Path) -> None:
    """Writes the mark that `is_current` looks for. It comes last, so an interrupted run leaves none."""
    (folder / ".requirements").write_text(fingerprint(requirements))


def fingerprint(requirements: Path) -> str:
    """Hash of the requirements."""
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def run(*command: object) -> None:
    """Runs a command; its failure ends the program with its own message and exit code."""
    done = subprocess.run([str(word) for word in command], check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
