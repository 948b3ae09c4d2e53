{% macro generate_schema_name(custom_schema_name, node) %}
    {#- Schemas carry the names that readers and documents use, without the profile's prefix. -#}
    {{ return(custom_schema_name if custom_schema_name is not none else target.schema) }}
{% endmacro %}
