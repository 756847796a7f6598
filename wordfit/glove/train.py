"""The training loop: epochs over tiles, threads that share the tables, checkpoints, and a cost that must be finite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.glove.adagrad import LANES, adagrad_pass
from wordfit.glove.tiles import ENTRY, TileFile

SHARES = 16  # an epoch is cut so often: for progress, and for the pull of an anchor


class CostNotFinite(InputError):
    """The cost of an entry is not a number, or beyond all bounds; the message names the entry."""


@dataclass(frozen=True)
class Tables:
    """What is learned: both vectors of every word with their squared gradients, and both biases."""

    words: np.ndarray  # (V, 2, P) float32, P the width padded to a multiple of eight
    contexts: np.ndarray  # (V, 2, P) float32
    word_bias: np.ndarray  # (V, 2) float32
    context_bias: np.ndarray  # (V, 2) float32

    @classmethod
    def random(cls, size: int, dim: int, seed: int) -> Tables:
        """Start as Stanford's `glove` does: even between -1/2 and 1/2 over the width, squared gradients 1."""
        rng = np.random.default_rng([seed, 0])
        made = []
        for _ in range(2):
            vectors, bias = cls.room(size, dim)
            vectors[:, 0, :dim] = (rng.random((size, dim), np.float32) - 0.5) / dim
            bias[:, 0] = (rng.random(size, np.float32) - 0.5) / dim
            made += [vectors, bias]
        return cls(made[0], made[2], made[1], made[3])

    @staticmethod
    def room(size: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
        """A table and its biases, zero, with squared gradients of 1."""
        vectors = np.zeros((size, 2, padded(dim)), np.float32)
        vectors[:, 1] = 1
        bias = np.zeros((size, 2), np.float32)
        bias[:, 1] = 1
        return vectors, bias

    def finite(self) -> bool:
        return all(bool(np.isfinite(a).all()) for a in vars(self).values())


def padded(dim: int) -> int:
    return -(-dim // LANES) * LANES


def tables_bytes(size: int, dim: int) -> int:
    """Memory that the tables of `size` words take."""
    return 2 * size * (2 * padded(dim) + 2) * 4


@dataclass(frozen=True)
class State:
    """How far a training has come."""

    tables: Tables
    epoch: int = 0
    costs: tuple[float, ...] = ()
    """Mean cost of an entry in each epoch, as Stanford's `glove` prints it."""

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        with write_whole(path, "wb") as file:
            np.savez(file, epoch=self.epoch, costs=np.array(self.costs), **vars(self.tables))

    @classmethod
    def load(cls, path: Path) -> State:
        with np.load(path, allow_pickle=False) as file:
            tables = Tables(*(file[name] for name in Tables.__dataclass_fields__))
            return cls(tables, int(file["epoch"]), tuple(file["costs"].tolist()))


@dataclass(frozen=True)
class Progress:
    """Where a training stands; said a few times in every epoch."""

    epoch: int
    epochs: int
    share: float
    """How much of the epoch is done, 0 to 1."""
    cost: float
    """Mean cost of an entry in this epoch so far."""
    per_second: float
    """Entries a second in this epoch so far."""
    seconds_left: float


@dataclass(frozen=True)
class Plan:
    """How to train."""

    iterations: int
    eta: float
    threads: int
    seed: int
    memory: int
    """Bytes for entries; what does not fit is read from disk again in every epoch."""
    checkpoint: Path | None = None
    checkpoint_seconds: float = 60.0
    name: Callable[[int], str] = str
    """Says a row as a word, for messages."""
    pull: Callable[[Tables, float], float] = field(default=lambda tables, share: 0.0)
    """Called after every share of an epoch with that share; returns its cost."""
    watch: Callable[[Progress], None] = field(default=lambda progress: None)


def train(file: TileFile, state: State, plan: Plan) -> State:
    """Train from `state` to the end of the plan; its tables are changed in place."""
    saved = time.monotonic()
    whole = file.read(0, file.entries) if file.entries * ENTRY.itemsize <= plan.memory else None
    with ThreadPoolExecutor(plan.threads + 1) as pool:
        while state.epoch < plan.iterations:
            cost = _epoch(file, whole, state, plan, pool)
            state = replace(state, epoch=state.epoch + 1, costs=(*state.costs, cost))
            due = time.monotonic() - saved >= plan.checkpoint_seconds and state.epoch < plan.iterations
            if plan.checkpoint and due and state.tables.finite():
                state.save(plan.checkpoint)
                saved = time.monotonic()
    if not state.tables.finite():
        raise CostNotFinite("the vectors are not finite after the last entry" + _advice(plan))
    return state


def _epoch(file: TileFile, whole: np.ndarray | None, state: State, plan: Plan, pool: ThreadPoolExecutor) -> float:
    """One pass over all entries, tiles in an order of the epoch's own; returns the mean cost."""
    order = np.random.default_rng([plan.seed, 1, state.epoch]).permutation(len(file.tiles))
    bounds = np.unique(np.linspace(0, file.entries, SHARES + 1).astype(int))  # where an anchor pulls
    cost, done, pulled, begun = 0.0, 0, 0, time.monotonic()
    for entries, tiles in _groups(file, whole, file.tiles[order], plan.memory, pool):
        first, end = done, done + int(tiles["entries"].sum())
        for high in [*bounds[(bounds > first) & (bounds < end)].tolist(), end]:
            cost += _share(entries, tiles, done - first, high - first, state, plan, pool)
            done = high
            if high in bounds:
                cost += plan.pull(state.tables, (high - pulled) / file.entries)
                pulled = high
            _tell(plan, state, file.entries, done, cost, time.monotonic() - begun)
    return cost / max(done, 1)


def _share(
    entries: np.ndarray, tiles: np.ndarray, low: int, high: int, state: State, plan: Plan, pool: ThreadPoolExecutor
) -> float:
    """Entries `low` to `high` of the tiles in their order, divided among the threads; returns the summed cost."""
    parts: list[Any] = [np.ascontiguousarray(tiles[name]) for name in ("row", "column", "start", "entries")]
    cuts = np.linspace(low, high, plan.threads + 1).astype(int).tolist()
    tables: list[Any] = list(vars(state.tables).values())  # words, contexts, their biases
    rate: Any = np.float32(plan.eta)

    def work(begin: int, end: int) -> tuple[float, int]:
        result: tuple[float, int] = adagrad_pass(entries, *parts, begin, end - begin, *tables, rate)  # type: ignore[call-arg]
        return result

    results = [work(low, high)] if plan.threads == 1 else list(pool.map(work, cuts[:-1], cuts[1:]))
    for _, wrong in results:
        if wrong >= 0:
            raise CostNotFinite(_entry_at_fault(entries, tiles, wrong, state, plan))
    return sum(cost for cost, _ in results)


def _groups(
    file: TileFile, whole: np.ndarray | None, tiles: np.ndarray, memory: int, pool: ThreadPoolExecutor
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Entries with the tiles in them: all at once, or as many as half the memory holds while the next are read."""
    if whole is not None:
        yield whole, tiles
        return
    most = max(memory // ENTRY.itemsize // 2, int(tiles["entries"].max(initial=1)))
    filled = np.cumsum(tiles["entries"])
    cuts = [0]
    while cuts[-1] < len(tiles):
        before = filled[cuts[-1] - 1] if cuts[-1] else 0
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(filled, before + most, side="right"))))
    buffers = [np.empty(most, ENTRY), np.empty(most, ENTRY)]

    def read(k: int) -> tuple[np.ndarray, np.ndarray]:
        group, buffer, at = tiles[cuts[k] : cuts[k + 1]].copy(), buffers[k % 2], 0
        for tile in group:
            file.read(int(tile["start"]), int(tile["entries"]), buffer[at:])
            tile["start"] = at
            at += int(tile["entries"])
        return buffer, group

    following = pool.submit(read, 0)
    for k in range(len(cuts) - 1):
        group = following.result()
        if k + 2 < len(cuts):
            following = pool.submit(read, k + 1)
        yield group


def _tell(plan: Plan, state: State, entries: int, done: int, cost: float, seconds: float) -> None:
    speed = done / max(seconds, 1e-9)
    left = (entries * (plan.iterations - state.epoch) - done) / speed
    plan.watch(Progress(state.epoch + 1, plan.iterations, done / entries, cost / done, speed, left))


def _entry_at_fault(entries: np.ndarray, tiles: np.ndarray, at: int, state: State, plan: Plan) -> str:
    tile = tiles[(tiles["start"] <= at) & (at < tiles["start"] + tiles["entries"])][0]
    row, column = int(tile["row"]) + int(entries[at]["row"]), int(tile["column"]) + int(entries[at]["column"])
    return (
        f"the cost is not finite in epoch {state.epoch + 1}, first at the entry of {plan.name(row)!r} with "
        f"{plan.name(column)!r} (count {np.exp(entries[at]['log']):.6g}, weight {entries[at]['weight']:.4g})"
        + _advice(plan)
    )


def _advice(plan: Plan) -> str:
    if plan.checkpoint is None or not plan.checkpoint.exists():
        kept = "there is no checkpoint before it"
    else:
        kept = f"the last good checkpoint, after epoch {State.load(plan.checkpoint).epoch}, is {plan.checkpoint}"
    return f"; {kept}. The learning rate is {plan.eta:g}: lower it with --eta, and go on with --resume."
