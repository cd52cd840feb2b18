"""Events of versions that go through their stage again.

A message asks for it, for one customer:

    {"detail-type": "Replay Requested", "detail": {"bucket": {"name": "mycompany-acme-dev-datalake"}}}

The run lists the versions under the stage's prefix, and sends the event of each current one whose item is as the
request says. The event has the time of the request in `detail.replay`, so that a version is processed once for each
request, however often its event comes.
"""

import json
from datetime import datetime

from datalake.driver.arrivals import CREATED
from datalake.driver.request import Again, Request
from datalake.lake.claims import Item


def is_asked(item: Item, request: Request, again: Again) -> bool:
    """True if a version is to be processed again: by its item, which is empty if it has none.

    The times of the request are those of the upload. A copy of an object is younger in S3 than the upload itself.
    """
    if item.get("status") not in again.statuses or item.get("replay", "") >= again.at:
        return False
    is_of_dataset = again.dataset in (None, item["dataset"])
    return is_of_dataset and request.since <= datetime.fromisoformat(item["uploaded_at"]) < request.until


def event_again(bucket: str, item: Item, again: Again) -> str:
    """The event of a version as S3 has sent it, with the time of the request."""
    described = {
        "key": item["object"].split("#", 1)[1],
        "version-id": item["version"],
        "size": int(item["size_bytes"]),
        "etag": item["etag"],
        "sequencer": item["sequencer"],
    }
    detail = {"bucket": {"name": bucket}, "object": described, "replay": again.at}
    return json.dumps({"detail-type": CREATED, "time": item["uploaded_at"], "detail": detail})


def replay_group(bucket: str) -> str:
    """The group of the messages about a customer's versions to process again: new objects do not wait for them."""
    return f"{bucket}/replay"
