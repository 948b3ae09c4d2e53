"""CDNOW's one-in-ten sample: every purchase of 2,357 customers of an online record shop, January 1997 to June 1998.

All of them bought for the first time in the first quarter of 1997. The literature's BG/NBD and Gamma-Gamma
figures are computed on these rows (Fader, Hardie and Lee 2005).
"""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from samples.extracts import extract_path, write_missing
from samples.packages import data_file

SOURCE = "cdnow"
LOAD_DATE = date(1998, 6, 30)
"""The last day of the observation, and of the file."""

HEADER = ["order_number", "customer_id", "sample_id", "order_date", "cd_count", "amount"]


def orders(lines: Iterator[str]) -> Iterator[list[str]]:
    """One row in the order of HEADER per purchase of CDNOW_sample.txt, in the order of the file.

    A line holds, apart by blanks: the customer's number in the full set, the number in the sample, the day as
    YYYYMMDD, the number of CDs and the amount in dollars. The file has no order numbers: a purchase is
    numbered within customer and day, in file order.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if not line.strip():
            continue
        customer, sample, day, cd_count, amount = line.split()
        seen[customer, day] += 1
        ordered_on = datetime.strptime(day, "%Y%m%d").date()
        yield [f"{customer}-{day}-{seen[customer, day]}", customer, sample, ordered_on.isoformat(), cd_count, amount]


def make(landing: Path) -> list[Path]:
    """Write the missing extract of CDNOW below ``landing``; return the files written."""

    def write(target: Path) -> None:
        original = data_file(SOURCE, "lifetimes", "lifetimes", "datasets/CDNOW_sample.txt")
        with original.open(encoding="ascii") as read, target.open("w", encoding="utf-8", newline="") as written:
            rows = csv.writer(written, lineterminator="\n")
            rows.writerow(HEADER)
            rows.writerows(orders(read))

    return write_missing([(extract_path(landing, SOURCE, "orders", LOAD_DATE), write)])
