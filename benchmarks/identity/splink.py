"""Splink alone, in a process of its own: `python -m benchmarks.identity.splink KEYS TRUTH OUT`.

Reads the keys of benchmarks/identity/keys.py, trains, predicts and clusters, tries a grid of thresholds against the
truth and keeps the best, which a user without truth could not do. Prints one line of JSON.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.identity.score import score_arrays
from customer_models.identity.graph import components

WEIGHTS = (-2, 0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 28)
"""Match weights (log2) that clusters are made at."""
FIRST = 10.0
"""The weight at which clustering is timed."""


def settings() -> Any:
    """Comparisons and blocking rules as a user who knows the data would write them."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    name = cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("name_key_l is null or name_key_r is null").configure(is_null_level=True),
            cll.ExactMatchLevel("name_key", term_frequency_adjustments=True),
            cll.ExactMatchLevel("name_pinyin", term_frequency_adjustments=True),
            cll.CustomLevel("(is_partial_l or is_partial_r) and surname_pinyin_l = surname_pinyin_r"),
            cll.LevenshteinLevel("name_pinyin", 1),
            cll.ElseLevel(),
        ],
    )
    phone = cl.CustomComparison(
        output_column_name="phone",
        comparison_levels=[
            cll.NullLevel("phone"),
            cll.ExactMatchLevel("phone", term_frequency_adjustments=True),
            cll.DamerauLevenshteinLevel("phone", 1),
            cll.ElseLevel(),
        ],
    )
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.CustomLevel("address_key_l is null and place_l is null or address_key_r is null and place_r is null")
            .configure(is_null_level=True),
            cll.ExactMatchLevel("address_key"),
            cll.ExactMatchLevel("place"),
            cll.ExactMatchLevel("city"),
            cll.ElseLevel(),
        ],
    )  # fmt: skip
    email = cl.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            cll.NullLevel("email_key"),
            cll.ExactMatchLevel("email_key"),
            cll.CustomLevel("split_part(email_key_l, '@', 1) = split_part(email_key_r, '@', 1)"),
            cll.ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        comparisons=[name, phone, email, cl.ExactMatch("openid_key"), address, cl.ExactMatch("birth_key")],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("email_key"),
            block_on("openid_key"),
            block_on("address_key", "surname_pinyin"),
            block_on("name_pinyin", "birth_key"),
            block_on("name_pinyin", "substr(phone, 1, 7)"),
            block_on("name_pinyin", "substr(phone, 8, 4)"),
            block_on("name_pinyin", "place"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def main(keys: Path, truth: Path, out: Path) -> None:
    """Writes the best clusters (``record_key, cluster``) to ``out`` and prints what they cost."""
    from splink import Linker, block_on
    from splink.internals.duckdb.database_api import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect(config={"threads": 2})
    con.execute(f"""
        create table records as
        select
            row_number() over (order by record_key) - 1 as number, record_key, name_key, surname_pinyin, name_pinyin,
            is_partial, coalesce(phone_key, phone_typed) as phone, email_key, openid_key, birth_key, address_key,
            nullif(city_key, '') || district_key as place, nullif(city_key, '') as city
        from '{keys}'
    """)
    api = DuckDBAPI(con)
    linker = Linker(api.register("records"), settings(), log_level="ERROR")
    started = time.monotonic()
    linker.training.estimate_probability_two_random_records_match(
        [block_on("phone", "name_pinyin"), block_on("email_key"), block_on("openid_key")], recall=0.85
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("phone"), block_on("name_pinyin", "place")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    trained = time.monotonic()
    predicted = linker.inference.predict(threshold_match_weight=WEIGHTS[0])
    scored = time.monotonic()
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_weight=FIRST)
    clustered = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    pairs = con.sql(f"select number_l, number_r, match_weight from {predicted.physical_name}").to_arrow_table()
    left, right, weight = (pairs[name].to_numpy() for name in pairs.column_names)
    con.execute(f"create view truth as from '{truth}'")
    true = con.sql("select true_id from records inner join truth using (record_key) order by number")
    _, person = np.unique(true.to_arrow_table()["true_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    best, best_weight, best_clusters = -1.0, 0.0, np.zeros(0, dtype=np.int64)
    grid = {}
    for threshold in WEIGHTS:
        kept = weight >= threshold
        clusters = components(len(person), left[kept], right[kept])
        score = score_arrays(person, clusters)
        grid[threshold] = [score.precision, score.recall, score.f1]
        if (score.f1 or 0.0) > best:
            best, best_weight, best_clusters = score.f1 or 0.0, float(threshold), clusters
    keys_in_order = con.sql("select record_key from records order by number").to_arrow_table()["record_key"]
    pq.write_table(pa.table({"record_key": keys_in_order, "cluster": best_clusters}), out)
    result = {
        "train_seconds": trained - started, "predict_seconds": scored - trained, "cluster_seconds": clustered - scored,
        "peak_memory_mib": peak, "pairs": len(left), "best_weight": best_weight, "grid": grid,
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
