"""Which strategy for this data: comparison by experiment."""
