"""What a run printed, and when, becomes the table of its steps."""

import io

from benchmarks.steps import Line, lines_of
from benchmarks.work import Printed
from orchestration.steps import Steps

PRINTED = (
    Printed(2.0, "writing the extracts of complete_journey to var/complete_journey/landing"),
    Printed(6.0, "landing                                 0.50 s  7 loads"),
    Printed(6.0, "  complete_journey as of 2017-12-31"),
    Printed(11.0, "receive              1,682,489 rows     3.00 s  7 new loads"),
    Printed(11.5, "publish                                 0.25 s"),
    Printed(11.6, "orders        155,370 for USD 4,596,039.58 net, margin USD 1,240,952.95"),
    Printed(11.6, "repeat        83.1% of buyers came on two or more days in 2017-12"),
)
MANIFEST = [{"name": "receive", "seconds": 3.004, "cpu_seconds": 2.5, "peak_memory_mib": 900, "rows": 1682489}]


def test_every_second_of_a_run_stands_in_one_line():
    lines = lines_of(PRINTED, 13.0, MANIFEST)
    assert [line.name for line in lines] == ["start", "extracts", "landing", "receive", "publish", "end"]
    assert round(sum(line.seconds + line.before for line in lines), 6) == 13.0


def test_a_step_has_its_rows_and_what_the_manifest_knows_of_it():
    receive = lines_of(PRINTED, 13.0, MANIFEST)[3]
    assert receive == Line("receive", 3.004, receive.before, 2.5, 1_682_489, 900, "7 new loads")
    assert round(receive.before, 3) == 1.996


def test_without_extracts_to_write_the_start_lasts_until_the_first_step():
    lines = lines_of(PRINTED[1:], 13.0, [])
    assert [(line.name, line.seconds) for line in lines[:2]] == [("start", 5.5), ("landing", 0.5)]


def test_the_lines_that_a_run_prints_are_understood():
    out = io.StringIO()
    steps = Steps(out)
    with steps.step("build_customers") as step:
        step.rows, step.note = 12_345, "65 tables and 63 tests"
    with steps.step("flip"):
        pass
    lines = lines_of([Printed(1.0, text) for text in out.getvalue().splitlines()], 1.0, [])
    assert [(line.name, line.rows, line.note) for line in lines[1:3]] == [
        ("build_customers", 12_345, "65 tables and 63 tests"),
        ("flip", None, ""),
    ]
