"""The numbers of the policy fit together, and into the limits of AWS. test/policy.test.ts compares the construct's."""

import pytest
from datalake import policy

NUMBERS = {name: value for name, value in vars(policy).items() if name.isupper()}


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_is_one_above_zero(name: str) -> None:
    assert NUMBERS[name] > 0


def test_a_full_queue_is_received_in_calls_that_sqs_takes() -> None:
    assert policy.BATCH <= 10
    assert policy.POLL_SECONDS <= 20


def test_no_wait_is_longer_than_sqs_hides_a_message() -> None:
    assert policy.BACKOFF_SECONDS < policy.LONGEST_BACKOFF_SECONDS <= policy.LONGEST_HIDDEN_SECONDS == 12 * 3600


def test_a_lease_outlives_one_renewal_that_fails() -> None:
    assert 2 / policy.BEATS_PER_LEASE < 1


def test_a_run_that_waits_for_deferred_messages_still_works_most_of_its_time() -> None:
    assert policy.STAY_SECONDS < policy.RUN_SECONDS / 10
    assert policy.PATIENCE_SECONDS < policy.RUN_SECONDS / 10


def test_what_an_item_of_the_manifest_keeps_fits_into_dynamodb() -> None:
    assert 3 * policy.FACT_BYTES + policy.ERROR_LENGTH < 400_000 / 2


def test_a_source_key_leaves_room_for_the_other_metadata_of_an_output() -> None:
    others = "source-key source-version sequencer schema-version rows values-rescued"
    values = 1024 // 8 + 64 + 3 * 10  # a version id, a sequencer and three numbers
    assert policy.SOURCE_KEY_BYTES + len(others) + values < 2048


def test_parts_of_an_output_are_of_a_size_that_s3_takes() -> None:
    assert 5 << 20 <= policy.PART_BYTES <= 5 << 30
    assert policy.MEMORY_BYTES <= policy.PART_BYTES
