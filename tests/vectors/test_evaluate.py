"""Measures on sets of pairs and questions, and the shape of vectors."""

import numpy as np
import pytest

from wordfit import InputError, WordVectors
from wordfit.vectors.evaluate import (
    WordSet,
    analogy_score,
    read_set,
    read_sets,
    similarity_score,
    spearman,
)
from wordfit.vectors.geometry import geometry

PLANE = WordVectors(["a", "b", "c", "d"], [[1, 0], [0.9, 0.1], [0.5, 0.5], [0, 1]])


def test_spearman_is_scipys():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 50), rng.normal(size=50)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert np.isnan(spearman(np.ones(5), b[:5]))


def test_pairs_found_are_counted_and_the_interval_holds_the_figure():
    pairs = WordSet("s", (("a", "b", 9.0), ("a", "c", 5.0), ("A", "d", 1.0), ("a", "none", 3.0), ("b", "c", 6.0)))
    score = similarity_score(PLANE, pairs, draws=200)
    assert (score.pairs, score.found) == (5, 4)  # "A" is found in lower case
    assert score.spearman == pytest.approx(1.0)
    assert score.low <= score.spearman <= score.high
    assert score == similarity_score(PLANE, pairs, draws=200)  # seeded


@pytest.mark.filterwarnings("ignore:Call to deprecated")  # within gensim
def test_analogies_are_gensims(some):
    pytest.importorskip("gensim")
    rng = np.random.default_rng(1)
    words = list(some)
    keyed = some.to_keyed_vectors()
    questions = []
    for _ in range(40):
        a, b, c = rng.choice(words, 3, replace=False)
        add, mul = keyed.most_similar([b, c], [a], 1)[0][0], keyed.most_similar_cosmul([b, c], [a], 1)[0][0]
        questions.append(("both" if add == mul else "one", (a, b, c, add)))
    score = analogy_score(some, WordSet("q", questions=tuple(questions)))
    same = sum(1 for name, _ in questions if name == "both")
    assert score.add == 1.0
    assert score.mul == pytest.approx(same / 40)
    assert score.sections["both"] == (same, 1.0, 1.0)


def test_sets_are_read_with_their_sections_and_faults_are_said(tmp_path):
    (tmp_path / "q.txt").write_text(": capitals\nAthens Greece Oslo Norway\n: family\nboy girl son daughter\n")
    (tmp_path / "p.txt").write_text("love\tsex\t6.77\r\nold man\tnew\t1.58\r\n")
    (tmp_path / "LICENSE.txt").write_text("words that are no pairs")
    found = {one.name: one for one in read_sets(tmp_path)}
    assert found["p"].pairs == (("love", "sex", 6.77), ("old man", "new", 1.58))
    assert [section for section, _ in found["q"].questions] == ["capitals", "family"]
    (tmp_path / "bad.txt").write_text("a b 1\na b\n")
    with pytest.raises(InputError, match="bad.txt, line 2"):
        read_set(tmp_path / "bad.txt")


def test_even_directions_have_no_common_part_and_a_shift_gives_one():
    rng = np.random.default_rng(0)
    even = WordVectors([f"w{i}" for i in range(3000)], rng.normal(size=(3000, 20)))
    shape = geometry(even)
    assert abs(shape.mean_cosine) < 0.01
    assert shape.mean_share < 0.01
    assert shape.isotropy > 0.8
    assert shape.effective_dimensions == pytest.approx(20, rel=0.05)
    shifted = geometry(WordVectors(list(even), even.vectors + 3))
    assert shifted.mean_cosine == pytest.approx(0.9, abs=0.02)  # 9 / (9 + 1)
    assert shifted.isotropy < 0.01


def test_lengths_that_fall_with_rank_and_a_hub_are_seen():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(2000, 30))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    falling = geometry(WordVectors([f"w{i}" for i in range(2000)], matrix * np.linspace(9, 1, 2000)[:, None]))
    assert falling.norm_rank == pytest.approx(-1)
    matrix[1:] += 0.15
    matrix[0] = 1.0  # near to all the rest, which lean its way
    shape = geometry(WordVectors([f"w{i}" for i in range(2000)], matrix))
    assert shape.hubs[0][0] == "w0"
    assert shape.hubs[0][1] > 3 * shape.hubs[1][1]


@pytest.mark.real
def test_all_fifteen_published_sets_read_and_score_as_the_readme_says(data):
    sets = {one.name: one for one in read_sets(data / "wordsim")}
    assert len(sets) == 15
    assert len(sets["EN-MEN-TR-3k"].pairs) == 3000
    assert len(sets["EN-RW-STANFORD"].pairs) == 2034
    assert len(sets["questions-words"].questions) == 19544
    assert len(sets["msr"].questions) == 8000
    vectors = WordVectors.load(data / "vectors" / "glove.6B.50d.top10361.txt.gz")
    ws = similarity_score(vectors, sets["EN-WS-353-ALL"], draws=50)
    assert (round(ws.spearman, 3), ws.found) == (0.529, 274)
    google = analogy_score(vectors, sets["questions-words"])
    assert (round(google.add, 3), google.found) == (0.583, 6894)
