"""Word vectors: read any format, store, look up, compare, measure. PyTorch is not needed here."""

from wordfit.vectors.compact import CompactVectors
from wordfit.vectors.notes import Notes
from wordfit.vectors.word_vectors import WordVectors

__all__ = ["CompactVectors", "Notes", "WordVectors"]
