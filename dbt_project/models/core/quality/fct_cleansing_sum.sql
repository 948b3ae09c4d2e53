-- Grain: basis (record or customer) × group of customers.
-- The last 365 days as they look when every source record is a customer, and when merged customers are, as sums from
-- which any share of both can be made. Of surveys each id has one voice, its newest answer, or merging could change
-- nothing; a complaint counts for ids that bought. A lead that became nobody's customer is an id of its own.
{%- set since = add_days('run.as_of_date', -365) %}
{%- set year_before = add_days('run.as_of_date', -730) %}
{%- set bought = 'days.purchase_on > ' ~ since %}
with ids as (
    select * from {{ ref('fct_cleansing_id') }}
),

orders as (
    select orders.order_key, orders.record_key, orders.ordered_on, orders.net_amount, {{ since }} as since
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('dim_run') }} as run on orders.ordered_on <= run.as_of_date
    inner join ids on orders.record_key = ids.record_key and ids.basis = 'record'
    where orders.is_valid
),

days as (
    select 'customer' as basis, customer_id as counted_id, purchase_on, order_count, net_amount
    from {{ ref('fct_purchase_day') }}
    union all
    select 'record' as basis, record_key as counted_id, ordered_on as purchase_on, count(*), sum(net_amount)
    from orders
    group by record_key, ordered_on
),

buyers as (
    select
        days.basis,
        days.counted_id,
        max(case when not {{ bought }} and days.purchase_on > {{ year_before }} then 1 else 0 end) as was_active,
        sum(case when {{ bought }} then 1 else 0 end) as day_count,
        min(case when {{ bought }} then days.purchase_on end) as first_on,
        max(case when {{ bought }} then days.purchase_on end) as last_on,
        sum(case when {{ bought }} then days.order_count else 0 end) as order_count,
        sum(case when {{ bought }} then days.net_amount else 0 end) as net_amount,
        max(service.case_count) as case_count
    from days
    cross join {{ ref('dim_run') }} as run
    cross join (select count(*) as case_count from {{ ref('fct_case') }}) as service
    group by days.basis, days.counted_id
),

categories as (
    select distinct orders.record_key, products.category_1
    from {{ ref('fct_order_line') }} as lines
    inner join orders on lines.order_key = orders.order_key and orders.ordered_on > orders.since
    inner join {{ ref('dim_product') }} as products on lines.product_id = products.product_id
    where not lines.is_return and products.category_1 is not null
),

assortments as (
    select ids.basis, ids.counted_id, count(distinct categories.category_1) as category_count
    from categories
    inner join ids on categories.record_key = ids.record_key
    group by ids.basis, ids.counted_id
),

complainers as (
    select distinct ids.basis, ids.counted_id
    from {{ ref('fct_case') }} as cases
    inner join {{ ref('dim_run') }} as run on cases.opened_on > {{ since }}
    inner join ids on cases.record_key = ids.record_key
    inner join buyers on ids.basis = buyers.basis and ids.counted_id = buyers.counted_id and buyers.day_count > 0
    where cases.case_type = 'complaint'
),

answers as (
    select ids.basis, ids.counted_id, feedback.kind, feedback.score, row_number() over (
        partition by ids.basis, ids.counted_id, feedback.kind
        order by feedback.asked_on desc nulls last, feedback.answered_at desc nulls last, feedback.feedback_key nulls last
    ) as age
    from {{ ref('fct_feedback') }} as feedback
    inner join {{ ref('dim_run') }} as run on feedback.asked_on > {{ since }}
    inner join ids on feedback.record_key = ids.record_key
    where feedback.is_answered and feedback.kind in ('nps', 'csat')
),

leads as (
    select
        bases.basis,
        coalesce(ids.counted_id, leads.lead_key) as counted_id,
        max(case when leads.is_converted then 1 else 0 end) as is_converted
    from {{ ref('fct_lead') }} as leads
    inner join {{ ref('dim_run') }} as run on leads.first_contact_on > {{ since }}
    cross join (values ('record'), ('customer')) as bases (basis)
    left join ids on leads.record_key = ids.record_key and bases.basis = ids.basis
    where leads.has_had_window
    group by bases.basis, coalesce(ids.counted_id, leads.lead_key)
),

measured as (
    {%- for part, measures in cleansing_measures().items() %}
    select
        basis,
        counted_id
        {%- for name in cleansing_sums() %},
        {{ measures.get(name, 0) }} as {{ name }}
        {%- endfor %}
    from {{ part }}{{ ' where age = 1' if part == 'answers' }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    measured.basis,
    coalesce(ids.customer_group, {{ bootstrap_group('measured.counted_id') }}) as customer_group
    {%- for name in cleansing_sums() %},
    cast(sum(measured.{{ name }}) as decimal(38, 2)) as {{ name }}
    {%- endfor %}
from measured
left join (select distinct basis, counted_id, customer_group from ids) as ids
    on measured.basis = ids.basis and measured.counted_id = ids.counted_id
group by measured.basis, coalesce(ids.customer_group, {{ bootstrap_group('measured.counted_id') }})
