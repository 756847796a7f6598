"""Every format, told from its content, plain and packed, and from a pipe."""

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors.conftest import same
from wordfit import InputError, WordVectors
from wordfit.vectors.formats.recognised import recognise
from wordfit.vectors.formats.writing import WRITERS

PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda data: zipped({"inner.txt": data}),
}


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("form", WRITERS)
def test_a_format_comes_back_as_it_was_saved_whatever_its_name(some, tmp_path, form):
    path = tmp_path / ("any.npy" if form == "npy" else "any.name")
    some.save(path, form)
    assert same(WordVectors.load(path), some)


@pytest.mark.parametrize("form", ["glove", "word2vec", "word2vec-binary"])
@pytest.mark.parametrize("packing", PACK)
def test_a_packed_file_is_read_like_the_plain_one(some, tmp_path, form, packing):
    some.save(tmp_path / "plain", form)
    (tmp_path / "packed").write_bytes(PACK[packing]((tmp_path / "plain").read_bytes()))
    assert same(WordVectors.load(tmp_path / "packed"), some)


@pytest.mark.parametrize(
    "name", ["v.txt", "v.vec", "v.bin", "v.npz", "v.safetensors", "v.txt.gz", "v.vec.zip", "v.txt.xz"]
)
def test_the_format_to_write_is_told_from_the_name(some, tmp_path, name):
    some.save(tmp_path / name)
    assert same(WordVectors.load(tmp_path / name), some)


def test_one_of_several_members_of_a_zip_is_named_by_its_path(some, tmp_path):
    some.save(tmp_path / "v.txt")
    data = (tmp_path / "v.txt").read_bytes()
    (tmp_path / "two.zip").write_bytes(zipped({"a/one.txt": b"x 1 2\n", "two.txt": data}))
    assert same(WordVectors.load(tmp_path / "two.zip" / "two.txt"), some)
    with pytest.raises(InputError, match="found 2: a/one.txt, two.txt. Name one: .*two.zip/a/one.txt"):
        WordVectors.load(tmp_path / "two.zip")
    with pytest.raises(InputError, match="expected a member three.txt"):
        WordVectors.load(tmp_path / "two.zip" / "three.txt")


@pytest.mark.parametrize("packing", ["", "gz", "zip"])
def test_vectors_come_through_a_pipe(some, tmp_path, packing):
    some.save(tmp_path / "v.txt")
    data = (tmp_path / "v.txt").read_bytes()
    code = "from wordfit import WordVectors; v = WordVectors.load('-'); print(len(v), v['word5'].tobytes().hex())"
    done = subprocess.run(
        [sys.executable, "-c", code], input=PACK[packing](data) if packing else data, capture_output=True, check=True
    )
    assert done.stdout.decode().split() == ["300", some["word5"].tobytes().hex()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_vectors_come_through_a_named_pipe(some, tmp_path):
    some.save(tmp_path / "v.bin")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes((tmp_path / "v.bin").read_bytes()))
    writer.start()
    assert same(WordVectors.load(tmp_path / "pipe"), some)
    writer.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # gensim leaves files open
def test_gensim_reads_what_is_written_and_its_files_are_read(some, tmp_path):
    keyed = pytest.importorskip("gensim.models").KeyedVectors
    for name, binary in (("w2v.vec", False), ("w2v.bin", True)):
        some.save(tmp_path / name)
        theirs = keyed.load_word2vec_format(tmp_path / name, binary=binary)
        assert theirs.index_to_key == list(some)
        assert np.array_equal(theirs.vectors, some.vectors)
        theirs.save_word2vec_format(tmp_path / f"back.{name}", binary=binary)
        assert same(WordVectors.load(tmp_path / f"back.{name}"), some)
    some.save(tmp_path / "glove.txt")
    assert np.array_equal(
        keyed.load_word2vec_format(tmp_path / "glove.txt", binary=False, no_header=True).vectors, some.vectors
    )


def test_gensim_objects_go_in_and_out(some):
    pytest.importorskip("gensim")
    keyed = some.to_keyed_vectors()
    assert keyed.most_similar("the", topn=3)[0][0] == some.most_similar("the", topn=3)[0][0]
    assert same(WordVectors.of(keyed), some)


def test_a_pickle_is_named_and_not_opened(some, tmp_path):
    pytest.importorskip("gensim")
    some.to_keyed_vectors().save(str(tmp_path / "kv"))
    with pytest.raises(InputError, match="a Python pickle.*WordVectors.of"):
        WordVectors.load(tmp_path / "kv")


