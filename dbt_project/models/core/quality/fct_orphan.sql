-- Grain: source × entity (cases, feedback) with a record of a customer whom no source knows, or of none.
-- Marts speak of customers and have none of them: reconciliation counts them, or they would vanish in silence. What
-- erased people left is not counted. Orphans of orders and lines are in fct_order_reconciliation.
{% set facts = {'cases': 'fct_case', 'feedback': 'fct_feedback'} -%}
{%- for entity, fact in facts.items() %}
select
    facts.source,
    cast('{{ entity }}' as varchar) as entity,
    cast(count(*) as bigint) as orphan_count
from {{ ref(fact) }} as facts
left join {{ ref('id_crosswalk') }} as crosswalk on facts.record_key = crosswalk.record_key
where crosswalk.record_key is null and coalesce(facts.record_key, '') <> facts.source || ':' || {{ erased_customer() }}
group by facts.source
{{- '\n\nunion all\n' if not loop.last }}
{%- endfor %}
