"""Words that were decoded wrongly, told by their garbled forms."""

import pytest

from wordfit.doctor.experiments.tables.encoding import garbled_words
from wordfit.doctor.experiments.texts.contents import Content

WORDS = ["été", "hôtel", "forêt", "schön", "plain"]


@pytest.mark.parametrize(
    ("written", "read"),
    [("utf-8", "latin-1"), ("utf-8", "ascii"), ("utf-8", "cp1250"), ("utf-8", "cp437"), ("cp1252", "utf-8")],
)
def test_words_read_in_another_encoding_are_told_from_those_read_rightly(written, read):
    content = Content("words", "\n".join(f"{w} 0.1 0.2" for w in WORDS).encode(written))
    right = garbled_words(content, set(WORDS))
    wrong = garbled_words(content, {w.encode(written).decode(read, "ignore") for w in WORDS})
    assert (right["right"], right["garbled"]) == (4, 0)
    assert (wrong["right"], wrong["garbled"]) == (0, 4)
    assert wrong["share_of_all_words"] == pytest.approx(0.8)


def test_accents_that_were_folded_on_purpose_are_no_fault():
    content = Content("words", " ".join(WORDS).encode())
    assert garbled_words(content, {"ete", "hotel", "foret", "schon", "plain"})["garbled"] == 0


def test_a_word_held_rightly_in_one_place_may_be_garbled_in_another():
    content = Content("texts", " ".join(WORDS).encode("cp1252"))
    garbled = {w.encode("cp1252").decode("utf-8", "replace") for w in WORDS}
    assert garbled_words(content, set(WORDS) | garbled)["garbled"] == 4


def test_marks_and_signs_that_were_left_out_on_purpose_are_no_fault():
    content = Content("posts", "don\u2019t love\u2764 caf\u00e9 so\u2026 plain".encode())
    found = garbled_words(content, {"dont", "love", "caf\u00e9", "so", "plain"})
    assert (found["right"], found["garbled"]) == (1, 0)


@pytest.mark.parametrize(("read", "garbled"), [("ascii", 0), ("latin-1", 4)])
def test_texts_that_were_stripped_of_accents_on_purpose_are_no_fault(read, garbled):
    content = Content("captions", " ".join(WORDS).encode())
    told = {w.encode().decode(read, "ignore") for w in WORDS}
    assert garbled_words(content, told, kept={"a", "b"})["garbled"] == garbled
    assert garbled_words(content, told)["garbled"] == 4
