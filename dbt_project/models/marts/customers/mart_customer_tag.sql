-- Grain: customer × tag.
-- Every tag that one of a customer's records carries, also those of records whose tags did not survive. A text with a
-- long number or an @ is somebody's phone or address, not a tag, and stays out. Coverage is that of the kind.
{% set text = regexp_replace_all(fold_width('tags'), '[;,、|]', ';') %}
{%- set share = ['count(*) over (partition by customers.kind, tags.tag)', 'customers.customer_count'] %}
with words as (
    select
        customer_id,
        record_key,
        source,
        {{ each_item(split_text(text, ';')) }} as word
    from {{ ref('id_attribute') }}
    where tags is not null
),

tags as (
    select
        customer_id,
        {{ strip_blanks('word') }} as tag,
        count(distinct record_key) as record_count,
        count(distinct source) as source_count
    from words
    where {{ strip_blanks('word') }} <> '' and not {{ regexp_matches('word', '[0-9]{7,}|@') }}
    group by customer_id, {{ strip_blanks('word') }}
),

customers as (
    select
        customer_id,
        kind,
        count(*) over (partition by kind) as customer_count
    from {{ ref('id_survivor') }}
    where not is_deleted
)

select
    cast(tags.customer_id as varchar) as customer_id,
    cast(tags.tag as varchar) as tag,
    cast(customers.kind as varchar) as kind,
    cast(tags.record_count as bigint) as record_count,
    cast(tags.source_count as bigint) as source_count,
    cast({{ share[0] }} as bigint) as tag_customer_count,
    cast(customers.customer_count as bigint) as customer_count,
    cast({{ rate(*share) }} as double) as coverage_rate,
    cast({{ wilson_lower(*share) }} as double) as coverage_rate_lower,
    cast({{ wilson_upper(*share) }} as double) as coverage_rate_upper
from tags
inner join customers on tags.customer_id = customers.customer_id
