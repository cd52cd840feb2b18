"""What becomes of each answer of the two tools. The answers are theirs, to services that answered as said."""

import datetime
import json
from pathlib import Path

import pytest

from advisories.findings import Answer, AuditError, Exempt, Finding, not_exempt, npm_answer, pip_answer

ANSWERS = Path(__file__).parent / "answers"
TODAY = datetime.date(2026, 11, 25)


def said(name: str) -> str:
    return (ANSWERS / name).read_text()


def test_npm_reports_each_advisory_once_and_not_its_dependents() -> None:
    ids = frozenset({"GHSA-xvch-5gv4-984h"})
    assert npm_answer(said("npm-finding.json")) == Answer(
        (Finding("minimist", ids, "critical: Prototype Pollution in minimist"),)
    )


def test_npm_clean() -> None:
    assert npm_answer(said("npm-clean.json")) == Answer()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("npm-405.json", "405 Method Not Allowed"), ("npm-unreachable.json", "getaddrinfo ENOTFOUND")],
)
def test_npm_without_an_answer_of_the_registry_is_not_checked(name: str, reason: str) -> None:
    assert reason in str(npm_answer(said(name)).unchecked)


def test_npm_without_a_lock_file_fails() -> None:
    with pytest.raises(AuditError, match="ENOLOCK"):
        npm_answer(said("npm-nolock.json"))


def test_pip_audit_reports_all_ids_of_an_advisory() -> None:
    answer = pip_answer(said("pip-finding.json"), "Found 1 known vulnerability in 1 package")
    ids = frozenset({"PYSEC-2018-28", "GHSA-x84v-xcm2-53pg", "CVE-2018-18074"})
    assert [(found.package, found.ids) for found in answer.findings] == [("requests", ids)]
    assert answer.unchecked is None


def test_pip_audit_that_knows_nothing_of_a_package_is_not_checked() -> None:
    answer = pip_answer(said("pip-skipped.json"), "No known vulnerabilities found")
    assert str(answer.unchecked).startswith("2 of 2 packages, such as: Dependency not found on PyPI")


def test_a_finding_counts_even_if_another_package_is_not_checked() -> None:
    found, skipped = (json.loads(said(f"pip-{name}.json"))["dependencies"] for name in ("finding", "skipped"))
    answer = pip_answer(json.dumps({"dependencies": [found[0], skipped[1]]}), "")
    assert len(answer.findings) == 1
    assert str(answer.unchecked).startswith("1 of 2 packages")


def test_pip_audit_without_an_answer_of_the_service_is_not_checked() -> None:
    answer = pip_answer("", said("pip-unreachable.txt"))
    assert str(answer.unchecked).startswith("requests.exceptions.ProxyError")


@pytest.mark.parametrize("errors", ["ERROR:pip_audit._cli:invalid requirements input: nofile.txt", ""])
def test_pip_audit_that_fails_by_itself_fails(errors: str) -> None:
    with pytest.raises(AuditError):
        pip_answer("", errors)


@pytest.mark.parametrize(
    ("exempt", "stays"),
    [
        (Exempt("requests", "CVE-2018-18074", "2026-11-25", "last day"), False),
        (Exempt("requests", "CVE-2018-18074", "2026-11-24", "over"), True),
        (Exempt("requests", "CVE-2018-00000", "2027-01-01", "another advisory"), True),
        (Exempt("minimist", "CVE-2018-18074", "2027-01-01", "another package"), True),
    ],
)
def test_an_exception_is_for_one_advisory_of_one_package_until_its_day(exempt: Exempt, stays: bool) -> None:
    findings = list(pip_answer(said("pip-finding.json"), "").findings)
    assert not_exempt(findings, [exempt], TODAY) == (findings if stays else [])
