"""What is found among live objects."""

import sys

import torch

from wordfit.doctor.survey import survey_frames


def test_what_an_optimizer_keeps_is_no_matrix_of_the_program():
    def program():
        weight = torch.nn.Parameter(torch.zeros(20, 4))
        optimizer = torch.optim.Adagrad([weight])  # keeps sums as large as the weight
        vectors = torch.ones(20, 4)
        return survey_frames([sys._getframe()]), optimizer, vectors

    assert {name for name, _ in program()[0]["matrices"]} == {"weight", "vectors"}
