"""XLSX, JSON lines and Parquet: the same rows and the same refusals as CSV, where they can go wrong alike."""

import gzip
import io
import json
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.ingest.decode import Limits, Unreadable
from orchestration.ingest.readers.parquet import fits
from orchestration.ingest.readers.xlsx import read_xlsx
from orchestration.sql import parquet_scan


@pytest.fixture
def world_in(world_of, contract):
    def make(format_name, **columns):
        customers = contract["objects"]["customers"]
        customers |= {"format": format_name, "files": f"*.{format_name}"}
        customers["columns"].update(columns)
        return world_of(contract)

    return make


def xlsx(*rows, sheets=("一", "二"), formats=None):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    for name in sheets[1:]:
        book.create_sheet(name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(received):
    (reason,) = received.refusals
    return reason


def test_cells_of_a_workbook_become_text_without_loss(world_in, rows):
    cells = [13800138000, 1200.5, 1e-7, True, datetime(2025, 1, 2, 3, 4, 5), date(2025, 1, 2), time(3, 4),
             timedelta(hours=30), "007", " x ", "a\nb", None, 0.1]  # fmt: skip
    content = xlsx(["客户编号", "name", "phone"], *[[f"k{i}", "n", cell] for i, cell in enumerate(cells)])
    received = world_in("xlsx").take(content, "a.xlsx")
    assert [phone for (phone,) in rows(received, "phone")] == [
        "13800138000", "1200.5", "0.0000001", "true", "2025-01-02 03:04:05", "2025-01-02",
        "03:04:00", "30:00:00", "007", " x ", "a\nb", None, "0.1",
    ]  # fmt: skip


def test_blank_rows_of_a_workbook_are_no_records_and_a_footer_without_key_is_rejected(world_in, rows, rejects):
    content = xlsx([], ["customer_id", "name"], [1, "a"], [], [2, "b"], [None, "合计 2"])
    received = world_in("xlsx").take(content, "a.xlsx")
    assert rows(received, "customer_id, _row") == [("1", 1), ("2", 2)]
    assert [(row, reason) for _, row, _, reason, _ in rejects(received)] == [(3, "key is empty")]


def test_unknown_and_unnamed_columns_of_a_workbook_are_kept(world_in, rows):
    received = world_in("xlsx").take(xlsx(["customer_id", "name", "等级"], [1, "a", "金", "stray"]), "a.xlsx")
    ((extra,),) = rows(received, "_extra")
    assert json.loads(extra) == {"等级": "金", "column 4": "stray"}
    assert "of 2 sheets the first was read" in received.manifest.notes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"customer_id,name\n1,a\n", "is not an XLSX file"),
        (b"\xd0\xcf\x11\xe0old", "password-protected"),
        (xlsx(["customer_id"], [1]), "lacks the required column name"),
        (xlsx(["客户表"], ["customer_id", "name"], [1, "a"]), "lacks the required column"),
        (xlsx(), "the first sheet is empty"),
        (xlsx(["customer_id", "name"], [1, "a"])[:-200], "is not an XLSX file"),
    ],
)
def test_what_is_no_such_workbook_is_refused(world_in, content, said):
    assert said in refusal(world_in("xlsx").take(content, "a.xlsx"))


def test_a_zip_that_is_no_workbook_is_refused(world_in):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x")
    assert "cannot be read" in refusal(world_in("xlsx").take(out.getvalue(), "a.xlsx"))


