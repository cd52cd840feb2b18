"""Removes from texts what tells whose account it is, and what was in the files.

Fields are chosen one by one in `sources.py`. This module handles what AWS writes in free text: reasons and causes.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

#: Longer texts are cut. The first lines of an AWS error name the cause.
LONGEST = 2000

#: In the order in which they apply: an ARN is recognized only while its account is in its place.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"(arn:[\w-]+:sts::)[^:\s]*:assumed-role/([^/\s]+)/[^\s\"',;)\]]+", r"\1ACCOUNT:assumed-role/\2/SESSION"),
    (r"(arn:[\w-]+:sts::)[^:\s]*:federated-user/[^\s\"',;)\]]+", r"\1ACCOUNT:federated-user/USER"),
    (r"(arn:[\w-]+:iam::)[^:\s]*:user/[^\s\"',;)\]]+", r"\1ACCOUNT:user/USER"),
    (r"s3(a?)://[^\s\"',;)\]]+", r"s3\1://OBJECT"),
    (r"(arn:[\w-]+:s3:::[^/\s\"',;)\]]+)/[^\s\"',;)\]]+", r"\1/OBJECT"),
    (r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", "EMAIL"),
    (r"(?<![A-Z0-9])A[A-Z]{3}[A-Z0-9]{16,17}(?![A-Z0-9])", "ID"),  # keys, roles and users: AKIA…, ASIA…, AROA…
    (r"(?<![\w-])o-[a-z0-9]{10,32}(?![\w-])", "ORGANIZATION"),
    (r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])", "ID"),  # canonical user ids
    (r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", "ADDRESS"),
    (r"(?<!\d)\d{4}-\d{4}-\d{4}(?!\d)", "ACCOUNT"),
    (r"(?<!\d)\d{12}(?!\d)", "ACCOUNT"),
)
_COMPILED = tuple((re.compile(pattern), replacement) for pattern, replacement in _PATTERNS)
_KIND = re.compile(r"[\w.]*(?:Error|Exception)\b")


def scrubber(accounts: Collection[str]) -> Callable[[str], str]:
    """Returns a function that scrubs a text.

    Args:
        accounts: account ids that are known. They are replaced even inside a longer number.
    """

    def scrub(text: str) -> str:
        for pattern, replacement in _COMPILED:
            text = pattern.sub(replacement, text)
        for account in accounts:
            text = text.replace(account, "ACCOUNT")
        return text[:LONGEST]  # last: the half of an id would not be recognized

    return scrub


def scrubbed(value: Any, scrub: Callable[[str], str]) -> Any:
    """The same structure with every text in it scrubbed, names of fields included."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {scrub(name): scrubbed(each, scrub) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(each, scrub) for each in value]
    return value


def kind_of(message: str) -> str:
    """The class of an error. The jobs' messages quote files, so nothing else of them is kept."""
    found = _KIND.search(message)
    return found[0] if found else "without a class"
