"""Word vectors as a layer, and how far training may move them."""

from wordfit.embedding.layer import WordEmbedding
from wordfit.embedding.touched_rows import TouchedRows
from wordfit.embedding.tuning import TUNINGS, Tuning

__all__ = ["TUNINGS", "TouchedRows", "Tuning", "WordEmbedding"]
