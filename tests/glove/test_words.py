"""Vocabularies: Stanford's order and file."""

import pytest

from wordfit.errors import InputError
from wordfit.glove.words import WordCounts


def test_order_is_by_count_then_bytes_with_those_outside_ascii_first():
    counts = WordCounts.of({"b": 5, "a": 5, "the": 9, "é": 5, "rare": 1, "ab": 5})
    assert counts.cut(min_count=2).words == ("the", "é", "a", "ab", "b")  # C compares signed bytes


def test_counts_of_parts_add_up():
    one, two = WordCounts.of({"a": 2, "b": 1}), WordCounts.of({"b": 3, "c": 1})
    assert (one + two).cut(1) == WordCounts(("b", "a", "c"), (4, 2, 1))


def test_a_cut_through_equal_counts_does_not_depend_on_their_order():
    words = [f"w{i}" for i in range(50)]
    forward = WordCounts.of(dict.fromkeys(words, 3)).cut(1, max_vocab=10)
    backward = WordCounts.of(dict.fromkeys(words[::-1], 3)).cut(1, max_vocab=10)
    assert forward == backward
    assert len(forward) == 10


def test_the_vocabulary_file_is_words_and_counts_by_line(tmp_path):
    counts = WordCounts(("the", "naïve"), (12, 3))
    counts.save(tmp_path / "vocab.txt")
    assert (tmp_path / "vocab.txt").read_bytes() == "the 12\nnaïve 3\n".encode()
    assert WordCounts.load(tmp_path / "vocab.txt") == counts


@pytest.mark.parametrize(("text", "said"), [("the\n", "line 1"), ("a 3\na 2\n", "line 2"), ("a 3\nb x\n", "line 2")])
def test_a_line_that_is_no_word_with_count_is_refused(tmp_path, text, said):
    (tmp_path / "vocab.txt").write_text(text)
    with pytest.raises(InputError, match=said):
        WordCounts.load(tmp_path / "vocab.txt")


def test_the_word_for_unknown_words_is_none_of_the_vocabulary():
    assert WordCounts.of({"<unk>": 7, "a": 2}).cut(1).words == ("a",)
