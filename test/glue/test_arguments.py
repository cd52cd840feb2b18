"""The arguments that Glue passes."""

import pytest
from datalake import policy
from datalake.arguments import Arguments, parse
from hypothesis import given
from hypothesis import strategies as st

REQUIRED = {
    "JOB_NAME": "job",
    "JOB_RUN_ID": "jr_1",
    "organization": "mycompany",
    "environment": "dev",
    "manifest_table": "table",
    "work_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/work",
    "dead_letter_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
    "data_role_arn": "arn:aws:iam::123456789012:role/data",
}


def argv(values: dict[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def test_every_argument_has_its_field() -> None:
    assert vars(parse(argv(REQUIRED))) == {
        **REQUIRED,
        "idle_seconds": policy.IDLE_SECONDS,
        "max_seconds": policy.RUN_SECONDS,
    }


def test_the_defaults() -> None:
    assert (policy.IDLE_SECONDS, policy.RUN_SECONDS) == (10, 3000)


def test_what_glue_adds_of_its_own_is_left_out() -> None:
    more = ["--WORKFLOW_NAME", "w", "--enable-metrics", "true", "--JOB_ID", "j_1", "--extra-py-files", "s3://a/b.zip"]

    assert parse([*more, *argv(REQUIRED)]) == parse(argv(REQUIRED))


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_argument_is_one_line_that_names_it(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(argv({name: value for name, value in REQUIRED.items() if name != missing}))

    assert stopped.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert f"--{missing}" in lines[0]


def test_an_argument_that_is_no_number_is_one_line_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse([*argv(REQUIRED), "--max_seconds", "soon"])

    (line,) = capsys.readouterr().err.splitlines()
    assert "--max_seconds" in line
    assert "'soon'" in line


@given(st.sampled_from(sorted(REQUIRED)), st.text(min_size=1).filter(lambda text: not text.startswith("-")))
def test_a_value_stays_as_it_is(name: str, value: str) -> None:
    assert getattr(parse(argv({**REQUIRED, name: value})), name) == value


def test_the_region_is_that_of_the_queue() -> None:
    assert parse(argv(REQUIRED)).region == "eu-central-1"


def test_a_queue_that_is_not_at_aws_names_no_region() -> None:
    values = {**REQUIRED, "work_queue_url": "http://127.0.0.1:4566/123456789012/work"}

    assert Arguments(**values).region is None  # type: ignore[arg-type]
