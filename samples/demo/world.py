"""The customers as they are: who they are, since when they buy, how often, and when they stop."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo import names
from samples.demo.arrays import DAY, MISSING, MONTH, either, groups, only, pick, stream
from samples.demo.codes import landlines, mobiles, openids, social_credit_codes
from samples.demo.company import DISTRIBUTOR, PERSON, STORE, Company, Size
from samples.demo.pools import Flags, Floats, Ints, pool
from samples.demo.sales import Funnel, sell
from samples.demo.season import seconds

SHOP, FXIAOKE, ZOHO = 0, 1, 2
SOURCES = ("canonical", "fxiaoke", "zoho")


@dataclass(frozen=True)
class Plan:
    """What is to be made: the company, its size, the seed and the number of daily loads."""

    company: Company
    size: Size
    seed: int
    days: int

    @property
    def start(self) -> int:
        """Local midnight before the first day."""
        return seconds(self.company.first_day)

    @property
    def end(self) -> int:
        """Local midnight after the last day: nothing has happened from here on."""
        return seconds(self.company.last_day) + DAY

    def rng(self, *path: str | int) -> np.random.Generator:
        """The stream of random numbers of one concern."""
        return stream(self.seed, *path)


@dataclass
class Customers:
    """One entry per true customer: persons first, then stores, then distributors. Times are local seconds."""

    kind: Ints
    home: Ints
    """System that knew the customer first: SHOP, FXIAOKE or ZOHO."""
    mood: Ints
    district: Ints
    exists_before: Flags
    created: Ints
    buys_from: Ints
    """Begin of purchases; MISSING for one who never bought."""
    died: Ints
    """End of purchases; MISSING while alive."""
    rate: Floats
    """Mean purchases a day while alive."""
    label: list[str]
    """What is special about the customer's first record (``duplicate_kind`` of the truth)."""
    name: pa.Array
    phone: pa.Array
    email: pa.Array
    openid: pa.Array
    uscc: pa.Array
    gender: pa.Array
    birth_date: pa.Array
    occupation: pa.Array
    address: pa.Array
    channel: pa.Array

    def __len__(self) -> int:
        return len(self.kind)


