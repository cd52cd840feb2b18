"""The log of a run: one JSON object a line, which CloudWatch Logs Insights can query by its members."""

import json
import sys
from typing import Any


def log(**facts: Any) -> None:
    """Writes a line; what is empty is left out."""
    sys.stdout.write(json.dumps({name: value for name, value in facts.items() if value}) + "\n")
    sys.stdout.flush()
