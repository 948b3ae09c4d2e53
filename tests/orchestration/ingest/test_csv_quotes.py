"""Quotes that are never closed, and the line breaks that cells may hold."""

import csv
import io

import pytest

HEADER = "customer_id,name,phone,modified_at,is_deleted\n"


def lines(count, **special):
    return [special.get(f"row_{i + 1}", f"C{i},n{i},138,,") for i in range(count)]


def refusal(world, rows):
    received = world.take(HEADER + "\n".join(rows) + "\n")
    (reason,) = received.refusals
    assert not received.data.exists()
    return reason


def test_a_quote_that_is_never_closed_refuses_the_file_and_names_its_record(world):
    said = refusal(world, lines(1000, row_701='C700,"n700,138,,'))
    assert (
        "record 701 (name): a quote is opened and never properly closed, it takes in 299 further lines; "
        "close or double it"
    ) in said


@pytest.mark.parametrize("later", ['C800,"n, 800",138,,', 'C800,n,"",,', '"C800",n,138,,', 'C800,", Ltd",138,,'])
def test_a_quote_that_only_a_later_cell_closes_refuses_the_file(world, later):
    assert "record 701 (name): a quote is opened" in refusal(
        world, lines(1000, row_701='C700,"n700,138,,', row_801=later)
    )


@pytest.mark.parametrize("end", ['C300,n",138,,', 'C300,n,138",,', 'C300,"n",138,,', '"C300,n,138,,'])
def test_rows_between_two_stray_quotes_are_no_cell(world, end):
    said = refusal(world, lines(1000, row_101='C100,"n,138,,', row_301=end))
    assert "record 101 (name): a quote is opened and never properly closed, it takes in 200 further lines" in said


def test_one_row_between_two_stray_quotes_is_no_cell(world):
    assert "1 further line;" in refusal(world, lines(50, row_11='C10,"n,138,,', row_12='C11,n",138,,'))


def test_a_key_between_stray_quotes_is_found_like_any_cell(world):
    assert "record 11 (customer_id)" in refusal(world, lines(50, row_11='"C10,n,138,,', row_41='C40",n,138,,'))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_file_that_ends_inside_a_quoted_cell_is_refused_even_after_a_line_break(world, line_end):
    content = (HEADER + "".join(f'C{i},"n{i}",138,,\n' for i in range(200)) + 'C200,"12 Long Road\n').replace(
        "\n", line_end
    )
    for cut in (content, content + "Old Town", content + "Old Town" + line_end):
        (reason,) = world.take(cut).refusals
        assert "record 201 (name): a quote is opened" in reason
        assert "cut short" in reason


CELLS = [
    "12 Long Road, Flat 3\nOld Town, 40213, Westphalia, Germany",
    "Flat 3, 12 Long Road, Old Town, Westphalia\n40213, Germany, Europe, Earth, Sun",
    "Called on Monday, left a message.\r\nCalled on Tuesday, Wednesday, Thursday, Friday.\r\n\r\nGave up, sorry.",
    "a\n\n\nb",
    "\n",
    "ends in a break\n",
    'said "yes, please"\nand "no, thanks"',
    '"',
    '"\n"',
    "2 pears, 3 apples, 1 fig, 4 nuts, 5 plums\n" * 20,
    "上海市,浦东新区\n世纪大道 100 号,8 楼,前台,张三",
    "blank after \n ",
]


@pytest.mark.parametrize("width", [2, 5])
def test_addresses_and_notes_with_line_breaks_and_commas_arrive_whole(world, rows, width):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    header = ["customer_id", "name", "phone", "modified_at", "is_deleted"][:width]
    writer.writerow(header)
    writer.writerows([f"C{i}", cell, "138", "", ""][:width] for i, cell in enumerate(CELLS * 3))
    received = world.take(out.getvalue())
    assert received.refusals == ()
    assert [name for (name,) in rows(received, "name")] == CELLS * 3


def test_blanks_after_a_closing_quote_do_not_make_a_cell_broken(world, rows):
    received = world.take(HEADER + 'C1,"a\nb"  ,138,,\nC2,c,139,,\n')
    assert rows(received, "customer_id, phone") == [("C1", "138"), ("C2", "139")]


def test_a_quote_that_takes_in_more_than_a_record_may_hold_is_told_with_its_place(world, monkeypatch):
    monkeypatch.setattr("orchestration.ingest.readers.csv_text.MAX_RECORD_CHARACTERS", 1000)
    said = refusal(world, lines(1000, row_701='C700,"n700,138,,'))
    assert "after record 700" in said
    assert "is a quote never closed?" in said
