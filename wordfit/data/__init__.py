"""A labelled row becomes a padded batch of ids."""

from wordfit.data.batches import Batch, Encoded, batches
from wordfit.data.task import Dataset, Task, read_rows, read_train
from wordfit.data.tokenizer import PAD, UNK, Rules, Tokenizer
from wordfit.data.vocabulary import Vocabulary

__all__ = [
    "PAD",
    "UNK",
    "Batch",
    "Dataset",
    "Encoded",
    "Rules",
    "Task",
    "Tokenizer",
    "Vocabulary",
    "batches",
    "read_rows",
    "read_train",
]
