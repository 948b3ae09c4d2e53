"""Names, phones, addresses and birth dates as people write them become comparable: the models up to id_record."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cnloc import getlocation  # type: ignore[import-untyped]

from customer_models.identity.characters import known_characters
from customer_models.identity.divisions import newest_divisions

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
MODELS = (
    "id_division_name",
    "id_name_text",
    "id_name_han",
    "id_name_words",
    "id_name_company",
    "id_name",
    "id_place",
    "id_address",
    "id_record",
)
CACHES = tuple(m for m in MODELS if m not in ("id_division_name", "id_name", "id_record"))
"""Models that keep what they hold and append what is missing."""
CUSTOMERS = {
    "customer_id": "varchar", "source": "varchar", "kind": "varchar", "name": "varchar", "phone": "varchar",
    "email": "varchar", "wechat_openid": "varchar", "uscc": "varchar", "gender": "varchar", "birth_date": "date",
    "occupation": "varchar", "province": "varchar", "city": "varchar", "district": "varchar", "address": "varchar",
    "channel": "varchar", "level": "varchar", "owner_id": "varchar", "tags": "varchar", "status": "varchar",
    "created_at": "timestamp", "modified_at": "timestamp", "consent_marketing": "boolean",
    "merged_into_id": "varchar", "is_deleted": "boolean", "_load_date": "date",
}  # fmt: skip

Record = Mapping[str, Any]
Keyed = Callable[..., list[dict[str, Any]]]


class Standard:
    """The models on a database of their own; a query's input is a list of records that name what matters."""

    def __init__(self, database: duckdb.DuckDBPyConnection, rendering: Any) -> None:
        self.database = database
        self.is_incremental = False
        self.model = ""
        for name, table in (("id_character", known_characters()), ("id_division", newest_divisions())):
            database.register(f"{name}_arrow", table)
            database.execute(f"create table {name} as from {name}_arrow")
        types = {"needs_surname": "boolean", "commonness_rank": "integer"}
        for path in SEEDS.glob("*.csv"):
            database.execute(f"create table {path.stem} as from read_csv('{path}', header = true, all_varchar = true)")
            columns = [column for column, *_ in database.execute(f"describe {path.stem}").fetchall()]
            for column in types.keys() & set(columns):
                database.execute(f"alter table {path.stem} alter {column} type {types[column]}")
        self.project = rendering(
            ref=lambda name: name,
            union_sources=lambda entity: entity,
            is_incremental=lambda: self.is_incremental,
            this=self,
        )

    def __str__(self) -> str:
        return self.model

    def build(self, records: Sequence[Record], is_incremental: bool = False) -> None:
        """All models from these records, from nothing or carried on."""
        typed = ", ".join(f"{column} {kind}" for column, kind in CUSTOMERS.items())
        self.database.execute(f"create or replace table customers ({typed})")
        own = [{"customer_id": str(number), "source": "crm", **record} for number, record in enumerate(records)]
        rows = [[record.get(column) for column in CUSTOMERS] for record in own]
        self.database.executemany(f"insert into customers values ({', '.join('?' * len(CUSTOMERS))})", rows)
        # As if every record had changed: which have is another model's matter (test_identity_days).
        listed = "select source || ':' || customer_id as record_key from customers"
        self.database.execute(f"create or replace table id_record_change as {listed}")
        for self.model in MODELS:
            self.is_incremental = is_incremental and self.model in CACHES
            sql = self.project.model(f"identity/{self.model}.sql")
            if self.is_incremental:
                self.database.execute(f"insert into {self.model} by name {sql}")
            else:
                self.database.execute(f"create or replace table {self.model} as {sql}")

    def rows(self, table: str = "id_record") -> list[dict[str, Any]]:
        """The rows of a table in a fixed order; records in the order in which they were given."""
        order = "cast(source_customer_id as integer)" if table == "id_record" else "all"
        result = self.database.sql(f"from {table} order by {order}")
        names = result.columns
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def standard(rendering: Any) -> Iterator[Standard]:
    with duckdb.connect(config={"threads": "1"}) as database:
        database.execute("set TimeZone = 'UTC'")
        yield Standard(database, rendering)


@pytest.fixture(scope="module")
def keyed(standard: Standard) -> Keyed:
    """Records → their rows of id_record."""

    def ask(*records: Record) -> list[dict[str, Any]]:
        standard.build(records)
        return standard.rows()

    return ask


def same(keyed: Keyed, field: str, texts: Sequence[str], columns: Sequence[str], **more: Any) -> list[tuple[Any, ...]]:
    """For texts in one column: some columns of their records."""
    return [tuple(row[c] for c in columns) for row in keyed(*({field: text, **more} for text in texts))]


