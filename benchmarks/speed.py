"""How fast the main path is, beside its peers and plain PyTorch as people write it, all in one run.

    python benchmarks/speed.py [--out speed.json] [--peers PYTHON] [--threads 1] [--times 5] [--only predict,step]

PYTHON is an interpreter that has `fasttext-wheel` or `model2vec`; without it they are left out, visibly. Every way is
measured several times and its least time counts, on the clock and in CPU seconds: where other programs share the
machine, compare CPU seconds. Data: SST-2 (GLUE) at WORDFIT_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from speed_peers import best, read
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.data import Dataset, Encoded, Task, Tokenizer, Vocabulary, batches
from wordfit.embedding import TouchedRows, Tuning, WordEmbedding
from wordfit.models import build_network
from wordfit.models.bag import BagPredictor
from wordfit.training import Settings, fit, prepare
from wordfit.vectors import WordVectors

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
TRAIN, DEV = (DATA / "glue" / "SST-2" / f"{split}.tsv" for split in ("train", "dev"))
WIDTH, BATCH, TABLE = 100, 32, 400_000
Found = dict[str, Any]


class Sst:
    """SST-2 as text and as ids, over the vocabulary of its training rows."""

    def __init__(self) -> None:
        self.train, self.dev = read(str(TRAIN)), read(str(DEV))
        self.texts = [row[0] for row in self.train]
        self.labels = np.array([int(row[1]) for row in self.train])
        tokenizer = Tokenizer()
        self.vocabulary = Vocabulary.build(tokenizer, self.texts)
        self.tokenizer = tokenizer.with_words(self.vocabulary.words)
        self.encoded = Encoded.of(self.texts, self.tokenizer)
        random = np.random.default_rng(0)
        self.matrix = random.normal(scale=0.1, size=(len(self.vocabulary), WIDTH)).astype(np.float32)

    def ours(self, steps: int, encoded: Encoded | None = None) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Our batches: rows of like length together, ids and mask (B, T), labels (B,)."""
        made = batches((encoded or self.encoded,), self.labels.astype(np.float32), BATCH, 0)
        return [
            (*map(torch.from_numpy, batch.texts[0]), torch.from_numpy(batch.target))
            for batch, _ in zip(made, range(steps))
        ]

    def plain(self, steps: int, longest: bool, encoded: Encoded | None = None) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Batches as people make them: shuffled, padded to the longest of the batch, or of all data."""
        encoded = encoded or self.encoded
        order = np.random.default_rng(0).permutation(len(self.labels))[: steps * BATCH].reshape(-1, BATCH)
        made = []
        for rows in order:
            ids, mask = encoded.padded(rows)
            more = encoded.lengths.max() - ids.shape[1] if longest else 0
            ids, mask = np.pad(ids, [(0, 0), (0, more)]), np.pad(mask, [(0, 0), (0, more)])
            made.append(
                (torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(self.labels[rows].astype(np.float32)))
            )
        return made


class Plain(nn.Module):
    """A classifier as tutorials write it: `nn.Embedding`, a mean, LSTM or Transformer, a linear layer."""

    def __init__(self, matrix: np.ndarray, encoder: str = "mean", frozen: bool = False, sparse: bool = False) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix.copy()), freeze=frozen, sparse=sparse)
        self.kind = encoder
        if encoder == "lstm":
            self.encoder: nn.Module = nn.LSTM(WIDTH, 128, batch_first=True)
        elif encoder == "transformer":
            layer = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(128 if encoder == "lstm" else WIDTH, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits (B,)."""
        embedded = self.embedding(ids)
        if self.kind == "lstm":
            return self.head(self.encoder(embedded)[0][:, -1]).squeeze(-1)
        if self.kind == "transformer":
            embedded = self.encoder(embedded, src_key_padding_mask=~mask)
        weight = mask.unsqueeze(-1).float()
        return self.head((embedded * weight).sum(1) / weight.sum(1).clamp(min=1)).squeeze(-1)


