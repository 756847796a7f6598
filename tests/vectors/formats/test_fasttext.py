"""fastText's binary format, against gensim as an independent reader."""

import struct

import numpy as np
import pytest

from tests.vectors.conftest import same
from wordfit import InputError, WordVectors

TEXT = [["the", "café", "is", "open"], ["the", "cat", "sat"], ["naïve", "cats", "sat", "open"]] * 4


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny model that gensim wrote in Facebook's format, and gensim's own reading of it."""
    fasttext = pytest.importorskip("gensim.models.fasttext")
    path = tmp_path_factory.mktemp("fasttext") / "tiny.bin"
    trained = fasttext.FastText(
        TEXT, vector_size=6, min_count=1, epochs=2, bucket=50, min_n=2, max_n=4, seed=1, workers=1
    )
    fasttext.save_facebook_model(trained, str(path))
    return path, fasttext.load_facebook_vectors(str(path))


def test_words_have_the_vectors_that_gensim_reads(model):
    path, theirs = model
    ours = WordVectors.load(path)
    assert set(ours) == set(theirs.index_to_key)
    assert np.allclose(ours.vectors, theirs.vectors_for_all(list(ours)).vectors, atol=1e-6)
    assert ours.notes.format == "fastText binary"


@pytest.mark.parametrize("word", ["cafés", "unseen", "日本語", "zz", "naïveté"])
def test_an_unseen_word_has_the_vector_of_its_pieces(model, word):
    path, theirs = model
    ours = WordVectors.load(path)
    assert word not in ours
    assert np.allclose(ours[word], theirs[word], atol=1e-6)


def test_a_table_keeps_the_subwords(model, tmp_path):
    ours = WordVectors.load(model[0])
    ours.save(tmp_path / "v.safetensors")
    again = WordVectors.load(tmp_path / "v.safetensors")
    assert np.array_equal(again["unseen"], ours["unseen"])


def test_wanted_words_keep_their_vectors(model):
    whole = WordVectors.load(model[0])
    some = WordVectors.load(model[0], words=["sat", "the", "dog"])
    assert set(some) == {"sat", "the"}
    assert np.array_equal(some["sat"], whole["sat"])


def test_a_model_is_written_back_with_its_subwords(model, tmp_path):
    from gensim.models.fasttext import load_facebook_model, load_facebook_vectors

    ours = WordVectors.load(model[0])
    ours.save(tmp_path / "back.bin")
    again, theirs = WordVectors.load(tmp_path / "back.bin"), load_facebook_vectors(str(tmp_path / "back.bin"))
    assert again.notes.format == "fastText binary"
    assert same(again, ours)
    for word in (*ours, "unseen", "cafés", "日本語"):
        assert np.array_equal(again[word], ours[word])
        assert np.allclose(theirs[word], model[1][word], atol=1e-6)
    assert load_facebook_model(str(tmp_path / "back.bin")).wv.index_to_key == list(ours)


def test_a_set_without_subwords_is_a_fasttext_model_too(some, tmp_path):
    from gensim.models.fasttext import load_facebook_vectors

    some.save(tmp_path / "v.bin", "fasttext")
    again = WordVectors.load(tmp_path / "v.bin")
    assert same(again, some)
    assert again.subwords is None
    theirs = load_facebook_vectors(str(tmp_path / "v.bin"))
    assert np.array_equal(theirs.vectors, some.vectors)


def compressed(width: int, piece: int, normed: bool, pruned: int = -1) -> tuple[bytes, np.ndarray]:
    """A model compressed to product codes, and its rows, put together by hand after fastText's source."""
    rng, words = np.random.default_rng(width), [b"the", "café".encode(), b"is"]
    starts = list(range(0, width, piece))
    books = [rng.normal(size=(256, min(piece, width - start))).astype("<f4") for start in starts]
    codes = rng.integers(0, 256, (len(words), len(starts)), dtype=np.uint8)
    lengths, which = rng.gamma(2, 1, 256).astype("<f4"), rng.integers(0, 256, len(words), dtype=np.uint8)
    data = struct.pack("<2i12id", 793712314, 12, width, 5, 5, 1, 5, 1, 3, 3, 0, 0, 2 * (pruned > 0), 100, 1e-4)
    data += struct.pack("<3i2q", 4, 3, 1, 9, pruned)
    data += (
        b"".join(word + struct.pack("<Bqb", 0, 2, 0) for word in words) + b"__label__x" + struct.pack("<Bqb", 0, 3, 1)
    )
    data += struct.pack("<??2qi", True, normed, 3, width, codes.size) + codes.tobytes()
    data += struct.pack("<4i", width, len(starts), piece, width - starts[-1]) + b"".join(b.tobytes() for b in books)
    rows = np.concatenate([book[codes[:, i]] for i, book in enumerate(books)], axis=1)
    if normed:
        data += which.tobytes() + struct.pack("<4i", 1, 1, 1, 1) + lengths.tobytes()
        rows = rows * lengths[which][:, None]
    return data + b"\0" * 40, rows


@pytest.mark.parametrize(("width", "piece", "normed"), [(6, 2, False), (6, 2, True), (7, 3, True), (4, 4, False)])
def test_a_model_compressed_to_product_codes_is_unpacked(tmp_path, width, piece, normed):
    data, rows = compressed(width, piece, normed)
    (tmp_path / "v.ftz").write_bytes(data)
    vectors = WordVectors.load(tmp_path / "v.ftz")
    assert list(vectors) == ["the", "café", "is"]
    assert np.array_equal(vectors.vectors, rows)
    (tmp_path / "v.ftz").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="cut off"):
        WordVectors.load(tmp_path / "v.ftz")


def test_a_compressed_model_whose_pieces_were_pruned_is_refused(tmp_path):
    (tmp_path / "v.ftz").write_bytes(compressed(4, 2, False, pruned=5)[0])
    with pytest.raises(InputError, match="pruned"):
        WordVectors.load(tmp_path / "v.ftz")


def test_a_model_that_is_cut_off_is_said(model, tmp_path):
    data = model[0].read_bytes()
    for size in (3, 40, 90, len(data) // 2):
        (tmp_path / "cut.bin").write_bytes(data[:size])
        with pytest.raises(InputError):
            WordVectors.load(tmp_path / "cut.bin")


def test_the_hash_is_fasttexts():
    """Published by fastText: FNV-1a over signed bytes."""
    from wordfit.vectors.kernels.subwords import OFFSET, fold

    code = OFFSET
    for byte in b"a":
        code = fold(code, byte)
    assert int(code) == 0xE40C292C  # FNV-1a of "a", from its authors' test vectors
