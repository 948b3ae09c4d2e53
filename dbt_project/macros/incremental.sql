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
