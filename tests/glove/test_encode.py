"""Numbers of words: the kernel against Python's own counting."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wordfit.glove.encode import LINE_END, Encoder

LINES = st.lists(st.lists(st.text("abé日", min_size=1, max_size=4), max_size=6), max_size=8)


def test_numbers_follow_first_occurrence_and_lines_are_marked():
    encoder = Encoder()
    assert encoder.encode(b"the cat\nthe\tdog  sat\n").tolist() == [0, 1, LINE_END, 0, 2, 3, LINE_END]
    assert encoder.encode(b"dog ran").tolist() == [2, 4]
    assert encoder.words() == [b"the", b"cat", b"dog", b"sat", b"ran"]
    assert encoder.counts.tolist() == [2, 1, 2, 1, 1]


@given(LINES)
def test_counts_agree_with_python(lines):
    encoder = Encoder(slots=4)  # it has to grow
    text = "".join(" ".join(line) + "\n" for line in lines)
    ids = encoder.encode(text.encode())
    words = [word.decode() for word in encoder.words()]
    assert dict(zip(words, encoder.counts.tolist())) == Counter(text.split())
    assert [words[i] if i >= 0 else "\n" for i in ids] == [w for line in lines for w in [*line, "\n"]]


def test_a_table_that_grows_keeps_every_word():
    encoder = Encoder(slots=4)
    words = [f"word{i}" for i in range(5000)]
    encoder.encode(" ".join(words).encode())
    assert encoder.encode(" ".join(words).encode()).tolist() == list(range(5000))