class Bag(nn.Module):
    """The same mean by `nn.EmbeddingBag`."""

    def __init__(self, matrix: np.ndarray, sparse: bool) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix.copy()), freeze=False, sparse=sparse)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits (B,)."""
        return self.head(self.embedding(ids[mask], mask.sum(1).cumsum(0) - mask.sum(1))).squeeze(-1)


def stepper(network: nn.Module, optimizers: list[torch.optim.Optimizer], clipped: Any = ()) -> Callable[[Any], None]:
    """One training step: forward, backward, step."""

    def step(batch: tuple[Tensor, Tensor, Tensor]) -> None:
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(network(batch[0], batch[1]), batch[2])
        loss.backward()
        if clipped:
            nn.utils.clip_grad_norm_(clipped, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        loss.item()

    return step


def plain_stepper(network: nn.Module, sparse: bool = False) -> Callable[[Any], None]:
    """Adam over all parameters, dense; or SparseAdam for a sparse table."""
    if sparse:
        rest = torch.optim.Adam(network.head.parameters())  # type: ignore[union-attr,operator]
        return stepper(network, [torch.optim.SparseAdam(list(network.embedding.parameters())), rest])  # type: ignore[union-attr,operator,list-item]
    return stepper(network, [torch.optim.Adam([p for p in network.parameters() if p.requires_grad])])


def our_stepper(
    matrix: np.ndarray, tuning: Tuning, encoder: Found, rule: Any = torch.optim.Adam
) -> Callable[[Any], None]:
    """A step as our fit loop takes it: touched rows of the table by `rule`, the rest by Adam, its gradient clipped."""
    config = {"encoder": encoder, "head": {"name": "linear", "kind": "binary"}}
    network = build_network(config, WordEmbedding(matrix, tuning))
    own = [p for name, p in network.named_parameters() if name != "embedding.weight"]
    optimizers: list[torch.optim.Optimizer] = [torch.optim.Adam(own)]
    if not tuning.frozen:
        optimizers.append(TouchedRows([network.embedding], rule, lr=1e-3))
    return stepper(network, optimizers, own)


def measure_steps(
    ways: dict[str, tuple[Callable[[Any], None], list[Any]]], times: int
) -> Iterator[tuple[str, float, float]]:
    """Least time of a step of each way, in turns: blocks of its batches after a block to warm up."""
    blocks: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(times + 1):
        for name, (step, made) in ways.items():
            part = made[: max(2, len(made) // 4)] if turn == 0 else made

            def work(step: Callable[[Any], None] = step, part: list[Any] = part) -> None:
                for batch in part:
                    step(batch)

            wall, cpu = best(work, 1)
            if turn:
                blocks[name].append((wall / len(part), cpu / len(part)))
    for name, found in blocks.items():
        yield name, min(wall for wall, _ in found), min(cpu for _, cpu in found)


def step(sst: Sst, options: argparse.Namespace) -> Iterator[Found]:
    """A step of a mean with a linear head over a table of 400,000 words."""
    random = np.random.default_rng(0)
    matrix = random.normal(scale=0.1, size=(TABLE, WIDTH)).astype(np.float32)
    places = np.concatenate([[0], 1 + random.permutation(TABLE - 1)[: len(sst.vocabulary) - 1]])
    encoded = Encoded(places[sst.encoded.ids].astype(np.int32), sst.encoded.offsets)
    made, mean = sst.ours(200, encoded), {"name": "mean"}
    ways = {
        "wordfit frozen": (our_stepper(matrix, Tuning(lr_multiplier=0), mean), made),
        "wordfit tuned, Adam": (our_stepper(matrix, Tuning(), mean), made),
        "wordfit tuned, Adagrad": (our_stepper(matrix, Tuning(), mean, torch.optim.Adagrad), made),
        "wordfit tuned, SGD": (our_stepper(matrix, Tuning(), mean, torch.optim.SGD), made),
        "wordfit anchored, Adam": (our_stepper(matrix, Tuning(anchor=0.01), mean), made),
        "nn.Embedding, SparseAdam": (
            plain_stepper(Plain(matrix, sparse=True), sparse=True),
            sst.plain(100, False, encoded),
        ),
        "nn.Embedding frozen": (plain_stepper(Plain(matrix, frozen=True)), sst.plain(100, False, encoded)),
        "nn.Embedding, dense Adam": (plain_stepper(Plain(matrix)), sst.plain(4, False, encoded)),
    }
    for name, wall, cpu in measure_steps(ways, options.times):
        yield {"way": name, "wall": wall, "cpu": cpu}


def epoch(sst: Sst, options: argparse.Namespace) -> Iterator[Found]:
    """An epoch of a mean with a linear head, 100-d, the vocabulary cut to the data; dev accuracy after five."""
    task = Task("classes", "sentence", "label", labels=("0", "1"), metric="accuracy")
    rows = [
        Dataset(name, ([row[0] for row in part],), [row[1] for row in part], list(range(2, len(part) + 2)))
        for name, part in (("train", sst.train), ("dev", sst.dev))
    ]
    random = np.random.default_rng(0)
    words = sst.vocabulary.words[2:]
    nothing = WordVectors(words, random.uniform(-1 / WIDTH, 1 / WIDTH, (len(words), WIDTH)).astype(np.float32))
    settings = Settings(optimizer="sgd", batch_size=1, lr=0.1, schedule="linear", epochs=5, patience=5)
    walls, cpus = [], []
    prepared = prepare(task, *rows, [nothing], settings)
    for _ in range(options.times):
        clock = Clock()
        model = fit(prepared, settings, observers=[clock], examine=False)
        walls += [row["seconds"] for row in model.record.epochs]
        cpus += clock.cpu
    last = model.record.epochs[-1]["metrics"]["accuracy"]
    yield {"way": "wordfit, from nothing, 5 epochs", "wall": min(walls), "cpu": min(cpus), "accuracy": last}
    for name, tuning in (("tuned", Tuning()), ("frozen", Tuning(lr_multiplier=0))):
        clock = Clock()
        model = fit(prepared, Settings(tuning=tuning, epochs=1), observers=[clock], examine=False)
        wall = model.record.epochs[0]["seconds"]
        yield {"way": f"wordfit in torch, batch 32, {name}, Adam", "wall": wall, "cpu": clock.cpu[0]}
    ways = {
        "nn.Embedding cut to the data, dense Adam": plain_stepper(Plain(sst.matrix)),
        "nn.Embedding cut to the data, frozen": plain_stepper(Plain(sst.matrix, frozen=True)),
        "nn.EmbeddingBag(sparse=True), SparseAdam": plain_stepper(Bag(sst.matrix, sparse=True), sparse=True),
    }
    made = sst.plain(100, False)
    steps = len(sst.labels) / BATCH
    for name, wall, cpu in measure_steps({n: (w, made) for n, w in ways.items()}, options.times):
        yield {"way": name, "wall": wall * steps, "cpu": cpu * steps}
    wall, cpu = best(lambda: tfidf(sst).fit(sst.texts, sst.labels), 1)
    yield {"way": "TF-IDF + logistic regression, whole fit", "wall": wall, "cpu": cpu}


class Clock:
    """An observer of CPU seconds: those of each epoch's training, without its evaluation."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self._began = time.process_time()

    def on_step(self, epoch: int, rows: int, of: int, loss: float) -> None:
        """Note the time when the last rows of an epoch are done."""
        if rows == of:
            self.cpu.append(time.process_time() - self._began)

    def on_epoch(self, row: Found) -> None:
        """The next epoch begins."""
        self._began = time.process_time()


