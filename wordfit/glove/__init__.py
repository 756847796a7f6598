"""Train or adapt word vectors on a corpus."""
