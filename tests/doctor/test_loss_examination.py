"""A loss call is judged by its arguments: right calls pass, wrong ones are named with what they should be."""

import json
import math

import pytest
import torch
from torch.nn import functional as F

from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call
from wordfit.doctor.loss_table import LOSSES
from wordfit.record import plain

torch.manual_seed(0)
LOGITS = 3 * torch.randn(16, 5)
CLASSES = torch.randint(0, 5, (16,))
BITS = torch.randint(0, 2, (16,)).float()
FRAMES = torch.randn(20, 4, 6)
CTC = (torch.randint(1, 6, (4, 5)), torch.full((4,), 20), torch.full((4,), 5))
VECTORS = torch.randn(16, 8)


def examined(name, *args, **kwargs):
    value = getattr(F, name)(*args, **kwargs).mean().item()
    call = json.loads(json.dumps(plain(describe_loss_call(name, *args, **kwargs))))
    for key in ("floor",):  # a record spells what is no number
        call[key] = float(call[key]) if isinstance(call[key], str) else call[key]
    return value, examine_loss_call(call, value)


RIGHT = [
    ("cross_entropy", (LOGITS, CLASSES), {}),
    ("cross_entropy", (LOGITS, CLASSES), {"label_smoothing": 0.1, "weight": torch.rand(5), "ignore_index": 3}),
    ("cross_entropy", (LOGITS, LOGITS.softmax(1)), {}),
    ("cross_entropy", (F.log_softmax(LOGITS, 1), CLASSES), {}),
    ("nll_loss", (F.log_softmax(LOGITS, 1), CLASSES), {}),
    ("nll_loss", (F.log_softmax(LOGITS.masked_fill(LOGITS < -4, -math.inf), 1), LOGITS.argmax(1)), {}),
    ("binary_cross_entropy", (BITS * 0.8 + 0.1, BITS), {}),
    ("binary_cross_entropy_with_logits", (LOGITS[:, 0], BITS), {"pos_weight": torch.tensor(3.0)}),
    ("mse_loss", (LOGITS[:, 0], BITS), {}),
    ("l1_loss", (LOGITS[:, 0], BITS), {}),
    ("smooth_l1_loss", (LOGITS[:, 0], BITS), {}),
    ("huber_loss", (LOGITS[:, 0], BITS), {}),
    ("cosine_embedding_loss", (VECTORS, VECTORS.flip(0), 2 * BITS - 1), {}),
    ("kl_div", (F.log_softmax(LOGITS, 1), LOGITS.flip(0).softmax(1)), {"reduction": "batchmean"}),
    ("kl_div", (F.log_softmax(LOGITS, 1), F.log_softmax(LOGITS, 1)), {"reduction": "sum", "log_target": True}),
    ("ctc_loss", (F.log_softmax(FRAMES, 2), *CTC), {}),
    ("gaussian_nll_loss", (LOGITS[:, 0], BITS, torch.full((16,), 2.0)), {}),
    ("poisson_nll_loss", (LOGITS[:, 0], CLASSES.float()), {}),
    ("margin_ranking_loss", (LOGITS[:, 0], LOGITS[:, 1], 2 * BITS - 1), {}),
    ("hinge_embedding_loss", (LOGITS[:, 0].abs(), 2 * BITS - 1), {}),
    ("multi_margin_loss", (LOGITS, CLASSES), {}),
    ("multilabel_soft_margin_loss", (LOGITS, (LOGITS > 0).float()), {}),
    ("soft_margin_loss", (LOGITS[:, 0], 2 * BITS - 1), {}),
    ("triplet_margin_loss", (VECTORS, VECTORS + 1, VECTORS.flip(0)), {}),
]