def settle(plan: Plan) -> tuple[Customers, Funnel]:
    """The customers of a plan, and the leads and opportunities that brought some of them."""
    size, company = plan.size, plan.company
    count = size.customers
    trade = round(count * size.trade_share)
    distributors = max(1, trade // 6)
    kind = np.repeat(np.array([PERSON, STORE, DISTRIBUTOR]), [count - trade, trade - distributors, distributors])
    rng = plan.rng("customers")
    is_person = kind == PERSON
    aside = rng.random(count) < np.where(is_person, size.cared_share, company.key_account_share)
    # However small the company is, its key-account team has both kinds of customers.
    aside[[1, count - trade + 1, count - 1]] = True
    home = np.where(aside, ZOHO, np.where(is_person, SHOP, FXIAOKE)).astype(np.int64)
    exists_before = rng.random(count) < company.existing_share
    created = np.where(
        exists_before,
        plan.start - (rng.random(count) * 3 * 365 * DAY).astype(np.int64),
        plan.start + (rng.random(count) * (plan.end - DAY - plan.start)).astype(np.int64),
    )
    created = created - created % DAY + (9 * 3600 + rng.random(count) * 13 * 3600).astype(np.int64)
    mood = groups(rng, company.mood_shares, count)
    district = pool("districts").draw(rng, count)
    buys_from = np.where(exists_before, plan.start, created + 600)

    funnel = sell(plan.company, plan.rng("sales"), plan.start, plan.end, kind, home, exists_before)
    for group in funnel.groups:
        won = group.customer >= 0
        who = group.customer[won]
        created[who] = group.converted[won]
        if group.opportunities is not None:
            deals = group.opportunities
            # In the order of the leads; opportunities without one belong to customers who buy already.
            closed = np.where(deals.is_won, deals.closed, MISSING)[deals.lead >= 0]
            buys_from[who] = np.where(
                (closed != MISSING) & (closed + 2 * DAY < plan.end), closed + DAY + closed % 7 * 3600, MISSING
            )
        else:
            buys_from[who] = group.converted[won] + 3600

    buys = buys_from != MISSING
    mean = np.array(company.purchases_per_month)[kind] * np.where(is_person, size.purchase_factor, 1.0)
    rate = rng.gamma(company.rate_shape, 1.0, count) / company.rate_shape * mean / MONTH * DAY * buys
    hazard = np.array(company.monthly_death_rate)[kind] * np.array(company.mood_hazards)[mood] / MONTH
    life = rng.exponential(1.0, count) / hazard
    died = np.where(buys, buys_from, 0) + np.minimum(life, 1e10).astype(np.int64)
    died = np.where(buys & (died < plan.end), died, MISSING)
    text = _texts(plan, kind, district)
    return Customers(kind, home, mood, district, exists_before, created, buys_from, died, rate, **text), funnel


def _texts(plan: Plan, kind: Ints, district: Ints) -> dict[str, "pa.Array | list[str]"]:
    rng = plan.rng("texts")
    count = len(kind)
    numbers = np.arange(count, dtype=np.int64)
    is_person, is_store = kind == PERSON, kind == STORE
    people = int(is_person.sum())
    are_women = rng.random(count) < 0.58
    is_branch = is_store & (rng.random(count) < plan.company.chain_share)
    stores = np.flatnonzero(is_store)
    shop_names = names.shops(rng, is_branch[stores], district[stores])
    name = pa.concat_arrays([
        names.people(rng, are_women[:people]),
        shop_names,
        names.firms(rng, district[people + len(stores) :]),
    ])  # fmt: skip
    places = pool("districts")
    own_line = ~is_person & (rng.random(count) < 0.3)
    phone = pc.cast(pa.array(mobiles(rng, numbers)), pa.string())
    phone = either(own_line, landlines(rng, places.text("area_code", district), numbers), phone)
    phone = only(rng.random(count) >= 0.03, phone)
    email = names.emails(rng, rng.random(count) < np.where(is_person, 0.45, 0.3), numbers)
    openid = only(rng.random(count) < np.where(is_person, 0.65, 0.2), openids(rng, count))
    codes = places.numbers("division_code")[district]
    uscc = only(
        ~is_person & (rng.random(count) < np.where(kind == DISTRIBUTOR, 0.95, 0.6)),
        social_credit_codes(codes, numbers),
    )
    known = is_person & (rng.random(count) < 0.6)
    births = np.datetime64("1955-01-01") + (rng.beta(2.5, 2.2, count) * 52 * 365).astype("timedelta64[D]")
    address = either(is_person, names.home_addresses(rng, count), names.shop_addresses(rng, count))
    labels = np.where(is_branch, "chain_branch", "original").tolist()
    columns = {"name": name, "phone": phone, "address": address}
    labels = _confuse(plan, kind, is_branch, district, labels, columns)
    return {
        "label": labels,
        **columns,
        "email": email,
        "openid": openid,
        "uscc": uscc,
        "gender": only(is_person & (rng.random(count) < 0.8), either(are_women, _all("女", count), _all("男", count))),
        "birth_date": only(known, pc.cast(pa.array(births), pa.string())),
        "occupation": only(
            is_person & (rng.random(count) < 0.4),
            pick(
                rng, ("职员", "教师", "工程师", "医护", "个体户", "学生", "公务员", "退休", "自由职业", "工人"), count
            ),
        ),
        "channel": either(
            is_person,
            pick(rng, ("官网商城", "微信小程序", "天猫", "京东", "抖音", "线下扫码"), count),
            pick(rng, ("业务员拜访", "展会", "经销商推荐", "电话营销", "官网留言"), count),
        ),
    }


def _all(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _confuse(
    plan: Plan, kind: Ints, is_branch: Flags, district: Ints, labels: list[str], columns: dict[str, pa.Array]
) -> list[str]:
    """Let different customers look like one: shared phones, homes and equal names. Returns the labels.

    Changes ``columns`` and ``district``.
    """
    rng, company = plan.rng("confusion"), plan.company
    people, stores = np.flatnonzero(kind == PERSON), np.flatnonzero((kind == STORE) & ~is_branch)
    family = _few(rng, people, company.family_phone_share)
    namesakes = np.setdiff1d(_few(rng, people, company.same_name_share), family)
    held = _few(rng, stores, company.salesman_phone_share)
    placeheld = np.setdiff1d(_few(rng, people, company.placeholder_share), np.concatenate([family, namesakes]))
    like_family = _others(rng, people, np.concatenate([family, placeheld]), len(family))
    like_named = _others(rng, people, np.concatenate([namesakes, placeheld]), len(namesakes))
    district[family] = district[like_family]
    for column, who, whose in (
        ("phone", family, like_family),
        ("address", family, like_family),
        ("name", namesakes, like_named),
    ):
        rows = np.arange(len(kind))
        rows[who] = whose
        columns[column] = columns[column].take(pa.array(rows))
    # A salesman who enters shops gives his own number for those that told him none.
    salesmen = max(1, len(held) // 12)
    numbers = mobiles(rng, np.arange(10_000_000, 10_000_000 + salesmen, dtype=np.int64))
    columns["phone"] = _replaced(
        columns["phone"], held, [str(numbers[i]) for i in rng.integers(0, salesmen, len(held))]
    )
    fake = rng.integers(0, 4, len(placeheld))
    columns["phone"] = _replaced(
        columns["phone"], placeheld, [("00000000", "无", "13800000000", "N/A")[i] for i in fake]
    )
    columns["address"] = _replaced(columns["address"], placeheld, [("无", "N/A", "-", "不详")[i] for i in fake])
    _share_chain_phones(rng, is_branch, columns)
    for who, label in (
        (family, "family_phone"),
        (namesakes, "same_name"),
        (held, "salesman_phone"),
        (placeheld, "placeholder"),
    ):
        for row in who:
            labels[row] = label
    return labels


def _share_chain_phones(rng: np.random.Generator, is_branch: Flags, columns: dict[str, pa.Array]) -> None:
    """A third of the branches give the chain's service line, which all of them share."""
    rows = np.flatnonzero(is_branch)
    rows = rows[rng.random(len(rows)) < 0.33]
    brands = [name[:4] for name in columns["name"].take(pa.array(rows)).to_pylist()]
    lines = {brand: f"400{int(rng.integers(1000000, 9999999))}" for brand in sorted(set(brands))}
    columns["phone"] = _replaced(columns["phone"], rows, [lines[brand] for brand in brands])


def _few(rng: np.random.Generator, rows: Ints, share: float) -> Ints:
    return np.asarray(np.sort(rng.choice(rows, max(1, round(len(rows) * share)), replace=False)), dtype=np.int64)


def _others(rng: np.random.Generator, rows: Ints, excluded: Ints, count: int) -> Ints:
    free = np.setdiff1d(rows, excluded)
    return np.asarray(rng.choice(free, count, replace=False), dtype=np.int64)


def _replaced(column: pa.Array, rows: Ints, values: list[str]) -> pa.Array:
    mask = np.zeros(len(column), dtype=bool)
    order = np.argsort(rows, kind="stable")
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([values[i] for i in order], pa.string()))