def test_a_workbook_that_unpacks_to_too_much_is_refused(world, tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    limits = Limits(unpack_ratio=50, ratio_counts_from=1 << 20)
    with pytest.raises(Unreadable, match="bomb"):
        read_xlsx(path, world.source.objects["customers"], tmp_path, limits=limits)


def test_a_workbook_that_lies_about_its_size_is_refused(world, tmp_path):
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    honest = path.read_bytes()
    path.write_bytes(honest.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(Unreadable, match="damaged XLSX"):
        read_xlsx(path, world.source.objects["customers"], tmp_path)


def test_json_lines_keep_digits_nesting_and_types_as_text(world_in, rows):
    line = ('{"客户编号": 12345678901234567890, "name": "张三", "phone": 1.38E+10, "is_deleted": true, '
            '"modified_at": {"a": [1.10, null, "中"]}, "新": {"x": 1.0}, "空": null}')  # fmt: skip
    received = world_in("jsonl").take(line + "\r\n\n" + '{"customer_id": "2"}\n', "a.jsonl")
    assert rows(received, "customer_id, name, phone, is_deleted, modified_at, _op, _extra, _row") == [
        ("12345678901234567890", "张三", "1.38E+10", "true", '{"a":[1.10,null,"中"]}', "delete", '{"新":{"x":1.0}}', 1),
        ("2", None, None, None, None, "upsert", None, 2),
    ]
    assert received.manifest.unknown_columns == ("新", "空")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"customer_id": 1, ', "not JSON"),
        ("[1]", "not a JSON object"),
        ("合计", "not JSON"),
        ('{"customer_id": 1, "customer_id": 2}', "a key stands twice"),
        ('{"customer_id": NaN}', "NaN is not JSON"),
        ('{"customer_id": 1, "name": "\\ud800"}', "half of a surrogate pair"),
        ('{"customer_id": 1, "name": "b", "z\\ud800": "a"}', "half of a surrogate pair"),
        ('{"customer_id": 1, "name": "b", "z\\ud800": null}', "half of a surrogate pair"),
        ('{"customer_id": 1, "name": "a\\u0000"}', "NUL character"),
        ('{"customer_id": 1, "name": ' + "[" * 100_000 + "}", "nested too deeply"),
        ('{"customer_id": null, "name": "x"}', "key is empty"),
    ],
)
def test_a_line_that_is_no_record_is_rejected_alone_and_with_its_text(world_in, rows, rejects, line, reason):
    received = world_in("jsonl").take('{"customer_id": 8, "name": "a"}\n' + line + '\n{"customer_id": 9}\n', "a.jsonl")
    assert rows(received, "customer_id, _row") == [("8", 1), ("9", 3)]
    assert received.manifest.unknown_columns == ()
    ((_, row, _, said, text),) = rejects(received)
    assert row == 2
    assert reason in said
    assert text == line or said == "key is empty"


def test_a_json_lines_file_that_ends_in_the_middle_of_a_line_is_refused(world_in):
    content = "".join(f'{{"customer_id":"C{i}","name":"b"}}\n' for i in range(300))
    said = refusal(world_in("jsonl").take(content + '{"customer_id":"C300","na', "a.jsonl"))
    assert "ends in the middle of record 301, without a line end: the transfer was cut short; send it again" in said


def test_a_last_json_line_without_a_line_end_is_taken_and_told(world_in, rows):
    received = world_in("jsonl").take('{"customer_id":"1","name":"a"}\n{"customer_id":"2","name":"b"}', "a.jsonl")
    assert rows(received, "customer_id") == [("1",), ("2",)]
    assert received.manifest.notes == ("the last line has no line end: was the file cut short?",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"customer_id": 1}]', "one JSON array"),
        (b"<html>", "HTML"),
        (b"", "the file is empty"),
        (b'{"customer_id": 1}\n', "lacks the required column name"),
    ],
)
def test_what_is_no_json_lines_extract_is_refused(world_in, content, said):
    assert said in refusal(world_in("jsonl").take(content, "a.jsonl"))


def parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


TYPED = {"amount": {"type": "DECIMAL(18,2)"}, "count": {"type": "BIGINT"}, "bought_at": {"type": "TIMESTAMP"}}


def test_parquet_keeps_the_declared_types_and_lossless_narrower_ones(world_in, rows):
    table = pa.table(
        {
            "name": ["a", "b"],
            "customer_id": ["1", "2"],
            "amount": pa.array([Decimal("1.5"), None], pa.decimal128(10, 1)),
            "count": pa.array([1, 2], pa.int16()),
            "bought_at": pa.array([datetime(2025, 1, 1, 8, tzinfo=UTC), None], pa.timestamp("us", tz="Asia/Shanghai")),
            "等级": [{"x": 1}, None],
        }
    )
    received = world_in("parquet", **TYPED).take(parquet(table), "a.parquet")
    assert received.refusals == ()
    assert rows(received, "customer_id, amount, count, bought_at, _row") == [
        ("1", Decimal("1.50"), 1, datetime(2025, 1, 1, 8), 1),
        ("2", None, 2, None, 2),
    ]
    kinds = duckdb.sql(f"describe select amount, count, phone from '{received.data}'").fetchall()
    assert [k[1] for k in kinds] == ["DECIMAL(18,2)", "BIGINT", "VARCHAR"]
    assert json.loads(rows(received, "_extra")[0][0]) == {"等级": {"x": 1}}


def test_a_home_whose_path_looks_like_a_glob_reads_its_own_files(world_in, tmp_path, rows):
    world = world_in("parquet")
    for home, name in (("it's prod 1", "theirs"), ("it's prod [1]", "ours")):
        world.folders = type(world.folders)(tmp_path / home)
        world.land(parquet(pa.table({"customer_id": ["1"], "name": [name]})), "a.parquet")
    received = world.receive()
    shown = duckdb.sql(f"select name from {parquet_scan(received.data)}").fetchall()
    assert shown == [("ours",)]


