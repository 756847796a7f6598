"""`BagPredictor`: the answers of a mean of word vectors with a linear or MLP head, by NumPy, without torch.

The head's first layer is linear in the words, so it is applied to the table of words once: a linear head over 300
values adds up two per word. Many texts are cut, looked up and added in one compiled pass
over their bytes; a few are left to the tokenizer, because loading compiled code takes longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

import numpy as np

from wordfit.data.tokenizer import Tokenizer
from wordfit.errors import InputError
from wordfit.vectors.index import encode, join

MANY = 20_000  # so many texts are worth loading the compiled pass for
NEWLINE, PADDING = 10, 64


class BagPredictor:
    """Logits of texts: words cut by `tokenizer`, the mean of their rows of `matrix` (V, D), then `layers`.

    `weights` (V,) multiply the rows first (SIF); the mean still divides by the number of words. A layer is a weight
    (out, in) and a bias (out,), as in `torch.nn.Linear`; a relu stands between two. Words of a text beyond
    `max_tokens` do not count.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        matrix: np.ndarray,
        layers: Sequence[tuple[np.ndarray, np.ndarray]],
        weights: np.ndarray | None = None,
        max_tokens: int | None = None,
        threads: int = 2,
    ) -> None:
        if len(tokenizer.words) != len(matrix) or not layers:
            raise InputError(
                f"expected a row for each of {len(tokenizer.words)} words and a layer, "
                f"found {len(matrix)} rows and {len(layers)} layers"
            )
        self.tokenizer, self.layers, self.threads = tokenizer, list(layers), threads
        self.max_tokens = max_tokens or 2**31
        table = matrix if weights is None else matrix * weights[:, None]  # (V, D)
        first, bias = self.layers[0]
        self.entered = len(first) <= 2 * table.shape[1]  # a wider table would cost more to add up
        if self.entered:
            table = table @ first.T  # (V, H)
        self.table = np.ascontiguousarray(table, dtype=np.float32)
        self._index: tuple[np.ndarray, ...] | None = None

    def logits(self, texts: Sequence[str] | bytes, compiled: bool | None = None) -> np.ndarray:
        """Logits (N, C) float32 of texts, or of the UTF-8 lines of a file; `compiled` None decides by their number."""
        count = texts.count(b"\n") if isinstance(texts, bytes) else len(texts)
        if compiled is None:
            compiled = count >= MANY and find_spec("numba") is not None
        return self._head(self._compiled_means(texts) if compiled else self._plain_means(_lines(texts)))

    def _head(self, hidden: np.ndarray) -> np.ndarray:
        """The layers over means (N, H) or (N, D)."""
        for number, (weight, bias) in enumerate(self.layers):
            if number:
                np.maximum(hidden, 0, out=hidden)
            if number or not self.entered:
                hidden = hidden @ weight.T.astype(np.float32)
            hidden += bias.astype(np.float32)
        return hidden

    def _plain_means(self, texts: Sequence[str]) -> np.ndarray:
        """The mean of each text's rows (N, H), words cut by the tokenizer; zeros for an empty text."""
        ids, offsets = self.tokenizer.encode(texts)
        lengths = np.diff(offsets)
        row = np.repeat(np.arange(len(lengths)), lengths)  # (words,)
        counted = np.arange(len(ids)) - offsets[row] < self.max_tokens
        lengths = np.minimum(lengths, self.max_tokens)
        rows = self.table[ids[counted]]  # (words, H)
        means = np.zeros((len(lengths), self.table.shape[1]), np.float32)
        if len(rows):
            filled = lengths > 0
            begins = np.cumsum(lengths) - lengths
            means[filled] = np.add.reduceat(rows, begins[filled], axis=0) / lengths[filled, None]
        return means

    def _compiled_means(self, texts: Sequence[str] | bytes) -> np.ndarray:
        """The same in one pass over the bytes; lines that are not ASCII are left to the tokenizer."""
        text, ends = _joined(texts)
        sums = np.zeros((len(ends), self.table.shape[1]), np.float32)
        counts = np.empty(len(ends), np.int32)
        cuts = np.linspace(0, len(ends), self.threads + 1).astype(np.int64)
        with ThreadPoolExecutor(self.threads) as pool:
            parts = [
                pool.submit(self._add, text, ends[a:b], sums[a:b], counts[a:b], int(ends[a - 1]) + 1 if a else 0)
                for a, b in zip(cuts[:-1], cuts[1:])
                if b > a
            ]
            for part in parts:
                part.result()
        left = np.flatnonzero(counts < 0)
        if len(left):
            some = _lines(texts, left) if isinstance(texts, bytes) else [texts[i] for i in left.tolist()]
            sums[left] = self._plain_means(some)
        return sums

    def _add(self, text: np.ndarray, ends: np.ndarray, sums: np.ndarray, counts: np.ndarray, begin: int) -> None:
        from wordfit.models import bag_kernels  # loads numba

        rules = self.tokenizer.rules
        part = text[begin : int(ends[-1]) + 1 + PADDING]
        if rules.lowercase:
            part = part.copy()
            bag_kernels.lower(part)
        lines: list[Any] = [part, ends - begin, rules.clitics, rules.whitespace, self.max_tokens]
        bag_kernels.add_words(*lines, *self._word_index(), self.table, sums, counts)  # type: ignore[call-arg]
        sums /= np.maximum(counts, 1)[:, None]

    def _word_index(self) -> tuple[np.ndarray, ...]:
        """Bytes, offsets and hash table of the words."""
        if self._index is None:
            from wordfit.vectors.kernels.lines import fill_table

            words, offsets = join(map(encode, self.tokenizer.words))
            slots = np.full(1 << (4 * len(self.tokenizer.words)).bit_length(), -1, np.int32)
            fill_table(words, offsets, len(self.tokenizer.words), slots)
            self._index = words, offsets, slots
        return self._index


def _joined(texts: Sequence[str] | bytes) -> tuple[np.ndarray, np.ndarray]:
    """All lines as bytes with padding behind them, and where each ends (N,)."""
    if isinstance(texts, bytes):
        content = texts + b"\n" * (not texts.endswith(b"\n") and len(texts) > 0) + bytes(PADDING)
    else:
        whole = "\n".join([*texts, "\0" * PADDING])
        if whole.count("\n") > len(texts):
            whole = "\n".join([*(text.replace("\n", " ") for text in texts), "\0" * PADDING])
        content = whole.encode("utf-8", "surrogatepass")
    found = np.frombuffer(content, np.uint8)
    return found, np.flatnonzero(found == NEWLINE)


def _lines(texts: Sequence[str] | bytes, only: np.ndarray | None = None) -> Sequence[str]:
    """Texts as strings; of a file's bytes its lines, or some of them."""
    if not isinstance(texts, bytes):
        return texts
    lines = texts.removesuffix(b"\n").split(b"\n") if texts else []
    numbers = range(len(lines)) if only is None else only.tolist()
    decoded = []
    for number in numbers:
        try:
            decoded.append(lines[number].decode())
        except UnicodeDecodeError as error:
            raise InputError(f"line {number + 1}: expected UTF-8 text, found {error.reason}") from None
    return decoded
