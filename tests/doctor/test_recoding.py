"""Words told by how often they occur, and columns by how many rows use them."""

import numpy as np
import pytest
import torch
from torch import nn

import wordfit
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


def counted(fitted_again, alike=False):
    """A network on counts of words, evaluated on columns of the same mapping, or of one in another order."""
    generator = torch.Generator().manual_seed(0)
    shares = torch.ones(200) if alike else 1 / torch.arange(1, 201)
    labels = torch.arange(400) % 2
    drawn = torch.stack([torch.multinomial(shares, 12, True, generator=generator) for _ in range(400)])
    drawn[torch.arange(400), 0] = 20 + labels
    rows = nn.functional.one_hot(drawn, 200).sum(1).float()
    order = torch.randperm(200, generator=generator) if fitted_again else torch.arange(200)
    train, dev, model = rows[:300], rows[300:][:, order], nn.Linear(200, 2)
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    with wordfit.watch() as exam:
        for _ in range(6):
            for i in torch.randperm(300, generator=generator).split(20):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(train[i]), labels[i]).backward()
                optimizer.step()
            with torch.no_grad():
                (model(dev).argmax(1) == labels[300:]).float().mean()
    return exam.diagnose(20, {"data", "recoding"})


@pytest.mark.parametrize("fitted_again", [False, True])
def test_columns_of_a_vectoriser_that_was_fitted_twice(fitted_again):
    page = counted(fitted_again)
    causes = [f["cause"] for f in page["findings"] if f["severity"] == "error"]
    assert causes == (["train_test_vocab_mismatch"] if fitted_again else [])


def test_columns_that_as_many_rows_use_are_alike_by_chance_alone():
    page = counted(fitted_again=False, alike=True)
    assert page["healthy"]
