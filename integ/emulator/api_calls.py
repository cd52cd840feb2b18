"""Translates an API request into the terms of policies: actions, resources, condition keys."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from ministack import app
from ministack.core import iam_actions, router
from ministack.services import athena, sts

from emulator import call_log
from emulator.call_log import Context
from emulator.settings import ACCOUNT, REGION

Headers = Mapping[str, str]
NOT_FOUND = 404
#: An action, its resource, and the condition keys of this call.
Need = tuple[str, str, Context]

#: Headers of an upload that S3 offers as condition keys of the same names.
UPLOAD_HEADERS = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)
#: Actions on databases and tables. Those of the jobs are no concern of policies that are simulated.
CATALOG_ACTIONS = ("glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable")
#: Members of requests to Step Functions that name the resource.
EXECUTION_ARNS = ("mapRunArn", "executionArn", "stateMachineArn")
TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def install() -> None:
    """Records the requests of all roles. The account itself needs no permission."""
    for service, handler in list(app.SERVICE_HANDLERS.items()):
        app.SERVICE_HANDLERS[service] = noting(service, handler)


def noting(service: str, handler: Any) -> Any:
    """The handler of a service, which also records its requests."""

    async def handle(method: str, path: str, headers: Headers, body: bytes, query: Mapping[str, Any]) -> Any:
        session = sts._sessions.get(router.extract_access_key_id(headers, query))
        if session:
            request = (service, method, path, headers, body, query)
            tags = {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in session["SessionTags"]}
            for action, resource, context in needs(*request):
                call_log.note(session["Arn"], action, resource, {**tags, **context})
        answer = await handler(method, path, headers, body, query)
        if session and service == "s3" and answer[0] == NOT_FOUND:
            # S3 answers 404 only to callers who may list the bucket; all others get 403.
            call_log.note(session["Arn"], "s3:ListBucket", f"arn:aws:s3:::{path.split('/')[1]}", tags)
        return answer

    return handle


def needs(
    service: str, method: str, path: str, headers: Headers, body: bytes, query: Mapping[str, Any]
) -> Iterator[Need]:
    """The permissions that a request needs."""
    action = str(iam_actions.extract_iam_action(service, method, path, headers, body, query))
    if service == "s3":
        yield from deletions(path, body) if "delete" in query else s3_needs(action, path, headers, query)
    elif service == "dynamodb":
        yield from dynamodb_needs(action, json.loads(body))
    elif service == "glue" and action in CATALOG_ACTIONS:
        yield from ((action, arn, {}) for arn in glue_arns(action, json.loads(body)))
    elif service == "glue" and "JobName" in (request := json.loads(body)):
        yield action, f"arn:aws:glue:{REGION}:{ACCOUNT}:job/{request['JobName']}", {}
    elif action == "events:PutEvents":
        buses = [entry.get("EventBusName", "default") for entry in json.loads(body)["Entries"]]
        yield from ((action, f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}", {}) for bus in buses)
    elif service == "sqs":
        queue = json.loads(body)["QueueUrl"].rsplit("/", 1)[-1]
        yield action.removesuffix("Batch"), f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}", {}
    elif service == "athena":
        base = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/"
        yield from ((action, f"{base}{name}", {}) for name in work_groups(json.loads(body)))
    elif service == "sts" and action != "sts:GetCallerIdentity":
        yield from sts_needs(action, body)
    elif action == "ssm:GetParametersByPath":
        yield action, f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{json.loads(body)['Path']}", {}
    elif action.startswith("states:"):
        request = json.loads(body)
        yield action, next((request[name] for name in EXECUTION_ARNS if name in request), "*"), {}
    elif action == "sns:Publish":
        yield action, dict(parse_qsl(body.decode()))["TopicArn"], {}
    elif action == "cloudwatch:PutMetricData":
        yield action, "*", {"cloudwatch:namespace": namespace(body)}
    else:
        yield action, "*", {}


def s3_needs(action: str, path: str, headers: Headers, query: Mapping[str, Any]) -> Iterator[Need]:
    """Includes what the headers of an upload need. Source: S3's page on required permissions for API operations."""
    if action == "s3:ListAllMyBuckets":
        yield action, "*", {}
        return
    bucket, _, key = path.lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"  # some SDKs end a bucket with a slash
    context: dict[str, str] = {f"s3:{name}": headers[name] for name in UPLOAD_HEADERS if name in headers}
    for name in ("prefix", "versionId"):
        if name in query:
            value = query[name]
            context[f"s3:{name.lower()}"] = value[0] if isinstance(value, list) else value
    yield action, arn, context
    if "x-amz-tagging" in headers:
        yield "s3:PutObjectTagging", arn, {}
    if "x-amz-copy-source" in headers:  # with the tags, unless they are replaced
        source = f"arn:aws:s3:::{unquote(headers['x-amz-copy-source']).lstrip('/')}"
        yield from (("s3:GetObject", source, {}), ("s3:GetObjectTagging", source, {}))
        yield "s3:PutObjectTagging", arn, {}
    if "x-amz-acl" in headers:
        yield "s3:PutObjectAcl", arn, {}