PEOPLE: dict[str, tuple[str | None, str | None, str | None, str | None, str | None, bool | None]] = {
    # name: name_key, name_pinyin, surname_key, given_key, name_title, is_name_partial
    "陳偉先生": ("陈伟", "chen wei", "陈", "伟", "先生", False),
    "王先生": ("王", None, "王", None, "先生", True),
    "王总": ("王", None, "王", None, "总", True),
    "王小明妈妈": ("王小明妈妈", None, None, None, "妈妈", True),
    "欧阳娜娜的老公": ("欧阳娜娜的老公", None, None, None, "老公", True),
    "王妈妈": ("王", None, "王", None, "妈妈", True),
    "王工": ("王", None, "王", None, "工", True),
    "王建工": ("王建工", "jiangong wang", "王", "建工", None, False),
    "张小明总": ("张小明", "xiaoming zhang", "张", "小明", "总", False),
    "王": ("王", None, "王", None, None, True),
    "王(先生)": ("王", None, "王", None, None, True),
    "老王": ("王", None, "王", None, "老", True),
    "阿强": ("阿强", None, None, None, "阿", True),
    "欧阳娜娜": ("欧阳娜娜", "nana ouyang", "欧阳", "娜娜", None, False),
    "歐陽總": ("欧阳", None, "欧阳", None, "总", True),
    "单雄信": ("单雄信", "shan xiongxin", "单", "雄信", None, False),
    "曾 国藩": ("曾国藩", "guofan zeng", "曾", "国藩", None, False),
    "仇英": ("仇英", "qiu ying", "仇", "英", None, False),
    "解缙": ("解缙", "jin xie", "解", "缙", None, False),
    "区寄": ("区寄", "ji ou", "区", "寄", None, False),
    "李乾": ("李乾", "li qian", "李", "乾", None, False),
    "买买提·艾力": ("买买提艾力", "aili maimaiti", "艾力", "买买提", None, False),
    "买买提・艾力": ("买买提艾力", "aili maimaiti", "艾力", "买买提", None, False),
    "张伟（老客户）": ("张伟", "wei zhang", "张", "伟", None, False),
    "张伟13912345678": ("张伟", "wei zhang", "张", "伟", None, False),
    "张　伟": ("张伟", "wei zhang", "张", "伟", None, False),
    "Zhang Wei": ("zhangwei", "wei zhang", "zhang", "wei", None, False),
    "wei zhang": ("weizhang", "wei zhang", "zhang", "wei", None, False),
    "ＷＥＩ　ＺＨＡＮＧ": ("weizhang", "wei zhang", "zhang", "wei", None, False),
    "Zhang Xiao Ming": ("zhangxiaoming", "xiaoming zhang", "zhang", "xiaoming", None, False),
    "Xiao-Ming Zhang": ("xiaomingzhang", "xiaoming zhang", "zhang", "xiaoming", None, False),
    "Mary Jane Smith": ("maryjanesmith", "maryjane smith", "smith", "maryjane", None, False),
    "Smith, Mary Jane": ("smithmaryjane", "maryjane smith", "smith", "maryjane", None, False),
    "O'Brien, Pat": ("obrienpat", "obrien pat", "obrien", "pat", None, False),
    "Pat O’Brien": ("patobrien", "obrien pat", "obrien", "pat", None, False),
    "José García": ("josegarcia", "garcia jose", "garcia", "jose", None, False),
    "Lü Bin": ("lvbin", "bin lv", "lv", "bin", None, False),
    "Mr. Wang": ("wang", None, "wang", None, "mr", True),
    "Mr Wang Wei": ("wangwei", "wang wei", "wang", "wei", "mr", False),
    "Wang Xiansheng": ("wang", None, "wang", None, "xiansheng", True),
    "John": ("john", None, None, "john", None, True),
    # A title may stand first, twice, or beside letters.
    "先生王": ("王", None, "王", None, "先生", True),
    "采购-王小明": ("王小明", "wang xiaoming", "王", "小明", "采购", False),
    "总经理 王小明": ("王小明", "wang xiaoming", "王", "小明", "总经理", False),
    "李小姐 小姐": ("李", None, "李", None, "小姐", True),
    "李小洁": ("李小洁", "li xiaojie", "李", "小洁", None, False),
    "Wang先生": ("wang", None, "wang", None, "先生", True),
    "David先生": ("david", None, None, "david", "先生", True),
    "王小姐姐": ("王", None, "王", None, "小姐姐", True),
    "王师": ("王师", "shi wang", "王", "师", None, False),
    "张伟［老板］": ("张伟", "wei zhang", "张", "伟", None, False),
    "张伟—采购": ("张伟", "wei zhang", "张", "伟", "采购", False),
    "张伟.老板": ("张伟", "wei zhang", "张", "伟", "老板", False),
    # What is hidden is not known: 王*明 may be 王小明.
    "王*明": ("王", None, "王", None, None, True),
    "王＊＊": ("王", None, "王", None, None, True),
    "王*先生": ("王", None, "王", None, "先生", True),
    "欧阳**": ("欧阳", None, "欧阳", None, None, True),
    "王某某": ("王", None, "王", None, None, True),
    "王XX": ("王", None, "王", None, None, True),
    "*小明": ("*小明", None, None, None, None, True),
    "Max 王伟": ("max王伟", "wang wei", "王", "伟", None, False),
    # A given name alone: the surname of 丽丽, 建国 and 小明 is not known.
    "丽丽": ("丽丽", None, None, None, None, True),
    "建国": ("建国", None, None, None, None, True),
    "小李子": ("小李子", None, None, None, "小", True),
    "拓跋先生": ("拓跋", None, "拓跋", None, "先生", True),
    "不先生": ("不", None, "不", None, "先生", True),
    # Dots, in whichever way they are written.
    "买买提.艾力": ("买买提艾力", "aili maimaiti", "艾力", "买买提", None, False),
    "王·小明": ("王小明", "wang xiaoming", "王", "小明", None, False),
    # Initials are no given name.
    "Wang X.M.": ("wangxm", None, "wang", None, None, True),
    "XM Wang": ("xmwang", None, "wang", None, None, True),
    "J. Smith": ("jsmith", None, "smith", None, None, True),
    "Lyu Bin": ("lvbin", "bin lv", "lv", "bin", None, False),
    "Lǚ Bīn": ("lvbin", "bin lv", "lv", "bin", None, False),
    "Lu\u0308\u030c Bi\u0304n": ("lvbin", "bin lv", "lv", "bin", None, False),
    "Ou Yang Nana": ("ouyangnana", "nana ouyang", "ouyang", "nana", None, False),
    "Wang Si Ma": ("wangsima", "sima wang", "wang", "sima", None, False),
    "Zong Wei": ("zongwei", "wei zong", "wei", "zong", None, False),
    "Lao Wang": ("wang", None, "wang", None, "lao", True),
    "先生": (None, None, None, None, None, None),
    "测试": (None, None, None, None, None, None),
    "匿名用户": (None, None, None, None, None, None),
    "微信用户8231": (None, None, None, None, None, None),
    "13912345678": (None, None, None, None, None, None),
    "--": (None, None, None, None, None, None),
}