def test_safetensors_with_a_tokenizer_beside_it_is_a_static_embedding(tmp_path):
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models

    matrix = np.arange(8, dtype=np.float16).reshape(4, 2)
    save_file({"embeddings": matrix}, tmp_path / "model.safetensors")
    Tokenizer(models.WordLevel({"[UNK]": 0, "b": 2, "a": 1}, unk_token="[UNK]")).save(str(tmp_path / "tokenizer.json"))
    vectors = WordVectors.load(tmp_path / "model.safetensors")
    assert list(vectors) == ["[UNK]", "a", "b", "[row 3]"]
    assert vectors["b"].tolist() == [4, 5]


def test_rows_that_tokens_share_and_weights_are_model2vecs(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "vocab.txt").write_text("a\nb\nc\n")
    matrix = np.array([[1, 2], [3, 4]], dtype=np.float32)
    tensors = {"embeddings": matrix, "mapping": np.array([1, 0, 1]), "weights": np.array([1.0, 0.5, 2.0])}
    save_file(tensors, tmp_path / "model.safetensors")
    assert WordVectors.load(tmp_path / "model.safetensors").vectors.tolist() == [[3, 4], [0.5, 1], [6, 8]]
    save_file({**tensors, "mapping": np.array([1, 0, 2])}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="mapping"):
        WordVectors.load(tmp_path / "model.safetensors")
    save_file({**tensors, "weights": np.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="a weight for each of 3"):
        WordVectors.load(tmp_path / "model.safetensors")


def test_bfloat16_is_read(tmp_path):
    about = {"t": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}}
    header = json.dumps(about).encode()
    rows = np.array([[1.5, -2], [0.25, 3e38]], dtype=np.float32)
    data = (rows.view(np.uint32) >> 16).astype("<u2")
    (tmp_path / "v").write_bytes(len(header).to_bytes(8, "little") + header + data.tobytes())
    (tmp_path / "words.txt").write_text("a\nb\n")
    assert np.allclose(WordVectors.load(tmp_path / "v").vectors, rows, rtol=1e-2)


def test_any_safetensors_reader_opens_what_is_written(some, tmp_path):
    from safetensors.numpy import load_file

    some.save(tmp_path / "v.safetensors")
    tensors = load_file(tmp_path / "v.safetensors")
    assert np.array_equal(tensors["vectors"], some.vectors)
    assert bytes(tensors["words"][: tensors["offsets"][1]]).decode() == "the"


def test_a_matrix_takes_its_words_from_the_file_beside_it(tmp_path):
    np.save(tmp_path / "v.npy", np.array([[1.0, 2.0], [3.0, 4.0]]))
    with pytest.raises(InputError, match="needs its words"):
        WordVectors.load(tmp_path / "v.npy")
    (tmp_path / "vocab.txt").write_text("the 120\nof 80\n")
    assert list(WordVectors.load(tmp_path / "v.npy")) == ["the", "of"]
    (tmp_path / "v.words.txt").write_text("new york\n\u0085\n", encoding="utf-8")
    assert list(WordVectors.load(tmp_path / "v.npy")) == ["new york", "\u0085"]
    (tmp_path / "v.words.txt").write_text("one\n")
    with pytest.raises(InputError, match="found 1 words"):
        WordVectors.load(tmp_path / "v.npy")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\0\1\2\3 5 6\n", "no known format"),
        (b"\x93NUMPY\x01\0", "."),
        ((793712314).to_bytes(4, "little") + b"\x0c\0\0\0", "cut off"),
        ((793712314).to_bytes(4, "little") + b"\x07\0\0\0" + bytes(200), "fastText version 7"),
        (b'\x10\0\0\0\0\0\0\0{"a":', "safetensors"),
        (b"PK\x03\x04nonsense", "zip"),
        (b"\x1f\x8b\x08\0nonsense", "damaged"),
        (b"BZh9nonsense", "damaged"),
        (b"\xfd7zXZ\0nonsense", "damaged"),
    ],
)
def test_what_is_no_vectors_is_said_by_name(tmp_path, content, said):
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(InputError, match=f"(?s){tmp_path}/v.*{said}"):
        WordVectors.load(tmp_path / "v")


def test_words_that_begin_like_another_format_are_words():
    for line in (b"<unk> 1 2\n", b"< 1 2\n", b"%PDF 1 2\n", b"PK 1 2\n", b"GGUF 0.5 -1e-3\n"):
        assert recognise(line, "v").name == "text"


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_cut_off_download_is_said(some, tmp_path, packing):
    some.save(tmp_path / "v.txt")
    packed = PACK[packing]((tmp_path / "v.txt").read_bytes())
    (tmp_path / "cut").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="cut: the packed data are damaged or cut off"):
        WordVectors.load(tmp_path / "cut")


