"""From which encoding a text came, where its first bytes do not tell."""

import pytest

HEADER = "customer_id,name\n"


def test_latin_1_far_behind_the_beginning_of_a_file_is_refused_not_read_as_chinese(world):
    ascii_rows = "".join(f"A{i:07d},plain ascii name here\n" for i in range(150_000))
    (reason,) = world.take((HEADER + ascii_rows + "C1,Müller\nC2,Jürgen Bäcker\n").encode("latin-1")).refusals
    assert "makes no sense as GB18030" in reason
    assert f"stops at byte {len(HEADER + ascii_rows) + 4:,}" in reason


def test_chinese_far_behind_the_beginning_of_a_file_is_read(world, rows):
    ascii_rows = "".join(f"A{i:07d},plain ascii name here\n" for i in range(150_000))
    received = world.take((HEADER + ascii_rows + "C1,张三\nC2,李四\n").encode("gb18030"))
    assert [name for (name,) in rows(received, "name")[-2:]] == ["张三", "李四"]


def test_where_chunks_are_cut_does_not_change_what_is_plausible(world, rows, monkeypatch):
    for size in range(1, 9):
        monkeypatch.setattr("orchestration.ingest.decode.CHUNK_BYTES", size)
        assert rows(world.take((HEADER + "C1,ab张三李cd四\n").encode("gb18030")), "name") == [("ab张三李cd四",)]


def test_one_user_defined_character_does_not_make_a_small_file_implausible(world, rows):
    received = world.take((HEADER + "C1,张三\n").encode("gbk") + b"C2,\xd5\xc5\xaa\xa1\xc8\xfd\n")
    assert rows(received, "name") == [("张三",), ("张\ue000三",)]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_byte_order_marks_are_no_part_of_the_first_header(world, rows, quote, encoding):
    content = f"{quote}customer_id{quote},name\nC1,张三李四\n"
    for marks in ("\ufeff", "\ufeff\ufeff"):
        received = world.take((marks + content).encode(encoding))
        assert rows(received, "customer_id, name") == [("C1", "张三李四")]
        assert received.manifest.notes == ()