def test_a_persons_name_is_taken_apart_however_it_is_written(keyed: Keyed) -> None:
    columns = ("name_key", "name_pinyin", "surname_key", "given_key", "name_title", "is_name_partial")
    found = same(keyed, "name", list(PEOPLE), columns, kind="person")

    assert dict(zip(PEOPLE, found, strict=True)) == PEOPLE


SEXES: dict[tuple[str | None, str | None], str | None] = {
    # (name, gender): sex_key
    ("王先生", None): "male",
    ("Ms. Li", None): "female",
    ("王总", None): None,
    ("老王", "男"): "male",
    ("王芳", " Ｆ"): "female",
    ("王芳", "女"): "female",
    ("王芳", "未知"): None,
    ("王芳", "1"): None,
    ("王芳女士", "女"): "female",
    ("王芳女士", "男"): None,
    (None, "Male"): "male",
}


def test_the_sex_is_that_of_gender_or_title_and_unknown_where_they_contradict(keyed: Keyed) -> None:
    found = keyed(*({"name": name, "gender": gender, "kind": "person"} for name, gender in SEXES))

    assert dict(zip(SEXES, (row["sex_key"] for row in found), strict=True)) == SEXES


COMPANIES: dict[str, tuple[str | None, str | None, str | None]] = {
    # name: company_core, store_token, name_pinyin
    "味丰食品有限公司": ("味丰食品", None, "weifengshipin"),
    "味豐食品股份有限公司": ("味丰食品", None, "weifengshipin"),
    "宏达商贸有限公司": ("宏达", None, "hongda"),
    "宏达贸易": ("宏达", None, "hongda"),
    "味丰食品有限公司南京分公司": ("味丰食品", "南京", "weifengshipin nanjing"),
    "味丰食品（南京）有限公司": ("味丰食品南京", None, "weifengshipinnanjing"),
    "苏果超市 人民路店": ("苏果超市", "人民路", "suguochaoshi renminlu"),
    "苏果超市（人民路店）": ("苏果超市", "人民路", "suguochaoshi renminlu"),
    "苏果超市人民路店": ("苏果超市", "人民路", "suguochaoshi renminlu"),
    "苏果超市 中山路分店": ("苏果超市", "中山路", "suguochaoshi zhongshanlu"),
    "苏果超市总店": ("苏果超市", "总店", "suguochaoshi zongdian"),
    "苏果超市": ("苏果超市", None, "suguochaoshi"),
    "美佳便利店(3店)": ("美佳便利店", "3", "meijiabianlidian 3"),
    "好邻居便利店": ("好邻居便利店", None, "haolinjubianlidian"),
    "万家福烟酒店": ("万家福烟酒店", None, "wanjiafuyanjiudian"),
    "肯德基人民路店": ("肯德基人民路店", None, "kendejirenminludian"),
    "ABC Trading Co., Ltd.": ("abctrading", None, "abctrading"),
    "测试": (None, None, None),
}


