-- Grain: record × exact rule that its identifiers allow.
-- One narrow list of (rule, value) feeds every exact rule. People and organisations never share a group. A value
-- held under many names (a salesman's e-mail on thirty shops) identifies nobody and is left out.
with records as (
    select
        record_key,
        name_key,
        mobile_key,
        email_key,
        uscc_key,
        openid_key,
        case when kind in ('person', 'unknown') then kind else 'organisation' end as party
    from {{ ref('id_record') }}
),

identifiers as (
    select record_key, name_key, 'uscc' as rule, party || ':' || uscc_key as identifier
    from records
    where uscc_key is not null
    union all
    select record_key, name_key, 'openid', party || ':' || openid_key
    from records
    where openid_key is not null
    union all
    select record_key, name_key, 'email', party || ':' || email_key
    from records
    where email_key is not null
    union all
    select record_key, name_key, 'mobile_name', party || ':' || mobile_key || ':' || name_key
    from records
    where mobile_key is not null and name_key is not null
),

shared as (
    select
        rule,
        identifier,
        count(distinct name_key) as name_count
    from identifiers
    group by rule, identifier
    having count(*) > 1
)

select
    identifiers.record_key,
    identifiers.rule,
    identifiers.identifier,
    shared.name_count > {{ var('hot_identifier_names') }} as is_hot
from identifiers
inner join shared on identifiers.rule = shared.rule and identifiers.identifier = shared.identifier
