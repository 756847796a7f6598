"""Every word gets its vector, another spelling's, or a stated start; coverage says which."""

import numpy as np
import pytest

from wordfit import InputError, WordVectors
from wordfit.embedding import STARTS, align, coverage
from wordfit.vectors.formats.fasttext import Subwords

WORDS = ["<pad>", "<unk>", "film", "Paris", "USA", "``", "1998", "well-made", "zzz"]
SET = WordVectors(
    ["film", "paris", "usa", '"', "####", "well", "made"], np.arange(1, 22, dtype=np.float32).reshape(7, 3)
)


def test_a_word_takes_its_own_vector_or_that_of_another_spelling():
    found = align([SET], WORDS, "zero")
    assert found.how[2:] == ["exact", "case", "case", "tokeniser", "digits", "parts", "missing"]
    assert found.matrix[3].tolist() == SET["paris"].tolist()
    assert found.matrix[7].tolist() == ((SET["well"] + SET["made"]) / 2).tolist()
    assert not found.matrix[[0, 1, 8]].any()


@pytest.mark.parametrize("start", list(STARTS))
def test_a_start_hangs_on_the_word_and_not_on_its_company(start):
    alone = align([SET], ["<pad>", "<unk>", "filming"], start).matrix[2]
    among = align([SET], ["<pad>", "<unk>", "other", "film", "filming"], start).matrix[4]
    np.testing.assert_allclose(alone, among, rtol=1e-6)


def test_the_normal_start_has_the_mean_and_spread_of_the_set():
    random = np.random.default_rng(0)
    vectors = WordVectors([f"w{i}" for i in range(500)], random.normal(3, 0.2, (500, 4)).astype(np.float32))
    new = align([vectors], ["<pad>", "<unk>", *(f"new{i}" for i in range(2000))], "normal").matrix[2:]
    np.testing.assert_allclose(new.mean(axis=0), vectors.vectors.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(new.std(axis=0), vectors.vectors.std(axis=0), atol=0.03)


def test_the_subword_start_lies_near_the_words_that_share_letters():
    random = np.random.default_rng(0)
    words = ["painting", "painter", "painted", "swimming", "swimmer", "swims"]
    centres = np.repeat(random.normal(size=(2, 20)), 3, axis=0)
    vectors = WordVectors(words, (centres + 0.1 * random.normal(size=(6, 20))).astype(np.float32))
    paints = align([vectors], ["<pad>", "<unk>", "paints"], "subword").matrix[2]
    middle = vectors.vectors.mean(axis=0)
    assert (paints - middle) @ (vectors["painter"] - middle) > 0 > (paints - middle) @ (vectors["swimmer"] - middle)


def test_several_sets_stand_side_by_side():
    other = WordVectors(["zzz"], np.ones((1, 2), np.float32))
    found = align([SET, other], WORDS, "zero")
    assert found.matrix.shape == (9, 5)
    assert found.how[8] == "exact"
    assert found.known.tolist() == [False, False] + [True] * 7


def test_fasttexts_own_vector_serves_a_word_that_it_lacks():
    vectors = WordVectors(["film"], np.ones((1, 3), np.float32))
    vectors.subwords = Subwords(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32), 3, 6)
    found = align([vectors], ["<pad>", "<unk>", "film", "filming"], "zero")
    assert found.how[2:] == ["exact", "subwords"]
    assert found.matrix[3].tolist() == vectors["filming"].tolist()


def test_an_unknown_start_is_refused():
    with pytest.raises(InputError, match="the start of unknown words 'ones' is not known"):
        align([SET], WORDS, "ones")


def test_coverage_counts_types_tokens_labels_and_reasons():
    found = align([SET], WORDS, "zero")
    ids, offsets = np.array([2, 2, 8, 1, 3, 7]), np.array([0, 4, 6])
    share = coverage(found, WORDS, ids, offsets, ["bad", "good"])
    assert share["tokens"] == {
        "exact": 2,
        "case": 1,
        "tokeniser": 0,
        "digits": 0,
        "parts": 1,
        "subwords": 0,
        "missing": 2,
    }
    assert share["types"]["missing"] == 2
    assert share["by_label"] == {"bad": 0.5, "good": 1.0}
    assert share["reasons"] == {"rare": 2}


@pytest.mark.real
def test_real_coverage_of_sst2_agrees_with_a_plain_count(data):
    from wordfit.data import Rules, Tokenizer, Vocabulary, read_train

    vectors = WordVectors.load(data / "vectors" / "glove.6B.50d.top10361.txt.gz")
    _, train = read_train(data / "glue" / "SST-2" / "train.tsv")
    tokens = [word for text in train.texts[0] for word in text.split()]
    plain = sum(word in vectors for word in tokens) / len(tokens)
    tokenizer = Tokenizer(Rules.matched_to(vectors))
    vocabulary = Vocabulary.build(tokenizer, train.texts[0])
    ids, offsets = tokenizer.with_words(vocabulary.words).encode(train.texts[0])
    share = coverage(align([vectors], vocabulary.words, "zero"), vocabulary.words, ids, offsets)["tokens"]
    assert plain == pytest.approx(0.835, abs=0.001)  # as the data's own notes say
    assert share["exact"] / len(ids) == pytest.approx(plain, abs=0.02)
