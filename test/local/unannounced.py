"""Files whose events were lost on the way."""

from demo.journey import Upload
from demo.lake import Lake
from demo.local import quickstart_customers


def unannounced(lake: Lake, key: str) -> Upload:
    """Uploads a file for the first customer while the rule for new files is disabled."""
    events, customer = lake.client("events"), quickstart_customers()[0]
    rules = [rule["Name"] for rule in events.list_rules()["Rules"] if "raw/" in rule.get("EventPattern", "")]
    for rule in rules:
        events.disable_rule(Name=rule)
    upload = Upload(customer, key, lake.upload(customer, key, b"id,v\n1,x\n"))
    for rule in rules:
        events.enable_rule(Name=rule)
    return upload
