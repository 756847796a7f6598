"""Files of every format with bytes changed, cut and moved: a message or a right answer, never anything else."""

import bz2
import functools
import gzip
import io
import json
import lzma
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordfit import InputError, WordVectors
from wordfit.vectors.formats.fasttext import Subwords
from wordfit.vectors.formats.lines import LineError, read_line

WORDS = ["the", "café", ". .", "\u0085", "2003", "a\u00a0b", "x" * 40, "of", "日本", "-"]
FORMATS = ["glove", "word2vec", "word2vec-binary", "fasttext", "npz", "npy", "safetensors"]
PACKINGS = {
    "": lambda data: data,
    "gz": functools.partial(gzip.compress, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@functools.cache
def valid(form: str, packing: str) -> bytes:
    """A small file of a format, packed."""
    rows = np.random.default_rng(3).normal(size=(len(WORDS), 4)).astype(np.float32)
    words = [word.replace(" ", "_") for word in WORDS] if form == "word2vec-binary" else WORDS
    vectors = WordVectors(words, rows)
    if form == "fasttext":
        vectors.subwords = Subwords(rows[:7].copy(), 2, 4)
    if form == "static":
        header = {"e": {"dtype": "F16", "shape": [10, 4], "data_offsets": [0, 80]},
                  "mapping": {"dtype": "I64", "shape": [10], "data_offsets": [80, 160]}}  # fmt: skip
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + rows.astype("<f2").tobytes() + np.arange(10).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        vectors.save(Path(folder) / "v", form)
        data = (Path(folder) / "v").read_bytes()
    if packing == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("v", data)
        return out.getvalue()
    return PACKINGS[packing](data)


@st.composite
def changed(draw, data: bytes) -> bytes:
    """A file with one to three changes: a byte, a number, a piece lost, doubled or moved, or the end cut off."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, min(len(data) - 1, draw(st.sampled_from([40, 200, 10**6]))))))
        piece = data[place : place + draw(st.sampled_from([1, 2, 4, 8, 40]))]
        what = draw(st.sampled_from(["byte", "number", "lose", "double", "move", "cut", "text"]))
        if what == "byte":
            data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif what == "number":
            number = draw(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31), 2**16, 10**9]))
            data[place : place + 4] = struct.pack("<i", number)
        elif what == "text":
            data[place:place] = draw(
                st.sampled_from([b" ", b"\n", b"\r\n", b"\t", b"nan", b"1e99", b"9" * 30, b"\0", b"-"])
            )
        elif what == "double":
            data[place:place] = piece
        elif what == "cut":
            del data[place:]
        else:
            del data[place : place + len(piece)]
            if what == "move":
                data += piece
    return bytes(data)


def answer(data: bytes, words_beside: bool, **options) -> WordVectors | None:
    """What is read of a file; None for a message that names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz"
        path.write_bytes(data)
        if words_beside:
            (Path(folder) / "words.txt").write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
        try:
            vectors = WordVectors.load(path, cache=False, **options)
        except InputError as error:
            assert "fuzz" in str(error) or "words.txt" in str(error)  # noqa: PT017 - a message or an answer
            return None
    assert len(list(vectors)) == len(vectors)
    assert all(word in vectors or data[8:9] == b"{" for word in vectors)
    if data[8:9] != b"{":  # a table's values are not looked through: it is opened, not read
        assert np.isfinite(vectors.vectors).all()
        assert len(set(vectors)) == len(vectors) == vectors.notes.taken
    return vectors


@pytest.mark.filterwarnings("ignore")  # of zipfile and NumPy, about what was damaged on purpose
@settings(max_examples=25)
@given(st.data())
@pytest.mark.parametrize("form", [*FORMATS, "static"])
def test_a_changed_file_gives_an_answer_or_a_message(form, data):
    content = data.draw(changed(valid(form, "")))
    answer(content, form in ("npy", "static"), lenient=data.draw(st.booleans()))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=20)
@given(st.data())
@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zip"])
def test_a_changed_packed_file_gives_an_answer_or_a_message(packing, data):
    content = data.draw(changed(valid(data.draw(st.sampled_from(["glove", "word2vec-binary"])), packing)))
    answer(content, False, lenient=data.draw(st.booleans()))


@settings(max_examples=120)
@given(st.data())
def test_a_changed_text_file_is_read_as_a_plain_loop_reads_it(data):
    content = data.draw(changed(valid("glove", "")))
    vectors = answer(content, False, lenient=True, invalid="keep")
    if vectors is None or content.startswith(b"\xef\xbb\xbf") or vectors.notes.format != "GloVe text":
        return
    expected: dict[str, bytes] = {}
    for line in content.split(b"\n"):
        try:
            word, values = read_line(line, vectors.vector_size)
        except LineError:
            continue
        expected.setdefault(word.decode("utf-8", "surrogateescape"), values.tobytes())
    assert {word: vectors[word].tobytes() for word in vectors} == expected
    some = answer(content, False, lenient=True, invalid="keep", words=[*list(vectors)[::2], "absent"])
    assert some is not None
    assert list(some) == list(vectors)[::2]
    assert np.array_equal(some.vectors, vectors.vectors[::2])
