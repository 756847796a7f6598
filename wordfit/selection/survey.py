"""`survey`: what can be known of rows and vectors before anything is trained, as plain numbers.

Coverage, sizes, how much the labels hang on words without a vector, how similar the domain is, what the reference
learners find. Names stand in `MEASURED`; what follows from them stands in `advice`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wordfit.data import Dataset, Task
from wordfit.selection.learners import Part, marginal_score, reference_scores
from wordfit.training.preparation import Prepared, Split, prepare
from wordfit.training.settings import Settings
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import spearman
from wordfit.vectors.similarity import unit

MEASURED = {  # what the rule may ask for: what it is
    "log_rows": "rows of train (in the rule as a power of ten)",
    "rows_per_class": "rows of the smallest class (in the rule as a power of ten)",
    "classes": "number of classes; 0 for scores",
    "length": "words of a text, on average",
    "tokens_covered": "share of the running words of train with a vector",
    "types_covered": "share of the different words of train with a vector",
    "dev_new_tokens": "share of dev's running words that train lacks",
    "width": "values of a vector",
    "mean": "frozen mean of the vectors, learned in closed form: its metric",
    "bag": "bag of words, learned in closed form: its metric",
    "both": "mean and bag together: their metric",
    "above_chance": "the better of bag and mean, above an answer that reads no text",
    "bag_over_mean": "bag minus frozen mean: what the words say that the vectors' mean does not",
    "both_over_mean": "both minus frozen mean",
    "hang_on_missing": "bag of all words minus bag of the words with a vector",
    "label_gap": "largest difference between labels in the share of words with a vector",
    "frequency": "rank correlation of a word's frequency in train with its place in the vector file",
    "neighbours": "correlation of a word's leaning to a label with that of its nearest words",
    "order": "1 for an encoder that reads the order of words (cnn, lstm, transformer ...), 0 for one that does not",
}
ORDER_FREE = ("mean", "max", "sif")
COMMON = 2000  # words whose neighbours are looked at
SEEN = 5  # rows that must have a word before its leaning counts


def survey(task: Task, train: Dataset, dev: Dataset | None, vectors: Sequence[WordVectors], seed: int = 0) -> dict:
    """`numbers` by the names of `MEASURED` (without `order`), with coverage, data and warnings as a record has them."""
    ready = prepare(task, train, dev, vectors, Settings(start="zero"))
    matrix, known = ready.alignment.matrix, ready.alignment.known
    rows = Part(ready.train.texts, ready.train.target)
    held = Part(ready.dev.texts, ready.dev.target) if ready.dev is not None else None
    scores = reference_scores(task, rows, held, matrix, known, seed)
    chance = marginal_score(task, rows, held)
    numbers = _sizes(task, ready) | {name: scores[name] for name in ("mean", "bag", "both")}
    numbers |= {
        "width": float(matrix.shape[1]),
        "above_chance": max(scores["bag"], scores["mean"]) - chance,
        "bag_over_mean": scores["bag"] - scores["mean"],
        "both_over_mean": scores["both"] - scores["mean"],
        "hang_on_missing": scores["bag"] - scores["known"],
        "frequency": _frequency(ready, vectors[0]),
        "neighbours": _leaning(task, ready.train, matrix, known),
    }
    numbers = {name: float(value) for name, value in numbers.items()}
    about = {"judged_on": "dev" if held is not None else "train rows left out", "chance": chance}
    return {"numbers": numbers, "coverage": ready.record.coverage, "data": ready.record.data, "reference": about}


def _sizes(task: Task, ready: Prepared) -> dict[str, float]:
    rows, coverage = len(ready.train.rows), ready.record.coverage["train"]
    labels = ready.record.data["splits"]["train"]["labels"]
    shares = list(coverage["by_label"].values())
    sizes = {
        "log_rows": np.log10(rows),
        "rows_per_class": np.log10(min(labels.values())) if labels else np.log10(rows),
        "classes": float(len(labels)),
        "length": ready.record.data["splits"]["train"]["length"]["mean"],
        "label_gap": max(shares) - min(shares) if shares else 0.0,
        "dev_new_tokens": 0.0,
    }
    for what in ("tokens", "types"):
        counts = coverage[what]
        sizes[f"{what}_covered"] = 1 - counts["missing"] / max(1, sum(counts.values()))
    if ready.dev is not None:
        own = ready.vocabulary.counts > 0
        own[1] = False
        ids = np.concatenate([text.ids for text in ready.dev.texts])
        sizes["dev_new_tokens"] = float(1 - own[ids].mean()) if len(ids) else 0.0
    return sizes


def _frequency(ready: Prepared, vectors: WordVectors) -> float:
    """Spearman's correlation of frequency in train with the place in the vector file, over the words of both."""
    rows = vectors.indices(ready.vocabulary.words)
    both = (rows >= 0) & (ready.vocabulary.counts >= 2)
    both[:2] = False
    value = spearman(ready.vocabulary.counts[both], -rows[both])
    return value if np.isfinite(value) else 0.0


def _leaning(task: Task, train: Split, matrix: np.ndarray, known: np.ndarray) -> float:
    """Correlation of words' leanings with the mean leaning of their ten nearest words, over frequent known words.

    A leaning is the mean target of the rows that have the word, less that of all rows, shrunk by five rows.
    """
    target = (
        np.eye(len(task.labels))[train.target]
        if task.kind == "classes"
        else train.target.reshape(len(train.target), -1)
    )
    target = target - target.mean(axis=0)  # (B, C)
    size, rows = len(matrix), np.zeros(len(matrix))
    total = np.zeros((size, target.shape[1]))
    for text in train.texts:
        owner = np.repeat(np.arange(len(target)), text.lengths)
        once = np.unique(owner.astype(np.int64) * size + text.ids)  # a word counts once a row
        owner, ids = once // size, once % size
        rows += np.bincount(ids, minlength=size)
        for c in range(target.shape[1]):
            total[:, c] += np.bincount(ids, weights=target[owner, c], minlength=size)
    chosen = np.flatnonzero(known & (rows >= SEEN))[:COMMON]  # words stand by falling frequency
    if len(chosen) < 30:
        return 0.0
    leaning = total[chosen] / (rows[chosen, None] + 5)  # (N, C)
    units = unit(matrix[chosen])
    cosines = units @ units.T
    np.fill_diagonal(cosines, -np.inf)
    near = np.argpartition(-cosines, 9, axis=1)[:, :10]
    around = leaning[near].mean(axis=1)  # (N, C)
    value = np.corrcoef(leaning.ravel(), around.ravel())[0, 1]
    return float(value) if np.isfinite(value) else 0.0
