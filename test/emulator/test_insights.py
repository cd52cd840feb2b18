"""Queries of Logs Insights find what CloudWatch would find."""

import json
from typing import Any

import pytest
from emulator.insights import run


def lines(*messages: Any) -> list[dict[str, Any]]:
    """Lines of a log, a second apart."""
    texts = [message if isinstance(message, str) else json.dumps(message) for message in messages]
    return [{"@timestamp": at * 1000, "@message": text, "@logStream": "s"} for at, text in enumerate(texts)]


LINES = lines(
    {"n": 1, "who": "a#x", "error": {"type": "Bad", "message": "it's bad"}},
    {"n": 2.5, "who": "b#y#z", "error": {"type": "Bad", "message": "worse"}},
    "no JSON",
    {"n": 4, "who": "a#x"},
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields n | filter n > 1 and n != 4", [{"n": "2.5"}]),
        ('fields n, who as whom | filter who like "#y"', [{"n": "2.5", "whom": "b#y#z"}]),
        ("fields n | filter who like /^a.x$/ | sort n desc", [{"n": "4"}, {"n": "1"}]),
        ('fields n | filter error.message = "it\'s bad"', [{"n": "1"}]),
        ('fields n | filter error.type in ["Good", "Bad"] | sort n desc | limit 1', [{"n": "2.5"}]),
        ('filter n = 2.5 | parse who "*#*" as first, rest | display first, rest', [{"first": "b", "rest": "y#z"}]),
        ("stats count(*) as lines, sum(n) / 2 as half", [{"lines": "4", "half": "3.75"}]),
        ("filter n > 0 | stats max(n) as most, latest(n) by who | sort who asc", [
            {"who": "a#x", "most": "4", "latest(n)": "4"}, {"who": "b#y#z", "most": "2.5", "latest(n)": "2.5"},
        ]),
        ("stats count_distinct(error.type) as kinds by nothing", [{"kinds": "1"}]),
        ("filter n = 4", [{"@timestamp": "3000", "@message": json.dumps({"n": 4, "who": "a#x"})}]),
    ],
)  # fmt: skip
def test_a_query_finds(query: str, expected: list[dict[str, str]]) -> None:
    assert run(query, LINES) == expected


def test_no_lines_are_no_rows() -> None:
    assert run("filter n = 1 | stats sum(n) as total by who", []) == []


@pytest.mark.parametrize(
    ("query", "said"), [("dedup n", "no command 'dedup n'"), ("stats pct(n, 95)", "no function 'pct'")]
)
def test_what_cannot_be_evaluated_is_refused(query: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(query, LINES)
