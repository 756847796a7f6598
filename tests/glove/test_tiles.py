"""Tiles: every entry once, weights from the paper, an order that depends on the seed alone."""

import numpy as np
import pytest

from wordfit.glove.count import BAND_ROWS
from wordfit.glove.counts import Counts
from wordfit.glove.model import GloVe
from wordfit.glove.tiles import TILE_COLUMNS, TileWriter, pair_weight, tiler

GLOVE = GloVe(window=4, min_count=1, threads=1)


def test_weight_of_a_pair_follows_the_paper():
    assert pair_weight(1.0, 100.0, 0.75) == pytest.approx(0.0316, abs=1e-4)
    assert pair_weight(50.0, 100.0, 0.75) == pytest.approx(0.5946, abs=1e-4)
    assert pair_weight(100.0, 100.0, 0.75) == pair_weight(1e9, 100.0, 0.75) == 1.0


def many_words() -> Counts:
    """5,000 words: more than a tile is high and wide."""
    words = np.random.default_rng(0).permutation(np.repeat(np.arange(5000), 4))
    return GLOVE.count([[f"w{i}" for i in words]])


def tiled(counts: Counts, path, seed: int = 1):
    writer, tile = TileWriter(path), tiler(len(counts.vocabulary), 10.0, 0.75, seed)
    for band in counts.bands():
        writer.add(*tile(band))
    file = writer.close()
    return file, file.read(0, file.entries)


def test_every_entry_stands_once_in_its_tile(tmp_path):
    counts = many_words()
    file, entries = tiled(counts, tmp_path / "e.bin")
    assert entries["row"].max() < BAND_ROWS
    assert entries["column"].max() < TILE_COLUMNS
    rows = np.repeat(file.tiles["row"], file.tiles["entries"]) + entries["row"]
    columns = np.repeat(file.tiles["column"], file.tiles["entries"]) + entries["column"]
    assert len(set(zip(rows.tolist(), columns.tolist()))) == counts.entries == len(entries)
    expected = counts.matrix.toarray()[rows, columns]
    np.testing.assert_allclose(entries["log"], np.log(expected), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(entries["weight"], np.minimum(1, (expected / 10) ** 0.75), rtol=1e-6)


def test_the_order_within_a_tile_is_shuffled_by_the_seed(tmp_path):
    counts = many_words()
    one, again, other = (tiled(counts, tmp_path / "e.bin", seed)[1] for seed in (1, 1, 2))
    assert one.tobytes() == again.tobytes() != other.tobytes()
    first = tiled(counts, tmp_path / "e.bin")[0].tiles[0]["entries"]
    assert abs(np.corrcoef(one["row"][:first], np.arange(first))[0, 1]) < 0.1
