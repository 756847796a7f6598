"""Count a corpus on many processes or machines: map and reduce over an existing Dask cluster.

Each file is a task, so a corpus is spread as finely as it is cut into files; every worker must see them under the
same path. First the words of all files are counted and added up, then the co-occurrences with the one vocabulary,
and added up in pairs. The sum is to the bit what one process counts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wordfit.errors import InputError, need
from wordfit.glove.counts import Counts
from wordfit.glove.model import GloVe
from wordfit.glove.words import WordCounts


def count_spread(glove: GloVe, files: Sequence[str | os.PathLike[str]], client: Any) -> Counts:
    """Count files on the workers of a `dask.distributed.Client`, each with one thread and `glove.memory`."""
    if not files or not all(isinstance(file, (str, os.PathLike)) for file in files):
        raise InputError("expected the paths of files that every worker can read")
    need("distributed", "dask")
    single = replace(glove, threads=1)
    words = [client.submit(_count_words, single, Path(file), pure=False) for file in files]
    vocabulary = glove.cut(_sum(client, words).result())
    shared = client.scatter(vocabulary, broadcast=True)
    parts = [client.submit(_count, single, Path(file), shared, pure=False) for file in files]
    return _sum(client, parts).result()  # type: ignore[no-any-return]


def connect(address: str) -> Any:
    """A client of the cluster at an address, or of one process a core here for `local`."""
    distributed = need("distributed", "dask")
    if address == "local":
        return distributed.Client(threads_per_worker=1, dashboard_address=None)
    return distributed.Client(address, timeout="10s")


def _count_words(glove: GloVe, file: Path) -> WordCounts:
    return glove.count_words(file)


def _count(glove: GloVe, file: Path, vocabulary: WordCounts) -> Counts:
    return glove.count(file, vocabulary)


def _add(one: Any, two: Any) -> Any:
    return one + two


def _sum(client: Any, parts: list[Any]) -> Any:
    """Add up futures in pairs, so that no worker holds them all."""
    while len(parts) > 1:
        pairs = [client.submit(_add, *parts[i : i + 2], pure=False) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[len(parts) - len(parts) % 2 :]
    return parts[0]