def tfidf(sst: Sst) -> Any:
    """The bag of words that vectors must beat."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=200))


def predict(sst: Sst, options: argparse.Namespace) -> Iterator[Found]:
    """From the text of all training phrases to their labels."""
    random = np.random.default_rng(0)

    def layer(inner: int, outer: int) -> tuple[np.ndarray, np.ndarray]:
        return random.normal(size=(outer, inner)).astype(np.float32), np.zeros(outer, np.float32)

    linear = BagPredictor(sst.tokenizer, sst.matrix, [layer(WIDTH, 2)], threads=options.threads)
    mlp = BagPredictor(sst.tokenizer, sst.matrix, [layer(WIDTH, 128), layer(128, 2)], threads=options.threads)
    lines = ("\n".join(sst.texts) + "\n").encode()
    ids = {word: i for i, word in enumerate(sst.vocabulary.words)}
    plain, bag = Plain(sst.matrix).eval(), Bag(sst.matrix, sparse=False).eval()
    counts = tfidf(sst).fit(sst.texts[:10_000], sst.labels[:10_000])

    @torch.no_grad()
    def in_torch(network: nn.Module, size: int = 1024) -> None:
        for start in range(0, len(sst.texts), size):
            rows = [[ids.get(word, 1) for word in text.split()] for text in sst.texts[start : start + size]]
            padded = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
            network(padded, padded > 0).sigmoid()

    ways: dict[str, Callable[[], Any]] = {
        "wordfit, linear head, lines of a file": lambda: linear.logits(lines).argmax(axis=1),
        "wordfit, linear head, strings": lambda: linear.logits(sst.texts).argmax(axis=1),
        "wordfit, MLP head, strings": lambda: mlp.logits(sst.texts).argmax(axis=1),
        "torch, padded": lambda: in_torch(plain),
        "torch, nn.EmbeddingBag": lambda: in_torch(bag),
        "TF-IDF + logistic regression": lambda: counts.predict(sst.texts),
    }
    for name, work in ways.items():
        work()
        wall, cpu = best(work, options.times if "wordfit" in name else 2)
        yield {"way": name, "wall": wall, "cpu": cpu, "count": len(sst.texts)}


def deep(sst: Sst, options: argparse.Namespace) -> Iterator[Found]:
    """Training steps of an LSTM and a Transformer, against padding to the longest row and dense Adam."""
    encoders = {
        "lstm": {"name": "lstm", "hidden": 128},
        "transformer": {"name": "transformer", "layers": 2, "heads": 4, "feedforward": 2 * WIDTH},
    }
    for name, encoder in encoders.items():
        ways = {
            f"wordfit {name}": (our_stepper(sst.matrix, Tuning(), encoder), sst.ours(2105)[::40]),
            f"{name} as people write it": (plain_stepper(Plain(sst.matrix, name)), sst.plain(20, True)),
        }
        for way, wall, cpu in measure_steps(ways, options.times):
            yield {"way": way, "wall": wall, "cpu": cpu, "count": BATCH}


def start(sst: Sst, options: argparse.Namespace) -> Iterator[Found]:
    """What a user waits for before anything happens: a process each."""
    with tempfile.TemporaryDirectory() as folder:
        run, ten, small = (Path(folder) / name for name in ("run", "ten.tsv", "small.tsv"))
        small.write_text("\n".join(TRAIN.read_text("utf-8").splitlines()[:2000]) + "\n", "utf-8")
        ten.write_text("sentence\n" + "\n".join(row[0] for row in sst.dev[:10]) + "\n", "utf-8")
        vectors = str(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz")
        make = ["train", str(small), "--dev", str(DEV), "--vectors", vectors, "--out", str(run), "--epochs", "1"]
        subprocess.run([sys.executable, "-m", "wordfit", *make, "--no-report"], check=True, capture_output=True)
        ways = {
            "python alone": ["-c", "pass"],
            "python, import wordfit": ["-c", "import wordfit"],
            "python, import torch": ["-c", "import torch"],
            "wordfit predict, ten rows": ["-m", "wordfit", "predict", str(run), str(ten)],
        }
        for name, arguments in ways.items():
            walls, cpus = [], []
            for _ in range(options.times):
                before, began = os.times(), time.perf_counter()
                subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
                after = os.times()
                walls.append(time.perf_counter() - began)
                cpus.append(after[2] + after[3] - before[2] - before[3])
            yield {"way": name, "wall": min(walls), "cpu": min(cpus)}


def peers(options: argparse.Namespace) -> list[Found]:
    """fastText and model2vec, measured by an interpreter that has them."""
    if not options.peers:
        return [{"section": "peers", "way": "fastText and model2vec left out: no --peers PYTHON"}]
    script = str(Path(__file__).with_name("speed_peers.py"))
    arguments = [str(TRAIN), str(DEV), str(options.threads), str(options.times)]
    done = subprocess.run([options.peers, script, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


SECTIONS: dict[str, tuple[Callable[[Sst, argparse.Namespace], Iterator[Found]], str, str]] = {
    "predict": (predict, "fastText's own predict", "phrases a second"),
    "epoch": (epoch, "fastText from nothing, 5 epochs", "seconds an epoch"),
    "step": (step, "wordfit frozen", "milliseconds a step"),
    "deep": (deep, "", "rows a second"),
    "start": (start, "python alone", "seconds"),
}


def show(name: str, found: list[Found], threads: int) -> None:
    """A section as a table, with times against its baseline's: below 1 is faster."""
    work, baseline, unit = SECTIONS[name]
    table = Table(title=f"{name}: {work.__doc__} {unit}, threads {threads}", title_justify="left")
    for column in (
        "way",
        "on the clock",
        "per CPU second" if "a second" in unit else "CPU",
        "ratio",
        "CPU ratio",
        "dev",
    ):
        table.add_column(column, justify="left" if column == "way" else "right")
    known = {one["way"]: one for one in found}
    for one in found:
        against = known.get(
            baseline
            or str(
                next(
                    way
                    for way in known
                    if way.endswith("write it")
                    and way.split()[0] == one["way"].split()[-1 if "wordfit" in one["way"] else 0]
                )
            )
        )
        cells = [
            f"{one['count'] / one[kind]:,.0f}"
            if "count" in one
            else f"{one[kind] * (1000 if name == 'step' else 1):.3g}"
            for kind in ("wall", "cpu")
        ]
        ratios = [f"{one[kind] / against[kind]:.3g}" if against and against[kind] else "" for kind in ("wall", "cpu")]
        table.add_row(one["way"], *cells, *ratios, f"{one['accuracy']:.4f}" if "accuracy" in one else "")
    Console(width=130).print(table)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", default=",".join(SECTIONS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sst, all_found = Sst(), []
    others = peers(options) if {"predict", "epoch"} & set(options.only.split(",")) else []
    for one in others:
        if one["section"] == "peers":
            print(one["way"])
    for name in options.only.split(","):
        found = [{"section": name, **one} for one in SECTIONS[name][0](sst, options)]
        found += [one for one in others if one["section"] == name]
        show(name, found, options.threads)
        all_found += found
    if options.out:
        versions = {"python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__}
        options.out.write_text(
            json.dumps({"threads": options.threads, "versions": versions, "found": all_found}, indent=1)
        )


if __name__ == "__main__":
    main()
