"""What speaks against two records being one customer."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_models.identity.vetoes import FACTS, ORGANISATION, PERSON, Facts, facts_of, veto, vetoes


def person(surname: str, given: str | None = None, **more: object) -> Facts:
    """A person with a full name (its two parts in alphabetical order), or with a surname only."""
    full = " ".join(sorted([surname, given])) if given else None
    named = {"name_pinyin": full, "surname_key": {"zhang": "张", "wang": "王"}.get(surname, surname)}
    return Facts(
        **{
            "party": PERSON,
            "surname_pinyin": surname,
            "given_key": given,
            "is_name_partial": given is None,
            **named,
            **more,
        }  # type: ignore[arg-type]
    )


def company(core: str, store: str | None = None, **more: object) -> Facts:
    pinyin = core if store is None else f"{core} {store}"
    return Facts(
        **{"party": ORGANISATION, "name_pinyin": pinyin, "store_token": store, "is_name_partial": False, **more}  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (person("zhang", "wei"), person("wang", "fang"), "different full names"),
        (person("zhang", "wei"), person("zhang", "wei"), None),
        (person("zhang", "wei", openid_key="o1"), person("wang", "fang", openid_key="o1"), None),
        (person("zhang", "wei", openid_key="o1"), person("wang", "fang", openid_key="o2"), "different full names"),
        (person("zhang", "wei"), Facts(party=PERSON), None),
        (person("wang"), person("wang", "fang"), None),
        (person("wang"), person("zhang", "wei"), "different surnames"),
        (person("wang"), person("zhang"), "different surnames"),
        (person("wang", openid_key="o1"), person("zhang", "wei", openid_key="o1"), None),
        (person("wang", uscc_key="91A"), person("wang", uscc_key="91B"), "different social credit codes"),
        (person("wang"), company("suguo"), "a person and an organisation"),
        (company("suguo"), company("weifeng"), "different companies"),
        (company("suguo", uscc_key="91A"), company("weifeng", uscc_key="91A"), None),
        (company("suguo", openid_key="o1"), company("weifeng", openid_key="o1"), None),
        (company("suguo", "renminlu"), company("suguo"), None),
        (company("suguo", "renminlu"), company("suguo", "beijinglu"), "different stores"),
        (
            company("suguo", "renminlu", uscc_key="91A", openid_key="o1"),
            company("suguo", "beijinglu", uscc_key="91A", openid_key="o1"),
            "different stores",
        ),
        (company("suguo", "renminlu"), Facts(party="unknown", name_pinyin="suguo", is_name_partial=False), None),
        (
            company("suguo"),
            Facts(party="unknown", name_pinyin="wei zhang", is_name_partial=False),
            "different companies",
        ),
    ],
)
def test_each_veto_holds_where_it_should_and_only_there(left: Facts, right: Facts, reason: str | None) -> None:
    assert veto(left, right) == reason
    assert veto(right, left) == reason


def test_another_birth_date_speaks_against_another_given_name_only() -> None:
    first, second = date(1990, 1, 2), date(1991, 1, 2)
    one = person("zhang", "wei", birth_key=first, openid_key="o1")

    assert veto(one, person("zhang", "wei", birth_key=second, openid_key="o1")) is None
    assert veto(one, person("zhang", "na", birth_key=first, openid_key="o1")) is None
    assert veto(one, person("zhang", birth_key=second, openid_key="o1")) is None
    assert (
        veto(one, person("zhang", "na", birth_key=second, openid_key="o1")) == "different birth dates and given names"
    )


def test_a_given_name_in_letters_is_that_in_characters_which_sounds_like_it() -> None:
    """As 王小明 and Wang Xiaoming, one of whose birth dates is a slip."""
    first, second = date(1990, 1, 2), date(1991, 1, 2)
    characters = person("wang", "小明", name_pinyin="wang xiaoming", given_pinyin="xiaoming", birth_key=first)
    letters = person("wang", "xiaoming", surname_key="wang", given_pinyin="xiaoming", birth_key=second)
    homophone = replace(characters, given_key="晓明", birth_key=second)

    assert veto(characters, letters) is None
    assert veto(characters, replace(letters, given_key="daming", given_pinyin="daming", name_pinyin=None)) is not None
    assert veto(characters, homophone) == "different birth dates and given names"


def test_a_partial_name_and_a_name_of_the_other_sex_are_two_people_unless_they_share_an_openid() -> None:
    """As 王先生 and 王芳, a woman, of one household's number."""
    mister, fang = person("wang", sex_key="male"), person("wang", "fang", sex_key="female")

    assert veto(mister, fang) == veto(fang, mister) == "different sexes and given names"
    assert veto(mister, replace(fang, sex_key="male")) is None
    assert veto(mister, replace(fang, sex_key=None)) is None
    assert veto(mister, person("wang", sex_key="female")) == "different sexes and given names"
    assert veto(replace(mister, openid_key="o1"), replace(fang, openid_key="o1")) is None
    assert veto(Facts(party=PERSON, sex_key="male"), fang) == "different sexes and given names"


