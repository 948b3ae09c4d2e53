"""What is set: sizes, shares, rates and effects of the company. Every later claim can be measured against these."""

from dataclasses import dataclass
from datetime import date

PERSON, STORE, DISTRIBUTOR = 0, 1, 2
KINDS = ("person", "store", "distributor")
MOODS = ("detractor", "passive", "promoter")


@dataclass(frozen=True)
class Stage:
    """A stage of a sales pipeline."""

    name: str
    advance_probability: float
    """Chance to reach the next stage; of the last stage: to be won."""
    median_days: float
    is_quote: bool = False
    """Whether an offer is made on entering."""


@dataclass(frozen=True)
class Campaign:
    """A campaign of the web shop with a randomised control arm."""

    name: str
    type: str
    starts_on: date
    effect: float
    """Purchase rate of the treated in the weeks of the campaign, over that of the control arm, less one."""
    gives_coupons: bool = False
    cost: int = 20_000


@dataclass(frozen=True)
class Size:
    """How large the company is and how many daily loads its extracts have."""

    name: str
    customers: int
    days: int = 14
    trade_share: float = 0.30
    """Share of stores and distributors among customers; one in six of them is a distributor."""
    cared_share: float = 0.06
    """Share of persons known to consumer care alone, not to the web shop."""
    purchase_factor: float = 1.0
    """Multiplies the persons' purchase rate."""
    lines_factor: float = 1.0
    """Multiplies the mean number of lines of the persons' orders."""
    browse_factor: float = 1.0
    """Multiplies the number of browse events."""
    chunk: int = 50_000
    """Persons whose orders are made at a time: the measure of peak memory."""


SIZES = {
    size.name: size
    for size in (
        Size("XS", 300),
        Size("S", 5_000),
        Size("M", 200_000, days=7, trade_share=0.10, browse_factor=0.25),
        Size(
            "L", 1_000_000, days=3, trade_share=0.05, cared_share=0.01,
            purchase_factor=4.0, lines_factor=1.4, browse_factor=0.02,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Company:
    """味丰食品 as it is set. Tuples by kind are in the order person, store, distributor."""

    first_day: date = date(2023, 12, 1)
    last_day: date = date(2025, 11, 30)

    existing_share: float = 0.35
    """Share of customers that were there before the first day."""
    key_account_share: float = 0.08
    """Share of stores and distributors that only the key-account team knows."""
    chain_share: float = 0.22
    """Share of stores that are branches of a chain."""

    purchases_per_month: tuple[float, float, float] = (0.45, 1.1, 1.6)
    """Mean purchase rate while alive; single customers' rates are gamma distributed around it."""
    rate_shape: float = 1.3
    """Shape of that gamma distribution."""
    lines_per_order: tuple[float, float, float] = (2.1, 3.0, 4.0)
    monthly_death_rate: tuple[float, float, float] = (0.05, 0.025, 0.015)
    """Chance per month (30.4375 days) to buy never again, of a passive customer."""
    mood_shares: tuple[float, float, float] = (0.2, 0.35, 0.45)
    """Shares of detractors, passives and promoters."""
    mood_hazards: tuple[float, float, float] = (2.2, 1.0, 0.5)
    """What the mood multiplies the death rate by: the link between NPS and churn."""
    mood_shown: float = 0.9
    """Chance that an answer to a survey is that of the customer's mood; else it is that of any mood."""

    twin_rate: tuple[float, float, float] = (0.14, 0.20, 0.16)
    """Chance that a customer has a second record somewhere."""
    third_rate: float = 0.1
    """Chance that one who has a second record has a third."""
    merged_share: float = 0.08
    """Share of second records in the same system that the system itself merged, with a pointer."""
    removed_share: float = 0.04
    """Share of second records that the system deleted, without a pointer."""
    test_account_share: float = 0.003
    family_phone_share: float = 0.02
    same_name_share: float = 0.01
    salesman_phone_share: float = 0.05
    placeholder_share: float = 0.01

    cancelled_share: float = 0.03
    full_return_share: float = 0.015
    partial_return_share: float = 0.03
    corrected_share: float = 0.006
    deleted_order_share: float = 0.002

    followed_share: float = 0.85
    """Share of leads that somebody follows up."""
    conversion_by_score: tuple[tuple[int, float], ...] = ((0, 0.15), (40, 0.30), (70, 0.50))
    """Chance that a followed-up lead converts, by the lowest score of the band (scores are 0 to 99)."""
    lead_target: float = 0.6
    """Share of the new stores and distributors that come from a lead, about."""
    reentry_rate: float = 0.06
    """Chance that an opportunity falls back one stage before it advances."""
    store_stages: tuple[Stage, ...] = (
        Stage("初步接触", 0.85, 5),
        Stage("需求确认", 0.80, 8),
        Stage("样品试销", 0.75, 14),
        Stage("报价谈判", 0.80, 9, is_quote=True),
    )
    distributor_stages: tuple[Stage, ...] = (
        Stage("意向沟通", 0.80, 9),
        Stage("资质审核", 0.85, 12),
        Stage("方案报价", 0.70, 15, is_quote=True),
        Stage("合同签订", 0.85, 10),
    )
    key_account_stages: tuple[Stage, ...] = (
        Stage("Qualification", 0.85, 8),
        Stage("Needs Analysis", 0.80, 12),
        Stage("Proposal", 0.75, 14, is_quote=True),
        Stage("Negotiation", 0.80, 11),
    )

    campaign_days: int = 28
    """How long a campaign works, its first day included."""
    campaign_share: float = 0.3
    """Share of the shop's customer records that a campaign takes in, half of them as control arm."""
    campaigns: tuple[Campaign, ...] = (
        Campaign("年货节短信召回", "短信", date(2024, 1, 10), 0.6),
        Campaign("春日满减券", "优惠券", date(2024, 3, 25), 0.5, True, 42_000),
        Campaign("618预热短信", "短信", date(2024, 5, 25), 0.3),
        Campaign("盛夏会员日", "会员活动", date(2024, 7, 20), 0.0),
        Campaign("中秋满减券", "优惠券", date(2024, 9, 5), 0.7, True, 51_000),
        Campaign("双11唤醒", "短信", date(2024, 10, 25), 0.4),
        Campaign("新春满减券", "优惠券", date(2025, 1, 5), 0.5, True, 48_000),
        Campaign("春茶上新推送", "公众号推送", date(2025, 4, 1), 0.0, cost=8_000),
        Campaign("618满减券", "优惠券", date(2025, 6, 1), 0.6, True, 60_000),
        Campaign("开学季短信", "短信", date(2025, 8, 20), 0.25),
        Campaign("双11满减券", "优惠券", date(2025, 10, 20), 0.5, True, 66_000),
    )

    visits_per_month: float = 0.4
    visit_done_share: float = 0.85
    activities_per_month: float = 0.5
    cases_per_month: tuple[float, float, float] = (0.10, 0.03, 0.02)
    """Cases a month of detractors, passives and promoters."""
    employees_per_account: float = 1 / 45
    holding_limit: int = 60

    csat_share: float = 0.06
    """Share of delivered orders after which satisfaction is asked."""
    nps_per_year: float = 0.6
    """Recommendation surveys per customer and year."""
    answer_share: float = 0.4
    review_share: float = 0.02
    consent_share: float = 0.85
    referral_share: float = 0.1
