"""The log of a run: one JSON object per line, so that CloudWatch Logs Insights can query its members.

docs/operate.md documents the events and their fields. The saved queries in src/log-queries.ts use them.
"""

import json
import sys
from typing import Any


def log(event: str, /, **facts: Any) -> None:
    """Writes a line: the event, and its facts without those that are empty or 0."""
    sys.stdout.write(json.dumps({"event": event} | {name: value for name, value in facts.items() if value}) + "\n")
    sys.stdout.flush()
