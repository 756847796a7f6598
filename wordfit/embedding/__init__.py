"""Word vectors as a layer, and how far training may move them."""

from wordfit.embedding.align import STARTS, Alignment, align
from wordfit.embedding.coverage import coverage
from wordfit.embedding.layer import WordEmbedding
from wordfit.embedding.touched_rows import TouchedRows
from wordfit.embedding.tuning import TUNINGS, Tuning

__all__ = ["STARTS", "TUNINGS", "Alignment", "TouchedRows", "Tuning", "WordEmbedding", "align", "coverage"]
