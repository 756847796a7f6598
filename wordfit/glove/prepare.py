"""From a corpus or counts to entries on disk in the order of training; what an interrupted run has is taken over."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from wordfit.errors import InputError
from wordfit.files import write_folder_whole, write_whole
from wordfit.glove.corpus import Corpus, Encoded, encode_corpus
from wordfit.glove.count import BAND_ENTRIES, Band, Window, count_block, plan_bands
from wordfit.glove.counts import RECORDS, Counts, SavedCounts, describe
from wordfit.glove.records import SORTED, RecordFile, RecordWriter, merge, write_records
from wordfit.glove.settings import Settings, Watch
from wordfit.glove.tiles import TileFile, TileWriter, tiler
from wordfit.glove.words import WordCounts

Result = TypeVar("Result")
READY, WORDS, TILES, ENTRIES = "ready.json", "vocab.txt", "tiles.npy", "entries.bin"
OURS = (READY, WORDS, TILES, ENTRIES, "ids.bin", "run*.bin", "checkpoint.npz", ".*.part")
BAND_BYTES = 36 * BAND_ENTRIES  # a band's counts, and its entries once they are in tiles
MAY_CHANGE = ("iterations", "eta", "combine", "unknown", "threads", "memory")  # when a run is resumed


@dataclass(frozen=True)
class Ready:
    """Entries on disk in the order of training, and the words they are of."""

    vocabulary: WordCounts
    file: TileFile


def count_encoded(
    settings: Settings, encoded: Encoded, vocabulary: WordCounts, work: Path, finish: Callable[[Band], Result]
) -> Iterator[Result]:
    """Count a corpus within the memory that is left, and `finish` every band of its matrix, in order."""
    threads = settings.cores
    bands = BAND_BYTES * (threads + 2) + 9 * len(vocabulary) * threads  # in the making, and waiting their turn
    free = settings.budget.left(bands + (8 << 20), f"counting {len(vocabulary):,} words") - bands
    own = free // 16  # a token stands in the block, in the pieces it is put together from, and in the index
    return count_in_blocks(encoded, vocabulary, settings.contexts, work, finish, threads, own)


def count_in_blocks(
    encoded: Encoded,
    vocabulary: WordCounts,
    window: Window,
    work: Path,
    finish: Callable[[Band], Result],
    threads: int,
    own: int,
) -> Iterator[Result]:
    """Count blocks of `own` tokens; the sorted counts of all but a single one go to `work`, and are merged."""
    counts, blocks = vocabulary.counts, encoded.blocks(vocabulary, own, window.size)
    if encoded.length <= own:
        yield from count_block(next(blocks), counts, window, finish, threads)
        return
    runs: list[RecordFile] = []
    for block in blocks:
        bands = count_block(block, counts, window, lambda band: band, threads)
        runs.append(write_records(bands, work / f"run{len(runs)}.bin", len(counts)))
    for band in merge(runs, window.units, plan_bands(counts)):
        yield finish(band)
    for run in runs:
        run.path.unlink()


def prepare(
    settings: Settings,
    corpus: Corpus | Counts | SavedCounts,
    folder: Path,
    watch: Watch,
    resume: bool = False,
    save_counts: str | os.PathLike[str] | None = None,
    also: dict[str, Any] | None = None,
) -> Ready:
    """Everything before training, in a work folder; `save_counts` names a folder to keep the counts in as well.

    A run that is resumed must have been asked for the same, `also` what only the caller knows of.
    """
    asked = {**_plain(settings), "corpus": _said(corpus), **(also or {})}
    if resume and (folder / READY).exists():
        _same_run(json.loads((folder / READY).read_text()), asked, folder)
        tiles = TileFile(folder / ENTRIES, np.load(folder / TILES, allow_pickle=False))
        return Ready(WordCounts.load(folder / WORDS), tiles)
    if isinstance(corpus, (Counts, SavedCounts)):
        ready = _tile(settings, corpus.vocabulary, folder, lambda finish: map(finish, corpus.bands()), save_counts)
    else:
        most = settings.budget.left(64 << 20, "reading the corpus") // 3
        encoded = encode_corpus(corpus, folder / "ids.bin", settings.tokenizer, watch.tokens, most)
        words = settings.cut(encoded.words)
        watch.stage(
            f"{sum(encoded.words.counts):,} tokens, {len(encoded.words):,} different words, {len(words):,} kept "
            f"({sum(words.counts) / max(sum(encoded.words.counts), 1):.1%} of the tokens)"
        )
        settings.room(len(words))  # refused now, not after counting
        ready = _tile(
            settings, words, folder, lambda finish: count_encoded(settings, encoded, words, folder, finish), save_counts
        )
        (folder / "ids.bin").unlink()
    if not ready.file.entries:
        raise InputError("no two words of the vocabulary stand together in a line: is it one word a line?")
    watch.stage(f"{ready.file.entries:,} pairs of words counted")
    ready.vocabulary.save(folder / WORDS)
    np.save(folder / TILES, ready.file.tiles)
    with write_whole(folder / READY) as out:
        json.dump(asked, out, indent=1)
    return ready


def _tile(
    settings: Settings,
    words: WordCounts,
    folder: Path,
    bands: Callable[[Callable[[Band], Any]], Iterator[Any]],
    save_counts: str | os.PathLike[str] | None,
) -> Ready:
    tile = tiler(len(words), settings.x_max, settings.alpha, settings.seed)
    writer = TileWriter(folder / ENTRIES)
    with ExitStack() as stack:
        records = None
        if save_counts is not None:
            kept = stack.enter_context(write_folder_whole(save_counts))
            describe(kept, words, settings.contexts)
            records = RecordWriter(kept / RECORDS, len(words))
        for band, (tiles, entries) in bands(lambda band: (band if records else None, tile(band))):
            writer.add(tiles, entries)
            if records:
                records.add(band)
        if records:
            records.close()
    return Ready(words, writer.close())


@contextmanager
def work_folder(path: str | os.PathLike[str] | None, resume: bool) -> Iterator[Path]:
    """The folder of a run: a temporary one, or one that stays for `resume`."""
    if path is None:
        with tempfile.TemporaryDirectory(prefix="wordfit-glove-") as name:
            yield Path(name)
        return
    folder = Path(path)
    if folder.exists() and not resume:
        ours = [file for pattern in OURS for file in folder.glob(pattern)]
        strange = {*folder.iterdir()} - {*ours, folder / SORTED}
        if strange:
            raise InputError(f"{folder}: expected a work folder of an earlier run, found {min(strange).name!r} in it")
        for file in ours:
            file.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    except BaseException:
        if not (folder / READY).exists():  # nothing to go on from
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _plain(settings: Settings) -> dict[str, Any]:
    tokenizer = settings.tokenizer
    rules = getattr(tokenizer, "rules", None)
    named = asdict(rules) if rules is not None else getattr(tokenizer, "__name__", None)
    return {**asdict(replace(settings, tokenizer=None)), "tokenizer": named}


def _said(corpus: Any) -> Any:
    """What can be told of a corpus, to see that a resumed run has the same: paths with size and time of change."""
    if isinstance(corpus, (str, os.PathLike)):
        corpus = [Path(corpus)]
    if not isinstance(corpus, (list, tuple)) or not all(isinstance(item, os.PathLike) for item in corpus):
        return type(corpus).__name__
    files = [(str(path), os.stat(path) if os.path.exists(path) else None) for path in corpus]
    return [[name, stat.st_size, stat.st_mtime_ns] if stat else [name, 0, 0] for name, stat in files]


def _same_run(before: dict[str, Any], now: dict[str, Any], folder: Path) -> None:
    now = json.loads(json.dumps(now))
    for name, value in now.items():
        if name not in MAY_CHANGE and before.get(name) != value:
            raise InputError(
                f"{folder}: the interrupted run had {name} {before.get(name)!r}, this one has {value!r}; "
                "give the same, or start over without --resume"
            )
