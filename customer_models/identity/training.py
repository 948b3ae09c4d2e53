"""Training of the matching models: rarely, by command, never in a daily run."""

import json
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from customer_models.identity.comparison import Party, comparisons
from customer_models.identity.scoring import FORMAT, linker_of

MINIMUM_RECORDS = 500
SEED = 1
SAMPLED_PAIRS = 2_000_000
DETERMINISTIC = {
    "person": ("l.openid_key = r.openid_key", "l.mobile_key = r.mobile_key and l.name_key = r.name_key"),
    "organisation": ("l.uscc_key = r.uscc_key", "l.phone_key = r.phone_key and l.name_key = r.name_key"),
}
"""Rules that hardly ever err: with them the share of matching pairs is estimated."""
BLOCKS = {
    "person": ("mobile_key", "name_pinyin", "openid_key", "email_key"),
    "organisation": ("phone_key", "name_pinyin", "uscc_key"),
}
"""Expectation maximisation runs once within each of these; a comparison is estimated where it is not the block."""
RARE_M, RARE_U = 1e-3, 1e-6
"""Of a level that training did not see: one match in a thousand, one pair of strangers in a million."""


class TooFew(Exception):
    """There are too few records to train on."""


def train(features: pa.Table, party: Party, trained_on: date, charts: Path | None = None, threads: int = 2) -> str:
    """A model of these records, as the text of its file.

    The share of matching pairs comes from deterministic rules with an assumed recall of 0.6, u from random pairs, m
    from expectation maximisation (Winkler, "Using the EM algorithm for weight computation", 1988), all seeded.

    Args:
        features: columns of ``comparison.FEATURES``, the records of one party.
        party: whose model it is.
        trained_on: the date to write into the file.
        charts: a folder for charts of the weights, as pages that need no network.
        threads: DuckDB's threads.

    Raises:
        TooFew: fewer than ``MINIMUM_RECORDS`` records.
    """
    if features.num_rows < MINIMUM_RECORDS:
        raise TooFew(f"{features.num_rows} records of the party {party}: training needs {MINIMUM_RECORDS} or more")
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "sql_dialect": "duckdb",
        "comparisons": comparisons(party),
        "blocking_rules_to_generate_predictions": [],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": "false"}) as con:
        linker = linker_of(con, features.sort_by("record_key"), settings)
        linker.training.estimate_probability_two_random_records_match(list(DETERMINISTIC[party]), recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
        for column in BLOCKS[party]:
            linker.training.estimate_parameters_using_expectation_maximisation(f"l.{column} = r.{column}")
        if charts is not None:
            charts.mkdir(parents=True, exist_ok=True)
            for name in ("match_weights_chart", "m_u_parameters_chart"):
                chart = getattr(linker.visualisations, name)()
                (charts / f"{party}_{name}.html").write_text(chart.to_html(inline=True), encoding="utf-8")
        learned = _completed(linker.misc.save_model_to_json())
    said = {
        "format": FORMAT,
        "party": party,
        "splink": version("splink"),
        "trained_on": trained_on.isoformat(),
        "record_count": features.num_rows,
        "settings": learned,
    }
    return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _completed(settings: dict[str, Any]) -> dict[str, Any]:
    """Splink leaves out what it never saw: such a level is rare, and agrees no less than the next weaker one."""
    for comparison in settings["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        unseen = [not level.get("m_probability") or not level.get("u_probability") for level in levels]
        for name, rare in (("m_probability", RARE_M), ("u_probability", RARE_U)):
            for level in levels[:-1]:
                level[name] = max(level.get(name) or 0.0, rare)
            left = max(1.0 - sum(level[name] for level in levels[:-1]), rare)
            levels[-1][name] = max(levels[-1].get(name) or left, rare)
        for number in reversed(range(len(levels) - 1)):
            level, weaker = levels[number], levels[number + 1]
            if unseen[number]:
                most = level["m_probability"] * weaker["u_probability"] / weaker["m_probability"]
                level["u_probability"] = min(level["u_probability"], most)
    return settings