def test_a_companys_name_is_its_core_and_its_outlet(keyed: Keyed) -> None:
    found = same(keyed, "name", list(COMPANIES), ("company_core", "store_token", "name_pinyin"), kind="store")

    assert dict(zip(COMPANIES, found, strict=True)) == COMPANIES


OUTLETS: dict[tuple[str, ...], tuple[str, str]] = {
    ("苏果超市人民路二店", "苏果超市（人民路2店）", "蘇果超市 人民路第二分店"): ("苏果超市", "人民路2"),
    ("苏果超市人民路店", "苏果超市有限公司（人民路店）"): ("苏果超市", "人民路"),
    ("美宜佳003号店", "美宜佳(3店)", "美宜佳 第三分店", "美宜佳３号店", "美宜佳No.3店"): ("美宜佳", "3"),
    ("美宜佳第十二分店", "美宜佳12店", "美宜佳（十二店）"): ("美宜佳", "12"),
    ("美宜佳（二十店）", "美宜佳 20号店"): ("美宜佳", "20"),
    ("罗森第一分公司", "罗森有限公司一分公司"): ("罗森", "1"),
    ("7-11 人民路店", "7-11（人民路店）"): ("711", "人民路"),
    ("7-11便利店10店", "7-11便利店（第十店）"): ("711便利店", "10"),
}


def test_an_outlet_is_one_however_its_number_is_written(keyed: Keyed) -> None:
    written = [(name, outlet) for names, outlet in OUTLETS.items() for name in names]
    found = same(keyed, "name", [name for name, _ in written], ("company_core", "store_token"), kind="store")

    assert list(zip([name for name, _ in written], found, strict=True)) == written


def test_a_number_that_is_part_of_a_companys_name_is_no_outlet(keyed: Keyed) -> None:
    names = ("7-11便利店", "统一店", "1919酒类直供", "三只松鼠专卖店", "K11店")

    assert same(keyed, "name", names, ("store_token",), kind="store") == [(None,)] * len(names)


def test_a_companys_legal_form_says_nothing_of_which_it_is(keyed: Keyed) -> None:
    names = (
        "丰收农产品专业合作社",
        "丰收农产品合作社",
        "丰收农产品有限公司",
        "丰收农产品股份有限公司",
        "丰收农产品门市部",
    )
    foreign = (
        "ABC Foods Co., Ltd.",
        "ABC Foods Co., Limited",
        "ABC Foods Pte. Ltd.",
        "ABC Foods Company",
        "ABC Foods Inc",
    )

    assert same(keyed, "name", names, ("company_core",), kind="store") == [("丰收农产品",)] * len(names)
    assert same(keyed, "name", foreign, ("company_core",), kind="store") == [("abcfoods",)] * len(foreign)


def test_a_name_of_unknown_kind_is_a_companys_where_it_ends_like_one(
    keyed: Keyed,
) -> None:
    company, person = keyed({"name": "味丰食品有限公司"}, {"name": "陈伟"})

    assert (company["party"], company["company_core"], company["surname_key"]) == ("unknown", "味丰食品", None)
    assert (person["party"], person["company_core"], person["surname_key"]) == ("unknown", None, "陈")


KINDS: dict[tuple[str, str | None], tuple[str, bool]] = {
    # (name, kind): party, whether it is taken apart as a company's
    ("味丰食品有限公司", "person"): ("unknown", True),
    ("老王超市（人民路店）", "person"): ("unknown", True),
    ("小卖部", "person"): ("unknown", True),
    ("Weifeng Foods Co., Ltd.", "person"): ("unknown", True),
    ("王小明(个体)", "person"): ("person", False),
    ("王小明（味丰超市）", "person"): ("person", False),
    ("王店", "person"): ("person", False),
    ("王小明（味丰超市）", None): ("unknown", False),
    ("张店", None): ("unknown", False),
    ("味丰超市（已停业）", None): ("unknown", True),
    ("苏果（人民路店）", None): ("unknown", True),
    ("张记杂货铺", None): ("unknown", True),
    ("王小明", "store"): ("organisation", True),
}


