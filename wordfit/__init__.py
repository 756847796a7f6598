"""Puts pre-trained word vectors to work in a model, and proves why when they don't work.

Importing `wordfit` is cheap: a name below loads its part of the package when it is first used.
"""

from wordfit.lazy import lazily

__version__ = "0.1.0"

_HOME = {  # public name: the module that holds it
    "GloVe": "wordfit.glove.model",
    "InputError": "wordfit.errors",
    "Observer": "wordfit.training",
    "PairClassifier": "wordfit.training.estimators",
    "PairRegressor": "wordfit.training.estimators",
    "Record": "wordfit.record",
    "Seq2Seq": "wordfit.training.seq2seq_estimator",
    "Settings": "wordfit.training",
    "Task": "wordfit.data",
    "TextClassifier": "wordfit.training.estimators",
    "TextRegressor": "wordfit.training.estimators",
    "Tokenizer": "wordfit.data",
    "TouchedRows": "wordfit.embedding",
    "Trainer": "wordfit.training",
    "Tuning": "wordfit.embedding",
    "Vocabulary": "wordfit.data",
    "WordEmbedding": "wordfit.embedding",
    "WordVectors": "wordfit.vectors",
    "watch": "wordfit.doctor.exam",
}

__all__ = ["__version__", *sorted(_HOME)]


__getattr__, __dir__ = lazily(__name__, _HOME)
