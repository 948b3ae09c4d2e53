{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_changed('record_key', 'id_feature_change') }}"
) }}
-- Grain: source record. What records are compared by: the standardised columns, without identifiers that many share.
-- The hash stands for everything that a score depends on: where it is the same, yesterday's score is today's.
-- depends_on: {{ ref('id_feature_change') }}
with hot as (
    select identifier_type, identifier from {{ ref('id_hot_identifier') }}
),

records as (
    select
        records.record_key,
        case when {{ is_organisation('records') }} then 'organisation' else 'person' end as party,
        {%- for identifier in shared_identifiers() %}
        case when hot_{{ identifier }}.identifier is null then records.{{ identifier }} end as {{ identifier }},
        {%- endfor %}
        {%- for feature in match_features() %}
        {{ compared(feature, 'records') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_record') }} as records
    {%- for identifier in shared_identifiers() %}
    left join hot as hot_{{ identifier }}
        on hot_{{ identifier }}.identifier_type = '{{ identifier }}'
        and records.{{ identifier }} = hot_{{ identifier }}.identifier
    {%- endfor %}
    where {{ only_changed('records.record_key', 'record_key', 'id_feature_change') }}
)

select
    record_key,
    cast(party as varchar) as party,
    {%- for column in shared_identifiers() + match_features() %}
    {{ column }},
    {%- endfor %}
    {{ row_hash(['party'] + shared_identifiers() + match_features()) }} as feature_hash
from records
