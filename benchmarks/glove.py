"""GloVe side by side with Stanford's C: counts, speed, memory, word similarity; and what adapting brings.

    python benchmarks/glove.py speed --stanford DIR      # stages and one iteration, theirs and ours in turn
    python benchmarks/glove.py quality --stanford DIR    # 15 iterations over seeds: costs, similarity, analogies
    python benchmarks/glove.py memory                    # peak memory under --memory
    python benchmarks/glove.py adapt                     # glove.6B.50d to IMDB reviews: IMDB and SST-2

DIR holds Stanford's built tools (vocab_count, cooccur, shuffle, glove); without it their part is left out, and said
so. Corpora come from WORDFIT_DATA (default ../shared/data). Times are wall and CPU seconds of whole processes or
stages: on a shared machine quote ratios, of the same run. Results go to standard output, a JSON line each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.data import Dataset, Task
from wordfit.data.tokenizer import Rules, Tokenizer
from wordfit.embedding import Tuning
from wordfit.glove.adapt import adapt
from wordfit.glove.model import GloVe
from wordfit.glove.records import RECORD
from wordfit.training.preparation import Prepared, Split, encode, prepare
from wordfit.training.runs import fit
from wordfit.training.settings import Settings
from wordfit.vectors.evaluate import analogy_score, read_set, similarity_score
from wordfit.vectors.word_vectors import WordVectors

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
CORPORA = ["enwiki-2018-sample", "reuters-21578-bodies", "brown", "imdb-unsup-25k"]
SIMILARITY = ["WS-353-ALL", "MEN-TR-3k", "SIMLEX-999", "RW-STANFORD"]
FIXED: dict[str, Any] = {
    "window": 15,
    "min_count": 5,
    "x_max": 10.0,
    "dim": 100,
}  # x_max as in Stanford's demo for 17M tokens


def say(**row: Any) -> None:
    print(json.dumps(row), flush=True)


# the text


def paragraphs(name: str) -> Iterator[str]:
    """Texts of a corpus; Reuters breaks its lines, a text ends there at an empty one."""
    with gzip.open(DATA / "corpora" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        text: list[str] = []
        for line in file:
            line = line.strip().replace("<br />", " ")
            if name.startswith("reuters") and line:
                text.append(line)
                continue
            if line or text:
                yield " ".join([*text, line])
            text = []
        if text:
            yield " ".join(text)


def cut_corpus(work: Path, names: list[str]) -> Path:
    """The corpora as lines of lower-cased tokens with spaces between, as both programs read them."""
    path = work / f"{'+'.join(names)}.txt"
    if not path.exists():
        tokenizer = Tokenizer(Rules())
        with open(path, "w", encoding="utf-8") as out:
            for name in names:
                for words in tokenizer.tokenize_batch(list(paragraphs(name))):
                    out.write(" ".join(words) + "\n")
    return path


# running and measuring


def measured(command: list[str], **options: Any) -> dict[str, float]:
    """Run a command: wall and CPU seconds, and its peak memory in MB."""
    begun, peak = time.perf_counter(), 0
    child = subprocess.Popen(command, **options)
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _peak_kb(child.pid))  # not ru_maxrss, which starts at what this process holds
        time.sleep(0.02)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return {
        "s": round(time.perf_counter() - begun, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(peak / 1024),
    }


def _peak_kb(pid: int) -> int:
    """The high-water mark of a process since it became its program, in kB; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def total(rows: list[dict[str, float]]) -> dict[str, float]:
    return {"s": round(sum(r["s"] for r in rows), 2), "cpu_s": round(sum(r["cpu_s"] for r in rows), 2),
            "peak_mb": max(r["peak_mb"] for r in rows)}  # fmt: skip


def stanford_counts(tools: Path, text: Path, work: Path) -> dict[str, dict[str, float]]:
    """vocab_count, cooccur, shuffle; their files stay in `work`."""
    vocab, counts, shuffled = work / "vocab.txt", work / "cooccurrence.bin", work / "shuffled.bin"

    def stage(tool: str, *words: str, source: Path, target: Path) -> dict[str, float]:
        with open(source, "rb") as stdin, open(target, "wb") as stdout:
            return measured(
                [str(tools / tool), "-verbose", "0", *words], stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL
            )

    return {
        "vocab_count": stage("vocab_count", "-min-count", str(FIXED["min_count"]), source=text, target=vocab),
        "cooccur": stage(
            "cooccur", "-memory", "4", "-window-size", str(FIXED["window"]), "-vocab-file", str(vocab),
            "-overflow-file", str(work / "overflow"), source=text, target=counts,
        ),
        "shuffle": stage(
            "shuffle", "-memory", "4", "-seed", "1", "-temp-file", str(work / "temp"), source=counts, target=shuffled
        ),
    }  # fmt: skip