def test_a_companys_name_makes_nobody_a_person_whatever_kind_the_source_says(keyed: Keyed) -> None:
    found = keyed(*({"name": name, "kind": kind} for name, kind in KINDS))

    assert {
        key: (row["party"], row["company_core"] is not None) for key, row in zip(KINDS, found, strict=True)
    } == KINDS


def test_a_person_and_a_store_of_one_name_are_each_taken_apart_in_their_own_way(
    keyed: Keyed,
) -> None:
    store, person = keyed({"name": "陈伟", "kind": "store"}, {"name": "陈伟", "kind": "person"})

    assert (store["company_core"], store["surname_key"]) == ("陈伟", None)
    assert (person["company_core"], person["surname_key"]) == (None, "陈")


def test_a_chinese_name_and_its_pinyin_in_either_order_have_one_name_pinyin(
    keyed: Keyed,
) -> None:
    surnames = {"王": "Wang", "李": "Li", "张": "Zhang", "吕": "Lv", "单": "Shan", "欧阳": "Ouyang"}
    given_names = {"小明": "Xiaoming", "伟": "Wei", "丽华": "Lihua", "建国": "Jian-Guo", "王": "Wang"}
    written = [
        (surname + given_name, f"{latin} {letters}", f"{letters} {latin}")
        for surname, latin in surnames.items()
        for given_name, letters in given_names.items()
    ]
    found = same(keyed, "name", [name for names in written for name in names], ["name_pinyin"], kind="person")
    pinyin = [set(found[start : start + 3]) for start in range(0, len(found), 3)]

    assert [names for names, keys in zip(written, pinyin, strict=True) if len(keys) != 1] == []
    assert (None,) not in set(found)


PHONES: dict[str, tuple[str | None, str | None, str | None, str | None]] = {
    # phone: phone_key, phone_type, phone_quality, mobile_key
    "13912340000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "1 391 234 0000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "+86 139-1234-0000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "0086 139 1234 0000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "013912340000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "0139-1234-0000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "+86 (0)139 1234 0000": ("+8613912340000", "mobile", "valid", "13912340000"),
    "0400-123-5678": ("+864001235678", "service", "valid", None),
    "１３９１２３４００００": ("+8613912340000", "mobile", "valid", "13912340000"),
    "1 380 013 8000": (None, "mobile", "placeholder", None),
    "021-58881234": ("+862158881234", "landline", "valid", None),
    "(021) 5888 1234": ("+862158881234", "landline", "valid", None),
    "+86-21-58881234": ("+862158881234", "landline", "valid", None),
    "０２１－５８８８１２３４": ("+862158881234", "landline", "valid", None),
    "0512 6688 7755": ("+8651266887755", "landline", "valid", None),
    "0512-6688775": ("+865126688775", "landline", "valid", None),
    "(010)6581-1111 ext 12": ("+861065811111", "landline", "valid", None),
    "010-65811111转8012": ("+861065811111", "landline", "valid", None),
    "0512-66887755-801": ("+8651266887755", "landline", "valid", None),
    "0512-6688775-8": ("+865126688775", "landline", "valid", None),
    "021-5888-1234-8": ("+862158881234", "landline", "valid", None),
    "0512-668877-55": ("+8651266887755", "landline", "valid", None),
    "021-88888888": (None, "landline", "placeholder", None),
    "400-123-5678": ("+864001235678", "service", "valid", None),
    "800 820 5555": ("+868008205555", "service", "valid", None),
    "+852 9123 4567": ("+85291234567", "foreign", "valid", None),
    "+1 (212) 555-1234": ("+12125551234", "foreign", "valid", None),
    "0012125551234": (None, None, "malformed", None),
    "+123": (None, None, "malformed", None),
    "1.38E+10": (None, None, "scientific", None),
    "1.3912340000E10": (None, None, "scientific", None),
    "58881234": (None, None, "malformed", None),
    "021-1888123": (None, None, "malformed", None),
    "021-18881234": (None, None, "malformed", None),
    "0512-16887755": (None, None, "malformed", None),
    "58881234 转 12": (None, None, "malformed", None),
    "139****0000": (None, None, "malformed", None),
    "13912340000/13912340001": (None, None, "malformed", None),
    "13912340000 ext 3": (None, None, "malformed", None),
    "13912340000.0": (None, None, "malformed", None),
    "无": (None, None, "malformed", None),
    "  ": (None, None, None, None),
}


