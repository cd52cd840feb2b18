"""What a trail tells EventBridge: denied calls on objects. Nothing here asks for other calls, or for management events.

The form is that of a data event in the S3 User Guide, "Example: AWS CloudTrail log file entries for Amazon S3".
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudtrail, eventbridge

from emulator.settings import ACCOUNT, REGION

CALL = "AWS API Call via CloudTrail"


def tell_of_denial(session: Mapping[str, Any], action: str, path: str) -> None:
    """Sends the event about a denied call on an object, if a trail records the object's bucket."""
    bucket, _, key = path.lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}/{key}"
    if not key or not any(arn.startswith(beginning) for beginning in _recorded()):
        return
    now = time.time()
    detail = {
        "userIdentity": {"type": "AssumedRole", "arn": session["Arn"], "accountId": ACCOUNT},
        "eventTime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "s3.amazonaws.com",
        "eventName": action.partition(":")[2],
        "awsRegion": REGION,
        "errorCode": "AccessDenied",
        "errorMessage": "Access Denied",
        "requestParameters": {"bucketName": bucket, "key": key},
        "resources": [
            {"type": "AWS::S3::Object", "ARN": arn},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
        "eventCategory": "Data",
    }
    event = {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.s3",
        "DetailType": CALL,
        "Detail": json.dumps(detail),
        "EventBusName": "default",
        "Time": int(now),
        "Resources": [],
        "Account": ACCOUNT,
        "Region": REGION,
    }
    eventbridge._dispatch_event(event)


def _recorded() -> Iterator[str]:
    """Beginnings of the ARNs of the objects whose calls a trail records. Only advanced selectors are understood."""
    for name, trail in cloudtrail._trails.items():
        for selector in cloudtrail._event_selectors.get(name, []) if trail["IsLogging"] else []:
            for field in selector.get("FieldSelectors", []):
                if field["Field"] == "resources.ARN":
                    yield from field.get("StartsWith", [])
