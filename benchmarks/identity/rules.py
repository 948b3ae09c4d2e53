"""Exact rules alone: records that share a credit code, an openid, an e-mail address, or a mobile number and a name.

A value held under more than ten names is left out. Names lose case, width, blanks and signs, nothing else.
"""

import duckdb
import pyarrow as pa

from benchmarks.identity.keys import HOT_NAMES, NO_PHONES, fold_width, quoted
from customer_models.identity.graph import components

_NO_NAMES = ("无", "未知", "测试", "匿名", "test", "unknown", "na", "none")
_BLANKS = '[- _.,;:·•・()【】《》、。/&*#@!?+~|"]'


def exact_clusters(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Clusters (``record_key, cluster``) of the view ``customers`` (staging's columns)."""
    con.execute(_IDENTIFIERS)
    pairs = con.sql(
        f"""
        with shared as (
            select rule, identifier, min(number) as centre
            from identifiers
            group by rule, identifier
            having count(*) > 1 and count(distinct name_key) <= {HOT_NAMES}
        )
        select centre, number
        from identifiers
        inner join shared using (rule, identifier)
        where centre <> number
        """
    ).to_arrow_table()
    keys = con.sql("select record_key from numbered order by number").to_arrow_table()["record_key"]
    left, right = (pairs[name].to_numpy() for name in ("centre", "number"))
    return pa.table({"record_key": keys, "cluster": components(len(keys), left, right)})


_IDENTIFIERS = f"""
    create or replace temp table numbered as
    with folded as (
        select
            source || ':' || customer_id as record_key,
            nullif(regexp_replace(lower({fold_width("name")}), '{_BLANKS}', '', 'g'), '') as name_key,
            regexp_replace(regexp_replace({fold_width("phone")}, '[ ()./-]', '', 'g'), '^([+]|00)?86', '') as mobile,
            lower(replace({fold_width("email")}, ' ', '')) as email,
            nullif(trim(wechat_openid), '') as openid_key,
            uscc as uscc_key
        from customers
    )
    select
        row_number() over (order by record_key) - 1 as number,
        record_key,
        case when name_key not in ({quoted(_NO_NAMES)}) then name_key end as name_key,
        case
            when regexp_matches(mobile, '^1[3-9][0-9]{{9}}$') and mobile not in ({quoted(NO_PHONES)}) then mobile
        end as mobile_key,
        case when regexp_matches(email, '^[^@]+@[a-z0-9.-]+[.][a-z]{{2,}}$') then email end as email_key,
        openid_key,
        uscc_key
    from folded;

    create or replace temp table identifiers as
    select number, name_key, 'uscc' as rule, uscc_key as identifier from numbered where uscc_key is not null
    union all
    select number, name_key, 'openid', openid_key from numbered where openid_key is not null
    union all
    select number, name_key, 'email', email_key from numbered where email_key is not null
    union all
    select number, name_key, 'mobile_name', mobile_key || ':' || name_key from numbered
    where mobile_key is not null and name_key is not null
"""
