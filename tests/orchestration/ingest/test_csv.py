"""What reading a CSV extract gives: rows, rejects, or one line that says why not."""

import gzip
import json

import pytest

from orchestration.errors import BadInput, LiucunError
from orchestration.ingest.decode import Limits, Unreadable, decode

HEADER = "customer_id,name,phone,modified_at,is_deleted\n"
GOOD = HEADER + "1,张三,13800000001,2025-01-01,\n2,李四,,2025-01-02,true\n"
VALUES = "customer_id, name, phone, is_deleted, _op, _row, _extra"


def refusal(received):
    (reason,) = received.refusals
    assert not received.data.exists()
    assert "\n" not in reason
    return reason


def test_a_good_extract_comes_out_with_its_lineage(world, rows):
    received = world.take(GOOD)
    assert rows(received, VALUES) == [
        ("1", "张三", "13800000001", None, "upsert", 1, None),
        ("2", "李四", None, "true", "delete", 2, None),
    ]
    load = received.load
    assert rows(received, "_source, _object, _load_id, _load_date, _file")[0] == (
        "crm", "customers", load.load_id, load.load_date, "a.csv"
    )  # fmt: skip
    m = received.manifest
    assert (m.received_count, m.loaded_count, m.rejected_count, m.key_duplicate_count) == (2, 2, 0, 0)
    assert m.files[0].encoding == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_do_not_change_what_is_read(world, rows, encoding, line_end):
    assert rows(world.take(GOOD.replace("\n", line_end).encode(encoding)), VALUES)[0][1] == "张三"


def test_utf16_big_endian_with_a_mark_is_read(world, rows):
    assert len(rows(world.take(b"\xfe\xff" + GOOD.encode("utf-16-be")))) == 2


def test_a_gzip_extract_is_read_like_a_plain_one(world, rows):
    received = world.take(gzip.compress(GOOD.encode("gb18030")), "a.csv.gz")
    assert [row[0] for row in rows(received, "name")] == ["张三", "李四"]


def test_a_truncated_gzip_is_refused(world):
    assert "gzip that cannot be unpacked" in refusal(world.take(gzip.compress(GOOD.encode() * 50)[:-9], "a.csv.gz"))


def test_a_gzip_bomb_is_refused_before_it_fills_the_disk(tmp_path):
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(HEADER.encode() + b"1,a,,,\n" * 400_000))
    written = []
    limits = Limits(unpack_ratio=50, ratio_counts_from=1 << 20)
    with pytest.raises(Unreadable, match="more than 50 times its size"):
        decode(bomb, tmp_path, limits, written.append)
    assert sum(written) == 0
    with pytest.raises(Unreadable, match="more than 1,000 bytes"):
        decode(bomb, tmp_path, Limits(unpacked_bytes=1000))


