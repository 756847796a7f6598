"""Parallel rows: two files or two columns, lengths kept apart, words joined again."""

import gzip

import numpy as np
import pytest

from wordfit.data import Rules, Tokenizer
from wordfit.data.parallel import (
    Parallel,
    encode_parallel,
    joined,
    parallel_batches,
    read_columns,
    read_lines,
    target_vocabulary,
)
from wordfit.errors import InputError

ROWS = Parallel("rows", ["a b", "c", "", "d e f g"], ["x y z", "<end> x", "y", "z"])


def encoded(rows=ROWS, longest=None):
    words = target_vocabulary(Rules(), rows.target, 1)
    source = Tokenizer(Rules())
    return encode_parallel(
        rows, source.with_words(source.count(rows.source)), Tokenizer(Rules(), words), longest
    ), words


def test_two_files_are_read_line_by_line(tmp_path):
    (tmp_path / "de").write_text("eins\r\n\r\ndrei\r\n")
    with gzip.open(tmp_path / "en.gz", "wt") as file:
        file.write("one\n\nthree")
    rows = read_lines(tmp_path / "de", tmp_path / "en.gz")
    assert (rows.source, rows.target) == (["eins", "", "drei"], ["one", "", "three"])


def test_files_of_unequal_length_are_refused_with_both_counts(tmp_path):
    (tmp_path / "de").write_text("eins\nzwei\n")
    (tmp_path / "en").write_text("one\n")
    with pytest.raises(InputError, match=r"de has 2 lines, .*en has 1"):
        read_lines(tmp_path / "de", tmp_path / "en")


def test_two_columns_are_found_by_name_or_place(tmp_path):
    (tmp_path / "a.tsv").write_text("one\tun\nthe cat\tle chat\n")
    assert read_columns(tmp_path / "a.tsv").target == ["un", "le chat"]
    (tmp_path / "b.jsonl").write_text('{"id": "7", "en": "one", "fr": "un"}\n')
    assert read_columns(tmp_path / "b.jsonl", "fr", "en").source == ["un"]
    (tmp_path / "c.csv").write_text("target,source\nun,one\n")
    assert read_columns(tmp_path / "c.csv").source == ["one"]
    with pytest.raises(InputError, match="a column 'de', found none; there are id, en, fr"):
        read_columns(tmp_path / "b.jsonl", "de", "en")


def test_every_target_ends_in_the_end_and_cannot_hold_it():
    split, words = encoded()
    ids, mask = split.target.padded(np.arange(4))
    assert words[:4] == ["<pad>", "<unk>", "<begin>", "<end>"]
    assert [[words[i] for i in row[m]] for row, m in zip(ids, mask)] == [
        ["x", "y", "z", "<end>"],
        ["<unk>", "x", "<end>"],
        ["y", "<end>"],
        ["z", "<end>"],
    ]


def test_empty_and_overlong_rows_are_not_kept_when_a_limit_is_set():
    assert encoded()[0].kept.tolist() == [0, 1, 2, 3]
    assert encoded(longest=3)[0].kept.tolist() == [0, 1]


def test_batches_hold_every_kept_row_once_with_both_sides():
    split, _ = encoded(longest=3)
    found = list(parallel_batches(split, 1, seed=0))
    assert sorted(int(b.rows[0]) for b in found) == [0, 1]
    for batch in found:
        (source, _), (target, mask) = batch.texts
        assert source.shape[1] == split.source.lengths[batch.rows[0]]
        assert target[0, mask.sum() - 1] == 3


def test_words_become_a_sentence_again():
    tokenizer = Tokenizer(Rules())
    for text in ["two men (in red) don't stop, it's raining.", "what's that? a dog!", "well-known, no?"]:
        assert joined(tokenizer.tokenize(text)) == text


@pytest.mark.real
def test_multi30k_has_as_many_rows_as_it_says(data):
    folder = data / "seq2seq" / "multi30k"
    rows = read_lines(folder / "val.de.gz", folder / "val.en.gz")
    assert len(rows) == 1014
    assert rows.target[0] == "A group of men are loading cotton onto a truck"


@pytest.mark.real
def test_tatoeba_is_read_as_two_columns(data):
    assert len(read_columns(data / "seq2seq" / "tatoeba-fra-eng" / "fra.txt.gz", "1", "2")) == 142_787
