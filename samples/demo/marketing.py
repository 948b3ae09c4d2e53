"""Campaigns with a control arm, and who is in which."""

from dataclasses import dataclass

import numpy as np

from samples.demo.arrays import DAY, MISSING
from samples.demo.pools import Flags, Ints
from samples.demo.records import Records
from samples.demo.season import seconds
from samples.demo.world import SHOP, Plan


@dataclass(frozen=True)
class Members:
    """One entry per campaign and customer record of the shop that it took in."""

    campaign: Ints
    record: Ints
    is_treated: Flags
    sent: Ints
    responded: Ints


def take_in(plan: Plan, records: Records) -> Members:
    """Draw each campaign's members and their arms, record by record as the shop sees them."""
    company = plan.company
    parts = []
    shop = np.flatnonzero((records.system == SHOP) & (records.customer >= 0))
    living = records.living()
    for number, campaign in enumerate(company.campaigns):
        rng = plan.rng("campaign", number)
        start = seconds(campaign.starts_on)
        known = shop[(records.created[shop] < start) & (living[shop] >= start)]
        who = known[rng.random(len(known)) < company.campaign_share]
        is_treated = rng.random(len(who)) < 0.5
        sent = np.where(is_treated, start + rng.integers(9 * 3600, 11 * 3600, len(who)), MISSING)
        answers = is_treated & (rng.random(len(who)) < 0.15)
        responded = np.where(answers, sent + (rng.exponential(1.5, len(who)) * DAY).astype(np.int64) + 60, MISSING)
        parts.append((np.full(len(who), number), who, is_treated, sent, responded))
    return Members(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
