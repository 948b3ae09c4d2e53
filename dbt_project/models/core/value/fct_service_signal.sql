-- Grain: customer.
-- What service, surveys, deals, contacts and returns tell of a customer's displeasure; NULL or false where they tell
-- nothing. The newest answer and the newest deal speak, not older ones. Contacts are judged by the customer's own rate
-- of answers, once each has had the days in which an answer counts. Thresholds stand in churn_rules().
{%- set rules = churn_rules() %}
with run as (
    select as_of_date, {{ month_index(add_days('as_of_date', 1 - response_window_days())) }} - 1 as last_month
    from {{ ref('dim_run') }}
),

complaints as (
    select
        crosswalk.customer_id,
        count(*) as open_complaint_count,
        max({{ date_diff_days('cases.opened_on', 'run.as_of_date') }}) as open_complaint_days
    from {{ ref('fct_case') }} as cases
    inner join run on cases.opened_on > {{ add_days('run.as_of_date', -rules['service_days']) }}
    inner join {{ ref('id_crosswalk') }} as crosswalk on cases.record_key = crosswalk.record_key
    where cases.case_type = 'complaint' and cases.closed_at is null
    group by crosswalk.customer_id
),

answers as (
    select
        crosswalk.customer_id,
        feedback.kind,
        feedback.score,
        case feedback.kind
            {%- for kind, scale in feedback_scales().items() %}
            when '{{ kind }}' then {{ scale[1] }}
            {%- endfor %}
        end as highest_score,
        case feedback.kind
            {%- for kind, score in rules['low_scores'].items() %}
            when '{{ kind }}' then feedback.score <= {{ score }}
            {%- endfor %}
        end as is_low,
        row_number() over (
            partition by crosswalk.customer_id
            order by feedback.answered_at desc nulls last, feedback.feedback_key desc nulls last
        ) = 1 as is_newest
    from {{ ref('fct_feedback') }} as feedback
    inner join run
        on {{ business_date('feedback.answered_at') }} > {{ add_days('run.as_of_date', -rules['service_days']) }}
    inner join {{ ref('id_crosswalk') }} as crosswalk on feedback.record_key = crosswalk.record_key
    where feedback.score is not null
),

returns as (
    select crosswalk.customer_id, count(distinct orders.order_key) as return_count
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('fct_order') }} as orders
        on coalesce(lines.original_order_key, lines.order_key) = orders.order_key
    inner join run
        on orders.ordered_on > {{ add_days('run.as_of_date', -rules['recent_days']) }}
        and orders.ordered_on <= run.as_of_date
    inner join {{ ref('id_crosswalk') }} as crosswalk on orders.record_key = crosswalk.record_key
    where lines.is_return and coalesce(orders.invalid_reason, '') not in ('deleted', 'cancelled')
    group by crosswalk.customer_id
),

deals as (
    select
        crosswalk.customer_id,
        max(case when deals.outcome = 'lost' then deals.closed_on end) as lost_on,
        max(case when deals.outcome = 'won' then deals.closed_on end) as won_on
    from {{ ref('fct_opportunity') }} as deals
    inner join {{ ref('id_crosswalk') }} as crosswalk on deals.record_key = crosswalk.record_key
    group by crosswalk.customer_id
),

contacts as (
    select
        months.customer_id,
        {%- for name, sums in {'contact': 'months.outbound_count + months.invited_count',
            'answer': 'months.replied_count + months.responded_count'}.items() %}
        {%- set is_recent = month_index('months.month_start') ~ ' > run.last_month - ' ~ rules['recent_months'] %}
        sum(case when {{ is_recent }} then {{ sums }} else 0 end) as recent_{{ name }}_count,
        sum(case when {{ is_recent }} then 0 else {{ sums }} end) as earlier_{{ name }}_count
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_engagement') }} as months
    inner join run
        on {{ month_index('months.month_start') }} between
        run.last_month - {{ rules['recent_months'] + rules['earlier_months'] - 1 }} and run.last_month
    group by months.customer_id
)

select
    customers.customer_id,
    cast(coalesce(complaints.open_complaint_count, 0) as bigint) as open_complaint_count,
    cast(complaints.open_complaint_days as bigint) as open_complaint_days,
    answers.kind as low_score_kind,
    cast(round(answers.score) as integer) as low_score,
    cast(answers.highest_score as integer) as highest_score,
    cast(coalesce(returns.return_count, 0) as bigint) as return_count_90,
    cast(
        case
            when deals.won_on >= deals.lost_on then null
            when deals.lost_on > {{ add_days('run.as_of_date', -rules['recent_days']) }}
                then {{ date_diff_days('deals.lost_on', 'run.as_of_date') }}
        end as bigint
    ) as lost_deal_days,
    cast(coalesce(contacts.recent_contact_count, 0) as bigint) as recent_contact_count,
    cast(coalesce(contacts.earlier_contact_count, 0) as bigint) as earlier_contact_count,
    cast(coalesce(contacts.earlier_answer_count, 0) as bigint) as earlier_answer_count,
    coalesce(
        contacts.recent_answer_count = 0
        and contacts.earlier_answer_count > 0
        and contacts.recent_contact_count * contacts.earlier_answer_count
        >= {{ rules['least_answers'] }} * contacts.earlier_contact_count,
        false
    ) as has_stopped_answering
from {{ ref('dim_customer') }} as customers
cross join run
left join complaints on customers.customer_id = complaints.customer_id
left join answers on customers.customer_id = answers.customer_id and answers.is_newest and answers.is_low
left join returns on customers.customer_id = returns.customer_id
left join deals on customers.customer_id = deals.customer_id
left join contacts on customers.customer_id = contacts.customer_id
