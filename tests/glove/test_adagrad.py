"""One pass of AdaGrad against its plain twin in float64."""

import numpy as np

from wordfit.glove.adagrad import adagrad_pass
from wordfit.glove.tiles import ENTRY
from wordfit.glove.train import Tables

ETA = 0.05


def plain_pass(pairs, words, contexts, word_bias, context_bias):
    """Equation 8 of the paper and AdaGrad, one entry after the other."""
    cost = 0.0
    for i, j, log, f in pairs:
        (w, gw), (c, gc), b, d = words[i], contexts[j], word_bias[i], context_bias[j]
        error = w @ c + b[0] + d[0] - log
        cost += 0.5 * f * error**2
        for_w, for_c = ETA * f * error * c, ETA * f * error * w
        w -= for_w / np.sqrt(gw)
        c -= for_c / np.sqrt(gc)
        gw += for_w**2
        gc += for_c**2
        for bias in (b, d):
            bias[0] -= f * error / np.sqrt(bias[1])
            bias[1] += (f * error) ** 2
    return cost


def example(size=40, dim=13, seed=0):
    """Entries of one tile, rows 8 to 39 and columns 16 to 39, and the tables."""
    rng = np.random.default_rng(seed)
    entries = np.zeros(600, ENTRY)
    entries["row"], entries["column"] = rng.integers(0, 32, 600), rng.integers(0, 24, 600)
    entries["log"], entries["weight"] = rng.normal(1, 1, 600), rng.random(600)
    tiles = [np.array([n]) for n in (8, 16, 0, 600)]  # row, column, start, entries
    return entries, tiles, Tables.random(size, dim, seed)


def test_a_pass_agrees_with_the_plain_one():
    entries, tiles, tables = example()
    twin = [np.array(a, np.float64) for a in vars(tables).values()]
    pairs = [(8 + e["row"], 16 + e["column"], float(e["log"]), float(e["weight"])) for e in entries]
    expected = plain_pass(pairs, *twin)
    cost, wrong = adagrad_pass(entries, *tiles, 0, 600, *vars(tables).values(), np.float32(ETA))
    assert wrong == -1
    np.testing.assert_allclose(cost, expected, rtol=1e-5)
    for ours, plain in zip(vars(tables).values(), twin):
        np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-6)


def test_padding_stays_zero():
    entries, tiles, tables = example()
    adagrad_pass(entries, *tiles, 0, 600, *vars(tables).values(), np.float32(ETA))
    assert not tables.words[:, 0, 13:].any()
    assert not tables.contexts[:, 0, 13:].any()


def test_a_pass_in_pieces_is_the_same_pass():
    entries, _, whole = example()
    _, _, pieces = example()
    tiles = [np.array(n) for n in ([8, 8, 8], [16, 16, 16], [0, 100, 350], [100, 250, 250])]
    total, _ = adagrad_pass(entries, *tiles, 0, 600, *vars(whole).values(), np.float32(ETA))
    parts = [
        adagrad_pass(entries, *tiles, low, high - low, *vars(pieces).values(), np.float32(ETA))[0]
        for low, high in [(0, 50), (50, 350), (350, 351), (351, 600)]
    ]
    np.testing.assert_allclose(sum(parts), total)
    assert whole.words.tobytes() == pieces.words.tobytes()


def test_an_entry_beyond_all_bounds_is_named():
    entries, tiles, tables = example()
    entries["log"][77] = np.nan
    cost, wrong = adagrad_pass(entries, *tiles, 0, 600, *vars(tables).values(), np.float32(ETA))
    assert wrong == 77
    assert np.isnan(cost)
