-- Months of a customer in which channels or directions add up to more than there was, in which more was answered than
-- asked, or in which nothing passed at all.
select
    customer_id,
    month_start
from {{ ref('mart_engagement') }}
where
    inbound_count + outbound_count > interaction_count
    or online_count + offline_count > interaction_count
    {%- for direction in ['inbound', 'outbound'] %}
    or call_{{ direction }}_count + visit_{{ direction }}_count + message_{{ direction }}_count
    + email_{{ direction }}_count + event_{{ direction }}_count + social_{{ direction }}_count > {{ direction }}_count
    {%- endfor %}
    or replied_count > outbound_count
    or responded_count > invited_count
    or interaction_count + invited_count + mention_count = 0
