"""Why an edge that says "the same" did not make one customer of two."""

from collections.abc import Iterable, Mapping, Sequence

from customer_models.identity.unions import BETWEEN, TOO_LARGE
from customer_models.identity.vetoes import veto
from orchestration.stewards.reading import Edge, Pair, Record


def refusal(
    edge: Edge, records: Mapping[str, Record], members: Mapping[str, Sequence[str]], largest_cluster: int
) -> str:
    """The reason, in words. ``members``: all records of the customer of each end of the edge."""
    ours, theirs = members[edge.left], members[edge.right]
    if found := first_veto(records, [edge.pair, *((one, other) for one in ours for other in theirs)]):
        reason, pair = found
        return reason if pair == edge.pair else f"{reason} ({pair[0]} and {pair[1]})"
    return TOO_LARGE if len(ours) + len(theirs) > largest_cluster else BETWEEN


def first_veto(records: Mapping[str, Record], pairs: Iterable[Pair]) -> tuple[str, Pair] | None:
    """The first pair that cannot be one customer, and why."""
    for left, right in pairs:
        if reason := veto(records[left].facts, records[right].facts):
            return reason, (left, right)
    return None
