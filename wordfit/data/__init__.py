"""A labelled row becomes a padded batch of ids."""
