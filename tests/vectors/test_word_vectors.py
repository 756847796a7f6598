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


def test_vectors_can_be_pickled_for_another_process(tmp_path):
    import pickle

    WordVectors(WORDS, MATRIX).save(tmp_path / "v.safetensors")
    for vectors in (WordVectors(WORDS, MATRIX), WordVectors.load(tmp_path / "v.safetensors")):
        again = pickle.loads(pickle.dumps(vectors))
        assert list(again) == WORDS
        assert again.indices(["of"]).tolist() == [1]
        assert again != vectors
        assert vectors in {vectors}


@pytest.mark.parametrize("count", [3, 60_000])
def test_few_and_many_look_ups_agree(tmp_path, count):
    from wordfit.vectors import packing

    words = [f"w{i}é" for i in range(count)]
    index = packing.pack(words)
    asked = [*words[::2], "absent", "\ud800", ""]
    expected = [*range(0, count, 2), -1, -1, -1]
    assert packing.find(index, asked).tolist() == expected
    assert index.rows(asked).tolist() == expected
    assert list(index) == words
    assert index.words[-1] == words[-1]
    assert index.words[1:3] == words[1:3]
    assert index[words[-1]] == count - 1
    with pytest.raises(KeyError):
        index["absent"]
    with pytest.raises(IndexError):
        index.words[count]


def test_strings_where_words_are_expected_are_refused(tmp_path):
    WordVectors(WORDS, MATRIX).save(tmp_path / "v.txt")
    with pytest.raises(InputError, match="one string"):
        WordVectors.load(tmp_path / "v.txt", words="the")
    with pytest.raises(InputError, match="invalid="):
        WordVectors.load(tmp_path / "v.txt", invalid="ignore")


def test_several_words_give_a_matrix():
    vectors = WordVectors(WORDS, MATRIX)
    assert np.array_equal(vectors[["café", "the"]], MATRIX[[2, 0]])
    assert vectors[[]].shape == (0, 2)
    assert vectors.get("absent") is None
