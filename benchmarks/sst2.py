"""SST-2 whole: dev accuracy over seeds for every encoder and strategy, beside majority, TF-IDF and others' ways.

    python benchmarks/sst2.py --out FOLDER [--seeds 5] [--encoders mean,cnn] [--vectors FILE ...]
    python benchmarks/sst2.py --out FOLDER --plain 3 --peers PYTHON     # plain PyTorch over 3 seeds, fastText over 5

Cells are kept in FOLDER: run it again to go on. Prints a table of means and spreads, and writes `table.json`. PYTHON
is an interpreter that has `fasttext-wheel`; without it fastText is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.training.cells import Cell, Rows, run_cells
from wordfit.vectors import WordVectors

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
WORD2VEC = DATA / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz"
COMMON: dict[str, Any] = {"start": "subword", "batch_size": 64, "patience": 1}
SHORT: dict[str, Any] = COMMON | {"epochs": 2, "dropout": 0.3}
ENCODERS: dict[str, dict[str, Any]] = {
    "mean": COMMON | {"encoder": "mean", "head": "mlp", "epochs": 5},
    "max": COMMON | {"encoder": "max", "head": "mlp", "epochs": 4},
    "sif": COMMON | {"encoder": "sif", "head": "mlp", "epochs": 5},
    "cnn": SHORT | {"encoder": "cnn"},
    "lstm": SHORT | {"encoder": "lstm", "encoder_options": {"hidden": 64}},
    "gru": SHORT | {"encoder": "gru", "encoder_options": {"hidden": 64}},
    "bilstm": SHORT | {"encoder": "bilstm", "encoder_options": {"hidden": 64, "pool": "max"}},
    "bigru": SHORT | {"encoder": "bigru", "encoder_options": {"hidden": 64, "pool": "attention"}},
    "transformer": SHORT | {"encoder": "transformer", "encoder_options": {"hidden": 64, "layers": 1}},
}
STRATEGIES = ["frozen", "tuned", "slow", "anchored"]


def main() -> None:
    """Run the cells that are not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    parser.add_argument("--vectors", nargs="+", default=[str(WORD2VEC)])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plain", type=int, default=0, metavar="SEEDS", help="plain PyTorch as people write it, too")
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter with fastText")
    options = parser.parse_args()
    rows = Rows(str(DATA / "glue" / "SST-2" / "train.tsv"), str(DATA / "glue" / "SST-2" / "dev.tsv"))
    names = [("majority", ""), ("tfidf", "")]
    cells = [Cell(rows, model=name) for name, _ in names]
    for seed in range(options.seeds):  # whole tables, seed by seed
        for encoder in options.encoders.split(","):
            for strategy in options.strategies.split(","):
                names.append((encoder, strategy))
                settings = ENCODERS[encoder] | {"tuning": strategy}
                cells.append(Cell(rows, tuple(options.vectors), settings=settings, seed=seed))

    def said(i: int, result: dict[str, Any]) -> None:
        print(*names[i], f"{result['metrics']['accuracy']:.4f}", f"{result['seconds']:.0f} s", flush=True)

    results = run_cells(cells, options.out / "cells", options.workers, on_done=said)
    table: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for name, result in zip(names, results):
        table.setdefault(name, []).append(result)
    for row in beside(options):
        table[row["way"], ""] = [{"metrics": {"accuracy": x}, "seconds": row["seconds"]} for x in row["accuracy"]]
    lines = []
    print("\n| encoder | strategy | seeds | dev accuracy | spread | seconds |\n|---|---|---|---|---|---|")
    for (encoder, strategy), found in table.items():
        scores = [result["metrics"]["accuracy"] for result in found]
        spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
        seconds = float(np.mean([result["seconds"] for result in found]))
        print(f"| {encoder} | {strategy} | {len(scores)} | {np.mean(scores):.4f} | {spread:.4f} | {seconds:.0f} |")
        lines.append({"encoder": encoder, "strategy": strategy, "accuracy": scores, "seconds": seconds})
    (options.out / "table.json").write_text(json.dumps({"vectors": options.vectors, "table": lines}, indent=1))


def beside(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The accuracies of plain PyTorch, frozen and tuned, and of fastText: way, a score each seed, seconds each."""
    files = [DATA / "glue" / "SST-2" / "train.tsv", DATA / "glue" / "SST-2" / "dev.tsv"]
    found = []
    vectors = WordVectors.load(options.vectors[0])
    for tuned in (False, True) if options.plain else ():
        began = time.perf_counter()
        scores = [as_people_write_it(files, vectors, tuned, seed) for seed in range(options.plain)]
        way = f"plain PyTorch, mean + linear, {'tuned' if tuned else 'frozen'}"
        found.append({"way": way, "accuracy": scores, "seconds": (time.perf_counter() - began) / options.plain})
    if options.peers:
        with tempfile.TemporaryDirectory() as folder:
            text = Path(folder) / "vectors.vec"
            vectors.save(text, format="word2vec")
            program = str(Path(__file__).parent / "sst2_peers.py")
            words = [options.peers, program, *map(str, files), str(text), str(options.seeds)]
            found += json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    return found


def as_people_write_it(files: list[Path], vectors: WordVectors, tuned: bool, seed: int, epochs: int = 3) -> float:
    """Best dev accuracy of `from_pretrained`, a mean over the padded batch and dense Adam; unknown words are zeros."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    rows = [[line.split("\t") for line in file.read_text("utf-8").splitlines()[1:]] for file in files]
    words = sorted({word for row in rows[0] for word in row[0].split()})
    number = {word: i for i, word in enumerate(words, 1)}
    matrix = np.zeros((len(words) + 1, vectors.vector_size), np.float32)
    for word in words:
        if word in vectors:
            matrix[number[word]] = vectors[word]
    embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=not tuned, padding_idx=0)
    head = nn.Linear(matrix.shape[1], 1)
    optimizer = torch.optim.Adam([p for p in (*embedding.parameters(), *head.parameters()) if p.requires_grad], lr=1e-3)

    def logits(part: list[list[str]]) -> torch.Tensor:
        ids = [torch.tensor([number[w] for w in row[0].split() if w in number] or [0]) for row in part]
        return head(embedding(nn.utils.rnn.pad_sequence(ids, batch_first=True)).mean(1)).squeeze(-1)

    best = 0.0
    for _ in range(epochs):
        for chosen in torch.randperm(len(rows[0])).split(32):
            part = [rows[0][i] for i in chosen.tolist()]
            loss = nn.functional.binary_cross_entropy_with_logits(
                logits(part), torch.tensor([float(row[1]) for row in part])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            right = (logits(rows[1]) > 0) == torch.tensor([row[1] == "1" for row in rows[1]])
        best = max(best, right.float().mean().item())
    return best


if __name__ == "__main__":
    main()
