"""Watch a training, experiment on it, name the cause, verify the remedy."""
