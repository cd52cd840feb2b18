"""The state machine of imports, as the construct defines it, on the local Step Functions."""

from collections.abc import Iterator

import pytest
from emulator.testing.imports import SOURCE, TARGET, Imports, new_id
from emulator.testing.probe import Client

#: Keys that break a copy whose source is not encoded, or encoded twice.
KEYS = ("plain.csv", "with space.csv", "a+b.csv", "100%.csv", "50%25.csv", "größe.csv", "🚚/ü n+i.csv", "q?a=1&b#c.csv")


@pytest.fixture(scope="module")
def every(client: Client) -> Imports:
    return Imports(client)


@pytest.fixture
def imports(every: Imports) -> Iterator[Imports]:
    yield every
    every.clear()


def test_keys_of_every_kind_arrive_with_their_tags_and_the_time_of_their_first_upload(imports: Imports) -> None:
    lines = [imports.put(key, body=key.encode(), Tagging="team=sales") for key in KEYS]

    ended = imports.ended(imports.start(id_ := new_id(), lines))

    assert ended["status"] == "SUCCEEDED", ended
    assert imports.copied() == {f"raw/{key}": "2019-05-31T12:00:00.000Z" for key in KEYS}
    assert {key: line["outcome"] for key, line in imports.results(id_).items()} == dict.fromkeys(KEYS, "copied")
    for key in KEYS:
        place = {"Bucket": TARGET, "Key": f"raw/{key}"}
        assert imports.s3.get_object(**place)["Body"].read() == key.encode()
        assert imports.s3.get_object_tagging(**place)["TagSet"] == [{"Key": "team", "Value": "sales"}]


def test_an_import_replaces_nothing_and_says_so(imports: Imports) -> None:
    lines = [imports.put("a.csv"), imports.put("b.csv")]
    imports.s3.put_object(Bucket=TARGET, Key="raw/a.csv", Body=b"theirs", Metadata={"uploaded-at": "theirs"})

    imports.ended(imports.start(id_ := new_id(), lines))

    outcomes = {key: line["outcome"] for key, line in imports.results(id_).items()}
    assert outcomes == {"a.csv": "there already", "b.csv": "copied"}
    assert imports.s3.get_object(Bucket=TARGET, Key="raw/a.csv")["Body"].read() == b"theirs"


def test_what_cannot_be_copied_is_told_with_its_reason_and_stops_nothing_else(imports: Imports) -> None:
    gone, changed, archived, fine = (imports.put(key) for key in ("gone", "changed", "archived", "fine"))
    left_out = {**imports.put("old"), "outcome": "skipped", "reason": "older than --since"}
    imports.s3.delete_object(Bucket=SOURCE, Key="gone")
    imports.s3.put_object(Bucket=SOURCE, Key="changed", Body=b"other")
    imports.s3.put_object(Bucket=SOURCE, Key="archived", Body=b"a\n1\n", StorageClass="GLACIER")

    ended = imports.ended(imports.start(id_ := new_id(), [gone, changed, archived, fine, left_out]))

    assert ended["status"] == "SUCCEEDED", ended
    assert imports.copied().keys() == {"raw/fine"}
    found = {key: (line["outcome"], line.get("reason", "")) for key, line in imports.results(id_).items()}
    assert found.pop("fine") == ("copied", "")
    assert found.pop("old") == ("skipped", "older than --since")
    assert {key: outcome for key, (outcome, _) in found.items()} == dict.fromkeys(found, "failed")
    assert "The specified key does not exist." in found["gone"][1]
    assert "changed since it was listed" in found["changed"][1]
    assert "storage class" in found["archived"][1]


def test_more_objects_than_a_batch_holds_are_all_in_the_results(imports: Imports) -> None:
    lines = [imports.put(f"{number}.csv") for number in range(45)]

    ended = imports.ended(imports.start(id_ := new_id(), lines))

    assert ended["status"] == "SUCCEEDED", ended
    assert len(imports.results(id_)) == len(imports.copied()) == 45


def test_an_import_whose_results_lack_an_object_fails_and_says_what_to_do(imports: Imports) -> None:
    ended = imports.ended(imports.start(new_id(), [imports.put("a.csv")], listed=2))

    assert (ended["status"], ended["error"]) == ("FAILED", "ImportIncomplete")
    assert "2 objects were listed, and the results have 1; import again" in ended["cause"]


def test_a_list_that_the_role_cannot_read_ends_the_import(imports: Imports) -> None:
    arn = imports.start(id_ := new_id(), [imports.put("a.csv")])
    imports.ended(arn)
    given = f'{{"id": "{id_}-none", "customer": "acme", "source": "{SOURCE}", "listed": 1}}'

    started = imports.states.start_execution(stateMachineArn=imports.machine, input=given)

    ended = imports.ended(started["executionArn"])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ItemReaderFailed")
