"""The log of a run: one JSON object per line, so that CloudWatch Logs Insights can query its members."""

import json
import sys
from typing import Any


def log(**facts: Any) -> None:
    """Writes a line without its empty members."""
    sys.stdout.write(json.dumps({name: value for name, value in facts.items() if value}) + "\n")
    sys.stdout.flush()
