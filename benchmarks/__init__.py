"""What a run costs, and what it survives: `make bench` measures it and prints tables (figures: docs/performance.md)."""
