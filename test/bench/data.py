"""CSV files as a shop writes them: quotes, newlines in quotes, unicode, empty fields. A seed determines a file."""

import random
from datetime import datetime, timedelta
from pathlib import Path

HEADER = "id,Customer ID, order_ts ,qty,unit_price,amount,status,country,zip,email,comment,flag,ship_date,score"
_STATUS = ("new", "paid", "shipped", "returned", "cancelled")
_COUNTRIES = ("US", "DE", "FR", "JP", "BR", "IN", "GB", "ZA")
_WORDS = (
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "consectetur",
    "adipiscing",
    "elit",
    "sed",
    "do",
    "eiusmod",
    "tempor",
)
_UNICODE = ("Zoë", "naïve", "日本語", "Ελληνικά", "emoji 😀", "Москва", "ñandú")
_SMALL_FILES = 2000


def write_file(path: Path, size: int, seed: int) -> None:
    """Writes one file of at least this size."""
    pick = random.Random(seed)
    comments = [_comment(pick) for _ in range(min(20_000, max(200, size // 200)))]
    start = datetime(2024, 1, 1)
    times = [(start + timedelta(seconds=pick.randrange(63_072_000))).isoformat() for _ in range(5000)]
    days = [f"{start + timedelta(days=day):%Y-%m-%d}" for day in range(730)]
    rows_at_once = 20_000 if size > 10_000_000 else 50
    number = written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        written += file.write(HEADER + "\n")
        while written < size:
            lines = [_row(pick, number + row, comments, times, days) for row in range(1, rows_at_once + 1)]
            number += rows_at_once
            written += file.write("\n".join(lines) + "\n")


def write_small_files(folder: Path) -> None:
    """Writes 2,000 files of 20 to 50 kB."""
    folder.mkdir()
    pick = random.Random(7)
    for number in range(_SMALL_FILES):
        write_file(folder / f"part-{number:04}.csv", pick.randint(20_000, 50_000), 1000 + number)


def _row(pick: random.Random, number: int, comments: list[str], times: list[str], days: list[str]) -> str:
    quantity, price, chance = pick.randrange(1, 100), round(pick.random() * 500, 2), pick.random()
    return (
        f"{number},{pick.randrange(10**9)},{pick.choice(times)},{quantity if chance > 0.03 else ''},{price:.2f},"
        f"{quantity * price:.4f},{pick.choice(_STATUS)},{pick.choice(_COUNTRIES)},{pick.randrange(100_000):05},"
        f"{f'user{pick.randrange(10**6)}@example.com' if chance < 0.9 else ''},{pick.choice(comments)},"
        f"{'true' if chance < 0.5 else 'false'},{pick.choice(days) if chance > 0.1 else ''},{pick.random() * 1e6!r}"
    )


def _comment(pick: random.Random) -> str:
    """A value as CSV text."""
    text = " ".join(pick.choice(_WORDS) for _ in range(pick.randint(2, 9)))
    odd = (
        (0.08, ""),
        (0.22, text.replace(" ", ", ", 2)),
        (0.28, f'he said "{text}"'),
        (0.32, text.replace(" ", "\n", 1)),
        (0.33, text.replace(" ", "\r\n", 1)),
        (0.43, f"{text} {pick.choice(_UNICODE)}"),
        (0.44, "C:\\dir\\" + text),
        (0.445, text + "\ttab"),
        (0.446, "\x01\x1f" + text),
    )
    chance = pick.random()
    text = next((variant for limit, variant in odd if chance < limit), text)
    return '"' + text.replace('"', '""') + '"' if any(character in text for character in ',"\n\r') else text