def test_a_phone_is_one_number_of_a_type_or_says_what_is_wrong_with_it(
    keyed: Keyed,
) -> None:
    columns = ("phone_key", "phone_type", "phone_quality", "mobile_key")

    assert dict(zip(PHONES, same(keyed, "phone", list(PHONES), columns), strict=True)) == PHONES


BIRTHS = {
    date(1985, 5, 6): True,
    date(2025, 3, 1): True,
    date(1905, 3, 1): True,
    date(1905, 2, 28): False,
    date(2025, 3, 2): False,
    date(1900, 1, 1): False,
    date(1970, 1, 1): False,
}


NO_OPENIDS = (
    "无", "没有", "未绑定", "null", "None", "N/A", "-", "--", "___", "0", "undefined", "test", "TEST001", "null_1",
    "123456", "000000", "11111111111111111111", "oooooooooooooooooooooooooooo", "\u200b", "o6_bmj 1234", "未知1", " ",
)  # fmt: skip
OPENIDS = {
    "o6_bmjrPTlm6_2sgVt7hMZOPfL2M": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M",
    " oABCdefGHIjklMNOpqrSTUvwxYZab\u200b": "oABCdefGHIjklMNOpqrSTUvwxYZab",
    "ｏ１２ａｂ": "o12ab",
    "o-7": "o-7",
    "2088102146225135": "2088102146225135",
    "6f9619ff-8b86-d011-b42d-00c04fc964ff": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
}


def test_an_openid_is_an_id_that_a_system_made_and_no_word_for_none(keyed: Keyed) -> None:
    none = same(keyed, "wechat_openid", NO_OPENIDS, ("openid_key", "wechat_openid"))
    found = same(keyed, "wechat_openid", list(OPENIDS), ("openid_key",))

    assert none == [(None, written) for written in NO_OPENIDS]
    assert [key for (key,) in found] == list(OPENIDS.values())


def test_an_e_mail_of_nobody_is_none_whatever_its_domain_and_number(keyed: Keyed) -> None:
    nobodys = (
        "none@none.com", "NULL@qq.com", "a@a.com", "test@haier.com", "test01@163.com", "test_2@163.com",
        "123456@qq.com", "noreply@shop.cn", "no-reply@shop.cn", "无@qq.com", "na@na.com",
    )  # fmt: skip
    somebodys = ("testa@qq.com", "1239467@qq.com", "nulla.li@qq.com", "contest1@qq.com", "a@qq.com")

    assert same(keyed, "email", nobodys, ("email_key",)) == [(None,)] * len(nobodys)
    assert same(keyed, "email", somebodys, ("email_key",)) == [(written,) for written in somebodys]


def test_a_date_of_birth_is_a_key_only_where_a_living_customer_may_have_it(keyed: Keyed) -> None:
    rows = keyed(*({"birth_date": born, "created_at": "2025-03-01 10:00:00"} for born in BIRTHS), {})

    assert [row["birth_key"] for row in rows] == [*(born if good else None for born, good in BIRTHS.items()), None]
    assert [row["birth_date"] for row in rows] == [*BIRTHS, None]


