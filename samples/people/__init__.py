"""A million Chinese CRM records of 700,000 people, as staging has them, and who they truly are.

Made to hold identity resolution against: everything that tells one person's records apart (another phone, another
way of writing, something missing) and everything that makes two people look like one (a household's phone, a common
name, a recycled number) happens at a known rate, several at once. Some true pairs share nothing: nobody can find
them, and the truth says so all the same.
"""

from samples.people.making import generate
from samples.people.rates import Rates, twin

__all__ = ["Rates", "generate", "twin"]
