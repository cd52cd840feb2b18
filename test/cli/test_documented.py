"""What docs/operate.md shows is what the command prints, in an account of its own."""

import re
from collections.abc import Iterator

import pytest
from emulator.client import ROOT, LocalAws
from emulator.testing.probe import GLUE_PYTHONS, clients

from cli.doctor import command

QUICKSTART = ROOT / "examples" / "quickstart"
DOCUMENT = (ROOT / "docs" / "operate.md").read_text()


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAws]:
    """Not bootstrapped, with a left bucket, trails of other teams, and Lake Formation in charge."""
    with LocalAws(glue_python=GLUE_PYTHONS[0]) as aws:
        client = clients(aws)
        client("s3").create_bucket(Bucket="mycompany-acme-dev-datalake")
        client("lakeformation").put_data_lake_settings(DataLakeSettings={})
        for number in range(5):
            client("cloudtrail").create_trail(Name=f"other-{number}", S3BucketName="trails")
        yield aws


def test_the_output_is_what_the_command_prints(account: LocalAws) -> None:
    example = re.search(r"```sh\nnpx modern-data-lake (doctor [^\n]*)\n```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)
    assert example
    arguments = example[1].replace("customers.json", str(QUICKSTART / "customers.json")).split()

    done = command(*arguments, environment=account.environment)

    assert done.stdout == example[2]
    assert done.returncode == 1


def test_the_exit_codes_are_those_of_the_help() -> None:
    help_text = command("doctor", "--help", environment={}).stdout
    codes = re.findall(r"^  (\d)  (.*)$", help_text, re.MULTILINE)
    assert codes == re.findall(r"^\| (\d) \| (.*) \|$", DOCUMENT, re.MULTILINE)
