"""Write vectors in the formats they are published in, whole or not at all, packed if the name says so."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from wordfit.errors import InputError, need
from wordfit.files import write_whole
from wordfit.vectors.formats.lines import GAP, NUMBER
from wordfit.vectors.index import WordIndex, encode, join
from wordfit.vectors.tables import write_table

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors

NUMBERS = 1 << 17  # numbers turned into text at a time
PACKED = (".gz", ".bz2", ".xz", ".zip")
BY_NAME = {".txt": "glove", ".vec": "word2vec", ".bin": "word2vec-binary", ".npz": "npz", ".npy": "npy",
           ".safetensors": "safetensors"}  # fmt: skip


def save(vectors: WordVectors, path: str | os.PathLike[str], format: str | None = None) -> None:
    """See `WordVectors.save`."""
    target = Path(path)
    packing = target.suffix if target.suffix in PACKED else ""
    inner = target.with_suffix("") if packing else target
    form = format or BY_NAME.get(inner.suffix)
    if format is None and form == "word2vec-binary" and vectors.subwords is not None:
        form = "fasttext"
    if form not in WRITERS:
        found = repr(format) if format else f"the name {target.name}"
        raise InputError(f"expected one of the formats {', '.join(WRITERS)}, found {found}")
    if packing and form in ("npz", "npy", "safetensors"):
        raise InputError(f"{path}: {form} is not packed further; drop {packing}")
    with write_whole(target, "wb") as file, _packer(file, packing, inner.name) as out:
        WRITERS[form](vectors, out)
    if form == "npy":
        with write_whole(target.with_suffix(".words.txt")) as out:
            out.writelines(f"{word}\n" for word in _one_line_words(vectors, "npy"))


@contextmanager
def _packer(file: IO[bytes], packing: str, name: str) -> Iterator[IO[bytes]]:
    if packing == ".zip":
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(name, "w", force_zip64=True) as out,
        ):
            yield out
    elif packing:
        opened: Any = {
            ".gz": lambda: gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0),
            ".bz2": lambda: bz2.BZ2File(file, "wb"),
            ".xz": lambda: lzma.LZMAFile(file, "wb"),  # noqa: SIM115 - closed below
        }[packing]()
        with opened as out:
            yield out
    else:
        yield file


def _one_line_words(vectors: WordVectors, form: str, blank: str = "\n") -> Iterator[str]:
    """The words, none of which may hold what ends a word or a line in this format."""
    for word in vectors.index_to_key:
        if any(character in word for character in blank):
            raise _unwritable(word, form)
        yield word


def _unwritable(word: str, form: str) -> InputError:
    return InputError(f"the word {word!r} cannot be written as {form}; save as .npz or .safetensors")


def _glove(vectors: WordVectors, out: IO[bytes]) -> None:
    """A word and its values on each line. Words that would not be read back are refused."""
    if len(vectors) and (
        vectors.index_to_key[0].startswith("\ufeff")  # a byte order mark, to a reader
        or (vectors.vectors[0] == [1]).all()
        and vectors.index_to_key[0].isdigit()  # a header, to a reader
    ):
        raise _unwritable(vectors.index_to_key[0], "the first of GloVe text")
    _lines(vectors, out)


def _lines(vectors: WordVectors, out: IO[bytes]) -> None:
    from wordfit.vectors.kernels.writing import WIDEST, write_rows

    step = max(1, NUMBERS // max(1, vectors.vector_size))
    for start in range(0, len(vectors), step):
        values = np.ascontiguousarray(vectors.vectors[start : start + step])
        words = vectors.index_to_key[start : start + step]
        parts = [encode(word) for word in words]
        _check(words, parts)
        if not np.isfinite(values).all():
            word = words[int(np.argmin(np.isfinite(values).all(axis=1)))]
            raise InputError(f"the vector of {word!r} holds a value that is not finite, which no reader of text takes")
        text, offsets = join(parts)
        room = np.empty(int(offsets[-1]) + (WIDEST + 1) * values.size + len(values), dtype=np.uint8)
        out.write(room[: write_rows(text, offsets, values, room)].data)


def _check(words: Sequence[str], parts: list[bytes]) -> None:
    """Refuse words that text cannot hold."""
    whole = b"\n".join(parts)
    if not any(byte in whole for byte in (b" ", b"\t", b"\0")) and whole.count(b"\n") == len(parts) - 1:
        return
    for word, part in zip(words, parts):
        if b"\n" in part or b"\0" in part:
            raise _unwritable(word, "text")
        if part[-1:] in (b" ", b"\t") or any(NUMBER.fullmatch(piece) for piece in GAP.split(part)[1:]):
            raise InputError(f"the word {word!r} cannot be read back from text; save as .npz")


def _word2vec(vectors: WordVectors, out: IO[bytes]) -> None:
    out.write(f"{len(vectors)} {vectors.vector_size}\n".encode())
    _lines(vectors, out)


def _word2vec_binary(vectors: WordVectors, out: IO[bytes]) -> None:
    out.write(f"{len(vectors)} {vectors.vector_size}\n".encode())
    for word, row in zip(_one_line_words(vectors, "word2vec binary", " \n"), vectors.vectors):
        out.write(encode(word) + b" " + row.astype("<f4").tobytes() + b"\n")


def _fasttext(vectors: WordVectors, out: IO[bytes]) -> None:
    from wordfit.vectors.formats.fasttext import write_fasttext

    words = [encode(word) for word in _one_line_words(vectors, "fastText binary", "\0")]
    write_fasttext(words, vectors.vectors, vectors.subwords, out)


def _npz(vectors: WordVectors, out: IO[bytes]) -> None:
    words = [encode(word) for word in vectors.index_to_key]
    if any(word.endswith(b"\0") for word in words):
        raise InputError("a word that ends in a zero byte cannot be written as npz; save as .safetensors")
    np.savez(out, words=np.array(words, dtype=np.bytes_), vectors=vectors.vectors)


def _npy(vectors: WordVectors, out: IO[bytes]) -> None:
    np.save(out, vectors.vectors)


def _safetensors(vectors: WordVectors, out: IO[bytes]) -> None:
    index = vectors.key_to_index
    if not isinstance(index, WordIndex):
        from wordfit.vectors.packing import pack

        index = pack(vectors.index_to_key)
    others = {} if vectors.subwords is None else vectors.subwords.arrays()
    write_table(out, vectors.vectors, index, vectors.notes, others)


WRITERS: dict[str, Callable[[WordVectors, IO[bytes]], None]] = {
    "glove": _glove,
    "word2vec": _word2vec,
    "word2vec-binary": _word2vec_binary,
    "fasttext": _fasttext,
    "npz": _npz,
    "npy": _npy,
    "safetensors": _safetensors,
}


def to_keyed_vectors(vectors: WordVectors) -> Any:
    """See `WordVectors.to_keyed_vectors`."""
    made = need("gensim.models", "gensim").KeyedVectors(vectors.vector_size)
    made.add_vectors(list(vectors.index_to_key), np.array(vectors.vectors))
    return made
