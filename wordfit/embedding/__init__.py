"""Word vectors as a layer, and how far training may move them."""
