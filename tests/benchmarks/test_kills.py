"""The verdict on kills names what differs."""

from benchmarks.kills import Kill, Outcome, differences, report


def test_equal_outcomes_have_no_differences():
    outcome = Outcome({"mart_a": {"rows": 1, "checksum": "1:5"}}, {"canonical/orders/1/data.parquet": "ab"})
    assert differences(outcome, outcome) == []


def test_other_rows_missing_tables_and_other_loads_are_differences():
    expected = Outcome({"mart_a": {"checksum": "1:5"}, "mart_b": {"checksum": "1:1"}}, {"x/data.parquet": "ab"})
    found = Outcome({"mart_a": {"checksum": "1:6"}}, {"x/data.parquet": "ab", "y/data.parquet": "cd"})
    assert differences(expected, found) == ["mart_a differs", "mart_b differs", "raw/y/data.parquet differs"]


def test_the_report_counts_kills_by_step_and_names_those_that_left_something():
    kills = [
        Kill(0, 1.0, "landing", 1, ()),
        Kill(1, 2.0, "landing", 0, ("mart_a differs",)),
        Kill(2, 3.0, "register", 0, ()),
    ]
    lines = report(kills, seed=4).split("\n")
    assert [line.split() for line in lines[2:5]] == [["landing", "2", "1"], ["register", "1", "1"], ["all", "3", "2"]]
    assert lines[5] == "WRONG kill 1 at 2.00 s: mart_a differs"
    assert lines[6].startswith("seed 4; 1 more")
