"""The floor of every loss against brute force: the loss minimised over its inputs by gradient descent."""

import math

import pytest
import torch
from torch.nn import functional as F

from wordfit.doctor.loss_floor import floor_of
from wordfit.doctor.loss_table import FUNCTION_OF, LOSSES, ROLES

torch.manual_seed(0)
CLASSES = torch.tensor([0, 2, 1, 2])
SHARES = torch.rand(4, 3).softmax(1)
WEIGHT = torch.tensor([0.2, 1.0, 3.0])
BITS = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
PARTIAL = torch.tensor([[0.1, 0.9, 0.5], [1.0, 0.0, 0.25]])
SIGNS = torch.tensor([1.0, -1.0, 1.0])
VARIANCES = torch.tensor([0.3, 2.0, 1e-9, 1.0])


def softmaxed(x):
    return F.log_softmax(x, dim=-1)


# loss, shape of the free input, how the free values become right inputs, the other arguments
CASES = [
    ("cross_entropy", (4, 3), None, {"target": CLASSES}),
    ("cross_entropy", (4, 3), None, {"target": CLASSES, "label_smoothing": 0.2}),
    ("cross_entropy", (4, 3), None, {"target": CLASSES, "label_smoothing": 0.2, "weight": WEIGHT}),
    ("cross_entropy", (4, 3), None, {"target": CLASSES, "label_smoothing": 0.2, "ignore_index": 2}),
    ("cross_entropy", (4, 3), None, {"target": CLASSES, "label_smoothing": 0.1, "reduction": "sum"}),
    ("cross_entropy", (4, 3), None, {"target": SHARES}),
    ("cross_entropy", (4, 3), None, {"target": SHARES, "label_smoothing": 0.3, "weight": WEIGHT}),
    ("cross_entropy", (2, 3, 2), None, {"target": CLASSES.view(2, 2), "label_smoothing": 0.2}),
    ("nll_loss", (4, 3), softmaxed, {"target": CLASSES, "weight": WEIGHT}),
    ("binary_cross_entropy", (2, 3), torch.sigmoid, {"target": PARTIAL}),
    ("binary_cross_entropy", (2, 3), torch.sigmoid, {"target": PARTIAL, "weight": torch.tensor([1.0, 2.0, 0.5])}),
    ("binary_cross_entropy_with_logits", (2, 3), None, {"target": BITS}),
    (
        "binary_cross_entropy_with_logits",
        (2, 3),
        None,
        {"target": PARTIAL, "pos_weight": torch.tensor([1.0, 4.0, 9.0])},
    ),
    ("mse_loss", (2, 3), None, {"target": PARTIAL}),
    ("mse_loss", (3, 1), None, {"target": torch.tensor([1.0, 2.0, 6.0])}),
    ("l1_loss", (3, 1), None, {"target": torch.tensor([1.0, 2.0, 6.0])}),
    ("l1_loss", (2, 3), None, {"target": PARTIAL}),
    ("smooth_l1_loss", (2, 3), None, {"target": PARTIAL}),
    ("huber_loss", (2, 3), None, {"target": PARTIAL}),
    ("cosine_embedding_loss", (3, 4), None, {"input2": torch.randn(3, 4), "target": SIGNS, "margin": 0.3}),
    ("kl_div", (4, 3), softmaxed, {"target": SHARES, "reduction": "batchmean"}),
    ("kl_div", (4, 3), softmaxed, {"target": SHARES * 0.5}),
    ("kl_div", (4, 3), softmaxed, {"target": (SHARES * 0.4).log(), "log_target": True, "reduction": "sum"}),
    ("gaussian_nll_loss", (4,), None, {"target": torch.randn(4), "var": VARIANCES}),
    ("gaussian_nll_loss", (4,), None, {"target": torch.randn(4), "var": VARIANCES, "full": True}),
    ("poisson_nll_loss", (4,), None, {"target": torch.tensor([0.0, 1.0, 5.0, 9.0])}),
    ("poisson_nll_loss", (4,), None, {"target": torch.tensor([0.0, 1.0, 5.0, 9.0]), "full": True}),
    ("poisson_nll_loss", (3,), F.softplus, {"target": torch.tensor([1.0, 5.0, 2.0]), "log_input": False}),
    (
        "margin_ranking_loss",
        (3,),
        None,
        {"input2": torch.randn(3), "target": torch.tensor([1.0, -1.0, 0.0]), "margin": 0.5},
    ),
    ("hinge_embedding_loss", (4,), F.softplus, {"target": torch.tensor([1.0, -1.0, 0.0, 1.0])}),
    ("multi_margin_loss", (4, 3), None, {"target": CLASSES, "weight": WEIGHT}),
    ("multilabel_margin_loss", (2, 3), None, {"target": torch.tensor([[0, 2, -1], [1, -1, -1]])}),
    ("multilabel_soft_margin_loss", (2, 3), None, {"target": PARTIAL, "weight": WEIGHT}),
    ("soft_margin_loss", (4,), None, {"target": torch.tensor([1.0, -1.0, 0.0, 1.0])}),
    ("triplet_margin_loss", (3, 4), None, {"positive": torch.randn(3, 4), "negative": torch.randn(3, 4)}),
    ("triplet_margin_with_distance_loss", (3, 4), None, {"positive": torch.randn(3, 4), "negative": torch.randn(3, 4)}),
]


