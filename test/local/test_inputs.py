"""The demo rejects unusable folders before it starts anything."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from demo.inputs import InputError, check_declared, check_output, demo_files, files_of_folder
from demo.run import Options, the_input

ROOT = Path(__file__).parents[2]
VEGA = ROOT / "node_modules" / "vega-datasets" / "data"


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\n1\n")
    return folder


def test_every_file_of_a_customer_goes_below_raw(tmp_path: Path) -> None:
    fill(tmp_path, "acme/orders/2026/a b+ü.csv", "acme/x.txt", "big-shop-2/y.csv")
    (tmp_path / "acme" / "empty").touch()

    found = [(file.customer, file.key) for file in files_of_folder(tmp_path)]

    assert sorted(found) == [
        ("acme", "raw/empty"),
        ("acme", "raw/orders/2026/a b+ü.csv"),
        ("acme", "raw/x.txt"),
        ("big-shop-2", "raw/y.csv"),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda at: at / "absent", r"input folder .*absent does not exist"),
        (lambda at: fill(at, "file") / "file", r"input folder .*file is not a folder"),
        (lambda at: at, r"has no files: put CSV files into .*acme"),
        (lambda at: fill(at, "acme/a.csv", "b.csv"), r"files beside the customers' folders: 'b\.csv'; move .*acme/b"),
        (
            lambda at: fill(at, "Big Shop_1/a.csv"),
            r"'Big Shop_1' .* is not a customer id: allowed are a-z, 0-9 and hyphens inside; write 'big-shop-1'",
        ),
        (lambda at: fill(at, "-a-/a.csv"), r"'-a-' .* is not a customer id.*; write 'a'"),
        (lambda at: fill(at, "ü/a.csv"), r"'ü' .* is not a customer id.*; write 'acme'"),
        (lambda at: fill(at, f"{'a' * 41}/a.csv"), r"is too long for a bucket name: 41 characters, allowed are 40"),
    ],
)
def test_a_folder_that_cannot_be_the_input_is_refused_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        files_of_folder(make(tmp_path))


def test_the_longest_customer_id_fits_its_bucket(tmp_path: Path) -> None:
    assert len(files_of_folder(fill(tmp_path, f"{'a' * 40}/a.csv"))) == 1


def test_an_output_folder_is_made(tmp_path: Path) -> None:
    check_output(tmp_path / "new" / "out", None)

    assert (tmp_path / "new" / "out").is_dir()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("in/out", r"output folder .*out is inside the input folder .*in: write another one"),
        ("full", r"output folder .*full is not empty: empty it or write another one"),
        ("full/a", r"output folder .*a cannot be made: File exists"),
        ("full/a/b", r"output folder .*b cannot be made: Not a directory"),
        ("/proc/version/x", r"output folder .*x cannot be made"),
    ],
)
def test_an_output_folder_that_cannot_be_used_is_refused(tmp_path: Path, output: str, message: str) -> None:
    fill(tmp_path, "in/acme/a.csv", "full/a")

    with pytest.raises(InputError, match=message):
        check_output(tmp_path / output, tmp_path / "in")


def test_the_demo_uses_every_csv_file_of_the_package_once_and_one_broken_one(tmp_path: Path) -> None:
    files = demo_files(VEGA, ["one", "two"], tmp_path)

    good = [file.path for file in files if not file.broken]
    assert sorted(good) == sorted(VEGA.glob("*.csv"))
    assert len({(file.customer, file.key) for file in files}) == len(files) == len(good) + 1
    assert {file.customer for file in files} == {"one", "two"}


def test_declared_customers_may_be_more_than_those_with_files(tmp_path: Path) -> None:
    file = tmp_path / "customers.json"
    file.write_text('\ufeff[{"customerId": "acme", "datasets": [{"name": "orders"}]}, {"customerId": "globex"}]')
    check_declared(file, ["acme"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"customers file .*c\.json cannot be read: No such file or directory"),
        ("id,name\n", r"customers file .*c\.json is not JSON: "),
        ("\udcff", r"customers file .*c\.json is not JSON: "),
        ('{"customerId": "acme"}', r'is not a list of customers; write \[\{"customerId": "acme"\}\], for example'),
        ("[{}]", r"is not a list of customers"),
        ("3", r"is not a list of customers"),
        (
            '[{"customerId": "globex"}]',
            r"lacks the customers of the input folder 'acme'; it has 'globex': rename the folder or add the customer",
        ),
    ],
)
def test_a_file_that_does_not_declare_the_input_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "c.json"
    if content is not None:
        file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=message):
        check_declared(file, ["acme"])


def test_declarations_without_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give their folder with --input"):
        the_input(Options(customers=tmp_path / "c.json"), tmp_path)


@pytest.mark.parametrize("arguments", [["--input", "/absent"], ["--", "--input", "/absent", "--output", "/x"]])
def test_the_command_ends_with_one_line_and_exit_code_2(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "demo", *arguments]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "integ")})

    assert done.returncode == 2
    assert re.fullmatch(r"demo: input folder /absent does not exist\n", done.stderr)
    assert done.stdout == ""
