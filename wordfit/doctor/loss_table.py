"""What every loss of `torch.nn.functional` that is used on text expects, and whether it can be negative.

`LOSSES` is the table; the floors are computed in `loss_floor`, a call is judged in `loss_examination`. Plain data: no
PyTorch here. Losses that the table does not list are left to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LossRule:
    """A loss: its class in `torch.nn`, what each argument must hold, where its values begin."""

    module: str
    arguments: Mapping[str, str]
    """The tensors in the order of the call, and the role each plays: see `ROLES`."""
    floor: str
    """Its lowest value for given targets when every argument keeps to its role, in words."""
    class_axis: int | None = None
    """The axis of `input` that runs over the classes: 1, or -1 for the last; None where there is none."""
    negative_by_design: bool = False
    """Whether right arguments can give values below zero."""


ROLES = {
    "logits": "unscaled scores of the classes, any real numbers",
    "log-probabilities": "log-probabilities: exp of each row adds up to 1 (`log_softmax`)",
    "class target": "class numbers as int64, or probabilities of the classes that are not negative and add up to 1",
    "class numbers": "class numbers as int64, 0 to C - 1, or the ignored index",
    "binary logits": "one unscaled score for each answer, any real number",
    "binary probabilities": "probabilities between 0 and 1 (`sigmoid`)",
    "binary target": "0 or 1, or a probability between them",
    "probabilities": "probabilities: not negative, each row adds up to 1",
    "real": "real numbers, of the same shape as the other argument",
    "sign": "1 or -1",
    "distance": "distances, not negative",
    "variance": "variances, above zero",
    "count": "counts, not negative",
    "rate": "the logarithm of a rate, or the rate itself (not negative) with log_input=False",
    "class list": "class numbers of each row, filled up with -1",
    "class sequence": "class numbers without the blank",
    "lengths": "lengths within the padded length; input long enough for its target and its repeats",
    "weight": "weights that are not negative",
    "vectors": "vectors of one width",
}

_WEIGHTED = {"weight": "weight"}

LOSSES: dict[str, LossRule] = {
    "cross_entropy": LossRule(
        "CrossEntropyLoss",
        {"input": "logits", "target": "class target"} | _WEIGHTED,
        "0; with label smoothing or probabilities as targets, their weighted entropy",
        class_axis=1,
    ),
    "nll_loss": LossRule("NLLLoss", {"input": "log-probabilities", "target": "class numbers"} | _WEIGHTED, "0", 1),
    "binary_cross_entropy": LossRule(
        "BCELoss",
        {"input": "binary probabilities", "target": "binary target"} | _WEIGHTED,
        "the entropy of the targets, 0 for targets of 0 and 1",
    ),
    "binary_cross_entropy_with_logits": LossRule(
        "BCEWithLogitsLoss",
        {"input": "binary logits", "target": "binary target"} | _WEIGHTED | {"pos_weight": "weight"},
        "the entropy of the targets (pos_weight counted), 0 for targets of 0 and 1",
    ),
    "mse_loss": LossRule("MSELoss", {"input": "real", "target": "real"} | _WEIGHTED, "0"),
    "l1_loss": LossRule("L1Loss", {"input": "real", "target": "real"} | _WEIGHTED, "0"),
    "smooth_l1_loss": LossRule("SmoothL1Loss", {"input": "real", "target": "real"} | _WEIGHTED, "0"),
    "huber_loss": LossRule("HuberLoss", {"input": "real", "target": "real"} | _WEIGHTED, "0"),
    "cosine_embedding_loss": LossRule(
        "CosineEmbeddingLoss", {"input1": "vectors", "input2": "vectors", "target": "sign"}, "0"
    ),
    "kl_div": LossRule(
        "KLDivLoss", {"input": "log-probabilities", "target": "probabilities"}, "0 for targets that add up to 1", -1
    ),
    "ctc_loss": LossRule(
        "CTCLoss",
        {
            "log_probs": "log-probabilities",
            "targets": "class sequence",
            "input_lengths": "lengths",
            "target_lengths": "lengths",
        },
        "0, or infinite where the input is too short for its target",
        -1,
    ),
    "gaussian_nll_loss": LossRule(
        "GaussianNLLLoss",
        {"input": "real", "target": "real", "var": "variance"},
        "half the logarithm of the variance: below zero for every variance below 1, down to log(eps) / 2",
        negative_by_design=True,
    ),
    "poisson_nll_loss": LossRule(
        "PoissonNLLLoss",
        {"input": "rate", "target": "count"},
        "t - t log t for a count t: below zero for every count above e",
        negative_by_design=True,
    ),
    "margin_ranking_loss": LossRule("MarginRankingLoss", {"input1": "real", "input2": "real", "target": "sign"}, "0"),
    "hinge_embedding_loss": LossRule("HingeEmbeddingLoss", {"input": "distance", "target": "sign"}, "0"),
    "multi_margin_loss": LossRule(
        "MultiMarginLoss", {"input": "logits", "target": "class numbers"} | _WEIGHTED, "0", 1
    ),
    "multilabel_margin_loss": LossRule("MultiLabelMarginLoss", {"input": "logits", "target": "class list"}, "0", 1),
    "multilabel_soft_margin_loss": LossRule(
        "MultiLabelSoftMarginLoss",
        {"input": "binary logits", "target": "binary target"} | _WEIGHTED,
        "the entropy of the targets, 0 for targets of 0 and 1",
    ),
    "soft_margin_loss": LossRule("SoftMarginLoss", {"input": "binary logits", "target": "sign"}, "0"),
    "triplet_margin_loss": LossRule(
        "TripletMarginLoss", {"anchor": "vectors", "positive": "vectors", "negative": "vectors"}, "0"
    ),
    "triplet_margin_with_distance_loss": LossRule(
        "TripletMarginWithDistanceLoss", {"anchor": "vectors", "positive": "vectors", "negative": "vectors"}, "0"
    ),
}

FUNCTION_OF = {rule.module: name for name, rule in LOSSES.items()}
"""Class in `torch.nn` to function: `CrossEntropyLoss` to `cross_entropy`."""

DISTANCES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
"""The losses that measure how far an answer is from a number."""
