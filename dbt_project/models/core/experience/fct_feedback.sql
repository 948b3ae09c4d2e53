-- Grain: survey sent or review written by as_of_date, without its text.
-- A survey belongs to the day on which it was sent (asked_on), whenever it is answered, so that answers stand beside
-- the questions they belong to; a review to the day it was written. A score outside the scale of its kind is no answer,
-- nor is one given on a day before the question. A customer is reached through record_key and the crosswalk only.
with feedback as (
    select
        feedback.*,
        coalesce(feedback.kind, 'unknown') as known_kind,
        {{ business_date('coalesce(feedback.sent_at, feedback.answered_at)') }} as asked_on,
        {{ known_by('coalesce(feedback.answered_at, feedback.sent_at)', 'run.as_of_date') }} as known_answered_at
    from {{ union_sources('feedback') }} as feedback
    inner join {{ ref('dim_run') }} as run
        on {{ business_date('coalesce(feedback.sent_at, feedback.answered_at)') }} <= run.as_of_date
    where not feedback.is_deleted
),

dated as (
    select
        *,
        coalesce({{ business_date('known_answered_at') }} >= asked_on, false) as is_given
    from feedback
),

judged as (
    select
        *,
        case known_kind
            {%- for kind, scale in feedback_scales().items() %}
            when '{{ kind }}' then score between {{ scale[0] }} and {{ scale[1] }}
            {%- endfor %}
            else false
        end as is_in_scale
    from dated
)

select
    source || ':' || feedback_id as feedback_key,
    source,
    source || ':' || customer_id as record_key,
    known_kind as kind,
    asked_on,
    cast(sent_at as timestamp) as sent_at,
    case when is_in_scale and is_given then cast(known_answered_at as timestamp) end as answered_at,
    case when is_in_scale and is_given then cast(score as decimal(9, 2)) end as score,
    coalesce(is_in_scale and is_given, false) as is_answered,
    coalesce(
        is_in_scale
        and is_given
        and sent_at is not null
        and {{ business_date('known_answered_at') }} <= {{ add_days('asked_on', response_window_days()) }},
        false
    ) as is_answered_in_window,
    score is not null and is_given and not is_in_scale as is_out_of_scale
from judged
