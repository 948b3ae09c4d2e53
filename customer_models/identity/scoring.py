"""The weight of pairs of records under a trained model."""

import hashlib
import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from customer_models.identity.comparison import FEATURES, Party, comparisons

MODELS = Path(__file__).parent / "models"
FORMAT = 1
ADVICE = "train it again with `liucun train-identity`"
PAIRS = pa.schema([("left_record_key", pa.string()), ("right_record_key", pa.string())])
SCORES = pa.schema([*PAIRS, ("match_weight", pa.float64())])
SCORED_PAIRS = pa.schema([*SCORES, ("pair_hash", pa.uint64()), ("model_hash", pa.string())])


class ModelError(Exception):
    """A model file that cannot be used; the message names the file and says what to do."""


@dataclass(frozen=True)
class MatchModel:
    """A trained model: for whom, by which version of Splink, on how many records, and Splink's own settings."""

    party: Party
    splink: str
    record_count: int
    settings: dict[str, Any]
    digest: str
    """md5 of the file, as ``stg_ledger__match_models`` has it: another model weighs every pair anew."""


def read_model(party: Party, path: Path) -> MatchModel:
    """The model of a party in a file.

    Raises:
        ModelError: there is none, it is damaged, or another version of this software wrote it.
    """
    try:
        return parse_model(party, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: no model can be read here ({type(error).__name__}); {ADVICE}") from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def parse_model(party: Party, text: str) -> MatchModel:
    """The model of a party from the text of its file (see ``read_model``)."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise ModelError(f"expected JSON ({error}); {ADVICE}") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT or said.get("party") != party:
        found = f"{said.get('format')} of {said.get('party')}" if isinstance(said, dict) else type(said).__name__
        raise ModelError(f"expected format {FORMAT} of {party}, found {found}; {ADVICE}")
    try:
        compared, expected = _levels(said["settings"]["comparisons"]), _levels(comparisons(party))
        weights = [
            float(level[name])
            for comparison in said["settings"]["comparisons"]
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
            for name in ("m_probability", "u_probability")
        ]
        count = int(said.get("record_count") or 0)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"it is damaged ({type(error).__name__} {error}); {ADVICE}") from None
    for name in expected:
        if compared.get(name) != expected[name]:
            raise ModelError(f"it compares {name} in another way than this version does; {ADVICE}")
    if compared.keys() != expected.keys() or not all(0 < weight <= 1 for weight in weights):
        raise ModelError(f"it compares {', '.join(compared)} with weights from 0 to 1, which it must not; {ADVICE}")
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return MatchModel(party, str(said.get("splink")), count, said["settings"], digest)


def _levels(compared: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The conditions of each comparison's levels, by its name."""
    return {
        comparison["output_column_name"]: [level["sql_condition"] for level in comparison["comparison_levels"]]
        for comparison in compared
    }


def score(features: pa.Table, pairs: pa.Table, model: MatchModel, threads: int = 2) -> pa.Table:
    """The match weight of each pair: log2 of the odds that both records are of one customer.

    Args:
        features: columns of ``FEATURES``, a row per record; records that stand in no pair do no harm.
        pairs: schema ``PAIRS``, every pair once.
        model: the model of these records' party.
        threads: DuckDB's threads.

    Returns:
        Schema ``SCORES``, one row per pair, in no particular order; rounded to 9 places, so that the order in which a
        machine adds does not show.
    """
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": "false"}) as con:
        weighed = _weighed(con.from_arrow(features), con.from_arrow(pairs), model)
        return weighed.project(", ".join(SCORES.names)).to_arrow_table().cast(SCORES)


def _weighed(
    features: duckdb.DuckDBPyRelation, pairs: duckdb.DuckDBPyRelation, model: MatchModel
) -> duckdb.DuckDBPyRelation:
    """The columns of ``pairs`` with ``match_weight``: what Splink would predict, without its tables in between."""
    left, right = (features.project(", ".join(f"{name} as {name}_{side}" for name in FEATURES.names)) for side in "lr")
    sides = pairs.join(left, "left_record_key = record_key_l").join(right, "right_record_key = record_key_r")
    return sides.project(f"{', '.join(pairs.columns)}, round({_weight(model)}, 9) as match_weight")


def _weight(model: MatchModel) -> str:
    """SQL for the prior and, of each comparison, the weight of the first level whose condition holds, added up."""
    odds = model.settings["probability_two_random_records_match"]
    cases = []
    for comparison in model.settings["comparisons"]:
        branches = []
        for level in comparison["comparison_levels"]:
            known = not level.get("is_null_level")
            weight = math.log2(level["m_probability"] / level["u_probability"]) if known else 0.0
            condition = level["sql_condition"]
            branches.append(f"{'else' if condition == 'else' else f'when {condition} then'} {_double(weight)}")
        cases.append(f"case {' '.join(branches)} end")
    return " + ".join([_double(math.log2(odds / (1 - odds))), *cases])


def _double(number: float) -> str:
    return f"cast({number!r} as double)"


def linker_of(con: duckdb.DuckDBPyConnection, features: pa.Table, settings: dict[str, Any]) -> Any:
    """Splink's linker over these records in this database."""
    from splink import DuckDBAPI, Linker

    con.register("given_features", features.select(FEATURES.names))
    con.execute("create table features as select * from given_features")
    con.unregister("given_features")
    linker = Linker(DuckDBAPI(connection=con).register("features"), settings)
    # Splink tells of every step, and sets its own level when a linker is made.
    logging.getLogger("splink").setLevel(logging.ERROR)
    return linker


def score_pairs(
    features: duckdb.DuckDBPyRelation,
    pairs: duckdb.DuckDBPyRelation,
    models: pa.Table,
    before: duckdb.DuckDBPyRelation | None = None,
) -> pa.Table:
    """The match weights of pairs of both parties, each under its own model, unless they are known.

    Args:
        features: columns of ``FEATURES``, the records of both parties; read only as far as pairs need them.
        pairs: columns of ``PAIRS``, ``party`` and ``pair_hash``, every pair once.
        models: columns ``party`` and ``model``, the text of the party's model.
        before: weights that are known, schema ``SCORED_PAIRS``; they count where pair hash and model are the same.

    Returns:
        Schema ``SCORED_PAIRS``, every pair once whose party has a model and whose weight is not known.
    """
    scored = [SCORED_PAIRS.empty_table()]
    for row in models.to_pylist():
        model = parse_model(row["party"], row["model"])
        new = pairs.filter(f"party = '{model.party}'").project(f"{_KEYS}, pair_hash")
        if before is not None:
            valid = before.filter(f"model_hash = '{model.digest}'").set_alias("valid")
            new = new.set_alias("new").join(valid, _SAME, how="anti")
        found = _weighed(features, new, model).to_arrow_table()
        scored.append(found.append_column("model_hash", pa.repeat(model.digest, found.num_rows)))
    return pa.concat_tables([table.select(SCORED_PAIRS.names).cast(SCORED_PAIRS) for table in scored])


_KEYS = ", ".join(PAIRS.names)
_SAME = " and ".join(f"new.{name} = valid.{name}" for name in (*PAIRS.names, "pair_hash"))
