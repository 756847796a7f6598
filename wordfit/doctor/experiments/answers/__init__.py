"""What changes an answer and what should not: padding, company, mode, the future; one pass of the model at a time."""