def deletions(path: str, body: bytes) -> Iterator[Need]:
    """What DeleteObjects needs for each object: with a version it is another action."""
    for found in ElementTree.fromstring(body).iter():  # noqa: S314 (a request of a test)
        if found.tag.endswith("Object"):
            named = {child.tag.split("}")[-1]: child.text for child in found}
            action = "s3:DeleteObjectVersion" if "VersionId" in named else "s3:DeleteObject"
            yield action, f"arn:aws:s3:::{path.strip('/')}/{named['Key']}", {}


def dynamodb_needs(action: str, request: Mapping[str, Any]) -> Iterator[Need]:
    """A transaction is no action of its own: it needs the actions of its members. A batch may name several tables."""
    base = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
    if "RequestItems" in request:
        yield from ((action, f"{base}{table}", {}) for table in request["RequestItems"])
        return
    members = [
        (f"dynamodb:{name}", member[kind])
        for member in request.get("TransactItems", [])
        for kind, name in TRANSACTION_ACTIONS.items()
        if kind in member
    ]
    for name, member in members or [(action, request)]:
        key = member.get("Key") or member.get("Item") or {}
        leading = [value["S"] for attribute, value in key.items() if attribute == "object"]
        index = f"/index/{member['IndexName']}" if "IndexName" in member else ""
        yield name, f"{base}{member['TableName']}{index}", {"dynamodb:LeadingKeys": leading}


def glue_arns(action: str, request: Mapping[str, Any]) -> list[str]:
    """An action on a table also needs its database and the catalog. Source: Glue's page on resource ARNs."""
    base = f"arn:aws:glue:{REGION}:{ACCOUNT}:"
    database = request.get("DatabaseName") or request["Name"]
    table = request.get("TableInput", request).get("Name")
    arns = [f"{base}catalog", f"{base}database/{database}"]
    return arns if action == "glue:GetDatabase" else [*arns, f"{base}table/{database}/{table}"]


def work_groups(request: Mapping[str, Any]) -> set[str]:
    """The workgroup that a request names, or those of the queries that it names."""
    queries = request.get("QueryExecutionIds") or [request.get("QueryExecutionId")]
    named = {execution["WorkGroup"] for query in queries if (execution := athena._executions.get(query))}
    return named or {request.get("WorkGroup", "primary")}


def sts_needs(action: str, body: bytes) -> Iterator[Need]:
    """A session with tags also needs sts:TagSession."""
    request = dict(parse_qsl(body.decode()))
    tags = {
        f"aws:RequestTag/{request[name]}": request[name.replace("Key", "Value")]
        for name in request
        if name.startswith("Tags.") and name.endswith(".Key")
    }
    yield action, request["RoleArn"], tags
    if tags:
        yield "sts:TagSession", request["RoleArn"], tags


def namespace(body: bytes) -> str:
    """The namespace of a PutMetricData request: JSON, or a form from older SDKs."""
    request = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    found: str = request["Namespace"]
    return found
