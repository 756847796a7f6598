"""fastText and model2vec on SST-2, for `speed.py --peers PYTHON`: run by an interpreter that has them; prints JSON.

PYTHON speed_peers.py TRAIN.tsv DEV.tsv THREADS REPEATS
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def best(work: Callable[[], Any], times: int) -> tuple[float, float]:
    """The least wall time and the least CPU time of several runs."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def read(file: str) -> list[list[str]]:
    """Rows of sentence and label."""
    return [line.split("\t") for line in Path(file).read_text("utf-8").splitlines()[1:]]


def fasttext(train: list[list[str]], dev: list[list[str]], threads: int, times: int) -> list[dict[str, Any]]:
    """Its own predict, one phrase a call as in C++, and an epoch: what epochs 6 to 10 take more."""
    import fasttext

    fasttext.FastText.eprint = lambda *args, **kwargs: None
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{row[1]} {row[0]}\n" for row in train)
        file.flush()
        common = {"input": file.name, "dim": 100, "thread": threads, "verbose": 0}
        five = best(lambda: fasttext.train_supervised(epoch=5, **common), times)
        ten = best(lambda: fasttext.train_supervised(epoch=10, **common), times)
        model = fasttext.train_supervised(epoch=5, **common)

    def labels(rows: list[list[str]]) -> list[str]:
        return [model.f.predict(row[0] + "\n", 1, 0.0, "strict")[0][1] for row in rows]

    right = np.mean([found == f"__label__{row[1]}" for found, row in zip(labels(dev), dev)])
    wall, cpu = best(lambda: labels(train), times)
    epoch = {"wall": (ten[0] - five[0]) / 5, "cpu": (ten[1] - five[1]) / 5, "accuracy": float(right)}
    return [
        {"section": "epoch", "way": "fastText from nothing, 5 epochs", **epoch},
        {"section": "predict", "way": "fastText's own predict", "wall": wall, "cpu": cpu, "count": len(train)},
    ]


def model2vec(train: list[list[str]], times: int) -> list[dict[str, Any]]:
    """Sentence vectors alone, without a classifier, over a random 100-d table."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<unk>", *sorted({word for row in train for word in row[0].split()})]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    vectors = np.random.default_rng(0).normal(size=(len(words), 100)).astype(np.float32)
    model = StaticModel(vectors, tokenizer, {"normalize": False})
    texts = [row[0] for row in train]
    wall, cpu = best(lambda: model.encode(texts), times)
    way = "model2vec encode, no classifier"
    return [{"section": "predict", "way": way, "wall": wall, "cpu": cpu, "count": len(texts)}]


def main() -> None:
    """Measure what can be imported."""
    train, dev = read(sys.argv[1]), read(sys.argv[2])
    threads, times = int(sys.argv[3]), int(sys.argv[4])
    found: list[dict[str, Any]] = []
    for name, work in (
        ("fasttext", lambda: fasttext(train, dev, threads, times)),
        ("model2vec", lambda: model2vec(train, times)),
    ):
        try:
            found += work()
        except ImportError as error:
            found.append({"section": "peers", "way": f"{name} left out: {error}"})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
