"""Neighbours, analogies and changed copies, against gensim and plain NumPy."""

import numpy as np
import pytest

from wordfit import InputError, WordVectors
from wordfit.vectors import similarity


def cosines(vectors: WordVectors) -> np.ndarray:
    unit = vectors.vectors / np.linalg.norm(vectors.vectors, axis=1, keepdims=True)
    return unit @ unit.T


@pytest.mark.filterwarnings("ignore:Call to deprecated")  # within gensim
def test_similarities_analogies_and_the_odd_one_are_gensims(some):
    pytest.importorskip("gensim")
    theirs = some.to_keyed_vectors()
    words = ["word1", "word2", "word3", "the"]
    for ours, other in [
        (some.most_similar("the", topn=7), theirs.most_similar("the", topn=7)),
        (some.most_similar(words[:2], words[2], 5), theirs.most_similar(words[:2], words[2:3], 5)),
        (some.analogy("the", "word1", "word2", topn=3), theirs.most_similar(["word1", "word2"], ["the"], 3)),
        (some.most_similar_cosmul(words[:2], words[2], 5), theirs.most_similar_cosmul(words[:2], words[2:3], 5)),
    ]:
        assert [word for word, _ in ours] == [word for word, _ in other]
        assert np.allclose([score for _, score in ours], [score for _, score in other], atol=1e-5)
    assert some.similarity("the", "word9") == pytest.approx(theirs.similarity("the", "word9"), abs=1e-6)
    assert some.doesnt_match(words) == theirs.doesnt_match(words)


@pytest.mark.parametrize("held", [300, 4096, 1 << 23])
def test_many_questions_at_once_get_the_answers_of_one_at_a_time(some, monkeypatch, held):
    monkeypatch.setattr(similarity, "SCORES", held)
    words = list(some)
    rows, scores = some.nearest(words, topn=5)
    every = cosines(some)
    np.fill_diagonal(every, -2)
    expected = np.argsort(-every, axis=1, kind="stable")[:, :5]
    assert np.array_equal(rows, expected)
    assert np.allclose(scores, np.take_along_axis(every, expected, 1), atol=1e-6)


def two_ways(vectors, queries, topn, monkeypatch, **options):
    """The answers of the compiled scan and of plain NumPy."""
    answers = []
    for many in (0, 1 << 60):
        monkeypatch.setattr(similarity, "MANY", many)
        answers.append(vectors.nearest(queries, topn, **options))
    return answers


@pytest.mark.parametrize(("words", "width", "topn"), [(5000, 7, 10), (3000, 100, 1), (700, 33, 300), (40, 2, 50)])
def test_the_compiled_scan_finds_what_numpy_finds(words, width, topn, monkeypatch):
    rng = np.random.default_rng(words)
    vectors = WordVectors([str(i) for i in range(words)], rng.normal(size=(words, width)) * rng.gamma(1, 1, (words, 1)))
    asked = [str(i) for i in rng.integers(0, words, 201)]
    (rows, scores), (plain_rows, plain_scores) = two_ways(vectors, asked, topn, monkeypatch)
    assert np.allclose(scores, plain_scores, atol=2e-6)
    differ = rows != plain_rows  # only where two cosines are equal to float32's precision
    assert np.allclose(scores[differ], plain_scores[differ], atol=3e-7)
    assert differ.mean() < 0.01
    (rows, _), (plain_rows, _) = two_ways(vectors, vectors.vectors[:20] * 5, min(topn, 9), monkeypatch, restrict=20)
    assert (rows == plain_rows).mean() > 0.99


def test_ties_without_end_and_vectors_too_long_for_codes_are_answered_too(monkeypatch):
    same_for_all = WordVectors([str(i) for i in range(2000)], np.ones((2000, 3)))
    (rows, scores), _ = two_ways(same_for_all, ["7", "8"], 5, monkeypatch)
    assert np.allclose(scores, 1)
    assert not (rows == [[7], [8]]).any()
    values = np.random.default_rng(5).normal(size=(300, 4)).astype(np.float32)
    values[0] *= 1e30  # its square is infinite
    values[1] = 0
    values[2] *= 1e-30
    (_, scores), (_, plain) = two_ways(WordVectors([str(i) for i in range(300)], values), ["5", "6"], 3, monkeypatch)
    assert np.allclose(scores, plain, atol=1e-6)


