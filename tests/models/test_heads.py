"""Heads agree with PyTorch's own losses, and their answers stay where they belong."""

import math

import pytest
import torch
from torch.nn import functional as F

from wordfit.errors import InputError
from wordfit.models import build_head

torch.manual_seed(0)
LOGITS, FEATURES = torch.randn(6, 3), torch.randn(6, 4)


def test_classes_lose_as_pytorch_says():
    head = build_head("linear", 4, kind="classes", outputs=3, class_weights=[1.0, 2.0, 3.0], label_smoothing=0.1)
    target = torch.tensor([0, 1, 2, 0, 1, 2])
    expected = F.cross_entropy(LOGITS, target, torch.tensor([1.0, 2.0, 3.0]), label_smoothing=0.1)
    assert head.loss(LOGITS, target) == expected
    assert torch.equal(head.predict(LOGITS), LOGITS.argmax(1))


def test_one_unit_has_two_probabilities():
    head = build_head("linear", 4, kind="binary")
    logits = head(FEATURES)
    assert logits.shape == (6,)
    probabilities = head.probabilities(logits)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(6))
    assert torch.equal(probabilities.argmax(1), head.predict(logits))


def test_a_smoothed_binary_loss_has_its_floor_at_the_smoothed_target():
    head = build_head("linear", 4, kind="binary", label_smoothing=0.2)
    best = torch.tensor([math.log(0.9 / 0.1)], requires_grad=True)
    head.loss(best, torch.ones(1)).backward()
    assert best.grad.abs().item() < 1e-6


def test_several_labels_each_have_their_own_weight():
    head = build_head("mlp", 4, kind="labels", outputs=3, class_weights=[1.0, 4.0, 9.0])
    target = torch.tensor([[0, 1, 1]] * 6)
    pos = torch.tensor([1.0, 4.0, 9.0])
    assert head.loss(LOGITS, target) == F.binary_cross_entropy_with_logits(LOGITS, target.float(), pos_weight=pos)
    assert head.predict(LOGITS).dtype == torch.bool


def test_a_bounded_score_never_leaves_its_range():
    head = build_head("linear", 4, kind="score", bounds=(0.0, 5.0))
    scores = head.predict(torch.tensor([-1e9, -3.0, 0.0, 3.0, 1e9]))
    assert scores.min() >= 0
    assert scores.max() <= 5
    assert scores[2] == 2.5


def test_a_free_score_starts_at_the_mean_of_the_training_scores():
    head = build_head("linear", 4, kind="score", centre=60.0, scale=20.0)
    assert head.predict(torch.zeros(1)) == 60.0
    assert head.loss(torch.zeros(2), torch.tensor([40.0, 80.0])) == 1.0


def test_a_target_that_would_broadcast_is_refused():
    with pytest.raises(InputError, match=r"logits are \(6,\), the target \(6, 1\)"):
        build_head("linear", 4, kind="score").loss(LOGITS[:, 0], torch.zeros(6, 1))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "clas"}, "kind 'clas' is not known"),
        ({"kind": "classes", "outputs": 1}, "at least two"),
        ({"kind": "binary", "outputs": 2}, "one output"),
        ({"kind": "classes", "outputs": 3, "class_weights": [1.0]}, "expected 3 class_weights, found 1"),
        ({"kind": "score", "bounds": (5.0, 0.0)}, "must rise"),
        ({"kind": "binary", "bounds": (0.0, 5.0)}, "bounds are for a score"),
        ({"hidden": 5}, "no hidden layer"),
    ],
)
def test_a_contradiction_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        build_head("linear", 4, **options)
