{% macro forget_changed_orders() -%}
    {#- Takes the changed orders out of an incremental fact before they are appended anew: also those that are gone. -#}
    {%- if is_incremental() -%}
        delete from {{ this }} where order_key in (select order_key from {{ ref('fct_order_change') }})
    {%- endif -%}
{%- endmacro %}

{% macro only_changed_orders(order_key) -%}
    {#- True for the orders that an incremental fact must restate; for every order when it is built from nothing. -#}
    {%- if is_incremental() -%}
        {{ order_key }} in (select order_key from {{ ref('fct_order_change') }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro forget_changed(key, changes) -%}
    {#- Takes out of an incremental table the rows whose key a list of changes names, before they are appended anew. -#}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ key }} in (select {{ key }} from {{ ref(changes) }})
    {%- endif -%}
{%- endmacro %}

{% macro only_changed(value, key, changes) -%}
    {#- True where a value is among the keys of a list of changes; always when the table is built from nothing. -#}
    {%- if is_incremental() -%}
        {{ value }} in (select {{ key }} from {{ ref(changes) }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro continued(name) -%}
    {#- A table as the run before left it, for a list of changes that comes before it; none when all is built anew. -#}
    {%- set before = load_relation(this.incorporate(path={'identifier': name})) if execute else none -%}
    {{- return(none if flags.FULL_REFRESH else before) -}}
{%- endmacro %}

{% macro forget_changed_pairs() -%}
    {#- Takes out pairs with a record that has changed, and those of two records that hold changed keys. -#}
    {%- if is_incremental() -%}
        {%- set changed = '(select record_key from ' ~ ref('id_feature_change') ~ ')' -%}
        delete from {{ this }}
        where
            left_record_key in {{ changed }}
            or right_record_key in {{ changed }}
            or ({{ only_of_changed_keys('left_record_key') }} and {{ only_of_changed_keys('right_record_key') }})
    {%- endif -%}
{%- endmacro %}

{% macro only_of_changed_keys(record_key) -%}
    {#- True for records that hold one of the keys of id_key_change; for every record when pairs are built from nothing. -#}
    {%- if is_incremental() -%}
        {{ record_key }} in (
            select keys.record_key
            from {{ ref('id_key') }} as keys
            where keys.key_hash in (select changes.key_hash from {{ ref('id_key_change') }} as changes)
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro forget_scores_of_other_pairs() -%}
    {#- Takes out weights whose pair is gone, has other features now, or is weighed by another model. -#}
    {%- if is_incremental() -%}
        delete from {{ this }} as scores
        where not exists (
            select 1
            from {{ ref('id_pair') }} as pairs
            inner join {{ ref('stg_ledger__match_models') }} as models on pairs.party = models.party
            where
                pairs.left_record_key = scores.left_record_key
                and pairs.right_record_key = scores.right_record_key
                and pairs.pair_hash = scores.pair_hash
                and models.model_hash = scores.model_hash
        )
    {%- endif -%}
{%- endmacro %}