def test_no_error_of_the_codes_is_beyond_its_bound():
    """The bound that lets the scan drop words, against the worst rows that a search of rounding finds."""
    from wordfit.vectors.kernels import scan as scan_kernels

    rng = np.random.default_rng(1)
    rows = rng.choice([-1, 1], (400, 64)) * (rng.integers(1, 4000, (400, 64)) + 0.499)
    rows = similarity.unit(rows.astype(np.float32))
    codes = np.zeros((25, 32, 16, 2), dtype=np.int16)
    assert scan_kernels.encode_rows(rows, np.ones(400, dtype=np.float32), 16, codes)
    plain = codes.transpose(0, 2, 1, 3).reshape(400, 64).astype(np.int64)
    assert np.abs(plain - rows.astype(np.float64) * scan_kernels.SCALE).max() < 0.52
    off = np.abs(plain @ plain.T - rows.astype(np.float64) @ rows.T.astype(np.float64) * scan_kernels.SCALE**2)
    assert 0 < off.max() < 2 * 0.52 * 8 * (1.0001 * scan_kernels.SCALE + 0.52 * 8)


def test_vectors_can_be_asked_for_and_answers_restricted(some):
    rows, _ = some.nearest(some.vectors[:4], topn=1)
    assert rows.ravel().tolist() == [0, 1, 2, 3]
    assert some.nearest(["the"], topn=50, restrict=10)[0].max() < 10
    assert some.nearest([], topn=3)[0].shape == (0, 3)


def test_asking_for_more_than_there_is_gives_all_but_the_word(some):
    assert len(some.most_similar("the", topn=1000)) == 299


def test_questions_that_make_no_sense_are_refused(some):
    with pytest.raises(InputError):
        some.most_similar()
    with pytest.raises(InputError):
        some.nearest("the")
    with pytest.raises(InputError):
        some.analogy("a", "b", "c", method="sub")
    with pytest.raises(KeyError, match="'absent' has no vector"):
        some.most_similar("absent")


def test_a_zero_vector_is_near_to_nothing():
    vectors = WordVectors(["zero", "a", "b"], [[0, 0], [1, 0], [1, 0.1]])
    assert vectors.most_similar("a", topn=1)[0][0] == "b"
    assert vectors.similarity("zero", "a") == 0.0
    assert vectors.normalised()["zero"].tolist() == [0, 0]


def test_a_subset_keeps_the_order_asked_for(some):
    part = some.subset(["word9", "absent", "the", "word9"])
    assert list(part) == ["word9", "the"]
    assert np.array_equal(part["the"], some["the"])


def test_normalised_and_centred_and_without_top(some):
    assert np.allclose(some.normalised().norms, 1, atol=1e-6)
    assert np.allclose(some.centred().vectors.mean(axis=0), 0, atol=1e-6)
    rest = some.without_top(3)
    _, values, directions = np.linalg.svd(some.centred().vectors, full_matrices=False)
    assert np.allclose(rest.vectors @ directions[:3].T, 0, atol=1e-4)
    assert np.linalg.norm(rest.vectors) == pytest.approx(np.sqrt((values[3:] ** 2).sum()), rel=1e-4)
    with pytest.raises(InputError):
        some.without_top(9)


def test_two_sets_stand_side_by_side_for_the_words_they_share(some):
    other = WordVectors(["word9", "x", "the"], np.arange(6).reshape(3, 2))
    both = some.joined(other)
    assert list(both) == ["the", "word9"]
    assert both["the"].tolist() == [*some["the"].tolist(), 4, 5]
    with pytest.raises(InputError, match="share"):
        some.joined(WordVectors(["x"], [[1.0]]))


def test_alignment_undoes_a_rotation(some):
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(8, 8)))
    turned = WordVectors(list(some), some.vectors @ turn)
    assert np.allclose(some.aligned(turned).vectors, turned.vectors, atol=1e-4)
    pairs = [(word, word) for word in list(some)[:50]]
    assert np.allclose(some.aligned(turned, pairs).vectors, turned.vectors, atol=1e-4)


@pytest.mark.parametrize(("kind", "bytes_each", "error"), [("float16", 2, 2e-3), ("int8", 1, 1.5e-2)])
def test_compact_copies_are_near_small_and_come_back(some, tmp_path, kind, bytes_each, error):
    compact = some.compact(kind)
    assert compact.codes.nbytes == bytes_each * some.vectors.size
    assert np.abs(compact.vectors - some.vectors).max() < error * np.abs(some.vectors).max()
    assert np.array_equal(compact["café"], compact.vectors[1])
    compact.save(tmp_path / "v.safetensors")
    again = WordVectors.load(tmp_path / "v.safetensors")
    assert list(again) == list(some)
    assert np.array_equal(again.vectors, compact.vectors)
    assert np.array_equal(WordVectors.load(tmp_path / "v.safetensors", words=["café"])["café"], compact["café"])


def test_float16_refuses_values_that_it_cannot_hold():
    with pytest.raises(InputError, match="65,504"):
        WordVectors(["a"], [[1e6]]).compact("float16")


@pytest.mark.real
def test_king_queen_as_published_of_these_vectors(data):
    vectors = WordVectors.load(data / "vectors" / "glove.6B.50d.top10361.txt.gz")
    assert vectors.similarity("king", "queen") == pytest.approx(0.784, abs=5e-4)
    assert vectors.analogy("man", "king", "woman")[0][0] == "queen"