def test_a_parquet_type_that_does_not_fit_is_refused(world_in):
    table = pa.table({"customer_id": [1], "name": ["a"]})
    assert "customer_id as BIGINT; the contract says VARCHAR" in refusal(
        world_in("parquet").take(parquet(table), "a.parquet")
    )


def test_a_parquet_column_without_any_value_fits_every_type(world_in, rows):
    table = pa.table({"customer_id": ["1"], "name": ["a"], "phone": pa.nulls(1)} | {n: pa.nulls(1) for n in TYPED})
    received = world_in("parquet", **TYPED).take(parquet(table), "a.parquet")
    assert received.refusals == ()
    assert rows(received, "phone, amount, count, bought_at") == [(None, None, None, None)]


def test_parquet_nanoseconds_are_taken_where_nothing_lies_below_the_microsecond(world_in, rows):
    def take(*stamps):
        table = pa.table(
            {"customer_id": ["1", "2"], "name": ["a", "b"], "bought_at": pa.array(stamps, pa.timestamp("ns"))}
        )
        return world_in("parquet", **TYPED).take(parquet(table), "a.parquet")

    assert rows(take(1735689600_123456000, None), "bought_at") == [(datetime(2025, 1, 1, 0, 0, 0, 123456),), (None,)]
    said = refusal(take(1735689600_123456000, 1735689600_123456789))
    assert "bought_at in nanoseconds, with digits below the microsecond in 1 rows; write it in microseconds" in said


def test_a_parquet_column_of_the_reserved_name_is_told(world_in):
    table = pa.table({"customer_id": ["1"], "name": ["a"], "File_Row_Number": [7]})
    assert "that name is reserved: rename it" in refusal(world_in("parquet").take(parquet(table), "a.parquet"))


@pytest.mark.parametrize("damage", [slice(0, 0), slice(0, -20), slice(100, None)])
def test_a_damaged_parquet_file_is_refused(world_in, damage):
    content = parquet(pa.table({"customer_id": ["1"], "name": ["a"]}))[damage]
    assert "Parquet file" in refusal(world_in("parquet").take(content, "a.parquet")) or not content


def test_a_parquet_file_whose_pages_are_damaged_is_refused(world_in):
    content = bytearray(parquet(pa.table({"customer_id": [str(i) for i in range(1000)], "name": ["a"] * 1000})))
    content[4:400] = b"\xff" * 396
    assert "damaged Parquet file" in refusal(world_in("parquet").take(bytes(content), "a.parquet"))


def test_a_parquet_file_of_billions_of_equal_rows_is_refused(world_in, tmp_path):
    path = tmp_path / "bomb.parquet"
    duckdb.sql(
        f"copy (select '1' as customer_id, 'a' as name from range(8_000_000)) to '{path}' (row_group_size 8000000)"
    )
    assert "decompression bomb" in refusal(world_in("parquet").take(path.read_bytes(), "a.parquet"))


@pytest.mark.parametrize(
    ("actual", "declared", "is_fitting"),
    [
        ("INTEGER", "BIGINT", True),
        ("BIGINT", "INTEGER", False),
        ("DECIMAL(18,2)", "DECIMAL(18, 2)", True),
        ("DECIMAL(18,3)", "DECIMAL(18,2)", False),
        ("DECIMAL(18,0)", "DECIMAL(18,2)", False),
        ("BIGINT", "DECIMAL(18,2)", False),
        ("INTEGER", "DECIMAL(18,2)", True),
        ("DOUBLE", "DECIMAL(18,2)", False),
        ("TIMESTAMP_NS", "TIMESTAMP", False),
        ("DATE", "TIMESTAMP", True),
        ("VARCHAR", "DATE", False),
    ],
)
def test_a_type_fits_where_no_value_can_be_lost(actual, declared, is_fitting):
    assert fits(actual, declared) == is_fitting


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_lines_are_decoded_like_csv(world_in, rows, encoding):
    line = '{"customer_id": "1", "name": "张三李四王五赵六"}\r\n'
    received = world_in("jsonl").take(gzip.compress(line.encode(encoding)), "a.jsonl.gz")
    assert rows(received, "customer_id, name") == [("1", "张三李四王五赵六")]
    assert rows(world_in("jsonl").take(line.encode(encoding), "a.jsonl.gz"), "customer_id") == [("1",)]


def test_of_two_keys_that_mean_the_same_column_the_first_counts_and_it_is_said(world_in, rows):
    received = world_in("jsonl").take('{"客户编号": "1", "customer_id": "2", "name": "a"}\n', "a.jsonl")
    assert rows(received, "customer_id, _extra") == [("1", '{"customer_id":"2"}')]
    assert received.manifest.notes == ("column customer_id means customer_id again; the first counts",)
