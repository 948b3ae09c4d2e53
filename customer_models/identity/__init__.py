"""Which records are one customer, and under which id."""
