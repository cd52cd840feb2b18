"""What names mutants, chooses their tests and counts them."""

from pathlib import Path

import pytest

from mutants.accepted import Accepted
from mutants.mutant import Mutant, changed_lines
from mutants.sandbox import suites_of
from mutants.scores import Result, report, score

ROOT = Path(__file__).parents[2]
MUTANT = Mutant("src/a.ts", "x > 1", "x >= 1")
OF_JOBS = Mutant("glue-assets/datalake/lake/c.py", "a", "b")


def test_a_mutant_is_known_by_its_lines_wherever_they_stand() -> None:
    here = changed_lines("a\nif x:\n    b(1)\n", "a\nif x:\n    b(2)\n")
    there = changed_lines("b(1)\n", "b(2)\n")
    assert here == there == ("b(1)", "b(2)")


def touch_tests(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "test/glue" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "test/glue" / name).touch()


def test_a_mutant_meets_the_tests_of_its_module_and_then_the_others_of_its_room(tmp_path: Path) -> None:
    touch_tests(tmp_path, "lake/test_keys.py", "lake/test_tags.py", "test_job.py")
    first, others = suites_of(tmp_path, "glue-assets/datalake/lake/tags.py")
    assert (first, others) == (("test/glue/lake/test_tags.py",), ("test/glue/lake/test_keys.py",))
    assert suites_of(tmp_path, "glue-assets/datalake/job.py") == [("test/glue/test_job.py",)]


def test_a_mutant_of_a_room_without_tests_meets_those_of_the_room_above(tmp_path: Path) -> None:
    touch_tests(tmp_path, "test_job.py")
    assert suites_of(tmp_path, "glue-assets/datalake/empty/some.py") == [("test/glue/test_job.py",)]


def test_accepted_mutants_do_not_count() -> None:
    assert score(["killed", "timeout", "accepted", "survived"]) == pytest.approx(200 / 3)


@pytest.mark.parametrize(("killed", "survived", "code"), [(9, 1, 0), (8, 1, 1)])
def test_a_score_below_the_target_fails(killed: int, survived: int, code: int) -> None:
    results = [Result(MUTANT, "killed")] * killed + [Result(MUTANT, "survived")] * survived
    assert report(results, stale=[]) == code


def test_one_language_does_not_make_up_for_the_other() -> None:
    results = [Result(MUTANT, "killed")] * 100 + [Result(OF_JOBS, "survived")]
    assert report(results, stale=[]) == 1


def test_each_room_and_each_language_has_its_score_below_the_survivors(capsys: pytest.CaptureFixture[str]) -> None:
    other = Mutant("src/private/b.ts", "y", "z")
    results = [Result(MUTANT, "timeout"), Result(other, "survived"), Result(other, "accepted")]
    report([*results, Result(OF_JOBS, "killed")], stale=[])
    *survivors, _, _, of_jobs, room, private, python, typescript = capsys.readouterr().out.splitlines()
    assert survivors == ["survived  src/private/b.ts", "    - y", "    + z"]
    assert room.split() == ["src", "1", "1", "0", "0", "100.0", "%"]
    assert private.split() == ["src/private", "2", "0", "1", "1", "0.0", "%"]
    assert of_jobs.split() == ["glue-assets/datalake/lake", "1", "1", "0", "0", "100.0", "%"]
    assert python.split() == ["Python", "1", "1", "0", "0", "100.0", "%"]
    assert typescript.split() == ["TypeScript", "3", "1", "1", "1", "50.0", "%"]


def test_a_reason_whose_code_is_gone_is_stale(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.ts").write_text("if (x > 1)\n")
    there, gone = (("src/a.ts", "if (x > 1)", "if (x > 2)"), ("src/a.ts", "y > 1", "y > 2"))
    accepted = Accepted(tmp_path, {there: "equal", gone: "equal"})
    assert accepted.stale() == ["src/a.ts: y > 1"]
    assert report([Result(MUTANT, "killed")], stale=accepted.stale()) == 1


def test_every_accepted_mutant_of_the_project_has_a_reason_and_is_still_there() -> None:
    assert Accepted.read(ROOT).stale() == []
