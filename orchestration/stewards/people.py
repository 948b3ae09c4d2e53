"""Which records somebody means: by record key, or by the id of a customer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from orchestration.errors import BadInput
from orchestration.stewards.sheet import is_record_key

CUSTOMER_ID = re.compile(r"C\d+")


@dataclass(frozen=True)
class People:
    """Records and their customers: record key → customer id."""

    customers: Mapping[str, str]

    @cached_property
    def records(self) -> dict[str, list[str]]:
        """Customer id → its record keys, sorted."""
        found: dict[str, list[str]] = {}
        for key, customer in sorted(self.customers.items()):
            found.setdefault(customer, []).append(key)
        return found

    def record(self, text: str, command: str) -> str:
        """The record that ``text`` means; for a customer its smallest record key.

        Raises:
            BadInput: there is none, or it is neither a record key nor a customer id.
        """
        text = text.strip()
        if CUSTOMER_ID.fullmatch(text):
            if text not in self.records:
                raise BadInput(f"{command} {text}: there is no customer {text}; ids change when customers merge: name "
                               "a record (source:id)")  # fmt: skip
            return self.records[text][0]
        if not is_record_key(text):
            raise BadInput(f"{command}: expected a record (source:id) or a customer id such as C12, found {text!r}")
        if text not in self.customers:
            raise BadInput(f"{command} {text}: no run has seen this record; expected source:id as the source writes it")
        return text


def is_customer(text: str) -> bool:
    """Whether the text is a customer id, not a record key."""
    return bool(CUSTOMER_ID.fullmatch(text.strip()))