def test_the_sex_alone_does_not_tell_two_records_of_one_full_name_apart() -> None:
    assert veto(person("wang", "wei", sex_key="male"), person("wang", "wei", sex_key="female")) is None


def test_names_in_characters_that_only_sound_alike_are_two_people() -> None:
    """As 张伟 and 章威 of one number; 张伟 and 张威, or 余伟 and 于伟, are one slip of the pen away."""
    zhang_wei = person("zhang", "伟", name_pinyin="wei zhang")
    other = replace(zhang_wei, surname_key="章", given_key="威")

    assert veto(zhang_wei, other) == veto(other, zhang_wei) == "different full names"
    assert veto(zhang_wei, replace(other, surname_key="张")) is None
    assert veto(zhang_wei, replace(other, given_key="伟")) is None
    assert veto(zhang_wei, replace(other, surname_key="zhang", given_key="wei")) is None
    assert veto(replace(zhang_wei, openid_key="o1"), replace(other, openid_key="o1")) is None


def test_a_latin_full_name_may_have_its_surname_first_or_last() -> None:
    wei_zhang = Facts(
        party=PERSON, name_pinyin="wei zhang", surname_key="wei", surname_pinyin="wei", is_name_partial=False
    )

    assert veto(person("zhang"), wei_zhang) is None
    assert veto(wei_zhang, person("zhang")) is None
    assert veto(person("wang"), wei_zhang) == "different surnames"
    # 王章 in Chinese characters says which is which.
    wang_zhang = person("wang", "zhang")
    assert veto(person("zhang"), wang_zhang) == "different surnames"


def test_all_reasons_are_told_the_hardest_first() -> None:
    left = person("zhang", "wei", uscc_key="91A", birth_key=date(1990, 1, 2))
    right = company("suguo", uscc_key="91B")

    assert list(vetoes(left, right))[:2] == ["a person and an organisation", "different social credit codes"]


def test_facts_are_read_from_records_by_name_whatever_else_they_hold() -> None:
    columns = {name: pa.nulls(1, FACTS.field(name).type) for name in reversed(FACTS.names)}
    columns["uscc_key"] = pa.array(["91A"], pa.large_string())
    columns["birth_key"] = pa.array([date(1990, 1, 2)])
    records = pa.table({"other": [1], **columns})

    assert facts_of(records) == [Facts(uscc_key="91A", birth_key=date(1990, 1, 2))]
    assert facts_of(records.slice(1)) == []


FACTS_STRATEGY = st.builds(
    Facts,
    party=st.sampled_from([PERSON, ORGANISATION, "unknown", None]),
    name_pinyin=st.sampled_from(["wei zhang", "fang wang", "suguo", "suguo renminlu", None]),
    surname_key=st.sampled_from(["张", "王", "wei", None]),
    surname_pinyin=st.sampled_from(["zhang", "wang", "wei", None]),
    given_key=st.sampled_from(["伟", "芳", "wei", None]),
    is_name_partial=st.sampled_from([True, False, None]),
    store_token=st.sampled_from(["人民路", "北京路", None]),
    uscc_key=st.sampled_from(["91A", "91B", None]),
    birth_key=st.sampled_from([date(1990, 1, 2), date(1991, 1, 2), None]),
    openid_key=st.sampled_from(["o1", "o2", None]),
    given_pinyin=st.sampled_from(["wei", "fang", None]),
    sex_key=st.sampled_from(["female", "male", None]),
)


@given(left=FACTS_STRATEGY, right=FACTS_STRATEGY)
def test_it_does_not_matter_which_record_is_left(left: Facts, right: Facts) -> None:
    assert list(vetoes(left, right)) == list(vetoes(right, left))


@given(facts=FACTS_STRATEGY)
def test_nothing_speaks_against_a_record_itself(facts: Facts) -> None:
    assert veto(facts, facts) is None
