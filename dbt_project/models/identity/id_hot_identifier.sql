-- Grain: identifier that more names share than one customer can have.
-- A salesman's phone on thirty shops, the number of the till, a default e-mail: whoever holds it is found otherwise.
select
    identifier_type,
    identifier,
    name_count,
    record_count
from {{ ref('id_hot_change') }}
where is_hot
