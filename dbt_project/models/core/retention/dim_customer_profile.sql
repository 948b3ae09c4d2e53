-- Grain: profile_number, a combination of segments that occurs.
select distinct
    profile_number,
    {{ steady_segment_types() | join(',\n    ') }}
from {{ ref('fct_first_purchase') }}
