"""The eleven lines that a person reads after a run: the business in figures, from the published file."""

from pathlib import Path

import duckdb


def summary(marts_file: Path, currency: str) -> list[str]:
    """Eleven lines of figures of a published ``marts.duckdb``; what has no data yet says so."""
    with duckdb.connect(str(marts_file), read_only=True) as con:
        as_of = _row(con, "select as_of_date from marts.run")[0]
        customers, buyers = _row(con, "select count(*), count(first_order_on) from marts.dim_customer")
        orders, net, margin = _row(
            con, "select sum(order_count), sum(net_amount), sum(margin_amount) from marts.mart_customer_purchase"
        )
        merge = _row(
            con,
            """select sum(record_count), sum(customer_count) from marts.mart_merge_effect
               where as_of_date = (select as_of_date from marts.run)""",
        )
        month = _row(
            con,
            """select period_start, active_end, new_customers, reactivated_customers, lapsed_customers, retention_rate,
                      churn_rate, repeat_purchase_rate
               from marts.mart_retention_period
               where period_grain = 'month' and segment_type = 'all' and not is_partial
               order by period_start desc limit 1""",
        )
        best = _row(
            con,
            """select rfm_segment_zh, rfm_segment_en, count(*) from marts.mart_customer_rfm
               group by all order by 3 desc, 1 limit 1""",
        )
        champions = _row(
            con,
            """select count(*), sum(monetary_amount) from marts.mart_customer_rfm
               where recency_score = 5 and frequency_score = 5 and monetary_score = 5""",
        )
        clv = _row(
            con,
            """select median(clv_simple) from marts.mart_customer_clv
               where horizon_days = 365 and clv_simple is not null""",
        )
        forecast = _row(
            con,
            """select sum(predicted_amount), count(predicted_amount), count(*),
                      sum(naive_amount) filter (predicted_amount is not null),
                      count(predicted_amount) filter (not is_low_confidence)
               from marts.mart_customer_clv where horizon_days = 90""",
        )
        late = _row(con, "select count(*) filter (is_late), count(*) from marts.mart_freshness")
        absent = con.sql(
            "select source || '.' || object from marts.mart_freshness where last_load_date is null order by 1"
        ).fetchall()
    lines = [
        f"as of {as_of}: {customers:,} customers, {buyers:,} of them have bought",
        f"orders        {_int(orders)} for {_money(net, currency)} net, margin {_money(margin, currency)}",
        f"merging       {_int(merge[0])} records are {_int(merge[1])} customers",
    ]
    if month:
        start, active, new, back, lapsed, retention, churn, repeat = month
        name = f"{start:%Y-%m}"
        lines += [
            f"active        {_int(active)} in {name}: {_int(new)} new, {_int(back)} came back, {_int(lapsed)} lapsed",
            f"retention     {_percent(retention)} of the month before, churn {_percent(churn)}",
            f"repeat        {_percent(repeat)} of buyers came on two or more days in {name}",
        ]
    else:
        lines += ["active        no complete month yet", "retention     no complete month yet", "repeat        -"]
    lines += [
        f"RFM           largest group: {best[0]} / {best[1]} with {_int(best[2])} customers" if best else "RFM -",
        f"best          {_int(champions[0])} customers score 5-5-5, spending {_money(champions[1], currency)}",
        f"lifetime      median simple lifetime value {_money(clv[0], currency)}",
        _forecast(forecast, currency),
        f"freshness     {_int(late[0])} of {_int(late[1])} objects are late"
        + (f"; never received: {', '.join(name for (name,) in absent[:6])}" if absent else "")
        + (f" and {len(absent) - 6} more" if len(absent) > 6 else ""),
    ]
    return lines


def _forecast(row: tuple, currency: str) -> str:  # type: ignore[type-arg]
    amount, forecast_count, customer_count, naive_amount, sure_count = row
    if not forecast_count:
        return "forecast      none yet: no segment has enough customers, days or repeat purchases"
    doubt = "" if sure_count == forecast_count else f", with low confidence for {forecast_count - sure_count:,}"
    return (
        f"forecast      {_money(amount, currency)} within 90 days from {forecast_count:,} of {customer_count:,}"
        f" customers{doubt}; they brought {_money(naive_amount, currency)} in the 90 days before"
    )


def _row(con: duckdb.DuckDBPyConnection, query: str) -> tuple:  # type: ignore[type-arg]
    rows = con.sql(query).fetchall()
    return rows[0] if rows else ()


def _int(value: object) -> str:
    return f"{int(value or 0):,}"  # type: ignore[call-overload]


def _money(value: object, currency: str) -> str:
    return "-" if value is None else f"{currency} {float(value):,.2f}"  # type: ignore[arg-type]


def _percent(value: object) -> str:
    return "-" if value is None else f"{float(value):.1%}"  # type: ignore[arg-type]
