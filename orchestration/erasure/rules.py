"""What becomes of a row that speaks of an erased person: it is left out, or stays without the person.

Rows whose key holds the customer are about the person and go: the customer record, consents, campaign memberships. All
others stay, so that orders and their money do: the customer becomes ``erased``, what is personal is emptied.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orchestration.erasure.tombstones import Erased
from orchestration.ingest.contract import Personal, SourceObject
from orchestration.sql import identifier, literal

ANONYMOUS = "erased"
"""The customer of facts whose customer was erased: one for all people of a source, so that nothing ties them."""
BLANKED: tuple[Personal, ...] = ("name", "phone", "email", "openid", "uscc", "address", "other")


@dataclass(frozen=True)
class Change:
    """What to do with a row: leave it out, or these new cells; ``is_about``: columns nobody declared go too."""

    is_dropped: bool = False
    is_about: bool = False
    cells: Mapping[str, str | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is to be done."""
        return self.is_dropped or self.is_about or bool(self.cells)


@dataclass(frozen=True)
class Rules:
    """The rules for one object of a source.

    ``told``: keys of the customer records so far whom an identifier told. Who goes so is to be erased under that key
    too, before the row is gone: what else comes of the record has only the key.
    """

    source: str
    spec: SourceObject
    erased: Erased
    told: set[str] = field(default_factory=set)

    @cached_property
    def customers(self) -> list[str]:
        """Columns with the customer that a row is about."""
        return self.spec.personal("customer")

    @cached_property
    def personal(self) -> list[str]:
        """All columns that say something of a person."""
        return [name for name, column in self.spec.columns.items() if column.personal]

    @cached_property
    def _blanked(self) -> list[str]:
        return self.spec.personal(*BLANKED)

    @cached_property
    def identifiers(self) -> dict[str, str]:
        """Columns by which a person is told again under another id, if anybody was erased so, with their kind."""
        found = {name: str(self.spec.columns[name].personal) for name in self.spec.personal("openid", "uscc", "phone")}
        return found if self.erased.has_identifiers else {}

    def change(self, row: Mapping[str, str | None]) -> Change:
        """What becomes of a row, given its columns by their names in the contract."""
        theirs = {c for c in (*self.customers, *self.spec.personal("mention")) if self._is_record(row.get(c))}
        told = any(self._is_identifier(c, row.get(c)) for c in self.identifiers)
        about = theirs & set(self.customers)
        if told and self.spec.holds_customers:
            self.tell(row.get(self.spec.primary_key[0]))
            return Change(is_dropped=True)
        if about & set(self.spec.primary_key):
            return Change(is_dropped=True)
        cells: dict[str, str | None] = {c: ANONYMOUS if c in about else None for c in theirs}
        if about or told:
            cells |= {c: self.key_instead(str(row[c])) for c in self.spec.personal("key") if row.get(c)}
            cells |= {c: None for c in self._blanked if row.get(c)}
        return Change(is_about=bool(about or told), cells=cells)

    def tell(self, record_id: str | None) -> None:
        """Keep the id of a customer record that an identifier told."""
        if record_id and record_id.strip():
            self.told.add(f"{self.source}:{record_id}")

    def key_instead(self, key: str) -> str:
        """What stands for a key that was made from the customer's id: as unique as the key."""
        return f"{ANONYMOUS}-{self.erased.mark(f'{self.source}:{self.spec.name}:{key}')[:16]}"

    def _is_record(self, value: str | None) -> bool:
        return bool(value) and self.erased.is_record(self.source, str(value))

    def _is_identifier(self, column: str, value: str | None) -> bool:
        return bool(value) and self.erased.is_identifier(self.identifiers[column], str(value))


@dataclass(frozen=True)
class Selection:
    """The same in SQL, for one relation: ``drop`` is a condition, ``replaced`` new cells as SQL by column."""

    drop: str
    about: str
    replaced: Mapping[str, str]

    def of(self, relation: str) -> str:
        """The relation's rows as they stay, with all columns in their order."""
        cells = ", ".join(f"{sql} as {identifier(name)}" for name, sql in self.replaced.items())
        return f"select *{f' replace ({cells})' if cells else ''} from {relation} where not {self.drop}"


Query = Callable[[str], Iterable[tuple[object, ...]]]


def select_without(
    rules: Rules, relation: str, actual: Mapping[str, str], others: Iterable[str], query: Query
) -> Selection | None:
    """How to read ``relation`` without erased people; None when it holds none of them.

    ``actual``: the relation's name of each of the contract's columns that it has; ``others``: columns that nobody
    declared; ``query`` runs SQL and gives rows.
    """

    def found(column: str, is_theirs: Callable[[str], bool]) -> str | None:
        name = identifier(actual[column])
        texts = query(f"select distinct {name}::varchar from {relation} where {name} is not null")
        values = sorted(str(text) for (text,) in texts if is_theirs(str(text)))
        return f"{name}::varchar in ({', '.join(map(literal, values))})" if values else None

    def of(columns: Iterable[str], is_theirs: Callable[[str, str], bool]) -> dict[str, str]:
        tests = {c: found(c, lambda text, c=c: is_theirs(c, text)) for c in columns if c in actual}  # type: ignore[misc]
        return {c: f"coalesce({test}, false)" for c, test in tests.items() if test}

    def any_of(tests: Iterable[str]) -> str:
        return "(" + (" or ".join(tests) or "false") + ")"

    customers = of(rules.customers, lambda _, text: rules.erased.is_record(rules.source, text))
    mentions = of(rules.spec.personal("mention"), lambda _, text: rules.erased.is_record(rules.source, text))
    told = of(rules.identifiers, lambda c, text: rules.erased.is_identifier(rules.identifiers[c], text))
    if not (customers or mentions or told):
        return None
    about = any_of([*customers.values(), *told.values()])
    dropped = [test for c, test in customers.items() if c in rules.spec.primary_key]
    if told and rules.spec.holds_customers:
        dropped += told.values()
        if key := actual.get(rules.spec.primary_key[0]):
            ids = query(f"select distinct {identifier(key)} from {relation} where {any_of(told.values())}")
            for (record_id,) in ids:
                rules.tell(str(record_id or ""))
    drop = any_of(dropped)
    replaced = {actual[c]: _instead(test, literal(ANONYMOUS), actual[c]) for c, test in customers.items()}
    replaced |= {actual[c]: _instead(test, "null", actual[c]) for c, test in mentions.items()}
    for column in rules.spec.personal("key"):
        if column in actual:
            name = identifier(actual[column])
            keys = query(f"select distinct {name} from {relation} where {about} and {name} <> ''")
            cases = " ".join(f"when {literal(str(k))} then {literal(rules.key_instead(str(k)))}" for (k,) in keys)
            if cases:
                replaced[actual[column]] = _instead(about, f"case {name} {cases} end", actual[column])
    for name in (*(actual[c] for c in rules.spec.personal(*BLANKED) if c in actual), *others):
        replaced[name] = _instead(about, "null", name)
    return Selection(drop, about, replaced)


def _instead(test: str, value: str, column: str) -> str:
    return f"case when {test} then {value} else {identifier(column)} end"
