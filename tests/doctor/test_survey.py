"""What is found among live objects."""

import sys
from types import SimpleNamespace

import torch

from wordfit.doctor.survey import keyed, survey_frames


def test_what_an_optimizer_keeps_is_no_matrix_of_the_program():
    def program():
        weight = torch.nn.Parameter(torch.zeros(20, 4))
        optimizer = torch.optim.Adagrad([weight])  # keeps sums as large as the weight
        vectors = torch.ones(20, 4)
        return survey_frames([sys._getframe()]), optimizer, vectors

    assert {name for name, _ in program()[0]["matrices"]} == {"weight", "vectors"}


class Settings(dict):
    """A dictionary whose keys are asked for as attributes, a habit of configurations."""

    __getattr__ = dict.__getitem__


def test_what_lies_beside_settings_that_raise_for_unknown_attributes_is_found():
    def program():
        settings = Settings(rate=0.1, ids={f"w{n}": n for n in range(60)})
        vectors = torch.ones(20, 4)
        return survey_frames([sys._getframe()]), settings, vectors

    found = program()[0]
    assert "vectors" in {name for name, _ in found["matrices"]}
    assert "settings.ids" in {name for name, _ in found["ids"]}


def test_keyed_vectors_are_known_by_their_words_and_settings_that_raise_are_none():
    assert keyed(Settings(reader=torch.ones(3))) is None
    assert keyed(SimpleNamespace(key_to_index={"a": 0}, vectors=torch.ones(1, 2))) == {"a": 0}


def test_what_a_loader_s_collator_encodes_with_is_found_and_what_is_near_before_what_lies_deep():
    words = {f"w{n}": n for n in range(60)}
    near = {f"n{n}": n for n in range(60)}
    vocabulary = SimpleNamespace(index=words, notes=[f"note {n}" for n in range(9)])
    runner = SimpleNamespace(train=SimpleNamespace(collate=SimpleNamespace(vocabulary=vocabulary)))

    def program(trainer, ids):
        return survey_frames([sys._getframe()])

    found = program(runner, near)["ids"]
    assert [(name, value is words) for name, value in found if "train" in name] == [
        ("trainer.train.collate.vocabulary.index", True)
    ]
    assert [value is near for _, value in found][0]
