"""Words told by how often they occur."""

import numpy as np
import pytest

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.tables.dictionaries import dictionary
from wordfit.doctor.experiments.tables.recoding import _expected, _overlap, _unique
from wordfit.doctor.experiments.tables.sources import Truth


def test_words_and_ids_that_occur_as_often_are_the_same_whatever_their_order():
    generator = np.random.default_rng(1)
    shares = 1 / np.arange(1, 41)
    words = [[f"w{i}" for i in generator.choice(40, 12, p=shares / shares.sum())] for _ in range(200)]
    ids = [[int(w[1:]) + 100 for w in row] for row in reversed(words)]
    told, held = _unique(words), _unique(ids)
    shared = set(told) & set(held)
    assert len(shared) > 8
    assert all(held[key] == int(told[key][1:]) + 100 for key in shared)


def test_the_same_words_are_as_alike_as_chance_allows():
    shares = {str(i): 1 / 50 for i in range(50)}
    assert 0.8 < _expected(shares, 500) < 0.99
    assert _overlap(shares, shares) == pytest.approx(1.0)


def test_a_later_form_that_took_the_place_of_a_word_is_found():
    generator = np.random.default_rng(2)
    stems = [f"{a}{b}{c}" for a in "gpt" for b in "aeio" for c in "rln"]
    words = stems + [f"{s}ing" for s in stems]
    file = Truth("file", words, generator.normal(size=(len(words), 12)).astype(np.float32))
    first, last = file.matrix[: len(stems)], file.matrix[len(stems) :]
    assert dictionary(Truth("kept", stems, first), file)["overwritten"] == 0
    assert dictionary(Truth("taken", stems, last), file)["overwritten"] == len(stems)


@pytest.mark.parametrize(("as_one", "found"), [(-8.8, ["train_test_vocab_mismatch"]), (-6.6, [])])
def test_another_mapping_mends_only_what_is_lacking_by_the_first(as_one, found):
    facts = {"gain": 1.2, "sure": 8.0, "as_one": as_one, "as_two": as_one + 1.2, "expected": -6.7, "first": "vocab"}
    assert [f.cause for f in judge(record(recoding={"neighbours": facts}))] == found