ADDRESSES: dict[tuple[str | None, str | None, str | None, str | None], tuple[str | None, str | None, str | None]] = {
    # province, city, district, address: smallest code, address_detail, address_unit
    (None, None, None, "江苏省南京市玄武区中山路18号3栋2单元501室"): ("320102", "中山路18号", "3-2-501"),
    (None, None, None, "江蘇省南京市玄武區中山路１８號三棟二單元５０１室"): ("320102", "中山路18号", "3-2-501"),
    (None, None, None, "江苏 南京 玄武 中山路18号3#2-501"): ("320102", "中山路18号", "3-2-501"),
    (None, None, None, "南京市玄武区中山路18号"): ("320102", "中山路18号", None),
    (None, None, None, "玄武区中山路18号"): ("320102", "中山路18号", None),
    ("江苏", "南京", "玄武", "中山路18号"): ("320102", "中山路18号", None),
    ("江苏省", "南京市", "玄武区", "江苏省南京市玄武区中山路18号"): ("320102", "中山路18号", None),
    ("江苏省", "江苏省南京市", "江苏省南京市玄武区", "玄武区中山路18号"): ("320102", "中山路18号", None),
    ("江苏省", "南京市", "高新区", "星火路3号"): ("320100", "高新区星火路3号", None),
    ("江苏省", "南京市", "高新区", "高新区星火路3号"): ("320100", "高新区星火路3号", None),
    (None, None, None, "鼓楼区中山路1号"): (None, "鼓楼区中山路1号", None),
    (None, "南京市", None, "鼓楼区中山路1号"): ("320106", "中山路1号", None),
    (None, None, None, "南京路100号"): (None, "南京路100号", None),
    ("上海市", "上海市", "黄浦区", "南京东路100号"): ("310101", "南京东路100号", None),
    ("江苏省", "南京市", "玄武区", "南京路100号"): ("320102", "南京路100号", None),
    (None, None, None, "中山公园北门"): (None, "中山公园北门", None),
    (None, None, None, "吉林市昌邑区人民路3号"): ("220202", "人民路3号", None),
    (None, None, None, "吉林省吉林市昌邑区人民路3号"): ("220202", "人民路3号", None),
    (None, None, None, "重庆市重庆市云阳县人民路3号"): ("500235", "人民路3号", None),
    (None, None, None, "北京市朝阳区建国路88号A座1203"): ("110105", "建国路88号", "a-1203"),
    ("上海市", "市辖区", "浦东新区", None): ("310115", None, None),
    (None, None, None, "上海浦东世纪大道1号"): ("310115", "世纪大道1号", None),
    (None, "上海市", None, "中山北路3300弄12号601室"): ("310100", "中山北路3300弄12号", "601"),
    ("北京", None, None, "人民路3号"): ("110100", "人民路3号", None),
    (None, None, None, "香港弥敦道3号"): ("810000", "弥敦道3号", None),
    ("江苏省", None, None, "人民路3号"): ("320000", "人民路3号", None),
    (None, None, None, "湖北省仙桃市人民路3号"): ("429004", "人民路3号", None),
    (None, None, None, "廣東省東莞市南城街道新華路70號"): ("441900", "南城街道新华路70号", None),
    (None, None, None, "青海省海南藏族自治州共和县青海湖路3号"): ("632521", "青海湖路3号", None),
    (None, None, None, None): (None, None, None),
}


def test_an_address_is_its_division_its_detail_and_its_unit(keyed: Keyed) -> None:
    fields = ("province", "city", "district", "address")
    rows = keyed(*(dict(zip(fields, texts, strict=True)) for texts in ADDRESSES))
    found = [
        (row["county_code"] or row["city_code"] or row["province_code"], row["address_detail"], row["address_unit"])
        for row in rows
    ]

    assert dict(zip(ADDRESSES, found, strict=True)) == ADDRESSES


def test_the_place_of_an_address_is_the_estate_behind_its_number(keyed: Keyed) -> None:
    found = same(
        keyed, "address", ["新华路70号东方府16栋3单元301室", "东方府16号楼3单元301", "新华路70号"], ["address_place"]
    )

    assert found == [("东方府",), ("东方府",), ("新华路70号",)]


PLACES: dict[str, tuple[str | None, str | None]] = {
    # address in 玄武区: address_place, address_unit
    "人民路12号院3号楼2单元501": ("人民路12号院", "3-2-501"),
    "人民路12号院": ("人民路12号院", None),
    "人民路12号家属院2栋301": ("人民路12号家属院", "2-301"),
    "人民路12号院内": ("人民路12号院内", None),
    "人民路12号对面": ("人民路12号对面", None),
    "人民路12号A区3栋201": ("人民路12号a区", "3-201"),
    "人民路12号公寓201室": ("人民路12号公寓", "201"),
    "解放路12号附1号": ("解放路12号附1号", None),
    "中山北路3300弄12号601室": ("中山北路3300弄12号", "601"),
    "中山北路3300弄12号阳光小区601室": ("阳光小区", "601"),
    "人民路12号院阳光花园3栋201": ("院阳光花园", "3-201"),
    "李家村3组12号": ("李家村3组12号", None),
    "东街12号": ("东街12号", None),
    "一街12号": ("1街12号", None),
    "鼓楼3号": ("鼓楼3号", None),
    "Flat 5, 12 King Road": ("flat5-12kingroad", None),
    "Flat 51, 2 King Road": ("flat51-2kingroad", None),
    "人民路 12 3-501": ("人民路", "12-3-501"),
    "人民路 1 23-501": ("人民路", "1-23-501"),
    "人民路１２号，３　２　５０１": ("人民路12号", "3-2-501"),
    "人民路12号 邮编:210000": ("人民路12号", None),
    "曹杨新村3栋501": ("曹杨新村", "3-501"),
    "南京大学宿舍3栋501": ("南京大学宿舍", "3-501"),
    "苏州工业园3栋501": ("苏州工业园", "3-501"),
    "12号": (None, None),
    "附1号": (None, None),
    "3组12号": (None, None),
    "12号院": (None, None),
    "小区3栋501": (None, "3-501"),
    "安置小区3栋501": (None, "3-501"),
    "回迁房3栋501": (None, "3-501"),
    "员工宿舍3栋501": (None, "3-501"),
    "教师公寓3栋501": (None, "3-501"),
    "新村3栋501": (None, "3-501"),
    "经济技术开发区3栋501": (None, "3-501"),
    "办公楼301": (None, None),
    "菜鸟驿站3号": (None, None),
    "到店自提": (None, None),
    "邮政编码210000": (None, None),
    "某小区3栋501": (None, "3-501"),
    "人民路**号3栋501": (None, "3-501"),
    "XX路XX号3栋501": (None, "3-501"),
    "对面": (None, None),
    "村": (None, None),
}


