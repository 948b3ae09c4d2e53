"""What people, shops and firms are called, and where they are."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import either, join, only, padded, pick
from samples.demo.codes import scattered
from samples.demo.pools import Flags, Ints, part_of, pool


def people(rng: np.random.Generator, are_women: Flags) -> pa.Array:
    """Full names."""
    count = len(are_women)
    surnames = pool("surnames")
    women, men = part_of("given_names", "gender", "女"), part_of("given_names", "gender", "男")
    given = either(
        are_women,
        women.text("given_name", women.draw(rng, count)),
        men.text("given_name", men.draw(rng, count)),
    )
    return join(surnames.text("surname", surnames.draw(rng, count)), given)


def shops(rng: np.random.Generator, are_branches: Flags, districts: Ints) -> pa.Array:
    """Names of shops; branches bear the name of their chain."""
    count = len(are_branches)
    chains, words, types, streets = pool("chains"), pool("shop_words"), pool("shop_types"), pool("streets")
    chain = chains.draw(rng, count)
    street = streets.text("street", streets.draw(rng, count))
    brand = join(chains.text("brand", chain), chains.text("type", chain))
    style = rng.integers(0, 3, count)
    branch = either(
        style == 0,
        join(brand, street, "店"),
        either(style == 1, join(brand, "（", street, "店）"), join(brand, " ", street, "店")),
    )
    own = join(words.text("word", words.draw(rng, count)), types.text("type", types.draw(rng, count)))
    own = either(rng.random(count) < 0.4, join(city_words(districts), own), own)
    return either(are_branches, branch, own)


def firms(rng: np.random.Generator, districts: Ints) -> pa.Array:
    """Names of distributors."""
    words = pool("shop_words")
    count = len(districts)
    ending = pick(rng, ("食品有限公司", "商贸有限公司", "食品贸易有限公司", "供应链有限公司", "副食品经营部"), count)
    return join(city_words(districts), words.text("word", words.draw(rng, count)), ending)


def city_words(districts: Ints) -> pa.Array:
    """Names of the cities as firms carry them: 南京 for 南京市."""
    return pc.utf8_rtrim(pool("districts").text("city", districts), characters="市")


def home_addresses(rng: np.random.Generator, count: int) -> pa.Array:
    """Street, number, estate, building and flat."""
    streets, estates = pool("streets"), pool("estates")
    return join(
        streets.text("street", streets.draw(rng, count)), rng.integers(1, 400, count), "号",
        estates.text("estate", estates.draw(rng, count)), rng.integers(1, 31, count), "栋",
        rng.integers(1, 4, count), "单元", rng.integers(1, 25, count) * 100 + rng.integers(1, 5, count), "室",
    )  # fmt: skip


def shop_addresses(rng: np.random.Generator, count: int) -> pa.Array:
    """Street and number."""
    streets = pool("streets")
    return join(streets.text("street", streets.draw(rng, count)), rng.integers(1, 800, count), "号")


def emails(rng: np.random.Generator, filled: Flags, numbers: Ints) -> pa.Array:
    """E-mail addresses that nobody shares."""
    count = len(numbers)
    shift = int(rng.integers(0, 100_000_000))
    local = join(pick(rng, ("", "wx", "a", "u", "hi", "mail", "sh"), count), padded(scattered(numbers, shift), 8))
    host = pick(rng, ("qq.com", "163.com", "126.com", "139.com", "sina.com", "foxmail.com"), count)
    return only(filled, join(local, "@", host))