WRONG = [  # loss, arguments, settings, cause, can be negative, what is said
    ("cross_entropy", (LOGITS.softmax(1), CLASSES), {}, "double_softmax", False, "without softmax"),
    ("cross_entropy", (LOGITS[:, :1], CLASSES * 0), {}, "softmax_over_single_unit", False, "single class"),
    ("cross_entropy", (LOGITS, VECTORS[:, :5]), {}, "cross_entropy_on_dense_vectors", True, "cosine_embedding"),
    ("cross_entropy", (LOGITS, 3 * LOGITS.softmax(1)), {}, "cross_entropy_on_dense_vectors", False, "add up to 3"),
    ("cross_entropy", (LOGITS, CLASSES), {"weight": torch.arange(5.0) - 2}, "", True, "positive weights"),
    ("cross_entropy", (LOGITS, CLASSES * 0 - 100), {}, "all_targets_ignored", False, "ignored index -100"),
    ("nll_loss", (LOGITS.softmax(1), CLASSES), {}, "nll_loss_on_probabilities", True, "log_softmax"),
    ("nll_loss", (LOGITS, LOGITS.argmax(1)), {}, "nll_loss_on_probabilities", True, "raw scores"),
    (
        "binary_cross_entropy_with_logits",
        (LOGITS[:, 0], 2 * BITS - 1),
        {},
        "bce_target_out_of_range",
        True,
        r"\(target \+ 1\) / 2",
    ),
    ("binary_cross_entropy_with_logits", (9 * BITS - 4, 1 + BITS), {}, "bce_target_out_of_range", True, "target == 2"),
    (
        "binary_cross_entropy_with_logits",
        (LOGITS.sigmoid(), BITS[:, None].expand(16, 5)),
        {},
        "double_sigmoid",
        False,
        "",
    ),
    (
        "kl_div",
        (LOGITS.softmax(1), LOGITS.softmax(1)),
        {"reduction": "sum"},
        "kl_div_not_log_prob",
        True,
        "log_softmax",
    ),
    (
        "kl_div",
        (F.log_softmax(LOGITS, 1), 0.3 * LOGITS.softmax(1)),
        {"reduction": "sum"},
        "kl_div_not_log_prob",
        True,
        "0.3",
    ),
    ("ctc_loss", (FRAMES + 2, *CTC), {}, "ctc_raw_logits", True, "log_softmax"),
    ("ctc_loss", (F.log_softmax(FRAMES, 2)[:4], CTC[0], CTC[1] * 0 + 4, CTC[2]), {}, "", False, "infinite"),
    ("hinge_embedding_loss", (LOGITS[:, 0], BITS * 0 + 1), {}, "", True, "a distance"),
    ("poisson_nll_loss", (LOGITS[:, 0], -CLASSES.float() - 1), {}, "", True, "counts"),
    ("cosine_embedding_loss", (VECTORS, VECTORS, BITS), {}, "", False, r"2 \* target - 1"),
    ("mse_loss", (LOGITS / 0, LOGITS), {}, "", False, "NaN or infinite"),
]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize(("name", "args", "settings"), RIGHT, ids=lambda v: v if isinstance(v, str) else "")
def test_a_right_call_has_no_breach_and_stays_above_its_floor(name, args, settings):
    value, found = examined(name, *args, **settings)
    assert found.breaches == ()
    assert value >= found.floor - 1e-4
    assert found.negative == ("by design" if name == "poisson_nll_loss" else "never")
    assert name in found.says


@pytest.mark.parametrize(("name", "args", "settings", "cause", "negative", "said"), WRONG)
def test_a_wrong_call_is_named_with_what_it_should_be(name, args, settings, cause, negative, said):
    import re

    value, found = examined(name, *args, **settings)
    first = found.breaches[0]
    assert (first.cause, first.negative) == (cause, negative)
    assert re.search(said, found.says), found.says
    if value < 0:
        assert found.negative == "by breach"


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_an_output_that_broadcasts_costs_the_variance_of_its_targets():
    output, target = torch.zeros(16, 1), torch.randn(16)
    call = describe_loss_call("MSELoss", output, target)
    found = examine_loss_call(call)
    assert found.breaches[0].cause == "loss_shape_broadcast"
    assert found.floor == pytest.approx(target.var(correction=0).item(), rel=1e-5)


def test_a_loss_that_is_stepped_upwards_is_named():
    call = describe_loss_call("cross_entropy", LOGITS, CLASSES)
    assert examine_loss_call(call, value=2.0, stepped=-2.0).breaches[0].cause == "flipped_loss_sign"
    assert examine_loss_call(call, value=2.0, stepped=2.0).breaches == ()
    assert examine_loss_call(call, value=2.0, stepped=0.5).breaches == ()  # a part of an accumulated step


def test_a_value_below_the_floor_was_changed_after_the_call():
    call = describe_loss_call("cross_entropy", LOGITS, CLASSES)
    assert "something changed it" in examine_loss_call(call, value=-3.0).says


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_of_log_probabilities_that_are_no_numbers_nothing_is_said_but_that(broken):
    scores = LOGITS.clone()
    scores[0, 0] = broken
    call = describe_loss_call("nll_loss", scores, CLASSES)
    assert [b.cause for b in examine_loss_call(call).breaches] == [""]


def test_a_small_variance_makes_the_gaussian_loss_negative_by_design():
    value, found = examined("gaussian_nll_loss", BITS, BITS, torch.full((16,), 0.01))
    assert value < 0
    assert (found.negative, found.breaches) == ("by design", ())
    assert found.floor == pytest.approx(value, abs=1e-5)
    assert "may be negative and be right" in found.says


def test_every_loss_has_a_right_call_or_is_known_to_be_left_out():
    left_out = {"multilabel_margin_loss", "triplet_margin_with_distance_loss"}  # their roles ask nothing of values
    assert {name for name, *_ in RIGHT} | left_out == set(LOSSES)
