"""Stewards: what people decide about pairs of records, what they are asked, and why records are one customer."""
