"""Figures stand under their headers."""

from benchmarks.table import against, table


def test_names_stand_to_the_left_and_figures_to_the_right():
    lines = table(("step", "rows", "what"), [["receive", "5", "a"], ["x", "1,000", "bcd"]], left=("what",)).split("\n")
    assert lines == [
        "step      rows  what",
        "-------  -----  ----",
        "receive      5  a",
        "x        1,000  bcd",
    ]


def test_a_goal_is_a_most_or_a_least():
    assert (against(60, 60), against(60.1, 60)) == ("met", "missed")
    assert (against(2, 1, at_least=True), against(0.9, 1, at_least=True)) == ("met", "missed")
