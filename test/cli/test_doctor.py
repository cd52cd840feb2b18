"""Each fault of an account is found, and named with what to do about it."""

from collections.abc import Callable

import pytest
from demo.lake import Lake
from emulator.client import LocalAws
from emulator.settings import ACCOUNT, REGION
from emulator.testing.probe import Client
from emulator.testing.stacks import Stack, resource

from cli.doctor import Customers, Doctor, command


def test_an_account_that_is_ready(doctor: Doctor) -> None:
    found = doctor()

    assert found.bad == []
    assert found.code == 0


def test_the_cdk_is_not_bootstrapped_with_the_qualifier(doctor: Doctor) -> None:
    found = doctor("--qualifier", "mine")

    text = f"the CDK is not bootstrapped with the qualifier mine in {REGION}"
    assert (found.code, found.bad) == (1, [("bootstrap", "failure", text)])


def test_the_bootstrap_stack_is_too_old(doctor: Doctor, client: Client) -> None:
    client("ssm").put_parameter(Name="/cdk-bootstrap/old/version", Value="5", Type="String")

    found = doctor("--qualifier", "old")

    assert found.bad == [("bootstrap", "failure", "bootstrap version 5 is too old, the CDK needs 6")]


def test_a_bucket_of_the_lake_was_left_behind(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    client("s3").create_bucket(Bucket="mycompany-acme-dev-datalake")
    undone(client("s3").delete_bucket, Bucket="mycompany-acme-dev-datalake")

    found = doctor()

    text = "mycompany-acme-dev-datalake is in this account, and no stack of the lake has it"
    assert (found.code, found.bad) == (1, [("bucket-names", "failure", text)])


def test_a_bucket_name_belongs_to_another_account(doctor: Doctor, aws: LocalAws, undone: Callable[..., None]) -> None:
    somebody = {**aws.environment, "AWS_ACCESS_KEY_ID": "210987654321"}
    s3 = Lake.session(somebody).client("s3", endpoint_url=aws.endpoint)
    s3.create_bucket(Bucket="mycompany-dev-query-results")
    undone(s3.delete_bucket, Bucket="mycompany-dev-query-results")

    text = "mycompany-dev-query-results belongs to another account: bucket names are unique in all of AWS"
    assert doctor().bad == [("bucket-names", "failure", text)]


def test_a_database_of_the_lake_was_left_behind(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    client("glue").create_database(DatabaseInput={"Name": "mycompany_globex_dev"})
    undone(client("glue").delete_database, Name="mycompany_globex_dev")

    text = "the database mycompany_globex_dev exists, and no stack of the lake has it"
    assert doctor().bad == [("databases", "failure", text)]


@pytest.mark.parametrize("permissions", [[], ["DESCRIBE"]])
@pytest.mark.parametrize(
    ("setting", "what"),
    [("CreateDatabaseDefaultPermissions", "databases"), ("CreateTableDefaultPermissions", "tables")],
)
def test_lake_formation_keeps_iam_out(
    doctor: Doctor, client: Client, undone: Callable[..., None], setting: str, what: str, permissions: list[str]
) -> None:
    lakeformation = client("lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    undone(lakeformation.put_data_lake_settings, DataLakeSettings=settings)
    everybody = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    default = [{"Principal": everybody, "Permissions": permissions}]
    lakeformation.put_data_lake_settings(DataLakeSettings={**settings, setting: default})

    text = f"access to new {what} is not left to IAM: the jobs and the queries would be refused"
    assert doctor().bad == [("lake-formation", "failure", text)]


def test_a_lake_with_grants_of_lake_formation_works_without_iams_defaults(
    doctor: Doctor, client: Client, undone: Callable[..., None]
) -> None:
    formation = client("lakeformation")
    settings = formation.get_data_lake_settings()["DataLakeSettings"]
    undone(formation.put_data_lake_settings, DataLakeSettings=settings)
    role = client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    undone(client("iam").delete_role, RoleName="jobs")
    grant = {
        "Principal": {"DataLakePrincipalIdentifier": role},
        "Resource": {"Database": {"CatalogId": ACCOUNT, "Name": {"Ref": "Database"}}},
        "Permissions": ["DESCRIBE"],
        "PermissionsWithGrantOption": [],
    }
    resources = {
        "Results": resource("S3::Bucket", BucketName="mycompany-dev-query-results"),
        "Database": resource("Glue::Database", CatalogId=ACCOUNT, DatabaseInput={"Name": "granted"}),
        "Grant": resource("LakeFormation::PrincipalPermissions", **grant),
    }
    stack = Stack(client, resources)
    undone(stack.delete)
    formation.put_data_lake_settings(DataLakeSettings={})

    assert "lake-formation" not in [check for check, *_ in doctor().bad]


def test_lake_formation_lets_nobody_deploy_but_administrators(
    doctor: Doctor, client: Client, undone: Callable[..., None]
) -> None:
    lakeformation = client("lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    undone(lakeformation.put_data_lake_settings, DataLakeSettings=settings)
    name = f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/{name}"}

    lakeformation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": []})
    text = f"{name} is no data lake administrator: the deployment would be refused"
    assert doctor("--lake-formation").bad == [("lake-formation", "failure", text)]

    lakeformation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [admin]})
    assert doctor("--lake-formation").bad == []


def test_the_catalog_is_encrypted(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    key = client("kms").create_key()["KeyMetadata"]
    encrypt_with(client, undone, key["KeyId"])

    text = f"the Data Catalog is encrypted with {key['Arn']}: the jobs and the queries would be refused"
    assert doctor().bad == [("catalog-encryption", "failure", text)]
    assert doctor("--catalog-key", key["Arn"]).bad == []


def test_the_catalog_is_encrypted_with_the_key_of_aws(
    doctor: Doctor, client: Client, undone: Callable[..., None]
) -> None:
    encrypt_with(client, undone, "alias/aws/glue")

    assert doctor().bad == []


def encrypt_with(client: Client, undone: Callable[..., None], key: str) -> None:
    """Encrypts the catalog until the test ends."""
    set_encryption = client("glue").put_data_catalog_encryption_settings
    off = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    undone(set_encryption, DataCatalogEncryptionSettings=off)
    on = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
    set_encryption(DataCatalogEncryptionSettings={"EncryptionAtRest": on})


def test_a_role_of_customers_json_does_not_exist(doctor: Doctor, customers: Customers, client: Client) -> None:
    client("iam").create_role(RoleName="loader", Path="/teams/", AssumeRolePolicyDocument="{}")
    exists = f"arn:aws:iam::{ACCOUNT}:role/teams/loader"
    other_path = f"arn:aws:iam::{ACCOUNT}:role/loader"
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    abroad = "arn:aws:iam::210987654321:role/gone"
    customers[0].update(uploaderRoleArns=[exists, other_path, abroad], readerRoleArns=[gone])

    found = doctor()

    assert [(status, text.split()[0]) for status, text in found.of("roles")] == [
        ("warning", other_path),
        ("warning", gone),
    ]
    assert found.code == 0


@pytest.mark.parametrize(
    ("service", "code", "value", "check", "text"),
    [
        ("s3", "L-DC2B2D3D", 4, "quota-buckets", "0 of 4 are used, the lake needs 6 more"),
        ("glue", "L-611FDDE4", 1, "quota-glue-jobs", "0 of 1 are used, the lake needs 2 more"),
        ("events", "L-244521F2", 3, "quota-rules", "0 of 3 are used, the lake needs 5 more"),
    ],
)
def test_a_quota_is_too_small(
    doctor: Doctor, quota: Callable[..., None], service: str, code: str, value: int, check: str, text: str
) -> None:
    quota(service, code, value)

    found = doctor()

    assert (found.code, found.bad) == (1, [(check, "failure", text)])


def test_the_account_takes_no_more_roles(doctor: Doctor, client: Client, quota: Callable[..., None]) -> None:
    there = len(client("iam").list_roles()["Roles"])
    quota("iam", "L-FE177D64", there + 9)

    text = f"{there} of {there + 9} are used, the lake needs 11 more"
    assert doctor().bad == [("quota-roles", "failure", text)]


def test_what_is_there_already_counts(
    doctor: Doctor, client: Client, quota: Callable[..., None], undone: Callable[..., None]
) -> None:
    quota("events", "L-244521F2", 104)
    events = client("events")
    for number in range(101):  # two pages
        events.put_rule(Name=f"other-{number}", EventPattern='{"source": ["other"]}')
        undone(events.delete_rule, Name=f"other-{number}")

    assert doctor().bad == [("quota-rules", "failure", "101 of 104 are used, the lake needs 5 more")]


def test_the_jobs_would_wait_for_each_other(doctor: Doctor, quota: Callable[..., None]) -> None:
    quota("glue", "L-08F3B322", 100)

    assert doctor("--max-workers", "50").bad == []
    found = doctor("--max-workers", "51")

    text = "all jobs together may use 100, the lake's use up to 102: runs would wait for each other"
    assert (found.code, found.bad) == (0, [("quota-dpus", "warning", text)])


def test_the_region_has_no_room_for_a_trail(doctor: Doctor, client: Client, undone: Callable[..., None]) -> None:
    for number in range(5):
        client("cloudtrail").create_trail(Name=f"other-{number}", S3BucketName="trails")
        undone(client("cloudtrail").delete_trail, Name=f"other-{number}")

    assert doctor("--audit-trail", "NONE").bad == []
    assert doctor().bad == [("quota-trails", "failure", "5 of 5 are used, the lake needs 1 more")]


def test_rules_need_a_recorder(doctor: Doctor) -> None:
    text = "the Region has no recorder, and rules need one"
    assert doctor("--config-audit", "RULES").bad == [("config-recorder", "failure", text)]
    assert doctor("--config-audit", "RULES_AND_RECORDER").bad == []


def test_a_region_takes_one_recorder(doctor: Doctor, aws: LocalAws) -> None:
    elsewhere = "eu-west-1"  # ministack cannot delete a recorder
    config = Lake.session({**aws.environment, "AWS_REGION": elsewhere}).client("config", endpoint_url=aws.endpoint)
    role = f"arn:aws:iam::{ACCOUNT}:role/recorder"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})

    brought = doctor("--region", elsewhere, "--config-audit", "RULES_AND_RECORDER")
    assert brought.of("config-recorder") == [("failure", "the Region has a recorder already, and takes one")]
    assert doctor("--region", elsewhere, "--config-audit", "RULES").of("config-recorder") == [("ok", "there is one")]


def test_a_refused_read_is_a_finding(doctor: Doctor, as_role: Callable[..., dict[str, str]]) -> None:
    denied = as_role("lakeformation:GetDataLakeSettings", "s3:ListAllMyBuckets", "iam:GetRole", "ssm:*")

    found = doctor(**denied)

    refused = "could not look: {} is refused, denied by: identity-based policy".format
    assert found.bad == [
        ("bootstrap", "unknown", refused("ssm:GetParameter")),
        ("lake-formation", "unknown", refused("lakeformation:GetDataLakeSettings")),
        ("bucket-names", "unknown", refused("s3:ListAllMyBuckets")),
        ("quota-buckets", "unknown", refused("s3:ListAllMyBuckets")),
    ]
    assert found.code == 3


def test_wrong_use_ends_with_2(doctor: Doctor, customers: Customers) -> None:
    customers[0]["customerId"] = "A B"
    done = doctor.run()
    assert done.returncode == 2
    assert "customers[0].customerId must" in done.stderr
    assert command("doctor", environment={}).returncode == 2
    assert command("diagnose", environment={}).returncode == 2


def test_an_account_that_cannot_be_asked_ends_with_2(doctor: Doctor) -> None:
    done = doctor.run("--endpoint-url", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith("error: connect ECONNREFUSED 127.0.0.1:9; check the network")
    assert doctor.run("--profile", "nobody").returncode == 2
    assert doctor.run("--profile", "nobody").stderr.startswith("error: Could not resolve credentials")
