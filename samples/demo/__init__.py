"""味丰食品, a consumer-goods company that exists only here: what its systems export, and the truth behind it."""

from samples.demo.company import SIZES, Company, Size
from samples.demo.making import generate, make

__all__ = ["SIZES", "Company", "Size", "generate", "make"]
