"""The nine tasks, the suite, the submission."""
