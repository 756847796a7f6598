"""Adapting: who moves, who stays, new words, and the optimum of Mittens' cost."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from wordfit.errors import InputError
from wordfit.glove.adapt import adapt, hold
from wordfit.glove.anchor import Anchor, pull_rows
from wordfit.glove.model import GloVe
from wordfit.glove.prepare import Ready
from wordfit.glove.tiles import TileWriter, pair_weight, tiler
from wordfit.glove.train import Plan, State, Tables, train
from wordfit.vectors.word_vectors import WordVectors

GLOVE = GloVe(window=5, min_count=1, x_max=10, iterations=20, threads=1)


@pytest.fixture(scope="module")
def published(topics) -> WordVectors:
    """Vectors of two words of each topic, of frequent words, and of two that the corpus lacks."""
    words = ["the", "of", *(word for topic in topics for word in topic[:2]), "zebra", "quartz"]
    return WordVectors(words, np.random.default_rng(5).normal(0, 0.5, (len(words), 8)))


def test_words_that_the_corpus_lacks_stay_to_the_bit(lines, published):
    adapted = adapt(GLOVE, lines, published)
    for word in ("zebra", "quartz"):
        assert adapted.vectors[word].tobytes() == published[word].tobytes()
    assert adapted.untouched == 2
    assert (adapted.vectors["river"] != published["river"]).any()


def test_new_words_follow_the_published_and_land_in_their_space(lines, topics, published):
    adapted = adapt(GLOVE, lines, published, anchor=10.0)
    assert list(adapted.vectors.index_to_key[: len(published)]) == list(published.index_to_key)
    assert set(adapted.new) == {word for topic in topics for word in topic[2:]} | {"and", "a"}
    for topic in topics:  # a new word of a topic is nearer to its published words than to those of other topics
        own = [w for w, _ in adapted.vectors.most_similar(topic[3], topn=5)]
        assert set(own) & set(topic)


def test_a_stronger_anchor_moves_words_less(lines, published):
    moved = [float(adapt(GLOVE, lines, published, anchor).movement.distance.mean()) for anchor in (0.0, 0.1, 10.0)]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.1


def test_movement_names_what_turned_most(lines, published):
    movement = adapt(GLOVE, lines, published).movement
    most = movement.most_changed(3, min_count=1)
    assert [row[2] for row in most] == sorted(movement.cosine)[:3]
    assert movement.most_changed(min_count=10**9) == []
    at = movement.words.index("river")
    after = adapt(GLOVE, lines, published).vectors["river"]
    before = published["river"]
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert movement.cosine[at] == pytest.approx(cosine, abs=1e-5)


def test_a_pull_is_the_implicit_step_on_the_penalty():
    tables, rng = Tables.random(4, 3, 0), np.random.default_rng(1)
    tables.words[:, 1] = rng.uniform(1, 4, tables.words[:, 1].shape)
    start, mu, eta = rng.normal(size=(2, 3)).astype(np.float32), np.array([0.5, 3.0]), 0.05
    w, c = tables.words[[1, 3], 0, :3].copy(), tables.contexts[[1, 3], 0, :3].copy()
    cost = pull_rows(tables.words, tables.contexts, np.array([1, 3]), start, mu, eta)
    assert cost == pytest.approx((mu * ((w + c - start) ** 2).sum(axis=1)).sum(), rel=1e-5)
    new_w, new_c = tables.words[[1, 3], 0, :3], tables.contexts[[1, 3], 0, :3]
    gradient = 2 * mu[:, None] * (new_w + new_c - start)  # taken where the step ends: that is what implicit means
    np.testing.assert_allclose(new_w, w - eta / np.sqrt(tables.words[[1, 3], 1, :3]) * gradient, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(new_c, c - eta * gradient, rtol=1e-4, atol=1e-6)


def test_training_reaches_the_optimum_of_mittens_cost(tmp_path):
    rng, size, dim, mu = np.random.default_rng(2), 6, 2, 2.0
    words = [f"w{i}" for i in range(size)]
    counts = GLOVE.count([rng.choice(words, 40).tolist() for _ in range(3)], None)
    start = rng.normal(0, 0.7, (size, dim)).astype(np.float32)
    x = counts.matrix.toarray()
    f = np.vectorize(pair_weight)(x, 10.0, 0.75) * (x > 0)

    def cost(flat):  # Dingwall and Potts 2018, equation 3, with GloVe's cost halved as Stanford's program does
        w, c, b, d = np.split(flat, np.cumsum([size * dim, size * dim, size]))
        w, c = w.reshape(size, dim), c.reshape(size, dim)
        error = w @ c.T + b[:, None] + d - np.log(np.where(x > 0, x, 1))
        return 0.5 * (f * error**2).sum() + mu * ((w + c - start) ** 2).sum()

    writer, tile = TileWriter(tmp_path / "e.bin"), tiler(size, 10.0, 0.75, 1)
    for band in counts.bands():
        writer.add(*tile(band))
    tables = Tables.random(size, dim, 0)
    tables.words[:, 0, :dim] += start / 2
    tables.contexts[:, 0, :dim] += start / 2
    held = Anchor(np.arange(size), start, np.full(size, mu))
    state = train(writer.close(), State(tables), Plan(600, 0.1, 1, 1, 1 << 30, pull=held.pull(0.1)))
    t = state.tables
    vectors = [table[:, 0, :dim].ravel() for table in (t.words, t.contexts)]
    flat = np.concatenate([*vectors, t.word_bias[:, 0], t.context_bias[:, 0]])
    best = minimize(cost, flat, method="L-BFGS-B").fun
    assert cost(flat) == pytest.approx(best, rel=0.03)
    assert best < 0.5  # it starts above 30


def test_by_weight_a_word_is_held_by_its_share_of_the_cost(tmp_path):
    counts = GLOVE.count([["a", "b", "a", "c"]] * 3)
    writer, tile = TileWriter(tmp_path / "e.bin"), tiler(3, 10.0, 0.75, 1)
    for band in counts.bands():
        writer.add(*tile(band))
    ready = Ready(counts.vocabulary, writer.close())
    start = WordVectors(["a", "c"], np.ones((2, 2)))
    rows = start.indices(counts.vocabulary.words)
    weights = np.minimum(1, (counts.matrix.toarray() / 10) ** 0.75).sum(axis=1)
    held = hold(ready, start, rows, 0.5, by_weight=True)
    np.testing.assert_allclose(held.strength, 0.5 * weights[rows >= 0], rtol=1e-6)
    assert hold(ready, start, rows, 0.5, by_weight=False).strength.tolist() == [0.5, 0.5]


def test_vectors_without_a_word_in_common_are_refused(lines):
    with pytest.raises(InputError, match="no word in common"):
        adapt(GLOVE, lines, WordVectors(["THE"], np.ones((1, 8))))


def test_an_adaptation_goes_on_from_its_checkpoint(lines, published, tmp_path):
    straight = adapt(GLOVE, lines, published)
    adapt(replace(GLOVE, iterations=4), lines, published, work=tmp_path / "w", checkpoint_seconds=0)
    resumed = adapt(GLOVE, lines, published, work=tmp_path / "w", resume=True)
    assert resumed.vectors.vectors.tobytes() == straight.vectors.vectors.tobytes()
    with pytest.raises(InputError, match="start"):
        adapt(GLOVE, lines, WordVectors(["the"], np.ones((1, 8))), work=tmp_path / "w", resume=True)
