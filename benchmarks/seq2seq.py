"""Translation with static vectors: what they bring on Multi30k, how fast training and decoding are.

    python benchmarks/seq2seq.py quality --out FOLDER [--sizes 29000 10000 3000 --starts random tuned --seeds 0 1 2]
    python benchmarks/seq2seq.py speed                   # training tokens/s against a plain PyTorch loop
    python benchmarks/seq2seq.py decode --run RUN        # greedy and beam 5 over test_2016_flickr
    python benchmarks/seq2seq.py tatoeba --out FOLDER    # English to French, split by English sentence

`quality` does its cells one after the other, German to English, and can be stopped and started again at any moment:
a finished cell is a line of FOLDER/cells.jsonl, an unfinished one goes on from its checkpoint. The vectors are on
the English side: glove.6B.50d and word2vec.GoogleNews.300d side by side (350 values; the record of a run holds their
coverage); the German side starts at random, as there are no German vectors in the data. BLEU is
sacrebleu's (13a, lower-cased) on joined-up words. Data come from WORDFIT_DATA (default ../shared/data). Times are
CPU seconds of one thread beside the wall's, since the wall's say little on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from wordfit.data.parallel import Parallel, parallel_batches, read_columns, read_lines
from wordfit.embedding import Tuning
from wordfit.models.decoding import Beam
from wordfit.training.seq2seq import PreparedParallel, Seq2SeqSettings, Seq2SeqTrainer, new_seq2seq, prepare_parallel
from wordfit.training.seq2seq_model import TrainedSeq2Seq, load_seq2seq, run_seq2seq, save_seq2seq
from wordfit.training.trainer import Observer
from wordfit.vectors import WordVectors

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
SETS = ["glove.6B.50d.top10361.txt.gz", "word2vec.GoogleNews.300d.13598words.txt.gz"]
STARTS = {  # name: (with vectors, tuning of the English side)
    "random": (False, Tuning()),
    "frozen": (True, Tuning(known_words=False)),  # only words without a vector learn
    "tuned": (True, Tuning()),
    "anchored": (True, Tuning(anchor=0.01)),
}
EPOCHS = {29_000: 8, 10_000: 12, 3_000: 14}
WIDTH = 350  # of the vectors, and of what stands in their place at random
HIDDEN = 192  # small, so that many runs fit on two cores


def say(**row: Any) -> None:
    print(json.dumps(row), flush=True)


def multi30k(split: str) -> Parallel:
    folder = DATA / "seq2seq" / "multi30k"
    return read_lines(folder / f"{split}.de.gz", folder / f"{split}.en.gz")


def settings_of(size: int, start: str, seed: int) -> Seq2SeqSettings:
    """The same for every start but the tuning; the rate falls to zero in a line."""
    return Seq2SeqSettings(
        model="bilstm",
        model_options={"hidden": HIDDEN, "dropout": 0.3},
        target_tuning=STARTS[start][1],
        source_width=128,
        target_width=WIDTH,
        min_count=3,
        metric="token_accuracy",  # costs no decoding
        lr=2e-3,
        schedule="linear",
        label_smoothing=0.1,
        clip=5.0,
        batch_size=64 if size > 3000 else 32,
        epochs=EPOCHS[size],
        patience=EPOCHS[size],
        seed=seed,
    )


class Log(Observer):
    """A line an epoch, for who looks at a run of hours."""

    def __init__(self, **cell: Any) -> None:
        self.cell = cell

    def on_epoch(self, row: dict[str, Any]) -> None:
        say(**self.cell, epoch=row["epoch"], loss=row["train_loss"], dev_loss=row["dev_loss"], **row["metrics"])


def quality(options: argparse.Namespace) -> None:
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    cells = folder / "cells.jsonl"
    done = {tuple(json.loads(line)["cell"]) for line in cells.read_text().splitlines()} if cells.exists() else set()
    train, dev, test = multi30k("train"), multi30k("val"), multi30k("test_2016_flickr")
    sets = [WordVectors.load(DATA / "vectors" / name) for name in SETS]
    for seed in options.seeds:
        for size in options.sizes:
            for start in options.starts:
                if (size, start, seed) not in done:
                    row = quality_cell(folder, (train, dev, test), sets, size, start, seed)
                    with cells.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    say(**row)


def quality_cell(
    folder: Path, rows: tuple[Parallel, ...], sets: list[WordVectors], size: int, start: str, seed: int
) -> dict[str, Any]:
    """Train one model and score it on the test set."""
    settings = settings_of(size, start, seed)
    vectors = sets if STARTS[start][0] else []
    prepared = prepare_parallel(rows[0].first(size), rows[1], [], vectors, settings)
    name = f"{size}-{start}-{seed}"
    wall, cpu = time.perf_counter(), time.process_time()
    model = run_seq2seq(
        prepared,
        settings,
        {"target": vectors},
        [Log(size=size, start=start, seed=seed)],
        folder / f"{name}.checkpoint.safetensors",
        resume=True,
    )
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}  # since the last start
    save_seq2seq(model, folder / name)
    scores = model.evaluate(rows[2])
    beam = model.evaluate(rows[2], Beam(5), copy_unknown=True) if size == 29_000 else {}
    return {
        "cell": [size, start, seed],
        "dev": model.record.evaluation["metrics"],
        "epochs": len(model.record.epochs),
        "test": scores,
        "test_beam5": {key: beam[key] for key in ("bleu", "chrf") if key in beam},
        **took,
    }


class PlainSeq2Seq(nn.Module):
    """The same model as people write it: every layer of PyTorch's own, every place of every row computed."""

    def __init__(self, source: np.ndarray, target: np.ndarray, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.source = nn.Embedding.from_pretrained(torch.from_numpy(source), freeze=False, padding_idx=0)
        self.target = nn.Embedding.from_pretrained(torch.from_numpy(target), freeze=False, padding_idx=0)
        self.encoder = nn.LSTM(source.shape[1], hidden // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(hidden, hidden)
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.cell = nn.LSTMCell(target.shape[1] + hidden, hidden)
        self.combine = nn.Linear(2 * hidden, hidden)
        self.output = nn.Linear(hidden, len(target))
        self.dropout = nn.Dropout(0.3)

    def forward(self, source: Tensor, before: Tensor) -> Tensor:
        states, (last, _) = self.encoder(self.dropout(self.source(source)))  # (B, S, H)
        hidden = torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=1)))
        cell, feed, keys = torch.zeros_like(hidden), torch.zeros_like(hidden), self.key(states)
        empty = (source == 0).unsqueeze(1)  # (B, 1, S)
        found = []
        for word in self.dropout(self.target(before)).unbind(dim=1):
            hidden, cell = self.cell(torch.cat([word, feed], dim=1), (hidden, cell))
            share = (hidden.unsqueeze(1) @ keys.transpose(1, 2)).masked_fill(empty, -1e9).softmax(dim=-1)
            feed = self.dropout(torch.tanh(self.combine(torch.cat([(share @ states).squeeze(1), hidden], dim=1))))
            found.append(self.output(feed))
        return torch.stack(found, dim=1)  # (B, T, V)


