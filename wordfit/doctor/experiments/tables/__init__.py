"""Words, ids and vectors: which table, which mapping, which file, and whether they belong together."""