def test_a_place_has_a_name_and_never_is_what_strangers_share_behind_any_number(keyed: Keyed) -> None:
    found = same(keyed, "address", list(PLACES), ["address_place", "address_unit"], city="南京市", district="玄武区")

    assert dict(zip(PLACES, found, strict=True)) == PLACES


@pytest.fixture(scope="module")
def generated() -> list[tuple[str, str]]:
    """Addresses with the code of their county, written in full, without the province, and with short names."""
    rng = random.Random(4)
    divisions = {row["division_code"]: row for row in newest_divisions().to_pylist()}
    counties = [row for row in divisions.values() if row["level"] == 3]
    made = []
    for county in rng.sample(counties, 600):
        city = divisions[county["parent_code"]]
        province = divisions[city["parent_code"]]
        names = [d["full_name"] or "" for d in (province, city, county)]
        if names[0] == names[1]:
            names[1] = ""
        way = rng.randrange(3)
        if way == 1 and names[1]:
            names[0] = ""
        if way == 2:
            names[:2] = [province["short_name"], city["short_name"] or "" if names[1] else ""]
        street = rng.choice(["人民路", "中山路", "解放街", "建设大道", "和平巷"])
        made.append(("".join(names) + f"{street}{rng.randrange(1, 300)}号", county["division_code"]))
    return made


def test_generated_addresses_get_the_codes_that_made_them(keyed: Keyed, generated: list[tuple[str, str]]) -> None:
    rows = keyed(*({"address": address} for address, _ in generated))
    wrong = [
        (address, code, row["county_code"])
        for (address, code), row in zip(generated, rows, strict=True)
        if row["county_code"] != code
    ]

    assert wrong == []


def test_codes_agree_with_those_of_cnloc(keyed: Keyed, generated: list[tuple[str, str]]) -> None:
    addresses = [address for address, _ in generated]
    rows = keyed(*({"address": address} for address in addresses))
    oracle = getlocation(addresses)["county_adcode"].tolist()
    both = [(a, row["county_code"], o) for a, row, o in zip(addresses, rows, oracle, strict=True) if o and o == o]

    assert len(both) > 0.9 * len(addresses)
    assert sum(ours != other for _, ours, other in both) <= 0.01 * len(both)


def some_records(rng: random.Random, count: int) -> list[Record]:
    names = [*PEOPLE, *COMPANIES]
    places = list(ADDRESSES)
    fields = ("province", "city", "district", "address")
    return [
        {
            "kind": rng.choice(["person", "store", None]),
            "name": rng.choice(names),
            "phone": rng.choice(list(PHONES)),
            **dict(zip(fields, rng.choice(places), strict=True)),
        }
        for _ in range(count)
    ]


def test_tables_carried_on_through_days_equal_tables_built_at_once_and_forget_nothing(standard: Standard) -> None:
    rng = random.Random(5)
    days = [some_records(rng, 20) for _ in range(4)]
    for number, _ in enumerate(days):
        standard.build([record for day in days[: number + 1] for record in day], is_incremental=number > 0)
    carried_on = {table: standard.rows(table) for table in MODELS}
    standard.build(days[0], is_incremental=True)
    after_removal = {table: standard.rows(table) for table in CACHES}
    standard.build([record for day in days for record in day])

    assert carried_on == {table: standard.rows(table) for table in MODELS}
    assert after_removal == {table: carried_on[table] for table in CACHES}


def test_the_order_of_records_does_not_matter(standard: Standard) -> None:
    records = some_records(random.Random(6), 60)
    standard.build(records)
    forward = {table: standard.rows(table) for table in CACHES}
    standard.build(records[::-1])

    assert {table: standard.rows(table) for table in CACHES} == forward


def test_every_record_stays_one_record(standard: Standard) -> None:
    records = [*some_records(random.Random(7), 50), {}, {"name": ""}, {"address": ""}]
    standard.build(records)

    assert [row["source_customer_id"] for row in standard.rows()] == [str(n) for n in range(len(records))]
