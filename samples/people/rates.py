"""How often everything happens."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1.

    Of people: who they are and what changes in their life. Of records: what is written down, and how wrongly. Those
    under "mistakes" are means over second and later records: a careless record has most of them several times as
    often (``care``), and a person's first record has them ``first_record`` times as often.
    """

    people_per_record: float = 0.7

    # Of people.
    household: float = 0.05
    """Share phone, address and surname with another person."""
    spouse: float = 0.3
    """Of these second persons: bear another surname than the first."""
    household_landline: float = 0.15
    """Of households: the phone in common is a landline."""
    changed_phone: float = 0.06
    """Have another number from some day on."""
    moved: float = 0.12
    """Live elsewhere from some day on."""
    moved_with_phone: float = 0.2
    """Of those who move: change the number on the same day."""
    recycled_phone: float = 0.01
    """Hold a number that somebody else gave up before."""
    email: float = 0.40
    openid: float = 0.45

    # Of records: what is filled in.
    kept_email: float = 0.65
    kept_openid: float = 0.65
    missing_phone: float = 0.025
    missing_address: float = 0.2
    birth_date: float = 0.45
    gender: float = 0.6

    # Of records: ways of writing.
    phone_format: float = 0.3
    address_style: float = 0.45
    traditional: float = 0.03
    pinyin: float = 0.045
    full_width: float = 0.02
    titled: float = 0.015
    """The full name with a title behind it."""

    # Of records: mistakes.
    title_only: float = 0.045
    homophone: float = 0.045
    placeholder_name: float = 0.003
    phone_typo: float = 0.025
    phone_scientific: float = 0.008
    placeholder_phone: float = 0.004
    borrowed_phone: float = 0.002
    """The number is that of the employee who wrote the record."""
    partial_address: float = 0.04
    """The flat is left out."""
    email_typo: float = 0.015
    """Of e-mail addresses: the host is another."""
    wrong_birth_date: float = 0.02
    placeholder_birth_date: float = 0.02

    first_record: float = 0.5
    care: tuple[tuple[float, float], ...] = ((0.6, 0.4), (0.28, 1.3), (0.12, 3.3))
    """Share of records, and how many times as often as the mean they have each mistake."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name != "care" and not 0 <= value <= 1:
                raise ValueError(f"{name}: expected a share between 0 and 1, not {value}")


USUAL = Rates()


def twin(rates: Rates = USUAL) -> Rates:
    """The same world, twice as hard where merging goes wrong: households doubled, missing phones doubled."""
    return replace(rates, household=2 * rates.household, missing_phone=2 * rates.missing_phone)