def plain_steps(prepared: PreparedParallel, size: int) -> Callable[[int], int]:
    """Steps of the plain loop: shuffled rows, each batch padded to its longest, dense Adam; gives the words done."""
    torch.manual_seed(0)
    model = PlainSeq2Seq(prepared.source.matrix, prepared.target.matrix)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1)
    rows = np.random.default_rng(0).permutation(prepared.train.kept)
    place = 0

    def steps(number: int) -> int:
        nonlocal place
        words = 0
        for _ in range(number):
            part = rows[place : place + size]
            place = (place + size) % (len(rows) - size)
            source, target = (
                torch.from_numpy(side.padded(part)[0]) for side in (prepared.train.source, prepared.train.target)
            )
            before = torch.cat([torch.full_like(target[:, :1], 2), target[:, :-1]], dim=1)
            optimizer.zero_grad()
            loss = criterion(model(source, before).flatten(0, 1), target.flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            words += int((target != 0).sum())
        return words

    return steps


def our_steps(prepared: PreparedParallel, settings: Seq2SeqSettings) -> Callable[[int], int]:
    """Steps of wordfit's loop, over its own batches."""
    torch.manual_seed(0)
    network, _ = new_seq2seq(prepared, settings)
    trainer = Seq2SeqTrainer(network.train(), prepared, settings, None)
    source = iter(parallel_batches(prepared.train, settings.batch_size, 0))

    def steps(number: int) -> int:
        words = 0
        for _ in range(number):
            batch = next(source)
            trainer.train_step(batch)
            words += int(batch.texts[1][1].sum())
        return words

    return steps


def speed(options: argparse.Namespace) -> None:
    """Target words/s of both loops, in turns of some steps, by CPU seconds of one thread."""
    sets = [WordVectors.load(DATA / "vectors" / name) for name in SETS]
    settings = settings_of(29_000, "tuned", 0)
    prepared = prepare_parallel(multi30k("train"), None, [], sets, settings)
    loops = {"wordfit": our_steps(prepared, settings), "plain": plain_steps(prepared, settings.batch_size)}
    for steps in loops.values():
        steps(2)
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(options.rounds):
        for name, steps in loops.items():
            began = time.process_time()
            words = steps(options.steps)
            rates[name].append(words / (time.process_time() - began))
    ratios = np.array(rates["wordfit"]) / np.array(rates["plain"])
    say(
        **{f"{name}_words_per_cpu_s": float(np.median(found)) for name, found in rates.items()},
        ratio=float(np.median(ratios)),
        ratio_from=float(ratios.min()),
        ratio_to=float(ratios.max()),
        rounds=options.rounds,
        steps=options.steps,
    )


def decode(options: argparse.Namespace) -> None:
    model, test = load_seq2seq(options.run), multi30k("test_2016_flickr")
    for name, beam in (("greedy", Beam(1)), ("beam 5", Beam(5))):
        wall, cpu = time.perf_counter(), time.process_time()
        answers = model.translate(test.source, beam)
        words = sum(len(row[0].words) for row in answers)
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        say(decode=name, rows=len(test), words=words, **took)


def tatoeba_rows(seed: int = 0) -> list[Parallel]:
    """Train, dev, test of English to French; all versions of an English sentence are in one of them."""
    rows = read_columns(DATA / "seq2seq" / "tatoeba-fra-eng" / "fra.txt.gz", "1", "2")
    sentences = sorted(set(rows.source))
    share = dict(zip(sentences, np.random.default_rng(seed).random(len(sentences))))
    splits = []
    for low, high in ((0.04, 1.0), (0.02, 0.04), (0.0, 0.02)):
        kept = [i for i, text in enumerate(rows.source) if low <= share[text] < high]
        splits.append(Parallel(rows.file, [rows.source[i] for i in kept], [rows.target[i] for i in kept]))
    return splits


def tatoeba(options: argparse.Namespace) -> None:
    """English vectors on the source side: random, frozen, tuned, on the first `--rows` shuffled pairs."""
    train, dev, test = tatoeba_rows()
    order = np.random.default_rng(1).permutation(len(train))[: options.rows]
    train = Parallel(train.file, [train.source[i] for i in order], [train.target[i] for i in order])
    sets = [WordVectors.load(DATA / "vectors" / name) for name in SETS]
    for seed in options.seeds:
        for start in options.starts:
            with_vectors, tuning = STARTS[start]
            settings = Seq2SeqSettings(
                model_options={"hidden": HIDDEN, "dropout": 0.3},
                source_tuning=tuning,
                source_width=WIDTH,
                lr=2e-3,
                schedule="linear",
                epochs=options.epochs,
                patience=options.epochs,
                seed=seed,
            )
            prepared = prepare_parallel(train, dev.first(1000), sets if with_vectors else [], [], settings)
            cpu = time.process_time()
            model: TrainedSeq2Seq = run_seq2seq(prepared, settings, None, [Log(start=start, seed=seed)])
            scores = model.evaluate(test.first(1000))
            say(tatoeba=start, rows=len(train), seed=seed, cpu_s=time.process_time() - cpu, **scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["quality", "speed", "decode", "tatoeba"])
    parser.add_argument("--out", default="multi30k-runs", help="folder for the cells of `quality`")
    parser.add_argument("--run", help="the run folder that `decode` uses")
    parser.add_argument("--sizes", type=int, nargs="+", default=[29_000, 10_000, 3_000])
    parser.add_argument("--starts", nargs="+", default=list(STARTS), choices=list(STARTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    {"quality": quality, "speed": speed, "decode": decode, "tatoeba": tatoeba}[options.what](options)


if __name__ == "__main__":
    main()
