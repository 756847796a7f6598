"""Write vectors in the formats they are published in, whole or not at all, packed if the name says so."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from wordfit.errors import InputError, need
from wordfit.files import write_whole
from wordfit.vectors.index import WordIndex, encode
from wordfit.vectors.tables import write_table

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors

ROWS = 1024  # rows written at a time
PACKED = (".gz", ".bz2", ".xz", ".zip")
BY_NAME = {".txt": "glove", ".vec": "word2vec", ".bin": "word2vec-binary", ".npz": "npz", ".npy": "npy",
           ".safetensors": "safetensors"}  # fmt: skip


def save(vectors: WordVectors, path: str | os.PathLike[str], format: str | None = None) -> None:
    """See `WordVectors.save`."""
    target = Path(path)
    packing = target.suffix if target.suffix in PACKED else ""
    inner = target.with_suffix("") if packing else target
    form = format or BY_NAME.get(inner.suffix)
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
            raise InputError(f"the word {word!r} cannot be written as {form}; save as .npz or .safetensors")
        yield word


def _glove(vectors: WordVectors, out: IO[bytes]) -> None:
    """A word and its values on each line. Words that would not be read back are refused."""
    words = _one_line_words(vectors, "text")
    for start in range(0, len(vectors), ROWS):
        for numbers in texts(vectors.vectors[start : start + ROWS]):
            word = encode(next(words))
            out.write(_checked(word) + b" " + numbers.encode() + b"\n")


def _checked(word: bytes) -> bytes:
    from wordfit.vectors.lines import GAP, NUMBER

    parts = GAP.split(word)
    if word[-1:] in (b" ", b"\t") or any(NUMBER.fullmatch(part) for part in parts[1:]):
        raise InputError(f"the word {word.decode(errors='replace')!r} cannot be read back from text; save as .npz")
    return word


def _word2vec(vectors: WordVectors, out: IO[bytes]) -> None:
    out.write(f"{len(vectors)} {vectors.vector_size}\n".encode())
    _glove(vectors, out)


def _word2vec_binary(vectors: WordVectors, out: IO[bytes]) -> None:
    out.write(f"{len(vectors)} {vectors.vector_size}\n".encode())
    for word, row in zip(_one_line_words(vectors, "word2vec binary", " \n"), vectors.vectors):
        out.write(encode(word) + b" " + row.astype("<f4").tobytes() + b"\n")


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
    "npz": _npz,
    "npy": _npy,
    "safetensors": _safetensors,
}


def texts(rows: np.ndarray) -> list[str]:
    """Each row (N, D) of float32 as text, with six digits where they bring back the same float32, else up to nine."""
    values = rows.ravel().tolist()
    if not values:
        return ["" for _ in rows]
    fields = (" ".join(["%.6g"] * len(values)) % tuple(values)).split(" ")
    for digits in (7, 8, 9):
        back = np.array(list(map(float, fields))).astype(np.float32)
        for i in np.flatnonzero(back.view(np.uint32) != rows.ravel().view(np.uint32)).tolist():
            fields[i] = f"{values[i]:.{digits}g}"
    width = rows.shape[1]
    return [" ".join(fields[i : i + width]) for i in range(0, len(fields), width)]


def to_keyed_vectors(vectors: WordVectors) -> Any:
    """See `WordVectors.to_keyed_vectors`."""
    made = need("gensim.models", "gensim").KeyedVectors(vectors.vector_size)
    made.add_vectors(list(vectors.index_to_key), np.array(vectors.vectors))
    return made
