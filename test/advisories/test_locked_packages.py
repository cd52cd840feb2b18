"""No package of a lock file has a known vulnerability. Where the service cannot be asked, the test is skipped.

exceptions.json takes what is accepted for a while: package, advisory (an id such as GHSA-… or CVE-…), until (the last
day) and reason.
"""

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from advisories.findings import Answer, Exempt, not_exempt, npm_answer, pip_answer

ROOT = Path(__file__).parents[2]
PIP_AUDIT = ROOT / ".venv" / "tools" / "bin" / "pip-audit"
NPM_LOCKS = ("package-lock.json", "test/newest-cdk/package-lock.json")
PIP_LOCKS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "integ" / "environments").glob("*.txt"))


def npm_audit(lock: str) -> Answer:
    patience = ("--fetch-timeout=20000", "--fetch-retries=1")
    command = ("npm", "audit", "--json", "--package-lock-only", *patience)
    done = subprocess.run(command, cwd=(ROOT / lock).parent, capture_output=True, text=True, check=False)
    return npm_answer(done.stdout)


def pip_audit(lock: str) -> Answer:
    # The files name every package with its hashes: there is nothing to resolve.
    options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
    command = (str(PIP_AUDIT), *options, "--requirement", lock)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return pip_answer(done.stdout, done.stderr)


@pytest.mark.parametrize("lock", [*NPM_LOCKS, *PIP_LOCKS])
def test_no_known_vulnerability(lock: str) -> None:
    exempt = [Exempt(**entry) for entry in json.loads((Path(__file__).parent / "exceptions.json").read_text())]
    answer = npm_audit(lock) if lock in NPM_LOCKS else pip_audit(lock)
    assert not_exempt(answer.findings, exempt, datetime.datetime.now(tz=datetime.UTC).date()) == []
    if answer.unchecked:
        pytest.skip(f"{lock} not checked: {answer.unchecked}")
