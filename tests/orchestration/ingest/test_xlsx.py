"""What a workbook can hide: rounded ids, cells without a value, further sheets, and cells far away."""

import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest

PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def take(world_of, contract):
    """Receive a workbook with these rows under a header; ``change`` has the book, ``xml`` the first sheet's XML."""

    def of(*rows, change=lambda _book: None, xml=lambda text: text, columns=None):
        customers = contract["objects"]["customers"]
        customers |= {"format": "xlsx", "files": "*.xlsx"}
        customers["columns"].update(columns or {})
        book = openpyxl.Workbook()
        for row in (["customer_id", "name", "phone", "amount"], *rows):
            book.active.append(row)
        change(book)
        written, out = io.BytesIO(), io.BytesIO()
        book.save(written)
        with zipfile.ZipFile(written) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, xml(content.decode()) if name == PART else content)
        return world_of(contract).take(out.getvalue(), "a.xlsx")

    return of


@pytest.mark.parametrize("number", ["554023000000123457", "1234567890123456", "-1234567890123456", "1e22"])
def test_an_id_with_more_digits_than_a_sheet_keeps_is_rejected(take, rows, rejects, number):
    received = take([7, "a"], ["C2", "b"], xml=lambda text: text.replace("<v>7</v>", f"<v>{number}</v>"))
    assert rows(received, "customer_id, _row") == [("C2", 2)]
    ((_, row, column, reason, text),) = rejects(received)
    assert (row, column) == (1, "customer_id")
    assert "16 or more digits" in reason
    assert '"name": "a"' in text


def test_digits_are_kept_in_text_cells_in_amounts_and_up_to_fifteen(take, rows, rejects):
    received = take(["554023000000123457", "a", 123456789012345, 10**17], columns={"amount": {"type": "DECIMAL(18,2)"}})
    assert rejects(received) == []
    assert rows(received, "customer_id, phone, amount") == [
        ("554023000000123457", "123456789012345", "100000000000000000")
    ]
    ((_, _, column, reason, _),) = rejects(take(["C1", "a", 1234567890123456]))
    assert column == "phone"
    assert "format the column as text" in reason


def test_formulas_without_a_result_and_error_cells_are_told_by_column(take, rows):
    def errors(book):
        for cell, value in {"C2": "#DIV/0!", "C3": "#REF!", "B4": "#N/A"}.items():
            book.active[cell] = value
            book.active[cell].data_type = "e"

    received = take(["C1", "=A2"], ["C2", "=A3"], ["C3", None], ["C4", "d"], change=errors)
    assert rows(received, "customer_id, name, phone") == [
        ("C1", None, None), ("C2", None, None), ("C3", None, None), ("C4", "d", None)
    ]  # fmt: skip
    notes = [note for note in received.manifest.notes if "came in empty" in note]
    assert notes == [
        "column phone: 2 error cells (such as #DIV/0!) came in empty; mend or clear them",
        "column name: 2 formulas without a stored result came in empty; save the file in a spreadsheet program",
    ]


@pytest.mark.parametrize("cell", ['<c r="B2" t="str"><f>A2</f><v></v></c>', '<c r="B2"><f>1+1</f><v>2</v></c>'])
def test_a_formula_with_a_result_even_an_empty_text_is_not_told(take, cell):
    received = take(["C1", "x"], xml=lambda text: re.sub(r'<c r="B2".*?</c>', cell, text))
    assert received.manifest.notes == ("unknown column amount",)


def test_cells_merged_over_rows_refuse_the_file(take):
    received = take(["C1", "a"], ["C2"], ["C3"], change=lambda book: book.active.merge_cells("B2:B4"))
    (reason,) = received.refusals
    assert "has the merged cells B2:B4" in reason
    assert "unmerge them" in reason


def test_cells_merged_within_a_row_or_the_header_are_taken_and_those_below_it_told(take, rows):
    def merge(book):
        book.active.merge_cells("B3:C3")
        book.active.merge_cells("C1:D1")

    received = take(["C1", "a"], ["C2", "b"], change=merge)
    assert rows(received, "customer_id, name") == [("C1", "a"), ("C2", "b")]
    assert [note for note in received.manifest.notes if "merged" in note] == [
        "1 merged ranges have a value in their first cell only; unmerge them and fill in the rest"
    ]


def another_sheet(*rows, state="visible"):
    def change(book):
        sheet = book.create_sheet("客户 2")
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)

    return change


def test_a_second_sheet_with_rows_of_the_same_object_refuses_the_file(take):
    received = take(["C1", "a"], change=another_sheet(["phone", "客户名称", "customer_id"], [1, "b", "C2"]))
    (reason,) = received.refusals
    assert "has more rows in the sheet '客户 2'" in reason


@pytest.mark.parametrize(
    "change",
    [
        another_sheet(["customer_id", "name"]),
        another_sheet(["total", "count"], [1, 2]),
        another_sheet(),
        another_sheet(["customer_id", "name"], ["C2", "b"], state="hidden"),
    ],
)
def test_a_second_sheet_that_adds_no_rows_is_let_be(take, rows, change):
    assert rows(take(["C1", "a"], change=change), "customer_id") == [("C1",)]


def test_where_the_first_sheet_is_full_any_other_filled_one_refuses_the_file(take):
    full = '<row r="1048576"><c r="A1048576" t="str"><v>C9</v></c></row></sheetData>'
    received = take(["C1", "a"], change=another_sheet(["C2", "b"]), xml=lambda text: text.replace("</sheetData>", full))
    assert "has more rows in the sheet '客户 2'" in received.refusals[0]


@pytest.mark.parametrize("in_row", ["XFD1048576", "E1048576"])
def test_a_stray_cell_far_away_is_refused_by_name_before_it_takes_memory(take, in_row):
    far = f'<row r="1048576"><c r="{in_row}"><v>1</v></c></row></sheetData>'
    wide = '<c r="XFD2"><v>1</v></c></row>' if in_row == "E1048576" else "</row>"
    received = take(
        ["C1", "a"],
        xml=lambda text: text.replace("</row></sheetData>", wide + "</sheetData>").replace("</sheetData>", far),
    )
    (reason,) = received.refusals
    assert f"reaches to {in_row}" in reason
    assert ("and XFD2;" in reason) == (in_row == "E1048576")
    assert "delete the stray cells" in reason


def test_a_far_cell_that_is_only_formatted_is_no_matter(take, rows):
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert rows(take(["C1", "a"], xml=lambda text: text.replace("</sheetData>", far)), "customer_id") == [("C1",)]


def test_cells_without_references_and_names_with_a_prefix_are_read_alike(take, rows):
    def plain(text):
        text = re.sub(r' r="[A-Z]*\d+"', "", text)
        return re.sub(r"<(/?)(\w)", r"<\1x:\2", text).replace("xmlns=", "xmlns:x=").replace("<?x:xml", "<?xml")

    received = take(["C1", "=A1"], ["C2", "b"], xml=plain)
    assert rows(received, "customer_id, name") == [("C1", None), ("C2", "b")]
    assert "column name: 1 formulas" in " ".join(received.manifest.notes)


def test_an_amount_in_a_sheet_is_read_as_it_is_stored(take, rows):
    received = take(["C1", "a", None, 1234.56], columns={"amount": {"type": "DECIMAL(18,2)"}})
    assert [Decimal(amount) for (amount,) in rows(received, "amount")] == [Decimal("1234.56")]
