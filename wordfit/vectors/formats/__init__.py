"""File formats of word vectors: recognise, read and write each, faults noted and nothing dropped."""
