"""Which strategy for this data: advice before, comparison by experiment."""
