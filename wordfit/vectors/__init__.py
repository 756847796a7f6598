"""Word vectors: read any format, store, look up, compare, measure."""
