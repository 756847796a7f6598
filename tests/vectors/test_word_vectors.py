"""The mapping: words, rows, and what it answers."""

import numpy as np
import pytest

from wordfit import InputError, WordVectors

WORDS = ["the", "of", "café"]
MATRIX = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)


def test_a_word_gives_its_row_and_an_unknown_word_a_key_error():
    vectors = WordVectors(WORDS, MATRIX)
    assert np.array_equal(vectors["of"], MATRIX[1])
    with pytest.raises(KeyError):
        vectors["unknown"]


def test_many_words_are_looked_up_at_once_and_missing_ones_are_minus_one():
    rows = WordVectors(WORDS, MATRIX).indices(["café", "unknown", "the"])
    assert rows.dtype == np.int64
    assert rows.tolist() == [2, -1, 0]


def test_the_matrix_is_read_only():
    with pytest.raises(ValueError):
        WordVectors(WORDS, MATRIX).vectors[0, 0] = 5


def test_words_and_rows_must_agree_and_no_word_comes_twice():
    with pytest.raises(InputError, match="3 words"):
        WordVectors(WORDS, MATRIX[:2])
    with pytest.raises(InputError, match="twice"):
        WordVectors(["a", "a"], MATRIX[:2])


def test_text_comes_back_as_it_was_saved(tmp_path):
    vectors = WordVectors(WORDS, MATRIX)
    for format in ["glove", "word2vec"]:
        vectors.save(tmp_path / format, format)
        again = WordVectors.load(tmp_path / format)
        assert list(again.index_to_key) == WORDS
        assert np.array_equal(again.vectors, MATRIX)


def test_wanted_words_only_and_the_notes_say_how_many_there_were(tmp_path):
    WordVectors(WORDS, MATRIX).save(tmp_path / "v.txt", "glove")
    some = WordVectors.load(tmp_path / "v.txt", words=["café", "missing"])
    assert list(some) == ["café"]
    assert (some.notes.total, some.notes.taken) == (3, 1)