def stanford_train(tools: Path, work: Path, iterations: int, seed: int, threads: int, out: Path) -> dict[str, Any]:
    with open(work / "log", "w") as log:
        row = measured(
            [str(tools / "glove"), "-save-file", str(out.with_suffix("")), "-threads", str(threads), "-input-file",
             str(work / "shuffled.bin"), "-x-max", str(FIXED["x_max"]), "-iter", str(iterations), "-vector-size",
             str(FIXED["dim"]), "-binary", "0", "-vocab-file", str(work / "vocab.txt"), "-seed", str(seed)],
            stderr=log,
        )  # fmt: skip
    costs = [float(line.rsplit(" ", 1)[1]) for line in (work / "log").read_text().splitlines() if "cost:" in line]
    return {**row, "costs": costs}


OURS = """
import json, resource, sys, time
from pathlib import Path
from wordfit.glove.model import GloVe
from wordfit.glove.settings import Watch
settings, text, work, out = json.loads(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
def clock():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime
marks, entries = [clock()], []
def stage(line):
    if "pairs of words" in line:
        entries.append(int(line.split()[0].replace(",", "")))
        marks.append(clock())
trained = GloVe(**settings).fit(text, work, watch=Watch(stage=stage))
marks.append(clock())
if out:
    trained.vectors.save(out)
marks.append(clock())
spans = [(round(b[0] - a[0], 2), round(b[1] - a[1], 2)) for a, b in zip(marks, marks[1:])]
print(json.dumps({"count_and_tile": spans[0], "train": spans[1], "write": spans[2], "costs": trained.costs,
                  "entries": entries[0], "words": len(trained.vocabulary)}))
"""


def ours(text: Path, work: Path, out: Path | None, **settings: Any) -> dict[str, Any]:
    """Our whole path in a process of its own: wall and CPU seconds of its stages, and of all of it."""
    command = [sys.executable, "-c", OURS, json.dumps({**FIXED, **settings}), str(text), str(work)]
    command.append(str(out) if out else "")
    with open(work.with_suffix(".json"), "w") as stdout:
        row = measured(command, stdout=stdout)
    return {**json.loads(work.with_suffix(".json").read_text()), "whole": row}


# the parts


def speed(a: argparse.Namespace) -> None:
    """Counting, ordering and an iteration: theirs and ours in turn, `--repeats` times."""
    text = cut_corpus(a.work, a.corpora)
    with open(text, encoding="utf-8") as file, open(a.work / "few.txt", "w", encoding="utf-8") as few:
        few.writelines(islice(file, 2000))
    ours(a.work / "few.txt", a.work / "warm", None, iterations=1, threads=a.threads)  # kernels are compiled once
    for repeat in range(a.repeats):
        mine = ours(text, a.work / "ours", None, iterations=1, threads=a.threads)
        say(part="speed", who="wordfit", repeat=repeat, **mine)
        if not a.stanford:
            continue
        theirs = stanford_counts(a.stanford, text, a.work)
        say(part="speed", who="stanford", repeat=repeat, **theirs)
        trained = stanford_train(a.stanford, a.work, 1, 1, a.threads, a.work / "c.txt")
        say(part="speed", who="stanford", repeat=repeat, iteration=trained)
        counting = total(list(theirs.values()))
        say(
            part="speed", repeat=repeat, what="theirs over ours",
            counting_wall=round(counting["s"] / mine["count_and_tile"][0], 2),
            counting_cpu=round(counting["cpu_s"] / mine["count_and_tile"][1], 2),
            iteration_wall=round(trained["s"] / mine["train"][0], 2),
            iteration_cpu=round(trained["cpu_s"] / mine["train"][1], 2),
            our_entries_per_cpu_s=round(mine["entries"] / mine["train"][1]),
        )  # fmt: skip
    if a.stanford:
        same_counts(a, text)
    else:
        say(part="speed", left_out="Stanford's C: no --stanford DIR")


