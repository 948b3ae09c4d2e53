"""``liucun review --sample``: pairs drawn at random from bands of scores, to be labelled.

Drawn pairs are shown without their scores: whoever labels them is to judge the records, not to agree with the model.
"""

from collections.abc import Collection, Mapping

import duckdb
import pyarrow as pa

from orchestration.folders import Folders
from orchestration.stewards import labels
from orchestration.stewards.labels import BANDS, Band, Label
from orchestration.stewards.reading import Pair, Record, private_warehouse, records_of
from orchestration.stewards.show import View, spaced

# A pair's place in its band depends on its keys and the seed alone: drawn again, a sample grows and does not change.
_BANDED = """
    create temp table banded as
    select
        pairs.left_record_key,
        pairs.right_record_key,
        coalesce(scores.match_weight, pairs.exact_weight) as weight,
        case
            when pairs.exact_rule is not null then 'exact'
            when edges.verdict = 'same' then 'auto'
            when edges.verdict = 'review' then 'review'
            else 'below'
        end as band
    from identity.id_pair as pairs
    left join identity.id_score as scores using (left_record_key, right_record_key)
    left join identity.id_edge as edges
        on pairs.left_record_key = edges.left_record_key
        and pairs.right_record_key = edges.right_record_key
        and edges.rule = 'model'
"""
_DRAWN = """
    select left_record_key, right_record_key, weight
    from banded
    anti join drawn_before using (left_record_key, right_record_key)
    where band = $band
    order by md5($seed || ' ' || left_record_key || ' ' || right_record_key), left_record_key, right_record_key
    limit $count
"""


def sample(folders: Folders, count: int, seed: int, view: View) -> list[str]:
    """Draw ``count`` more pairs, as many from each band as far as it has them, and write them down to be labelled.

    Raises:
        BadInput: there is no warehouse yet, or the file of labels cannot be used.
        LockHeld: a run is at work.
    """
    with private_warehouse(folders) as con:
        before = labels.read_labels(folders.overrides)
        drawn = draw(con, count, seed, {label.pair for label in before})
        records = records_of(con, (key for label in drawn for key in label.pair))
        # Still under the lock.
        if drawn:
            labels.write_labels(folders.overrides, [*before, *drawn])
    path = labels.file_of(folders.overrides)
    blocks = [_block(number, label, records, view) for number, label in enumerate(_mixed(drawn), start=1)]
    waiting = sum(label.is_same is None for label in before)
    told = ", ".join(f"{sum(label.band == band for label in drawn)} {band}" for band in BANDS)
    last = f"{len(drawn)} pairs drawn ({told}) into {path}; fill in is_same there (yes or no), or use the commands"
    earlier = f"; {waiting} drawn earlier wait too" if waiting else ""
    return spaced([*blocks, [last + earlier]])


def draw(con: duckdb.DuckDBPyConnection, count: int, seed: int, drawn_before: Collection[Pair]) -> list[Label]:
    """``count`` pairs by bands, without those drawn before; a band's number of pairs counts these too."""
    columns = [pa.array([pair[side] for pair in drawn_before], pa.string()) for side in (0, 1)]
    con.register("drawn_before", pa.table(columns, names=["left_record_key", "right_record_key"]))
    con.execute(_BANDED)
    sizes = dict(con.execute("select band, count(*) from banded group by band").fetchall())
    free = dict(
        con.execute(
            "select band, count(*) from banded anti join drawn_before using (left_record_key, right_record_key) "
            "group by band"
        ).fetchall()
    )
    drawn = []
    for band, share in shares(count, free).items():
        rows = con.execute(_DRAWN, {"band": band, "seed": str(seed), "count": share}).fetchall()
        drawn += [Label(left, right, band, sizes[band], weight) for left, right, weight in rows]
    con.execute("drop table banded")
    con.unregister("drawn_before")
    return drawn


def shares(count: int, free: Mapping[str, int]) -> dict[Band, int]:
    """How many pairs each band gives: as equal as can be, what a small band lacks comes from the others.

    Equal numbers, not equal rates: of the largest band nearly every pair is plain, and a rate would draw little else.
    """
    given: dict[Band, int] = {}
    for place, band in enumerate(sorted(BANDS, key=lambda band: free.get(band, 0))):
        given[band] = min(free.get(band, 0), count // (len(BANDS) - place))
        count -= given[band]
    return given


def _mixed(drawn: list[Label]) -> list[Label]:
    """Not band by band, so that the order does not give the band away: by keys."""
    return sorted(drawn, key=lambda label: label.pair)


def _block(number: int, label: Label, records: Mapping[str, Record], view: View) -> list[str]:
    left, right = (records[key] for key in label.pair)
    return [
        f"{number}",
        *view.side_by_side(left, right, None),
        f"  {view.command('label', left.key, right.key, rest='yes|no')}",
    ]
