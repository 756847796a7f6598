"""Text, pair and seq2seq models: an encoder and a head."""
