"""What others reach on SST-2, for `sst2.py --peers PYTHON`: fastText by an interpreter that has it; prints JSON.

PYTHON sst2_peers.py TRAIN.tsv DEV.tsv VECTORS.txt SEEDS

VECTORS is a word2vec text with its header. fastText takes its defaults (5 epochs, rate 0.1, one thread, so that a seed
repeats), 100 values from nothing and the vectors' width with them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def read(file: str) -> list[list[str]]:
    """Rows of sentence and label."""
    return [line.split("\t") for line in Path(file).read_text("utf-8").splitlines()[1:]]


def main() -> None:
    """Train each way with each seed."""
    import fasttext

    fasttext.FastText.eprint = lambda *args, **kwargs: None
    train, dev = read(sys.argv[1]), read(sys.argv[2])
    vectors, seeds = sys.argv[3], int(sys.argv[4])
    with open(vectors, encoding="utf-8") as source:
        width = int(source.readline().split()[1])
    ways: dict[str, dict[str, Any]] = {
        "fastText from nothing": {"dim": 100},
        "fastText with the vectors": {"dim": width, "pretrainedVectors": vectors},
        "fastText with the vectors, word pairs": {"dim": width, "pretrainedVectors": vectors, "wordNgrams": 2},
    }
    found = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{row[1]} {row[0]}\n" for row in train)
        file.flush()
        for way, settings in ways.items():
            scores, began = [], time.perf_counter()
            for seed in range(1, seeds + 1):
                model = fasttext.train_supervised(input=file.name, thread=1, verbose=0, seed=seed, **settings)
                labels = [model.f.predict(row[0] + "\n", 1, 0.0, "strict")[0][1] for row in dev]
                scores.append(sum(a == f"__label__{row[1]}" for a, row in zip(labels, dev)) / len(dev))
            found.append({"way": way, "accuracy": scores, "seconds": (time.perf_counter() - began) / seeds})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
