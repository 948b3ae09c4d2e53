"""The day after: one percent of the records are new or have changed."""

from pathlib import Path

import duckdb

from samples.people import generate

SHARE = 0.01
"""Of records that are new or changed: three tenths changed, the new ones by half of people who are known already."""


def next_day(customers: Path, folder: Path, seed: int) -> Path:
    """Writes the customers of the next day below ``folder``; rows stay as they were unless they changed."""
    out = folder / "next_day.parquet"
    with duckdb.connect(config={"threads": 2}) as con:
        (count,) = con.execute(f"select count(*) from '{customers}'").fetchall()[0]
        changed, again = round(count * SHARE * 0.3), round(count * SHARE * 0.35)
        fresh, _ = generate(folder / "newcomers", max(again, 10), seed + 1_000)
        con.execute(f"""
            copy (
                with numbered as (
                    select *, row_number() over (order by md5(customer_id)) as number
                    from '{customers}'
                ),
                moved as (
                    select here.* replace (
                        elsewhere.province as province, elsewhere.city as city, elsewhere.district as district,
                        elsewhere.address as address, here.modified_at + interval 400 day as modified_at
                    )
                    from numbered as here
                    inner join numbered as elsewhere on elsewhere.number = here.number + {changed + again}
                    where here.number <= {changed}
                ),
                entered_again as (
                    select * replace (
                        'N' || substr(customer_id, 2) as customer_id, '86-' || phone as phone,
                        cast(null as varchar) as email, created_at + interval 400 day as created_at,
                        modified_at + interval 400 day as modified_at
                    )
                    from numbered
                    where number > {changed} and number <= {changed + again}
                )
                select * exclude (number) from numbered where number > {changed}
                union all
                select * exclude (number) from moved
                union all
                select * exclude (number) from entered_again
                union all
                select * replace ('F' || substr(customer_id, 2) as customer_id) from '{fresh}'
                order by customer_id
            ) to '{out}'
        """)
    return out


def differing(left: Path, right: Path) -> tuple[int, int]:
    """Records that two crosswalks put together with other records, and records that they give another id."""
    with duckdb.connect(config={"threads": 2}) as con:
        return tuple(
            con.execute(f"""
                with l as (select *, min(record_key) over (partition by customer_id) as cluster from '{left}'),
                r as (select *, min(record_key) over (partition by customer_id) as cluster from '{right}'),
                sizes as (
                    select
                        record_key, l.cluster as l_cluster, r.cluster as r_cluster, l.customer_id as l_id,
                        r.customer_id as r_id, count(*) over (partition by l.cluster) as l_size,
                        count(*) over (partition by r.cluster) as r_size
                    from l full join r using (record_key)
                )
                select
                    count(*) filter (l_cluster is distinct from r_cluster or l_size <> r_size),
                    count(*) filter (l_id is distinct from r_id)
                from sizes
            """).fetchall()[0]
        )  # type: ignore[return-value]