def same_counts(a: argparse.Namespace, text: Path) -> None:
    """Our vocabulary and counts against Stanford's files."""
    counts = GloVe(min_count=FIXED["min_count"], window=FIXED["window"], memory=16).count(text)
    theirs = np.fromfile(a.work / "cooccurrence.bin", RECORD)
    rows = np.repeat(np.arange(len(counts.vocabulary)), np.diff(counts.matrix.indptr)) + 1
    counts.vocabulary.save(a.work / "our_vocab.txt")
    same = len(rows) == len(theirs) and (rows == theirs["word1"]).all()
    same = bool(same and (counts.matrix.indices + 1 == theirs["word2"]).all())
    say(
        part="same", vocabulary=(a.work / "our_vocab.txt").read_bytes() == (a.work / "vocab.txt").read_bytes(),
        entries=len(theirs), pairs=same,
        largest_relative_difference=float(np.abs(counts.matrix.data / theirs["value"] - 1).max()) if same else None,
    )  # fmt: skip


def quality(a: argparse.Namespace) -> None:
    """Vectors after `--iterations`, ours over seeds and theirs over seeds."""
    text = cut_corpus(a.work, a.corpora)
    if a.stanford and not (a.work / "shuffled.bin").exists():
        stanford_counts(a.stanford, text, a.work)
    for seed in range(1, a.seeds + 1):
        row = ours(text, a.work / "ours", a.work / "o.txt", iterations=a.iterations, threads=a.threads, seed=seed)
        say(part="quality", who="wordfit", seed=seed, **row, **scores(WordVectors.load(a.work / "o.txt")))
    if not a.stanford:
        say(part="quality", left_out="Stanford's C: no --stanford DIR")
        return
    for seed in range(1, a.stanford_seeds + 1):
        out = a.work / f"c{seed}.txt"
        row = stanford_train(a.stanford, a.work, a.iterations, seed, a.threads, out)
        say(part="quality", who="stanford", seed=seed, **row, **scores(WordVectors.load(out)))


def scores(vectors: WordVectors, best: int | None = None) -> dict[str, Any]:
    """Spearman's rho with 95 % over the pairs and how many were found; Google's analogies. Of `best` words."""
    first = WordVectors(list(vectors.index_to_key)[:best], vectors.vectors[:best])
    found: dict[str, Any] = {}
    for name in SIMILARITY:
        score = similarity_score(first, read_set(DATA / "wordsim" / f"EN-{name}.txt"))
        found[name] = [round(score.spearman, 4), round(score.low, 4), round(score.high, 4), score.found]
    analogies = analogy_score(first, read_set(DATA / "wordsim" / "analogy" / "questions-words.txt"))
    return {**found, "google_analogies": [round(analogies.add, 4), analogies.found]}


def memory(a: argparse.Namespace) -> None:
    """Peak memory of a training of one iteration under several limits."""
    text = cut_corpus(a.work, a.corpora)
    for limit in a.limits:
        row = ours(text, a.work / "ours", None, iterations=1, threads=a.threads, memory=limit)
        say(part="memory", limit_mb=round(limit * 1024), peak_mb=row["whole"]["peak_mb"], cost=row["costs"][0],
            count_and_tile=row["count_and_tile"], train=row["train"])  # fmt: skip


