"""People of stores and distributors: a relation of the account, no customers of their own."""

import numpy as np
import pyarrow.compute as pc

from samples.demo import names
from samples.demo.arrays import DAY, MISSING, Columns, either, only, pick
from samples.demo.codes import mobiles, openids
from samples.demo.company import PERSON
from samples.demo.records import Records
from samples.demo.world import Plan

_FIRST_NUMBER = 20_000_000
"""Mobile numbers of people count from here, those of customers from 0."""


def people_of(plan: Plan, records: Records, system: int) -> Columns:
    """One or two people per account."""
    rng = plan.rng("contacts", system)
    rows = np.flatnonzero((records.system == system) & (records.kind != PERSON) & (records.customer >= 0))
    row = np.repeat(rows, 1 + (rng.random(len(rows)) < 0.35))
    count = len(row)
    is_first = np.concatenate([[True], row[1:] != row[:-1]]) if count else np.zeros(0, dtype=bool)
    phone = records.texts["phone"].take(row)
    is_mobile = pc.fill_null(pc.match_substring_regex(phone, "^1[3-9][0-9]{9}$"), False).to_numpy(zero_copy_only=False)
    own = pc.cast(mobiles(rng, _FIRST_NUMBER * (1 + system) + np.arange(count)), "string")
    created = records.created[row] + (rng.random(count) * 3 * DAY).astype(np.int64)
    left = created + (rng.random(count) * (plan.end - created)).astype(np.int64)
    is_woman = rng.random(count) < 0.45
    return {
        "number": np.arange(count),
        "record": row,
        "name": names.people(rng, is_woman),
        "job_title": pick(rng, ("店长", "老板", "采购", "财务", "店员"), count),
        "mobile": either(is_first & is_mobile, phone, only(rng.random(count) < 0.93, own)),
        "email": names.emails(rng, rng.random(count) < 0.25, np.arange(count) + _FIRST_NUMBER * (1 + system)),
        "openid": only(rng.random(count) < 0.3, openids(rng, count)),
        "created": created,
        "gone": np.where((rng.random(count) < 0.03) & (left > created), left, MISSING),
    }