def test_the_default_limits_refuse_a_real_bomb(world):
    bomb = gzip.compress(b"1,a,,,\n" * 12_000_000, 1)
    assert "decompression bomb" in refusal(world.take(bomb, "a.csv.gz"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n \r\n\n", "no header line"),
        (b"<!DOCTYPE html><html><body>Login</body></html>", "is HTML"),
        (b"\n  <table><tr><td>customer_id</td></tr></table>", "is HTML"),
        (b'{"error": "session expired"}', "lacks the required column"),
        (b"PK\x03\x04rest", "XLSX"),
        (b"\xd0\xcf\x11\xe0rest", "old XLS"),
        (HEADER.encode() + b"1,a\x00b,,,\n", "NUL byte at byte 49"),
        (GOOD.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (HEADER.encode() + b"1,\xff\xff,,,\n", "byte 48"),
        (HEADER.encode() + b"1,caf\xe9s,,,\n", "makes no sense as GB18030"),
        (HEADER.encode() + "1,國語測試資料,,,\n".encode("big5"), "makes no sense as GB18030"),
        (HEADER.encode() + "1,中文,,,\n2,".encode() + b"\xed\xa0\xbd\xed\xb8\x80,,,\n", "makes no sense as GB18030"),
        (HEADER.encode() + "1,张三李四,,,\n".encode()[:-6], "is damaged UTF-8 (invalid from byte 57 on)"),
        (GOOD.replace("name,", "nom,").encode(), "lacks the required column name (or 客户名称)"),
        (GOOD.replace(",", ";").encode(), "is the header line missing, or the delimiter another?"),
        (GOOD.split("\n", 1)[1].encode(), "is the header line missing"),
    ],
)
def test_what_is_no_such_extract_is_refused_with_one_line_that_says_why(world, content, said):
    assert said in refusal(world.take(content))


def test_a_refusal_shows_no_value_of_a_file_without_a_header(world):
    said = refusal(world.take("1,张三,13800000001,,\n2,李四,,,\n"))
    assert "张三" not in said
    assert "138" not in said


def test_a_header_alone_is_a_load_of_no_rows(world, rows):
    received = world.take(HEADER)
    assert (received.refusals, received.manifest.received_count, rows(received)) == ((), 0, [])


def test_columns_are_found_by_name_whatever_their_order_and_alias(world, rows):
    received = world.take(" 客户名称 ,PHONE,ＣＵＳＴＯＭＥＲ_ID\n张三,138,1\n")
    assert rows(received, "customer_id, name, phone") == [("1", "张三", "138")]
    assert received.manifest.columns_present == ("customer_id", "name", "phone")


def test_of_two_headers_that_mean_the_same_the_first_counts_and_it_is_said(world, rows):
    received = world.take("customer_id,name,客户编号,name\n1,a,9,b\n")
    ((key, name, extra),) = rows(received, "customer_id, name, _extra")
    assert (key, name, json.loads(extra)) == ("1", "a", {"客户编号": "9", "name (column 4)": "b"})
    assert received.manifest.notes == (
        "column 3 (客户编号) means customer_id again; the first counts",
        "column 4 (name) means name again; the first counts",
    )
    assert received.manifest.unknown_columns == ()


def test_an_unknown_column_is_kept_and_told_as_drift(world, rows):
    received = world.take("customer_id,name,微信,\n1,a,wx1,\n2,b,,\n")
    assert [json.loads(e) if e else e for (e,) in rows(received, "_extra")] == [{"微信": "wx1"}, None]
    assert received.manifest.unknown_columns == ("微信",)
    assert received.manifest.notes == ("unknown column 微信",)


def test_a_footer_is_rejected_with_its_number_reason_and_text(world, rejects):
    received = world.take(GOOD + "合计,2\n,,,,\n")
    assert rejects(received) == [
        ("a.csv", 3, "phone", "expected 5 fields, found 2", "合计,2"),
        ("a.csv", 4, "customer_id", "key is empty",
         '{"customer_id":null,"name":null,"phone":null,"modified_at":null,"is_deleted":null}'),
    ]  # fmt: skip
    m = received.manifest
    assert (m.received_count, m.loaded_count, m.rejected_count) == (4, 2, 2)


def test_a_row_without_a_key_is_set_aside_with_its_unknown_columns_too(world, rejects):
    ((_, _, _, _, text),) = rejects(world.take("customer_id,name,备注\n,张,call back\n"))
    assert json.loads(text)["_extra"] == {"备注": "call back"}


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_record_longer_than_the_loader_reads_by_itself_arrives_whole(world, rows, quote):
    long = "a" * 2_500_000
    received = world.take(HEADER + f"C1,{quote}{long}{quote},,,\nC2\nC3,b,,,\n")
    assert rows(received, "customer_id, name, _row") == [("C1", long, 1), ("C3", "b", 3)]


@pytest.mark.parametrize("key", ["", '""', "  ", "\u3000", "\t\xa0"])
def test_a_row_whose_key_is_blank_is_rejected(world, rejects, key):
    assert [r[3] for r in rejects(world.take(HEADER + f"{key},a,,,\n"))] == ["key is empty"]


def test_rejects_keep_their_own_text_and_the_other_rows_their_numbers(world, rows, rejects):
    lines = ["1,a,,,", '2,"x\ny",,,', "3", "4,a,b,c,d,e,f", '"a"b,"c"d,1,,', '6,"q\nr"', "7,a,,,"]
    received = world.take(HEADER + "\n".join(lines) + "\n")
    assert rows(received, "customer_id, name, _row") == [("1", "a", 1), ("2", "x\ny", 2), ("7", "a", 7)]
    assert [(row, text) for _, row, _, _, text in rejects(received)] == [
        (3, lines[2]), (4, lines[3]), (5, lines[4]), (6, lines[5])
    ]  # fmt: skip


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("others", ["", "C2,b,138,,\n", "2,合计\n"])
def test_an_unquoted_delimiter_does_not_move_cells_where_the_last_ones_are_empty(world, rows, rejects, quote, others):
    line = f"{quote}C1{quote},Zhang, San,138,2025-01-01,"
    received = world.take(HEADER + others + line + "\n" + "C3,c,139,,\n")
    number = 2 if others else 1
    assert ("a.csv", number, None, "expected 5 fields, found 6", line) in rejects(received)
    good = [row for row in (("C2", "138", 1), ("C3", "139", number + 1)) if row[0] in (HEADER + others + "C3")]
    assert rows(received, "customer_id, phone, _row") == good
    assert received.manifest.received_count == len(good) + received.manifest.rejected_count


def test_two_mistakes_that_cancel_out_by_count_are_both_rejected(world, rejects):
    received = world.take(HEADER + "C1,a,,\nC2,b, c,138,,\nC3,c,,,\n")
    assert [r[3] for r in rejects(received)] == ["expected 5 fields, found 4", "expected 5 fields, found 6"]


def test_a_file_that_ends_in_the_middle_of_a_record_is_refused(world):
    (reason,) = world.take(GOOD + "3,王").refusals
    assert "ends in the middle of record 3, without a line end" in reason


def test_a_last_line_without_a_line_end_is_taken_and_told(world, rows):
    received = world.take(HEADER + "1,a,,,")
    assert rows(received, "customer_id") == [("1",)]
    assert received.manifest.notes == ("the last line has no line end: was the file cut short?",)


@pytest.mark.parametrize("key", ["NULL", "null", "\\N", "N/A", "nan", "-None-", " NaN\u2003", "-"])
def test_a_word_for_nothing_is_no_key(world, rejects, key):
    assert [r[3] for r in rejects(world.take(HEADER + f"{key},a,,,\n"))] == ["key is empty"]


def test_blanks_around_a_key_do_not_make_another_key(world, rows):
    received = world.take(HEADER + "C1,a,,,\n C1\u3000,b,,,\nC1\u200b,c,,,\n\ufeffC1,d,,,\nC1\u2003,e,,,\n")
    assert rows(received, "customer_id, name") == [("C1", name) for name in "abcde"]
    assert received.manifest.key_duplicate_count == 4


def test_blank_lines_are_not_records(world, rows):
    received = world.take("\n" + HEADER + "\r\n\n1,a,,,\n\n\n2,b,,,\r\r\n\n")
    assert [r for (r,) in rows(received, "_row")] == [1, 2]
    quoted = world.take("\n" + HEADER + '\r\n\n1,"a",,,\n\n\n2,b,,,\r\r\n\n')
    assert [r for (r,) in rows(quoted, "_row")] == [1, 2]


def test_a_trailing_delimiter_on_each_row_adds_nothing(world, rows):
    assert rows(world.take("customer_id,name,\n1,a,\n2,b\n"), "customer_id, name, _extra") == [
        ("1", "a", None), ("2", "b", None)
    ]  # fmt: skip


def test_a_trailing_delimiter_that_the_header_does_not_have_is_a_cell_too_many(world, rejects):
    received = world.take("customer_id,name,phone\n1,450,50,\n2,12,00,\n")
    assert [r[3] for r in rejects(received)] == ["expected 3 fields, found 4"] * 2


def test_under_a_header_with_a_trailing_delimiter_a_shifted_row_is_still_found(world, rejects):
    with_one = world.take("customer_id,name,phone,\n1,a,1,\n2,b,c,,\n3,c,,\n")
    assert [(r[1], r[3]) for r in rejects(with_one)] == [(2, "expected 3 fields, found 5")]
    without = world.take("customer_id,name,phone,\n1,a,1\n2,b,c,\n3,c,\n")
    assert [(r[1], r[3]) for r in rejects(without)] == [(2, "expected 3 fields, found 4")]


def test_a_header_with_a_line_break_in_quotes_is_one_header(world_of, contract, rows):
    contract["objects"]["customers"]["columns"]["name"]["headers"] = ["客户\n名称"]
    assert rows(world_of(contract).take('customer_id,"客户\n名称"\n1,a\n'), "customer_id, name") == [("1", "a")]


def test_text_that_looks_like_null_or_a_number_stays_as_it_is(world, rows):
    received = world.take("customer_id,name,phone\n007,NULL,8.61E+12\n1e3,\\N,=1+1\n=nan,None, x \n")
    assert rows(received, "customer_id, name, phone") == [
        ("007", "NULL", "8.61E+12"), ("1e3", "\\N", "=1+1"), ("=nan", "None", " x ")
    ]  # fmt: skip


def test_another_delimiter_is_read_as_the_contract_says(world_of, contract, rows):
    contract["objects"]["customers"]["delimiter"] = "\t"
    assert rows(world_of(contract).take("customer_id\tname\n1\ta,b\n"), "customer_id, name") == [("1", "a,b")]


def test_an_object_of_one_column_counts_blank_lines_as_empty_keys(world_of, contract, rows):
    contract["objects"]["customers"] = {
        "files": "*.csv", "format": "csv", "mode": "snapshot", "primary_key": ["customer_id"],
        "columns": {"customer_id": {"type": "VARCHAR"}},
    }  # fmt: skip
    world = world_of(contract)
    for quote in ("", '"'):
        received = world.take(f"customer_id\n{quote}1{quote}\n\n2\n".encode())
        assert rows(received, "customer_id, _row") == [("1", 1), ("2", 3)]
        assert received.manifest.rejected_count == 1


def test_several_files_keep_their_names_numbers_and_order(world, rows):
    world.land("customer_id,name\n3,c\n4\n5,e\n", "b.csv")
    world.land("name,customer_id\na,1\nb,2\n", "a.csv")
    received = world.receive()
    assert rows(received, "customer_id, name, _file, _row") == [
        ("1", "a", "a.csv", 1), ("2", "b", "a.csv", 2), ("3", "c", "b.csv", 1), ("5", "e", "b.csv", 3)
    ]  # fmt: skip
    assert [(f.received_count, f.loaded_count, f.rejected_count) for f in received.manifest.files] == [
        (2, 2, 0), (3, 2, 1)
    ]  # fmt: skip


def test_every_bad_file_of_a_load_is_told(world):
    world.land("", "a.csv")
    world.land("nope\n1\n", "b.csv")
    world.land(GOOD, "c.csv")
    received = world.receive()
    assert [("a.csv" in r, "b.csv" in r) for r in received.refusals] == [(True, False), (False, True)]
    assert not received.is_readable


def test_keys_beyond_the_first_are_counted(world):
    assert world.take(HEADER + "1,a,,,\n1,b,,,\n1,a,,,\n2,c,,,\n").manifest.key_duplicate_count == 2


def test_a_persons_acceptance_lets_a_required_column_be_missing_but_not_the_key(world, rows):
    world.land("customer_id,phone\n1,138\n")
    received = world.receive(accept_because="agreed with the CRM team")
    assert rows(received, "customer_id, name") == [("1", None)]
    assert received.manifest.decision.because == "agreed with the CRM team"
    assert "missing required column name" in received.manifest.notes[0]
    world.land("name\na\n")
    assert "lacks the required column customer_id" in refusal(world.receive(accept_because="whatever"))


def test_too_little_free_space_stops_before_anything_is_written(world):
    world.land(GOOD)
    with pytest.raises(LiucunError, match="free space"):
        world.receive(free=lambda _: len(GOOD.encode()) * 2 - 1)
    assert list(world.folders.incoming.iterdir()) == []


def test_a_file_that_changes_while_it_is_read_is_not_taken(world):
    path = world.land(GOOD)
    load = world.only_load()
    path.write_text(GOOD + "3,c,,,\n")
    with pytest.raises(BadInput, match="changed while it was read"):
        world.receive(load)


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "xlsx", "parquet"])
@pytest.mark.parametrize("becomes_folder", [False, True])
def test_a_file_that_is_gone_when_its_turn_comes_is_told_in_one_line(world_of, contract, format_name, becomes_folder):
    contract["objects"]["customers"] |= {"format": format_name, "files": f"*.{format_name}"}
    world = world_of(contract)
    path = world.land(GOOD, f"a.{format_name}")
    load = world.only_load()
    path.unlink()
    if becomes_folder:
        path.mkdir()
    with pytest.raises(BadInput, match="changed while it was read") as caught:
        world.receive(load)
    assert str(path) in str(caught.value)


