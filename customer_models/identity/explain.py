"""What each field says for or against a pair of records being one customer."""

import math
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from customer_models.identity.scoring import PAIRS, MatchModel, linker_of


@dataclass(frozen=True)
class Field:
    """A comparison of the model, the level that a pair reached in it, and its weight: log2(m / u) of that level."""

    field: str
    level: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """The weight of a pair in its parts. ``prior``: log2 of the odds that any two records are of one customer."""

    prior: float
    fields: tuple[Field, ...]

    @property
    def total(self) -> float:
        """The match weight, which ``scoring.score`` gives: the prior and the weights of all fields together."""
        return math.fsum((self.prior, *(field.weight for field in self.fields)))


def explain(features: pa.Table, pairs: pa.Table, model: MatchModel, threads: int = 2) -> list[Explanation]:
    """The weights of pairs, field by field, in the order of the model's comparisons.

    Args:
        features: columns of ``comparison.FEATURES``, a row for each record of the pairs at least.
        pairs: schema ``scoring.PAIRS``, every pair once.
        model: the model of these records' party.
        threads: DuckDB's threads.

    Returns:
        One for each row of ``pairs``, in its order.
    """
    if pairs.num_rows == 0:
        return []
    keep = {"retain_intermediate_calculation_columns": True, "retain_matching_columns": True}
    comparisons = model.settings["comparisons"]
    names = [comparison["output_column_name"] for comparison in comparisons]
    levels = [_levels(comparison["comparison_levels"]) for comparison in comparisons]
    odds = model.settings["probability_two_random_records_match"]
    prior = math.log2(odds / (1 - odds))
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": "false"}) as con:
        linker = linker_of(con, features, {**model.settings, **keep})
        con.register("given_pairs", pairs.select(PAIRS.names))
        con.execute(
            "create table pairs as select '0' as match_key, left_record_key as join_key_l, "
            "right_record_key as join_key_r from given_pairs"
        )
        linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("pairs"))
        predicted = linker.inference.predict(warning_mode="never").physical_name
        columns = ", ".join(f"gamma_{name}, cast(mw_{name} as double)" for name in names)
        rows = con.execute(f"select record_key_l, record_key_r, {columns} from {predicted}").fetchall()
    found = {
        (left, right): Explanation(
            prior, tuple(map(Field, names, map(dict.__getitem__, levels, said[::2]), said[1::2]))
        )
        for left, right, *said in rows
    }
    return [found[row["left_record_key"], row["right_record_key"]] for row in pairs.to_pylist()]


def _levels(levels: list[dict[str, object]]) -> dict[int, str]:
    """Splink's number of each level: -1 for what is not known, 0 for no agreement, more for better agreement."""
    known = [level for level in levels if not level.get("is_null_level")]
    unknown = [level for level in levels if level.get("is_null_level")]
    return {number: str(level["label_for_charts"]) for number, level in enumerate([*unknown, *reversed(known)], -1)}