def test_a_cut_off_binary_file_is_said_or_taken_leniently(some, tmp_path):
    some.save(tmp_path / "v.bin")
    data = (tmp_path / "v.bin").read_bytes()
    (tmp_path / "cut").write_bytes(data[:-50])
    with pytest.raises(InputError, match="promises 300 words, the file holds 29"):
        WordVectors.load(tmp_path / "cut")
    part = WordVectors.load(tmp_path / "cut", lenient=True)
    assert list(part) == list(some)[: len(part)]
    assert np.array_equal(part.vectors, some.vectors[: len(part)])


def test_a_binary_vector_that_is_not_finite_is_said_or_left_out(tmp_path):
    rows = np.array([[1, 2], [np.nan, 4], [5, np.inf], [7, 8]], dtype="<f4")
    data = b"4 2\n" + b"".join(f"w{i} ".encode() + row.tobytes() + b"\n" for i, row in enumerate(rows))
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(InputError, match="entry 2: the vector of 'w1' holds a value that is not finite"):
        WordVectors.load(tmp_path / "v")
    vectors = WordVectors.load(tmp_path / "v", lenient=True)
    assert list(vectors) == ["w0", "w3"]
    assert len(vectors.notes.left_out) == 2


def test_a_larger_binary_file_crosses_blocks_and_gives_wanted_words(tmp_path, monkeypatch):
    from wordfit.vectors.formats import binary

    monkeypatch.setattr(binary, "BLOCK", 1000)
    rng = np.random.default_rng(1)
    whole = WordVectors([f"w{i}" * (1 + i % 7) for i in range(2000)], rng.normal(size=(2000, 5)))
    whole.save(tmp_path / "v.bin")
    assert same(WordVectors.load(tmp_path / "v.bin", cache=False), whole)
    some = WordVectors.load(tmp_path / "v.bin", words=["w7w7w7w7w7w7w7w7", "w0", "none"], cache=False)
    assert list(some) == ["w0"]
    assert list(WordVectors.load(tmp_path / "v.bin", limit=3, cache=False)) == list(whole)[:3]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [b"", b"2 3\n", b"\x93NUMPY", b"PK\x03\x04", b"\x1f\x8b", (793712314).to_bytes(4, "little") + b"\x0c\0\0\0",
         b"\x40\0\0\0\0\0\0\0{", b"BZh9", b"\xfd7zXZ\0", b"3 1\na "]
    ),
    st.binary(max_size=300),
)  # fmt: skip
def test_any_bytes_after_any_magic_give_an_answer_or_a_message(tmp_path_factory, start, rest):
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(start + rest)
    try:
        vectors = WordVectors.load(path, cache=False)
    except InputError as error:
        assert "fuzz" in str(error) or "fastText" in str(error)  # noqa: PT017 - a message or an answer
    else:
        assert np.isfinite(vectors.vectors).all()


def test_words_that_text_cannot_hold_are_refused_and_npz_holds_them(tmp_path):
    for word in ("a\nb", "a 5", "end ", "a\0b", "\ufeffa"):
        vectors = WordVectors([word], np.ones((1, 2)))
        with pytest.raises(InputError, match="cannot be"):
            vectors.save(tmp_path / "v.txt")
        assert not (tmp_path / "v.txt").exists()
        vectors.save(tmp_path / "v.npz")
        assert list(WordVectors.load(tmp_path / "v.npz")) == [word]
    with pytest.raises(InputError, match="expected one of the formats"):
        vectors.save(tmp_path / "v.unknown")


@pytest.mark.real
def test_the_real_zip_of_glove_840b_reads(data):
    vectors = WordVectors.load(data / "vectors" / "glove.840B.300d.head.zip")
    assert len(vectors) == 100
    assert vectors.index_to_key[2] == "the"


@pytest.mark.parametrize(
    "content",
    [
        b"999999999999999 3\na \x01\x02\x03\x04",
        b"2 99999999999999\na \x01\x02\x03\x04",
        b"9999999999 300\na 1 2\n",
        (793712314).to_bytes(4, "little") + b"\x0c\0\0\0" + b"\x7f" * 300,
        b"\x93NUMPY\x01\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 999999), }".ljust(128)
        + b"\n",
    ],
)
def test_a_promise_of_more_than_memory_holds_is_not_believed(tmp_path, content):
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(InputError):
        WordVectors.load(tmp_path / "v")
