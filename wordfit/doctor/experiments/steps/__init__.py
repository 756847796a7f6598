"""Losses, gradients and steps: what they say, reach and move, and training again with one thing changed."""
