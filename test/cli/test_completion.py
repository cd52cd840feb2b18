"""A shell that has read the script completes commands, options and values."""

import shutil
import subprocess
from functools import cache

import pytest

from cli.doctor import command

#: Presses the tabulator behind these words, as bash does.
ASK = """
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
$(complete -p modern-data-lake | grep -o '_modern[a-z_]*')
printf '%s\\n' "${COMPREPLY[@]}"
"""


@cache
def script(shell: str) -> str:
    return command("completion", shell, environment={}).stdout


def completed(*words: str) -> list[str]:
    line = ["bash", "-uc", script("bash") + ASK, "bash", "modern-data-lake", *words]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("hi",), ["history"]),
        (("dead",), ["dead-letters"]),
        (("erase", "--c"), ["--customer", "--confirm"]),
        (("redrive", "--all", "--dry"), ["--dry-run"]),
        (("history", "--status", "S"), ["SUCCEEDED", "SUPERSEDED"]),
        (("doctor", "--audit-trail", "N"), ["NONE"]),
        (("history", "--customer", ""), []),
        (("status", "--watch", "--js"), ["--json"]),
        (("completion", ""), ["bash", "zsh", "--help"]),
    ],
)
def test_what_can_follow_is_offered(words: tuple[str, ...], expected: list[str]) -> None:
    assert completed(*words) == expected


def test_every_command_is_offered() -> None:
    text = command("--help", environment={}).stdout
    lines = [line.split() for line in text.split("Commands:\n")[1].splitlines() if line.startswith("  ")]
    commands = {line[0] for line in lines if line and line[0].isascii()}
    assert set(completed("")) == {name for name in commands if f"\n  {name} " in text} - {"help"}


def test_no_other_shell_is_known() -> None:
    done = command("completion", "fish", environment={})

    assert done.returncode == 2
    assert "Allowed choices are bash, zsh." in done.stderr


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh here")
def test_zsh_reads_its_script() -> None:
    line = ["zsh", "-fec", f"{script('zsh')}\n[[ -n $_comps[modern-data-lake] ]] && _modern_data_lake_words '' ''"]
    assert "dead-letters" in subprocess.run(line, capture_output=True, text=True, check=True).stdout
