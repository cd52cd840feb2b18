"""What S3 refuses of CopyObject, and ministack does.

Source: S3's API reference of CopyObject and its page on conditional writes; SlowDown beyond 3,500 writes a second for a
prefix is from the page on performance.
"""

import os
import threading
import time
from collections import deque
from urllib.parse import unquote

from ministack.services import s3

from emulator.answers import Answer, Properties

#: 5 GB as S3 counts it.
MOST_BYTES = 5 * 1024**3
ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
#: A test may set fewer.
MOST_PER_SECOND = int(os.environ.get("LOCAL_AWS_COPIES_PER_SECOND", "3500"))

_recent: deque[float] = deque()
_lock = threading.Lock()


def install() -> None:
    """Refuses before ministack copies."""
    inner = s3._copy_object

    def copy(bucket: str, key: str, headers: Properties) -> Answer:
        source_bucket, _, source_key = unquote(headers.get("x-amz-copy-source", "").lstrip("/")).partition("/")
        found = (s3._buckets.get(source_bucket) or {"objects": {}})["objects"].get(source_key, {})
        answer: Answer
        if is_too_fast():
            answer = s3._error("SlowDown", "Please reduce your request rate.", 503)
        elif headers.get("if-none-match") == "*" and key in (s3._buckets.get(bucket) or {"objects": {}})["objects"]:
            answer = s3._error(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412
            )
        elif found.get("size", 0) > MOST_BYTES:
            text = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
            answer = s3._error("InvalidRequest", text, 400)
        elif found.get("storage_class") in ARCHIVED:
            text = "Operation is not valid for the source object's storage class"
            answer = s3._error("InvalidObjectState", text, 403)
        else:
            answer = inner(bucket, key, headers)
        return answer

    s3._copy_object = copy


def is_too_fast() -> bool:
    """True if there were as many copies in the last second as S3 takes."""
    with _lock:
        now = time.monotonic()
        while _recent and _recent[0] < now - 1:
            _recent.popleft()
        if len(_recent) >= MOST_PER_SECOND:
            return True
        _recent.append(now)
        return False
