"""What the advisory services know of the locked packages, as `npm audit` and `pip-audit` say it."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class AuditError(Exception):
    """The tool has failed by itself, whatever the service would have said."""


@dataclass(frozen=True)
class Finding:
    """An advisory about a package in a lock file.

    Attributes:
        ids: under which the advisory is known: GHSA-…, CVE-…, PYSEC-….
    """

    package: str
    ids: frozenset[str]
    summary: str


@dataclass(frozen=True)
class Answer:
    """What a service has said of a lock file.

    Attributes:
        unchecked: why it has said nothing of all packages or of some; None if it has spoken of each.
    """

    findings: tuple[Finding, ...] = ()
    unchecked: str | None = None


@dataclass(frozen=True)
class Exempt:
    """A finding that is accepted for a while.

    Attributes:
        advisory: one of its ids.
        until: the last day, as YYYY-MM-DD.
        reason: why the package stays as it is.
    """

    package: str
    advisory: str
    until: str
    reason: str


def not_exempt(findings: Sequence[Finding], exempt: Sequence[Exempt], today: datetime.date) -> list[Finding]:
    """The findings for which no exception stands today."""
    standing = {(e.package, e.advisory) for e in exempt if today <= datetime.date.fromisoformat(e.until)}
    return [found for found in findings if standing.isdisjoint((found.package, id_) for id_ in found.ids)]


def npm_answer(output: str) -> Answer:
    """Of `npm audit --json`.

    Raises:
        AuditError: npm has not even asked the registry.
    """
    answer = parsed(output)
    if "auditReportVersion" not in answer:
        # Only the failure of a request has its message at the top; npm's own have a code.
        if "message" in answer:
            return Answer(unchecked=answer["message"])
        raise AuditError(output)
    # Where `via` has no more than names, the finding is about those packages.
    advisories = [via for entry in answer["vulnerabilities"].values() for via in entry["via"] if isinstance(via, dict)]
    return Answer(
        tuple(
            Finding(via["name"], frozenset({via["url"].rsplit("/", 1)[-1]}), f"{via['severity']}: {via['title']}")
            for via in advisories
        )
    )


def pip_answer(output: str, errors: str) -> Answer:
    """Of `pip-audit --format json`, which ends well even if the service knows nothing of a package.

    Raises:
        AuditError: pip-audit has failed by itself.
    """
    if not output:
        last = errors.strip().rsplit("\n", 1)[-1]
        if last.startswith("requests.exceptions.") or "Could not connect to" in last:
            return Answer(unchecked=last)
        raise AuditError(errors)
    packages = parsed(output)["dependencies"]
    findings = [
        Finding(package["name"], frozenset({found["id"], *found["aliases"]}), found["description"])
        for package in packages
        for found in package.get("vulns", ())
    ]
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    reason = f"{len(skipped)} of {len(packages)} packages, such as: {skipped[0]}" if skipped else None
    return Answer(tuple(findings), reason)


def parsed(output: str) -> dict[str, Any]:
    """The answer of a tool.

    Raises:
        AuditError: it is no JSON.
    """
    try:
        answer: dict[str, Any] = json.loads(output)
    except json.JSONDecodeError:
        raise AuditError(output) from None
    return answer
