"""SST-2 whole: dev accuracy over seeds for every encoder and strategy, beside majority and TF-IDF.

    python benchmarks/sst2.py --out FOLDER [--seeds 5] [--encoders mean,cnn] [--vectors FILE ...]

Cells are kept in FOLDER: run it again to go on. Prints a table of means and spreads, and writes `table.json`.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.training.cells import Cell, Rows, run_cells

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
    lines = []
    print("\n| encoder | strategy | seeds | dev accuracy | spread | seconds |\n|---|---|---|---|---|---|")
    for (encoder, strategy), found in table.items():
        scores = [result["metrics"]["accuracy"] for result in found]
        spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
        seconds = float(np.mean([result["seconds"] for result in found]))
        print(f"| {encoder} | {strategy} | {len(scores)} | {np.mean(scores):.4f} | {spread:.4f} | {seconds:.0f} |")
        lines.append({"encoder": encoder, "strategy": strategy, "accuracy": scores, "seconds": seconds})
    (options.out / "table.json").write_text(json.dumps({"vectors": options.vectors, "table": lines}, indent=1))


if __name__ == "__main__":
    main()