def adapt_part(a: argparse.Namespace) -> None:
    """glove.6B.50d adapted to unlabelled reviews, against no adaptation and against the reviews alone."""
    text = cut_corpus(a.work, ["imdb-unsup-25k"])
    start = WordVectors.load(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz")
    sets = {"published": start}
    shared = GloVe(dim=50, x_max=10.0, iterations=15, threads=a.threads)
    sets["reviews alone"] = shared.fit(text).vectors
    say(part="adapt", vectors="published", similarity=scores(start))
    for anchor, by_weight in a.anchors:
        name = f"adapted, anchor {anchor:g} by {'weight' if by_weight else 'constant'}"
        made = adapt(shared, text, start, anchor, by_weight)
        sets[name] = made.vectors
        say(part="adapt", vectors=name, new=len(made.new), untouched=made.untouched, median_cosine=made.movement.median,
            most_changed=[row[0] for row in made.movement.most_changed(12)],
            similarity_of_published_words=scores(made.vectors, len(start)))  # fmt: skip
    say(part="adapt", vectors="reviews alone", similarity=scores(sets["reviews alone"]))
    for task, (train, test) in tasks(a.rows).items():
        for name, vectors in sets.items():
            ready, answers = cut(train, test, vectors)
            for tuning in ("frozen", "tuned"):
                found = [accuracy(ready, answers, tuning, seed) for seed in range(a.seeds)]
                say(part="adapt", task=task, tuning=tuning, vectors=name, accuracy=[round(100 * x, 2) for x in found],
                    mean=round(100 * float(np.mean(found)), 2), spread=round(100 * float(np.std(found, ddof=1)), 2),
                    rows=len(train[0]), tested_on=len(test[0]))  # fmt: skip


Rows = tuple[list[str], list[int]]


def tasks(rows: int) -> dict[str, tuple[Rows, Rows]]:
    """IMDB (train, test) and SST-2 (train, dev), at most `rows` of each, drawn at random."""

    def imdb(split: str) -> Rows:
        with gzip.open(DATA / "sentiment" / "imdb" / f"{split}.tsv.gz", "rt", encoding="utf-8") as file:
            cells = [line.rstrip("\n").split("\t", 3) for line in list(file)[1:]]
        return drawn([text.replace("<br />", " ") for *_, text in cells], [int(label) for label, *_ in cells])

    def sst(split: str) -> Rows:
        lines = (DATA / "glue" / "SST-2" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        return drawn([line.split("\t")[0] for line in lines], [int(line.split("\t")[1]) for line in lines])

    def drawn(texts: list[str], labels: list[int]) -> Rows:
        chosen = np.random.default_rng(0).permutation(len(texts))[: rows or None]
        return [texts[i] for i in chosen], [labels[i] for i in chosen]

    return {"SST-2": (sst("train"), sst("dev")), "IMDB": (imdb("train"), imdb("test"))}


def cut(train: Rows, test: Rows, vectors: WordVectors) -> tuple[Prepared, Split]:
    """The rows prepared once for all seeds, a tenth of them held out to choose the epoch by; and the test rows."""
    task = Task("classes", "text", "label", None, ("0", "1"), "accuracy")

    def rows(name: str, part: Rows, begin: int, end: int) -> Dataset:
        return Dataset(name, (part[0][begin:end],), [str(y) for y in part[1][begin:end]], list(range(begin, end)))

    count = len(train[0])
    held = count // 10
    ready = prepare(task, rows("train", train, held, count), rows("held out", train, 0, held), [vectors], settings())
    return ready, encode(task, rows("test", test, 0, len(test[0])), ready.tokenizer)


def accuracy(ready: Prepared, test: Split, tuning: str, seed: int) -> float:
    """A mean of words and a linear layer, trained row by row (Adagrad); the best of six epochs by the held-out rows."""
    model = fit(ready, replace(settings(), tuning=Tuning.parse(tuning), seed=seed), examine=False)
    return float((model.answers(test) == test.target).mean())


def settings() -> Settings:
    return Settings(optimizer="adagrad", batch_size=1, lr=0.1, epochs=6, patience=2, max_tokens=512)


PARTS = {"speed": speed, "quality": quality, "memory": memory, "adapt": adapt_part}


def anchor_of(text: str) -> tuple[float, bool]:
    """`0.01` is by weight, `0.1c` the same for every word."""
    return float(text.removesuffix("c")), not text.endswith("c")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--stanford", type=Path, help="folder with Stanford's built tools")
    parser.add_argument("--work", type=Path, default=Path("/tmp/wordfit-benchmark-glove"))
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--stanford-seeds", type=int, default=1)
    parser.add_argument("--dim", type=int, default=FIXED["dim"])
    parser.add_argument("--rows", type=int, default=0, help="for adapt: at most so many labelled rows; 0 for all")
    parser.add_argument("--anchors", type=anchor_of, nargs="+", default=[(0.01, True), (0.1, True), (0.1, False)])
    parser.add_argument("--limits", type=float, nargs="+", default=[0.5, 1, 2, 4])
    a = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"no data at {DATA}: set WORDFIT_DATA")
    a.work.mkdir(parents=True, exist_ok=True)
    FIXED["dim"] = a.dim
    say(part=a.part, cores=os.cpu_count(), load=[round(x, 1) for x in os.getloadavg()], settings=FIXED)
    PARTS[a.part](a)


if __name__ == "__main__":
    main()
