"""`GloVe`: word vectors from a corpus in one call, within a memory budget.

Corpus -> numbers on disk (`corpus`) -> counted in blocks (`count`), spilled and merged when memory is short
(`records`) -> tiles on disk (`tiles`) -> AdaGrad (`train`). Starting from published vectors is in `adapt`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from wordfit.glove.corpus import Corpus, encode_corpus
from wordfit.glove.counts import Counts, SavedCounts
from wordfit.glove.prepare import Ready, count_encoded, prepare, work_folder
from wordfit.glove.settings import Settings, Watch
from wordfit.glove.train import Plan, State, Tables, train
from wordfit.glove.trained import Trained
from wordfit.glove.words import WordCounts

CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True)
class GloVe(Settings):
    """Makes word vectors from a corpus; the fields are those of `Settings`."""

    def count_words(self, corpus: Corpus) -> WordCounts:
        """Every word with its count, uncut: add those of all parts of a corpus, then `cut`."""
        with tempfile.TemporaryDirectory(prefix="wordfit-glove-") as work:
            return encode_corpus(corpus, Path(work) / "ids.bin", self.tokenizer).words

    def count(self, corpus: Corpus, vocabulary: WordCounts | None = None) -> Counts:
        """Count a corpus, or a part of one with the vocabulary of the whole; counts of parts can be added."""
        with tempfile.TemporaryDirectory(prefix="wordfit-glove-") as folder:
            encoded = encode_corpus(corpus, Path(folder) / "ids.bin", self.tokenizer)
            vocabulary = vocabulary or self.cut(encoded.words)
            bands = count_encoded(self, encoded, vocabulary, Path(folder), lambda band: band)
            return Counts.of_bands(vocabulary, self.contexts, bands)

    def fit(
        self,
        corpus: Corpus | Counts | SavedCounts,
        work: str | os.PathLike[str] | None = None,
        resume: bool = False,
        watch: Watch | None = None,
        save_counts: str | os.PathLike[str] | None = None,
        checkpoint_seconds: float = 60.0,
    ) -> Trained:
        """Train on a corpus or on counts.

        `work` names a folder for entries and checkpoints, which stays: after a kill, `resume` goes on from the last
        checkpoint in it. Without it a temporary folder is used. Raises InputError for a corpus or settings at fault,
        CostNotFinite when the training diverges.
        """
        watch = watch or Watch()
        with work_folder(work, resume) as folder:
            ready = prepare(self, corpus, folder, watch, resume, save_counts)
            size = len(ready.vocabulary)
            room = self.room(size)
            state = begin(folder, resume, watch, lambda: Tables.random(size, self.dim, self.seed))
            plan = self.plan(ready, room, watch)
            if work is not None:
                plan = replace(plan, checkpoint=folder / CHECKPOINT, checkpoint_seconds=checkpoint_seconds)
            return Trained.of(self, ready.vocabulary, train(ready.file, state, plan))

    def plan(self, ready: Ready, memory: int, watch: Watch) -> Plan:
        """How to train what is ready, with `memory` bytes for its entries."""
        name = ready.vocabulary.words.__getitem__
        return Plan(self.iterations, self.eta, self.cores, self.seed, memory, name=name, watch=watch.progress)


def begin(folder: Path, resume: bool, watch: Watch, start: Callable[[], Tables]) -> State:
    """The last checkpoint in the folder where a run is resumed, else a start."""
    if not resume or not (folder / CHECKPOINT).exists():
        return State(start())
    state = State.load(folder / CHECKPOINT)
    watch.stage(f"goes on after epoch {state.epoch}")
    return state