def test_a_file_that_may_no_longer_be_read_is_told_in_one_line(world, monkeypatch):
    path = world.land(GOOD)

    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("orchestration.ingest.receive.read_csv", forbidden)
    with pytest.raises(BadInput, match="mend its permissions"):
        world.receive()


def test_receiving_twice_gives_the_same_bytes_on_one_thread_and_on_two(world):
    world.land(HEADER + "".join(f"{i},n{i % 7},,,\n" for i in range(200_000)))
    first = world.receive(threads=1).data.read_bytes()
    assert world.receive(threads=2).data.read_bytes() == first


def test_nothing_but_the_load_is_left_in_incoming(world):
    received = world.take(GOOD)
    assert [p.name for p in world.folders.incoming.iterdir()] == [received.load_id]
    assert sorted(p.name for p in received.folder.iterdir()) == ["data.parquet", "manifest.json", "rejects.parquet"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n") + "\r\n\r\n5,王,,,\r\n",
        GOOD.replace("\n", "\r") + "5,王,,,\r",
        GOOD + '3,"a\r\nb",,,\n',
    ],
)
def test_where_a_file_is_cut_into_chunks_does_not_matter(world, rows, monkeypatch, encoding, content):
    whole = rows(world.take(content.encode(encoding)), VALUES)
    assert len(whole) == 3
    for size in range(5, 14):
        monkeypatch.setattr("orchestration.ingest.decode.CHUNK_BYTES", size)
        monkeypatch.setattr("orchestration.ingest.readers.csv_text.CHUNK_BYTES", size)
        assert rows(world.receive(), VALUES) == whole


