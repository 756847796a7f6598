"""Counting: against ten lines of Python; over blocks, threads and parts; from every kind of corpus."""

import gzip
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from wordfit.data.tokenizer import Rules, Tokenizer
from wordfit.errors import InputError
from wordfit.glove.corpus import encode_corpus
from wordfit.glove.count import Window
from wordfit.glove.counts import Counts
from wordfit.glove.model import GloVe
from wordfit.glove.prepare import count_in_blocks

GLOVE = GloVe(window=4, min_count=1, threads=1)


def plain_counts(lines: list[list[str]], size: int, symmetric: bool = True) -> dict[tuple[str, str], float]:
    """Co-occurrences in ten lines: every pair in the window counts 1/distance."""
    total: dict[tuple[str, str], float] = defaultdict(float)
    for line in lines:
        for i, left in enumerate(line):
            for distance, right in enumerate(line[i + 1 : i + 1 + size], 1):
                total[left, right] += 1 / distance
                if symmetric:
                    total[right, left] += 1 / distance
    return dict(total)


def as_pairs(counts: Counts) -> dict[tuple[str, str], float]:
    words, matrix = counts.vocabulary.words, counts.matrix.tocoo()
    return {(words[i], words[j]): v for i, j, v in zip(*matrix.coords, matrix.data)}


def same(one: Counts, two: Counts) -> bool:
    """Equal to the bit."""
    return one.vocabulary == two.vocabulary and as_pairs(one) == as_pairs(two)


def test_a_pair_counts_one_over_its_distance():
    counts = as_pairs(GLOVE.count([["a", "b", "c", "a"]]))
    assert counts == {
        ("a", "b"): 1 + 1 / 2, ("b", "a"): 1 + 1 / 2, ("a", "c"): 1 / 2 + 1, ("c", "a"): 1 / 2 + 1,
        ("b", "c"): 1, ("c", "b"): 1, ("a", "a"): 2 / 3,
    }  # fmt: skip


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("window", [1, 4, 25])
def test_counts_agree_with_plain_python(lines, window, symmetric):
    cut = [line.split() for line in lines[:80]]
    counts = as_pairs(replace(GLOVE, window=window, symmetric=symmetric).count(cut))
    assert counts == pytest.approx(plain_counts(cut, window, symmetric), rel=1e-9)


def test_without_distance_weights_every_pair_counts_one():
    assert as_pairs(replace(GLOVE, by_distance=False).count([["a", "b", "c"]]))["a", "c"] == 1


def test_rare_words_take_no_place_in_a_window():
    counts = replace(GLOVE, window=1, min_count=2).count(["a rare b", "a b"])
    assert as_pairs(counts) == {("a", "b"): 2, ("b", "a"): 2}


@pytest.mark.parametrize("own", [1, 7, 100])
@pytest.mark.parametrize("window", [Window(3), Window(3, symmetric=False)])
def test_blocks_of_any_size_count_what_one_does(lines, tmp_path, own, window):
    encoded = encode_corpus(lines[:10], tmp_path / "ids.bin")
    words = encoded.words.cut(2)
    assert encoded.length > 100

    def count(own):
        bands = count_in_blocks(encoded, words, window, tmp_path, lambda band: band, 1, own)
        return Counts.of_bands(words, window, bands)

    assert same(count(own), count(10**6))
    assert not list(tmp_path.glob("run*"))


def test_threads_count_what_one_does(lines):
    assert same(replace(GLOVE, threads=3).count(lines), GLOVE.count(lines))


def test_counts_of_parts_add_up_to_those_of_the_whole(lines, tmp_path):
    words = GLOVE.cut(GLOVE.count_words(lines[:250]) + GLOVE.count_words(lines[250:]))
    GLOVE.count(lines[:250], words).save(tmp_path / "one")
    total = Counts.load(tmp_path / "one") + GLOVE.count(iter(lines[250:]), words)
    assert same(total, GLOVE.count(lines))


def test_counts_over_other_words_are_not_added(lines):
    with pytest.raises(InputError, match="count the words of all parts first"):
        GLOVE.count(lines[:5]) + GLOVE.count(lines[5:])


def test_files_texts_and_tokens_are_the_same_corpus(lines, tmp_path):
    text = "\n".join(lines)
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (tmp_path / "a.gz").write_bytes(gzip.compress(text.encode()))
    expected = GLOVE.count(line.split() for line in lines)
    for corpus in (tmp_path / "a.txt", str(tmp_path / "a.gz"), lines, (line for line in lines)):
        assert same(GLOVE.count(corpus), expected)


def test_one_long_line_is_read_in_pieces(monkeypatch, tmp_path):
    words = [f"w{i % 50}" for i in np.random.default_rng(0).integers(0, 1000, 3000)]
    (tmp_path / "a.txt").write_text(" ".join(words))
    monkeypatch.setattr("wordfit.glove.corpus.PIECE", 100)
    assert same(GLOVE.count(tmp_path / "a.txt"), GLOVE.count([words]))
    assert same(replace(GLOVE, tokenizer=lambda texts: [t.split() for t in texts]).count(tmp_path / "a.txt"),
                GLOVE.count([words]))  # fmt: skip


def test_the_tokenizer_cuts_pieces_as_it_cuts_whole_lines():
    texts = ["He didn't, she's well-known (U.S.)... \u201cno\u201d 1,000.5!", "It isn't; don't?\u00a0Yes"]
    tokenizer = Tokenizer(Rules())
    by_piece = replace(GLOVE, tokenizer=tokenizer).count(texts)
    by_line = GLOVE.count(tokenizer.tokenize_batch(texts))
    assert same(by_piece, by_line)


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"fine\ncaf\xe9 au lait\n")
    with pytest.raises(InputError, match=r"a\.txt, line 2: expected UTF-8, found the byte 0xe9"):
        GLOVE.count(tmp_path / "a.txt")


def test_a_token_with_white_space_is_refused():
    with pytest.raises(InputError, match="white space"):
        GLOVE.count([["New York", "city"]])


def test_a_corpus_without_frequent_words_is_refused():
    with pytest.raises(InputError, match="lower --min-count"):
        replace(GLOVE, min_count=5).count(["a b c"])
