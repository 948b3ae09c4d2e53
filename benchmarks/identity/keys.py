"""What a careful user makes of customer records before linking them: comparable names, numbers, addresses and dates.

Written apart from the project's own models, so that what they are held against does not change with them.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

TITLES = ("先生", "女士", "小姐", "老师", "经理", "老板", "总")
NO_NAMES = ("微信用户", "未知", "匿名", "无", "顾客", "测试", "unknown", "test", "na", "none")
NO_PHONES = (
    "13800138000", "13800000000", "11111111111", "13888888888", "12345678901", "00000000000", "13900000000",
    "13000000000", "13999999999", "13333333333", "15555555555", "18888888888", "19999999999", "13812345678",
)  # fmt: skip
COMPOUND_SURNAMES = (
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "慕容", "公孙", "令狐", "夏侯", "南宫", "长孙",
)  # fmt: skip
SURNAME_SOUNDS = {"单": "shan", "仇": "qiu", "查": "zha", "解": "xie", "盖": "ge", "曾": "zeng", "任": "ren"}
_WIDTH = {code + 65_248: code for code in range(33, 127)} | {0x3000: 0x20}
HOT_NAMES = 10
"""A number or address held under more names than this identifies nobody."""

NAMES = pa.schema([
    ("name", pa.string()), ("name_key", pa.string()), ("surname", pa.string()), ("surname_pinyin", pa.string()),
    ("name_pinyin", pa.string()), ("is_partial", pa.bool_()),
])  # fmt: skip


def fold_width(column: str) -> str:
    """SQL for a column with full-width signs made narrow."""
    wide, narrow = "".join(map(chr, _WIDTH)), "".join(map(chr, _WIDTH.values())).replace("'", "''")
    return f"translate({column}, '{wide}', '{narrow}')"


def quoted(words: Iterable[str]) -> str:
    """SQL for a list of texts."""
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


class NameReader:
    """Reads names of people, Chinese or Latin."""

    def __init__(self, names: Iterable[str]) -> None:
        from opencc import OpenCC  # type: ignore[import-untyped]
        from pypinyin import lazy_pinyin

        signs = sorted({sign for name in names for sign in name if sign > "\u2e80"})
        to_simplified = OpenCC("t2s")
        self._simple = {ord(sign): to_simplified.convert(sign) for sign in signs}
        self._sounds = {sign: lazy_pinyin(sign)[0] for sign in {*signs, *self._simple.values()}}
        surnames = {SURNAME_SOUNDS.get(s, self._sounds.get(s, "")) for s in self._common_surnames(names)}
        compounds = ("".join(self._sounds.get(sign, "?") for sign in name) for name in COMPOUND_SURNAMES)
        self._latin = sorted({*surnames, *compounds} - {""}, key=len, reverse=True)
        self._latin_set = set(self._latin)

    def read(self, name: str) -> tuple[str | None, str | None, str | None, str | None, bool]:
        """Name without title, blanks and script; surname; its pinyin; pinyin with the parts in order; is partial."""
        folded = name.translate(_WIDTH).strip()
        if folded.isascii():
            return self._read_latin(folded)
        text = re.sub(r"[\s·•.,-]", "", folded).translate(self._simple)
        if text in NO_NAMES:
            return None, None, None, None, False
        for title in TITLES:
            if text.endswith(title) and len(text) > len(title):
                text = text[: -len(title)]
                break
        length = 2 if text[:2] in COMPOUND_SURNAMES else 1
        surname, given = text[:length], text[length:]
        sound = SURNAME_SOUNDS.get(surname) or "".join(self._sounds.get(sign, sign) for sign in surname)
        if not given:
            return text, surname, sound, None, True
        return text, surname, sound, _ordered(sound, "".join(self._sounds.get(sign, sign) for sign in given)), False

    def _read_latin(self, name: str) -> tuple[str | None, str | None, str | None, str | None, bool]:
        words = [word.lower() for word in re.findall("[A-Za-z]+", re.sub("([a-z])([A-Z])", r"\1 \2", name))]
        if not words or " ".join(words) in NO_NAMES:
            return None, None, None, None, False
        if len(words) == 1:
            words = next(([s, words[0][len(s) :]] for s in self._latin if words[0].startswith(s)), words)
        if len(words) == 1 or not words[1]:
            return words[0], words[0], words[0], None, True
        is_first = words[0] in self._latin_set or words[-1] not in self._latin_set
        surname, given = (words[0], "".join(words[1:])) if is_first else (words[-1], "".join(words[:-1]))
        return f"{surname}{given}", surname, surname, _ordered(surname, given), False

    def _common_surnames(self, names: Iterable[str]) -> set[str]:
        counts: dict[str, int] = {}
        for name in names:
            if name and name[0] > "\u2e80":
                first = self._simple.get(ord(name[0]), name[0])
                counts[first] = counts.get(first, 0) + 1
        return {first for first, count in counts.items() if count > 20}


def make_keys(con: duckdb.DuckDBPyConnection, customers: Path) -> None:
    """Makes the table ``keys``: one row per record of ``customers`` (staging's columns), NULL for what says nothing."""
    con.execute(f"create or replace temp view customers as select * from read_parquet('{customers}')")
    names = [row[0] for row in con.execute("select distinct name from customers where name is not null").fetchall()]
    reader = NameReader(names)
    rows = [(name, *reader.read(name)) for name in names]
    con.register("read_names", pa.table(dict(zip(NAMES.names, zip(*rows, strict=True), strict=True)), schema=NAMES))
    con.execute(_KEYS)
    con.unregister("read_names")
    for column in ("phone_key", "email_key", "address_key"):
        con.execute(f"""
            update keys set {column} = null where {column} in (
                select {column} from keys
                where {column} is not null
                group by {column}
                having count(distinct name_pinyin) > {HOT_NAMES}
            )
        """)  # fmt: skip


def _ordered(surname: str, given: str) -> str:
    return " ".join(sorted((surname, given)))


# An estate with its flat: what comes before the last road's number is a place that other columns name.
_FLAT = r"([^0-9号]+?) *([0-9]+)(?:号楼|栋|幢|#|-) *([0-9]+)(?:单元|-) *([0-9]+)"
_KEYS = f"""
    create or replace table keys as
    with folded as (
        select
            *,
            regexp_replace(
                regexp_replace({fold_width("phone")}, '[^0-9E.+]', '', 'g'), '^([+]|00)?86', ''
            ) as digits,
            lower(trim({fold_width("email")})) as folded_email,
            regexp_replace(replace({fold_width("address")}, ' ', ''), '^.*?[0-9]+号([^楼])', '\\1') as flat
        from customers
    )
    select
        folded.source || ':' || folded.customer_id as record_key,
        read_names.name_key,
        read_names.surname,
        read_names.surname_pinyin,
        read_names.name_pinyin,
        coalesce(read_names.is_partial, false) as is_partial,
        case
            when digits in ({quoted(NO_PHONES)}) then null
            when regexp_matches(digits, '^1[3-9][0-9]{{9}}$') then digits
            when regexp_matches(digits, '^0?[1-9][0-9]{{9,10}}$') then '0' || ltrim(digits, '0')
        end as phone_key,
        case
            when regexp_matches(digits, '^[0-9]{{11}}$') and digits not in ({quoted(NO_PHONES)}) then digits
        end as phone_typed,
        case when regexp_matches(folded_email, '^[^@ ]+@[^@ ]+[.][a-z]{{2,}}$') then folded_email end as email_key,
        nullif(trim(folded.wechat_openid), '') as openid_key,
        case
            when folded.birth_date > date '1905-01-01' and folded.birth_date <> date '1970-01-01'
                then folded.birth_date
        end as birth_key,
        left(coalesce(nullif(regexp_replace(folded.city, '市$', ''), ''), ''), 12) as city_key,
        nullif(folded.district, '') as district_key,
        case
            when regexp_matches(flat, '{_FLAT}')
                then regexp_extract(flat, '{_FLAT}', 1) || ' ' || regexp_extract(flat, '{_FLAT}', 2) || '-'
                    || regexp_extract(flat, '{_FLAT}', 3) || '-' || regexp_extract(flat, '{_FLAT}', 4)
        end as address_key
    from folded
    left join read_names on folded.name = read_names.name
"""
