"""Why two records cannot be one customer, whatever else says that they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

PERSON = "person"
ORGANISATION = "organisation"

OTHER_PARTY = "a person and an organisation"
OTHER_USCC = "different social credit codes"
OTHER_COMPANY = "different companies"
OTHER_STORE = "different stores"
OTHER_NAME = "different full names"
OTHER_SURNAME = "different surnames"
OTHER_SEX = "different sexes and given names"
OTHER_BIRTH = "different birth dates and given names"
NEVER = "a steward keeps them apart"
"""A veto between two records by name, not by what they hold: known to clusters only."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a record can speak against another one; None is unknown. Fields are columns of ``id_record``."""

    party: str | None = None
    name_pinyin: str | None = None
    surname_key: str | None = None
    surname_pinyin: str | None = None
    given_key: str | None = None
    is_name_partial: bool | None = None
    store_token: str | None = None
    uscc_key: str | None = None
    birth_key: date | None = None
    openid_key: str | None = None
    given_pinyin: str | None = None
    sex_key: str | None = None

    @property
    def company_pinyin(self) -> str | None:
        """Pinyin of a company without its store: ``name_pinyin`` up to the blank before the store's."""
        if self.name_pinyin is None or self.store_token is None:
            return self.name_pinyin
        return self.name_pinyin.rpartition(" ")[0] or None


FACTS = pa.schema(
    [
        ("party", pa.string()),
        ("name_pinyin", pa.string()),
        ("surname_key", pa.string()),
        ("surname_pinyin", pa.string()),
        ("given_key", pa.string()),
        ("is_name_partial", pa.bool_()),
        ("store_token", pa.string()),
        ("uscc_key", pa.string()),
        ("birth_key", pa.date32()),
        ("openid_key", pa.string()),
        ("given_pinyin", pa.string()),
        ("sex_key", pa.string()),
    ]
)
"""The columns of records that vetoes read, in the order of the fields of ``Facts``."""


def facts_of(records: pa.Table) -> list[Facts]:
    """One ``Facts`` per row of ``records`` (columns of ``FACTS`` in any order, and any others)."""
    columns = records.select(FACTS.names).cast(FACTS)
    return list(map(Facts, *(columns[name].to_pylist() for name in FACTS.names))) if columns.num_rows else []


def veto(left: Facts, right: Facts) -> str | None:
    """The first reason why the two cannot be one customer, or None. Does not depend on which of them is left."""
    return next(vetoes(left, right), None)


def vetoes(left: Facts, right: Facts) -> Iterator[str]:
    """Every reason why the two cannot be one customer, the hardest first.

    - A person is not an organisation (unknown may be either).
    - Two valid social credit codes are two organisations.
    - Organisations of other companies, by pinyin, unless they share a credit code or an openid; two stores never.
    - People of other full names, by pinyin or with neither part written alike, or of other surnames where a given
      name is not known, unless they share an openid.
    - A man and a woman, unless they share an openid or bear one given name: then a slip in the sex is likelier.
    - People of other birth dates and other given names.
    """
    if left.party != right.party and ORGANISATION in (left.party, right.party) and PERSON in (left.party, right.party):
        yield OTHER_PARTY
    if _differ(left.uscc_key, right.uscc_key):
        yield OTHER_USCC
    same_openid = left.openid_key is not None and left.openid_key == right.openid_key
    if ORGANISATION in (left.party, right.party):
        same_uscc = left.uscc_key is not None and left.uscc_key == right.uscc_key
        if not same_openid and not same_uscc and _differ(left.company_pinyin, right.company_pinyin):
            yield OTHER_COMPANY
        if _differ(left.store_token, right.store_token):
            yield OTHER_STORE
    elif not same_openid:
        if left.is_name_partial is False and right.is_name_partial is False:
            if _differ(left.name_pinyin, right.name_pinyin) or _are_homophones(left, right):
                yield OTHER_NAME
        elif _surnames_differ(left, right):
            yield OTHER_SURNAME
        if _differ(left.sex_key, right.sex_key) and (left.given_key is None or left.given_key != right.given_key):
            yield OTHER_SEX
    if _differ(left.birth_key, right.birth_key) and _given_names_differ(left, right):
        yield OTHER_BIRTH


def _differ(left: object, right: object) -> bool:
    return left is not None and right is not None and left != right


def _are_homophones(left: Facts, right: Facts) -> bool:
    """Whether two names in Chinese characters sound alike only: 张伟 and 章威, in which no part is written alike."""
    written = not (_is_latin(left.surname_key) or _is_latin(right.surname_key))
    return written and _differ(left.surname_key, right.surname_key) and _differ(left.given_key, right.given_key)


def _given_names_differ(left: Facts, right: Facts) -> bool:
    """Whether two given names differ, one in letters from one in characters by its sound."""
    if not _differ(left.given_key, right.given_key):
        return False
    in_letters = _is_latin(left.given_key) or _is_latin(right.given_key)
    return not (in_letters and left.given_pinyin is not None and left.given_pinyin == right.given_pinyin)


def _is_latin(key: str | None) -> bool:
    return key is not None and key.isascii()


def _surnames_differ(left: Facts, right: Facts) -> bool:
    if not _differ(left.surname_pinyin, right.surname_pinyin):
        return False
    return not (_may_be_called(left, right.surname_pinyin) or _may_be_called(right, left.surname_pinyin))


def _may_be_called(facts: Facts, surname: str | None) -> bool:
    """Whether a full Latin name holds the surname: "Wei Zhang" does not say which of its words is the surname."""
    return _is_latin(facts.surname_key) and facts.name_pinyin is not None and surname in facts.name_pinyin.split()
