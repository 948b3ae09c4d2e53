"""When people buy: days of the year, days of the week, hours of the day."""

from datetime import date, timedelta

import numpy as np

from samples.demo.arrays import DAY
from samples.demo.company import Company
from samples.demo.pools import Floats, Ints

EPOCH = date(1970, 1, 1)
SPRING_FESTIVALS = (date(2024, 2, 10), date(2025, 1, 29))


def seconds(day: date) -> int:
    """Local midnight at the beginning of a day, in seconds of the local clock since 1970."""
    return (day - EPOCH).days * DAY


def daily_factors(company: Company, is_trade: bool) -> Floats:
    """Purchase rate of each day over the mean of all days: festivals, 618, 双11, weekdays."""
    days = [company.first_day + timedelta(days=n) for n in range((company.last_day - company.first_day).days + 1)]
    factors = np.array([_factor(day, is_trade) for day in days])
    return np.asarray(factors / factors.mean())


def _factor(day: date, is_trade: bool) -> float:
    before = min((abs((feast - day).days), (feast - day).days) for feast in SPRING_FESTIVALS)[1]
    if is_trade:
        # Shops stock up ahead of what their customers do, and rest at weekends.
        factor = (1.15, 1.1, 1.1, 1.1, 1.1, 0.7, 0.4)[day.weekday()]
        if 5 <= before <= 28:
            factor *= 1.8
        if -7 <= before < 5:
            factor *= 0.15
        if (day.month, day.day) >= (5, 28) and (day.month, day.day) <= (6, 15):
            factor *= 1.25
        if (day.month, day.day) >= (10, 25) and (day.month, day.day) <= (11, 8):
            factor *= 1.3
        return factor
    factor = (0.92, 0.9, 0.92, 0.95, 1.05, 1.18, 1.12)[day.weekday()]
    if 3 <= before <= 21:
        factor *= 1.6
    if -6 <= before < 3:
        factor *= 0.45
    if day.month == 6 and day.day <= 20:
        factor *= 2.8 if day.day == 18 else 1.4
    if day.month == 11 and day.day <= 11:
        factor *= 3.5 if day.day == 11 else 1.4
    if day.month in (7, 8):
        factor *= 1.08
    return factor


class Season:
    """The clock of purchases: even steps of it hold equally many purchases of a customer whose rate is constant."""

    def __init__(self, company: Company, is_trade: bool) -> None:
        self.start = seconds(company.first_day)
        self.is_trade = is_trade
        self._ticks = np.concatenate([[0.0], np.cumsum(daily_factors(company, is_trade))])
        self._edges = self.start + DAY * np.arange(len(self._ticks), dtype=np.float64)

    def ticks(self, times: Ints) -> Floats:
        """The clock at times (local seconds), in mean days since the first day."""
        return np.asarray(np.interp(times, self._edges, self._ticks))

    def times(self, rng: np.random.Generator, ticks: Floats) -> Ints:
        """Times whose day is that of the clock; the hour is drawn as people of the kind buy."""
        at = np.interp(ticks, self._ticks, self._edges).astype(np.int64)
        count = len(at)
        if self.is_trade:
            hours = rng.uniform(8.5, 18.0, count)
        else:
            hours = np.where(rng.random(count) < 0.6, rng.normal(20.0, 1.8, count), rng.normal(12.5, 2.2, count))
            hours = np.clip(hours, 6.0, 23.9)
        return at - at % DAY + (hours * 3600).astype(np.int64)
