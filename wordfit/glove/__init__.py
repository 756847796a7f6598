"""Train word vectors on a corpus, or adapt published ones to it. Loads numba on first use, and never PyTorch."""

from wordfit.lazy import lazily

_HOME = {  # public name: the module that holds it; adapting is `wordfit.glove.adapt.adapt`
    "Counts": "wordfit.glove.counts",
    "GloVe": "wordfit.glove.model",
    "SavedCounts": "wordfit.glove.counts",
    "Trained": "wordfit.glove.trained",
    "WordCounts": "wordfit.glove.words",
    "count_spread": "wordfit.glove.spread",
}

__all__ = sorted(_HOME)

__getattr__, __dir__ = lazily(__name__, _HOME)
