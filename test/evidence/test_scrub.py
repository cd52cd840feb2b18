"""Nothing that identifies an account or a person leaves the scrubber, wherever it stands in a text."""

import json
import re

import pytest
from evidence.scrub import LONGEST, kind_of, scrubbed, scrubber
from hypothesis import given
from hypothesis import strategies as st

accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
#: What stands around an id in AWS's texts. Digits would make another number of it.
around = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Nd"]), max_size=30)
names = st.from_regex(r"[A-Za-z0-9+=,.@_-]{2,32}", fullmatch=True).map(lambda name: f"zq{name.replace(',', '')}")


@given(around, accounts, around)
def test_no_account_id_stays_even_if_nobody_named_it(before: str, account: str, after: str) -> None:
    for form in (account, f"{account[:4]}-{account[4:8]}-{account[8:]}", f"arn:aws:sns:eu-west-1:{account}:topic"):
        text = scrubber([])(f"{before}{form}{after}")

        assert form not in text
        assert account not in text


@given(st.text(max_size=20), accounts, st.text(max_size=20))
def test_a_known_account_id_stays_nowhere(before: str, account: str, after: str) -> None:
    assert account not in scrubber([account])(f"{before}{account}{after}")


@given(accounts)
def test_nesting_hides_no_account_id(account: str) -> None:
    value = {"a": [account, {"b": (f"x{account}", 1, None, True)}], account: account}

    assert account not in json.dumps(scrubbed(value, scrubber([])))


@given(names, accounts)
def test_the_person_behind_a_session_is_not_named(name: str, account: str) -> None:
    principals = (
        f"arn:aws:sts::{account}:assumed-role/Admin/{name}",
        f"arn:aws-cn:iam::{account}:user/{name}",
        f"arn:aws-us-gov:sts::{account}:federated-user/{name}",
    )
    for principal in principals:
        assert name not in scrubber([])(f"User: {principal} is not authorized to perform: glue:StartJobRun")


@given(names)
def test_no_object_is_named(key: str) -> None:
    text = scrubber([])(f"denied on arn:aws:s3:::some-bucket/raw/{key} and s3://some-bucket/raw/{key}.")

    assert key not in text


@pytest.mark.parametrize(
    ("secret", "remains"),
    [
        ("someone.else+test@mail.example.com", "EMAIL"),
        ("AKIAIOSFODNN7EXAMPLE", "ID"),
        ("ASIAIOSFODNN7EXAMPLE", "ID"),
        ("o-a1b2c3d4e5", "ORGANIZATION"),
        ("203.0.113.254", "ADDRESS"),
        ("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", "ID"),
    ],
)
def test_what_identifies_is_replaced_by_what_it_was(secret: str, remains: str) -> None:
    assert scrubber([])(f"see {secret} there") == f"see {remains} there"


def test_the_reason_stays_readable() -> None:
    reason = "API: sns:CreateTopic User: arn:aws:sts::123456789012:assumed-role/cfn/me is not authorized (Status: 403)"

    assert scrubber([])(reason) == reason.replace("123456789012", "ACCOUNT").replace("/me", "/SESSION")


def test_times_versions_and_counts_stay() -> None:
    text = "2026-11-25T16:00:00.123456+00:00 aws-cdk-lib 2.245.0, 42049 rows, 1764086400000 ms"

    assert scrubber([])(text) == text


def test_an_id_at_the_cut_leaves_no_digits_that_identify() -> None:
    text = scrubber(["123456789012"])("x" * (LONGEST - 11) + "123456789012")

    assert not re.search(r"\d{5,}", text)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("ValueError: row 3 has 'Jane Doe'", "ValueError"),
        (
            "An error occurred while calling o86.run. java.lang.IllegalStateException: Jane",
            "java.lang.IllegalStateException",
        ),
        ("Jane Doe's file is broken", "without a class"),
    ],
)
def test_of_a_jobs_error_only_the_class_is_kept(message: str, kind: str) -> None:
    assert kind_of(message) == kind
