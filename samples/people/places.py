"""Where people live: estates in districts, flats in estates, and the ways of writing an address."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import either, groups, join, only, stream
from samples.demo.pools import Flags, Ints, pool
from samples.people.names import chosen
from samples.people.phones import full_width

ESTATES = 300
"""Of each district."""
_NAMES = (
    "阳光", "幸福", "翡翠", "金色", "锦绣", "水岸", "绿地", "碧桂", "万和", "保利", "龙湖", "书香", "南苑", "北辰",
    "东方", "西城", "御景", "怡景", "康馨", "嘉和", "清华", "梅园", "莲花", "红星", "和平", "文昌", "桂花", "丽景",
    "滨河", "湖畔", "紫金", "银河", "天鹅", "明珠", "凤凰", "华府", "星海", "橡树", "枫林", "香榭",
)  # fmt: skip
_ENDINGS = ("花园", "家园", "小区", "新村", "苑", "公寓", "名城", "雅居", "华庭", "府")


@dataclass(frozen=True)
class Homes:
    """One flat per row."""

    estate: Ints
    building: Ints
    unit: Ints
    room: Ints

    def take(self, rows: Ints) -> "Homes":
        """The flats of the given rows."""
        return Homes(self.estate[rows], self.building[rows], self.unit[rows], self.room[rows])

    def put(self, rows: Ints, other: "Homes") -> None:
        """Sets the flats of ``rows`` in place."""
        for mine, its in zip(vars(self).values(), vars(other).values(), strict=True):
            mine[rows] = its

    @property
    def district(self) -> Ints:
        """Row of the pool of districts."""
        return self.estate // ESTATES


def draw(rng: np.random.Generator, count: int, near: Homes | None = None) -> Homes:
    """Flats, districts by weight; seven in ten of those ``near`` others in the same city, none in the same estate."""
    places = pool("districts")
    district = places.draw(rng, count)
    if near is not None:
        cities = np.unique(places.columns["city"], return_inverse=True)[1]
        order = np.argsort(cities, kind="stable")
        start = np.searchsorted(cities[order], cities[near.district], side="left")
        stop = np.searchsorted(cities[order], cities[near.district], side="right")
        same_city = order[start + (rng.random(count) * (stop - start)).astype(np.int64)]
        district = np.where(rng.random(count) < 0.7, same_city, district)
    estate = district * ESTATES + (rng.random(count) ** 1.5 * ESTATES).astype(np.int64)
    if near is not None:
        estate = np.where(estate == near.estate, district * ESTATES + (estate + 1) % ESTATES, estate)
    floor = rng.integers(1, np.where(rng.random(count) < 0.5, 7, 25))
    return Homes(estate, rng.integers(1, 31, count), rng.integers(1, 5, count), floor * 100 + rng.integers(1, 5, count))


def area_codes(homes: Homes) -> Ints:
    """Area codes of the phone network, without the zero."""
    return pool("districts").numbers("area_code")[homes.district]


@dataclass(frozen=True)
class Written:
    """The four address columns of records."""

    province: pa.Array
    city: pa.Array
    district: pa.Array
    address: pa.Array


def written(rng: np.random.Generator, homes: Homes, styled: Flags, partial: Flags, missing: Flags) -> Written:
    """Addresses, in the commonest way of writing or, where ``styled``, in one of the others.

    ``partial`` leaves out the flat. Half of the ``missing`` still name the place.
    """
    places, count = pool("districts"), len(styled)
    province, city, district = (places.text(c, homes.district) for c in ("province", "city", "district"))
    street, number, estate = _streets(homes)
    b, u, r = homes.building, homes.unit, homes.room
    road = join(street, number, "号")
    usual = join(road, estate, b, "栋", u, "单元", r, "室")
    ways = [
        join(road, estate, b, "-", u, "-", r),
        join(estate, b, "号楼", u, "单元", r),
        join(road, estate, b, "幢", u, "单元", r, "室"),
        join(road, " ", estate, " ", b, "#", u, "-", r),
        full_width(usual),
        join(district, usual),
        join(city, district, usual),
        join(province, city, district, usual),
    ]
    way = rng.integers(0, len(ways), count)
    address = either(styled, chosen(way, ways), usual)
    address = either(partial, either(rng.random(count) < 0.5, join(road, estate), road), address)
    # A whole address in one cell often stands alone; else the province is left out, or written without its kind.
    alone = styled & (way == 7) & (rng.random(count) < 0.6) & ~missing & ~partial
    short = styled & (rng.random(count) < 0.3)
    no_province = (styled & (rng.random(count) < 0.4)) | alone
    empty = missing & (rng.random(count) < 0.5)
    province = either(
        short, pc.replace_substring_regex(province, "(省|市|壮族自治区|维吾尔自治区|自治区)$", ""), province
    )
    city = either(short, pc.utf8_rtrim(city, "市"), city)
    return Written(
        only(~no_province & ~empty, province),
        only(~alone & ~empty, city),
        only(~alone & ~empty, district),
        only(~missing, address),
    )


def _streets(homes: Homes) -> tuple[pa.Array, Ints, pa.Array]:
    """Street, house number and name of each estate: the same in every run, whatever its seed."""
    rng, count = stream(0, "estates"), len(pool("districts")) * ESTATES
    street = pool("streets").draw(rng, count)
    number = rng.integers(1, 400, count)
    name, ending = rng.integers(0, len(_NAMES), count), groups(rng, [1 / len(_ENDINGS)] * len(_ENDINGS), count)
    titles = join(
        pa.array(_NAMES, pa.string()).take(pa.array(name)), pa.array(_ENDINGS, pa.string()).take(pa.array(ending))
    )
    return (
        pool("streets").text("street", street[homes.estate]), number[homes.estate], titles.take(pa.array(homes.estate))
    )  # fmt: skip