def test_the_position_of_a_bad_byte_is_that_in_the_whole_file(world, monkeypatch):
    monkeypatch.setattr("orchestration.ingest.decode.CHUNK_BYTES", 7)
    for pad in range(7):
        good = (HEADER + "1,张三,,,\n" * 3 + "x" * pad).encode()
        assert f"invalid from byte {len(good) + 2} on" in refusal(world.take(good + b"2,\xe5\xbc,,,\n"))
    marked = (HEADER + "1,张三,,,\n").encode("utf-16")
    assert f"NUL byte at byte {len(marked)}:" in refusal(world.take(marked + "\0".encode("utf-16-le")))


def test_a_part_of_the_key_that_is_not_required_may_be_blank(world_of, rejects):
    columns = {"metric": {"type": "VARCHAR", "required": True}, "segment": {"type": "VARCHAR"}}
    world = world_of(
        {
            "source": "crm",
            "objects": {
                "customers": {
                    "files": "*.csv",
                    "format": "csv",
                    "mode": "delta",
                    "primary_key": ["metric", "segment"],
                    "columns": columns,
                }
            },
        }
    )
    received = world.take("metric,segment\nretention,\nretention,store\n,store\n")
    assert [(r[1], r[2], r[3]) for r in rejects(received)] == [(3, "metric", "key is empty")]