def lowest(name, shape, made_right, arguments, decay=0.98):
    """The loss after many steps downhill from a random start."""
    free = torch.randn(shape, dtype=torch.double, generator=torch.Generator().manual_seed(1)).requires_grad_()
    arguments = {k: v.double() if torch.is_tensor(v) and v.is_floating_point() else v for k, v in arguments.items()}
    optimizer = torch.optim.Adam([free], lr=0.5)
    for step in range(240):
        optimizer.param_groups[0]["lr"] = 0.5 * decay**step
        optimizer.zero_grad()
        loss = getattr(F, name)(made_right(free) if made_right else free, **arguments)
        loss.backward()
        optimizer.step()
    return loss.item()


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize(
    ("name", "shape", "made_right", "arguments"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_the_floor_is_what_descending_finds(name, shape, made_right, arguments):
    first = next(iter(LOSSES[name].arguments))
    floor = floor_of(name, **{first: torch.zeros(shape)}, **arguments)
    found = lowest(name, shape, made_right, arguments)
    assert found == pytest.approx(floor, abs=0.01)
    assert found > floor - 1e-4


def test_ctc_reaches_zero_where_the_input_is_long_enough():
    targets, frames, lengths = torch.tensor([[1, 2], [3, 3]]), torch.tensor([4, 3]), torch.tensor([2, 2])
    arguments = {"targets": targets, "input_lengths": frames, "target_lengths": lengths}
    assert floor_of("ctc_loss", **arguments) == 0
    assert lowest("ctc_loss", (4, 2, 5), softmaxed, arguments) == pytest.approx(0, abs=0.01)
    arguments["input_lengths"] = torch.tensor([4, 2])  # "3 3" needs a blank between
    assert floor_of("ctc_loss", **arguments) == math.inf
    assert F.ctc_loss(softmaxed(torch.zeros(4, 2, 5)), **arguments) == math.inf


@pytest.mark.parametrize(
    ("name", "shape", "arguments"),
    [
        ("cross_entropy", (2, 3), {"target": torch.tensor([[0.5, -0.2, 0.7], [0.0, 1.0, 0.0]])}),
        ("binary_cross_entropy_with_logits", (2,), {"target": torch.tensor([-1.0, 1.0])}),
        ("nll_loss", (4, 3), {"target": CLASSES, "weight": WEIGHT * torch.tensor([-1, 1, 1])}),
    ],
)
def test_where_nothing_holds_the_loss_descending_does_not_end(name, shape, arguments):
    assert floor_of(name, input=torch.zeros(shape), **arguments) == -math.inf
    assert lowest(name, shape, softmaxed if name == "nll_loss" else None, arguments, decay=1.0) < -5


def test_bce_of_probabilities_stops_where_pytorch_clamps_the_logarithm():
    target, best = torch.tensor([2.0, -1.0, 1.0]), torch.tensor([1.0, 0.0, 1.0])
    clamped = [p.log().clamp(min=-100) for p in (best, 1 - best)]  # newer versions of PyTorch refuse such targets
    assert floor_of("binary_cross_entropy", target=target) == -(target * clamped[0] + (1 - target) * clamped[1]).mean()


def test_weights_of_one_sign_cancel_in_a_mean():
    arguments = {"target": CLASSES, "weight": -WEIGHT, "label_smoothing": 0.1}
    expected = floor_of("cross_entropy", target=CLASSES, weight=WEIGHT, label_smoothing=0.1)
    assert floor_of("cross_entropy", **arguments) == pytest.approx(expected)
    assert floor_of("cross_entropy", **arguments, reduction="sum") == -math.inf


def test_a_batch_of_ignored_targets_has_no_mean():
    assert math.isnan(floor_of("cross_entropy", target=torch.full((3,), -100)))
    assert math.isnan(F.cross_entropy(torch.zeros(3, 2), torch.full((3,), -100)))


def test_the_table_lists_each_loss_once_with_roles_that_are_explained():
    assert len(FUNCTION_OF) == len(LOSSES)
    for name, rule in LOSSES.items():
        assert hasattr(torch.nn, rule.module)
        assert hasattr(F, name)
        assert set(rule.arguments.values()) <= set(ROLES)
    assert {name for name, *_ in CASES} | {"ctc_loss"} == set(LOSSES), "every loss stands against brute force"
